"""View sets of Django REST framework: which URLs a router's templates give each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Class,
    Const,
    External,
    Frame,
    Function,
    Interpreter,
    Knowledge,
    Mapping,
    Method,
    Object,
    Sequence,
    Value,
)

LOOKUP = "[^/.]+"
ROUTERS = "rest_framework.routers"
_ACTIONS = "rest_framework.decorators"
_KINDS = ("action", "detail_route", "list_route", "link")
_MIXINS = {
    "list": "ListModelMixin",
    "create": "CreateModelMixin",
    "retrieve": "RetrieveModelMixin",
    "update": "UpdateModelMixin",
    "partial_update": "UpdateModelMixin",
    "destroy": "DestroyModelMixin",
}
_BROUGHT = {
    "django_elasticsearch_dsl_drf.viewsets.SuggestMixin": ("suggest", False),
    "django_elasticsearch_dsl_drf.viewsets.FunctionalSuggestMixin": ("functional_suggest", False),
    "django_elasticsearch_dsl_drf.viewsets.MoreLikeThisMixin": ("more_like_this", True),
}
"""Extra actions of the mixins of libraries: name, and whether it is one of a single object."""


class Action(NamedTuple):
    """An extra action of a view set."""

    name: str
    detail: bool
    path: str | None
    """None where it cannot be told."""
    methods: dict[str, str]
    """Verb -> name of the view set's method."""


class Template(NamedTuple):
    """One of a router's routes: what its view sets get."""

    url: str
    """With ``{prefix}``, ``{lookup}``, ``{url_path}`` and ``{trailing_slash}``; without anchors."""
    mapping: dict[str, str] | None
    """Verb -> name of the view set's method; None for a template of extra actions."""
    detail: bool | None
    """Whether the extra actions are those of one object; None for both."""
    label: str
    """How the route is named behind ``basename-``."""


class Place(NamedTuple):
    """What the templates are filled with."""

    prefix: str
    lookup: str
    slash: str


class Filled(NamedTuple):
    """One URL of a view set."""

    url: str | None
    """None where it cannot be told."""
    methods: tuple[str, ...]
    label: str


def fill(interp: Interpreter, templates: list[Template], viewset: Value, place: Place) -> Iterator[Filled]:
    """The URLs of a view set, in the router's order."""
    plain = {name for one in templates if one.mapping for name in one.mapping.values()}
    actions = [one for one in _actions(interp, viewset) if one.name not in plain]
    for template in templates:
        if template.mapping is None:
            for action in actions:
                if template.detail in (None, action.detail):
                    verbs = _verbs(interp, viewset, action.methods, extra=True)
                    url = None if action.path is None else _url(template.url, place, action.path)
                    yield Filled(url, verbs, action.path or action.name)
        else:
            verbs = _verbs(interp, viewset, template.mapping)
            if verbs:
                yield Filled(_url(template.url, place), verbs, template.label)


def _url(url: str, place: Place, path: str = "") -> str:
    words = {"prefix": place.prefix, "lookup": place.lookup, "trailing_slash": place.slash, "url_path": path}
    for name, text in words.items():
        url = url.replace(f"{{{name}}}", text)
    return url if place.prefix else url.removeprefix("/")


def lookup_of(viewset: Value, prefix: str = "", *, converters: bool = False) -> str:
    """The part of the URL that tells one object of a view set."""
    name, expression, converter = "pk", LOOKUP, "str"
    if isinstance(viewset, Class):
        name = _text(viewset, "lookup_url_kwarg") or _text(viewset, "lookup_field") or "pk"
        expression = _text(viewset, "lookup_value_regex") or LOOKUP
        converter = _text(viewset, "lookup_value_converter") or "str"
    return f"<{converter}:{prefix}{name}>" if converters else f"(?P<{prefix}{name}>{expression})"


def _text(viewset: Class, name: str) -> str | None:
    found = viewset.find(name)
    value = found[0] if found else None
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None


# -- templates -----------------------------------------------------------------------------------


@dataclass
class _Shared:
    """The library's own templates, which all routers of a run share."""

    routes: Sequence = field(default_factory=lambda: Sequence([]))


