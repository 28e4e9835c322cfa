"""The methods of managers and querysets."""

from __future__ import annotations

from collections.abc import Callable

from strangler.analyzers.frameworks.django.databases import database_named
from strangler.analyzers.frameworks.django.entities import entity_of
from strangler.analyzers.frameworks.django.notes import BootQuery, Notes
from strangler.analyzers.frameworks.django.orm import lookups, ordering
from strangler.analyzers.frameworks.django.orm.cascade import deleted, listened
from strangler.analyzers.frameworks.django.orm.evidence import Row, row_of, unsure
from strangler.analyzers.frameworks.django.orm.lookups import Target
from strangler.analyzers.frameworks.django.orm.queries import (
    MANAGER,
    Manager,
    QuerySet,
    Step,
    queryset_attribute,
)
from strangler.analyzers.frameworks.django.through import of_relation
from strangler.analyzers.plugin import (
    MOST_OPTIONS,
    NONE,
    UNKNOWN,
    Args,
    Entity,
    External,
    Frame,
    Interpreter,
    Mapping,
    Method,
    Object,
    Schema,
    Sequence,
    Value,
    weakest,
)
from strangler.model.base import Certainty

FILTERS = {"filter", "exclude", "complex_filter"}
SAME = {
    "all",
    "distinct",
    "defer",
    "only",
    "using",
    "reverse",
    "select_for_update",
    "_clone",
    "_chain",
}
ONE = {"get", "first", "last", "latest", "earliest"}
VALUE = {"count", "exists", "aggregate", "contains", "explain"}
WRITES = {
    "create", "bulk_create", "update", "bulk_update", "delete", "get_or_create", "update_or_create",
    "create_user", "create_superuser",
}  # fmt: skip
ASYNC = {
    f"a{name}": name
    for name in (*ONE, *VALUE, *WRITES, "in_bulk", "iterator", "add", "set", "remove", "clear")
}
CACHED = {"get_current", "get_for_model", "get_for_models", "get_for_id", "get_by_natural_key"}
"""Methods of the managers of sites and content types."""
LOGS = {"log_action", "log_actions"}
"""Methods of the manager of what was done in the admin site."""
RELATED = {"add", "set", "remove", "clear"}


def call_query(
    interp: Interpreter, receiver: Manager | QuerySet, name: str, args: Args, frame: Frame
) -> Value:
    """Call Django's own method ``name`` of a manager or queryset."""
    with interp.log.on_database(receiver.database):
        return _call_query(interp, receiver, name, args, frame)


def _again(name: str, args: Args) -> Callable[[Interpreter, Value, Frame], Value]:
    def call(interp: Interpreter, source: Value, frame: Frame) -> Value:
        return (
            call_query(interp, source, name, args, frame)
            if isinstance(source, (Manager, QuerySet))
            else source
        )

    return call


