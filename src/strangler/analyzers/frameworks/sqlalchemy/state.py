"""What one run keeps beside the values: declared tables, and accesses made before the schema was known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.plugin import Class, Entity, Frame, Function, Interpreter, Schema
from strangler.model.base import Certainty
from strangler.model.system import Operation

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.sqlalchemy.definitions import ColumnDefinition
    from strangler.analyzers.frameworks.sqlalchemy.flushing import Building
    from strangler.analyzers.frameworks.sqlalchemy.mapping import ClassMapping
    from strangler.analyzers.frameworks.sqlalchemy.tables import CoreTable, MetaData


class State:
    """What a run keeps for SQLAlchemy."""

    def __init__(self) -> None:
        self.tables: list[tuple[CoreTable, str | None]] = []
        """Declared Core tables with the default schema of their metadata."""
        self.pending: list[tuple[Frame, object, Operation, str, Certainty]] = []
        """Accesses of module-level code, noted when the schema is there."""
        self.mappings: dict[Class, ClassMapping] = {}
        self.owners: dict[ColumnDefinition, list[tuple[Entity, str]]] = {}
        self.with_subclasses: dict[Entity, list[Entity]] = {}
        """Entity -> those of subclasses whose tables are loaded with it."""
        self.imperative: list[tuple[Class, CoreTable, dict[str, object]]] = []
        self.refreshed: set[tuple[str, str | None, Class]] = set()
        """(module, function, class) where a given instance was said to be loaded again."""
        self.keeps_rows = False
        """Whether some session leaves its rows as they are when it commits (``expire_on_commit=False``)."""
        self.building: list[Building] = []
        """Constructors of rows that are running, innermost last."""
        self.interpreter: Interpreter | None = None
        self.mapped: list[Class] = []
        """Mapped classes in the order of their definition."""
        self.used = False
        """The monolith declares tables with it: guesses by convention are made."""
        self.attributes: dict[Function, dict[str, set[str]]] = {}
        """Function -> parameter -> the attributes of it that the body names."""
        self.with_attributes: dict[frozenset[str], Class | None] = {}
        """Attributes -> the one class that has all of them."""
        self.shapes: list[tuple[Class, set[str]]] | None = None
        """Every class with the names of its attributes."""
        self.named: dict[str, Class | None] | None = None
        """Name of a row -> the one class that is called so."""

    def declare(self, interp: Interpreter, table: CoreTable, metadata: MetaData | None, frame: Frame) -> None:
        """A ``Table(...)`` with columns was run."""
        if not interp.booting and frame.callee is not None and frame.callee.per_class:
            return  # it was run for each mapped class already
        schema = metadata.schema if metadata is not None else None
        self.tables.append((table, schema))
        if not interp.booting and table.full_name not in interp.state(Schema).by_table:
            from strangler.analyzers.frameworks.sqlalchemy.tables import entity_of_table

            interp.state(Schema).add(entity_of_table(interp, table, schema))


def state_of(interp: Interpreter) -> State:
    """The state of a run."""
    found = interp.state(State)
    found.interpreter = interp
    return found
