"""Routers of Django REST framework: the URL patterns that ``register`` gives."""

from __future__ import annotations

from typing import NamedTuple

from strangler.analyzers.plugin import (
    LIBRARY_INIT,
    UNKNOWN,
    Args,
    Class,
    Const,
    External,
    Frame,
    Function,
    Interpreter,
    Knowledge,
    Method,
    Object,
    Sequence,
    Tag,
    Value,
)

BASE = "rest_framework.routers.BaseRouter"
SIMPLE = "rest_framework.routers.SimpleRouter"
DEFAULT = "rest_framework.routers.DefaultRouter"
WAGTAIL = "wagtail.api.v2.router.WagtailAPIRouter"
NESTED_ITEM = "rest_framework_extensions.routers.NestedRegistryItem"
NESTED = "rest_framework_nested.routers.NestedMixin"
_STANDARD = {
    False: {"list": "GET", "create": "POST"},
    True: {"retrieve": "GET", "update": "PUT", "partial_update": "PATCH", "destroy": "DELETE"},
}
_MIXINS = {
    "list": "ListModelMixin",
    "create": "CreateModelMixin",
    "retrieve": "RetrieveModelMixin",
    "update": "UpdateModelMixin",
    "partial_update": "UpdateModelMixin",
    "destroy": "DestroyModelMixin",
}
_LOOKUP = "[^/.]+"


class Route(NamedTuple):
    """One URL of a router: an unanchored regular expression, its methods and its view."""

    regex: str
    methods: tuple[str, ...]
    view: Value
    name: str | None
    line: int
    module: str
    """Where it is registered."""
    suffixed: str = ""
    """What ``format_suffix_patterns`` lists right behind it: the URL with a suffix (``.json``)."""
    whole: str = ""
    """Both as one expression."""


class RouterUrls(Value):
    """``router.urls``."""

    __slots__ = ("router",)

    def __init__(self, router: Object) -> None:
        self.router = router

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        return [self], True

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        items, exact = other.elements(interp, frame)
        return Sequence([self, *items], "list", not exact)

    def key(self) -> object:
        return ("router urls", id(self.router))


