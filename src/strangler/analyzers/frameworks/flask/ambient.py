"""What stands before Flask's requests without a call: hooks of the application, and who is logged in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Bound,
    Function,
    Knowledge,
    MethodHandler,
    Place,
    Value,
    place,
    tables_touched,
)
from strangler.model import Ambient, Endpoint
from strangler.model.routes import AmbientKind

if TYPE_CHECKING:
    from strangler.analyzers.plugin import Frame, Interpreter

HOOKS = ("before_request", "after_request", "teardown_request", "before_app_request", "after_app_request")
LOADERS = ("user_loader", "request_loader", "token_loader", "header_loader")
LOGIN = ("flask_login.LoginManager", "flask_login.login_manager.LoginManager")


class Hook(NamedTuple):
    """A function that is run around requests, and where it is registered."""

    kind: AmbientKind
    function: Value
    place: Place
    guards: bool
    receiver: Value
    """The application, blueprint or login manager that it is registered on."""
    everywhere: bool
    """Whether it runs for all requests, also where it is registered on a blueprint."""


class Registered:
    """The hooks that were registered while the application was put together."""

    def __init__(self) -> None:
        self.hooks: list[Hook] = []


def teach(knowledge: Knowledge, scaffold: str) -> None:
    """Decorators of applications and blueprints, and those of Flask-Login."""
    for name in HOOKS:
        guards, everywhere = name.startswith("before"), "_app_" in name
        knowledge.methods[f"{scaffold}.{name}"] = _hook("hook", guards=guards, everywhere=everywhere)
    for manager in LOGIN:
        for name in LOADERS:
            knowledge.methods[f"{manager}.{name}"] = _hook("authentication", guards=False, everywhere=True)


def _hook(kind: AmbientKind, *, guards: bool, everywhere: bool) -> MethodHandler:
    def handler(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        function = args.get(0, "f") or args.get(0, "callback")
        if function is not None and interp.booting:
            hook = Hook(kind, function, place(frame), guards, receiver, everywhere)
            interp.state(Registered).hooks.append(hook)
        return function

    return handler


def rows(
    interp: Interpreter, endpoints: Iterable[Endpoint], blueprints: Iterable[Value]
) -> Iterator[Ambient]:
    """One row a hook and function, with what that does and calls."""
    limited = {id(blueprint): str(getattr(blueprint, "name", None) or "") for blueprint in blueprints}
    listed = list(endpoints)
    for hook in interp.state(Registered).hooks if listed else ():
        for option in hook.function.options():
            function = option.function if isinstance(option, Bound) else option
            if not isinstance(function, Function):
                continue
            blueprint = "" if hook.everywhere else limited.get(id(hook.receiver), "")
            handlers = {e.handler for e in listed if f".{blueprint}." in f".{e.name}"} if blueprint else set()
            if blueprint and not handlers:
                continue
            call = partial(option.call, interp, Args([UNKNOWN]), interp.root_frame)
            reads, writes = tables_touched(interp, call)
            if reads or writes or hook.guards:
                yield Ambient(
                    kind=hook.kind,
                    name=function.dotted,
                    framework="flask",
                    file=hook.place.file,
                    line=hook.place.line,
                    guards=hook.guards,
                    tables_read=reads,
                    tables_written=writes,
                    handlers=tuple(sorted(handlers)),
                )
