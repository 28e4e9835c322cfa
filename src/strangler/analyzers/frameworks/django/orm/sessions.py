"""Sessions that are kept in the database: what reading and changing ``request.session`` touches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Frame,
    Interpreter,
    Knowledge,
    MethodHandler,
    Schema,
    Value,
)
from strangler.model.system import Operation

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.django.settings import Settings

SESSION = "django.contrib.sessions.backends.base.SessionBase"
TABLE = "django_session"
_READS = ("__getitem__", "get", "pop", "keys", "items", "values", "setdefault", "has_key", "__iter__")
_WRITES = ("flush", "cycle_key", "save", "create", "delete")


def stored(interp: Interpreter, settings: Settings) -> bool:
    """Whether sessions lie in the database."""
    engine = settings.text(interp, "SESSION_ENGINE")
    return not interp.booting and (engine is None or engine.endswith((".db", ".cached_db")))


def touched(interp: Interpreter, frame: Frame, *operations: Operation) -> None:
    """Note that the session's row is touched: loaded on first use, so perhaps before."""
    for operation in operations:
        interp.log.access(
            frame, interp.state(Schema).by_table.get(TABLE, TABLE), operation, "session", "inferred"
        )


def _method(*operations: Operation) -> MethodHandler:
    def handler(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        touched(interp, frame, *operations)
        return UNKNOWN

    return handler


def teach(knowledge: Knowledge) -> None:
    """The session object; setting a key only marks it, the middleware saves."""
    for name in (*_READS, "__setitem__"):
        knowledge.methods[f"{SESSION}.{name}"] = _method("read")
    for name in _WRITES:
        knowledge.methods[f"{SESSION}.{name}"] = _method("read", "write")
