"""Django's URL table: every pattern that the root URLconf leads to, in matching order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from strangler.analyzers.frameworks.django import patterns
from strangler.analyzers.frameworks.django.notes import Notes
from strangler.analyzers.frameworks.django.routers import RouterUrls, routes
from strangler.analyzers.frameworks.django.settings import Settings
from strangler.analyzers.frameworks.django.urlconf import (
    PATTERN,
    RESOLVER,
    Include,
    LocalePrefix,
)
from strangler.analyzers.frameworks.django.views import dotted, handler_of, methods_of
from strangler.analyzers.plugin import (
    UNKNOWN,
    Const,
    Deferred,
    External,
    Interpreter,
    Method,
    Module,
    Object,
    Sequence,
    Text,
    Value,
)
from strangler.model import Diagnostic, Endpoint, OpaqueRoute, References, RouteTraits
from strangler.model.system import SlashRedirect

DEEPEST_INCLUDE = 100
_LANGUAGE = "[a-z]{2,3}(?:-[a-z0-9]{2,8})*"


LIBRARY_TABLES: dict[str, tuple[str, ...]] = {
    "django.contrib.auth.urls": (
        "login/",
        "logout/",
        "password_change/",
        "password_change/done/",
        "password_reset/",
        "password_reset/done/",
        "reset/<uidb64>/<token>/",
        "reset/done/",
    ),
    "django.conf.urls.i18n": ("setlang/",),
    "django.contrib.flatpages.urls": ("<path:url>",),
    "rest_framework.urls": ("login/", "logout/"),
}
"""URL tables of libraries that are often included at the root: their routes, as for ``path``."""


class Table(NamedTuple):
    """The URL table of a project."""

    endpoints: list[Endpoint]
    """In matching order."""
    opaque_routes: list[OpaqueRoute]
    """What is answered by something that is not listed; their ``order`` is that of the endpoints."""
    diagnostics: list[Diagnostic]
    references: list[References]
    """How many handlers could be told."""


class Prefix(NamedTuple):
    """What the patterns above an include have matched."""

    normal: str | None
    pattern: str
    regex: str
    exact: bool
    namespace: str


class Collector:
    """Walks the URL table from its root."""

    def __init__(self, interp: Interpreter, settings: Settings) -> None:
        self.interp = interp
        self.settings = settings
        self.endpoints: list[Endpoint] = []
        self.opaque: list[OpaqueRoute] = []
        self.diagnostics: list[Diagnostic] = []
        self.resolved = 0
        self.unresolved = 0
        self.converters = {"drf_format_suffix": r"\.[a-z0-9]+/?"}
        self.inexact: set[str] = set()

    def collect(self) -> None:
        """Fill ``endpoints``, first match first."""
        self.traits = RouteTraits(by_method=False, slash_redirect=self._slash_redirect())
        for name, converter in self.interp.state(Notes).converters:
            found = converter.find("regex")
            if found is not None and isinstance(found[0], Const):
                self.converters[name] = str(found[0].value)
            if converter.find("to_python") is not None:
                self.inexact.add(name)
        roots: dict[str, None] = {}
        for site in self.settings.sites(self.interp):
            root = site.text(self.interp, "ROOT_URLCONF")
            if root is not None and self.interp.program.scope(root) is not None:
                roots[root] = None
                self.interp.log.dynamic_import(site.scope.name, root, 1)
        for name in roots or self._roots():
            start = Prefix("/", "", "/", True, "")
            table = self.interp.program.member(name, "urlpatterns")
            for _ in self._walk(table, start, name, 1, 0):
                pass

    def _slash_redirect(self) -> SlashRedirect:
        """``CommonMiddleware`` appends the slash, unless ``APPEND_SLASH`` is off."""
        if self.settings.get(self.interp, "APPEND_SLASH").truth() is False:
            return "never"
        names = [self.settings.get(self.interp, name) for name in ("MIDDLEWARE", "MIDDLEWARE_CLASSES")]
        listed = [value for value in names if isinstance(value, Sequence)]
        known = bool(listed) and not any(value.open for value in listed)
        texts = [item.value for value in listed for item in value.items if isinstance(item, Const)]
        common = any(str(text).endswith("CommonMiddleware") for text in texts)
        return "append" if common or not known or not texts else "never"

    def _roots(self) -> list[str]:
        """Without settings: URLconfs that no other one includes."""
        confs = {n for n, s in self.interp.program.scopes.items() if "urlpatterns" in s.env}
        included = {m for (_, m) in self.interp.log.dynamic_imports if m in confs}
        return sorted(confs - included)

    def _walk(self, value: Value, prefix: Prefix, module: str, line: int, depth: int) -> Iterator[None]:
        if isinstance(value, Deferred):
            value = value.now(self.interp)
        if value is UNKNOWN or isinstance(value, External):
            what = value.name if isinstance(value, External) else "an include that cannot be told"
            self._library(prefix, what, module, line)
            return
        if depth > DEEPEST_INCLUDE:
            self._too_deep(module, line)
            return
        if isinstance(value, Module):
            name = value.name
            yield from self._walk(self.interp.program.member(name, "urlpatterns"), prefix, name, 1, depth + 1)
        elif isinstance(value, Include):
            yield from self._walk(value.source, prefix, module, line, depth + 1)
        elif isinstance(value, Sequence):
            items = value.items
            if value.kind == "tuple" and items and not isinstance(items[0], Object):
                items = items[:1]  # (patterns, app_name[, namespace])
            for item in items:
                yield from self._walk(item, prefix, module, line, depth + 1)
        elif isinstance(value, LocalePrefix):
            for item in value.items:
                yield from self._walk(item, self._locale(prefix, value.default), module, line, depth + 1)
        elif isinstance(value, RouterUrls):
            self._router(value.router, prefix)
            yield
        elif isinstance(value, Object):
            yield from self._entry(value, prefix, depth)
        else:
            for option in value.options():
                if option is not value:
                    yield from self._walk(option, prefix, module, line, depth + 1)

    def _too_deep(self, module: str, line: int) -> None:
        scope = self.interp.program.scopes.get(module)
        message = "URL tables are included in each other too deeply; what lies below is not listed"
        path = scope.facts.path if scope is not None else ""
        found = Diagnostic(
            file=path, line=line, code="url-table-too-deep", severity="warning", message=message
        )
        if found not in self.diagnostics:
            self.diagnostics.append(found)

    def _entry(self, entry: Object, prefix: Prefix, depth: int) -> Iterator[None]:
        kind = entry.cls.name if isinstance(entry.cls, External) else ""
        is_path = "is path" in entry.attrs and bool(entry.attrs["is path"].truth())
        if kind not in (PATTERN, RESOLVER):
            # a decorator around patterns or around include(): what it wraps counts
            around = [
                argument
                for argument in (entry.args.positional if entry.args else [])
                if isinstance(argument, (Include, Sequence, LocalePrefix))
            ]
            for argument in around:
                yield from self._walk(argument, prefix, entry.module, entry.line, depth + 1)
            if not around:
                self._library(prefix, kind or "something that is no pattern", entry.module, entry.line)
            return
        route = entry.arg(0, "route") or entry.arg(0, "regex")
        view = entry.arg(1, "view")
        here = self._join(prefix, route, is_path)
        nested = self._nested(view)
        if nested is not None:
            yield from self._walk(
                nested, self._open_end(here, route, is_path), entry.module, entry.line, depth + 1
            )
            return
        self._add(entry, here, view)
        yield

    def _nested(self, view: Value | None) -> Value | None:
        """The patterns that stand where a view could stand."""
        if isinstance(view, (Include, Sequence, RouterUrls, LocalePrefix)):
            return view
        if isinstance(view, Object) and isinstance(view.cls, External) and view.args is not None:
            for argument in view.args.positional:
                if isinstance(argument, (Include, LocalePrefix, RouterUrls)):
                    return argument
        return None

    def _add(self, entry: Object, here: Prefix, view: Value | None) -> None:
        handler = handler_of(self.interp, view)
        name = dotted(handler) if handler is not None else None
        scope = self.interp.program.scopes.get(entry.module)
        file = scope.facts.path if scope is not None else ""
        if name is None or handler is None:
            if isinstance(view, (External, Method)):
                what = view.name if isinstance(view, External) else "a method of a library's object"
                self._library(here, what, entry.module, entry.line)
                return
            self._opaque(here, "a view that cannot be told", entry.module, entry.line)
            self.unresolved += 1
            message = f"the view of {here.pattern or '/'} cannot be told"
            self.diagnostics.append(
                Diagnostic(
                    file=file, line=entry.line, code="unresolved-handler", severity="warning", message=message
                )
            )
            return
        if isinstance(handler, External) and _is_url_table(handler.name):
            self._library(here, handler.name, entry.module, entry.line)
            return
        self.resolved += 1
        label = entry.args.text(3, "name") if entry.args is not None else None
        self._endpoint(here, methods_of(self.interp, view, handler), name, label, file, entry.line)

    def _endpoint(
        self,
        here: Prefix,
        methods: tuple[str, ...] | None,
        handler: str,
        name: str | None,
        file: str,
        line: int,
    ) -> None:
        normal = here.normal
        self.endpoints.append(
            Endpoint(
                framework="django",
                path=normal if normal is not None else _fallback(here.regex),
                pattern=here.pattern,
                regex=here.regex,
                methods=methods,
                handler=handler,
                name=f"{here.namespace}{name}" if name else None,
                file=file,
                line=line,
                order=self._position(),
                exact=here.exact,
                traits=self.traits,
            )
        )

    def _position(self) -> int:
        return len(self.endpoints) + len(self.opaque)

    def _library(self, prefix: Prefix, what: str, module: str, line: int) -> None:
        """A URL table that is not read: what it answers below the prefix belongs to the monolith."""
        known = LIBRARY_TABLES.get(what)
        if known is None:
            self._opaque(prefix._replace(regex=prefix.regex + ".*"), what, module, line)
        for route in known or ():
            self._opaque(self._join(prefix, Const(route), True), what, module, line)
        message = f"{prefix.pattern or '/'}: what {what} answers is not listed; it stays with the monolith"
        scope = self.interp.program.scopes.get(module)
        path = scope.facts.path if scope is not None else ""
        self.diagnostics.append(
            Diagnostic(file=path, line=line, code="library-urls", severity="note", message=message)
        )

    def _opaque(self, here: Prefix, what: str, module: str, line: int) -> None:
        scope = self.interp.program.scopes.get(module)
        self.opaque.append(
            OpaqueRoute(
                pattern=here.pattern or "/",
                regex=here.regex,
                what=what,
                framework="django",
                file=scope.facts.path if scope is not None else "",
                line=line,
                order=self._position(),
            )
        )

    def _router(self, router: Object, prefix: Prefix) -> None:
        for route in routes(self.interp, router):
            here = self._join(prefix, Const(f"^{route.regex}$"), False)
            handler = handler_of(self.interp, route.view)
            name = dotted(handler) if handler is not None else None
            if name is None:
                self._opaque(here, "a view that cannot be told", router.module, route.line)
                self.unresolved += 1
                continue
            self.resolved += 1
            scope = self.interp.program.scopes.get(router.module)
            file = scope.facts.path if scope is not None else ""
            self._endpoint(here, route.methods, name, route.name, file, route.line)

    # -- prefixes --------------------------------------------------------------------------------

    def _join(self, prefix: Prefix, route: Value | None, is_path: bool) -> Prefix:
        exact = prefix.exact
        known = [o for o in route.options() if isinstance(o, Const)] if route is not None else []
        if known and not isinstance(route, Const):
            route, exact = known[0], False  # one of several: what needs no configuration
        text = route.value if isinstance(route, Const) and isinstance(route.value, str) else None
        if text is None:
            if isinstance(route, Text):  # a part of the pattern is not known
                text = "".join(part if part is not None else "<unknown>" for part in route.parts)
                is_path, exact = True, False
            else:
                return Prefix(None, prefix.pattern + "?", prefix.regex + ".*", False, prefix.namespace)
        if is_path:
            normal, regex = patterns.of_path(text, self.converters)
            exact = exact and not any(f"<{name}:" in text for name in self.inexact)
            joined = None if prefix.normal is None else prefix.normal + normal
            return Prefix(joined, prefix.pattern + text, prefix.regex + regex, exact, prefix.namespace)
        expression, regex, starts, ends = patterns.of_regex(text)
        joined = None if prefix.normal is None or expression is None else prefix.normal + expression
        regex = ("" if starts else ".*") + regex + ("" if ends else ".*")
        pattern = prefix.pattern + (text if not prefix.pattern else text.removeprefix("^"))
        return Prefix(joined, pattern, prefix.regex + regex, exact, prefix.namespace)

    @staticmethod
    def _open_end(here: Prefix, route: Value | None, is_path: bool) -> Prefix:
        """An include matches a prefix only: what its own expression leaves open, the patterns below take."""
        if is_path or not isinstance(route, Const) or not here.regex.endswith(".*"):
            return here
        _, _, _, ends = patterns.of_regex(str(route.value))
        return here if ends else here._replace(regex=here.regex[:-2])

    def _locale(self, prefix: Prefix, default: bool) -> Prefix:
        languages = self.settings.get(self.interp, "LANGUAGES")
        codes = []
        items, exact = languages.elements(self.interp, self.interp.root_frame)
        for item in items:
            code = item.items[0] if isinstance(item, Sequence) and item.items else item
            if isinstance(code, Const):
                codes.append(re.escape(str(code.value)))
        known = bool(codes) and exact and len(codes) == len(items)
        expression = f"(?:{'|'.join(codes)})/" if known else f"(?:{_LANGUAGE})/"
        if not default:
            expression = f"(?:{expression})?"
        normal = None if prefix.normal is None else prefix.normal + ("{language_code}/" if default else "")
        return Prefix(
            normal,
            prefix.pattern + "<language>/",
            prefix.regex + expression,
            prefix.exact and known,
            prefix.namespace,
        )


def _is_url_table(name: str) -> bool:
    return name.endswith((".urls", ".urlpatterns", ".site.urls"))


def _fallback(regex: str) -> str:
    """A readable path for an expression without a single normal form: groups and repeats are parameters."""
    text = re.sub(r"\\([^\w])", r"\1", regex)
    text = re.sub(r"\((?:[^()]|\([^()]*\))*\)[*+?]?", "{}", text)
    text = re.sub(r"\[[^\]]*\][*+?]?(?:\{[^}]*\})?|\\[a-zA-Z][*+?]?|\.[*+]", "{}", text)
    return re.sub(r"(?:\{\}){2,}", "{}", text).replace("?", "")


def collect(interp: Interpreter, settings: Settings) -> Table:
    """All endpoints of the project."""
    collector = Collector(interp, settings)
    collector.collect()
    references = [References(kind="handler", resolved=collector.resolved, unresolved=collector.unresolved)]
    return Table(collector.endpoints, collector.opaque, collector.diagnostics, references)
