"""From what was registered on FastAPI and Starlette applications to their endpoints, in matching order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from msgspec import structs

from strangler.analyzers.frameworks.fastapi.dependencies import guards_of
from strangler.analyzers.frameworks.fastapi.paths import UNRESOLVED, compile_path
from strangler.analyzers.frameworks.fastapi.routers import (
    FASTAPI,
    Entry,
    Include,
    Listed,
    Listing,
    Made,
    MountEntry,
    Rest,
    Route,
    RouterObject,
    RouteValue,
    UnknownRouter,
)
from strangler.analyzers.frameworks.flask.app import Scaffold
from strangler.analyzers.plugin import (
    IMPLIED_METHODS,
    PLACED_BY,
    UNKNOWN,
    Class,
    Const,
    External,
    Interpreter,
    Object,
    Place,
    Value,
    literal,
    opaque_route,
    several,
    unwrapped,
)
from strangler.model import Diagnostic, Endpoint, OpaqueRoute, Request, RouteTraits
from strangler.model.routes import SlashRedirect

Guards = tuple[Value, ...]


@dataclass(frozen=True)
class Around:
    """What the routes of a router lie in."""

    mounted: bool = False
    """Below a mount."""
    guards: Guards = ()
    """The dependencies of all of it."""
    slash: SlashRedirect = "either"
    """What the innermost application does: ``redirect_slashes``."""
    sure: bool = True
    """False where it is bound to a host, or may be mounted somewhere else."""
    host: str = ""
    """As ``Endpoint.host``."""
    conditions: tuple[str, ...] = ()
    """What must hold for it to be included, where that could not be decided."""


Joined = tuple[str, Route | MountEntry | UnknownRouter, Around]
"""Full path, route (or what is not known), and what it lies in."""

_FILES = ("starlette.staticfiles",)
"""Served from files: nothing to look for in the source."""

_DEEPEST = 20
_HANDLED = ("get", "post", "put", "delete", "patch", "head", "options", "trace")


class Expansion:
    """Flattens routers; remembers which ones were reached."""

    def __init__(self, interp: Interpreter, made: Made) -> None:
        self.interp = interp
        self.made = made
        self.reached: set[int] = set()
        self._count = 0
        self.problems: list[Diagnostic] = []

    def rows(self) -> list[Endpoint | OpaqueRoute]:
        """The route table of every application that is not part of another one."""
        found: list[Endpoint | OpaqueRoute] = []
        inner = {id(app) for outer in self.made.apps for app in self._parts(outer, set())}
        outer_ones = [app for app in self.made.apps if id(app) not in inner]
        mounts = {id(app): list(self._unknown_mounts(app, set())) for app in outer_ones}
        everywhere = [mount for found_ones in mounts.values() for mount in found_ones]
        for app in outer_ones:
            floating = bool(everywhere) and not mounts[id(app)]
            prefix = self._floating(app, everywhere) if floating else ""
            if (by := PLACED_BY.of(app)) is not None:
                floating, prefix = True, f"/{UNRESOLVED}"
                scope = self.interp.program.scopes.get(by.module)
                self._problem(scope.facts.path if scope else "", by.line, "unresolved-mount", given_to(by))
            framework = "fastapi" if FASTAPI in self.interp.lineage(app) else "starlette"
            if framework == "fastapi":
                found += _documentation(app, self.interp, prefix)
            for path, route, around in self._flat(
                app, prefix, 0, Around(slash=_slash(app), sure=not floating)
            ):
                if isinstance(route, Route):
                    found.append(self._endpoint(path, route, framework, around))
                else:
                    found.append(self._opaque(path, route, framework))
        return found

    def _opaque(self, path: str, entry: MountEntry | UnknownRouter, framework: str) -> OpaqueRoute:
        if isinstance(entry, Rest):
            regex = compile_path(path, self.made.convertors, True).regex + "/.*"
            what = "the rest of what is mounted there"
            row = opaque_route(path, regex, what, framework, entry.place)
            return structs.replace(row, rest=True)
        regex = compile_path(path, self.made.convertors, True).regex + "(?:/.*)?" if path else "/.*"
        row = opaque_route(path or "/", regex, entry.app, framework, entry.place)
        if row.what.rpartition(".")[0] not in _FILES:
            message = f"what is served at {path or '/'} is not listed: {row.what}"
            self._problem(entry.place.file, entry.place.line, "unresolved-mount", message)
        return row

    def _unknown_mounts(self, router: RouterObject, seen: set[int]) -> Iterator[MountEntry]:
        """The mounts in an application, or in what it includes, of something that cannot be told."""
        seen.add(id(router))
        for entry in self._entries(router):
            if isinstance(entry, MountEntry) and any(option is UNKNOWN for option in entry.app.options()):
                yield entry
            elif isinstance(entry, Include) and id(entry.router) not in seen:
                yield from self._unknown_mounts(entry.router, seen)

    def _floating(self, app: RouterObject, mounts: list[MountEntry]) -> str:
        """Where to list an application that nothing places, as one that cannot be told is mounted elsewhere.

        What a method makes is a part of something; what a function or module makes may be served for itself.
        """
        scope = self.interp.program.scopes.get(app.module)
        places = ", ".join(sorted({f"{m.path} ({m.place.file}:{m.place.line})" for m in mounts}))
        message = f"where this application is served is not known: it may be what is mounted at {places}"
        self._problem(scope.facts.path if scope else "", app.line, "unresolved-mount", message)
        of_a_class = app.function is not None and "." in app.function and "<locals>" not in app.function
        if not of_a_class:
            return ""
        return mounts[0].path.rstrip("/") if len(mounts) == 1 else f"/{UNRESOLVED}"

    def _parts(self, router: RouterObject, seen: set[int]) -> Iterator[RouterObject]:
        """The applications and routers below one."""
        for entry in self._entries(router):
            below: RouterObject | Scaffold | None = None
            if isinstance(entry, Include):
                below = entry.router
            elif isinstance(entry, MountEntry):
                below = application(entry.app)
            if isinstance(below, RouterObject) and id(below) not in seen:
                seen.add(id(below))
                yield below
                yield from self._parts(below, seen)

    def _entries(self, router: RouterObject) -> Iterator[Entry]:
        for entry in list(router.entries):
            if isinstance(entry, Listed):
                yield from self._listed(entry.routes)
            else:
                yield entry

    def _listed(self, routes: Value) -> Iterator[Entry]:
        for item in routes.elements(self.interp, self.interp.root_frame)[0]:
            for option in item.options():
                if isinstance(option, RouteValue):
                    yield option.entry

    def _flat(self, router: RouterObject, prefix: str, depth: int, around: Around) -> Iterator[Joined]:
        self.reached.add(id(router))
        if depth < _DEEPEST:
            inner = _guarded(around, router.arg(None, "dependencies"))
            for own in router.prefixes:
                here = self._placed(inner, own.place) if len(router.prefixes) > 1 else inner
                self._doubt("prefix", own.text, own.sure, own.place)
                here = replace(here, sure=here.sure and own.sure)
                yield from self._routes(self._entries(router), prefix + own.text, depth, here)
        elif router.entries:
            message = "routers are included in each other too deeply: what lies below is not listed"
            path = self.interp.program.scopes[router.module].facts.path
            self._problem(path, router.line, "url-table-too-deep", message)

    def _routes(self, entries: Iterator[Entry], prefix: str, depth: int, around: Around) -> Iterator[Joined]:
        for entry in entries:
            self._count += 1
            limits = self.interp.limits
            if self._count > limits.url_entries:
                if self._count == limits.url_entries + 1:
                    message = "an application has too many entries; those behind are not listed"
                    message += f" ({limits.named('url_entries')})"
                    place = getattr(entry, "place", None)
                    if place is not None:
                        self._problem(place.file, place.line, "url-table-too-long", message)
                return
            if isinstance(entry, Route):
                yield prefix + entry.path, entry, _guarded(around, entry.dependencies)
            elif isinstance(entry, Include):
                inner = self._placed(_guarded(around, entry.dependencies), entry.place)
                inner = replace(inner, sure=around.sure and entry.sure)
                self._doubt("prefix", entry.prefix, entry.sure, entry.place)
                yield from self._flat(entry.router, prefix + entry.prefix, depth + 1, inner)
            elif isinstance(entry, MountEntry):
                inner = self._placed(around, entry.place)
                self._doubt("prefix", entry.path, entry.sure, entry.place)
                sure = around.sure and entry.sure and not entry.host
                inner = replace(inner, sure=sure, host=entry.host or around.host)
                yield from self._mounted(entry, (prefix + entry.path).rstrip("/"), depth + 1, inner)
            elif isinstance(entry, UnknownRouter):
                yield (prefix + entry.path).rstrip("/"), entry, around

    def _doubt(self, what: str, path: str, sure: bool, place: Place) -> None:
        """Say that a prefix or a path may be another one, if it may."""
        if not sure and UNRESOLVED not in path:
            message = f"the {what} {path or 'of this router'} may be another one"
            self._problem(place.file, place.line, "doubtful-prefix", message)

    def _placed(self, around: Around, place: Place) -> Around:
        """Under the conditions of the line that includes it."""
        here = self.interp.log.conditions(place.file, place.line, place.under)
        return replace(around, conditions=tuple(dict.fromkeys((*around.conditions, *here))))

    def _mounted(self, entry: MountEntry, path: str, depth: int, around: Around) -> Iterator[Joined]:
        for option in entry.app.options():
            app = application(option)
            if isinstance(app, RouterObject):
                yield from self._flat(app, path, depth, replace(around, mounted=True, slash=_slash(app)))
                yield from self._rest(entry, path, around)
            elif isinstance(app, Scaffold):
                app.mount = path  # a WSGI application behind an adapter: Flask's endpoints get the prefix
            elif isinstance(option, Listing) and depth < _DEEPEST:
                yield from self._routes(
                    self._listed(option.routes), path, depth, replace(around, mounted=True)
                )
                yield from self._rest(entry, path, around)
            else:
                yield path, replace(entry, app=option), around

    def _rest(self, entry: MountEntry, path: str, around: Around) -> Iterator[Joined]:
        """A mount takes every path below its own, also those that its application does not know."""
        if path and not entry.host and UNRESOLVED not in path:
            yield path, Rest(entry.path, entry.app, entry.place), around

    def _endpoint(self, path: str, route: Route, framework: str, around: Around) -> Endpoint | OpaqueRoute:
        handler = unwrapped(self.interp, route.endpoint)
        if UNRESOLVED in path:
            self._problem(
                route.place.file, route.place.line, "unresolved-prefix", f"part of {path} cannot be told"
            )
        self._doubt("path", route.path, route.sure, route.place)
        compiled = compile_path(path, self.made.convertors, around.mounted)
        if handler is None:
            message = f"the function that serves {path} cannot be told"
            self._problem(route.place.file, route.place.line, "unresolved-handler", message)
            return opaque_route(path, compiled.regex, route.endpoint or "", framework, route.place)
        methods = route.methods
        if methods is None and isinstance(handler, Class):
            methods = tuple(sorted(m.upper() for m in _HANDLED if handler.find(m) is not None))
        stated = route.methods or ()
        taken = tuple(m for m in methods or ("GET",) if m not in IMPLIED_METHODS or m in stated)
        statuses = (route.status,) if route.status is not None else ()
        guards = guards_of(around.guards)
        return Endpoint(
            path=compiled.path,
            methods=taken,
            handler=handler.dotted,
            framework=framework,
            pattern=path,
            regex=compiled.regex,
            name=route.name or handler.name,
            file=route.place.file,
            line=route.place.line,
            order=0,
            exact=compiled.exact and around.sure and route.sure,
            condition=" and ".join(self._placed(around, route.place).conditions),
            requests=tuple(Request(method=m, statuses=statuses, guards=guards) for m in taken)
            if statuses or guards
            else (),
            traits=RouteTraits(slash_redirect=around.slash),
            protocol=route.protocol,
            host=around.host,
        )

    def diagnostics(self) -> list[Diagnostic]:
        """What could not be told, and routers with routes that no application includes."""
        for router in self.made.routers:
            if (
                id(router) not in self.reached
                and router.entries
                and router.module in self.interp.program.scopes
            ):
                path = self.interp.program.scopes[router.module].facts.path
                message = "this router is not included in any application found"
                self._problem(path, router.line, "unregistered-routes", message)
        return list(dict.fromkeys(self.problems))

    def _problem(self, file: str, line: int, code: str, message: str) -> None:
        self.problems.append(Diagnostic(file=file, line=line, code=code, severity="warning", message=message))


def _guarded(around: Around, dependencies: Value | None) -> Around:
    return replace(around, guards=(*around.guards, *several(dependencies)))


def _slash(app: RouterObject) -> SlashRedirect:
    """``redirect_slashes``, as an argument or set on the application's router (one object with it here)."""
    stated = app.attrs.get("redirect_slashes") or app.arg(None, "redirect_slashes")
    return "never" if stated is not None and stated.truth() is False else "either"


