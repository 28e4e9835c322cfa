"""Sessions, connections and engines: where statements run and instances become rows."""

from __future__ import annotations

from collections.abc import Callable

from strangler.analyzers.frameworks.sql import note_sql
from strangler.analyzers.frameworks.sqlalchemy.executing import execute, result_of
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
from strangler.analyzers.frameworks.sqlalchemy.rows import Result
from strangler.analyzers.frameworks.sqlalchemy.statements import Statement
from strangler.analyzers.frameworks.sqlalchemy.tags import guess, is_guess
from strangler.analyzers.frameworks.sqlalchemy.unitofwork import (
    class_of,
    state_of_instance,
)
from strangler.analyzers.frameworks.sqlalchemy.writing import WRITING, subject
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Class,
    Const,
    External,
    Frame,
    Interpreter,
    Knowledge,
    MethodHandler,
    Object,
    Value,
)

# -- methods of sessions -----------------------------------------------------------------------------


def _query(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    made = Statement("query", frame)
    made.session = receiver if isinstance(receiver, Object) else new_session(interp)
    if is_guess(receiver):
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
    note_sql(interp, frame, args.get(0, "statement") or UNKNOWN)
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


_SESSION_METHODS: dict[str, MethodHandler] = {
    **WRITING,
    "query": _query,
    "get": _get,
    "get_one": _get,
    "execute": _execute,
    "stream": _execute,
    "scalars": _scalars,
    "stream_scalars": _scalars,
    "scalar": _scalar,
    "exec": _exec,
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


def _guessing(name: str) -> Callable[[Interpreter, Args, Frame], Value | None]:
    """A method of something unknown that is given what only a session takes."""
    handler = _SESSION_METHODS[name]

    def handle(interp: Interpreter, args: Args, frame: Frame) -> Value | None:
        first = subject(args)
        if (
            first is None
            or interp.booting
            or not any(_only_for_sessions(name, args, o) for o in first.options())
        ):
            return None
        return handler(interp, guess(new_session(interp)), args, frame)

    return handle


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
        knowledge.guesses[name] = _guessing(name)
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
