"""Sessions, connections and engines: where statements run and instances become rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from strangler.analyzers.frameworks.sqlalchemy.access import ancestors, note, read
from strangler.analyzers.frameworks.sqlalchemy.expressions import Expression, entity_classes
from strangler.analyzers.frameworks.sqlalchemy.factories import (
    CONNECTION,
    ENGINE,
    SESSION,
    QueryProperty,
    SessionFactory,
    TransactionBlock,
    engine,
    new_session,
    scoped_session,
    session,
    sessionmaker,
)
from strangler.analyzers.frameworks.sqlalchemy.names import MAPPED
from strangler.analyzers.frameworks.sqlalchemy.rows import Loaded, Result, epoch_of
from strangler.analyzers.frameworks.sqlalchemy.statements import Statement, execute, note_text, result_of
from strangler.analyzers.frameworks.sqlalchemy.unitofwork import (
    certainty_of,
    class_of,
    delete,
    entity_of,
    insert,
    mark,
    state_of_instance,
)
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Class,
    Const,
    Effect,
    External,
    Frame,
    Interpreter,
    Knowledge,
    Object,
    Region,
    Schema,
    Sequence,
    Value,
    join,
)

# -- methods of sessions -----------------------------------------------------------------------------


def _query(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    made = Statement("query", frame)
    made.session = receiver if isinstance(receiver, Object) else new_session(interp)
    if isinstance(receiver, Object) and "<guess>" in receiver.attrs:
        made.certainty = "inferred"
    return made.selecting(args.positional if not args.open else [*args.positional, UNKNOWN])


def _get(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    entity = args.get(0, "entity")
    if entity is None or (isinstance(entity, Const) and isinstance(entity.value, str)):
        return None
    made = _query(interp, receiver, Args([entity]), frame)
    return made.run(interp, frame) if isinstance(made, Statement) else UNKNOWN


def _as_object(value: Value) -> Object | None:
    return value if isinstance(value, Object) else None


def _execute(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    value = args.get(0, "statement")
    return result_of(value, execute(interp, value, frame, _as_object(receiver)))


def _scalars(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    value = args.get(0, "statement")
    row = execute(interp, value, frame, _as_object(receiver))
    result = result_of(value, row)
    return Result(result.row, result.statement, True)


def _scalar(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    value = args.get(0, "statement")
    return result_of(value, execute(interp, value, frame, _as_object(receiver))).single()


def _exec(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    """SQLModel's ``exec``: entities where one was selected, rows otherwise."""
    value = args.get(0, "statement")
    row = execute(interp, value, frame, _as_object(receiver))
    return Result(row, None, False)


SUBJECTS = ("instance", "instances", "objects", "statement", "entity", "mapper")
"""Keywords of what a session's method is about, the first argument of each."""


def _subject(args: Args) -> Value | None:
    """The first argument, also by its name."""
    if args.positional:
        return args.positional[0]
    return next((args.keywords[name] for name in SUBJECTS if name in args.keywords), None)


def _items(value: Value | None) -> list[Value]:
    found: list[Value] = []
    for option in value.options() if value is not None else ():
        found += option.items if isinstance(option, Sequence) else [option]
    return found


def _members(value: Value | None) -> list[Value]:
    return [v for item in _items(value) for v in item.options()]


