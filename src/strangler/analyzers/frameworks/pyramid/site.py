"""What a Configurator and all that it includes collect: routes, views, directives, the registry."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Bound,
    Class,
    Const,
    Frame,
    Hook,
    Interpreter,
    Mapping,
    Method,
    Object,
    Place,
    Text,
    Value,
)


@dataclass
class View:
    """A view configured for a route; a missing name is that of ``view_defaults`` on its class."""

    route: str | None
    handler: Value
    methods: tuple[str, ...] | None
    owner: Class | None
    place: Place
    module: str
    attribute: str = ""
    """The method of a view class."""
    conditional: bool = False
    """Bound to more than route and method."""
    context: Value | None = None
    """What it is a view of, where that is stated: an exception, or what a traversal finds."""


@dataclass
class Route:
    """``add_route``."""

    name: str
    pattern: str
    methods: tuple[str, ...] | None
    place: Place
    conditional: bool = False
    """Bound to more than path and method: a header, a parameter, a predicate of the application's own."""


@dataclass(frozen=True)
class Scan:
    """``config.scan``."""

    package: str
    """Empty where it cannot be told, which may be everything."""
    prefix: str
    """Of the configurator that scans."""
    position: int
    """Routes that were there before."""
    sure: bool = True
    """The prefix can be no other one."""

    def takes(self, module: str) -> bool:
        """Whether it reaches a module."""
        return not self.package or f"{module}.".startswith(f"{self.package}.")


class Registry(Mapping):
    """``config.registry``: items and attributes that are put in during the configuration."""

    __slots__ = ("attrs",)

    def __init__(self, settings: Mapping) -> None:
        super().__init__(open=True)
        self.attrs: dict[str, Value] = {"settings": settings}

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return self.attrs.get(name) or Method(self, name)

    def store(self, interp: Interpreter, name: str, value: Value, frame: Frame) -> None:
        self.attrs[name] = value

    def truth(self) -> bool | None:
        return True

    def key(self) -> Hashable:
        return ("registry", id(self))


@dataclass(eq=False)
class Site:
    """One application, from ``Configurator()`` on."""

    registry: Registry
    routes: list[Route] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    """Those of ``add_view``."""
    directives: dict[str, Value] = field(default_factory=dict)
    request_methods: dict[str, tuple[Value, bool]] = field(default_factory=dict)
    """Name -> what was added to requests, and whether it is a property."""
    actions: list[tuple[int, Hook]] = field(default_factory=list)
    """(order, what is run when the configuration is committed)"""
    scans: list[Scan] = field(default_factory=list)
    """What makes decorators take effect; empty where everything's do."""

    def takes(self, module: str) -> bool:
        """Whether a scan of the application reaches a module."""
        return not self.scans or any(scan.takes(module) for scan in self.scans)


class Configurator(Object):
    """A configurator; an included one shares the site and has a prefix of its own."""

    __slots__ = ("package", "prefix", "site", "sure")

    def __init__(
        self, cls: Value, args: Args, frame: Frame, site: Site, prefix: str = "", sure: bool = True
    ) -> None:
        super().__init__(cls, args, frame)
        self.site = site
        self.prefix = prefix
        self.sure = sure
        """The prefix can be no other one."""
        self.package = frame.module.package

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        directive = self.site.directives.get(name)
        if directive is not None:
            return Bound(directive, self)
        return self.site.registry if name == "registry" else super().get(interp, name, frame)

    def enter(self, interp: Interpreter, frame: Frame) -> Value:
        return self

    def key(self) -> Hashable:
        return ("configurator", id(self))

    def below(self, prefix: str) -> str:
        """Its own prefix and a further one."""
        return "/".join(part for part in (self.prefix, prefix.strip("/")) if part)


UNRESOLVED = "{unresolved:.*}"
"""Stands for the part of a pattern that cannot be told."""


def url_text(value: Value | None) -> str:
    """A pattern or prefix as a string; what is not known of it becomes a variable."""
    for option in value.options() if value is not None else ():
        if isinstance(option, Const):
            return option.value if isinstance(option.value, str) else ""
        if isinstance(option, Text):
            return "".join(UNRESOLVED if part is None else part for part in option.parts)
    return "" if value is None else UNRESOLVED


class PrefixContext(Value):
    """``with config.route_prefix_context(...)``."""

    surrounds = True
    __slots__ = ("configurator", "prefix", "sure")

    def __init__(self, configurator: Configurator, prefix: str, sure: bool) -> None:
        self.configurator = configurator
        self.prefix = prefix
        self.sure = sure

    def around(self, interp: Interpreter, inside: Callable[[Value], None], frame: Frame) -> None:
        config = self.configurator
        before = config.prefix, config.sure
        config.prefix, config.sure = config.below(self.prefix), config.sure and self.sure
        try:
            inside(config)
        finally:
            config.prefix, config.sure = before


def route_name(value: Value | None) -> str | None:
    """The name of a route; what is not known of it is ``{}``, for the route and its views alike."""
    if isinstance(value, Text) and any(value.parts):
        return "".join(part if part is not None else "{}" for part in value.parts)
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None


def named(interp: Interpreter, value: Value | None, package: str, frame: Frame) -> Value | None:
    """A thing that is given as itself or by its (relative) dotted name."""
    if isinstance(value, Const) and isinstance(value.value, str):
        name = value.value.replace(":", ".")
        while name.startswith(".."):
            package, name = package.rpartition(".")[0], name[1:]
        if name.startswith("."):
            name = package + (name if len(name) > 1 else "")
        return interp.import_by_name(name, frame)
    return value if value is not UNKNOWN else None
