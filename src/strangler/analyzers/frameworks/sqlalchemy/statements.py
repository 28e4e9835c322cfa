"""Queries and statements: built step by step, and what executing them touches."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from strangler.analyzers.frameworks.sql import note_sql
from strangler.analyzers.frameworks.sqlalchemy.access import (
    place_of,
    read,
    read_along,
    tables_of_source,
    write,
)
from strangler.analyzers.frameworks.sqlalchemy.expressions import (
    UNRESOLVED,
    Expression,
    Maybe,
    alternatives,
    entity_classes,
    sources_of,
)
from strangler.analyzers.frameworks.sqlalchemy.flushing import flush_of_query
from strangler.analyzers.frameworks.sqlalchemy.loading import LoadOption, along_path
from strangler.analyzers.frameworks.sqlalchemy.references import RelationReference
from strangler.analyzers.frameworks.sqlalchemy.rows import Page, Result, Row, row_value
from strangler.analyzers.frameworks.sqlalchemy.tables import Columns, CoreTable
from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Bound,
    Class,
    Const,
    Frame,
    Function,
    Interpreter,
    Object,
    Sequence,
    Value,
)
from strangler.model.base import Certainty


class Statement(Expression):
    """``select(...)``, ``insert(...)``, ``session.query(...)``: immutable, each method gives a new one."""

    __slots__ = (
        "certainty",
        "entities",
        "kind",
        "origin",
        "preloaded",
        "query_class",
        "session",
        "sql",
        "targets",
        "unloaded",
    )

    def __init__(self, kind: str, frame: Frame | None = None) -> None:
        super().__init__()
        self.kind = kind
        self.entities: list[Value] = []
        self.targets: tuple[object, ...] = ()
        """What it writes: one, or each of several alternatives."""
        self.session: Object | None = None
        self.sql: Value | None = None
        self.query_class: Class | None = None
        self.certainty: Certainty = "certain"
        self.preloaded: tuple[str, ...] = ()
        self.unloaded: tuple[str, ...] = ()
        self.origin = place_of(frame) if frame is not None else None

    @classmethod
    def select(cls, args: Args, frame: Frame) -> Statement:
        """``select(*entities)``; the list form of 1.x, too."""
        made = cls("select", frame)
        return made.selecting(args.positional if not args.open else [*args.positional, UNKNOWN])

    @classmethod
    def dml(cls, kind: str, args: Args, frame: Frame) -> Statement:
        """``insert(x)``, ``update(x)``, ``delete(x)``."""
        made = cls(kind, frame)
        target = args.get(0, "table")
        made.targets = written([target]) if target is not None else (UNRESOLVED,)
        if made.targets == (UNRESOLVED,) and isinstance(target, Class):
            made.targets = (target,)
        made.entities = [target] if target is not None else []
        return made

    def copy(self) -> Statement:
        """A statement of the same content."""
        made = Statement(self.kind)
        made.sources, made.entities, made.targets = self.sources, self.entities, self.targets
        made.session, made.sql, made.origin = self.session, self.sql, self.origin
        made.query_class, made.certainty = self.query_class, self.certainty
        made.preloaded, made.unloaded = self.preloaded, self.unloaded
        return made

    def selecting(self, entities: list[Value]) -> Statement:
        """With these entities selected."""
        flat: list[Value] = []
        for entity in entities:
            flat += entity.items if isinstance(entity, Sequence) else [entity]
        self.entities = flat
        unknown = [e for e in flat if e is UNKNOWN]
        extra = (UNRESOLVED,) if unknown and len(unknown) == len(flat) else ()
        self.sources = tuple(dict.fromkeys([*self.sources, *sources_of(flat), *extra]))
        return self

    def adding(self, sources: tuple[object, ...]) -> Statement:
        """With more tables."""
        made = self.copy()
        made.sources = tuple(dict.fromkeys([*self.sources, *sources]))
        return made

    # -- building ----------------------------------------------------------------------------------

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if self.query_class is not None:
            found = self.query_class.find(name)
            if found is not None and isinstance(found[0], Function):
                return Bound(found[0], self)
        if name in ("c", "columns", "selected_columns", "exported_columns"):
            return Columns(self)
        if name in ("statement", "selectable", "excluded"):
            return self
        if name == "session":
            return self.session or UNKNOWN
        if name == "column_descriptions":
            return UNKNOWN
        return StatementMethod(self, name)

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        if self.session is None:
            return [], False
        return [self.run(interp, frame)], False

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        return self.run(interp, frame) if self.session is not None else self

    def awaited(self, interp: Interpreter, frame: Frame) -> Value:
        return self

    def truth(self) -> bool | None:
        return True

    def key(self) -> Hashable:
        return (
            "statement",
            self.kind,
            self.targets,
            *self.sources,
            *(e.key() for e in self.entities),
            self.sql.key() if self.sql is not None else None,
        )

    def __repr__(self) -> str:
        return f"<{self.kind} {self.entities} over {self.sources}>"

    # -- executing ---------------------------------------------------------------------------------

    def run(
        self, interp: Interpreter, frame: Frame, whole: bool = True, session: Object | None = None
    ) -> Value:
        """Execute: note the accesses; the value is one row. ``whole``: entities are loaded, not counted."""
        if self.session is not None and not interp.booting:
            flush_of_query(interp, frame)
        self.record(interp, frame, whole)
        origin = self.origin
        if origin is not None and (origin.module is not frame.module or origin.function != frame.function):
            origin.region = frame.region  # executed in the transaction of whoever runs it
            self.record(interp, origin, whole)
        return self.row(session or self.session)

    def record(self, interp: Interpreter, frame: Frame, whole: bool) -> None:
        """Note the accesses at a frame's line."""
        if self.sql is not None:
            note_sql(interp, frame, self.sql)
        elif self.kind in ("select", "query"):
            via = "orm" if self.session else "select"
            without = frozenset(self.unloaded)
            read(interp, frame, self.sources, (), self.certainty, via)
            for entity in self.entities if whole else ():
                classes = entity_classes(entity)
                sure = self.certainty if len(classes) == 1 else "possible"
                for cls in classes:
                    read_along(interp, frame, cls, sure, without)
        else:
            owned = [tables_of_source(interp, target) for target in self.targets]
            for target, own in zip(self.targets, owned, strict=True):
                table = own[0] if own else target  # not the tables that a subclass's joins
                sure = "possible" if isinstance(target, Maybe) else self.certainty
                write(interp, frame, table, sure, "core" if isinstance(target, CoreTable) else self.kind)
            others = [s for s in self.sources if interp.booting or tables_of_source(interp, s) not in owned]
            read(interp, frame, others, (), self.certainty, "select")

    def row(self, session: Object | None) -> Value:
        """One row of the result: the entity, or a tuple of them."""
        rows = [row_value(entity, session, self.preloaded) for entity in self.entities]
        if len(rows) == 1:
            return rows[0]
        return Row(rows, self.entities) if rows else UNKNOWN


