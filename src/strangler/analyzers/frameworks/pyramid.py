"""Pyramid: routes of a Configurator, and the views that are configured for them."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass

from strangler.analyzers.plugin import (
    NONE,
    Args,
    Class,
    Compiled,
    Const,
    Decorator,
    External,
    Found,
    Frame,
    Framework,
    Interpreter,
    Knowledge,
    Module,
    Object,
    Place,
    SourceTree,
    Value,
    http_methods,
    literal,
    numbered,
    place,
    run_factories,
    unwrapped,
)
from strangler.model import Endpoint, RouteTraits
from strangler.model.system import SlashRedirect

CONFIGURATOR = "pyramid.config.Configurator"
_PART = re.compile(r"(\{[_a-zA-Z][^{}]*(?:\{[^{}]*\}[^{}]*)*\})")


@dataclass
class View:
    """A view configured for a route; a missing name is that of ``view_defaults`` on its class."""

    route: str | None
    handler: Value
    methods: tuple[str, ...] | None
    owner: Class | None


@dataclass
class Route:
    """``add_route``."""

    name: str
    pattern: str
    methods: tuple[str, ...] | None
    place: Place


class Configurator(Object):
    """A configurator; an included one shares what it collects and has a prefix of its own."""

    __slots__ = ("prefix",)

    def __init__(self, cls: Value, args: Args, frame: Frame, prefix: str = "") -> None:
        super().__init__(cls, args, frame)
        self.prefix = prefix

    def enter(self, interp: Interpreter, frame: Frame) -> Value:
        return self

    def key(self) -> Hashable:
        return ("configurator", id(self))


class Pyramid(Framework):
    """Pyramid's URL dispatch."""

    name = "pyramid"
    packages = ("pyramid",)

    def __init__(self, tree: SourceTree) -> None:
        super().__init__(tree)
        self.routes: list[Route] = []
        self.views: list[View] = []
        self.defaults: dict[Class, str] = {}
        self.slash: SlashRedirect = "never"
        self.found = Found()

    def teach(self, knowledge: Knowledge) -> None:
        knowledge.calls[CONFIGURATOR] = lambda interp, external, args, frame: Configurator(
            external, args, frame, (args.text(None, "route_prefix") or "").strip("/")
        )
        knowledge.instantiations[CONFIGURATOR] = lambda interp, cls, args, frame: Configurator(
            cls, args, frame, (args.text(None, "route_prefix") or "").strip("/")
        )
        knowledge.calls["pyramid.view.view_config"] = self._view_config
        knowledge.calls["pyramid.view.notfound_view_config"] = self._notfound
        knowledge.calls["pyramid.view.view_defaults"] = self._view_defaults
        knowledge.methods |= {
            f"{CONFIGURATOR}.add_route": self._add_route,
            f"{CONFIGURATOR}.add_view": self._add_view,
            f"{CONFIGURATOR}.add_notfound_view": self._add_notfound_view,
            f"{CONFIGURATOR}.include": self._include,
        }

    # -- configuration -----------------------------------------------------------------------------

    def _view_config(self, interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
        def apply(target: Value, inner: Frame) -> Value | None:
            methods = http_methods(interp, args.get(None, "request_method"), inner)
            owner = inner.owner if inner.callee is None else None
            self.views.append(View(args.text(None, "route_name"), _attribute(target, args), methods, owner))
            return None

        return Decorator(apply)

    def _view_defaults(
        self, interp: Interpreter, external: External, args: Args, frame: Frame
    ) -> Value | None:
        name = args.text(None, "route_name")

        def apply(target: Value, inner: Frame) -> Value | None:
            if isinstance(target, Class) and name is not None:
                self.defaults[target] = name
            return None

        return Decorator(apply)

    def _add_route(self, interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        name, pattern = args.text(0, "name"), args.text(1, "pattern") or args.text(None, "path")
        if isinstance(receiver, Configurator) and name is not None and pattern is not None and interp.booting:
            interp.effects += 1
            if receiver.prefix:
                pattern = f"{receiver.prefix}/{pattern.lstrip('/')}"
            full = pattern if pattern.startswith("/") else f"/{pattern}"
            methods = http_methods(interp, args.get(None, "request_method"), frame)
            self.routes.append(Route(name, full, methods, place(frame)))
        return NONE

    def _add_view(self, interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        view, name = args.get(0, "view"), args.text(None, "route_name")
        if isinstance(view, Const) and isinstance(view.value, str):
            view = interp.import_by_name(view.value, frame)
        if view is not None and name is not None and interp.booting:
            interp.effects += 1
            methods = http_methods(interp, args.get(None, "request_method"), frame)
            self.views.append(View(name, _attribute(view, args), methods, None))
        return NONE

    def _notfound(self, interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
        """``append_slash=True`` of a not-found view, given by a decorator or a call."""
        append = args.get(None, "append_slash")
        if append is not None and append.truth() is not False:
            self.slash = "append"
        return Decorator(lambda target, inner: None)

    def _add_notfound_view(
        self, interp: Interpreter, receiver: Value, args: Args, frame: Frame
    ) -> Value | None:
        self._notfound(interp, interp.external("pyramid.view.notfound_view_config"), args, frame)
        return NONE

    def _include(self, interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        target = args.get(0, "callable")
        if isinstance(target, Const) and isinstance(target.value, str):
            name = target.value
            if name.startswith("."):
                name = frame.module.package + (name if len(name) > 1 else "")
            target = interp.import_by_name(name, frame)
        if isinstance(target, Module):
            target = target.get(interp, "includeme", frame)
        if isinstance(receiver, Configurator) and target is not None:
            own = (args.text(1, "route_prefix") or "").strip("/")
            prefix = "/".join(part for part in (receiver.prefix, own) if part)
            inner = Configurator(receiver.cls, Args(), frame, prefix)
            interp.effects += 1
            target.call(interp, Args([inner]), frame)
        return NONE

    # -- endpoints -----------------------------------------------------------------------------------

    def prepare(self, interp: Interpreter) -> None:
        run_factories(interp, frozenset({CONFIGURATOR}))
        endpoints = []
        for route in self.routes:
            for view in self.views:
                name = view.route or self._default(view.owner)
                handler = unwrapped(interp, view.handler) if name == route.name else None
                if handler is not None:
                    endpoints.append(_endpoint(route, view, handler.dotted, self.slash))
        self.found.endpoints = numbered(endpoints)

    def _default(self, owner: Class | None) -> str | None:
        return next((self.defaults[c] for c in owner.mro() if c in self.defaults), None) if owner else None

    def collect(self, interp: Interpreter) -> Found:
        self.found.present = bool(self.routes)
        return self.found


def _attribute(target: Value, args: Args) -> Value:
    """``attr="method"`` of a view class."""
    name = args.text(None, "attr")
    found = target.find(name) if name is not None and isinstance(target, Class) else None
    return found[0] if found is not None else target


def _endpoint(route: Route, view: View, handler: str, slash: SlashRedirect) -> Endpoint:
    compiled = compile_pattern(route.pattern)
    return Endpoint(
        path=compiled.path,
        methods=view.methods or route.methods,
        handler=handler,
        framework="pyramid",
        pattern=compiled.pattern,
        regex=compiled.regex,
        name=route.name,
        file=route.place.file,
        line=route.place.line,
        order=0,
        traits=RouteTraits(slash_redirect=slash),
    )


def compile_pattern(pattern: str) -> Compiled:
    """``/orders/{pk:\\d+}/*rest`` as a normal form and an expression; Pyramid ends it with ``$``."""
    head, star, rest = pattern.partition("*")
    normal: list[str] = []
    regex: list[str] = []
    for part in _PART.split(head):
        if part.startswith("{") and part.endswith("}"):
            name, colon, expression = part[1:-1].partition(":")
            normal.append(f"{{{name}}}")
            regex.append(f"(?:{expression})" if colon else "[^/]+")
        else:
            normal.append(part)
            regex.append(literal(part))
    if star:
        normal.append(f"{{{rest}}}")
        regex.append(".*")
    if next((part for part in reversed(regex) if part), "") != "[^/]+":
        regex.append(r"\n?")
    return Compiled(pattern, "".join(normal), "".join(regex))
