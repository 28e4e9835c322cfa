"""Celery: applications, tasks, schedules, and the calls that queue tasks."""

from __future__ import annotations

from typing import Any

from strangler.analyzers.frameworks.tasks.registry import (
    Registry,
    Signature,
    TaskValue,
    describe,
    queue,
    stated_name,
    text_of,
)
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Class,
    Const,
    Decorator,
    Found,
    Frame,
    Framework,
    Function,
    Hook,
    Interpreter,
    Knowledge,
    Mapping,
    Method,
    MethodHandler,
    Object,
    SourceTree,
    Value,
    run_factories,
    run_hooks,
    run_own_constructor,
    sent_messages,
    task_arguments,
    unwrapped,
)

APP, TASK, OLD_TASK = "celery.Celery", "celery.Task", "celery.task.Task"
ALIASES = {
    "celery.app.base.Celery": APP,
    "celery.app.Celery": APP,
    "celery.app.task.Task": TASK,
    "celery.task.base.Task": OLD_TASK,
    "celery.task.base.PeriodicTask": "celery.task.PeriodicTask",
    "celery.app.shared_task": "celery.shared_task",
    "celery.canvas.signature": "celery.signature",
    "celery.schedules.crontab": "celery.schedules.crontab",
}
DECORATORS = (
    "celery.shared_task",
    "celery.task",
    "celery.task.task",
    "celery.decorators.task",
    "celery.task.periodic_task",
    "celery.decorators.periodic_task",
)
OPTIONS = frozenset(
    {
        "acks_late", "acks_on_failure_or_timeout", "autoretry_for", "base", "bind", "default_retry_delay",
        "dont_autoretry_for", "expires", "ignore_result", "max_retries", "name", "priority", "queue",
        "rate_limit", "reject_on_worker_lost", "retry_backoff", "retry_backoff_max", "retry_jitter",
        "retry_kwargs", "serializer", "shared", "soft_time_limit", "store_errors_even_if_ignored", "throws",
        "time_limit", "track_started", "trail", "typing",
    }
)  # fmt: skip
"""Options of a task (celery.app.task.Task, ``Celery.task``)."""
SCHEDULE_NAMES = ("beat_schedule", "CELERYBEAT_SCHEDULE", "CELERY_BEAT_SCHEDULE", "BEAT_SCHEDULE")


class Conf(Mapping):
    """``app.conf``: attributes and items are the same."""

    __slots__ = ()

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name in self.items:
            return self.items[name]
        return Method(self, name)

    def store(self, interp: Interpreter, name: str, value: Value, frame: Frame) -> None:
        self.items[name] = value

    def key(self) -> object:
        return ("conf", id(self))


