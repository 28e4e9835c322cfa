"""What executed statements give: rows, results, pages and loaded instances."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING

from strangler.analyzers.frameworks.sqlalchemy.expressions import (
    Alias,
    ColumnReference,
    entity_classes,
)
from strangler.analyzers.frameworks.sqlalchemy.tags import EPOCH
from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Class,
    Frame,
    Interpreter,
    Object,
    Sequence,
    Value,
    join,
)

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.sqlalchemy.statements import Statement


class Loaded(Object):
    """An instance that a query brought from the database."""

    __slots__ = ("epoch", "followed", "preloaded", "session", "stale", "updated")

    def __init__(self, cls: Class, session: Object | None = None, preloaded: Iterable[str] = ()) -> None:
        super().__init__(cls, None, None)
        self.session = session
        self.epoch = epoch_of(session)
        self.preloaded = frozenset(preloaded)
        self.followed: dict[str, Callable[[Frame], None]] = {}
        """A relation whose far rows were loaded -> notes that they are looked at, by another function."""
        self.updated = False
        """Changed as a whole (``sqlmodel_update``) and not yet written."""
        self.stale = False
        """Whether its session had committed since when the call that gave it ended."""

    def key(self) -> Hashable:
        return ("row", self.cls.key(), self.expired())

    def again(self, seen: dict[int, Value]) -> Value:
        if not isinstance(self.cls, Class):
            return self
        made = Loaded(self.cls, self.session, self.preloaded)
        made.epoch -= self.stale
        return made

    def escaped(self, interp: Interpreter, frame: Frame) -> None:
        self.stale = self.expired()

    def expired(self) -> bool:
        """Whether its session has committed since it was loaded."""
        return epoch_of(self.session) != self.epoch

    def renew(self) -> None:
        """Loaded again."""
        self.epoch = epoch_of(self.session)
        self.preloaded = frozenset()

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if self.attrs and self.expired():
            self.attrs.clear()
            self.preloaded = frozenset()
        if name in self.attrs and name in self.followed:
            self.followed[name](frame)
        return super().get(interp, name, frame)


def epoch_of(session: Object | None) -> int:
    """How often the session has committed so far."""
    known = EPOCH.of(session)
    return known.value if known is not None else 0


def row_value(entity: Value, session: Object | None, preloaded: Iterable[str] = ()) -> Value:
    """What an entity of a select gives in a row."""
    classes = entity_classes(entity)
    if classes:
        return join([Loaded(cls, session, preloaded) for cls in classes])
    if isinstance(entity, Class):
        return Object(entity, None, None)
    return UNKNOWN


class Row(Sequence):
    """A result row: by position, and by the name of the class or column."""

    __slots__ = ("names",)

    def __init__(self, items: list[Value], entities: list[Value]) -> None:
        super().__init__(items, "tuple")
        self.names = [_name_of(entity) for entity in entities]

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name in self.names:
            return self.items[self.names.index(name)]
        return UNKNOWN


def _name_of(entity: Value) -> str:
    if isinstance(entity, Alias):
        entity = entity.of
    if isinstance(entity, (Class, ColumnReference)):
        return entity.name
    return ""


class Page(Value):
    """Flask-SQLAlchemy's pagination."""

    __slots__ = ("row",)

    def __init__(self, row: Value) -> None:
        self.row = row

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return Sequence([self.row], "list", True) if name == "items" else UNKNOWN

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        return [self.row], False

    def key(self) -> Hashable:
        return ("page", self.row.key())


class Result(Value):
    """What ``session.execute`` gives: rows; ``scalar``: the first column of each."""

    __slots__ = ("row", "scalar", "statement")

    def __init__(self, row: Value, statement: Statement | None = None, scalar: bool = False) -> None:
        self.row = row
        self.statement = statement
        self.scalar = scalar

    def single(self) -> Value:
        """The first column of a row."""
        return self.row.items[0] if isinstance(self.row, Sequence) and self.row.items else self.row

    def one(self) -> Value:
        """A whole row."""
        if self.scalar or isinstance(self.row, Sequence) or self.statement is None:
            return self.single() if self.scalar else self.row
        return Row([self.row], self.statement.entities[:1])

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return ResultMethod(self, name)

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        return [self.one()], False

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        return self.one()

    def key(self) -> Hashable:
        return ("result", self.row.key(), self.scalar)


class ResultMethod(Value):
    """A method of a result."""

    __slots__ = ("name", "of")

    def __init__(self, of: Result, name: str) -> None:
        self.of = of
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        of, name = self.of, self.name
        if name == "scalars":
            return Result(of.row, of.statement, True)
        if name in ("unique", "mappings", "tuples", "freeze", "yield_per", "columns", "t"):
            return of
        if name in ("scalar", "scalar_one", "scalar_one_or_none"):
            return of.single()
        if name in ("first", "one", "one_or_none", "fetchone", "next", "__next__", "one_or_404"):
            return of.one()
        if name in ("all", "fetchall", "fetchmany", "partitions", "to_list"):
            return Sequence([of.one()], "list", True)
        return UNKNOWN

    def key(self) -> Hashable:
        return ("resultm", self.of.key(), self.name)
