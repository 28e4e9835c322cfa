"""What URLconfs are written with: ``path``, ``include``, ``i18n_patterns``, static files, converters."""

from __future__ import annotations

import re

from strangler.analyzers.frameworks.django import patterns
from strangler.analyzers.frameworks.django.notes import WHILE_DEBUGGING, Notes, registered
from strangler.analyzers.frameworks.django.routers import RouterUrls
from strangler.analyzers.frameworks.django.settings import Settings
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Class,
    Const,
    External,
    Frame,
    Interpreter,
    Knowledge,
    Mapping,
    Module,
    Object,
    Sequence,
    Tag,
    Value,
    words,
)

PATTERN = "django.urls.resolvers.URLPattern"
RESOLVER = "django.urls.resolvers.URLResolver"
PATH = ("django.urls.path", "django.urls.conf.path")
RE_PATH = ("django.urls.re_path", "django.urls.conf.re_path", "django.conf.urls.url")


class Include(Value):
    """``include(...)``: the patterns of another URLconf."""

    __slots__ = ("source",)

    def __init__(self, source: Value) -> None:
        self.source = source

    def key(self) -> object:
        return ("include", self.source.key())


class Translated(Const):
    """A text that is another one in another language: ``gettext_lazy("orders/")``."""

    __slots__ = ()


class LocalePrefix(Value):
    """``i18n_patterns(...)``: patterns behind a language code."""

    __slots__ = ("default", "items")

    def __init__(self, items: list[Value], default: bool | None) -> None:
        self.items = items
        self.default = default

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        return [self], True

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        items, exact = other.elements(interp, frame)
        return Sequence([self, *items], "list", not exact)

    def key(self) -> object:
        return ("i18n", id(self))