def written(entities: Iterable[Value]) -> tuple[object, ...]:
    """What a statement on these entities writes: the first of them, or each of its alternatives."""
    for entity in entities:
        found = sources_of([entity])
        if found:
            return found if all(isinstance(source, Maybe) for source in found) else found[:1]
    return (UNRESOLVED,)


_JOINS = {"join", "outerjoin", "select_from", "join_from", "outerjoin_from", "correlate_except"}
_SETS = {"union", "union_all", "intersect", "except_", "intersect_all", "except_all"}


class StatementMethod(Value):
    """A method of a statement or query."""

    __slots__ = ("name", "of")

    def __init__(self, of: Statement, name: str) -> None:
        self.of = of
        self.name = name

    @property
    def sources(self) -> tuple[object, ...]:
        """The statement's tables."""
        return self.of.sources

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return UNKNOWN

    def key(self) -> Hashable:
        return ("stm", self.of.key(), self.name)

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        of, name = self.of, self.name
        if of.kind == "query":
            found = _query_terminal(interp, of, name, args, frame)
            if found is not None:
                return found
        elif name == "execute":
            return Result(of.run(interp, frame), of)
        return build(interp, of, name, args)


def build(interp: Interpreter, of: Statement, name: str, args: Args) -> Value:
    """A method that gives a further statement."""
    if name in ("with_entities", "with_only_columns"):
        made = of.copy()
        return made.selecting(list(args.positional))
    if name in ("add_columns", "add_column", "add_entity"):
        made = of.copy()
        return made.selecting([*of.entities, *args.positional])
    if name in _JOINS:
        return of.adding(_joined(interp, of, args))
    if name == "options":
        made = of.adding(tuple(s for a in args.all() for s in getattr(a, "loads", ())))
        classes = [cls for entity in of.entities for cls in entity_classes(entity)]
        for option in args.all():
            if isinstance(option, LoadOption) and option.path:
                made = made.adding(along_path(interp, classes, option.path))
        named = [a for a in args.all() if isinstance(a, LoadOption) and a.name]
        made.preloaded = (*of.preloaded, *(a.name for a in named if not a.stops))
        made.unloaded = (*of.unloaded, *(a.name for a in named if a.stops))
        return made
    if name in ("params", "execution_options", "correlate", "with_hint", "prefix_with", "set_label_style"):
        return of
    if name == "from_select" or name in _SETS:
        return of.adding(sources_of(args.all()))
    if name == "from_statement":
        made = of.copy()
        given = args.get(0)
        if isinstance(given, Statement):
            made.sources = tuple(dict.fromkeys([*made.sources, *given.sources]))
            if given.sql is not None:
                made.sql = given.sql
        return made
    if name in ("subquery", "cte", "alias", "lateral"):
        return Subquery(of)
    if name in ("scalar_subquery", "as_scalar", "label", "exists"):
        return Expression(of.sources)
    if name == "columns" and of.kind == "text":
        return of
    if name == "returning":
        made = of.adding(sources_of(args.all()))
        made.entities = list(args.positional) or of.entities
        return made
    # Criteria, orders, limits: what they mention joins in.
    return of.adding(sources_of(args.all()))