def _library_routes(interp: Interpreter) -> Sequence:
    shared = interp.state(_Shared)
    if not shared.routes.items:
        frame = interp.root_frame
        both = {"get": "list", "post": "create"}
        one = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}

        def route(kind: str, url: str, *rest: Value) -> Object:
            made = Args([Const(f"^{{prefix}}{url}{{trailing_slash}}$"), *rest, Mapping()])
            return Object(External(f"{ROUTERS}.{kind}"), made, frame)

        def mapping(verbs: dict[str, str]) -> Mapping:
            return Mapping({verb: Const(name) for verb, name in verbs.items()})

        shared.routes.items += [
            route("Route", "", mapping(both), Const("{basename}-list"), Const(False)),
            route("DynamicRoute", "/{url_path}", Const("{basename}-{url_name}"), Const(False)),
            route("Route", "/{lookup}", mapping(one), Const("{basename}-detail"), Const(True)),
            route("DynamicRoute", "/{lookup}/{url_path}", Const("{basename}-{url_name}"), Const(True)),
        ]
    return shared.routes


def templates_of(interp: Interpreter, router: Object) -> list[Template] | None:
    """The templates of a router; None where they cannot be told."""
    stated = router.attrs.get("routes")
    if stated is None and isinstance(router.cls, Class):
        found = router.cls.find("routes")
        stated = found[0] if found is not None else None
    return _templates(stated if stated is not None else _library_routes(interp))


def library_templates(interp: Interpreter) -> list[Template]:
    """Those that a router has of which nothing else is known."""
    return _templates(_library_routes(interp)) or []


def _templates(stated: Value) -> list[Template] | None:
    if not isinstance(stated, Sequence) or stated.open:
        return None
    made = [_template(item) for item in stated.items]
    return [one for one in made if one is not None] if None not in made else None


_FIELDS = {
    "Route": ("url", "mapping", "name", "detail", "initkwargs"),
    "DynamicRoute": ("url", "name", "detail", "initkwargs"),
    "DynamicListRoute": ("url", "name", "initkwargs"),
    "DynamicDetailRoute": ("url", "name", "initkwargs"),
}


def _kind(route: Value) -> str:
    """Of the library's named tuples, which one it is."""
    name = route.cls.name if isinstance(route, Object) and isinstance(route.cls, External) else ""
    package, _, last = name.rpartition(".")
    return last if package == ROUTERS and last in _FIELDS else ""


def _field(route: Object, name: str) -> Value | None:
    fields = _FIELDS[_kind(route)]
    return route.args.get(fields.index(name), name) if route.args is not None and name in fields else None


def _template(route: Value) -> Template | None:
    kind = _kind(route)
    if not isinstance(route, Object) or not kind:
        return None
    url, name, detail = (_field(route, one) for one in ("url", "name", "detail"))
    if not isinstance(url, Const) or not isinstance(url.value, str):
        return None
    text = url.value.removeprefix("^").removesuffix("$")
    label = name.value if isinstance(name, Const) and isinstance(name.value, str) else ""
    label = label.removeprefix("{basename}-").replace("{basename}", "")
    if kind == "Route":
        verbs = _names(_field(route, "mapping"))
        return Template(text, verbs, None, label) if verbs is not None else None
    known = detail.value if isinstance(detail, Const) and isinstance(detail.value, bool) else None
    if kind != "DynamicRoute":
        known = kind == "DynamicDetailRoute"
    return Template(text, None, known, label)


def _names(mapping: Value | None) -> dict[str, str] | None:
    if not isinstance(mapping, Mapping) or mapping.open:
        return None
    found = {}
    for verb, name in mapping.items.items():
        if not isinstance(verb, str) or not isinstance(name, Const) or not isinstance(name.value, str):
            return None
        found[verb.lower()] = name.value
    return found


# -- actions -------------------------------------------------------------------------------------


def _verbs(
    interp: Interpreter, viewset: Value, mapping: dict[str, str], *, extra: bool = False
) -> tuple[str, ...]:
    """The methods that a view set answers of those that a template offers."""
    allowed = None
    names = viewset.find("http_method_names") if isinstance(viewset, Class) else None
    if names is not None and isinstance(names[0], Sequence) and not names[0].open:
        allowed = {i.value for i in names[0].items if isinstance(i, Const)}
    found = []
    for verb, action in mapping.items():
        if (allowed is None or verb in allowed) and (extra or has_action(interp, viewset, action)):
            found.append(verb.upper())
    return tuple(found)


def has_action(interp: Interpreter, viewset: Value, action: str) -> bool:
    """Whether a view set has a method of that name."""
    found = viewset.find(action) if isinstance(viewset, Class) else None
    if found is not None:
        return not (isinstance(found[0], Const) and found[0].value is None)
    lineage = interp.lineage(viewset)
    if action.startswith(("bulk_", "partial_bulk_")):
        return any(name.startswith("rest_framework_bulk.") for name in lineage)
    mixin = _MIXINS.get(action)
    return mixin is not None and f"rest_framework.mixins.{mixin}" in lineage


