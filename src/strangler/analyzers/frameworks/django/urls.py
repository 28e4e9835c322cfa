"""Django's URL tables: every pattern that a root URLconf leads to, in matching order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import structs

from strangler.analyzers.frameworks.django.admin import DEFAULT_SITE, SITE, admin_views
from strangler.analyzers.frameworks.django.installable import Included, likely
from strangler.analyzers.frameworks.django.library_urls import LIBRARY_TABLES
from strangler.analyzers.frameworks.django.notes import WHILE_DEBUGGING, Notes, under
from strangler.analyzers.frameworks.django.prefixes import (
    Converters,
    Prefix,
    behind_language,
    join,
)
from strangler.analyzers.frameworks.django.routers import RouterUrls, inner_urls, own_method, routes
from strangler.analyzers.frameworks.django.static_files import static_files
from strangler.analyzers.frameworks.django.tables import UrlTable, root_tables
from strangler.analyzers.frameworks.django.url_rows import Place, Row, Table, row_of
from strangler.analyzers.frameworks.django.urlconf import (
    PATTERN,
    RESOLVER,
    Include,
    LocalePrefix,
    is_entry,
    is_path_entry,
)
from strangler.analyzers.frameworks.django.views import dotted, methods_of
from strangler.analyzers.plugin import (
    AddedWhole,
    Args,
    Const,
    Deferred,
    External,
    Function,
    Method,
    Module,
    Object,
    Sequence,
    Value,
    is_default,
    possible_handlers,
    possible_texts,
    served,
)
from strangler.model import RouteTraits
from strangler.model.routes import SlashRedirect

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.django.settings import Settings
    from strangler.analyzers.plugin import Interpreter


DEFAULT = "the URLs here are made of a default: where another value is set, they are other ones"
_TABLE = re.compile(r"[._](?:urls|url_?patterns)$")
"""Names of what is a URL table, or gives one, where a view could stand."""


class Collector:
    """Walks URL tables from their roots."""

    def __init__(self, interp: Interpreter) -> None:
        self.interp = interp
        self.table = Table(interp)
        self.converters = Converters(interp)
        self.seen: set[int] = set()
        """Entries and lists that were walked, by identity."""
        self.placed: dict[tuple[int, Prefix], set[Row]] = {}
        """Entries where they stand, by identity -> their rows: what tables share is listed once."""
        self._above: list[int] = []
        """Lists that lead to where the walk is, by identity."""
        self.rows: set[Row] = set()
        """What the part of the table that is being walked holds."""
        self.listed: set[Row] = set()
        """What the table holds so far: the same route of the same place is listed once."""
        self.included: dict[Included, None] = {}
        """The URLconfs of the tree that entries of the table include."""
        self.suffixed: dict[Row, Prefix] = {}
        """A URL with a format suffix -> that URL with and without."""

    def walk(self, table: UrlTable, settings: Settings) -> None:
        """Add what a URLconf leads to, first match first."""
        self.settings = settings
        self.placed.clear()
        self.listed.clear()
        self.included.clear()
        self.traits = RouteTraits(by_method=False, slash_redirect=_slash_redirect(self.interp, settings))
        if not len(self.table):
            self.table.opaque_routes += static_files(self.interp, settings)
        told = (table.condition,) if table.condition else ()
        start = Prefix(host=table.host, exact=not table.condition, conditions=told)
        place = Place(table.module, table.line)
        self._walk(self.interp.program.member(table.module, "urlpatterns"), start, place, 0)
        self._installable()

    def _installable(self) -> None:
        """Add what the same lines would include for apps that may be installed."""
        possible = self.interp.state(Notes).installable
        for app, one in list(likely(self.included, possible, self._not_reached)):
            told = (*one.prefix.conditions, f"{app} is installed")
            above = one.prefix._replace(exact=False, conditions=tuple(dict.fromkeys(told)))
            here = join(above, Const(one.route), one.is_path, self.converters, nested=True)
            place = Place(*one.place)
            around = self.interp.log.conditions(self.table.file(place), place.line)
            here = here._replace(conditions=tuple(dict.fromkeys((*here.conditions, *around))))
            self._walk(Module(one.module), here, place, 1)

    def _not_reached(self, module: str) -> bool:
        if module not in self.interp.program:
            return False
        table = self.interp.program.member(module, "urlpatterns")
        return isinstance(table, Sequence) and id(table) not in self.seen

    def _walk(self, value: Value, prefix: Prefix, place: Place, depth: int) -> None:
        if isinstance(value, Deferred):
            value = value.now(self.interp)
        limits = self.interp.limits
        if depth > limits.url_depth or id(value) in self._above:
            message = "URL tables are included in each other without end; what lies below is not listed"
            message += f" ({limits.named('url_depth')})" if depth > limits.url_depth else ""
            self.table.say(place, "url-table-too-deep", "warning", message)
            self.table.opaque(prefix, "URL tables that are included in each other", place)
        elif len(self.table) >= limits.url_entries:
            message = "a URL table has too many entries; those behind are not listed"
            message += f" ({limits.named('url_entries')})"
            self.table.say(place, "url-table-too-long", "warning", message)
        elif isinstance(value, Module):
            inner = self.interp.program.member(value.name, "urlpatterns")
            self._walk(inner, prefix, Place(value.name, 1), depth + 1)
        elif isinstance(value, Include):
            self._walk(value.source, prefix, place, depth + 1)
        elif isinstance(value, Sequence):
            self.seen.add(id(value))
            items = value.items
            if value.kind == "tuple" and items and not isinstance(items[0], Object):
                items = items[:1]  # (patterns, app_name[, namespace])
            whole = self.interp.log.additions.whole(value) if items is value.items else []
            self._above.append(id(value))
            for index, item in enumerate(items):
                self._poured([one for one in whole if one.before == index], prefix, place)
                for one in self._held(value, item):
                    above = self._within(prefix, place, self.interp.log.additions.held_under(value, one))
                    self._walk(one, above, place, depth + 1)
            self._above.pop()
            self._poured([one for one in whole if one.before >= len(items)], prefix, place)
            if value.open and items is value.items and not whole and place.module in self.interp.log.spread:
                self._rest(prefix, place, "; it is taken to stand behind what is listed")
        elif isinstance(value, LocalePrefix):
            inside = behind_language(self.interp, self.settings, prefix, value.default)
            for item in value.items:
                self._walk(item, inside, place, depth + 1)
        elif isinstance(value, (RouterUrls, Object)):
            key = (id(value), prefix)
            if key not in self.placed:
                before, self.rows = self.rows, set()
                if isinstance(value, RouterUrls):
                    self._router(value, prefix, depth)
                else:
                    self._entry(value, prefix, depth)
                self.placed[key], self.rows = self.rows, before
            self.rows |= self.placed[key]
        elif isinstance(value, External):
            self._library(prefix, value.name, place)
        else:
            options = [option for option in value.options() if option is not value]
            if options:
                self._one_of(options, prefix, place, depth + 1)
            else:
                message = f"{prefix.pattern or '/'}: which URLs stand here cannot be told"
                self.table.say(place, "unresolved-urls", "warning", message)
                self.table.opaque(prefix, "an include that cannot be told", place)

    def _held(self, table: Sequence, item: Value) -> list[Value]:
        """What stands at one place of a list: several, where it depends on a condition which was added."""
        options = list(item.options())
        apart = any(self.interp.log.additions.held_under(table, option) for option in options)
        return options if apart else [item]

    def _poured(self, added: list[AddedWhole], prefix: Prefix, place: Place) -> None:
        """What was added to a list whole: the table of a library, or nobody knows what."""
        for one in added:
            name = one.value.name if isinstance(one.value, External) else ""
            if _TABLE.search(name):
                self._library(prefix, name, place)
            else:
                self._rest(prefix, place)

    def _rest(self, prefix: Prefix, place: Place, where: str = "") -> None:
        """A list that holds more than can be told."""
        place = Place(place.module, self.interp.log.spread.get(place.module, place.line))
        message = f"{prefix.pattern or '/'}: the list of URLs holds more than can be told{where}"
        self.table.say(place, "unresolved-urls", "warning", message)
        self.table.opaque(prefix, "URLs that cannot be told", place)

    def _one_of(self, options: list[Value], prefix: Prefix, place: Place, depth: int) -> None:
        """Each of several possible tables; what not all of them hold may not be there."""
        before, each = self.rows, []
        start = len(self.table.endpoints)
        for option in options:
            self.rows = set()
            self._walk(option, prefix, place, depth)
            each.append(self.rows)
        self.rows = before.union(*each)
        held = self.rows.intersection(*each)
        message = (
            f"{prefix.pattern or '/'}: which of {len(options)} URL tables stands here is not known; "
            "what only some of them hold may not be there"
        )
        for index, one in enumerate(self.table.endpoints[start:], start):
            known = one.condition or self.interp.log.conditions(one.file, one.line)
            if not known and row_of(one) not in held:
                doubt = f"it is in the one of {len(options)} possible URL tables that is used"
                self.table.endpoints[index] = structs.replace(one, condition=doubt)
                self.table.say(place, "undecided-condition", "note", message)

    def _entry(self, entry: Object, prefix: Prefix, depth: int) -> None:
        kind = entry.cls.name if isinstance(entry.cls, External) else ""
        place = Place(entry.module, entry.line)
        if kind not in (PATTERN, RESOLVER):
            # a decorator around patterns or around include(): what it wraps counts
            given = entry.args.positional if entry.args else []
            wrapped = [a for a in given if isinstance(a, (Include, Sequence, LocalePrefix, RouterUrls))]
            for argument in wrapped:
                self._walk(argument, prefix, place, depth + 1)
            if not wrapped and kind:
                self._library(prefix, kind, place)
            return
        self.seen.add(id(entry))
        route = entry.arg(0, "route") or entry.arg(0, "regex")
        view = entry.arg(1, "view")
        texts, views = possible_texts(route), possible_handlers(self.interp, view)
        if len(texts) > 1 or len(views) > 1:
            for said, text in texts if len(texts) > 1 else [("", route)]:
                for served_by, one in views if len(views) > 1 else [("", view)]:
                    doubts = [f"route is {said}"] * bool(said) + [f"view is {served_by}"] * bool(served_by)
                    above = prefix._replace(conditions=(*prefix.conditions, *doubts))
                    self._placed(entry, text, one, above, depth)
        else:
            self._placed(entry, route, view, prefix, depth)

    def _placed(
        self, entry: Object, route: Value | None, view: Value | None, prefix: Prefix, depth: int
    ) -> None:
        """One of the patterns that an entry may be."""
        place, is_path, nested = Place(entry.module, entry.line), is_path_entry(entry), _nested(view)
        includes = nested is not None or self._site(view) is not None or self._is_library_table(view)
        here = join(prefix, route, is_path, self.converters, nested=includes)
        here = self._within(here, place, under(entry))
        if WHILE_DEBUGGING.of(entry) is not None:
            here = here._replace(conditions=tuple(dict.fromkeys((*here.conditions, "settings.DEBUG"))))
        if is_default(route):
            message = DEFAULT
            self.table.say(place, "doubtful-prefix", "warning", message)
        if nested is not None:
            around = self.interp.log.conditions(self.table.file(place), place.line)
            here = here._replace(conditions=tuple(dict.fromkeys((*here.conditions, *around))))
            module = nested.source if isinstance(nested, Include) else nested
            if isinstance(module, Module) and isinstance(route, Const) and isinstance(route.value, str):
                at = (place.module, place.line)
                self.included[Included(at, module.name, route.value, is_path, prefix)] = None
            self._walk(nested, here, place, depth + 1)
        else:
            self._add(entry, here, view, place)

    def _within(self, here: Prefix, place: Place, blocks: tuple[Any, ...]) -> Prefix:
        """With what must hold where those stand who call what holds the place."""
        if not blocks:
            return here
        log, file = self.interp.log, self.table.file(place)
        own = log.conditions(file, place.line)
        more = [one for one in log.conditions(file, place.line, blocks) if one not in own]
        return here._replace(conditions=tuple(dict.fromkeys((*here.conditions, *more))))

    def _add(self, entry: Object, here: Prefix, view: Value | None, place: Place) -> None:
        handler = served(self.interp, view)
        name = dotted(handler) if handler is not None else None
        site = self._site(view)
        if isinstance(handler, External) and self._is_library_table(view):
            self._library(here, handler.name, place)
        elif site is not None:
            self._admin(here, site)
            self._library(here, SITE, place)
        elif name is None or handler is None:
            self.table.unresolved += 1
            message = f"the view of {here.pattern or '/'} cannot be told"
            self.table.say(place, "unresolved-handler", "warning", message)
            self.table.opaque(here, "a view that cannot be told", place, below=False)
        else:
            self.table.resolved += 1
            label = entry.args.text(3, "name") if entry.args is not None else None
            self._endpoint(here, methods_of(self.interp, view, handler), name, label, place)

    def _site(self, view: Value | None) -> Object | None:
        """The admin site whose table stands where a view could stand."""
        site = view.receiver if isinstance(view, Method) and view.name == "urls" else None
        return site if isinstance(site, Object) and SITE in self.interp.lineage(site) else None

    def _is_library_table(self, view: Value | None) -> bool:
        handler = served(self.interp, view)
        return isinstance(handler, External) and _TABLE.search(handler.name) is not None

    def _admin(self, prefix: Prefix, site: Value) -> None:
        """The views of an admin site that first-party classes serve themselves."""
        for one in admin_views(self.interp, site):
            above = (
                join(prefix, Const(one.place), True, self.converters, nested=True) if one.place else prefix
            )
            here = join(above, Const(one.route), one.is_path, self.converters, nested=False)
            handler = served(self.interp, one.handler)
            name = dotted(handler) if handler is not None else None
            if name is not None and not isinstance(handler, External):
                self.table.resolved += 1
                self._endpoint(here, None, name, None, Place(one.module, one.line))

    def _router(self, urls: RouterUrls, prefix: Prefix, depth: int) -> None:
        own = own_method(urls.router, "get_urls")
        if own is not None and not urls.inner:
            self._changed(urls.router, own, prefix, depth)
            return
        for route in routes(self.interp, urls.router):
            place = Place(route.module, route.line)
            above = self._within(prefix, place, route.under)
            above = above if route.exact else above._replace(exact=False)
            text = route.regex if route.is_path else f"^{route.regex}$"
            here = join(above, Const(text), route.is_path, self.converters, nested=False)
            if route.default:
                self.table.say(place, "doubtful-prefix", "warning", DEFAULT)
            handler = served(self.interp, route.view)
            name = dotted(handler) if handler is not None else None
            if name is None:
                self.table.unresolved += 1
                message = f"the view of {here.pattern} cannot be told"
                self.table.say(place, "unresolved-handler", "warning", message)
                self.table.opaque(here, "a view that cannot be told", place, below=False)
                continue
            self.table.resolved += 1
            self._endpoint(here, route.methods, name, route.name, place)
            if route.suffixed:
                there, whole = (
                    join(above, Const(f"^{regex}$"), False, self.converters, nested=False)
                    for regex in (route.suffixed, route.whole)
                )
                row = self._endpoint(there, route.methods, name, route.name, place)
                self.suffixed[row] = whole

    def _changed(self, router: Object, own: Function, prefix: Prefix, depth: int) -> None:
        """The routes of a router whose class has its own ``get_urls``."""
        result = self.interp.invoke(own, Args([router]), self.interp.root_frame)
        place = Place(router.module, router.line)
        items = result.items if isinstance(result, Sequence) and not result.open else []
        inner = inner_urls(router)
        if not items or inner.touched or not all(is_entry(one) or one is inner for one in items):
            message = (
                f"{prefix.pattern or '/'}: what {own.dotted} does to the router's routes is not followed"
            )
            self.table.say(place, "unresolved-urls", "warning", message)
            prefix = prefix._replace(exact=False)
            self._walk(inner, prefix, place, depth + 1)
            self.table.opaque(prefix, "a router that changes its routes", place)
        for one in items:
            if is_entry(one) or one is inner:
                self._walk(one, prefix, place, depth + 1)

    # -- rows ------------------------------------------------------------------------------------

    def _endpoint(
        self, here: Prefix, methods: tuple[str, ...] | None, handler: str, name: str | None, place: Place
    ) -> Row:
        endpoint = self.table.endpoint(here, methods, handler, name, place, self.traits)
        row = row_of(endpoint)
        if row not in self.listed:
            self.table.endpoints.append(endpoint)
        self.listed.add(row)
        self.rows.add(row)
        return row

    def _library(self, prefix: Prefix, name: str, place: Place) -> None:
        meant = self.settings.local(self.interp, name, self.table.file(place))
        if meant:
            message = f"{prefix.pattern or '/'}: {name} is not among the files read; its URLs are not listed"
            if "/" in meant:
                message += f"; it may be {meant}, whose import root the setting roots can name"
            self.table.say(place, "unresolved-urls", "warning", message)
        else:
            top = prefix.pattern or "/"
            message = f"{top}: what {name} answers is not listed; it stays with the monolith"
            self.table.say(place, "library-urls", "note", message)
        if name.endswith("admin.site.urls"):
            self._admin(prefix, self.interp.external(DEFAULT_SITE))
        known = LIBRARY_TABLES.get(name.removesuffix(".urlpatterns"), ())
        for route in known:
            here = join(prefix, Const(route.removesuffix("*")), True, self.converters, nested=False)
            self.table.opaque(here, name, place, below=route.endswith("*"))
        if not known:
            self.table.opaque(prefix, name, place)


def _slash_redirect(interp: Interpreter, settings: Settings) -> SlashRedirect:
    """``CommonMiddleware`` appends the slash, unless ``APPEND_SLASH`` is off."""
    if settings.get(interp, "APPEND_SLASH").truth() is False:
        return "never"
    names = [settings.get(interp, name) for name in ("MIDDLEWARE", "MIDDLEWARE_CLASSES")]
    listed = [value for value in names if isinstance(value, Sequence)]
    known = bool(listed) and not any(value.open for value in listed)
    texts = [item.value for value in listed for item in value.items if isinstance(item, Const)]
    common = any(str(text).endswith("CommonMiddleware") for text in texts)
    return "append" if common or not known or not texts else "never"


def _nested(view: Value | None) -> Value | None:
    """The patterns that stand where a view could stand."""
    if isinstance(view, (Include, Sequence, RouterUrls, LocalePrefix)):
        return view
    if isinstance(view, Object) and isinstance(view.cls, External) and view.args is not None:
        for argument in view.args.positional:
            if isinstance(argument, (Include, LocalePrefix, RouterUrls)):
                return argument
    return None


def collect(interp: Interpreter, settings: Settings) -> Collector:
    """All endpoints of the sites' root URLconfs."""
    collector = Collector(interp)
    for table in root_tables(interp, settings):
        collector.walk(table, settings)
    return collector