def _register(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if not isinstance(receiver, Object):
        return None
    registry = receiver.attrs.setdefault("registry", Sequence([]))
    entry = Object(UNKNOWN, args, frame)
    if isinstance(registry, Sequence):
        registry.items.append(entry)
    # drf-extensions: register() gives something to register nested routes on.
    return Object(External(NESTED_ITEM), Args([receiver, entry]), frame)


def _register_nested(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    """drf-extensions: routes below one of another registered view set."""
    lookups = args.get(3, "parents_query_lookups")
    prefix, given = args.text(0, "prefix"), lookups.items if isinstance(lookups, Sequence) else []
    names = [str(name.value) for name in given if isinstance(name, Const)]
    if not isinstance(receiver, Object) or prefix is None:
        return None
    above, item = "", receiver
    for name in reversed(names):
        router, entry = item.arg(0), item.arg(1)
        if not isinstance(router, Object) or not isinstance(entry, Object) or entry.args is None:
            return None
        viewset = entry.args.get(1, "viewset")
        expression = _lookup(viewset)[1] if isinstance(viewset, Class) else _LOOKUP
        own = _OWN_PREFIX.of(item) or entry.args.get(0, "prefix")
        place = own.value if isinstance(own, Const) else ""
        above = f"{place}/(?P<parent_lookup_{name}>{expression})/{above}"
        parent = item.arg(2)
        item = parent if isinstance(parent, Object) else item
    router = receiver.arg(0)
    if not isinstance(router, Object):
        return None
    nested = Args([Const(above + prefix), *args.positional[1:3]], dict(args.keywords))
    nested.keywords.pop("prefix", None)
    nested.keywords.pop("parents_query_lookups", None)
    made = _register(interp, router, nested, frame)
    if isinstance(made, Object) and made.args is not None:
        made.args.positional.append(receiver)
        _OWN_PREFIX.put(made, Const(prefix))
    return made


_OWN_PREFIX = Tag("django.own prefix", Const)
"""Of what a nested router registered: its prefix without those above it."""


def _member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    if name == "urls":
        return RouterUrls(obj)
    if name == "registry":
        return obj.attrs.setdefault("registry", Sequence([]))
    return None


def _get_urls(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    return RouterUrls(receiver) if isinstance(receiver, Object) else None


def _wagtail_urls(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    return RouterUrls(obj) if name in ("urls", "get_urlpatterns") else None


def teach(knowledge: Knowledge) -> None:
    """The routers of Django REST framework, of drf-nested-routers and of Wagtail's API."""
    knowledge.instance_members[WAGTAIL] = _wagtail_urls
    knowledge.methods[f"{WAGTAIL}.register_endpoint"] = _register
    knowledge.hierarchy[SIMPLE] = (BASE,)
    knowledge.hierarchy[DEFAULT] = (SIMPLE,)
    for name, parent in (
        ("rest_framework_nested.routers.SimpleRouter", SIMPLE),
        ("rest_framework_nested.routers.DefaultRouter", DEFAULT),
        ("rest_framework_extensions.routers.ExtendedSimpleRouter", SIMPLE),
        ("rest_framework_extensions.routers.ExtendedDefaultRouter", DEFAULT),
    ):
        knowledge.hierarchy[name] = (parent,)
    knowledge.hierarchy["rest_framework_nested.routers.NestedSimpleRouter"] = (NESTED, SIMPLE)
    knowledge.hierarchy["rest_framework_nested.routers.NestedDefaultRouter"] = (NESTED, DEFAULT)
    knowledge.instance_members[BASE] = _member
    knowledge.methods[f"{BASE}.register"] = _register
    knowledge.methods[f"{NESTED_ITEM}.register"] = _register_nested
    knowledge.methods[f"{BASE}.get_urls"] = _get_urls


def routes(interp: Interpreter, router: Object) -> list[Route]:
    """The patterns of a router in its own order."""
    lineage = interp.lineage(router)
    if WAGTAIL in lineage:
        return _wagtail_routes(interp, router)
    slash = _trailing_slash(interp, router)
    prefix = _parent_prefix(interp, router)
    if prefix is None:
        return [Route(".*", (), UNKNOWN, None, router.line, router.module)]
    found: list[Route] = []
    registry = router.attrs.get("registry")
    for entry in registry.items if isinstance(registry, Sequence) else []:
        if isinstance(entry, Object) and entry.args is not None:
            found += _viewset_routes(interp, prefix, entry, slash)
    if DEFAULT in lineage:
        include_root = router.arg(None, "include_root_view")
        if not (isinstance(include_root, Const) and include_root.value is False) and not _off(
            router, "include_root_view"
        ):
            root = External("rest_framework.routers.APIRootView")
            stated = router.cls.find("APIRootView") if isinstance(router.cls, Class) else None
            view = router.attrs.get("APIRootView") or (stated[0] if stated is not None else root)
            found.append(Route(prefix, ("GET",), view, "api-root", router.line, router.module))
        if not _off(router, "include_format_suffixes"):
            found = [one for route in found for one in _with_suffix(route, slash)]
    return found


def _with_suffix(route: Route, slash: str) -> list[Route]:
    """A route that is answered with a suffix as well; the root view's other URL is one of its own."""
    if route.name == "api-root":
        return [route, route._replace(regex=route.regex + r"(?P<format>\.[a-z0-9]+/?)")]
    stem = route.regex.removesuffix("/") if slash == "/" else route.regex
    suffix = r"\.(?P<format>[a-z0-9]+)/?"
    ends = f"(?:{suffix})?" if stem == route.regex else f"(?:/|{suffix})"
    return [route._replace(suffixed=stem + suffix, whole=stem + ends)]


def _wagtail_routes(interp: Interpreter, router: Object) -> list[Route]:
    found = []
    registry = router.attrs.get("registry")
    for entry in registry.items if isinstance(registry, Sequence) else []:
        name = entry.arg(0, "name") if isinstance(entry, Object) else None
        viewset = entry.arg(1, "class_") if isinstance(entry, Object) else None
        if isinstance(name, Const) and viewset is not None:
            for tail, label in (("", "listing"), (r"(?P<pk>\d+)/", "detail"), ("find/", "find")):
                route = f"{name.value}/{tail}"
                found.append(Route(route, ("GET",), viewset, label, router.line, router.module))
    return found


def _off(router: Object, name: str) -> bool:
    stated = router.cls.find(name) if isinstance(router.cls, Class) else None
    return stated is not None and isinstance(stated[0], Const) and stated[0].value is False


def _trailing_slash(interp: Interpreter, router: Object) -> str:
    value = router.arg(None, "trailing_slash")
    if value is None:
        base = LIBRARY_INIT.of(router)
        if base is not None:
            value = base.arg(None, "trailing_slash")
    stated = router.attrs.get("trailing_slash")
    if stated is None and isinstance(router.cls, Class):
        found = router.cls.find("trailing_slash")
        stated = found[0] if found is not None else None
    if isinstance(stated, Const) and isinstance(stated.value, str):
        return stated.value
    if value is None and NESTED in interp.lineage(router):
        parent = router.arg(0, "parent_router")
        above = next((one for one in parent.options() if isinstance(one, Object)), None) if parent else None
        if above is not None and above is not router:
            return _trailing_slash(interp, above)  # inherited where it is not stated
    return "" if isinstance(value, Const) and value.value is False else "/"


def _parent_prefix(interp: Interpreter, router: Object) -> str | None:
    """What stands before the routes of a nested router; None where it cannot be told."""
    if NESTED not in interp.lineage(router):
        return ""
    parent, prefix, lookup = (
        router.arg(0, "parent_router"),
        router.arg(1, "parent_prefix"),
        router.arg(None, "lookup"),
    )
    # One of several routers: what is registered on one of them is registered on each.
    parent = next((one for one in parent.options() if isinstance(one, Object)), None) if parent else None
    above = _parent_prefix(interp, parent) if parent is not None else None
    if parent is None or above is None or not isinstance(prefix, Const):
        return None
    word = f"{lookup.value}_" if isinstance(lookup, Const) else "nested_1_"
    field = "pk"
    expression = _LOOKUP
    registry = parent.attrs.get("registry")
    for entry in registry.items if isinstance(registry, Sequence) else []:
        if (
            isinstance(entry, Object)
            and entry.args is not None
            and entry.args.text(0, "prefix") == prefix.value
        ):
            viewset = entry.args.get(1, "viewset")
            if isinstance(viewset, Class):
                field, expression = _lookup(viewset)
    return f"{above}{prefix.value}/(?P<{word}{field}>{expression})/"


def _lookup(viewset: Class) -> tuple[str, str]:
    def text(name: str) -> str | None:
        found = viewset.find(name)
        return (
            found[0].value
            if found and isinstance(found[0], Const) and isinstance(found[0].value, str)
            else None
        )

    field = text("lookup_url_kwarg") or text("lookup_field") or "pk"
    return field, text("lookup_value_regex") or _LOOKUP


def _viewset_routes(interp: Interpreter, parent: str, entry: Object, slash: str) -> list[Route]:
    args = entry.args or Args()
    prefix, viewset = args.text(0, "prefix"), args.get(1, "viewset")
    options = viewset.options() if viewset is not None else ()
    known = [one for one in options if isinstance(one, (Class, External))]
    if prefix is None or not known:
        below = ".*" if prefix is None else f"{parent}{prefix}/.*"
        return [Route(below, (), UNKNOWN, None, entry.line, entry.module)]
    name = args.text(2, "basename") or args.text(2, "base_name") or prefix
    places = _Places(f"{parent}{prefix}", slash if prefix else "", slash, name, entry)
    return [route for one in known for route in _routes_of(interp, places, one)]


class _Places(NamedTuple):
    """Where the views of a registered view set are: below ``base``, by the name of the routes."""

    base: str
    list_end: str
    slash: str
    name: str
    entry: Object

    def route(self, regex: str, methods: tuple[str, ...], viewset: Value, of: str) -> Route:
        return Route(regex, methods, viewset, f"{self.name}-{of}", self.entry.line, self.entry.module)


def _routes_of(interp: Interpreter, places: _Places, viewset: Value) -> list[Route]:
    base, slash = places.base, places.slash
    field, expression = _lookup(viewset) if isinstance(viewset, Class) else ("pk", _LOOKUP)
    one = f"{base}/(?P<{field}>{expression})"
    found: list[Route] = []
    for detail, stem in ((False, base), (True, one)):
        methods = tuple(m for action, m in _STANDARD[detail].items() if _answers(interp, viewset, action))
        if not detail and methods:
            found.append(places.route(f"{stem}{places.list_end}", methods, viewset, "list"))
        actions = [a for a in _actions(viewset) if a[0] is detail]
        rows = [
            places.route(f"{stem}/{path}{slash}" if stem else f"{path}{slash}", verbs, viewset, path)
            for _, path, verbs in actions
        ]
        if detail and methods:
            found.append(places.route(f"{stem}{slash}", methods, viewset, "detail"))
        found += rows
    return found


def _answers(interp: Interpreter, viewset: Value, action: str) -> bool:
    allowed = None
    if isinstance(viewset, Class):
        names = viewset.find("http_method_names")
        if names is not None and isinstance(names[0], Sequence) and not names[0].open:
            allowed = {i.value for i in names[0].items if isinstance(i, Const)}
        verb = {**_STANDARD[False], **_STANDARD[True]}[action].lower()
        if allowed is not None and verb not in allowed:
            return False
        found = viewset.find(action)
        if found is not None:
            return not (isinstance(found[0], Const) and found[0].value is None)
    lineage = interp.lineage(viewset)
    return f"rest_framework.mixins.{_MIXINS[action]}" in lineage


def _actions(viewset: Value) -> list[tuple[bool, str, tuple[str, ...]]]:
    """Extra actions by name: detail or not, URL path, methods."""
    if not isinstance(viewset, Class):
        return []
    seen: dict[str, tuple[bool, str, tuple[str, ...]]] = {}
    mapped: dict[str, set[str]] = {}
    for cls in viewset.mro():
        for name, value in cls.namespace.items():
            function = value if isinstance(value, Function) else None
            if function is None or name in seen:
                continue
            for decorator in decorators_of(function):
                row = _action(decorator, name)
                if row is not None:
                    seen[name] = row
            for decorator in function.decorators:
                if isinstance(decorator, Method) and isinstance(decorator.receiver, Method):
                    base = decorator.receiver.receiver  # @other_action.mapping.delete
                    if isinstance(base, Function) and base.name in seen:
                        mapped.setdefault(base.name, set()).add(decorator.name.upper())
    result = []
    for name in sorted(seen):
        detail, path, verbs = seen[name]
        result.append((detail, path, tuple(sorted({*verbs, *mapped.get(name, ())}))))
    return result


def decorators_of(function: Function) -> list[Value]:
    """The decorators of a function and of what it wraps."""
    found = list(function.decorators)
    inner = function.wrapped
    while isinstance(inner, Function) and len(found) < 50:
        found += inner.decorators
        inner = inner.wrapped
    return found


def _action(decorator: Value, name: str) -> tuple[bool, str, tuple[str, ...]] | None:
    if not isinstance(decorator, Object) or not isinstance(decorator.cls, External):
        return None
    kind = decorator.cls.name.rpartition(".")[2]
    if not decorator.cls.name.startswith("rest_framework.decorators.") or kind not in (
        "action",
        "detail_route",
        "list_route",
        "link",
    ):
        return None
    detail_value = decorator.arg(1, "detail")
    detail = kind in ("detail_route", "link") or (
        isinstance(detail_value, Const) and detail_value.value is True
    )
    listed = decorator.arg(0, "methods")
    verbs: tuple[str, ...] = ("GET",)
    if isinstance(listed, Sequence):
        verbs = tuple(sorted(str(i.value).upper() for i in listed.items if isinstance(i, Const)))
    path = decorator.arg(None, "url_path")
    text = path.value if isinstance(path, Const) and isinstance(path.value, str) else name
    return detail, text, verbs
