"""Rows over a wire: a row is its key and the columns that the other side reads, and is read again there."""

from __future__ import annotations

from strangler.model import Column, Model, Shape, Table
from strangler.model.columns import COLUMNS
from strangler.model.shapes import Field, nullable

_KEYS = frozenset({"int", "str", "uuid"})
_SESSIONS = frozenset({"sqlalchemy", "sqlmodel"})
"""Frameworks whose rows belong to a session."""


class Rows:
    """The rows of a monolith that can be named by one key.

    Args:
        model: with its tables.
    """

    def __init__(self, model: Model) -> None:
        self._tables = {table.model: table for table in model.tables if table.model}
        self._flask = "flask" in model.monolith.frameworks

    def table(self, shape: Shape) -> str | None:
        """The table of a row."""
        table = self._tables.get(shape.name.replace(":", "."))
        return table.name if table is not None and shape.kind == "row" else None

    def argument(
        self, shape: Shape, reads: tuple[str, ...], written: frozenset[str], *, untouched: bool = False
    ) -> Shape:
        """A parameter's shape with what crosses of its row; as it is where the row cannot cross.

        Args:
            shape: of the parameter.
            reads: chains of attributes that the function reads from it.
            written: tables that the function writes: a row of one of them may change for its caller too.
            untouched: this row is shown not to be changed or saved: what else writes its table does not show
                in Django's rows, which belong to no session.
        """
        table = self._tables.get(shape.name.replace(":", "."))
        if shape.kind != "row" or table is None:
            return shape
        if table.name in written and not (untouched and table.framework == "django"):
            return shape
        # the rows of a session are its own, changes that are not saved are refused: the key says all
        sent = (
            ()
            if table.framework in _SESSIONS
            else tuple(dict.fromkeys(chain.partition(".")[0] for chain in reads))
        )
        return _crossing(shape, table, sent)

    def result(self, shape: Shape, *, session: bool) -> Shape:
        """A result's shape with what crosses of its row or rows; as it is where they cannot cross.

        Args:
            shape: of the result.
            session: whether the caller hands over the session by which its rows are read.
        """
        if shape.kind == "list" and len(shape.items) == 1:
            item = self.result(shape.items[0], session=session)
            return Shape(kind="list", nullable=shape.nullable, items=(item,)) if crosses(item) else shape
        table = self._tables.get(shape.name.replace(":", "."))
        if shape.kind != "row" or table is None:
            return shape
        if table.framework in _SESSIONS and not session and not self._flask:
            return shape
        return _crossing(shape, table, ())


def crosses(shape: Shape) -> bool:
    """Whether a row's shape says what crosses of it."""
    return shape.kind == "row" and bool(shape.fields)


def _crossing(shape: Shape, table: Table, sent: tuple[str, ...]) -> Shape:
    if table.framework != "django" and table.framework not in _SESSIONS:
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
