"""Work that a function hands to its own process: background tasks of a response, threads, pools."""

from __future__ import annotations

from strangler.analyzers.frameworks.tasks.registry import Registry
from strangler.analyzers.plugin import (
    CallHandler,
    Found,
    Frame,
    Framework,
    Interpreter,
    Knowledge,
    MethodHandler,
    SourceTree,
    Value,
    sent_messages,
    unwrapped,
)
from strangler.model.system import IN_PROCESS

_BACKGROUND = "starlette.background.BackgroundTasks"
_CALLS = {
    "threading.Thread": (1, "target"),
    "threading.Timer": (1, "function"),
    "multiprocessing.Process": (1, "target"),
    "starlette.background.BackgroundTask": (0, "func"),
}
"""What takes a function to run later -> position and keyword of the function."""
_METHODS = {
    f"{_BACKGROUND}.add_task": (0, "func"),
    "concurrent.futures.Executor.submit": (0, "fn"),
    "multiprocessing.pool.Pool.apply_async": (0, "func"),
    "asyncio.AbstractEventLoop.run_in_executor": (1, "func"),
}
_ALIASES = {
    "fastapi.BackgroundTasks": _BACKGROUND,
    "fastapi.background.BackgroundTasks": _BACKGROUND,
    "multiprocessing.context.Process": "multiprocessing.Process",
}
_EXECUTORS = (
    "concurrent.futures.ThreadPoolExecutor",
    "concurrent.futures.ProcessPoolExecutor",
    "concurrent.futures.thread.ThreadPoolExecutor",
    "concurrent.futures.process.ProcessPoolExecutor",
)


class InProcess(Framework):
    """Each function that is handed over becomes a task; who hands it over sends its message."""

    name = IN_PROCESS
    partly = ("threading", "concurrent", "multiprocessing", "asyncio", "starlette", "fastapi")

    def __init__(self, tree: SourceTree) -> None:
        super().__init__(tree)
        self.registry = Registry(self.name)

    def teach(self, knowledge: Knowledge) -> None:
        knowledge.aliases |= _ALIASES
        knowledge.hierarchy |= dict.fromkeys(_EXECUTORS, ("concurrent.futures.Executor",))
        knowledge.hierarchy[_BACKGROUND] = ("starlette.background.BackgroundTask",)
        for name, (position, keyword) in _CALLS.items():
            knowledge.calls[name] = self._made(position, keyword)
        for name, (position, keyword) in _METHODS.items():
            knowledge.methods[name] = self._called(position, keyword)

    def _made(self, position: int, keyword: str) -> CallHandler:
        return lambda interp, external, args, frame: self._handed(interp, args.get(position, keyword), frame)

    def _called(self, position: int, keyword: str) -> MethodHandler:
        return lambda interp, receiver, args, frame: self._handed(interp, args.get(position, keyword), frame)

    def _handed(self, interp: Interpreter, given: Value | None, frame: Frame) -> Value | None:
        for option in given.options() if given is not None else ():
            handler = unwrapped(interp, option)
            if handler is not None:
                # Handing over makes a task of any function, also where the line is met after booting.
                with interp.phase(booting=True):
                    self.registry.add(interp, handler.dotted, handler)
                interp.log.use(handler, "reference", frame)
                interp.log.message(frame, "task", handler.dotted)
        return None

    def collect(self, interp: Interpreter) -> Found:
        return Found(tasks=self.registry.rows(), messages=sent_messages(interp, "task"))
