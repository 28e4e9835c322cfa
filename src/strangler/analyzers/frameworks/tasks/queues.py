"""Smaller task queues and schedulers: RQ, Dramatiq, Huey, arq, django-q, APScheduler, schedule and more."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from strangler.analyzers.frameworks.tasks.registry import (
    Registry,
    TaskValue,
    describe,
)
from strangler.analyzers.plugin import (
    Args,
    CallHandler,
    Class,
    Const,
    Decorator,
    Found,
    Frame,
    Framework,
    Function,
    Instantiation,
    Interpreter,
    Knowledge,
    MethodHandler,
    Object,
    SourceTree,
    Value,
    run_factories,
    sent_messages,
    unwrapped,
    words,
)

DECORATORS = {
    "rq.job": "rq",
    "rq.decorators.job": "rq",
    "django_rq.job": "rq",
    "django_rq.decorators.job": "rq",
    "dramatiq.actor": "dramatiq",
    "dramatiq.actor.actor": "dramatiq",
    "huey.contrib.djhuey.task": "huey",
    "huey.contrib.djhuey.db_task": "huey",
    "huey.contrib.djhuey.context_task": "huey",
    "huey.contrib.djhuey.periodic_task": "huey",
    "huey.contrib.djhuey.db_periodic_task": "huey",
    "huey.contrib.djhuey.HUEY.task": "huey",
    "huey.contrib.djhuey.HUEY.context_task": "huey",
    "huey.contrib.djhuey.HUEY.periodic_task": "huey",
    "django.tasks.task": "django-tasks",
    "django_tasks.task": "django-tasks",
    "background_task.background": "django-background-tasks",
    "procrastinate.contrib.django.app.task": "procrastinate",
}
"""Functions that make a task of a function -> framework."""

METHODS = {
    "flask_rq2.RQ.job": "rq",
    "flask_rq.job": "rq",
    "huey.Huey.task": "huey",
    "huey.Huey.context_task": "huey",
    "huey.Huey.periodic_task": "huey",
    "dramatiq.Broker.actor": "dramatiq",
    "procrastinate.App.task": "procrastinate",
    "procrastinate.App.periodic": "procrastinate",
    "taskiq.AsyncBroker.task": "taskiq",
}
"""Methods that do the same."""

HUEYS = ("RedisHuey", "SqliteHuey", "MemoryHuey", "FileHuey", "PriorityRedisHuey", "RedisExpireHuey")
SCHEDULERS = ("background.BackgroundScheduler", "blocking.BlockingScheduler", "asyncio.AsyncIOScheduler")

_QUEUE = "rq.Queue"
_SCHEDULER = "apscheduler.schedulers.base.BaseScheduler"


class Queues(Framework):
    """All of them in one: none needs more than a decorator, a queue and a schedule."""

    name = "tasks"
    packages = tuple(
        words("""
        rq django_rq flask_rq flask_rq2 rq_scheduler dramatiq huey apscheduler flask_apscheduler schedule arq
        django_q taskiq background_task django_tasks procrastinate
        """)
    )
    partly = ("django", "taskiq_redis", "taskiq_aio_pika")

    def __init__(self, tree: SourceTree) -> None:
        super().__init__(tree)
        self.registries: dict[str, Registry] = {}

    def registry(self, framework: str) -> Registry:
        """The tasks of one library."""
        return self.registries.setdefault(framework, Registry(framework))

    def teach(self, knowledge: Knowledge) -> None:
        hierarchy = {f"huey.{name}": ("huey.Huey",) for name in HUEYS}
        hierarchy |= {f"apscheduler.schedulers.{name}": (_SCHEDULER,) for name in SCHEDULERS}
        hierarchy |= {
            "flask_apscheduler.APScheduler": (_SCHEDULER,),
            "flask_rq2.RQ": (_QUEUE,),
            "rq_scheduler.Scheduler": (_QUEUE,),
            "taskiq.InMemoryBroker": ("taskiq.AsyncBroker",),
            "taskiq_redis.ListQueueBroker": ("taskiq.AsyncBroker",),
            "taskiq_redis.RedisStreamBroker": ("taskiq.AsyncBroker",),
            "taskiq_aio_pika.AioPikaBroker": ("taskiq.AsyncBroker",),
        }
        knowledge.hierarchy |= hierarchy
        knowledge.aliases |= {"rq.queue.Queue": _QUEUE, "huey.api.Huey": "huey.Huey"}
        for name, framework in DECORATORS.items():
            knowledge.calls[name] = self._function_decorator(framework)
            knowledge.instantiations[name] = self._class_decorator(framework)
        for name, framework in METHODS.items():
            knowledge.methods[name] = self._method_decorator(framework)
            knowledge.registrars.add(name.rpartition(".")[0])
        knowledge.registrars.add(_SCHEDULER)
        self._teach_rq(knowledge)
        for name in ("add_job", "scheduled_job", "task"):
            knowledge.methods[f"{_SCHEDULER}.{name}"] = self._add_job if name == "add_job" else self._job
        knowledge.calls["schedule.every"] = lambda interp, external, args, frame: Job(self, _every(args))
        knowledge.methods["schedule.Scheduler.every"] = lambda interp, obj, args, frame: Job(
            self, _every(args)
        )
        knowledge.calls["schedule.repeat"] = self._repeat
        for name in ("django_q.tasks.async_task", "django_q.tasks.schedule", "django_q.async_task"):
            knowledge.calls[name] = lambda interp, external, args, frame: self._enqueue(
                interp, "django-q", args, frame
            )
        knowledge.methods["arq.connections.ArqRedis.enqueue_job"] = self._enqueue_by_name
        knowledge.aliases["arq.ArqRedis"] = "arq.connections.ArqRedis"
        knowledge.calls["arq.create_pool"] = lambda interp, external, args, frame: Object(
            interp.external("arq.connections.ArqRedis"), Args(), frame
        )

    # -- decorators ------------------------------------------------------------------------------

    def _function_decorator(self, framework: str) -> CallHandler:
        return lambda interp, external, args, frame: self._decorate(interp, framework, args, frame)

    def _class_decorator(self, framework: str) -> Instantiation:
        """RQ's decorator is a class: applications derive from it."""
        return lambda interp, cls, args, frame: self._decorate(interp, framework, args, frame)

    def _method_decorator(self, framework: str) -> MethodHandler:
        return lambda interp, receiver, args, frame: self._decorate(interp, framework, args, frame)

    def _decorate(self, interp: Interpreter, framework: str, args: Args, frame: Frame) -> Value | None:
        first = args.get(0, "fn")
        if isinstance(first, (Function, TaskValue)) and len(args.positional) == 1:
            return self._task(interp, framework, first, args)
        return Decorator(lambda target, inner: self._task(interp, framework, target, args))

    def _task(self, interp: Interpreter, framework: str, target: Value, options: Args) -> Value | None:
        handler = unwrapped(interp, target)
        if handler is None:
            return None
        name = task_name(framework, handler, options)
        when = None
        if framework in ("huey", "procrastinate"):
            first = options.get(0, "validate_datetime") or options.get(None, "cron")
            when = describe(first) if isinstance(first, (Object, Const)) else None
        self.registry(framework).add(interp, name, handler, when)
        return TaskValue(target, name, called_is_queued=framework in ("huey", "django-background-tasks"))

    # -- RQ and functions queued by name -----------------------------------------------------------

    def _teach_rq(self, knowledge: Knowledge) -> None:
        enqueue = self._on_queue("rq", 0)
        knowledge.methods |= {
            f"{_QUEUE}.enqueue": enqueue,
            f"{_QUEUE}.enqueue_call": enqueue,
            f"{_QUEUE}.enqueue_in": self._on_queue("rq", 1),
            f"{_QUEUE}.enqueue_at": self._on_queue("rq", 1),
            f"{_QUEUE}.cron": self._on_queue("rq", 1),
            f"{_QUEUE}.schedule": self._on_queue("rq", 1),
        }
        for name in ("django_rq.enqueue", "django_rq.queues.enqueue"):
            knowledge.calls[name] = lambda interp, external, args, frame: self._enqueue(
                interp, "rq", args, frame
            )
        for name in ("django_rq.get_queue", "django_rq.queues.get_queue", "django_rq.get_scheduler"):
            knowledge.calls[name] = _new_queue
        knowledge.methods["flask_rq2.RQ.get_queue"] = _flask_queue

    def _on_queue(self, framework: str, index: int) -> MethodHandler:
        def call(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
            when = None
            if index and args.positional and "func" not in args.keywords:
                when = describe(args.positional[0])
            given = args.get(index, "func") or args.get(index, "f")
            shifted = Args([given] if given is not None else [], args.keywords)
            return self._enqueue(interp, framework, shifted, frame, when)

        return call

    def _enqueue(
        self, interp: Interpreter, framework: str, args: Args, frame: Frame, when: str | None = None
    ) -> Value | None:
        given = args.get(0, "func")
        for option in given.options() if given is not None else ():
            target: Value = option
            if isinstance(option, TaskValue):
                interp.log.message(frame, "task", option.name)
                continue
            if isinstance(option, Const) and isinstance(option.value, str):
                target = interp.import_by_name(option.value.replace(":", "."), frame)
            handler = unwrapped(interp, target)
            if handler is not None:
                name = f"{handler.module.name}.{handler.name}"
                self._known(interp, framework, name, handler, when)
                interp.log.use(handler, "reference", frame)
                interp.log.message(frame, "task", name)
        return None

    def _known(
        self, interp: Interpreter, framework: str, name: str, handler: Function | Class, when: str | None
    ) -> None:
        """Enqueuing makes a task of any function, also where the call is only met after booting."""
        with interp.phase(booting=True):
            self.registry(framework).add(interp, name, handler, when)

    def _enqueue_by_name(
        self, interp: Interpreter, receiver: Value, args: Args, frame: Frame
    ) -> Value | None:
        name = args.text(0, "function")
        if name is not None:
            interp.log.message(frame, "task", name)
        return None

    # -- schedulers --------------------------------------------------------------------------------

    def _add_job(self, interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        given = args.get(0, "func") if "func" in args.keywords or args.positional else None
        if given is not None:
            self._scheduled(interp, "apscheduler", given, args, 1, frame)
        return None

    def _job(self, interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        def apply(target: Value, inner: Frame) -> Value | None:
            self._scheduled(interp, "apscheduler", target, args, 0, inner)
            return None

        return Decorator(apply)

    def _scheduled(
        self, interp: Interpreter, framework: str, target: Value, args: Args, trigger: int, frame: Frame
    ) -> None:
        if isinstance(target, Const) and isinstance(target.value, str):
            target = interp.import_by_name(target.value.replace(":", "."), frame)
        handler = unwrapped(interp, target)
        if handler is None:
            return
        name = args.text(None, "id") or args.text(None, "name") or handler.dotted
        kind = args.get(trigger, "trigger")
        times = {k: v for k, v in args.keywords.items() if k in _TIMES}
        when = describe(kind)
        if isinstance(kind, Const):
            inner = ", ".join(f"{k}={_plain(v)}" for k, v in times.items())
            when = f"{kind.value}({inner})"
        self._known(interp, framework, name, handler, when)

    def _repeat(self, interp: Interpreter, external: Value, args: Args, frame: Frame) -> Value | None:
        job = args.get(0, "job")

        def apply(target: Value, inner: Frame) -> Value | None:
            if isinstance(job, Job):
                job.run(interp, Args([target]))
            return None

        return Decorator(apply)

    # -- results -----------------------------------------------------------------------------------

    def prepare(self, interp: Interpreter) -> None:
        # Commands often fill the schedule when the scheduler is started: run what does.
        run_factories(interp, frozenset({f"{_QUEUE}.schedule", f"{_QUEUE}.cron", f"{_SCHEDULER}.add_job"}))
        for cls in interp.program.classes:
            functions = cls.namespace.get("functions")
            if functions is not None and cls.name.endswith("Settings") and _uses(cls, "arq"):
                for value in functions.elements(interp, interp.root_frame)[0]:
                    handler = unwrapped(interp, value.arg(0) if isinstance(value, Object) else value)
                    if handler is not None:
                        self.registry("arq").add(interp, handler.name, handler)

    def collect(self, interp: Interpreter) -> Found:
        tasks = [task for _, registry in sorted(self.registries.items()) for task in registry.rows()]
        return Found(present=bool(tasks), tasks=tasks, messages=sent_messages(interp, "task"))


_TIMES = frozenset(
    {"seconds", "minutes", "hours", "days", "weeks", "second", "minute", "hour", "day", "day_of_week", "week",
     "month", "year", "run_date"}
)  # fmt: skip


def _plain(value: Value) -> str:
    return str(value.value) if isinstance(value, Const) else describe(value) or "…"


def _uses(cls: Class, library: str) -> bool:
    """Whether the class's module imports the library."""
    names = (getattr(value, "name", "") for value in cls.module.env.values())
    return any(isinstance(name, str) and name.partition(".")[0] == library for name in names)


def task_name(framework: str, handler: Function | Class, options: Args) -> str:
    """The name under which the library queues a function."""
    if framework == "dramatiq":
        return options.text(None, "actor_name") or handler.name
    if framework == "taskiq":
        return options.text(None, "task_name") or f"{handler.module.name}:{handler.name}"
    return options.text(None, "name") or f"{handler.module.name}.{handler.name}"


def _new_queue(interp: Interpreter, external: Value, args: Args, frame: Frame) -> Value | None:
    return Object(interp.external(_QUEUE), args, frame)


_flask_queue: MethodHandler = _new_queue


def _every(args: Args) -> str:
    value = args.get(0, "interval")
    return f"every {value.value}" if isinstance(value, Const) else "every"


class Job(Value):
    """``schedule.every(2).hours.at(":30")``: a schedule in the making."""

    __slots__ = ("queues", "text")

    def __init__(self, queues: Queues, text: str) -> None:
        self.queues = queues
        self.text = text

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name == "do":
            return JobMethod(self, lambda args: self.run(interp, args))
        if name in ("at", "to", "until", "tag"):
            return JobMethod(self, lambda args: self._more(name, args))
        return Job(self.queues, f"{self.text} {name}")

    def _more(self, name: str, args: Args) -> Value:
        value = args.get(0)
        if name == "tag" or not isinstance(value, Const):
            return self
        return Job(self.queues, f"{self.text} {name} {value.value}")

    def run(self, interp: Interpreter, args: Args) -> Value:
        """``do(f)``, or ``do(pool.submit, f)``: the first function of the monolith is the task."""
        for value in args.positional:
            handler = unwrapped(interp, value)
            if isinstance(handler, Function):
                self.queues._known(interp, "schedule", handler.dotted, handler, self.text)
                break
        return self

    def key(self) -> Hashable:
        return ("job", self.text)


class JobMethod(Value):
    """A method of a schedule in the making."""

    __slots__ = ("apply", "job")

    def __init__(self, job: Job, apply: Callable[[Args], Value]) -> None:
        self.job = job
        self.apply = apply

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return self.apply(args)

    def key(self) -> Hashable:
        return ("job method", self.job.key())
