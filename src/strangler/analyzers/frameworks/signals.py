"""Signals outside Django: blinker (Flask and its extensions), Celery's, and SQLAlchemy's events."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from strangler.analyzers.plugin import (
    DEFINED_AS,
    NONE,
    UNKNOWN,
    Args,
    CallHandler,
    Class,
    Const,
    Decorator,
    External,
    Found,
    Frame,
    Framework,
    Interpreter,
    Knowledge,
    Object,
    Schema,
    Sequence,
    Value,
    sent_messages,
    signal_arguments,
    unwrapped,
)
from strangler.model import Signal

_FLASK = (
    "template_rendered", "before_render_template", "request_started", "request_finished",
    "request_tearing_down",
    "got_request_exception", "appcontext_tearing_down", "appcontext_pushed", "appcontext_popped",
    "message_flashed",
)  # fmt: skip
_LOGIN = {
    "user_logged_in": "logged-in",
    "user_logged_out": "logged-out",
    "user_loaded_from_cookie": "loaded-from-cookie",
    "user_loaded_from_request": "loaded-from-request",
    "user_login_confirmed": "login-confirmed",
    "user_unauthorized": "unauthorized",
    "user_needs_refresh": "needs-refresh",
    "user_accessed": "accessed",
    "session_protected": "session-protected",
}
_SECURITY = (
    "user_authenticated", "user_registered", "user_confirmed", "confirm_instructions_sent",
    "login_instructions_sent", "password_reset", "password_changed", "reset_password_instructions_sent",
)  # fmt: skip
_CELERY = (
    "before_task_publish", "after_task_publish", "task_prerun", "task_postrun", "task_success", "task_retry",
    "task_failure", "task_internal_error", "task_received", "task_revoked", "task_unknown", "task_rejected",
    "import_modules", "celeryd_after_setup", "celeryd_init", "worker_init", "worker_before_create_process",
    "worker_ready", "heartbeat_sent", "worker_shutting_down", "worker_process_init",
    "worker_process_shutdown", "worker_shutdown", "beat_init", "beat_embedded_init", "eventlet_pool_started",
    "setup_logging", "after_setup_logger", "after_setup_task_logger", "user_preload_options",
)  # fmt: skip


def _named(package: str, names: tuple[str, ...]) -> dict[str, str]:
    return {f"{package}.{name}": name.replace("_", "-") for name in names}


LIBRARY_SIGNALS = {
    **_named("flask", _FLASK),
    **{f"flask_login.{name}": text for name, text in _LOGIN.items()},
    **_named("flask_principal", ("identity_loaded", "identity_changed")),
    **_named("flask_security", _SECURITY),
    **_named("flask_sqlalchemy", ("models_committed", "before_models_committed")),
    **{f"celery.signals.{name}": f"celery.signals.{name}" for name in _CELERY},
}
"""Signals of libraries by where they are imported from -> the name that they carry."""

ALIASES = {
    "flask.signals": "flask",
    "flask_login.signals": "flask_login",
    "flask_security.signals": "flask_security",
    "flask_sqlalchemy.track_modifications": "flask_sqlalchemy",
    "blinker.base": "blinker",
    "sqlalchemy.event.api": "sqlalchemy.event",
}

EVENT = "sqlalchemy.event"


class Connection(NamedTuple):
    """A receiver is connected: at a line, to a signal (its name, where that is known already)."""

    module: str
    line: int
    signal: str | BlinkerSignal
    receiver: str
    sender: Value | None


@dataclass
class Connections:
    """What the run connected, each once, in the order found."""

    found: dict[Connection, None] = field(default_factory=dict)


class BlinkerSignal(Object):
    """A blinker signal; without a name it is called after the variable that holds it."""

    __slots__ = ("label",)

    def __init__(self, cls: Value, args: Args, frame: Frame, label: str | None) -> None:
        super().__init__(cls, args, frame)
        self.label = label

    @property
    def name(self) -> str | None:
        """The name under which it is known."""
        stated = DEFINED_AS.of(self)
        return self.label or (str(stated.value) if stated is not None else None)

    def key(self) -> Hashable:
        return ("signal", self.label or id(self))


class Signals(Framework):
    """Receivers of signals and events, and the places that send."""

    name = "blinker"
    packages = ("blinker", "celery", "sqlalchemy")
    partly = ("flask", "flask_login", "flask_principal", "flask_security", "flask_sqlalchemy")

    def teach(self, knowledge: Knowledge) -> None:
        knowledge.aliases |= ALIASES
        knowledge.calls["blinker.signal"] = _signal
        knowledge.calls["blinker.NamedSignal"] = _signal
        knowledge.calls["blinker.Signal"] = lambda interp, external, args, frame: BlinkerSignal(
            interp.external("blinker.Signal"), args, frame, None
        )
        for owner in ("blinker.Namespace", "blinker.WeakNamespace"):
            knowledge.methods[f"{owner}.signal"] = lambda interp, receiver, args, frame: _signal(
                interp, interp.external("blinker.Signal"), args, frame
            )
        methods = {"connect": _connect, "connect_via": _connect_via, "send": _send, "send_async": _send}
        for name, handler in methods.items():
            knowledge.methods[f"blinker.Signal.{name}"] = handler
            for dotted in LIBRARY_SIGNALS:
                knowledge.calls[f"{dotted}.{name}"] = _on_library(dotted, name)
        knowledge.calls[f"{EVENT}.listens_for"] = _listens_for
        knowledge.calls[f"{EVENT}.listen"] = _listen

    def collect(self, interp: Interpreter) -> Found:
        found: dict[Signal, None] = {}
        for module, line, signal, receiver, sender in interp.state(Connections).found:
            name = signal if isinstance(signal, str) else signal.name
            if name is not None:
                # Only now are the tables known that classes map.
                dotted, table = _sender(interp, sender)
                change = CHANGES.get(name, "")
                row = Signal(
                    signal=name,
                    receiver=receiver,
                    sender=dotted,
                    line=line,
                    module=module,
                    table=table,
                    change=change,
                )
                found[row] = None
        used = any(not s.signal.startswith((EVENT, "celery.")) for s in found)
        return Found(present=used, signals=list(found), messages=sent_messages(interp, "signal"))


CHANGES: dict[str, Literal["", "saved", "deleted"]] = {
    f"{EVENT}.before_insert": "saved",
    f"{EVENT}.after_insert": "saved",
    f"{EVENT}.before_update": "saved",
    f"{EVENT}.after_update": "saved",
    f"{EVENT}.before_delete": "deleted",
    f"{EVENT}.after_delete": "deleted",
}
"""SQLAlchemy's event of a mapper -> what happens to the row."""


