"""aiohttp: applications, their routers, route tables and sub-applications."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace

from strangler.analyzers.plugin import (
    HTTP_ERRORS,
    HTTP_EXCEPTIONS,
    NONE,
    UNKNOWN,
    Args,
    Class,
    Compiled,
    Decorator,
    External,
    Found,
    Frame,
    Framework,
    Function,
    Hook,
    Interpreter,
    Knowledge,
    MethodHandler,
    Object,
    Place,
    RequestNames,
    RequestReader,
    SourceTree,
    Value,
    braced,
    made_of_default,
    numbered,
    opaque_route,
    place,
    run_factories,
    run_hooks,
    run_own_constructor,
    unwrapped,
)
from strangler.model import Diagnostic, Endpoint, OpaqueRoute, RouteTraits
from strangler.model.routes import SlashRedirect

APP, ROUTER, TABLE = "aiohttp.web.Application", "aiohttp.web.UrlDispatcher", "aiohttp.web.RouteTableDef"
NORMALIZE = "aiohttp.web.normalize_path_middleware"
RESOURCE = "aiohttp.web.Resource"
VERBS = ("get", "post", "put", "delete", "patch", "head", "options")


@dataclass
class Route:
    """A method, a path and a handler."""

    method: str
    path: str
    handler: Value
    place: Place
    sure: bool = True
    """The path can be no other one."""


class RouteValue(Value):
    """``web.get(...)``: a route before it is added."""

    __slots__ = ("route",)

    def __init__(self, route: Route) -> None:
        self.route = route

    def key(self) -> Hashable:
        return ("route", id(self))


class Routes(Object):
    """An application, its router or a table of routes: all three only collect."""

    __slots__ = ("hooks", "routes", "subapps")

    def __init__(self, cls: Value, args: Args, frame: Frame) -> None:
        super().__init__(cls, args, frame)
        self.routes: list[Route] = []
        self.hooks: list[Hook] = []
        """What runs when it starts."""
        self.subapps: list[tuple[str, Routes, int, bool]] = []
        """(prefix, application, how many routes came before, whether it can be no other prefix)"""

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        return [RouteValue(route) for route in self.routes], True

    def store(self, interp: Interpreter, name: str, value: Value, frame: Frame) -> None:
        self.attrs[name] = value

    def key(self) -> Hashable:
        return ("routes", id(self))

    def truth(self) -> bool | None:
        return True


class AiohttpRequests(RequestReader):
    """``request.query``, ``await request.post()``, ``await request.json()``."""

    names = RequestNames(
        request=frozenset({"request", "req", "_request", "rel_url"}),
        query=frozenset({"query"}),
        form=frozenset({"post"}),
        body=frozenset({"json"}),
        raised={**HTTP_ERRORS, **HTTP_EXCEPTIONS},
        called=HTTP_EXCEPTIONS,
    )


class Aiohttp(Framework):
    """aiohttp's server side."""

    name = "aiohttp"
    packages = ("aiohttp",)
    requests = AiohttpRequests()

    def __init__(self, tree: SourceTree) -> None:
        super().__init__(tree)
        self.apps: list[Routes] = []
        self.slash: SlashRedirect = "never"
        self.found = Found()

    def teach(self, knowledge: Knowledge) -> None:
        knowledge.aliases |= {"aiohttp.web_app.Application": APP, "aiohttp.web_routedef.RouteTableDef": TABLE}
        knowledge.aliases["aiohttp.web_urldispatcher"] = "aiohttp.web"
        knowledge.hierarchy |= {APP: (ROUTER,), TABLE: (ROUTER,)}
        knowledge.registrars.add(ROUTER)
        for name in (APP, TABLE):
            knowledge.calls[name] = self._make
            knowledge.instantiations[name] = self._instantiate
        knowledge.instance_members[APP] = _member
        knowledge.methods |= {
            f"{ROUTER}.add_route": _add(0),
            f"{ROUTER}.add_view": _add(None, "*"),
            f"{ROUTER}.add_routes": _add_routes,
            f"{ROUTER}.add_subapp": _add_subapp,
            f"{ROUTER}.add_resource": _resource,
            f"{RESOURCE}.add_route": _on_resource,
            f"{ROUTER}.route": _table(0),
            f"{ROUTER}.view": _table(None, "*"),
        }
        knowledge.calls["aiohttp.web.route"] = lambda interp, external, args, frame: _value(
            interp, args, 0, "", frame
        )
        knowledge.calls["aiohttp.web.view"] = lambda interp, external, args, frame: _value(
            interp, args, None, "*", frame
        )
        knowledge.methods[f"{ROUTER}.add_static"] = _add_static
        knowledge.methods[f"{ROUTER}.static"] = _add_static
        knowledge.calls["aiohttp.web.static"] = lambda interp, external, args, frame: (
            RouteValue(route) if (route := _static(args, frame)) is not None else UNKNOWN
        )
        knowledge.calls[NORMALIZE] = self._normalize
        knowledge.aliases["aiohttp.web_middlewares.normalize_path_middleware"] = NORMALIZE
        for verb in VERBS:
            knowledge.methods[f"{ROUTER}.add_{verb}"] = _add(None, verb.upper())
            knowledge.methods[f"{ROUTER}.{verb}"] = _table(None, verb.upper())
            knowledge.calls[f"aiohttp.web.{verb}"] = _definition(verb.upper())

    def _make(self, interp: Interpreter, cls: Value, args: Args, frame: Frame) -> Routes:
        made = Routes(cls, args, frame)
        if APP in interp.lineage(made) and interp.registers():
            self.apps.append(made)
        return made

    def _normalize(self, interp: Interpreter, external: External, args: Args, frame: Frame) -> None:
        """``normalize_path_middleware(append_slash=True, remove_slash=False)``."""
        append, remove = args.get(None, "append_slash"), args.get(None, "remove_slash")
        if remove is not None and remove.truth() is True:
            self.slash = "remove"
        elif append is None or append.truth() is not False:
            self.slash = "append"

    def _instantiate(self, interp: Interpreter, cls: Class, args: Args, frame: Frame) -> Value:
        made = self._make(interp, cls, args, frame)
        run_own_constructor(interp, made, args, frame)
        return made

    def prepare(self, interp: Interpreter) -> None:
        run_factories(interp, frozenset({APP}))
        for app in self.apps:
            run_hooks(interp, app.hooks)
        inner = {id(sub) for app in self.apps for _, sub, _, _ in app.subapps}
        endpoints = [
            self._row(interp, path, route)
            for app in self.apps
            if id(app) not in inner
            for path, route in _flat(app, "", 0, True)
        ]
        self.found.endpoints, self.found.opaque_routes = numbered(endpoints)

    def _row(self, interp: Interpreter, path: str, route: Route) -> Endpoint | OpaqueRoute:
        handler = unwrapped(interp, route.handler)
        if handler is not None:
            return _endpoint(path, route, handler, self.slash)
        if not isinstance(route.handler, External):
            message = f"the function that serves {path} cannot be told"
            self.found.diagnostics.append(
                Diagnostic(
                    file=route.place.file, line=route.place.line, code="unresolved-handler",
                    severity="warning", message=message,
                )
            )  # fmt: skip
        compiled = compile_path(path or "/")
        return opaque_route(compiled.path, compiled.regex, route.handler, "aiohttp", route.place)

    def collect(self, interp: Interpreter) -> Found:
        self.found.present = bool(self.apps)
        return self.found


