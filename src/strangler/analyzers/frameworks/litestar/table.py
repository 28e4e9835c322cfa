"""Litestar's route table: what applications, routers and controllers register, in the order of its trie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from strangler.analyzers.frameworks.litestar.handlers import (
    HOLE,
    Made,
    Names,
    RouteHandler,
    library_thing,
    text_of_path,
)
from strangler.analyzers.frameworks.litestar.requests import Injected
from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Class,
    Compiled,
    Const,
    Function,
    Interpreter,
    Mapping,
    Object,
    Place,
    Value,
    is_default,
    literal,
    only_conditional,
    opaque_route,
    several,
    unwrapped,
)
from strangler.model import Diagnostic, Endpoint, OpaqueRoute, Request

_DEEPEST = 20
_PARAMETER = re.compile(r"\{([^{}:]*)(?::([^{}]*))?\}")
_SCHEMA = "/schema"


@dataclass
class Row:
    """A row and its rank: per segment a text, what mounts, a parameter, the rest of a path."""

    rank: tuple[float, ...]
    row: Endpoint | OpaqueRoute


@dataclass(frozen=True)
class Layer:
    """What surrounds a handler: its path so far, its guards, and the names that are injected."""

    place: Place
    module: str
    """In which what is walked is made."""
    path: str = ""
    guards: tuple[str, ...] = ()
    injected: frozenset[str] = frozenset()
    depth: int = 0
    sure: bool = True
    """The path can be no other one."""


class Table:
    """Walks down from applications to handlers."""

    def __init__(self, interp: Interpreter) -> None:
        self.interp = interp
        self.diagnostics: list[Diagnostic] = []
        self.reached: set[int] = set()
        """Handlers that an application reaches, by identity."""
        self.asked = 0
        self.full = False

    def of_application(self, app: Object, lists: list[Value]) -> Iterator[Row]:
        """All that an application serves, the pages of its own documentation included."""
        outer = self._layer(Layer(self._place(app), app.module), app, app.attrs.get("path"))
        stated = app.arg(None, "openapi_config")
        if not (isinstance(stated, Const) and stated.value is None):
            given = stated.arg(None, "path") if isinstance(stated, Object) else None
            known = isinstance(given, Const) and isinstance(given.value, str)
            path = joined(outer.path, given.value if known and isinstance(given, Const) else _SCHEMA)
            yield self._opaque(path, "litestar.openapi", outer.place)
        yield from self._lists(lists, outer)

    def unregistered(self) -> Iterator[Diagnostic]:
        """Controllers of which no application reaches anything."""
        owners: dict[Class, list[RouteHandler]] = {}
        for one in self.interp.state(Made).handlers:
            function = unwrapped(self.interp, one.handler)
            if isinstance(function, Function) and function.owner is not None:
                owners.setdefault(function.owner, []).append(one)
        for owner, made in owners.items():
            if not any(id(one) in self.reached for one in made):
                message = f"{owner.qualname} is registered by no application found"
                where = Place(owner.module.facts.path, owner.line)
                yield self._diagnostic(where, "unregistered-routes", message)

    # -- the walk ------------------------------------------------------------------------------------

    def _lists(self, lists: list[Value], around: Layer) -> Iterator[Row]:
        for given in lists:
            items, complete = given.elements(self.interp, self.interp.root_frame)
            for item in items:
                under = (*around.place.under, *self.interp.log.additions.held_under(given, item))
                inner = replace(around, place=replace(around.place, under=under), depth=around.depth + 1)
                for option in item.options():
                    yield from self._item(option, inner)
            if not (complete or only_conditional(self.interp, given, around.module)):
                yield self._hole(around, "handlers that cannot be told")

    def _item(self, value: Value, around: Layer) -> Iterator[Row]:
        self.asked += 1
        if self.asked > self.interp.limits.url_entries or around.depth > _DEEPEST:
            if not self.full:
                self.full = True
                limit = self.interp.limits.named("url_entries")
                self._say(around.place, "url-table-too-long", f"not all handlers are listed ({limit})")
                yield self._hole(around, "handlers behind a limit", told=True)
        elif isinstance(value, RouteHandler):
            yield from self._handler(value, around)
        elif isinstance(lists := getattr(value, "lists", None), list) and isinstance(value, Object):
            here = replace(around, place=self._at(value, around), module=value.module)
            yield from self._lists(lists, self._layer(here, value, value.arg(0, "path")))
        elif isinstance(value, Class) and Names.controller in value.ancestors(self.interp):
            yield from self._controller(value, around)
        elif isinstance(value, Class) and Names.listener in value.ancestors(self.interp):
            found = value.find("path")
            for path in [text_of_path(one) for one in several(found[0] if found else None)] or [""]:
                listener = RouteHandler("websocket", None, Args(), value, self.interp.root_frame)
                yield self._endpoint(listener, value, self._joined(around, path), around)
        elif (thing := library_thing(value)) is not None:
            path = text_of_path(value.arg(0, "path")) if isinstance(value, Object) else ""
            prefix = self._joined(around, path if HOLE not in path else "")
            yield self._opaque(prefix, thing, around.place)
        elif value is not UNKNOWN or self.asked:
            yield self._hole(around, "a handler that cannot be told")

    def _controller(self, cls: Class, around: Layer) -> Iterator[Row]:
        scope = cls.module
        here = replace(around, place=Place(scope.facts.path, cls.line, around.place.under))
        attributes = {
            name: found[0] for name in ("path", "guards", "dependencies") if (found := cls.find(name))
        }
        inner = self._joined_layer(here, attributes.get("path"), attributes)
        names = dict.fromkeys(name for parent in cls.mro() for name in parent.namespace)
        for name in names:
            found = cls.find(name)
            for option in found[0].options() if found is not None else ():
                if isinstance(option, RouteHandler):
                    yield from self._handler(option, replace(inner, depth=inner.depth + 1))

    def _handler(self, handler: RouteHandler, around: Layer) -> Iterator[Row]:
        self.reached.add(id(handler))
        place = replace(handler.place, under=(*around.place.under, *handler.place.under))
        attributes = {
            name: given for name in ("guards", "dependencies") if (given := handler.args.get(None, name))
        }
        for path in handler.paths:
            inner = self._joined_layer(replace(around, place=place), Const(path), attributes, handler.sure)
            function = unwrapped(self.interp, handler.handler)
            if function is None:
                thing = library_thing(handler.handler)
                if thing is None:
                    message = f"the function that serves {shown(inner.path)} cannot be told"
                    self._say(place, "unresolved-handler", message)
                yield self._opaque(inner.path, thing or "something that cannot be told", place)
                continue
            yield self._endpoint(handler, function, inner.path, inner)

    # -- layers --------------------------------------------------------------------------------------

    def _layer(self, around: Layer, owner: Object, path: Value | None) -> Layer:
        attributes = {
            name: given for name in ("guards", "dependencies") if (given := owner.arg(None, name)) is not None
        }
        return self._joined_layer(around, path if path is not UNKNOWN else None, attributes)

    def _joined_layer(
        self, around: Layer, path: Value | None, attributes: dict[str, Value], sure: bool = True
    ) -> Layer:
        guards = [
            one.dotted if isinstance(one, (Function, Class)) else one.name
            for value in several(attributes.get("guards"))
            for one in [unwrapped(self.interp, value) or library_thing(value)]
            if one is not None
        ]
        injected = attributes.get("dependencies")
        names = (
            {key for key in injected.items if isinstance(key, str)}
            if isinstance(injected, Mapping)
            else set()
        )
        sure = sure and not is_default(path)
        text = text_of_path(path)
        if not sure:
            self._say(around.place, "doubtful-prefix", f"the path {shown(text)} may be another one")
        return replace(
            around,
            path=self._joined(around, text),
            sure=around.sure and sure,
            guards=tuple(dict.fromkeys((*around.guards, *guards))),
            injected=around.injected | names,
        )

    def _joined(self, around: Layer, path: str) -> str:
        full = joined(around.path, path)
        if HOLE in path:
            self._say(around.place, "unresolved-prefix", f"part of {shown(full)} cannot be told")
        return full

    # -- rows ----------------------------------------------------------------------------------------

    def _endpoint(self, handler: RouteHandler, function: Function | Class, path: str, around: Layer) -> Row:
        mounted = handler.kind == "asgi" and is_true(handler.args.get(None, "is_mount"))
        compiled, rank = compile_path(path, mounted)
        name = handler.args.text(None, "name")
        self.interp.state(Injected).names[function.dotted] = around.injected
        place, log = around.place, self.interp.log
        row = Endpoint(
            path=compiled.path,
            methods=handler.methods,
            handler=function.dotted,
            framework="litestar",
            pattern=compiled.pattern,
            regex=compiled.regex,
            name=name,
            file=place.file,
            line=place.line,
            order=0,
            exact=compiled.exact and around.sure,
            condition=" and ".join(log.conditions(place.file, place.line, place.under)),
            requests=tuple(Request(method=m, guards=around.guards) for m in handler.methods or ())
            if around.guards
            else (),
            protocol="websocket" if handler.kind == "websocket" else "http",
        )
        return Row(rank, row)

    def _opaque(self, path: str, what: Value | str, place: Place) -> Row:
        compiled, rank = compile_path(path, mounted=True)
        return Row(rank, opaque_route(compiled.path, compiled.regex, what, "litestar", place))

    def _hole(self, around: Layer, what: str, told: bool = False) -> Row:
        if not told:
            self._say(around.place, "unresolved-urls", f"{shown(around.path) or '/'}: {what}")
        return self._opaque(around.path, what, around.place)

    def _place(self, value: Object) -> Place:
        scope = self.interp.program.scopes.get(value.module)
        return Place(scope.facts.path if scope is not None else "", value.line)

    def _at(self, value: Object, around: Layer) -> Place:
        return replace(self._place(value), under=around.place.under)

    def _say(self, where: Place, code: str, message: str) -> None:
        row = self._diagnostic(where, code, message)
        if row not in self.diagnostics:
            self.diagnostics.append(row)

    def _diagnostic(self, where: Place, code: str, message: str) -> Diagnostic:
        return Diagnostic(file=where.file, line=where.line, code=code, severity="warning", message=message)


def is_true(value: Value | None) -> bool:
    """Whether an argument is certainly true."""
    return value is not None and value.truth() is True


def joined(prefix: str, path: str) -> str:
    """Two parts of a path as Litestar joins them: one slash between segments, none at the end."""
    return re.sub("/+", "/", f"/{prefix}/{path}").rstrip("/") or "/"


def shown(path: str) -> str:
    """A path for people."""
    return path.replace(HOLE, "{unknown}")


def compile_path(path: str, mounted: bool = False) -> tuple[Compiled, tuple[float, ...]]:
    """``/orders/{pk:int}`` in three languages, with its rank; a value of the wrong type is a 404 in any case.

    Args:
        path: joined as ``joined`` does it.
        mounted: whether it serves what is below it, too.
    """
    normal, regex, rank = "", "", []
    for segment in path.strip("/").split("/") if path != "/" else ():
        parameter = _PARAMETER.fullmatch(segment)
        if parameter is not None:
            rest = parameter[2] == "path"
            normal += f"/{{{parameter[1].strip()}}}"
            regex += "/.+" if rest else "/[^/]+"
            rank.append(3.0 if rest else 2.0)
        else:
            normal += "/" + shown(segment)
            regex += "/" + ".+".join(literal(part) for part in segment.split(HOLE))
            rank.append(0.0 if HOLE not in segment else 4.0)
    if mounted:
        return Compiled(shown(path), normal or "/", regex + "(?:/.*)?" if regex else "/.*"), (*rank, 1.0)
    return Compiled(shown(path), normal or "/", regex + "/?" if regex else "/", HOLE not in path), tuple(rank)