def _documentation(app: RouterObject, interp: Interpreter, prefix: str) -> Iterator[OpaqueRoute]:
    """The pages that FastAPI registers first of all, where the application does not switch them off."""
    scope = interp.program.scopes.get(app.module)
    at = Place(scope.facts.path if scope is not None else "", app.line)
    for option, default in (("openapi_url", "/openapi.json"), ("docs_url", "/docs"), ("redoc_url", "/redoc")):
        given = app.arg(None, option)
        path = default if given is None else given.value if isinstance(given, Const) else None
        if isinstance(path, str) and path:
            pages = [path, f"{path}/oauth2-redirect"] if option == "docs_url" else [path]
            for page in pages:
                full = prefix + page
                yield opaque_route(full, literal(full), "fastapi.applications.FastAPI.setup", "fastapi", at)
        elif option == "openapi_url" and given is not None:
            return  # without the schema there are no pages


def given_to(call: Object) -> str:
    """What is said of an application that a library is given which nothing is known of."""
    name = call.cls.name if isinstance(call.cls, External) else "a library"
    return f"where the routes of the application that {name} is given here are served is not known"


def application(value: Value) -> RouterObject | Scaffold | None:
    """The application behind middleware that wraps it: ``WSGIMiddleware(app)``."""
    for _ in range(5):
        if isinstance(value, (RouterObject, Scaffold)):
            return value
        if not isinstance(value, Object) or isinstance(value.cls, Class):
            return None
        inner = value.arg(0, "app")
        if inner is None:
            return None
        value = inner
    return None
