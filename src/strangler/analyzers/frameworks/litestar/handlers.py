"""Litestar's route handlers: functions behind ``@get("/orders")`` and its like."""

from __future__ import annotations

from collections.abc import Hashable

from strangler.analyzers.plugin import (
    Args,
    CallHandler,
    Class,
    Const,
    Decorator,
    External,
    Frame,
    Function,
    Interpreter,
    Knowledge,
    Object,
    Place,
    Text,
    Value,
    http_methods,
    is_default,
    place,
    several,
)


class Names:
    """Canonical dotted names of what registers."""

    app = "litestar.Litestar"
    router = "litestar.Router"
    controller = "litestar.Controller"
    config = "litestar.config.app.AppConfig"
    plugin = "litestar.plugins.InitPluginProtocol"
    listener = "litestar.handlers.WebsocketListener"
    files = "litestar.static_files.create_static_files_router"
    files_config = "litestar.static_files.StaticFilesConfig"


HANDLERS = {
    "get": "http", "post": "http", "put": "http", "patch": "http", "delete": "http", "head": "http",
    "route": "http", "HTTPRouteHandler": "http",
    "asgi": "asgi", "ASGIRouteHandler": "asgi",
    "websocket": "websocket", "websocket_listener": "websocket", "websocket_stream": "websocket",
    "WebsocketRouteHandler": "websocket",
}  # fmt: skip
"""Name of a decorator -> what it registers."""
HOLE = "\0"
"""In a path: a part that cannot be told."""


class Made:
    """All route handlers of the run."""

    def __init__(self) -> None:
        self.handlers: list[RouteHandler] = []


class RouteHandler(Value):
    """A function behind a decorator that says at which paths it answers what."""

    decorable = True
    __slots__ = ("args", "handler", "kind", "methods", "module", "paths", "place", "sure")

    def __init__(self, kind: str, methods: tuple[str, ...] | None, args: Args, handler: Value, frame: Frame):
        self.kind = kind
        self.methods = methods
        self.args = args
        self.handler = handler
        given = args.get(0, "path")
        self.paths = [text for one in several(given) for text in [text_of_path(one)]] or [""]
        self.sure = not any(map(is_default, several(given)))
        self.place: Place = place(frame)
        self.module = frame.module

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return self.handler if name in ("fn", "__wrapped__") else self.handler.get(interp, name, frame)

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return self.handler.call(interp, args, frame)

    def definition(self) -> Function | Class | None:
        return self.handler.definition()

    def truth(self) -> bool | None:
        return True

    def key(self) -> Hashable:
        return ("route handler", id(self))


def text_of_path(value: Value | None) -> str:
    """A path, of which what cannot be told is ``HOLE``; empty where there is none."""
    if value is None or (isinstance(value, Const) and value.value is None):
        return ""
    if isinstance(value, Const) and isinstance(value.value, str):
        return value.value
    if isinstance(value, Text):
        return "".join(HOLE if part is None else part for part in value.parts)
    return HOLE


def teach(knowledge: Knowledge) -> None:
    """Say what the decorators make of functions, and where they can be imported from."""
    for module in ("app", "router", "controller", "handlers", "handlers.http_handlers",
                   "handlers.http_handlers.decorators", "handlers.asgi_handlers",
                   "handlers.websocket_handlers"):  # fmt: skip
        knowledge.aliases[f"litestar.{module}"] = "litestar"
        knowledge.aliases[f"starlite.{module}"] = "litestar"
    for name in ("WebsocketListener", "websocket_handlers.listener.WebsocketListener"):
        knowledge.aliases[f"litestar.handlers.{name}"] = Names.listener
    knowledge.aliases |= {
        "starlite": "litestar",
        "starlite.Starlite": Names.app,
        "starlite.app.Starlite": Names.app,
        "litestar.config.AppConfig": Names.config,
        "starlite.config.AppConfig": Names.config,
        "starlite.config.app.AppConfig": Names.config,
        "litestar.static_files.config.create_static_files_router": Names.files,
        "litestar.static_files.config.StaticFilesConfig": Names.files_config,
    }
    for name in ("JWTAuth", "JWTCookieAuth", "OAuth2PasswordBearerAuth", "SessionAuth"):
        knowledge.aliases[f"litestar.*.{name}"] = f"litestar.security.{name}"
        knowledge.hierarchy[f"litestar.security.{name}"] = (Names.plugin,)
    for name, kind in HANDLERS.items():
        knowledge.calls[f"litestar.{name}"] = _decorating(name, kind)


def _decorating(name: str, kind: str) -> CallHandler:
    return lambda interp, external, args, frame: _decorator(interp, name, kind, args, frame)


def _decorator(interp: Interpreter, name: str, kind: str, args: Args, frame: Frame) -> Value:
    methods: tuple[str, ...] | None = None
    if name in ("route", "HTTPRouteHandler"):
        methods = http_methods(interp, args.get(None, "http_method"), frame)
    elif kind == "http":
        methods = (name.upper(),)

    def apply(target: Value, inner: Frame) -> Value:
        made = RouteHandler(kind, methods, args, target, inner)
        interp.state(Made).handlers.append(made)
        return made

    bare = args.get(0, "path")
    if isinstance(bare, (Function, RouteHandler)) and len(args.positional) == 1:
        return Decorator(lambda target, inner: apply(target, inner)).call(interp, args, frame)
    return Decorator(apply)


def library_thing(value: Value) -> External | None:
    """The library's class, function or object, of which nothing first-party is known."""
    if isinstance(value, Object) and isinstance(value.cls, External):
        return External(value.cls.name.removesuffix("()"))
    return value if isinstance(value, External) else None