def _joined(interp: Interpreter, of: Statement, args: Args) -> tuple[object, ...]:
    found: list[object] = []
    for value in args.all():
        each = [tuple(_joins(interp, of, option)) for option in value.options()]
        for sources in alternatives([sources for sources in each if sources]):
            found += sources
    return tuple(found)


def _joins(interp: Interpreter, of: Statement, option: Value) -> Iterable[object]:
    if isinstance(option, RelationReference):
        return [option.cls, *option.target(interp), *option.extra]
    if isinstance(option, Const) and isinstance(option.value, str):
        return _joined_by_name(interp, of, option.value)
    if isinstance(option, Sequence):
        return _joined(interp, of, Args(option.items))
    return sources_of([option])


def _joined_by_name(interp: Interpreter, of: Statement, name: str) -> list[object]:
    """``query.join("user")``, as 1.3 allowed."""
    for entity in of.entities:
        for cls in entity_classes(entity):
            targets = RelationReference(cls, name).target(interp)
            if targets:
                return list(targets)
    return []


def _query_terminal(interp: Interpreter, of: Statement, name: str, args: Args, frame: Frame) -> Value | None:
    """A method of a legacy Query that runs it; None for the others."""
    if name in ("delete", "update"):
        made = of.copy()
        made.kind = name
        made.targets = written(of.entities)
        made.run(interp, frame, False)
        return UNKNOWN
    if name in ("all", "yield_per") and (name == "all" or not args.positional):
        return Sequence([of.run(interp, frame)], "list", True)
    if name == "paginate":
        return Page(of.run(interp, frame))
    if name in ("get", "get_or_404") and of.kind == "query":
        return of.run(interp, frame)
    if name in ("first", "one", "one_or_none", "first_or_404", "one_or_404"):
        return of.run(interp, frame)
    if name in ("scalar", "as_scalar_one"):
        return of.run(interp, frame)
    if name == "count":
        of.run(interp, frame, False)
        return UNKNOWN
    if name in ("__iter__", "scalars", "instances"):
        return Sequence([of.run(interp, frame)], "list", True)
    if name == "first_or_create":
        return of.run(interp, frame)
    return None


class Subquery(Expression):
    """``select.subquery()`` or ``.cte()``: a table expression over the statement's tables."""

    __slots__ = ("of",)

    def __init__(self, of: Statement) -> None:
        super().__init__(of.sources)
        self.of = of

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name in ("c", "columns"):
            return Columns(self)
        if name in ("union", "union_all"):
            return _CteUnion(self)
        return super().get(interp, name, frame)

    def key(self) -> Hashable:
        return ("sub", self.of.key())


class _CteUnion(Value):
    __slots__ = ("of",)

    def __init__(self, of: Subquery) -> None:
        self.of = of

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return Subquery(self.of.of.adding(sources_of(args.all())))