class HookList(Value):
    """``app.on_startup``: functions that get the application."""

    __slots__ = ("app",)

    def __init__(self, app: Routes) -> None:
        self.app = app

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return HookListMethod(self.app) if name == "append" else UNKNOWN


class HookListMethod(Value):
    """``app.on_startup.append``."""

    __slots__ = ("app",)

    def __init__(self, app: Routes) -> None:
        self.app = app

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        if interp.registers():
            self.app.hooks += [Hook.at(frame, function, self.app) for function in args.positional[:1]]
        return NONE


def _member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    if name in ("on_startup", "cleanup_ctx") and isinstance(obj, Routes):
        return HookList(obj)
    return obj if name == "router" else None


# -- registration ----------------------------------------------------------------------------------


def _route(interp: Interpreter, args: Args, method: int | None, verb: str, frame: Frame) -> Route | None:
    """A route from (method, path, handler), or from (path, handler) where the method is given."""
    first = 0 if method is None else 1
    verb = verb if method is None else (args.text(0, "method") or "*").upper()
    path, handler = args.text(first, "path"), args.get(first + 1, "handler")
    if path is not None and handler is not None:
        sure = not made_of_default(interp, frame, "path", args.get(first, "path"))
        return Route(verb, path, handler, place(frame), sure)
    if interp.registers():
        message = "the path or the handler of what is registered here cannot be told"
        interp.log.failed(frame.module, frame.line, "unresolved-urls", message)
    return None


def _keep(interp: Interpreter, receiver: Value, route: Route | None) -> None:
    if isinstance(receiver, Routes) and route is not None and interp.registers():
        receiver.routes.append(route)


