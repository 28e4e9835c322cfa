"""Rows over a wire: a row is its key and the columns that the other side reads, and is read again there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import replace

from strangler.model import CallSite, Column, Model, Receiver, Shape, Table
from strangler.model.columns import COLUMNS, LIBRARY_KEYS, LIBRARY_ROWS
from strangler.model.shapes import JSON, UNKNOWN, Field, nullable

_KEYS = frozenset({"int", "str", "uuid"})
SESSIONS = frozenset({"sqlalchemy", "sqlmodel"})
"""Frameworks whose rows belong to a session."""


class ByKey(NamedTuple):
    """How the row of a method crosses."""

    shape: Shape
    """Its key, the columns that cross, and the plain attributes."""
    plain: tuple[str, ...]
    missing: str
    """``module:Class`` of the exception that says that no such row is there."""


class Rows:
    """The rows of a monolith that can be named by one key.

    Args:
        model: with its tables.
    """

    def __init__(self, model: Model) -> None:
        self._tables = {table.model: table for table in model.tables if table.model}
        self._by_name = {table.name: table for table in model.tables}
        self._flask = "flask" in model.monolith.frameworks
        self._django = "django" in model.monolith.frameworks

    def table(self, shape: Shape) -> str | None:
        """The table of a row."""
        table = self._tables.get(shape.name.replace(":", "."))
        return table.name if table is not None and shape.kind == "row" else None

    def of_session(self, shape: Shape) -> bool:
        """Whether it is a row that belongs to a session, which reads it anew."""
        table = self._tables.get(shape.name.replace(":", "."))
        return shape.kind == "row" and table is not None and table.framework in SESSIONS

    def argument(
        self,
        shape: Shape,
        reads: tuple[str, ...],
        written: frozenset[str],
        *,
        untouched: bool = False,
        committed: bool = False,
    ) -> Shape:
        """A parameter's shape with what crosses of its row; as it is where the row cannot cross.

        Args:
            shape: of the parameter.
            reads: chains of attributes that the function reads from it.
            written: tables that the function writes: a row of one of them may change for its caller too.
            untouched: this row is shown not to be changed or saved: what else writes its table does not show
                in Django's rows, which belong to no session.
            committed: what the function writes it commits: rows of a session are read anew after the call.
        """
        if shape.kind in ("list", "tuple", "set", "frozenset", "dict"):
            items = tuple(self._part(item, written, committed=committed) for item in shape.items)
            return shape if items == shape.items else replace(shape, items=items)
        library = LIBRARY_ROWS.get(shape.name)
        if shape.kind == "row" and library is not None:
            return _with_all(shape) if untouched or library not in written else shape
        table = self._tables.get(shape.name.replace(":", "."))
        if shape.kind == "row" and table is None and ":" in shape.name:  # of a class that others are made of
            kept = untouched if self._django else committed or not written
            return _with_all(shape) if kept else shape
        if shape.kind != "row" or table is None:
            return shape
        kept = untouched if table.framework == "django" else committed
        if table.name in written and not kept:
            return shape
        # the rows of a session are its own, changes that are not saved are refused: the key says all
        sent = (
            ()
            if table.framework in SESSIONS
            else tuple(dict.fromkeys(chain.partition(".")[0] for chain in reads))
        )
        found = _crossing(shape, table, sent)
        changes = table.name in written and table.framework in SESSIONS and crosses(found)
        return replace(found, values=("changes",)) if changes else found

    def _part(self, shape: Shape, written: frozenset[str], *, committed: bool) -> Shape:
        """A row in a list, of which it is not seen which columns are read."""
        found = self.argument(shape, (), written, committed=committed)
        table = self._tables.get(shape.name.replace(":", "."))
        return _with_all(shape) if crosses(found) and table and table.framework == "django" else found

    def result(self, shape: Shape, *, session: bool) -> Shape:
        """A result's shape with what crosses of its row or rows; as it is where they cannot cross.

        Args:
            shape: of the result.
            session: whether the caller hands over the session by which its rows are read.
        """
        if shape.kind in ("list", "query") and len(shape.items) == 1:
            item = self.result(shape.items[0], session=session)
            return Shape(kind=shape.kind, nullable=shape.nullable, items=(item,)) if crosses(item) else shape
        if shape.kind in ("tuple", "dict"):
            return replace(shape, items=tuple(self.result(item, session=session) for item in shape.items))
        if shape.kind == "row" and shape.name in LIBRARY_ROWS:
            return _with_all(shape)
        table = self._tables.get(shape.name.replace(":", "."))
        if shape.kind != "row" or table is None:
            return shape
        if table.framework in SESSIONS and not session and not self._flask:
            return shape
        return _crossing(shape, table, ())

    def read_through(self, shape: Shape, site: CallSite) -> bool:
        """Whether a call does no more with the query that it gets than with a list of its rows.

        Args:
            shape: of the query.
            site: the call.
        """
        table = self._tables.get(shape.items[0].name.replace(":", "."))
        of_session = table is not None and table.framework in SESSIONS
        return site.looped or (site.listed and of_session)

    def by_key(self, owner: str, used: Receiver | None) -> ByKey | str:
        """How a row crosses of which a method is called, or why it cannot.

        Args:
            owner: ``module:Class`` of the method.
            used: what the method does with its row.
        """
        table = self._tables.get(owner.replace(":", "."))
        if table is None or used is None:
            return "a method of an object of the other context"
        shape = _crossing(Shape(kind="row", name=owner), table, ())
        if not crosses(shape):
            return f"a method of a row of {table.name}, which has no single key that crosses"
        held = {column.name: self._held(column, table) for column in table.columns if not column.primary_key}
        keys = {column.name for column in table.columns if column.primary_key} | {"pk"}
        for chain in used.sets:
            first, _, rest = chain.partition(".")
            beyond = rest and table.framework not in SESSIONS
            known = first in keys or _column(first, held) is not None or first.startswith("_")
            if beyond or not (known or rest):
                what = "of a row beyond it" if rest else "which is no column whose type crosses"
                return f"a method that sets {chain} of its row, {what}"
        wanted = held if used.handed_on else [*used.reads, *(chain.partition(".")[0] for chain in used.sets)]
        names = dict.fromkeys(name for item in wanted if (name := _column(item, held)) is not None)
        plain = tuple(name for name in used.reads if name not in keys and _column(name, held) is None)
        columns = (Field(name=name, shape=nullable(held[name]), required=False) for name in names)
        others = (Field(name=name, shape=nullable(JSON), required=False) for name in plain)
        crossing = Shape(kind="row", name=shape.name, fields=(*shape.fields, *columns, *others))
        return ByKey(crossing, plain, self.missing(shape))

    def changed(self, shape: Shape, used: Receiver | None) -> ByKey | None:
        """How a row of Django's crosses that may be changed for its caller; None where it cannot.

        Args:
            shape: of the parameter.
            used: what is done with it.
        """
        table = self._tables.get(shape.name.replace(":", "."))
        if shape.kind != "row" or table is None or table.framework != "django":
            return None
        found = self.by_key(shape.name, used)
        return found if isinstance(found, ByKey) else None

    def missing(self, shape: Shape) -> str:
        """``module:Class`` of the exception that says that a row is not there."""
        table = self._tables.get(shape.name.replace(":", "."))
        of_session = table is not None and table.framework in SESSIONS
        return "sqlalchemy.orm.exc:NoResultFound" if of_session else f"{shape.name}.DoesNotExist"

    def _held(self, column: Column, table: Table) -> Shape:
        """What a column holds, a foreign key what the key of the other table does."""
        found = _holds(column)
        there = next((key.table for key in table.foreign_keys if key.column == column.name), None)
        if found is None and there is not None:
            other = self._by_name.get(there)
            keys = [item for item in other.columns if item.primary_key] if other is not None else []
            found = (_holds(keys[0]) if len(keys) == 1 else None) or LIBRARY_KEYS.get(there)
        return found or UNKNOWN


def _column(name: str, held: Mapping[str, Shape]) -> str | None:
    """The column that an attribute stands for, where its type crosses."""
    for column in (name, f"{name}_id"):
        if held.get(column, UNKNOWN) != UNKNOWN:
            return column
    return None


def _with_all(shape: Shape) -> Shape:
    """A row that crosses with all that its caller sees of it."""
    return Shape(kind="tagged", name=shape.name, nullable=shape.nullable, values=("row",))


def crosses(shape: Shape) -> bool:
    """Whether a row's shape says what crosses of it."""
    return shape.kind == "row" and bool(shape.fields)


def _crossing(shape: Shape, table: Table, sent: tuple[str, ...]) -> Shape:
    if table.framework != "django" and table.framework not in SESSIONS:
        return shape
    keys = [column for column in table.columns if column.primary_key]
    key = _holds(keys[0]) if len(keys) == 1 else None
    if key is None or key.kind not in _KEYS:
        return shape
    columns = {column.name: _holds(column) for column in table.columns if not column.primary_key}
    read = [
        Field(name=name, shape=nullable(holds), required=False)
        for name in sent
        if (holds := columns.get(name)) is not None
    ]
    fields = (Field(name="key", shape=key), *read)
    return Shape(kind="row", name=shape.name, nullable=shape.nullable, fields=fields)


def _holds(column: Column) -> Shape | None:
    return COLUMNS.get(column.type) or COLUMNS.get(column.based_on)
