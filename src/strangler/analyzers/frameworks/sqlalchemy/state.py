"""What one run keeps beside the values: declared tables, and accesses made before the schema was known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.plugin import Class, Effect, Entity, Frame, Function, Interpreter
from strangler.model.base import Certainty
from strangler.model.system import Operation

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.sqlalchemy.definitions import (
        ColumnDefinition,
        ColumnProperty,
        Proxy,
        RelationshipDefinition,
    )
    from strangler.analyzers.frameworks.sqlalchemy.tables import CoreTable


class ClassMapping:
    """What is declared for one mapped class: by itself and by its mixins and abstract bases."""

    def __init__(self, cls: Class) -> None:
        self.cls = cls
        self.columns: dict[str, ColumnDefinition] = {}
        self.relations: dict[str, tuple[RelationshipDefinition, list[str]]] = {}
        """Attribute -> its definition and the class names in its annotation."""
        self.lists: set[str] = set()
        """Attributes annotated with a collection."""
        self.properties: dict[str, ColumnProperty] = {}
        self.proxies: dict[str, Proxy] = {}
        self.entity: Entity | None = None
        self.single = False
        """Single-table inheritance: the parent's table serves."""


class Building:
    """A constructor that is running: its frame, the row's entity, and what the row was given."""

    def __init__(self, frame: Frame, run: set[Effect], entity: Entity) -> None:
        self.frame = frame
        self.run = run
        self.sources: dict[object, None] = {entity: None}


class State:
    """What a run keeps for SQLAlchemy."""

    def __init__(self) -> None:
        self.tables: list[tuple[CoreTable, str | None]] = []
        """Declared Core tables with the default schema of their metadata."""
        self.made_at: dict[tuple[str, int], bool] = {}
        """File and line of the calls that made a Core table of a known name, or named one -> whether that was
        when the application was put together."""
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


def state_of(interp: Interpreter) -> State:
    """The state of a run."""
    found = interp.state(State)
    found.interpreter = interp
    return found
