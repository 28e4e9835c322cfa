"""Routers of Django REST framework: the URL patterns that ``register`` gives."""

from __future__ import annotations

from typing import Any, NamedTuple

from strangler.analyzers.frameworks.django import ninja
from strangler.analyzers.frameworks.django.notes import registered, under
from strangler.analyzers.frameworks.django.orm.queries import Manager, QuerySet
from strangler.analyzers.frameworks.django.viewsets import (
    Place,
    Template,
    fill,
    library_templates,
    lookup_of,
    routes_member,
    stranger,
    templates_of,
)
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
    Object,
    Sequence,
    Tag,
    Value,
    is_default,
)

BASE = "rest_framework.routers.BaseRouter"
SIMPLE = "rest_framework.routers.SimpleRouter"
DEFAULT = "rest_framework.routers.DefaultRouter"
WAGTAIL = "wagtail.api.v2.router.WagtailAPIRouter"
NESTED_ITEM = "rest_framework_extensions.routers.NestedRegistryItem"
NESTED = "rest_framework_nested.routers.NestedMixin"
BULK = "rest_framework_bulk.routes.BulkRouter"
_PATTERN_HOOKS = ("get_routes", "get_method_map", "get_dynamic_routes")
"""Methods of a router that decide its routes; the result of others is followed."""


class Route(NamedTuple):
    """One URL of a router: an unanchored regular expression, its methods and its view."""

    regex: str
    methods: tuple[str, ...] | None
    view: Value
    name: str | None
    line: int
    module: str
    """Where it is registered."""
    suffixed: str = ""
    """What ``format_suffix_patterns`` lists right behind it: the URL with a suffix (``.json``)."""
    whole: str = ""
    """Both as one expression."""
    is_path: bool = False
    """It is written with converters, as for ``path``, not as a regular expression."""
    under: tuple[Any, ...] = ()
    """The undecided blocks in which it is registered."""
    exact: bool = True
    """False where code of the router's own decides what there is, or it is made of a default."""
    default: bool = False
    """Whether its prefix is made of a default, for which a deployment may set another value."""


class RouterUrls(Value):
    """``router.urls``, or what the library's ``get_urls`` gives (``inner``)."""

    __slots__ = ("inner", "router", "touched")

    def __init__(self, router: Object, inner: bool = False) -> None:
        self.router = router
        self.inner = inner
        self.touched = False
        """Whether code looked at single routes: what it does to them is not followed."""

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        self.touched = True
        return UNKNOWN

    def store(self, interp: Interpreter, name: str, value: Value, frame: Frame) -> None:
        self.touched = True

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        return [self], True

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        items, exact = other.elements(interp, frame)
        return Sequence([self, *items], "list", not exact)

    def key(self) -> object:
        return ("router urls", id(self.router), self.inner)


INNER = Tag("django.routes of a router", RouterUrls)
"""Of a router whose class has its own ``get_urls``: what the library's gives."""


class Registered(Object):
    """What ``register`` was given; in the router's ``registry`` it is a tuple."""

    __slots__ = ()

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        given = self.args or Args()
        name = given.get(2, "basename") or given.get(2, "base_name") or UNKNOWN
        return [given.get(0, "prefix") or UNKNOWN, given.get(1, "viewset") or UNKNOWN, name], True