def _add(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    value = _subject(args) or UNKNOWN
    given = [value] if not any(isinstance(o, Sequence) for o in value.options()) else _items(value)

    def one(option: Value) -> None:
        if isinstance(option, Object):
            _added(interp, option, receiver, frame)
        elif option is UNKNOWN and not interp.booting:
            interp.log.unresolved_access(frame, "an object of unknown class is added to the session")

    for item in given:
        interp.log.of_each(list(item.options()), one)
    return NONE


def _added(interp: Interpreter, value: Object, receiver: Value, frame: Frame) -> None:
    state = state_of_instance(value)
    if state == "transient":
        insert(interp, frame, value, _sure(receiver))
        _remember(receiver, value)
    elif state == "unknown":
        entity = entity_of(interp, value)
        if entity is not None:
            for part in (entity, *ancestors(entity)):
                note(interp, frame, part, "write", "orm", "inferred")
    elif isinstance(value, Loaded) and value.updated:
        value.updated = False
        entity = entity_of(interp, value)
        if entity is not None:
            note(interp, frame, entity, "write", "orm", _sure(receiver))


def _sure(receiver: Value) -> Any:
    return "inferred" if isinstance(receiver, Object) and "<guess>" in receiver.attrs else "certain"


def _remember(receiver: Value, value: Object) -> None:
    if isinstance(receiver, Object):
        known = receiver.attrs.setdefault("<pending>", Sequence([], "list"))
        if isinstance(known, Sequence) and len(known.items) < 200:
            known.items.append(value)


def _delete(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    for value in _members(_subject(args)) or [UNKNOWN]:
        entity = entity_of(interp, value)
        if entity is not None and isinstance(value, Object):
            delete(interp, frame, entity, certainty_of(value))
        elif value is UNKNOWN and not interp.booting:
            interp.log.unresolved_access(frame, "an object of unknown class is deleted")
    return NONE


def _merge(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    made: list[Value] = []
    for value in _members(_subject(args)) or [UNKNOWN]:
        cls = class_of(value)
        entity = entity_of(interp, value)
        if entity is None or cls is None:
            if value is UNKNOWN and not interp.booting:
                interp.log.unresolved_access(frame, "an object of unknown class is merged")
            continue
        read(interp, frame, [cls], [cls], _sure(receiver))
        for part in (entity, *ancestors(entity)):
            note(interp, frame, part, "write", "orm", _sure(receiver))
        made.append(Loaded(cls, _as_object(receiver)))
    return join(made)


def _refresh(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    for value in _members(_subject(args)):
        cls = class_of(value)
        if cls is not None and isinstance(value, Object):
            read(interp, frame, [cls], [cls], certainty_of(value))
            mark(value, "persistent")
            if isinstance(value, Loaded):
                value.renew()
    return NONE


def _flush(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    pending = receiver.attrs.pop("<pending>", None) if isinstance(receiver, Object) else None
    for value in pending.items if isinstance(pending, Sequence) else []:
        if isinstance(value, Object):
            mark(value, "persistent")
    return NONE


def _commit(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    _flush(interp, receiver, args, frame)
    if isinstance(receiver, Object):
        receiver.attrs["<epoch>"] = Const(epoch_of(receiver) + 1)
    if frame.callee is not None and frame.yields:
        frame.callee.leaves_open = True
    elif not frame.region and not interp.booting:
        _unit_ends(interp, frame)
    return NONE


class _Committed(Value):
    """What a running function has committed so far."""

    __slots__ = ("effects",)

    def __init__(self) -> None:
        self.effects: set[Effect] = set()


def _unit_ends(interp: Interpreter, frame: Frame) -> None:
    """``commit()``: what the function touched since its last one belongs together."""
    if frame.callee is not None and "general" not in frame.callee.running:
        return  # a helper called for one model after the other: these are no one transaction
    known = frame.locals.get("<committed>")
    if not isinstance(known, _Committed):
        known = frame.locals["<committed>"] = _Committed()
    since = interp.log.effects - known.effects
    if any(effect.operation == "write" for effect in since):
        interp.log.within(Region(*frame.location, frame.line), since)
    known.effects |= since


def _bulk_mappings(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    classes = entity_classes(args.get(0, "mapper"))
    for cls in classes:
        entity = interp.state(Schema).of(cls)
        for part in (entity, *ancestors(entity)) if entity is not None else ():
            note(interp, frame, part, "write", "bulk", "certain")
    if not classes and not interp.booting:
        interp.log.unresolved_access(frame, "rows of an unknown class are written in bulk")
    return NONE


def _bulk_save(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    for value in _members(_subject(args)) or [UNKNOWN]:
        entity = entity_of(interp, value)
        if entity is not None:
            for part in (entity, *ancestors(entity)):
                note(interp, frame, part, "write", "bulk", "certain")
        elif value is UNKNOWN and not interp.booting:
            interp.log.unresolved_access(frame, "objects of an unknown class are written in bulk")
    return NONE


def _begin(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    return TransactionBlock(receiver)


def _itself(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    return receiver


def _connection(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    return Object(interp.external(CONNECTION), None, None)


def _engine(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    return Object(interp.external(ENGINE), None, None)


def _begin_connection(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    return TransactionBlock(Object(interp.external(CONNECTION), None, None))


def _driver_sql(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    note_text(interp, frame, args.get(0, "statement") or UNKNOWN)
    return Result(UNKNOWN)


def _run_sync(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    function = args.get(0, "fn")
    return (
        function.call(interp, Args([receiver, *args.positional[1:]], args.keywords), frame)
        if function
        else NONE
    )


def _query_property(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    cls = args.get(0, "query_cls")
    return QueryProperty(
        receiver if isinstance(receiver, Object) else new_session(interp),
        cls if isinstance(cls, Class) else None,
    )


_SESSION_METHODS = {
    "query": _query,
    "get": _get,
    "get_one": _get,
    "execute": _execute,
    "stream": _execute,
    "scalars": _scalars,
    "stream_scalars": _scalars,
    "scalar": _scalar,
    "exec": _exec,
    "add": _add,
    "add_all": _add,
    "delete": _delete,
    "delete_all": _delete,
    "merge": _merge,
    "refresh": _refresh,
    "flush": _flush,
    "commit": _commit,
    "bulk_insert_mappings": _bulk_mappings,
    "bulk_update_mappings": _bulk_mappings,
    "bulk_save_objects": _bulk_save,
    "begin": _begin,
    "begin_nested": _begin,
    "connection": _connection,
    "get_bind": _engine,
    "run_sync": _run_sync,
    "query_property": _query_property,
    "__call__": _itself,
    "__enter__": _itself,
    "__aenter__": _itself,
}
_EXECUTING = ("query", "execute", "scalars", "scalar", "exec", "stream", "stream_scalars")
_CONNECTION_METHODS = {
    "execute": _execute,
    "stream": _execute,
    "scalars": _scalars,
    "scalar": _scalar,
    "exec_driver_sql": _driver_sql,
    "begin": _begin,
    "begin_nested": _begin,
    "execution_options": _itself,
    "run_sync": _run_sync,
    "__enter__": _itself,
    "__aenter__": _itself,
}
_ENGINE_METHODS = {
    "connect": _connection,
    "contextual_connect": _connection,
    "begin": _begin_connection,
    "execute": _execute,
    "scalar": _scalar,
    "execution_options": _itself,
}


def session_member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    """Attributes of a session that are not methods."""
    if name == "no_autoflush":
        return obj
    if name == "bind":
        return Object(interp.external(ENGINE), None, None)
    if name in ("registry", "session_factory"):
        return SessionFactory(None)
    if name in ("sync_session", "session"):
        return obj
    return None


def object_session(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``object_session(instance)``."""
    return new_session(interp)


def _guess(name: str) -> Callable[[Interpreter, Args, Frame], Value | None]:
    """A method of something unknown that is given what only a session takes."""
    handler = _SESSION_METHODS[name]

    def guess(interp: Interpreter, args: Args, frame: Frame) -> Value | None:
        first = _subject(args)
        if (
            first is None
            or interp.booting
            or not any(_only_for_sessions(name, args, o) for o in first.options())
        ):
            return None
        session = new_session(interp)
        session.attrs["<guess>"] = NONE
        return handler(interp, session, args, frame)

    return guess


def _only_for_sessions(name: str, args: Args, value: Value) -> bool:
    if name == "query":
        return isinstance(value, Expression) or bool(entity_classes(value))
    if name in ("execute", "scalars", "scalar", "exec", "stream", "stream_scalars"):
        return isinstance(value, Statement)
    if name in ("get", "get_one"):
        return len(args.positional) > 1 and bool(entity_classes(value))
    mapped = class_of(value)
    if mapped is None or MAPPED not in mapped.extra or not isinstance(value, Object):
        return False
    return name != "add" or state_of_instance(value) == "transient"


def teach_sessions(knowledge: Knowledge) -> None:
    """Register the methods."""
    for name in (*_EXECUTING, "get", "get_one", "add", "delete", "merge", "refresh"):
        knowledge.guesses[name] = _guess(name)
    for owner, methods in (
        (SESSION, _SESSION_METHODS),
        (CONNECTION, _CONNECTION_METHODS),
        (ENGINE, _ENGINE_METHODS),
    ):
        for name, handler in methods.items():
            knowledge.methods[f"{owner}.{name}"] = handler
    knowledge.instance_members[SESSION] = session_member
    for name in ("sessionmaker", "async_sessionmaker"):
        knowledge.calls[f"sqlalchemy.{name}"] = sessionmaker
    for name in ("scoped_session", "async_scoped_session"):
        knowledge.calls[f"sqlalchemy.{name}"] = scoped_session
    for name in ("Session", "AsyncSession", "create_session"):
        knowledge.calls[f"sqlalchemy.{name}"] = session
    for name in ("create_engine", "create_async_engine", "engine_from_config", "async_engine_from_config"):
        knowledge.calls[f"sqlalchemy.{name}"] = engine
    for name in ("object_session", "async_object_session", "Session.object_session"):
        knowledge.calls[f"sqlalchemy.{name}"] = object_session
