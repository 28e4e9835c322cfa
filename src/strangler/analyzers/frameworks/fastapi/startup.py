"""What FastAPI and Starlette run when they start: lifespans and startup handlers."""

from __future__ import annotations

from strangler.analyzers.frameworks.fastapi.routers import RouterObject
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Decorator,
    Frame,
    Hook,
    Interpreter,
    Knowledge,
    Object,
    Value,
)


def teach(knowledge: Knowledge, router: str) -> None:
    """Add the hooks to what is known of routers."""
    knowledge.stores[router] = _store
    knowledge.methods[f"{router}.on_event"] = _on_event
    knowledge.methods[f"{router}.add_event_handler"] = _add_event_handler


def starts(interp: Interpreter, router: RouterObject, function: Value, frame: Frame, *given: Value) -> None:
    """A function is called when the application starts."""
    if interp.registers():
        router.hooks.append(Hook.at(frame, function, *given))


class HookListMethod(Value):
    """``router.on_startup.append``."""

    __slots__ = ("router",)

    def __init__(self, router: RouterObject) -> None:
        self.router = router

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        for function in args.positional[:1]:
            starts(interp, self.router, function, frame)
        return NONE


class HookList(Value):
    """``router.on_startup``."""

    __slots__ = ("router",)

    def __init__(self, router: RouterObject) -> None:
        self.router = router

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return HookListMethod(self.router) if name == "append" else UNKNOWN


def _store(interp: Interpreter, obj: Object, name: str, value: Value, frame: Frame) -> None:
    if name == "lifespan_context" and isinstance(obj, RouterObject):
        starts(interp, obj, value, frame, obj)


def _on_event(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    def apply(target: Value, inner: Frame) -> Value | None:
        if isinstance(receiver, RouterObject):
            given = Args([args.get(0, "event_type") or UNKNOWN, target])
            interp.call_method(receiver, "add_event_handler", given, inner)
        return None

    return Decorator(apply)


def _add_event_handler(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    function = args.get(1, "func")
    if (
        isinstance(receiver, RouterObject)
        and function is not None
        and args.text(0, "event_type") == "startup"
    ):
        starts(interp, receiver, function, frame)
    return NONE