def _signal(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    return BlinkerSignal(interp.external("blinker.Signal"), args, frame, args.text(0, "name"))


def _on_library(dotted: str, method: str) -> CallHandler:
    handler = {"connect": _connect, "connect_via": _connect_via}.get(method, _send)

    def call(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
        signal = BlinkerSignal(interp.external(dotted), Args(), frame, LIBRARY_SIGNALS[dotted])
        return handler(interp, signal, args, frame)

    return call


def _connect(interp: Interpreter, signal: Value, args: Args, frame: Frame) -> Value | None:
    target = args.get(0, "receiver")
    sender = args.get(1, "sender")
    if target is None:  # @task_failure.connect(sender=...)
        return Decorator(lambda function, inner: _note(interp, signal, function, sender, inner))
    _note(interp, signal, target, sender, frame)
    return target


def _connect_via(interp: Interpreter, signal: Value, args: Args, frame: Frame) -> Value | None:
    sender = args.get(0, "sender")
    return Decorator(lambda function, inner: _note(interp, signal, function, sender, inner))


def _note(interp: Interpreter, signal: Value, target: Value, sender: Value | None, frame: Frame) -> None:
    interp.registered()
    for option in target.options():
        receiver = unwrapped(interp, option)
        if receiver is None or not isinstance(signal, BlinkerSignal):
            continue
        for origin in sender.options() if sender is not None else (None,):
            label = signal.label or signal
            row = Connection(frame.module.name, frame.line, label, receiver.dotted, origin)
            interp.state(Connections).found[row] = None


def _sender(interp: Interpreter, value: Value | None) -> tuple[str | None, str]:
    """The name of a sender and the table that it maps; both are empty where it is any.

    Of SQLAlchemy it may be an attribute of a mapped class.
    """
    if isinstance(value, Class):
        entity = interp.state(Schema).of(value)
        return value.dotted, entity.table if entity is not None else ""
    if isinstance(value, External):
        return value.name, ""
    if isinstance(value, Const) and isinstance(value.value, str):
        return value.value, ""
    stated = DEFINED_AS.of(value)
    if stated is not None:
        return str(stated.value), ""
    cls, name = getattr(value, "cls", None), getattr(value, "name", None)
    if not isinstance(cls, Class) or isinstance(value, Object):
        return None, ""
    dotted, table = _sender(interp, cls)
    return (f"{dotted}.{name}" if isinstance(name, str) else dotted), table


def _send(interp: Interpreter, signal: Value, args: Args, frame: Frame) -> Value | None:
    if isinstance(signal, BlinkerSignal) and signal.name is not None:
        interp.log.message(frame, "signal", signal.name, signal_arguments(interp, args))
    return Sequence([], "list", True)


# -- SQLAlchemy ----------------------------------------------------------------------------------------


def _listens_for(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    return Decorator(lambda function, inner: _event(interp, args, function, inner))


def _listen(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    function = args.get(2, "fn")
    if function is not None:
        _event(interp, args, function, frame)
    return NONE


def _event(interp: Interpreter, args: Args, function: Value, frame: Frame) -> None:
    identifier = args.text(1, "identifier")
    receiver = unwrapped(interp, function)
    if identifier is None or receiver is None:
        return
    target = args.get(0, "target") or UNKNOWN
    interp.registered()
    for option in target.options():
        label = f"{EVENT}.{identifier}"
        row = Connection(frame.module.name, frame.line, label, receiver.dotted, option)
        interp.state(Connections).found[row] = None
