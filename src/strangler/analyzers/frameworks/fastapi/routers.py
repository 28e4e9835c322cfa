"""FastAPI's and Starlette's applications and routers as values."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from strangler.analyzers.frameworks.fastapi.paths import UNRESOLVED
from strangler.analyzers.plugin import (
    FALSE,
    NONE,
    TRUE,
    UNKNOWN,
    Args,
    Const,
    External,
    Frame,
    Hook,
    Interpreter,
    Object,
    Place,
    Sequence,
    Text,
    Value,
    is_default,
    place,
)

FASTAPI, API_ROUTER, API_ROUTE = "fastapi.FastAPI", "fastapi.APIRouter", "fastapi.routing.APIRoute"
ROUTE, MOUNT, WEBSOCKET = (
    "starlette.routing.Route",
    "starlette.routing.Mount",
    "starlette.routing.WebSocketRoute",
)
_DEEPEST = 20


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
    protocol: str = "http"
    documented: Value | None = None
    """``include_in_schema=``."""
    sure: bool = True
    """The path can be no other one."""


@dataclass
class Include:
    """``include_router``."""

    router: RouterObject
    prefix: str
    place: Place
    dependencies: Value | None = None
    sure: bool = True
    """The prefix can be no other one."""
    documented: Value | None = None
    """As ``Route.documented``."""


@dataclass
class MountEntry:
    """``mount``."""

    path: str
    app: Value
    place: Place
    host: str = ""
    """Bound to a host in place of a path (``Host``): as ``Endpoint.host``."""
    sure: bool = True
    """The path can be no other one."""


class Rest(MountEntry):
    """The paths below a mount that its application does not know: they are for no later route."""


@dataclass
class UnknownRouter:
    """``include_router`` of something that is no known router."""

    path: str
    app: Value
    place: Place


@dataclass
class Listed:
    """A list of routes given to a constructor; it may grow later."""

    routes: Value


Entry = Route | Include | MountEntry | UnknownRouter | Listed


class Prefix(NamedTuple):
    """What a router puts before its paths."""

    text: str
    sure: bool
    """It can be no other one."""
    place: Place


class RouterObject(Object):
    """An application or a router."""

    __slots__ = ("entries", "hooks", "prefixes")

    def __init__(self, cls: Value, args: Args, frame: Frame) -> None:
        super().__init__(cls, args, frame)
        self.entries: list[Entry] = []
        self.hooks: list[Hook] = []
        """What runs when it starts."""
        self.prefixes = [Prefix("", True, place(frame))]
        """Its own prefix, or each that it may be, with what must hold for it."""

    def key(self) -> Hashable:
        return ("router", id(self))

    def truth(self) -> bool | None:
        return True


def flattened(router: RouterObject, depth: int = 0) -> Iterator[Entry]:
    """What ``router.routes`` holds: what a router includes stands there with its whole path."""
    hidden = router.arg(None, "include_in_schema")
    for entry in list(router.entries):
        if isinstance(entry, Route):
            below = [(entry, _all(hidden, entry.documented))]
        elif isinstance(entry, Include) and depth < _DEEPEST:
            inner = [row for row in flattened(entry.router, depth + 1) if isinstance(row, Route)]
            below = [
                (
                    replace(row, path=entry.prefix + row.path, sure=entry.sure and row.sure),
                    _all(hidden, entry.documented, row.documented),
                )
                for row in inner
            ]
        else:
            yield entry
            continue
        for own in router.prefixes:
            for route, documented in below:
                sure = own.sure and route.sure
                yield replace(route, path=own.text + route.path, documented=documented, sure=sure)


def _all(*values: Value | None) -> Value | None:
    """Whether all of them hold; None where none is stated."""
    stated = [value for value in values if value is not None]
    truths = [value.truth() for value in stated]
    if not stated:
        return None
    return FALSE if False in truths else UNKNOWN if None in truths else TRUE


class RouteValue(Object):
    """``Route(...)``, ``Mount(...)``: an entry before it is put on a router, or as ``routes`` lists it."""

    __slots__ = ("entry",)

    def __init__(self, entry: Entry, kind: str = "") -> None:
        super().__init__(External(kind), Args(), None)
        self.entry = entry

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name == "path" and isinstance(self.entry, (Route, MountEntry)):
            return Const(self.entry.path)
        if isinstance(self.entry, Route):
            if name == "endpoint":
                return self.entry.endpoint or UNKNOWN
            if name == "methods" and self.entry.methods is not None:
                return Sequence([Const(method) for method in self.entry.methods], "set")
            if name == "include_in_schema":
                return self.entry.documented or TRUE
        return UNKNOWN

    def key(self) -> Hashable:
        return ("route", id(self))


def _kind(entry: Entry, of_api: bool) -> str:
    if isinstance(entry, Route):
        return WEBSOCKET if entry.protocol == "websocket" else API_ROUTE if of_api else ROUTE
    return MOUNT if isinstance(entry, MountEntry) else ""


class RouteList(Value):
    """``router.routes``."""

    __slots__ = ("router",)

    def __init__(self, router: RouterObject) -> None:
        self.router = router

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return RouteListMethod(self.router, name)

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        of_api = not interp.lineage(self.router).isdisjoint((FASTAPI, API_ROUTER))
        return [RouteValue(entry, _kind(entry, of_api)) for entry in flattened(self.router)], False

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
        if given is None or not interp.registers():
            return NONE
        items = given.elements(interp, frame)[0] if self.name == "extend" else [given]
        entries = [item.entry for item in items if isinstance(item, RouteValue)]
        if self.name == "insert":
            self.router.entries[0:0] = entries
        elif self.name in ("append", "extend"):
            self.router.entries += entries
        return NONE

    def key(self) -> Hashable:
        return ("routes", id(self.router), self.name)


class Listing(Value):
    """The routes of a ``Mount`` without an application."""

    __slots__ = ("routes",)

    def __init__(self, routes: Value) -> None:
        self.routes = routes


@dataclass
class Made:
    """What was made while the monolith was booted."""

    apps: list[RouterObject] = field(default_factory=list)
    routers: list[RouterObject] = field(default_factory=list)
    convertors: dict[str, str | None] = field(default_factory=dict)


def path_text(value: Value | None) -> str:
    """A path or prefix as a string; what is not known of it becomes a variable."""
    return path_texts(value)[0][0]


def path_texts(value: Value | None) -> tuple[list[str], bool]:
    """The paths that a value may be, those alone that are wholly known if there are any.

    Second: whether it can be nothing else, as it could where it is a default.
    """
    if value is None:
        return [""], True
    known: dict[str, None] = {}
    partly: dict[str, None] = {}
    for option in value.options():
        if isinstance(option, Const):
            known[option.value if isinstance(option.value, str) else ""] = None
        elif isinstance(option, Text):
            text = "".join(UNRESOLVED if part is None else part for part in option.parts)
            (partly if None in option.parts else known)[text] = None
    sure = len(known) + len(partly) == 1 and not is_default(value)
    return list(known) or list(partly)[:1] or [f"/{UNRESOLVED}"], sure