def _add(method: int | None, verb: str = "") -> MethodHandler:
    def call(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        route = _route(interp, args, method, verb, frame)
        _keep(interp, receiver, route)
        return RouteValue(route) if route is not None else UNKNOWN

    return call


def _table(method: int | None, verb: str = "") -> MethodHandler:
    def call(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        def apply(target: Value, inner: Frame) -> Value | None:
            given = Args([*args.positional, target], args.keywords)
            _keep(interp, receiver, _route(interp, given, method, verb, inner))
            return None

        return Decorator(apply)

    return call


def _value(interp: Interpreter, args: Args, method: int | None, verb: str, frame: Frame) -> Value | None:
    route = _route(interp, args, method, verb, frame)
    return RouteValue(route) if route is not None else None


def _definition(verb: str) -> Callable[[Interpreter, External, Args, Frame], Value | None]:
    return lambda interp, external, args, frame: _value(interp, args, None, verb, frame)


def _static(args: Args, frame: Frame) -> Route | None:
    """``add_static("/static", folder)``."""
    prefix = args.text(0, "prefix")
    what = External("static files")
    return Route("*", f"{prefix.rstrip('/')}/{{tail:.+}}", what, place(frame)) if prefix else None


def _add_static(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    _keep(interp, receiver, _static(args, frame))
    return UNKNOWN


def _add_routes(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    routes = args.get(0, "routes")
    for item in routes.elements(interp, frame)[0] if routes is not None else ():
        for option in item.options():
            if isinstance(option, RouteValue):
                _keep(interp, receiver, option.route)
    if interp.registers() and routes is not None and not routes.elements(interp, frame)[1]:
        message = "routes of a list that cannot be told are registered here"
        interp.log.failed(frame.module, frame.line, "unresolved-urls", message)
    return NONE


def _add_subapp(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    prefix, app = args.text(0, "prefix"), args.get(1, "subapp")
    if isinstance(receiver, Routes) and isinstance(app, Routes) and prefix is not None and interp.registers():
        sure = not made_of_default(interp, frame, "prefix", args.get(0, "prefix"))
        receiver.subapps.append((prefix.rstrip("/"), app, len(receiver.routes), sure))
    elif prefix is not None:
        whole = f"{prefix.rstrip('/')}{{tail:.*}}"
        _keep(interp, receiver, Route("*", whole, app or UNKNOWN, place(frame)))
    return NONE


def _resource(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    resource = Object(interp.external(RESOURCE), args, frame)
    resource.attrs["router"] = receiver
    return resource


def _on_resource(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if isinstance(receiver, Object) and args.positional:
        path = receiver.arg(0, "path") or UNKNOWN
        given = Args([args.positional[0], path, *args.positional[1:]], args.keywords)
        route = _route(interp, given, 0, "", frame)
        _keep(interp, receiver.attrs.get("router", UNKNOWN), route)
        return RouteValue(route) if route is not None else UNKNOWN
    return NONE


# -- endpoints -------------------------------------------------------------------------------------


def _flat(app: Routes, prefix: str, depth: int, sure: bool) -> Iterator[tuple[str, Route]]:
    """The routes in the order in which they are tried: those with the longest fixed beginning first."""
    rows: list[tuple[int, int, str, Route | Routes, bool]] = []
    for position, route in enumerate(app.routes):
        rows.append((-_fixed(route.path), position, prefix + route.path, route, sure))
    for sub_prefix, sub, position, known in app.subapps:
        rows.append((-_fixed(sub_prefix), position, prefix + sub_prefix, sub, sure and known))
    for _, _, path, entry, here in sorted(rows, key=lambda row: row[:2]):
        if isinstance(entry, Route):
            yield path, replace(entry, sure=entry.sure and here)
        elif depth < 10:
            yield from _flat(entry, path, depth + 1, here)


def _fixed(path: str) -> int:
    """How many segments stand before the first one with a variable."""
    head, brace, _ = path.partition("{")
    return (head.rpartition("/")[0] if brace else head).rstrip("/").count("/")


def compile_path(path: str) -> Compiled:
    """``/orders/{pk:\\d+}`` as a normal form and an expression."""
    normal, regex = braced(path, "[^{}/]+")
    return Compiled(path, "".join(normal), "".join(regex))


def _endpoint(path: str, route: Route, handler: Function | Class, slash: SlashRedirect) -> Endpoint:
    compiled = compile_path(path or "/")
    methods: tuple[str, ...] | None = None if route.method == "*" else (route.method,)
    if methods is None and isinstance(handler, Class):
        methods = tuple(sorted(v.upper() for v in VERBS if handler.find(v) is not None)) or None
    return Endpoint(
        path=compiled.path,
        methods=methods,
        handler=handler.dotted,
        framework="aiohttp",
        pattern=path,
        regex=compiled.regex,
        name=None,
        file=route.place.file,
        line=route.place.line,
        order=0,
        exact=route.sure,
        traits=RouteTraits(slash_redirect=slash),
    )