def stranger(interp: Interpreter, viewset: Value) -> str | None:
    """A library's view set that a view set descends from, or is, and of whose actions nothing is known."""
    known = interp.knowledge.hierarchy
    for name in sorted(interp.lineage(viewset)):
        if name.endswith("ViewSet") and name not in known:
            return name
    return None


def _actions(interp: Interpreter, viewset: Value) -> list[Action]:
    """Extra actions by name."""
    brought = [_BROUGHT[mixin] for mixin in sorted(interp.lineage(viewset) & _BROUGHT.keys())]
    seen = {name: Action(name, detail, name, {"get": name}) for name, detail in brought}
    if not isinstance(viewset, Class):
        return list(seen.values())
    own: dict[str, Action] = {}
    for cls in viewset.mro():
        for name, value in cls.namespace.items():
            if not isinstance(value, Function) or name in own:
                continue
            for decorator in decorators_of(value):
                row = _action(decorator, name)
                if row is not None:
                    seen[name] = own[name] = row
    for cls in viewset.mro():
        for name, value in cls.namespace.items():
            for decorator in value.decorators if isinstance(value, Function) else ():
                _map(seen, decorator, name)
    return [seen[name] for name in sorted(seen)]


def _map(seen: dict[str, Action], decorator: Value, name: str) -> None:
    """``@other_action.mapping.delete``."""
    mapping = decorator.receiver if isinstance(decorator, Method) else None
    base = mapping.receiver if isinstance(mapping, Method) and mapping.name == "mapping" else None
    if isinstance(decorator, Method) and isinstance(base, Function):
        for one in seen.values():
            if one.name == base.name:
                one.methods.setdefault(decorator.name, name)


def decorators_of(function: Function) -> list[Value]:
    """The decorators of a function and of what it wraps."""
    found = list(function.decorators)
    inner = function.wrapped
    while isinstance(inner, Function) and len(found) < 50:
        found += inner.decorators
        inner = inner.wrapped
    return found


def _action(decorator: Value, name: str) -> Action | None:
    if not isinstance(decorator, Object) or not isinstance(decorator.cls, External):
        return None
    kind = decorator.cls.name.rpartition(".")[2]
    if not decorator.cls.name.startswith(f"{_ACTIONS}.") or kind not in _KINDS:
        return None
    detail = decorator.arg(1, "detail")
    one = kind in ("detail_route", "link") or (isinstance(detail, Const) and detail.value is True)
    listed = decorator.arg(0, "methods")
    verbs: dict[str, str] = {"get": name}
    if isinstance(listed, Sequence):
        verbs = {str(i.value).lower(): name for i in listed.items if isinstance(i, Const)}
    path = decorator.arg(None, "url_path")
    text: str | None = name if path is None else None
    if isinstance(path, Const):
        text = path.value if isinstance(path.value, str) and path.value else name
    return Action(name, one, text, verbs)


def _decorated(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    """``action(...)(function)`` without the sign."""
    function = args.get(0)
    if not isinstance(function, Function):
        return None
    if not any(one is receiver for one in function.decorators):
        function.decorators = [*function.decorators, receiver]
    return function


def _replaced(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    kind = _kind(receiver)
    if not isinstance(receiver, Object) or not kind:
        return None
    values = {name: _field(receiver, name) or UNKNOWN for name in _FIELDS[kind]}
    return Object(receiver.cls, Args([], values | args.keywords), frame)


def _route_member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    return _field(obj, name) if _kind(obj) else None


def _routes_of_class(interp: Interpreter, owner: Value, name: str, frame: Frame) -> Value | None:
    return _library_routes(interp) if name == "routes" else None


def routes_member(interp: Interpreter, router: Object) -> Value:
    """``router.routes`` where no class of the code states it."""
    return router.attrs.setdefault("routes", _library_routes(interp))


def teach(knowledge: Knowledge) -> None:
    """The templates of routers, and actions."""
    for name in ("SimpleRouter", "DefaultRouter"):
        knowledge.attributes[f"{ROUTERS}.{name}"] = _routes_of_class
    knowledge.class_members[f"{ROUTERS}.BaseRouter"] = _routes_of_class
    knowledge.aliases["rest_framework_bulk.generics"] = "rest_framework_bulk"
    knowledge.hierarchy["rest_framework_bulk.BulkModelViewSet"] = ("rest_framework.viewsets.ModelViewSet",)
    for kind in _FIELDS:
        knowledge.instance_members[f"{ROUTERS}.{kind}"] = _route_member
        knowledge.methods[f"{ROUTERS}.{kind}._replace"] = _replaced
    for kind in _KINDS:
        knowledge.methods[f"{_ACTIONS}.{kind}.__call__"] = _decorated
