"""Background tasks as values, the registry of them, and the places that queue them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Class,
    Const,
    Frame,
    Function,
    Interpreter,
    Mapping,
    Object,
    Sequence,
    Text,
    Value,
    task_arguments,
    unwrapped,
)
from strangler.model import Task

QUEUING = frozenset(
    {
        "delay", "apply_async", "s", "si", "signature", "subtask", "starmap", "map", "chunks",  # Celery
        "send", "send_with_options", "message", "message_with_options",  # Dramatiq
        "schedule", "enqueue", "kiq", "defer", "defer_async", "configure", "queue", "cron",  # Huey and others
    }
)  # fmt: skip
"""Methods of a task that put it on a queue, or prepare that."""


@dataclass
class Registered:
    """A task and what is known of it."""

    name: str
    handler: str
    framework: str
    line: int
    schedules: list[str] = field(default_factory=list)


class Registry:
    """The tasks of one framework, by name."""

    def __init__(self, framework: str) -> None:
        self.framework = framework
        self.tasks: dict[str, Registered] = {}
        self.schedules: dict[str, list[str]] = {}

    def add(
        self, interp: Interpreter, name: str, handler: Function | Class, schedule: str | None = None
    ) -> None:
        """Register a task; the first of a name stays."""
        if not interp.registers():
            return
        dotted, line = handler.dotted, handler.line
        if isinstance(handler, Class):
            run = handler.find("run")
            if run is not None and isinstance(run[0], Function):
                dotted, line = f"{handler.dotted}.run", run[0].line
        task = self.tasks.setdefault(name, Registered(name, dotted, self.framework, line))
        if schedule is not None and schedule not in task.schedules:
            task.schedules.append(schedule)

    def name_of(self, handler: Function | Class) -> str | None:
        """The name under which a function or class is registered."""
        return next((task.name for task in self.tasks.values() if task.handler == handler.dotted), None)

    def schedule(self, name: str, when: str) -> None:
        """Note that the task of that name runs at certain times."""
        known = self.schedules.setdefault(name, [])
        if when not in known:
            known.append(when)

    def rows(self) -> list[Task]:
        """The tasks for the model."""
        return [
            Task(
                name=task.name,
                handler=task.handler,
                framework=task.framework,
                line=task.line,
                schedule="; ".join([*task.schedules, *self.schedules.get(task.name, [])]) or None,
            )
            for task in self.tasks.values()
        ]


class TaskValue(Value):
    """A function behind a task decorator."""

    __slots__ = ("called_is_queued", "handler", "name")

    def __init__(self, handler: Value, name: str, called_is_queued: bool = False) -> None:
        self.handler = handler
        self.name = name
        self.called_is_queued = called_is_queued

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name in QUEUING:
            return Queuing(self, name)
        if name == "name":
            return Const(self.name)
        if name in ("run", "fn", "func", "original_func", "__wrapped__", "call_local", "apply"):
            return self.handler
        return self.handler.get(interp, name, frame)

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        if self.called_is_queued:
            return queue(interp, self, frame, "delay", args)
        return self.handler.call(interp, args, frame)

    def truth(self) -> bool | None:
        return True

    def key(self) -> Hashable:
        return ("task", self.name, self.handler.key())


class Queuing(Value):
    """``task.delay`` and its like."""

    __slots__ = ("name", "task")

    def __init__(self, task: TaskValue, name: str) -> None:
        self.task = task
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return queue(interp, self.task, frame, self.name, args)

    def truth(self) -> bool | None:
        return True

    def key(self) -> Hashable:
        return ("queue", self.task.key(), self.name)


class Signature(Value):
    """What ``task.s()`` gives: it is queued by its own ``delay``, or as part of a canvas."""

    __slots__ = ("task",)

    def __init__(self, task: TaskValue) -> None:
        self.task = task

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return Queuing(self.task, name) if name in QUEUING or name in ("set", "clone") else UNKNOWN

    def key(self) -> Hashable:
        return ("signature", self.task.key())


def queue(
    interp: Interpreter, task: TaskValue, frame: Frame, method: str = "", args: Args | None = None
) -> Value:
    """Note that the frame queues a task by a method of that name, with these arguments."""
    handler = unwrapped(interp, task.handler)
    if handler is not None:
        interp.log.use(handler, "call", frame)
    given = task_arguments(interp, handler, method, args) if args else ()
    interp.log.message(frame, "task", task.name, given)
    return Signature(task)


def stated_name(interp: Interpreter, given: Value | None, own: str, frame: Frame) -> str:
    """The name that a task is given, or its own; a name that cannot be told is announced."""
    if given is None or (isinstance(given, Const) and not given.value):
        return own
    known = [one.value for one in given.options() if isinstance(one, Const) and isinstance(one.value, str)]
    if len(known) != 1 or len(list(given.options())) > 1:
        message = f"the name of the task {own} cannot be told: it is listed as {known[0] if known else own}"
        interp.log.failed(frame.module, frame.line, "unresolved-task", message)
    return known[0] if known else own


def describe(value: Value | None) -> str | None:
    """A schedule in words: ``crontab(hour=7, minute=30)``, ``every 30 s``, ``timedelta(hours=1)``."""
    for option in value.options() if value is not None else ():
        if isinstance(option, Const):
            if isinstance(option.value, (int, float)) and not isinstance(option.value, bool):
                return f"every {option.value:g} s"
            return str(option.value) if option.value is not None else None
        if isinstance(option, Object) and option.args is not None:
            name = getattr(option.cls, "name", "").rpartition(".")[2]
            return f"{name}({_arguments(option.args)})"
    return None


def _arguments(args: Args) -> str:
    parts = [_short(value) for value in args.positional]
    parts += [f"{name}={_short(value)}" for name, value in args.keywords.items()]
    return ", ".join(parts)


def _short(value: Value) -> str:
    if isinstance(value, Const):
        return str(value.value)
    if isinstance(value, Text):
        return "".join("…" if part is None else part for part in value.parts)
    if isinstance(value, Sequence):
        return ",".join(_short(item) for item in value.items)
    return describe(value) or "…"


def text_of(mapping: Value | None, name: str) -> str | None:
    """A string in a dict of settings."""
    value = mapping.items.get(name) if isinstance(mapping, Mapping) else None
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None
