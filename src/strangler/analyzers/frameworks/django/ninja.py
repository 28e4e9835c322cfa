"""Django Ninja: the operations of an API and of the routers that are added to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from strangler.analyzers.frameworks.django.notes import registered, under
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Const,
    Decorator,
    External,
    Frame,
    Interpreter,
    Knowledge,
    Object,
    Sequence,
    Tag,
    Value,
    http_methods,
)

if TYPE_CHECKING:
    from strangler.analyzers.plugin import MethodHandler

API = "ninja.NinjaAPI"
ROUTER = "ninja.Router"
_VERBS = ("get", "post", "put", "patch", "delete")
_OPERATIONS = Tag("ninja.operations", Sequence)
_ROUTERS = Tag("ninja.routers", Sequence)
MOST_NESTED = 20
"""Routers within one another; more than any real API has."""


class Operation(NamedTuple):
    """One URL of an API; ``view`` is unknown where nothing more than the URL can be told."""

    route: str
    """As for ``path``."""
    methods: tuple[str, ...] | None
    view: Value
    line: int
    module: str
    under: tuple[Any, ...] = ()
    """The undecided blocks in which it is registered."""


def operations(interp: Interpreter, api: Object) -> Iterator[Operation]:
    """The URLs of an API in its own order."""
    yield from _documentation(api)
    for prefix, router in _with_routers(interp, "", api, 0):
        if prefix is None or router is None:
            rest = "<path:unknown>" if not prefix else f"{prefix}/<path:unknown>"
            yield Operation(_normal(rest), None, UNKNOWN, api.line, api.module)
            continue
        for entry in _of(_OPERATIONS, router):
            verbs, path, view = (entry.arg(index) for index in range(3))
            text = path.value if isinstance(path, Const) and isinstance(path.value, str) else "<path:unknown>"
            found = view if isinstance(path, Const) and view is not None else UNKNOWN
            methods = http_methods(interp, verbs, interp.root_frame)
            place = entry.line, entry.module
            yield Operation(_joined(prefix, text), methods, found, *place, under(entry))
    root = External("ninja.openapi.views.default_home")
    yield Operation("", ("GET",), root, api.line, api.module)


def _documentation(api: Object) -> Iterator[Operation]:
    schema, docs = api.arg(None, "openapi_url"), api.arg(None, "docs_url")
    if schema is not None and schema.truth() is False:
        return
    for stated, usual, name in (
        (schema, "openapi.json", "openapi_json"),
        (docs, "docs", "openapi_view"),
    ):
        if stated is None or stated.truth() is not False:
            text = str(stated.value) if isinstance(stated, Const) else usual
            view = External(f"ninja.openapi.views.{name}")
            yield Operation(_normal(text), ("GET",), view, api.line, api.module)


def _with_routers(
    interp: Interpreter, prefix: str, router: Object, depth: int
) -> Iterator[tuple[str | None, Object | None]]:
    """The router and all that are added to it, with where they are."""
    yield prefix, router
    for entry in _of(_ROUTERS, router):
        at, inner = entry.arg(0), entry.arg(1)
        if isinstance(inner, Const) and isinstance(inner.value, str):
            inner = interp.program.resolve(inner.value)
        known = isinstance(at, Const) and isinstance(at.value, str)
        here = _joined(prefix, str(at.value)) if isinstance(at, Const) and known else None
        options = inner.options() if inner is not None else ()
        each = [one for one in options if isinstance(one, Object) and ROUTER in interp.lineage(one)]
        if here is None or not each or depth >= MOST_NESTED:
            yield here, None
            continue
        for one in each:
            yield from _with_routers(interp, here, one, depth + 1)


def _of(tag: Tag[Sequence], router: Object) -> list[Object]:
    held = tag.of(router)
    return [one for one in held.items if isinstance(one, Object)] if held is not None else []


def _normal(route: str) -> str:
    return re.sub("/{2,}", "/", route.replace("{", "<").replace("}", ">")).lstrip("/")


def _joined(prefix: str, path: str) -> str:
    return _normal("/".join(part for part in (prefix, path) if part))


# -- registration --------------------------------------------------------------------------------


def _keep(tag: Tag[Sequence], router: Value, given: list[Value], frame: Frame) -> None:
    if isinstance(router, Object):
        held = tag.of(router) or tag.put(router, Sequence([]))
        entry = Object(UNKNOWN, Args(given), frame)
        registered(entry, frame)
        held.items.append(entry)


def _operation(verbs: tuple[str, ...]) -> MethodHandler:
    def handler(interp: Interpreter, router: Value, args: Args, frame: Frame) -> Value:
        listed = Sequence([Const(verb) for verb in verbs]) if verbs else args.get(0, "methods") or UNKNOWN
        path = args.get(0 if verbs else 1, "path") or UNKNOWN

        def apply(target: Value, inner: Frame) -> Value | None:
            _keep(_OPERATIONS, router, [listed, path, target], frame)
            return None

        return Decorator(apply)

    return handler


def _add_router(interp: Interpreter, router: Value, args: Args, frame: Frame) -> Value:
    given = [args.get(0, "prefix") or UNKNOWN, args.get(1, "router") or UNKNOWN]
    _keep(_ROUTERS, router, given, frame)
    return NONE


def _add_operation(interp: Interpreter, router: Value, args: Args, frame: Frame) -> Value:
    path, verbs, view = (
        args.get(i, name) or UNKNOWN for i, name in enumerate(("path", "methods", "view_func"))
    )
    _keep(_OPERATIONS, router, [verbs, path, view], frame)
    return NONE


def teach(knowledge: Knowledge) -> None:
    """APIs, routers, and what is registered with them."""
    knowledge.aliases["ninja.main.NinjaAPI"] = API
    knowledge.aliases["ninja.router.Router"] = ROUTER
    for base in (API, ROUTER):
        for verb in _VERBS:
            knowledge.methods[f"{base}.{verb}"] = _operation((verb,))
        knowledge.methods[f"{base}.api_operation"] = _operation(())
        knowledge.methods[f"{base}.add_router"] = _add_router
        knowledge.methods[f"{base}.add_api_operation"] = _add_operation
