"""FastAPI and Starlette: applications and routers as values, and what is registered on them."""

from __future__ import annotations

import re
from collections.abc import Callable

from strangler.analyzers.frameworks.fastapi import startup
from strangler.analyzers.frameworks.fastapi.routers import (
    API_ROUTE,
    API_ROUTER,
    FASTAPI,
    MOUNT,
    ROUTE,
    WEBSOCKET,
    Include,
    Listed,
    Listing,
    Made,
    MountEntry,
    Prefix,
    Route,
    RouteList,
    RouterObject,
    RouteValue,
    UnknownRouter,
    path_text,
    path_texts,
)
from strangler.analyzers.plugin import (
    ANY_HOST,
    NONE,
    UNKNOWN,
    Args,
    Class,
    Const,
    Decorator,
    External,
    Frame,
    Interpreter,
    Knowledge,
    MethodHandler,
    Object,
    Sequence,
    Value,
    each_way,
    host_regex,
    http_methods,
    join,
    place,
    registering_class,
)

STARLETTE, ROUTER = "starlette.applications.Starlette", "starlette.routing.Router"

ALIASES = {
    "fastapi.applications.FastAPI": FASTAPI,
    "fastapi.routing.APIRouter": API_ROUTER,
    "fastapi.routing.Mount": MOUNT,
    "fastapi.params.Depends": "fastapi.Depends",
    "fastapi.param_functions.Depends": "fastapi.Depends",
    "fastapi.param_functions.Security": "fastapi.Security",
    "fastapi.requests": "starlette.requests",
    "fastapi.staticfiles": "starlette.staticfiles",
    "fastapi.middleware": "starlette.middleware",
    "fastapi.websockets": "starlette.websockets",
}

LIBRARIES = {
    "cadwyn.Cadwyn": FASTAPI,
    "cadwyn.VersionedAPIRouter": API_ROUTER,
    "fastapi_utils.inferring_router.InferringRouter": API_ROUTER,
    "fastapi_restful.inferring_router.InferringRouter": API_ROUTER,
}
"""Applications and routers of other libraries."""

_PATH = ((0, "path"),)
_VERBS = ("get", "post", "put", "delete", "patch", "options", "head", "trace")


