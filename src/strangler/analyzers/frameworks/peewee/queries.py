"""peewee queries: what building and executing them touches."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from strangler.analyzers.frameworks.peewee.models import MODEL
from strangler.analyzers.frameworks.sql import note_sql
from strangler.analyzers.plugin import (
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
    Schema,
    Sequence,
    Value,
    note_access,
)
from strangler.model.base import Certainty

Source = Class | Entity


def sources_of(values: Iterable[Value]) -> list[Source]:
    """The models whose rows an argument of a query selects from: models, aliases, sub-queries."""
    found: dict[Source, None] = {}
    for value in values:
        for option in value.options():
            if isinstance(option, Query):
                for source in option.sources:
                    found[source] = None
            elif isinstance(option, Field):
                for source in option.inner:
                    found[source] = None
            elif isinstance(option, (Sequence, Mapping)):
                items = option.items if isinstance(option, Sequence) else list(option.items.values())
                for source in sources_of(items):
                    found[source] = None
    return list(found)


def models_of(values: Iterable[Value]) -> list[Class]:
    """The models named in a select list or join."""
    found: dict[Class, None] = {}
    for value in values:
        for option in value.options():
            cls = option.cls if isinstance(option, (ModelAlias, Field)) else option
            if isinstance(cls, Class) and MODEL in cls.extra:
                found[cls] = None
    return list(found)


class Field(Value):
    """``Model.field`` or an expression; ``inner``: tables of sub-queries in it."""

    __slots__ = ("cls", "inner", "name")

    def __init__(self, cls: Class | None, name: str = "", inner: Iterable[Source] = ()) -> None:
        self.cls = cls
        self.name = name
        self.inner = list(inner)

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name == "get_through_model":
            return _ThroughModel(self)
        return _FieldMethod(self)

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return Field(self.cls, "", [*self.inner, *sources_of(args.all())])

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        return Field(self.cls, "", [*self.inner, *sources_of([other])])

    def key(self) -> Hashable:
        return ("pwf", id(self.cls), self.name)


class _FieldMethod(Field):
    __slots__ = ()

    def __init__(self, of: Field) -> None:
        super().__init__(of.cls, "", of.inner)


class _ThroughModel(Value):
    __slots__ = ("field",)

    def __init__(self, field: Field) -> None:
        self.field = field

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return Through(self.field)


class Through(Value):
    """The model that peewee makes for a ManyToManyField."""

    __slots__ = ("field",)

    def __init__(self, field: Field) -> None:
        self.field = field

    def entity(self, interp: Interpreter) -> Entity | None:
        """Its table."""
        owner = interp.state(Schema).of(self.field.cls) if self.field.cls is not None else None
        relation = owner.relation(self.field.name) if owner is not None else None
        return relation.through_entity if relation is not None else None

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return _ThroughMethod(self, name)

    def key(self) -> Hashable:
        return ("through", self.field.key())


class _ThroughMethod(Value):
    __slots__ = ("name", "of")

    def __init__(self, of: Through, name: str) -> None:
        self.of = of
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        entity = self.of.entity(interp)
        if entity is None:
            return UNKNOWN
        return model_method(interp, entity, self.name, args, frame) or UNKNOWN

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        return Field(None)


class ModelAlias(Value):
    """``Model.alias()``."""

    __slots__ = ("cls",)

    def __init__(self, cls: Class) -> None:
        self.cls = cls

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return self.cls.get(interp, name, frame)

    def key(self) -> Hashable:
        return ("alias", id(self.cls))


_ROWS = {"get", "get_or_none", "first", "get_by_id"}
_LISTS = {"execute", "iterator", "__iter__", "tuples_list"}
_QUESTIONS = {"count", "exists", "scalar", "sum", "avg", "min", "max", "scalars"}


class Query(Value):
    """A query of one kind over some models; building gives a new one, executing notes the accesses."""

    __slots__ = ("certainty", "joined", "kind", "model", "sources", "sql")

    def __init__(self, kind: str, model: Source, sources: Iterable[Source] = ()) -> None:
        self.kind = kind
        self.model = model
        self.sources = list(dict.fromkeys([*([model] if kind == "select" else []), *sources]))
        self.joined: list[str] = []
        self.sql: Value | None = None
        self.certainty: Certainty = "certain"

    def extended(self, sources: Iterable[Source], joined: Iterable[str] = ()) -> Query:
        """With more tables."""
        made = Query(self.kind, self.model, [*self.sources, *sources])
        made.joined, made.sql, made.certainty = [*self.joined, *joined], self.sql, self.certainty
        return made

    def run(self, interp: Interpreter, frame: Frame) -> Value:
        """Execute; one row."""
        if self.sql is not None:
            note_sql(interp, frame, self.sql)
        elif self.kind == "select":
            for source in self.sources:
                note_access(interp, frame, source, "read", self.certainty)
        else:
            note_access(interp, frame, self.model, "write", self.certainty)
            for source in self.sources:
                if source is not self.model:
                    note_access(interp, frame, source, "read", self.certainty)
        return self.row(interp)

    def row(self, interp: Interpreter) -> Value:
        """One row of the result."""
        return (
            Row(self.model, self.joined)
            if isinstance(self.model, Class) and self.kind == "select"
            else UNKNOWN
        )

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return QueryMethod(self, name)

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        return [self.run(interp, frame)], False

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        return self.run(interp, frame)

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        if operator in ("|", "&", "-", "+"):
            return self.extended(sources_of([other]))
        return Field(None, "", self.sources)

    def key(self) -> Hashable:
        return ("pwq", self.kind, id(self.model), *(id(s) for s in self.sources))


class QueryMethod(Value):
    """A method of a query."""

    __slots__ = ("name", "of")

    def __init__(self, of: Query, name: str) -> None:
        self.of = of
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        of, name = self.of, self.name
        if name in ("get", "get_or_none", "first", "peek", "get_or_404"):
            return of.extended(sources_of(args.all())).run(interp, frame)
        if name in ("execute", "iterator"):
            row = of.run(interp, frame)
            return Sequence([row], "list", True) if of.kind == "select" or of.sql is not None else UNKNOWN
        if name in _QUESTIONS:
            of.run(interp, frame)
            return UNKNOWN
        if name == "select" and isinstance(of.model, (Class, Entity)):
            return of.extended(sources_of(args.all()))
        return self.built(interp, args)

    def built(self, interp: Interpreter, args: Args) -> Value:
        """A further query."""
        of = self.of
        if self.name in ("join", "join_from", "left_outer_join", "from_", "prefetch"):
            given = list(args.positional[1:] if self.name == "join_from" else args.positional)
            models: list[Source] = list(models_of(given))
            joined = [r for r in (_relation_to(interp, of.model, m) for m in models) if r]
            return of.extended([*models, *sources_of(args.all())], joined)
        if self.name == "select_extend":
            return of.extended(sources_of(args.all()))
        return of.extended(sources_of(args.all()))

    def key(self) -> Hashable:
        return ("pwqm", self.of.key(), self.name)


def _relation_to(interp: Interpreter, model: Source, target: object) -> str:
    entity = interp.state(Schema).of(model) if isinstance(model, Class) else None
    far = interp.state(Schema).of(target) if isinstance(target, Class) else None
    for name, relation in entity.relations.items() if entity is not None else ():
        if relation.kind == "forward" and relation.target is far:
            return name
    return ""


def model_method(interp: Interpreter, model: Source, name: str, args: Args, frame: Frame) -> Value | None:
    """A class method of a model; None where it is not peewee's."""
    inner = sources_of(args.all())
    if name in ("select", "filter"):
        joined: list[Source] = []
        return Query("select", model, [*joined, *inner])
    if name in ("get", "get_or_none", "get_by_id"):
        return Query("select", model, inner).run(interp, frame)
    if name in ("insert", "insert_many", "insert_from", "replace", "replace_many"):
        return Query("insert", model, inner)
    if name == "update":
        return Query("update", model, inner)
    if name == "delete":
        return Query("delete", model, inner)
    if name in (
        "create",
        "bulk_create",
        "bulk_update",
        "delete_by_id",
        "set_by_id",
        "truncate_table",
        "get_or_create",
    ):
        if name == "get_or_create":
            note_access(interp, frame, model, "read")
        note_access(interp, frame, model, "write")
        row: Value = Row(model) if isinstance(model, Class) else UNKNOWN
        if name == "get_or_create":
            return Sequence([row, UNKNOWN], "tuple")
        return row if name == "create" else UNKNOWN
    if name == "raw":
        made = Query("select", model)
        made.sql = args.get(0)
        return made
    if name == "alias" and isinstance(model, Class):
        return ModelAlias(model)
    if name in ("noop", "exists"):
        return UNKNOWN
    return None


class ManyQuery(Query):
    """A many-to-many attribute: a query, and a set to change."""

    __slots__ = ("through",)

    def __init__(self, relation: Relation, certainty: Certainty) -> None:
        target = relation.target
        assert target is not None
        super().__init__("select", target.cls or target)
        self.through = relation.through_entity
        if self.through is not None:
            self.sources.append(self.through)
        self.certainty = certainty

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name in ("add", "remove", "clear"):
            return _ManyMethod(self)
        return QueryMethod(self, name)


class _ManyMethod(Value):
    __slots__ = ("of",)

    def __init__(self, of: ManyQuery) -> None:
        self.of = of

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        if self.of.through is not None:
            note_access(interp, frame, self.of.through, "write", self.of.certainty)
        for source in sources_of(args.all()):
            note_access(interp, frame, source, "read", self.of.certainty)
        return Const(None)
