"""Tortoise query sets: built synchronously, executed when they are awaited."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from strangler.analyzers.frameworks.sql import note_sql
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Class,
    Const,
    Entity,
    Frame,
    Interpreter,
    Mapping,
    Relation,
    Row,
    Sequence,
    Value,
    note_access,
    words,
)
from strangler.model.base import Certainty


def follow(entity: Entity | None, path: str, whole: bool = False) -> list[Entity]:
    """The tables that a look-up path joins: ``tournament__name`` -> tournament.

    A path that ends in a relation compares a key: the far table is joined only for reverse relations,
    the association table only for many-to-many ones; ``whole`` paths are loaded to their ends.
    """
    found: list[Entity] = []
    parts = path.lstrip("-").split("__")
    for index, part in enumerate(parts):
        relation = entity.relation(part) if entity is not None else None
        if relation is None:
            break
        last = index == len(parts) - 1 and not whole
        if relation.through_entity is not None:
            found.append(relation.through_entity)
        target = relation.target
        if target is None:
            break
        if not last or relation.kind == "reverse":
            found.append(target)
        entity = target
    return found


class Condition(Value):
    """``Q(...)``, ``F(...)``, ``Count(...)``: the paths in it."""

    __slots__ = ("paths", "sources", "whole")

    def __init__(
        self, paths: Iterable[str] = (), sources: Iterable[Entity] = (), whole: bool = False
    ) -> None:
        self.paths = list(paths)
        self.sources = list(sources)
        self.whole = whole

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        if isinstance(other, Condition):
            return Condition(
                [*self.paths, *other.paths], [*self.sources, *other.sources], self.whole or other.whole
            )
        return self

    def key(self) -> Hashable:
        return ("cond", *self.paths)


def condition(interp: Interpreter, external: Value, args: Args, frame: Frame) -> Value:
    """``Q(a__b=1)``, ``F("a")``, ``Count("events")``, ``Subquery(query)``."""
    function = getattr(external, "name", "").startswith("tortoise.functions.") or "contrib" in getattr(
        external, "name", ""
    )
    paths, sources = _paths(interp, args, [])
    return Condition(paths, sources, function)


def _paths(interp: Interpreter, args: Args, extra: list[str]) -> tuple[list[str], list[Entity]]:
    paths = [*extra, *args.keywords]
    sources: list[Entity] = []
    for value in args.all():
        for option in value.options():
            if isinstance(option, Condition):
                paths += [f"{p}*" if option.whole and not p.endswith("*") else p for p in option.paths]
                sources += option.sources
            elif isinstance(option, Query):
                sources += option.tables
            elif isinstance(option, Mapping):
                paths += [k for k in option.items if isinstance(k, str)]
    for value in args.positional:
        if isinstance(value, Const) and isinstance(value.value, str):
            paths.append(value.value)
        elif isinstance(value, Sequence):
            paths += [v.value for v in value.items if isinstance(v, Const) and isinstance(v.value, str)]
    return paths, sources


class Query(Value):
    """A query set or one of its ends (count, update, first, ...)."""

    __slots__ = ("certainty", "cls", "entity", "fetched", "kind", "single", "sql", "tables")

    def __init__(self, entity: Entity, cls: Class | None, tables: Iterable[Entity] = ()) -> None:
        self.entity = entity
        self.cls = cls
        self.tables = list(dict.fromkeys([entity, *tables]))
        self.kind = "rows"
        self.single = False
        self.fetched: list[str] = []
        self.sql: Value | None = None
        self.certainty: Certainty = "certain"

    def copy(
        self, kind: str | None = None, tables: Iterable[Entity] = (), single: bool | None = None
    ) -> Query:
        """A query of the same content, with changes."""
        made = Query(self.entity, self.cls, [*self.tables, *tables])
        made.kind = kind or self.kind
        made.single = self.single if single is None else single
        made.fetched, made.sql, made.certainty = list(self.fetched), self.sql, self.certainty
        return made

    def awaited(self, interp: Interpreter, frame: Frame) -> Value:
        if self.sql is not None:
            note_sql(interp, frame, self.sql)
        elif self.kind in ("update", "delete"):
            note_access(interp, frame, self.entity, "write", self.certainty)
            for table in self.tables:
                if table is not self.entity:
                    note_access(interp, frame, table, "read", self.certainty)
            return UNKNOWN
        else:
            for table in self.tables:
                note_access(interp, frame, table, "read", self.certainty)
        if self.kind != "rows":
            return Sequence([], "list", True) if self.kind == "values" else UNKNOWN
        return self.row() if self.single else Sequence([self.row()], "list", True)

    def row(self) -> Value:
        """One instance."""
        return Row(self.cls, self.fetched) if self.cls is not None else UNKNOWN

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        self.awaited(interp, frame)
        return [self.row() if self.kind == "rows" else UNKNOWN], False

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return QueryMethod(self, name)

    def key(self) -> Hashable:
        return ("ttq", id(self.entity), self.kind, self.single, *(id(t) for t in self.tables))


_SINGLE = {"first", "last", "get", "get_or_none", "earliest", "latest"}


class QueryMethod(Value):
    """A method of a query set."""

    __slots__ = ("name", "of")

    def __init__(self, of: Query, name: str) -> None:
        self.of = of
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        of, name = self.of, self.name
        paths, sources = _paths(interp, args, [])
        joined: list[Entity] = []
        for path in paths:
            ends = name in ("prefetch_related", "select_related") or path.endswith("*")
            joined += follow(of.entity, path.rstrip("*"), ends)
        if name in ("values", "values_list") and args.keywords:
            for value in args.keywords.values():
                if isinstance(value, Const) and isinstance(value.value, str):
                    joined += follow(of.entity, value.value)
        tables = [*joined, *sources]
        if name in ("update", "delete"):
            return of.copy(name, sources)
        if name in ("count", "exists"):
            return of.copy("count", tables)
        if name in ("values", "values_list"):
            return of.copy("values", tables)
        if name in _SINGLE:
            return of.copy(None, tables, True)
        if name in (
            "create",
            "get_or_create",
            "update_or_create",
            "bulk_create",
            "bulk_update",
            "in_bulk",
            "raw",
        ):
            return model_method(interp, of.entity, of.cls, name, args, frame) or UNKNOWN
        made = of.copy(None, tables)
        if name in ("prefetch_related", "select_related"):
            made.fetched += [p.partition("__")[0] for p in paths]
        return made


def model_method(
    interp: Interpreter, entity: Entity, cls: Class | None, name: str, args: Args, frame: Frame
) -> Value | None:
    """A class method of a model; None where it is not Tortoise's."""
    query = Query(entity, cls)
    row = query.row()
    if name in ("create", "bulk_create", "bulk_update"):
        note_access(interp, frame, entity, "write")
        return row if name == "create" else Sequence([row], "list", True)
    if name in ("get_or_create", "update_or_create"):
        note_access(interp, frame, entity, "read")
        note_access(interp, frame, entity, "write")
        return Sequence([row, UNKNOWN], "tuple")
    if name == "in_bulk":
        note_access(interp, frame, entity, "read")
        return Mapping({}, [row], True)
    if name == "raw":
        made = Query(entity, cls)
        made.sql = args.get(0, "sql")
        return made
    if name in ("fetch_for_list",):
        given = args.get(0)
        paths, _ = _paths(interp, Args(args.positional[1:]), [])
        for path in paths:
            for table in follow(entity, path, True):
                note_access(interp, frame, table, "read")
        return given or UNKNOWN
    if name in _QUERY_METHODS:
        return QueryMethod(query, name).call(interp, args, frame)
    return None