def _call_query(
    interp: Interpreter, receiver: Manager | QuerySet, name: str, args: Args, frame: Frame
) -> Value:
    name = ASYNC.get(name, name)
    if isinstance(receiver, Manager):
        if name == "get_queryset":
            return receiver.plain(interp, frame)
        if name in RELATED and receiver.relation is not None:
            return _change_relation(interp, receiver, name, args, frame)
        if name == "db_manager":
            return receiver.on(database_named(args.get(0, "using")))
        if name == "raw":
            return _raw(interp, receiver.plain(interp, frame), args, frame)
        query = receiver.query(interp, frame)
    else:
        query = receiver.realised(interp, frame)
    entity = entity_of(interp, query.model)
    if entity is None:
        result = _unmapped(interp, query, name, frame)
        if result is query and interp.booting:
            step = Step(receiver if isinstance(receiver, Manager) else None, _again(name, args))
            result = query.like(query.reads)
            result.steps = (*query.steps, step)[:MOST_OPTIONS]
        return result
    if args.open and name in FILTERS:
        interp.log.unresolved_access(frame, "look-ups that are put together at run time")
    if name in FILTERS:
        return query.also(frame, lookups.keywords(interp, entity, args, frame))
    if isinstance(receiver, Manager) and receiver.fetched and (name in VALUE or name == "all"):
        query = query.like(query.reads)
        query.fetched = True
    if name == "using":
        query = query.like(query.reads)
        query.database = database_named(args.get(0, "alias"))
    if name in SAME:
        return query
    if name == "none":
        return query.unordered().like((), "none")
    if name in CACHED and isinstance(query.model, External):
        interp.log.access(frame, entity, "read", "orm", "inferred")  # Django keeps what it has read once
        return row_of(query.model)
    if name in LOGS and isinstance(query.model, External):
        inserted(interp, entity, frame, query.sure)
        return UNKNOWN
    if name in WRITES:
        return _write(interp, receiver, query, entity, name, args, frame)
    if name in ONE:
        query = query.unordered() if name in ("get", "latest", "earliest") else query
        query.also(frame, lookups.keywords(interp, entity, args, frame)).consume(interp, frame)
        return query.row(frame)
    if name in VALUE:
        found = lookups.keywords(interp, entity, args, frame) if name == "aggregate" else []
        if name in ("count", "exists") and isinstance(receiver, Manager) and _plain(receiver):
            query = _only_through(query)
        if found:
            query = query.also(frame, found)
        query.unordered().consume(interp, frame)
        return Mapping(open=True) if name == "aggregate" else UNKNOWN
    return _shape(interp, query, entity, name, args, frame)


def _unmapped(interp: Interpreter, query: QuerySet, name: str, frame: Frame) -> Value:
    """While modules are run the schema is not there yet: only the shape of the result matters."""
    if interp.booting and isinstance(frame.function, type(None)):
        interp.state(Notes).boot_queries[BootQuery(frame.location, query.model, frame.owner)] = None
    if name in ONE or name in ("create",):
        return row_of(query.model)
    if name in ("get_or_create", "update_or_create"):
        return Sequence([row_of(query.model), UNKNOWN], "tuple")
    if name in VALUE or name in ("update", "delete", "bulk_create", "bulk_update"):
        return UNKNOWN
    return query


def _plain(manager: Manager) -> bool:
    """Whether it is Django's own manager of a many-to-many relation."""
    own = manager.cls is None or (isinstance(manager.cls, External) and manager.cls.name == MANAGER)
    return own and manager.relation is not None and manager.relation.kind == "many"


def _only_through(query: QuerySet) -> QuerySet:
    """Counting a many-to-many relation needs the association table only, unless rows were filtered."""
    relation = query.relation
    if relation is None or len({r.place.line for r in query.reads}) > 1:
        return query
    kept = tuple(read for read in query.reads if read.target is not relation.target)
    fewer = query.like(kept or query.reads)
    fewer.fetched = query.fetched
    return fewer


def _shape(
    interp: Interpreter, query: QuerySet, entity: Entity, name: str, args: Args, frame: Frame
) -> Value:
    """Methods that change what a query returns."""
    if name in ("annotate", "alias"):
        return query.also(frame, lookups.keywords(interp, entity, args, frame))
    if name == "order_by":
        return query.unordered().also(frame, lookups.paths(interp, entity, args.positional, frame, False))
    if name in ("values", "values_list"):
        found = lookups.paths(interp, entity, args.positional, frame, False)
        found += lookups.keywords(
            interp,
            entity,
            Args([], {k: v for k, v in args.keywords.items() if k not in ("flat", "named")}),
            frame,
        )
        return query.also(frame, found, "values")
    if name == "select_related":
        return _loading(query.also(frame, lookups.paths(interp, entity, args.positional, frame, True)), args)
    if name == "prefetch_related":
        # Without rows there is nothing to fetch along.
        return _loading(query.also(frame, _prefetched(interp, entity, args, frame), sure="inferred"), args)
    if name in ("dates", "datetimes"):
        return query.also(frame, lookups.paths(interp, entity, args.positional[:1], frame, False), "values")
    if name in ("union", "intersection", "difference"):
        reads = query.reads
        for other in args.positional:
            if isinstance(other, QuerySet):
                reads += other.reads
        return query.like(reads)
    if name == "in_bulk":
        query.consume(interp, frame)
        return Mapping({}, [query.row(frame)], True)
    if name == "iterator":
        query.consume(interp, frame)
        return Sequence([query.row(frame)], "list", True)
    if name == "raw":
        return _raw(interp, query, args, frame)
    if name == "extra":
        return _extra(interp, query, args, frame)
    return query  # a method of an unknown queryset class: still the same rows