def teach(knowledge: Knowledge, made: Made) -> None:
    """Add FastAPI's and Starlette's routing to what is known."""
    knowledge.aliases.update(ALIASES)
    knowledge.hierarchy |= {
        FASTAPI: (STARLETTE,),
        STARLETTE: (ROUTER,),
        API_ROUTER: (ROUTER,),
    }
    knowledge.hierarchy |= {name: (parent,) for name, parent in LIBRARIES.items()}
    for name in (FASTAPI, STARLETTE, API_ROUTER, ROUTER, *LIBRARIES):
        application = name in (FASTAPI, STARLETTE) or LIBRARIES.get(name) == FASTAPI
        found = made.apps if application else made.routers
        registering_class(knowledge, name, RouterObject, _set_up, found)
    knowledge.applications |= {FASTAPI, STARLETTE}
    for name in ("generate_and_include_versioned_routers", "add_header_versioned_routers"):
        knowledge.methods[f"cadwyn.Cadwyn.{name}"] = _include_versioned
    knowledge.instance_members[ROUTER] = _member
    startup.teach(knowledge, ROUTER)
    methods = {
        "api_route": _decorates("add_api_route"),
        "route": _decorates("add_route"),
        "add_api_route": _add_api_route,
        "add_route": _add_api_route,
        "include_router": _include_router,
        "mount": _mount,
        "host": _host,
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
    knowledge.calls[API_ROUTE] = _route_value
    knowledge.hierarchy[API_ROUTE] = (ROUTE,)
    for name in (API_ROUTE, ROUTE, WEBSOCKET, MOUNT):
        knowledge.public[name] = frozenset()
    knowledge.calls["starlette.routing.Host"] = _host_value

    def register(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        name, convertor = args.text(0, "key"), args.get(1, "convertor")
        if name is not None and convertor is not None:
            regex = convertor.get(interp, "regex", frame)
            made.convertors[name] = (
                regex.value if isinstance(regex, Const) and isinstance(regex.value, str) else None
            )
        return NONE

    knowledge.calls["starlette.convertors.register_url_convertor"] = register


def _set_up(interp: Interpreter, router: RouterObject, args: Args, frame: Frame) -> None:
    router.prefixes = [
        Prefix(path_text(prefix := way.get(None, "prefix")), path_texts(prefix)[1], place(frame))
        for way in each_way(interp, args, frame, ((None, "prefix"),))
    ]
    routes = args.get(None, "routes")
    if routes is None and args.positional and isinstance(args.positional[0], Sequence):
        routes = args.positional[0]
    if routes is not None:
        router.entries.append(Listed(routes))
    lifespan, hooks = args.get(None, "lifespan"), args.get(None, "on_startup")
    if lifespan is not None:
        startup.starts(interp, router, lifespan, frame, router)
    for function in hooks.elements(interp, frame)[0] if hooks is not None else ():
        startup.starts(interp, router, function, frame)
    if isinstance(router.cls, Class) and FASTAPI in interp.lineage(router):
        interp.call_method(router, "setup", Args(), frame)  # the constructor calls it last


def _member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    if not isinstance(obj, RouterObject):
        return None
    if name == "router":
        return obj
    if name == "routes":
        return RouteList(obj)
    if name == "prefix":
        return join([Const(prefix.text) for prefix in obj.prefixes])
    if name == "on_startup":
        return startup.HookList(obj)
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


def _decorates(name: str) -> MethodHandler:
    """``@router.api_route(path)``: what adds a route by a call is called with what is decorated."""

    def call(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        def apply(target: Value, inner: Frame) -> Value | None:
            if isinstance(receiver, RouterObject):
                options = {k: v for k, v in args.keywords.items() if k != "path"}
                path = args.get(0, "path") or UNKNOWN
                interp.call_method(receiver, name, Args([path, target], options), inner)
            return None

        return Decorator(apply)

    return call


def _add_api_route(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if isinstance(receiver, RouterObject) and interp.registers():
        for way in each_way(interp, args, frame, _PATH, ((1, "endpoint"),)):
            receiver.entries.append(_route(interp, way, frame))
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
        documented=args.get(None, "include_in_schema"),
        sure=path_texts(args.get(0, "path"))[1],
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
    if isinstance(receiver, RouterObject) and interp.registers():
        for way in each_way(interp, args, frame, _PATH):
            receiver.entries.append(_websocket_entry(way, frame))
    return NONE


def _websocket_entry(args: Args, frame: Frame) -> Route:
    # A WebSocket begins with a GET.
    endpoint = args.get(1, "endpoint") or args.get(None, "route")
    path, name = path_text(args.get(0, "path")), args.text(2, "name")
    sure = path_texts(args.get(0, "path"))[1]
    return Route(path, endpoint, ("GET",), name, place(frame), protocol="websocket", sure=sure)


def _include_router(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if not isinstance(receiver, RouterObject) or not interp.registers():
        return NONE
    for way in each_way(interp, args, frame, ((None, "prefix"),), ((0, "router"),)):
        router = way.get(0, "router")
        for option in router.options() if router is not None else ():
            prefix, sure = path_texts(way.get(None, "prefix"))
            if option is receiver:  # what a library makes of an application is taken for that, but it is none
                option = UNKNOWN
            if isinstance(option, RouterObject):
                dependencies, documented = way.get(None, "dependencies"), way.get(None, "include_in_schema")
                entry = Include(option, prefix[0], place(frame), dependencies, sure, documented)
                receiver.entries.append(entry)
            else:
                receiver.entries.append(UnknownRouter(prefix[0], option, place(frame)))
    return NONE


def _include_versioned(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    """Cadwyn: each router in as many versions as there are, chosen by a header."""
    for router in args.positional:
        _include_router(interp, receiver, Args([router]), frame)
    return NONE


def _mount(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if isinstance(receiver, RouterObject) and interp.registers():
        for way in each_way(interp, args, frame, _PATH, ((1, "app"),)):
            entry = _mount_entry(way, frame)
            if entry.app is receiver:
                entry.app = External("what a library makes of the application")
            receiver.entries.append(entry)
    return NONE


def _host(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if isinstance(receiver, RouterObject) and interp.registers():
        receiver.entries.append(_host_entry(args, frame))
    return NONE


def _host_value(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    return RouteValue(_host_entry(args, frame))


_VARIABLE = re.compile(r"\{\w+(?::\w+)?\}")


def _host_entry(args: Args, frame: Frame) -> MountEntry:
    host = host_regex(args.get(0, "host"), _VARIABLE) or ANY_HOST
    return MountEntry("", args.get(1, "app") or UNKNOWN, place(frame), host)


def _mount_entry(args: Args, frame: Frame) -> MountEntry:
    app = args.get(1, "app")
    if app is None or (isinstance(app, Const) and app.value is None):
        routes = args.get(None, "routes")
        app = Listing(routes) if routes is not None else UNKNOWN
    (path, *_), sure = path_texts(args.get(0, "path"))
    return MountEntry(path, app, place(frame), sure=sure)


def _route_value(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    return RouteValue(_route(interp, args, frame))


def _websocket_value(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    return RouteValue(_websocket_entry(args, frame))


def _mount_value(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    return RouteValue(_mount_entry(args, frame))