def _register(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if not isinstance(receiver, Object):
        return None
    registry = receiver.attrs.setdefault("registry", Sequence([]))
    entry = Registered(UNKNOWN, args, frame)
    registered(entry, frame)
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
        viewset = entry.args.get(1, "viewset") or UNKNOWN
        lookup = lookup_of(viewset, f"parent_lookup_{name}")
        expression = lookup.partition(">")[2].removesuffix(")")
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
    return routes_member(interp, obj) if name == "routes" else None


def _get_urls(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    return Sequence([inner_urls(receiver)]) if isinstance(receiver, Object) else None


def inner_urls(router: Object) -> RouterUrls:
    """What the library's own ``get_urls`` gives for a router."""
    return INNER.of(router) or INNER.put(router, RouterUrls(router, inner=True))


def _get_lookup(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    """The library's own ``get_lookup_regex``."""
    prefix = args.get(1, "lookup_prefix") or Const("")
    viewset = args.get(0, "viewset")
    if viewset is None or not isinstance(prefix, Const) or not isinstance(receiver, Object):
        return None
    return Const(lookup_of(viewset, str(prefix.value), converters=_with_converters(receiver)))


def _urls(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    return RouterUrls(obj) if name == "urls" else None


def _wagtail_urls(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    return RouterUrls(obj) if name in ("urls", "get_urlpatterns") else None


def teach(knowledge: Knowledge) -> None:
    """The routers of Django REST framework, of drf-nested-routers, of Wagtail's API and of Django Ninja."""
    knowledge.instance_members[ninja.API] = _urls
    knowledge.instance_members[WAGTAIL] = _wagtail_urls
    knowledge.methods[f"{WAGTAIL}.register_endpoint"] = _register
    knowledge.hierarchy[SIMPLE] = (BASE,)
    knowledge.hierarchy[DEFAULT] = (SIMPLE,)
    for name, parent in (
        (BULK, DEFAULT),
        ("rest_framework_nested.routers.SimpleRouter", SIMPLE),
        ("rest_framework_nested.routers.DefaultRouter", DEFAULT),
        ("rest_framework_extensions.routers.ExtendedSimpleRouter", SIMPLE),
        ("rest_framework_extensions.routers.ExtendedDefaultRouter", DEFAULT),
    ):
        knowledge.hierarchy[name] = (parent,)
    knowledge.hierarchy["rest_framework_nested.routers.NestedSimpleRouter"] = (NESTED, SIMPLE)
    knowledge.hierarchy["rest_framework_nested.routers.NestedDefaultRouter"] = (NESTED, DEFAULT)
    knowledge.instance_members[BASE] = _member
    knowledge.registrars |= {BASE, NESTED_ITEM}
    knowledge.methods[f"{BASE}.register"] = _register
    knowledge.methods[f"{NESTED_ITEM}.register"] = _register_nested
    knowledge.methods[f"{BASE}.get_urls"] = _get_urls
    knowledge.methods[f"{BASE}.get_lookup_regex"] = _get_lookup


def routes(interp: Interpreter, router: Object) -> list[Route]:
    """The patterns of a router in its own order."""
    lineage = interp.lineage(router)
    if WAGTAIL in lineage:
        return _wagtail_routes(interp, router)
    if ninja.API in lineage:
        return [
            Route(one.route, one.methods, one.view, None, one.line, one.module, is_path=True, under=one.under)
            for one in ninja.operations(interp, router)
        ]
    prefix = _parent_prefix(interp, router)
    templates = templates_of(interp, router)
    if prefix is None:
        return [Route(".*", (), UNKNOWN, None, router.line, router.module)]
    guessed = templates is None or any(own_method(router, name) is not None for name in _PATTERN_HOOKS)
    templates = library_templates(interp) if templates is None else templates
    if BULK in lineage:
        templates = [_bulk(one) for one in templates]
    slash = _trailing_slash(interp, router)
    found: list[Route] = []
    registry = router.attrs.get("registry")
    for entry in registry.items if isinstance(registry, Sequence) else []:
        if isinstance(entry, Object) and entry.args is not None:
            found += _viewset_routes(interp, router, templates, entry, Place(prefix, "", slash))
    if guessed:
        found = [route._replace(exact=False) for route in found]
    if guessed or (isinstance(registry, Sequence) and registry.open):
        found.append(Route(f"{prefix}.*", (), UNKNOWN, None, router.line, router.module))
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
    viewset: Value = UNKNOWN
    registry = parent.attrs.get("registry")
    for entry in registry.items if isinstance(registry, Sequence) else []:
        if (
            isinstance(entry, Object)
            and entry.args is not None
            and entry.args.text(0, "prefix") == prefix.value
        ):
            viewset = entry.args.get(1, "viewset") or UNKNOWN
    part = _lookup(interp, parent, viewset, word)
    return f"{above}{prefix.value}/{part}/" if part is not None else None


def own_method(router: Object, name: str) -> Function | None:
    """A method that a first-party class of routers has instead of the library's."""
    found = router.cls.find(name) if isinstance(router.cls, Class) else None
    return found[0] if found is not None and isinstance(found[0], Function) else None


def _with_converters(router: Object) -> bool:
    stated = router.arg(None, "use_regex_path")
    return isinstance(stated, Const) and stated.value is False


def _lookup(interp: Interpreter, router: Object, viewset: Value, prefix: str = "") -> str | None:
    """The part of a URL that tells one object; None where the router's own code does not tell it."""
    own = own_method(router, "get_lookup_regex")
    if own is None:
        return lookup_of(viewset, prefix, converters=_with_converters(router))
    given = Args([router, viewset, *([Const(prefix)] if prefix else [])])
    text = interp.invoke(own, given, interp.root_frame)
    return text.value if isinstance(text, Const) and isinstance(text.value, str) else None


def _bulk(template: Template) -> Template:
    """django-rest-framework-bulk: the list answers the methods of one object as well."""
    if template.mapping is None or "list" not in template.mapping.values():
        return template
    more = {"put": "bulk_update", "patch": "partial_bulk_update", "delete": "bulk_destroy"}
    return template._replace(mapping={**template.mapping, **more})


def _viewset_routes(
    interp: Interpreter, router: Object, templates: list[Template], entry: Object, place: Place
) -> list[Route]:
    """The routes of what is registered; ``place`` has the router's own prefix."""
    args = entry.args or Args()
    prefix, viewset = args.text(0, "prefix"), args.get(1, "viewset")
    options = viewset.options() if viewset is not None else ()
    known = [one for one in options if isinstance(one, (Class, External))]
    if prefix is None or not known:
        return [_unknown(f"{place.prefix}{prefix}/.*" if prefix is not None else ".*", entry)]
    given = args.text(2, "basename") or args.text(2, "base_name")
    found: list[Route] = []
    for one in known:
        name = given or _named_after(one) or prefix
        lookup = _lookup(interp, router, one)
        if lookup is None:
            return [_unknown(f"{place.prefix}{prefix}/.*", entry)]
        filled = fill(interp, templates, one, Place(f"{place.prefix}{prefix}", lookup, place.slash))
        for row in filled:
            if row.url is None:
                found.append(_unknown(f"{place.prefix}{prefix}/.*", entry))
            else:
                label = f"{name}-{row.label}" if row.label else name
                made = Route(row.url, row.methods, one, label, entry.line, entry.module)
                around = under(entry)
                default = is_default(args.get(0, "prefix"))
                found.append(
                    made._replace(
                        is_path=_with_converters(router), under=around, exact=not default, default=default
                    )
                )
        if stranger(interp, one) is not None:
            found.append(_unknown(f"{place.prefix}{prefix}/.*", entry))
    return found


def _named_after(viewset: Class | External) -> str | None:
    """What routes are called without a ``basename``: the model of the view set's query."""
    stated = viewset.find("queryset") if isinstance(viewset, Class) else None
    query = stated[0] if stated is not None else None
    model = query.model if isinstance(query, (QuerySet, Manager)) else None
    if isinstance(model, External):
        return model.name.rpartition(".")[2].lower()
    return model.name.lower() if isinstance(model, Class) else None


def _unknown(below: str, entry: Object) -> Route:
    return Route(below, (), UNKNOWN, None, entry.line, entry.module)