def _loading(query: QuerySet, args: Args) -> QuerySet:
    """The query whose rows bring relations along."""
    names = {n.partition("__")[0] for n in lookups.strings(args.positional) if isinstance(n, str)}
    for value in args.positional:
        if isinstance(value, Object) and value.args is not None:  # Prefetch("lines", ...)
            names.add((value.args.text(0, "lookup") or "").partition("__")[0])
    query.loaded |= names or {"*"}
    return query


def _prefetched(interp: Interpreter, entity: Entity, args: Args, frame: Frame) -> list[Target]:
    found: list[Target] = []
    for value in lookups.strings(args.positional):
        if isinstance(value, str):
            found += lookups.joined(entity, value, True)
            found += ordering.joined(interp, ordering.end_of(entity, value), frame)
        elif isinstance(value, Object) and value.args is not None:
            path = value.args.text(0, "lookup")
            inner = value.args.get(1, "queryset")
            if path is not None:
                found += lookups.joined(entity, path, True)
            for option in inner.options() if inner is not None else ():
                if isinstance(option, QuerySet):
                    option.consume(interp, frame)
    return found


def _raw(interp: Interpreter, query: QuerySet, args: Args, frame: Frame) -> Value:
    from strangler.analyzers.frameworks.sql import note_sql

    note_sql(interp, frame, args.get(0, "raw_query"))
    with interp.log.all_at_most("inferred"):  # its rows come from the model's table, as a rule
        query.unordered().consume(interp, frame)
    return Sequence([query.row(frame)], "list", True)


def _extra(interp: Interpreter, query: QuerySet, args: Args, frame: Frame) -> Value:
    tables = args.get(3, "tables")
    found: list[Target] = []
    for value in lookups.strings([tables] if tables is not None else []):
        if isinstance(value, str):
            found.append(interp.state(Schema).by_table.get(value.strip('"'), value.strip('"')))
    return query.also(frame, found)


def _write(
    interp: Interpreter,
    receiver: Manager | QuerySet,
    query: QuerySet,
    entity: Entity,
    name: str,
    args: Args,
    frame: Frame,
) -> Value:
    """Methods that write."""
    relation = receiver.relation if isinstance(receiver, Manager) else None
    if name in ("get_or_create", "update_or_create"):
        known = Args([], {k: v for k, v in args.keywords.items() if k not in ("defaults", "create_defaults")})
        query.unordered().also(frame, lookups.keywords(interp, entity, known, frame)).consume(interp, frame)
        # Where the row is there already, getting it writes nothing.
        sure = query.sure if name == "update_or_create" else weakest(query.sure, "inferred")
        inserted(interp, entity, frame, sure)
        if relation is not None and relation.through is not None:
            interp.log.access(frame, _table(interp, relation.through), "write", "orm", sure)
        return Sequence([query.row(frame), UNKNOWN], "tuple")
    if name in ("create", "bulk_create", "create_user", "create_superuser"):
        inserted(interp, entity, frame, query.sure)
        if relation is not None and relation.through is not None:
            interp.log.access(frame, _table(interp, relation.through), "write", "orm", query.sure)
        if name == "bulk_create":
            return Sequence([query.row(frame)], "list", True)
        return unsure(Row(query.model, args, frame, True), query.sure)
    if name == "update":
        for value in args.keywords.values():
            for target in lookups.expression(interp, entity, value, frame):
                interp.log.access(frame, target, "read", "orm", query.sure)
        _conditions(interp, query, entity, frame)
        interp.log.access(frame, entity, "write", "orm", query.sure)
        for parent in entity.parents:
            if any(column in parent.columns for column in args.keywords):
                interp.log.access(frame, parent, "write", "orm", query.sure)
        return UNKNOWN
    if name == "bulk_update":
        interp.log.access(frame, entity, "write", "orm", query.sure)
        return UNKNOWN
    _conditions(interp, query, entity, frame)
    deleted(interp, entity, frame, certainty=query.sure)
    return UNKNOWN


