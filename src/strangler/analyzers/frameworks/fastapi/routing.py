"""FastAPI and Starlette: applications and routers as values, and what is registered on them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from strangler.analyzers.frameworks.fastapi.paths import UNRESOLVED
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
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
    Sequence,
    Text,
    Value,
    http_methods,
    place,
)

FASTAPI, STARLETTE = "fastapi.FastAPI", "starlette.applications.Starlette"
API_ROUTER, ROUTER = "fastapi.APIRouter", "starlette.routing.Router"
ROUTE, MOUNT, WEBSOCKET = (
    "starlette.routing.Route",
    "starlette.routing.Mount",
    "starlette.routing.WebSocketRoute",
)

ALIASES = {
    "fastapi.applications.FastAPI": FASTAPI,
    "fastapi.routing.APIRouter": API_ROUTER,
    "fastapi.routing.Mount": MOUNT,
    "fastapi.routing.APIRoute": "fastapi.routing.APIRoute",
    "fastapi.params.Depends": "fastapi.Depends",
    "fastapi.param_functions.Depends": "fastapi.Depends",
    "fastapi.param_functions.Security": "fastapi.Security",
    "fastapi.requests": "starlette.requests",
    "fastapi.staticfiles": "starlette.staticfiles",
    "fastapi.middleware": "starlette.middleware",
    "fastapi.websockets": "starlette.websockets",
}

_VERBS = ("get", "post", "put", "delete", "patch", "options", "head", "trace")


@dataclass
class Route:
    """One path with its endpoint."""

    path: str
    endpoint: Value | None
    methods: tuple[str, ...] | None
    name: str | None
    place: Place
    status: int | None = None
    """``status_code=``."""
    dependencies: Value | None = None


@dataclass
class Include:
    """``include_router``."""

    router: RouterObject
    prefix: str
    dependencies: Value | None = None


@dataclass
class MountEntry:
    """``mount``."""

    path: str
    app: Value
    place: Place


@dataclass
class Listed:
    """A list of routes given to a constructor; it may grow later."""

    routes: Value


Entry = Route | Include | MountEntry | Listed


class RouterObject(Object):
    """An application or a router."""

    __slots__ = ("entries", "prefix")

    def __init__(self, cls: Value, args: Args, frame: Frame) -> None:
        super().__init__(cls, args, frame)
        self.entries: list[Entry] = []
        self.prefix = ""

    def key(self) -> Hashable:
        return ("router", id(self))

    def truth(self) -> bool | None:
        return True


class RouteValue(Value):
    """``Route(...)``, ``Mount(...)``: an entry before it is put on a router."""

    __slots__ = ("entry",)

    def __init__(self, entry: Entry) -> None:
        self.entry = entry

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name == "path" and isinstance(self.entry, (Route, MountEntry)):
            return Const(self.entry.path)
        if name == "endpoint" and isinstance(self.entry, Route):
            return self.entry.endpoint or UNKNOWN
        return UNKNOWN

    def key(self) -> Hashable:
        return ("route", id(self))


class RouteList(Value):
    """``router.routes``."""

    __slots__ = ("router",)

    def __init__(self, router: RouterObject) -> None:
        self.router = router

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return RouteListMethod(self.router, name)

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        return [RouteValue(entry) for entry in self.router.entries], False

    def key(self) -> Hashable:
        return ("routes", id(self.router))


class RouteListMethod(Value):
    """``router.routes.append`` and the like."""

    __slots__ = ("name", "router")

    def __init__(self, router: RouterObject, name: str) -> None:
        self.router = router
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        given = args.get(1 if self.name == "insert" else 0)
        if given is None or not interp.booting:
            return NONE
        items = given.elements(interp, frame)[0] if self.name == "extend" else [given]
        entries = [item.entry for item in items if isinstance(item, RouteValue)]
        interp.effects += 1
        if self.name == "insert":
            self.router.entries[0:0] = entries
        elif self.name in ("append", "extend"):
            self.router.entries += entries
        return NONE

    def key(self) -> Hashable:
        return ("routes", id(self.router), self.name)


@dataclass
class Made:
    """What was made while the monolith was booted."""

    apps: list[RouterObject] = field(default_factory=list)
    routers: list[RouterObject] = field(default_factory=list)
    convertors: dict[str, str | None] = field(default_factory=dict)


def teach(knowledge: Knowledge, made: Made) -> None:
    """Add FastAPI's and Starlette's routing to what is known."""
    knowledge.aliases.update(ALIASES)
    knowledge.hierarchy |= {
        FASTAPI: (STARLETTE,),
        STARLETTE: (ROUTER,),
        API_ROUTER: (ROUTER,),
    }
    for name in (FASTAPI, STARLETTE, API_ROUTER, ROUTER):
        _teach_class(knowledge, name, made.apps if name in (FASTAPI, STARLETTE) else made.routers)
    knowledge.instance_members[ROUTER] = _member
    methods = {
        "api_route": _api_route,
        "route": _plain_route,
        "add_api_route": _add_api_route,
        "add_route": _add_api_route,
        "include_router": _include_router,
        "mount": _mount,
        "websocket": _websocket,
        "websocket_route": _websocket,
        "add_api_websocket_route": _add_websocket,
        "add_websocket_route": _add_websocket,
    }
    for name, handler in methods.items():
        knowledge.methods[f"{ROUTER}.{name}"] = handler
    for verb in _VERBS:
        knowledge.methods[f"{ROUTER}.{verb}"] = _verb(verb.upper())
    knowledge.calls |= {ROUTE: _route_value, WEBSOCKET: _websocket_value, MOUNT: _mount_value}
    knowledge.calls["fastapi.routing.APIRoute"] = _route_value

    def register(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        name, convertor = args.text(0, "key"), args.get(1, "convertor")
        if name is not None and convertor is not None:
            regex = convertor.get(interp, "regex", frame)
            made.convertors[name] = (
                regex.value if isinstance(regex, Const) and isinstance(regex.value, str) else None
            )
        return NONE

    knowledge.calls["starlette.convertors.register_url_convertor"] = register


def _teach_class(knowledge: Knowledge, name: str, register: list[RouterObject]) -> None:
    def make(interp: Interpreter, cls: Value, args: Args, frame: Frame) -> RouterObject:
        router = RouterObject(cls, args, frame)
        if interp.booting:
            interp.effects += 1
            register.append(router)
        return router

    def call(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        router = make(interp, external, args, frame)
        _set_up(router, args)
        return router

    def instantiate(interp: Interpreter, cls: Class, args: Args, frame: Frame) -> Value:
        router = make(interp, cls, args, frame)
        init = cls.find("__init__")
        if init is not None and isinstance(init[0], Function):
            interp.invoke_concrete(init[0], router, args, frame)
        else:
            _set_up(router, args)
        return router

    def initialise(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
        if isinstance(receiver, RouterObject):
            _set_up(receiver, args)
        return NONE

    knowledge.calls[name] = call
    knowledge.instantiations[name] = instantiate
    knowledge.methods[f"{name}.__init__"] = initialise


def _set_up(router: RouterObject, args: Args) -> None:
    router.prefix = path_text(args.get(None, "prefix"))
    routes = args.get(None, "routes")
    if routes is None and args.positional and isinstance(args.positional[0], Sequence):
        routes = args.positional[0]
    if routes is not None:
        router.entries.append(Listed(routes))


def path_text(value: Value | None) -> str:
    """A path or prefix as a string; what is not known of it becomes a variable."""
    if value is None:
        return ""
    for option in value.options():
        if isinstance(option, Const):
            return option.value if isinstance(option.value, str) else ""
        if isinstance(option, Text):
            return "".join(UNRESOLVED if part is None else part for part in option.parts)
    return f"/{UNRESOLVED}"


def _member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    if not isinstance(obj, RouterObject):
        return None
    if name == "router":
        return obj
    if name == "routes":
        return RouteList(obj)
    if name == "prefix":
        return Const(obj.prefix)
    return None


# -- routes ------------------------------------------------------------------------------------------


def _verb(verb: str) -> Callable[[Interpreter, Value, Args, Frame], Value | None]:
    def call(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        if not isinstance(receiver, RouterObject):
            return Decorator(lambda target, inner: None)
        options = {**args.keywords, "methods": Sequence([Const(verb)])}
        path = options.pop("path", None) or args.get(0) or UNKNOWN
        return interp.call_method(receiver, "api_route", Args([path], options), frame)

    return call


def _api_route(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    def apply(target: Value, inner: Frame) -> Value | None:
        if isinstance(receiver, RouterObject):
            options = {k: v for k, v in args.keywords.items() if k != "path"}
            path = args.get(0, "path") or UNKNOWN
            interp.call_method(receiver, "add_api_route", Args([path, target], options), inner)
        return None

    return Decorator(apply)


def _plain_route(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    def apply(target: Value, inner: Frame) -> Value | None:
        if isinstance(receiver, RouterObject):
            options = {k: v for k, v in args.keywords.items() if k != "path"}
            path = args.get(0, "path") or UNKNOWN
            interp.call_method(receiver, "add_route", Args([path, target], options), inner)
        return None

    return Decorator(apply)


def _add_api_route(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if isinstance(receiver, RouterObject) and interp.booting:
        interp.effects += 1
        receiver.entries.append(_route(interp, args, frame))
    return NONE


def _route(interp: Interpreter, args: Args, frame: Frame) -> Route:
    endpoint = args.get(1, "endpoint") or args.get(None, "route") or args.get(None, "func")
    return Route(
        path_text(args.get(0, "path")),
        endpoint,
        http_methods(interp, args.get(2, "methods"), frame),
        args.text(None, "name"),
        place(frame),
        status_code(args.get(None, "status_code")),
        args.get(None, "dependencies"),
    )


def status_code(value: Value | None) -> int | None:
    """A status code as a number or as ``status.HTTP_201_CREATED``."""
    if isinstance(value, Const) and isinstance(value.value, int):
        return value.value
    name = value.name.rpartition(".")[2] if isinstance(value, External) else ""
    return int(name[5:8]) if name.startswith("HTTP_") and name[5:8].isdigit() else None


def _websocket(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    def apply(target: Value, inner: Frame) -> Value | None:
        if isinstance(receiver, RouterObject):
            path = args.get(0, "path") or UNKNOWN
            interp.call_method(receiver, "add_websocket_route", Args([path, target]), inner)
        return None

    return Decorator(apply)


def _add_websocket(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if isinstance(receiver, RouterObject) and interp.booting:
        interp.effects += 1
        receiver.entries.append(_websocket_entry(args, frame))
    return NONE


def _websocket_entry(args: Args, frame: Frame) -> Route:
    # A WebSocket begins with a GET.
    endpoint = args.get(1, "endpoint") or args.get(None, "route")
    return Route(path_text(args.get(0, "path")), endpoint, ("GET",), args.text(2, "name"), place(frame))


def _include_router(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    router = args.get(0, "router")
    for option in router.options() if router is not None else ():
        if isinstance(receiver, RouterObject) and isinstance(option, RouterObject) and interp.booting:
            interp.effects += 1
            entry = Include(option, path_text(args.get(None, "prefix")), args.get(None, "dependencies"))
            receiver.entries.append(entry)
    return NONE


def _mount(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if isinstance(receiver, RouterObject) and interp.booting:
        interp.effects += 1
        receiver.entries.append(_mount_entry(args, frame))
    return NONE


def _mount_entry(args: Args, frame: Frame) -> MountEntry:
    app = args.get(1, "app")
    if app is None or (isinstance(app, Const) and app.value is None):
        routes = args.get(None, "routes")
        app = Listing(routes) if routes is not None else UNKNOWN
    return MountEntry(path_text(args.get(0, "path")), app, place(frame))


class Listing(Value):
    """The routes of a ``Mount`` without an application."""

    __slots__ = ("routes",)

    def __init__(self, routes: Value) -> None:
        self.routes = routes


def _route_value(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    return RouteValue(_route(interp, args, frame))


def _websocket_value(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    return RouteValue(_websocket_entry(args, frame))


def _mount_value(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    return RouteValue(_mount_entry(args, frame))
