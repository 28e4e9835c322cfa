"""Tortoise ORM: models, query sets, transactions."""

from __future__ import annotations

from strangler.analyzers.frameworks.sql import note_sql
from strangler.analyzers.frameworks.tortoise.models import FIELD, FOREIGN, MANY, MODEL, ONE, build
from strangler.analyzers.frameworks.tortoise.queries import (
    CLASS_METHODS,
    Condition,
    ForwardKey,
    Query,
    RelatedRows,
    condition,
    follow,
    model_method,
)
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Class,
    Found,
    Frame,
    Framework,
    Interpreter,
    Knowledge,
    MethodHandler,
    Object,
    Row,
    Schema,
    Sequence,
    TransactionBlock,
    Value,
    certainty_of,
    entity_of,
    mark_models,
    note_access,
)

_CONNECTION = "tortoise.Connection"
_CONDITIONS = (
    "Q F Subquery RawSQL Case When Function Avg Count Sum Max Min Lower Upper Coalesce Concat Trim Length"
)


class Tortoise(Framework):
    """Tortoise ORM."""

    name = "tortoise"
    packages = ("tortoise",)

    def __init__(self, tree: object) -> None:
        super().__init__(tree)  # type: ignore[arg-type]
        self.mapped: list[Class] = []

    def teach(self, knowledge: Knowledge) -> None:
        knowledge.aliases["tortoise.models.Model"] = MODEL
        knowledge.aliases["tortoise.connection"] = "tortoise"
        for module in ("relational", "base", "data"):
            knowledge.aliases[f"tortoise.fields.{module}"] = "tortoise.fields"
        for name in (FOREIGN, ONE, MANY):
            knowledge.hierarchy[name] = (FIELD,)
        for name in _CONDITIONS.split():
            for module in ("expressions", "functions", "query_utils"):
                knowledge.calls[f"tortoise.{module}.{name}"] = condition
        knowledge.calls["tortoise.query_utils.Prefetch"] = _prefetch
        knowledge.calls["tortoise.query.Prefetch"] = _prefetch
        knowledge.carriers.add(MODEL)
        knowledge.class_hooks.append(mark_models(MODEL))
        for name in CLASS_METHODS:
            knowledge.methods[f"{MODEL}.{name}"] = _class_method(name)
        for name, handler in _INSTANCE_METHODS.items():
            knowledge.methods[f"{MODEL}.{name}"] = handler
        knowledge.instance_descriptors[MODEL] = _through_instance
        knowledge.instance_members[MODEL] = lambda interp, obj, name, frame: _relation(interp, obj, name)
        knowledge.calls["tortoise.transactions.in_transaction"] = lambda interp, ext, args, frame: (
            _transaction(interp)
        )
        knowledge.calls["tortoise.transactions.atomic"] = lambda interp, ext, args, frame: _transaction(
            interp
        )
        for name in ("get_connection", "connections.get"):
            knowledge.calls[f"tortoise.Tortoise.{name}"] = _connection
            knowledge.calls[f"tortoise.{name}"] = _connection
        for name in (
            "execute_query",
            "execute_query_dict",
            "execute_script",
            "execute_insert",
            "execute_many",
        ):
            knowledge.methods[f"{_CONNECTION}.{name}"] = _execute
        knowledge.methods[f"{_CONNECTION}._in_transaction"] = lambda interp, receiver, args, frame: (
            _transaction(interp)
        )
        knowledge.calls["tortoise.contrib.pydantic.pydantic_model_creator"] = (
            lambda interp, ext, args, frame: _Pydantic()
        )

    def prepare(self, interp: Interpreter) -> None:
        self.mapped = build(interp)

    def collect(self, interp: Interpreter) -> Found:
        return Found(present=bool(self.mapped))


def _class_method(name: str) -> MethodHandler:
    def handle(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        entity = (
            interp.state(Schema).of(receiver) if isinstance(receiver, Class) and not interp.booting else None
        )
        if entity is None or not isinstance(receiver, Class):
            return None
        return model_method(interp, entity, receiver, name, args, frame)

    return handle


def _through_instance(
    interp: Interpreter, obj: Object, name: str, value: Value, frame: Frame
) -> Value | None:
    if not isinstance(value, Object):
        return None
    relation = _relation(interp, obj, name)
    if relation is not None:
        return relation
    return obj.attrs.get(name, UNKNOWN) if interp.kind(value).startswith("tortoise.") else None


def _relation(interp: Interpreter, obj: Object, name: str) -> Value | None:
    entity = entity_of(interp, obj)
    relation = entity.relation(name) if entity is not None else None
    if relation is None or relation.target is None:
        return None
    ready = isinstance(obj, Row) and name in obj.loaded
    if relation.kind == "forward" or relation.single:
        given = obj.attrs.get(name) or obj.arg(None, name)
        if isinstance(given, Object):
            return given
        target = relation.target.cls
        return Row(target) if ready and target is not None else ForwardKey(relation, certainty_of(obj))
    return RelatedRows(relation, certainty_of(obj), ready)


def _save(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    note_access(interp, frame, entity_of(interp, receiver), "write", certainty_of(receiver))
    return NONE


def _refresh(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    note_access(interp, frame, entity_of(interp, receiver), "read", certainty_of(receiver))
    return NONE


def _fetch_related(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    for value in args.positional:
        path = getattr(value, "value", None)
        if isinstance(path, str):
            for table in follow(entity_of(interp, receiver), path, True):
                note_access(interp, frame, table, "read", certainty_of(receiver))
            if isinstance(receiver, Row):
                receiver.loaded.add(path.partition("__")[0])
    return NONE


_INSTANCE_METHODS = {
    "save": _save,
    "delete": _save,
    "refresh_from_db": _refresh,
    "fetch_related": _fetch_related,
    "update_from_dict": lambda interp, receiver, args, frame: receiver,
}


def _transaction(interp: Interpreter) -> TransactionBlock:
    """``in_transaction()`` gives its connection."""
    return TransactionBlock(Object(interp.external(_CONNECTION), None, None))


def _connection(interp: Interpreter, external: Value, args: Args, frame: Frame) -> Value:
    return Object(interp.external(_CONNECTION), None, None)


def _execute(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    note_sql(interp, frame, args.get(0, "query"))
    return Sequence([], "list", True)


def _prefetch(interp: Interpreter, external: Value, args: Args, frame: Frame) -> Value:
    path, query = args.text(0, "relation"), args.get(1, "queryset")
    return Condition([path] if path else [], query.tables if isinstance(query, Query) else [], True)


class _Pydantic(Value):
    """A Pydantic model made from a Tortoise model: some of its methods run queries."""

    __slots__ = ()

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return _FromQuery() if name in ("from_queryset", "from_queryset_single") else UNKNOWN


class _FromQuery(Value):
    __slots__ = ()

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        query = args.get(0)
        if query is not None:
            query.awaited(interp, frame)
        return UNKNOWN