def _conditions(interp: Interpreter, query: QuerySet, entity: Entity, frame: Frame) -> None:
    """Tables that the conditions of an update or delete read beside the one that is written."""
    others = tuple(r for r in query.reads if r.target is not entity and r.target not in entity.parents)
    if others:
        query.unordered().like(others).consume(interp, frame)


def inserted(interp: Interpreter, entity: Entity, frame: Frame, certainty: Certainty = "certain") -> None:
    """A row is inserted or saved: its own table and those of its parents are written.

    A table that holds nothing but the key to a parent is not written when the row is saved again.
    """
    bare = bool(entity.parents) and len(entity.columns) < 2
    interp.log.access(frame, entity, "write", "orm", weakest(certainty, "inferred") if bare else certainty)
    for parent in entity.parents:
        inserted(interp, parent, frame, certainty)


def _change_relation(interp: Interpreter, manager: Manager, name: str, args: Args, frame: Frame) -> Value:
    """``add``, ``set``, ``remove``, ``clear`` on the far side of a relation."""
    relation = manager.relation
    entity = entity_of(interp, manager.model)
    if interp.booting or relation is None:
        return NONE
    for argument in args.positional:
        lookups.expression(interp, entity, argument, frame) if entity is not None else None
    if relation.kind == "many" and relation.through is not None:
        through = _table(interp, relation.through)
        interp.log.access(frame, through, "write", "orm", manager.sure)
        if name == "set" or (name == "add" and listened(interp, through)):
            interp.log.access(frame, through, "read", "orm", "inferred")
        if name == "set" and entity is not None:
            interp.log.access(frame, entity, "read", "orm", "inferred")
    elif entity is not None:
        interp.log.access(frame, entity, "write", "orm", manager.sure)
        if name == "set":
            interp.log.access(frame, entity, "read", "orm", "inferred")
    return NONE


def _table(interp: Interpreter, name: str) -> Target:
    return interp.state(Schema).by_table.get(name, name)


class QueryMethod(Method):
    """A method of Django's own on a manager or queryset."""

    __slots__ = ()

    receiver: Manager | QuerySet

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return call_query(interp, self.receiver, self.name, args, frame)

    def key(self) -> object:
        return ("query method", self.receiver.key(), self.name)


def member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    """An attribute of a manager or queryset that no first-party class defines."""
    if isinstance(obj, (Manager, QuerySet)):
        if name == "model":
            return obj.model
        if name in ("db", "_db", "query", "ordered"):
            return UNKNOWN
        if name == "instance" and isinstance(obj, Manager):
            return UNKNOWN
        relation = obj.relation if isinstance(obj, Manager) else None
        if name == "through" and relation is not None:
            return of_relation(interp, relation)
        if isinstance(obj, Manager):
            custom = queryset_attribute(obj, name)
            if custom is not None:
                query = obj.query(interp, frame)
                return interp.bind_member(query, custom[1], name, custom[0], frame)
        return QueryMethod(obj, name)
    return None
