"""Django's signals: who listens to what, from which sender, and where they are sent."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from strangler.analyzers.frameworks.django.apps import is_abstract, is_model
from strangler.analyzers.frameworks.django.library import library_table, reference_of
from strangler.analyzers.frameworks.django.notes import Connection, Notes, Sending
from strangler.analyzers.frameworks.django.orm.evidence import row_of
from strangler.analyzers.frameworks.django.views import dotted
from strangler.analyzers.plugin import (
    DEFINED_AS,
    NONE,
    UNKNOWN,
    Args,
    Bound,
    Class,
    Const,
    Deferred,
    External,
    Frame,
    Function,
    Interpreter,
    Knowledge,
    Object,
    Schema,
    Sequence,
    Value,
    merged_messages,
    served,
    signal_arguments,
)
from strangler.model import Message, Signal

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.django.apps import Registry

SIGNAL = "django.dispatch.Signal"
PREPARED = "django.db.models.signals.class_prepared"
BUILT_IN = {
    "django.db.models.signals": (
        "class_prepared", "m2m_changed", "post_delete", "post_init", "post_migrate", "post_save",
        "pre_delete", "pre_init", "pre_migrate", "pre_save",
    ),
    "django.core.signals": (
        "got_request_exception", "request_finished", "request_started", "setting_changed",
    ),
    "django.test.signals": ("setting_changed", "template_rendered"),
    "django.db.backends.signals": ("connection_created",),
    "django.contrib.auth.signals": ("user_logged_in", "user_logged_out", "user_login_failed"),
}  # fmt: skip

ROWS = "django.db.models.signals"
CHANGES: dict[str, Literal["", "saved", "deleted", "linked"]] = {
    f"{ROWS}.pre_save": "saved",
    f"{ROWS}.post_save": "saved",
    f"{ROWS}.pre_delete": "deleted",
    f"{ROWS}.post_delete": "deleted",
    f"{ROWS}.m2m_changed": "linked",
}
"""Signal of a model -> what happens to the row."""


class Receiver(Value):
    """``@receiver(signal, sender=...)``."""

    __slots__ = ("args",)

    def __init__(self, args: Args) -> None:
        self.args = args

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        function = args.get(0)
        signals = self.args.get(0, "signal")
        listed = signals.items if isinstance(signals, Sequence) else [signals]
        for signal in listed:
            if signal is not None and function is not None:
                _connected(interp, signal, function, self.args.get(None, "sender"), frame)
        return function or UNKNOWN


def _connected(
    interp: Interpreter, signal: Value, receiver: Value, sender: Value | None, frame: Frame
) -> None:
    for option in signal.options():
        if isinstance(option, (Object, External)):
            connection = Connection(frame.location, option, receiver, sender)
            interp.state(Notes).connections[connection] = None
            if isinstance(option, External) and option.name == PREPARED:
                interp.state(Notes).prepared[connection] = None


def _class_made(interp: Interpreter, cls: Class, frame: Frame) -> None:
    """A model has been made: the receivers of ``class_prepared`` that listen by now are called."""
    listening = list(interp.state(Notes).prepared) if interp.booting else []
    if not listening or not is_model(interp, cls) or is_abstract(cls):
        return
    for _, _, receiver, sender in listening:
        options = list(sender.options()) if sender is not None else [NONE]
        if cls in options or NONE in options:
            receiver.call(interp, Args([], {"sender": cls}, open=True), frame)


def _connect(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    function = args.get(0, "receiver")
    if function is None:
        return Receiver(Args([receiver], args.keywords))
    _connected(interp, receiver, function, args.get(1, "sender"), frame)
    return NONE


def _send(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    interp.state(Notes).sendings[Sending(frame.location, receiver, signal_arguments(interp, args))] = None
    return UNKNOWN


def _unknown_connect(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    """``some_library.signals.happened.connect(receiver)``: a signal by where it is imported from."""
    signal, receiver = external.name.rpartition(".")[0], args.get(0, "receiver")
    if "signals" in signal.split(".")[:-1] and isinstance(receiver, (Function, Bound)):
        _connected(interp, External(signal), receiver, args.get(1, "sender"), frame)
    return None


def _built_in(name: str, action: str):  # type: ignore[no-untyped-def]
    def handler(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        signal = interp.external(name)
        return (
            _connect(interp, signal, args, frame)
            if action == "connect"
            else _send(interp, signal, args, frame)
        )

    return handler


def teach(knowledge: Knowledge) -> None:
    """Signals, their built-in instances, and the decorator."""
    for module, names in BUILT_IN.items():
        for name in names:
            knowledge.calls[f"{module}.{name}.connect"] = _built_in(f"{module}.{name}", "connect")
            knowledge.calls[f"{module}.{name}.send"] = _built_in(f"{module}.{name}", "send")
    knowledge.aliases["django.test.signals.setting_changed"] = "django.core.signals.setting_changed"
    knowledge.aliases["django.dispatch.dispatcher.Signal"] = SIGNAL
    knowledge.aliases["django.dispatch.dispatcher.receiver"] = "django.dispatch.receiver"
    knowledge.hierarchy["django.db.models.signals.ModelSignal"] = (SIGNAL,)
    knowledge.class_hooks.append(_class_made)
    knowledge.endings["connect"] = _unknown_connect
    knowledge.calls["django.dispatch.receiver"] = lambda interp, external, args, frame: Receiver(args)
    knowledge.methods[f"{SIGNAL}.connect"] = _connect
    for method in ("send", "send_robust", "asend", "asend_robust"):
        knowledge.methods[f"{SIGNAL}.{method}"] = _send


def finish(interp: Interpreter) -> None:
    """Interpret receivers of model signals with a row of their sender."""
    for _, signal, receiver, sender in _settled(interp):
        about = isinstance(signal, External) and signal.name.startswith("django.db.models.signals.")
        target = receiver.function if isinstance(receiver, Bound) else receiver
        if not about or not isinstance(target, Function):
            continue
        for option in sender.options() if sender is not None else ():
            if isinstance(option, Class) and interp.state(Schema).of(option) is not None:
                interp.budget.steps = 0
                given: dict[str, Value] = {"sender": option}
                if "m2m_changed" not in str(name_of(signal)):  # where it is a row of one of the ends
                    given["instance"] = row_of(option)
                with suppress(RecursionError, interp.exhausted):
                    receiver.call(interp, Args([], given, open=True), interp.root_frame)


def _settled(interp: Interpreter) -> list[Connection]:
    """The connections, their senders as they are once all modules have run."""
    return [
        one._replace(sender=one.sender.now(interp)) if isinstance(one.sender, Deferred) else one
        for one in interp.state(Notes).connections
    ]


def name_of(signal: Value) -> str | None:
    """The dotted name of a signal."""
    if isinstance(signal, External):
        return signal.name
    stated = DEFINED_AS.of(signal)
    return str(stated.value) if stated is not None else None


def collect(interp: Interpreter, registry: Registry) -> tuple[list[Signal], list[Message]]:
    """Connections and sendings."""
    signals: dict[Signal, None] = {}
    for place, signal, receiver, sender in _settled(interp):
        name = name_of(signal)
        target = receiver.function if isinstance(receiver, Bound) else receiver
        handler = served(interp, target)
        if isinstance(target, Object) and isinstance(target.cls, Class):
            handler = target.cls
        receiver_name = dotted(handler) if handler is not None else None
        if name is None or receiver_name is None:
            continue
        if isinstance(handler, External):
            continue
        for option in sender.options() if sender is not None else (None,):
            sent_by, table = _sender(interp, registry, option)
            row = Signal(
                signal=name,
                receiver=receiver_name,
                sender=sent_by,
                line=place.line,
                module=place.module,
                table=table,
                change=CHANGES.get(name, ""),
            )
            signals[row] = None
    messages = []
    for (module, function, line), signal, given in interp.state(Notes).sendings:
        name = name_of(signal)
        if name is not None:
            messages.append(
                Message(
                    module=module, function=function, line=line, kind="signal", name=name, arguments=given
                )
            )
    return list(signals), merged_messages(messages)


def _sender(interp: Interpreter, registry: Registry, value: Value | None) -> tuple[str | None, str]:
    """The dotted name of a sender and the table that it maps; both are empty where it is any."""
    if isinstance(value, Const) and isinstance(value.value, str):  # ``app.Model``, looked up late
        label, _, name = value.value.rpartition(".")
        found = registry.model(interp, label, name)
        if not isinstance(found, Class):
            return value.value, library_table(value.value) if label else ""
        value = found
    if isinstance(value, Class):
        entity = interp.state(Schema).of(value)
        return value.dotted, entity.table if entity is not None else ""
    if isinstance(value, External):
        reference = reference_of(value.name)
        return value.name, library_table(reference) if reference else ""
    return None, ""