_QUERY_METHODS = words("""
    filter all exclude get get_or_none first last earliest latest annotate exists count select_for_update
    values values_list only order_by limit offset prefetch_related select_related distinct
""")
CLASS_METHODS = _QUERY_METHODS + words("""
    create bulk_create bulk_update get_or_create update_or_create in_bulk raw fetch_for_list
""")


class ForwardKey(Query):
    """``event.tournament`` that was not fetched: awaiting it loads the row."""

    __slots__ = ()

    def __init__(self, relation: Relation, certainty: Certainty) -> None:
        assert relation.target is not None
        super().__init__(relation.target, relation.target.cls)
        self.single = True
        self.certainty = certainty

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return self.row().get(interp, name, frame)


class RelatedRows(Query):
    """A reverse or many-to-many relation of an instance."""

    __slots__ = ("ready", "relation")

    def __init__(self, relation: Relation, certainty: Certainty, ready: bool) -> None:
        assert relation.target is not None
        through = [relation.through_entity] if relation.through_entity is not None else []
        super().__init__(relation.target, relation.target.cls, through)
        self.relation = relation
        self.certainty = certainty
        self.ready = ready

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        if self.ready:
            return [self.row()], False
        return super().elements(interp, frame)

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        return self.row()

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name in ("add", "remove", "clear") and self.relation.through_entity is not None:
            return _ManyMethod(self, name)
        return QueryMethod(self, name)


class _ManyMethod(Value):
    __slots__ = ("name", "of")

    def __init__(self, of: RelatedRows, name: str) -> None:
        self.of = of
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        through = self.of.relation.through_entity
        if self.name == "add":
            note_access(interp, frame, through, "read", self.of.certainty)
        note_access(interp, frame, through, "write", self.of.certainty)
        return NONE