def _include(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    source = args.get(0, "arg") or UNKNOWN
    if isinstance(source, Sequence) and source.kind == "tuple" and source.items:
        source = source.items[0]
    if isinstance(source, Const) and isinstance(source.value, str):
        module = interp.import_by_name(source.value, frame)
        return Include(module)
    if isinstance(source, Module):
        interp.import_noted(source.name, frame)
    return Include(source)


IS_PATH = Tag("django.is path", Const)
"""Of an entry: whether its route is one of ``path()``, no regular expression."""


def is_path_entry(entry: Object) -> bool:
    """Whether an entry's route is one of ``path()``."""
    stated = IS_PATH.of(entry)
    return stated is not None and stated.truth() is True


def is_entry(value: Value) -> bool:
    """Whether something is an entry of a URL table."""
    return (
        isinstance(value, Object)
        and isinstance(value.cls, External)
        and value.cls.name in (PATTERN, RESOLVER)
    )


def _entry(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``path``, ``re_path`` or ``url``: an entry of a URL table."""
    nested = isinstance(args.get(1, "view"), (Include, Sequence, LocalePrefix, RouterUrls))
    entry = Object(External(RESOLVER if nested else PATTERN), args, frame)
    entry.identify()
    IS_PATH.put(entry, Const(external.name in PATH))
    registered(entry, frame)
    place = frame.module.facts.path, frame.line
    made = interp.state(Notes).entries
    made[place] = interp.booting or made.get(place, False)
    return entry


def _patterns(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``patterns("shop.views", ("^boats$", "boats"), url(...))`` of Django before 1.10."""
    prefix = args.text(0, "prefix") or ""
    entries: list[Value] = []
    for item in args.positional[1:]:
        if isinstance(item, Sequence) and item.kind == "tuple" and len(item.items) > 1:
            item = _entry(interp, External(RE_PATH[0]), Args([*item.items]), frame)
        view = item.arg(1, "view") if prefix and isinstance(item, Object) else None
        if isinstance(view, Const) and isinstance(view.value, str) and isinstance(item, Object):
            given = item.given()
            full = {**given.keywords, "view": Const(f"{prefix}.{view.value}")}
            item.args = Args([*given.positional[:1]], {**_named(given), **full}, given.open)
        entries.append(item)
    return Sequence(entries, open=args.open)


def _named(given: Args) -> dict[str, Value]:
    """The arguments behind the view, by name."""
    return dict(zip(("kwargs", "name"), given.positional[2:4], strict=False))


def _entry_member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    """What code that rewrites URL tables reads from an entry."""
    if name == "callback":
        return obj.arg(1, "view")
    if name == "default_args" or name == "default_kwargs":
        return obj.arg(2, "kwargs") or Mapping()
    if name == "name":
        return obj.arg(3, "name") or NONE
    if name == "pattern" or name == "regex":
        return RoutePattern(obj)
    if name == "url_patterns":
        view = obj.arg(1, "view")
        return view.source if isinstance(view, Include) else view
    return NONE if name in ("namespace", "app_name") else None


class RoutePattern(Value):
    """``entry.pattern`` and ``entry.pattern.regex``."""

    __slots__ = ("entry",)

    def __init__(self, entry: Object) -> None:
        self.entry = entry

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name == "regex":
            return self
        if name in ("pattern", "_regex", "_route"):
            route = self.entry.arg(0, "route") or self.entry.arg(0, "regex")
            is_path = is_path_entry(self.entry)
            if is_path and isinstance(route, Const) and name == "pattern":
                return Const(f"^{patterns.named(str(route.value))}$")
            return route or UNKNOWN
        return UNKNOWN


def _i18n(settings: Settings):  # type: ignore[no-untyped-def]
    def i18n(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        items: list[Value] = []
        for argument in args.positional:
            if isinstance(argument, Sequence) and argument.kind == "list":
                items += argument.items
            else:
                items.append(argument)
        used = settings.get(interp, "USE_I18N")
        if used.truth() is False:
            return Sequence(items)
        if any(isinstance(option, Const) and option.value is False for option in used.options()):
            return LocalePrefix(items, None)  # off, as far as the settings are known
        default = args.get(None, "prefix_default_language")
        return LocalePrefix(items, not (isinstance(default, Const) and default.value is False))

    return i18n


def _while_debugging(entry: Value) -> Value:
    """An entry that is there in development alone, whatever the settings at hand say."""
    if isinstance(entry, Object):
        WHILE_DEBUGGING.put(entry, Const(True))
    return entry


def _static(settings: Settings):  # type: ignore[no-untyped-def]
    def static(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        debug = settings.get(interp, "DEBUG")
        prefix = args.get(0, "prefix")
        if isinstance(debug, Const) and not debug.value:
            return Sequence([])
        found: list[Value] = []
        for option in prefix.options() if prefix is not None else ():
            text = option.value if isinstance(option, Const) else None
            if isinstance(text, str) and "//" not in text:
                expression = Const(f"^{re.escape(text.lstrip('/'))}(?P<path>.*)$")
                route = Args([expression, External("django.views.static.serve")])
                found.append(_while_debugging(_entry(interp, External(RE_PATH[0]), route, frame)))
        return Sequence(found)

    return static


def _staticfiles(settings: Settings):  # type: ignore[no-untyped-def]
    def urlpatterns(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        text = args.text(0, "prefix") or settings.text(interp, "STATIC_URL")
        debug = settings.get(interp, "DEBUG")
        if text is None or (isinstance(debug, Const) and not debug.value) or "//" in text:
            return Sequence([])
        view = External("django.contrib.staticfiles.views.serve")
        route = Args([Const(f"^{re.escape(text.lstrip('/'))}(?P<path>.*)$"), view])
        return Sequence([_while_debugging(_entry(interp, External(RE_PATH[0]), route, frame))])

    return urlpatterns


def _debug_toolbar(settings: Settings):  # type: ignore[no-untyped-def]
    def urls(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        debug = settings.get(interp, "DEBUG")
        if isinstance(debug, Const) and not debug.value:
            return Sequence([])
        prefix = Const(args.text(0, "prefix") or "__debug__")
        route = Args([Const(f"{prefix.value}/"), Include(interp.external("debug_toolbar.urls"))])
        return Sequence([_while_debugging(_entry(interp, External(PATH[0]), route, frame))])

    return urls


def _suffixes(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``format_suffix_patterns``: every pattern once more with a suffix."""
    source = args.get(0, "urlpatterns")
    items, exact = source.elements(interp, frame) if source is not None else ([], False)
    result: list[Value] = []
    for item in items:
        result.append(item)
        route = item.arg(0, "route") if isinstance(item, Object) else None
        if isinstance(item, Object) and item.args is not None and isinstance(route, Const):
            if is_path_entry(item):
                text = str(route.value).rstrip("/") + "<drf_format_suffix:format>"
                maker = PATH[0]
            else:
                text = str(route.value).rstrip("$").rstrip("/") + r"\.(?P<format>[a-z0-9]+)/?$"
                maker = RE_PATH[0]
            more = Args([Const(text), *item.args.positional[1:]], item.args.keywords)
            result.append(_entry(interp, External(maker), more, frame))
    return Sequence(result, "list", not exact)


def _register_converter(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    converter, name = args.get(0, "converter"), args.text(1, "type_name")
    if isinstance(converter, Class) and name is not None:
        interp.state(Notes).converters[name, converter] = None
    return None


def _translated(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``gettext`` and the like: the text itself; a lazy one is looked up for each request."""
    text = args.get(1 if "pgettext" in external.name else 0, "message") or UNKNOWN
    return Translated(text.value) if isinstance(text, Const) and external.name.endswith("_lazy") else text


def teach(knowledge: Knowledge, settings: Settings) -> None:
    """URL configuration."""
    for name in words("gettext ugettext pgettext gettext_lazy ugettext_lazy pgettext_lazy"):
        knowledge.calls[f"django.utils.translation.{name}"] = _translated
    for name in ("django.urls.include", "django.urls.conf.include", "django.conf.urls.include"):
        knowledge.calls[name] = _include
    for name in (*PATH, *RE_PATH):
        knowledge.calls[name] = _entry
    for name in (PATTERN, RESOLVER):
        knowledge.aliases[name.replace(".resolvers", "")] = name
        knowledge.instance_members[name] = _entry_member
        knowledge.public[name] = frozenset()
    knowledge.calls["django.conf.urls.i18n.i18n_patterns"] = _i18n(settings)
    knowledge.calls["django.conf.urls.static.static"] = _static(settings)
    knowledge.calls["django.contrib.staticfiles.urls.staticfiles_urlpatterns"] = _staticfiles(settings)
    knowledge.calls["debug_toolbar.toolbar.debug_toolbar_urls"] = _debug_toolbar(settings)
    knowledge.calls["rest_framework.urlpatterns.format_suffix_patterns"] = _suffixes
    knowledge.calls["django.urls.register_converter"] = _register_converter
    knowledge.calls["django.urls.converters.register_converter"] = _register_converter
    for name in ("django.conf.urls.patterns", "django.conf.urls.defaults.patterns"):
        knowledge.calls[name] = _patterns