class Celery(Framework):
    """Celery's tasks."""

    name = "celery"
    packages = ("celery",)

    def __init__(self, tree: SourceTree) -> None:
        super().__init__(tree)
        self.registry = Registry("celery")
        self.apps: list[Object] = []
        self.ready: list[Hook] = []
        """Receivers to be called when an application is configured."""

    def teach(self, knowledge: Knowledge) -> None:
        knowledge.aliases.update(ALIASES)
        knowledge.hierarchy |= {OLD_TASK: (TASK,), "celery.task.PeriodicTask": (OLD_TASK,)}
        knowledge.calls[APP] = self._make
        knowledge.instantiations[APP] = self._instantiate
        knowledge.instance_members[APP] = self._member
        for name in DECORATORS:
            knowledge.calls[name] = lambda interp, external, args, frame: self._decorate(
                interp, None, args, frame
            )
        knowledge.registrars.add(APP)
        knowledge.methods |= {
            f"{APP}.task": self._decorate,
            f"{APP}.periodic_task": self._decorate,
            f"{APP}.register_task": self._register,
            f"{APP}.send_task": self._send,
            f"{APP}.signature": self._send,
            f"{APP}.add_periodic_task": self._add_periodic,
            f"{APP}.gen_task_name": _default_name,
        }
        knowledge.guesses["task"] = self._task_of
        for name in ("celery.signature", "celery.subtask", "celery.execute.send_task"):
            knowledge.calls[name] = lambda interp, external, args, frame: self._send(
                interp, external, args, frame
            )
        for name in ("delay", "apply_async", "s", "si", "signature"):
            knowledge.methods[f"{TASK}.{name}"] = self._queue_object(name)

    # -- applications ----------------------------------------------------------------------------

    def _make(self, interp: Interpreter, cls: Value, args: Args, frame: Frame) -> Object:
        app = Object(cls, args, frame)
        app.attrs["conf"] = Conf(open=True)
        if interp.registers():
            self.apps.append(app)
        return app

    def _instantiate(self, interp: Interpreter, cls: Class, args: Args, frame: Frame) -> Value:
        app = self._make(interp, cls, args, frame)
        run_own_constructor(interp, app, args, frame)
        return app

    def _member(self, interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
        if name == "Task":
            return interp.external(TASK)
        if name in ("on_after_configure", "on_after_finalize"):
            return Configured(self, obj)
        if name == "tasks":
            return Tasks(self)
        return None

    # -- tasks -----------------------------------------------------------------------------------

    def _decorate(
        self, interp: Interpreter, receiver: Value | None, args: Args, frame: Frame
    ) -> Value | None:
        target = args.get(0)
        if target is not None and unwrapped(interp, target) is not None:
            return self._task(interp, receiver, target, args, frame)
        return Decorator(lambda function, inner: self._task(interp, receiver, function, args, inner))

    def _task(
        self, interp: Interpreter, app: Value | None, target: Value, options: Args, frame: Frame
    ) -> Value | None:
        handler = unwrapped(interp, target)
        if handler is None:
            return None
        own = self._name(interp, app, handler, frame)
        name = stated_name(interp, options.get(None, "name"), own, frame)
        self.registry.add(interp, name, handler, describe(options.get(None, "run_every")))
        return TaskValue(target, name)

    def _name(self, interp: Interpreter, app: Value | None, handler: Function | Class, frame: Frame) -> str:
        """``module.function``, unless the application's class makes names of its own."""
        module, function = handler.module.name, handler.name
        owner = app if isinstance(app, Object) else self.apps[-1] if self.apps else None
        cls = owner.cls if owner is not None else None
        if isinstance(cls, Class) and cls.find("gen_task_name") is not None and owner is not None:
            given = interp.call_method(owner, "gen_task_name", Args([Const(function), Const(module)]), frame)
            if isinstance(given, Const) and isinstance(given.value, str):
                return given.value
        return f"{module}.{function}"

    def _register(self, interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        task = args.get(0, "task")
        cls = task.cls if isinstance(task, Object) else task
        if isinstance(cls, Class):
            self._class(interp, cls)
        return task

    def _class(self, interp: Interpreter, cls: Class) -> None:
        self.registry.add(interp, class_name(cls), cls, describe(_attribute(cls, "run_every")))

    def _task_of(self, interp: Interpreter, args: Args, frame: Frame) -> Value | None:
        """``request.task(function)`` or ``@app.task(...)`` of something unknown.

        In the body of a module that is an application of which nobody can tell what made it.
        """
        function = args.get(0)
        handler = unwrapped(interp, function)
        name = self.registry.name_of(handler) if handler is not None else None
        if function is not None and name is not None:
            return TaskValue(function, name)
        if frame.callee is not None:
            return None
        if function is not None and isinstance(handler, Function):
            return self._taken(interp, function, Args([]), frame)
        if not args.positional and OPTIONS.issuperset(args.keywords):
            return Decorator(lambda target, inner: self._taken(interp, target, args, inner))
        return None

    def _taken(self, interp: Interpreter, target: Value, options: Args, frame: Frame) -> Value | None:
        """A function that is taken for a task by the name of its decorator."""
        message = "the application of this task cannot be told: it is taken for one of Celery's"
        interp.log.failed(frame.module, frame.line, "guessed-task", message)
        return self._task(interp, None, target, options, frame)

    # -- queuing ---------------------------------------------------------------------------------

    def _send(self, interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        name = args.text(0, "name") or args.text(0, "varies")
        if name is None:
            task = args.get(0)
            return queue(interp, task, frame) if isinstance(task, TaskValue) else None
        interp.log.message(frame, "task", name, task_arguments(interp, None, "send_task", args))
        return Signature(TaskValue(UNKNOWN, name))

    def _queue_object(self, method: str) -> MethodHandler:
        def call(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
            cls = receiver.cls if isinstance(receiver, Object) else receiver
            if not isinstance(cls, Class):
                return None
            return queue(interp, TaskValue(cls, class_name(cls)), frame, method, args)

        return call

    def _add_periodic(self, interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        signature = args.get(1, "sig")
        when = describe(args.get(0, "schedule"))
        if isinstance(signature, Signature) and when is not None:
            self.registry.schedule(signature.task.name, when)
        return NONE

    # -- results ---------------------------------------------------------------------------------

    def prepare(self, interp: Interpreter) -> None:
        run_factories(interp, frozenset({APP}))
        run_hooks(interp, self.ready)
        for cls in interp.program.classes:
            if OLD_TASK in cls.ancestors(interp) and "run" in cls.namespace:
                abstract = _attribute(cls, "abstract")
                if abstract is None or abstract.truth() is not True:
                    self._class(interp, cls)
        self._schedules(interp)

    def _schedules(self, interp: Interpreter) -> None:
        """What the configuration says: in ``app.conf``, in settings modules and in classes of settings."""
        places: list[dict[Any, Value]] = []
        for app in self.apps:
            conf = app.attrs.get("conf")
            if isinstance(conf, Mapping):
                places.append(conf.items)
        for _, scope in sorted(interp.program.scopes.items()):
            places.append(scope.env)
        for cls in interp.program.classes:
            places.append(cls.namespace)
        for place in places:
            for name in SCHEDULE_NAMES:
                value = place.get(name)
                for option in value.options() if isinstance(value, Value) else ():
                    if isinstance(option, Mapping):
                        self._entries(option)

    def _entries(self, schedule: Mapping) -> None:
        for entry in [*schedule.items.values(), *schedule.others]:
            task = text_of(entry, "task")
            value = entry.items.get("schedule") if isinstance(entry, Mapping) else None
            when = describe(value)
            if task is not None and when is not None:
                self.registry.schedule(task, when)

    def collect(self, interp: Interpreter) -> Found:
        known = sent_messages(interp, "task")
        return Found(
            present=bool(self.apps or self.registry.tasks),
            tasks=self.registry.rows(),
            messages=known,
        )


def _default_name(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    """``app.gen_task_name(name, module)``."""
    name, module = args.text(0, "name"), args.text(1, "module")
    return Const(f"{module}.{name}") if name is not None and module is not None else None


class Configured(Value):
    """``app.on_after_configure``."""

    __slots__ = ("app", "celery")

    def __init__(self, celery: Celery, app: Value) -> None:
        self.celery = celery
        self.app = app

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return Decorator(self._connect) if name == "connect" else UNKNOWN

    def _connect(self, target: Value, frame: Frame) -> Value | None:
        given = Args([self.app], {"sender": self.app}, True)
        self.celery.ready.append(Hook(target, given, frame, frame.line))
        return None

    def key(self) -> object:
        return ("hook", self.app.key())


class Tasks(Value):
    """``app.tasks``, by name."""

    __slots__ = ("celery",)

    def __init__(self, celery: Celery) -> None:
        self.celery = celery

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name == "register":
            return Decorator(lambda task, inner: self.celery._register(interp, self, Args([task]), inner))
        return UNKNOWN

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        name = key.value if isinstance(key, Const) else None
        return TaskValue(UNKNOWN, name) if isinstance(name, str) else UNKNOWN

    def key(self) -> object:
        return ("tasks",)


def class_name(cls: Class) -> str:
    """The name of a task class: its ``name``, else where it is defined."""
    name = _attribute(cls, "name")
    if isinstance(name, Const) and isinstance(name.value, str):
        return name.value
    return f"{cls.module.name}.{cls.name}"


def _attribute(cls: Class, name: str) -> Value | None:
    return cls.namespace.get(name)
