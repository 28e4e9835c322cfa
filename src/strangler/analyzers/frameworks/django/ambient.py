"""What settings put before every request: middleware, sessions, authentication, permissions, processors.

None of it is called by a view, and each request goes through it. What a first-party class or function does is
followed; what Django's own and well-known libraries touch is listed here, by their source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from strangler.analyzers.frameworks.django.library import library_table
from strangler.analyzers.frameworks.django.orm.shortcuts import REQUEST, user_class
from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Class,
    Const,
    External,
    Function,
    Mapping,
    Object,
    Schema,
    Value,
    tables_touched,
    words,
)
from strangler.analyzers.plugin import Sequence as Listed
from strangler.model import Ambient, Endpoint
from strangler.model.routes import AmbientKind

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.django.settings import Settings
    from strangler.analyzers.plugin import Interpreter

USER, SESSION, CACHE = "user", "session", "cache"
"""Stand for the tables of AUTH_USER_MODEL, of the session engine and of the default cache."""


class Known(NamedTuple):
    """What something of a library touches: models, or one of the words above."""

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    guards: bool = False


_PERMISSIONS = ("user", "auth.Permission", "auth.Group", "contenttypes.ContentType")
_ANONYMOUS = Known()
LIBRARY: dict[str, Known] = {
    "django.contrib.sessions.middleware.SessionMiddleware": Known((SESSION,), (SESSION,)),
    "django.contrib.auth.middleware.AuthenticationMiddleware": Known((SESSION, USER)),
    "django.contrib.auth.middleware.RemoteUserMiddleware": Known((SESSION, USER), (USER, SESSION)),
    "django.contrib.auth.middleware.PersistentRemoteUserMiddleware": Known((SESSION, USER), (USER, SESSION)),
    "django.contrib.auth.middleware.LoginRequiredMiddleware": Known((SESSION, USER), guards=True),
    "django.contrib.sites.middleware.CurrentSiteMiddleware": Known(("sites.Site",)),
    "django.contrib.flatpages.middleware.FlatpageFallbackMiddleware": Known(
        ("flatpages.FlatPage", "sites.Site")
    ),
    "django.contrib.redirects.middleware.RedirectFallbackMiddleware": Known(
        ("redirects.Redirect", "sites.Site")
    ),
    "django.middleware.cache.UpdateCacheMiddleware": Known((), (CACHE,)),
    "django.middleware.cache.FetchFromCacheMiddleware": Known((CACHE,)),
    "django.middleware.cache.CacheMiddleware": Known((CACHE,), (CACHE,)),
    "django.middleware.csrf.CsrfViewMiddleware": Known(guards=True),
    "django.contrib.auth.context_processors.auth": Known((SESSION, USER)),
    "django.contrib.messages.context_processors.messages": Known((SESSION,)),
    "django.contrib.messages.middleware.MessageMiddleware": Known((), (SESSION,)),
    "rest_framework.authentication.BasicAuthentication": Known((USER,), guards=True),
    "rest_framework.authentication.SessionAuthentication": Known((SESSION, USER), guards=True),
    "rest_framework.authentication.TokenAuthentication": Known(("authtoken.Token", USER), guards=True),
    "rest_framework.authentication.RemoteUserAuthentication": Known((USER,), (USER,), guards=True),
    "rest_framework_simplejwt.authentication.JWTAuthentication": Known((USER,), guards=True),
    "rest_framework_simplejwt.authentication.JWTStatelessUserAuthentication": Known(guards=True),
    "knox.auth.TokenAuthentication": Known(("knox.AuthToken", USER), ("knox.AuthToken",), guards=True),
    "oauth2_provider.contrib.rest_framework.OAuth2Authentication": Known(
        ("oauth2_provider.AccessToken", "oauth2_provider.Application", USER), guards=True
    ),
    "oauth2_provider.middleware.OAuth2TokenMiddleware": Known(("oauth2_provider.AccessToken", USER)),
    "rest_framework.permissions.IsAuthenticated": Known((USER,), guards=True),
    "rest_framework.permissions.IsAdminUser": Known((USER,), guards=True),
    "rest_framework.permissions.IsAuthenticatedOrReadOnly": Known((USER,), guards=True),
    "rest_framework.permissions.DjangoModelPermissions": Known(_PERMISSIONS, guards=True),
    "rest_framework.permissions.DjangoModelPermissionsOrAnonReadOnly": Known(_PERMISSIONS, guards=True),
    "rest_framework.permissions.DjangoObjectPermissions": Known(_PERMISSIONS, guards=True),
    "rest_framework.throttling.AnonRateThrottle": Known((CACHE,), (CACHE,), guards=True),
    "rest_framework.throttling.UserRateThrottle": Known((CACHE, USER), (CACHE,), guards=True),
    "rest_framework.throttling.ScopedRateThrottle": Known((CACHE,), (CACHE,), guards=True),
    "axes.middleware.AxesMiddleware": Known((), ("axes.AccessAttempt",), guards=True),
    "django_otp.middleware.OTPMiddleware": Known((SESSION, USER)),
    "simple_history.middleware.HistoryRequestMiddleware": _ANONYMOUS,
    "auditlog.middleware.AuditlogMiddleware": Known((USER,)),
    "wagtail.contrib.redirects.middleware.RedirectMiddleware": Known(
        ("wagtailredirects.Redirect", "wagtailcore.Site")
    ),
    "wagtail.contrib.settings.context_processors.settings": Known(("wagtailcore.Site",)),
    "allauth.account.middleware.AccountMiddleware": _ANONYMOUS,
    "rest_framework.permissions.AllowAny": _ANONYMOUS,
}
HARMLESS = tuple(
    words(
        "django.middleware. django.template.context_processors. django.core.context_processors. "
        "django_hosts. django_htmx. django_permissions_policy. django_prometheus. compression_middleware. "
        "corsheaders. csp. debug_toolbar. elasticapm. htmlmin. sentry_sdk. whitenoise."
    )
)
"""Beginnings of names of what touches no table."""
SESSION_ENGINES = {
    "django.contrib.sessions.backends.db": ("sessions.Session",),
    "django.contrib.sessions.backends.cached_db": ("sessions.Session", CACHE),
    "django.contrib.sessions.backends.cache": (CACHE,),
    "django.contrib.sessions.backends.signed_cookies": (),
    "django.contrib.sessions.backends.file": (),
    "user_sessions.backends.db": ("user_sessions.Session",),
    "qsessions.backends.db": ("qsessions.Session",),
    "qsessions.backends.cached_db": ("qsessions.Session", CACHE),
}
CALLED = words(
    "__call__ process_request process_view process_template_response process_response process_exception "
    "authenticate get_user has_permission has_object_permission allow_request"
)
"""Methods that Django and DRF call on what settings name."""
_DRF = "rest_framework.views.APIView"
_DRF_LISTS: tuple[tuple[AmbientKind, str, str, tuple[str, ...]], ...] = (
    (
        "authentication",
        "authentication_classes",
        "DEFAULT_AUTHENTICATION_CLASSES",
        (
            "rest_framework.authentication.SessionAuthentication",
            "rest_framework.authentication.BasicAuthentication",
        ),
    ),
    ("permission", "permission_classes", "DEFAULT_PERMISSION_CLASSES", ()),
    ("throttle", "throttle_classes", "DEFAULT_THROTTLE_CLASSES", ()),
)


class Finder:
    """Collects the rows of one Django project."""

    def __init__(self, interp: Interpreter, settings: Settings, endpoints: Sequence[Endpoint]) -> None:
        self._interp = interp
        self._settings = settings
        self._handlers = {endpoint.handler for endpoint in endpoints}
        self._tables = {SESSION: self._session(), CACHE: self._cache(), USER: self._user()}

    def rows(self) -> Iterator[Ambient]:
        """What stands before the endpoints, one row a thing and group of handlers."""
        if not self._handlers:
            return
        for setting in ("MIDDLEWARE", "MIDDLEWARE_CLASSES"):
            for value in self._listed(self._settings.get(self._interp, setting)):
                yield from self._row("middleware", value)
        for value in self._processors():
            yield from self._row("context_processor", value)
        if self._uses_drf():
            yield from self._rest_framework()

    # -- settings ------------------------------------------------------------------------------------

    def _listed(self, value: Value | None) -> list[Value]:
        if value is None:
            return []
        return [item for option in value.options() if isinstance(option, Listed) for item in option.items]

    def _item(self, value: Value, *keys: str) -> Value:
        for key in keys:
            value = value.item(self._interp, Const(key), self._interp.root_frame)
        return value

    def _processors(self) -> Iterator[Value]:
        for engine in self._listed(self._settings.get(self._interp, "TEMPLATES")):
            yield from self._listed(self._item(engine, "OPTIONS", "context_processors"))

    def _user(self) -> tuple[str, ...]:
        entity = None
        cls = user_class(self._interp, self._settings)
        schema = self._interp.state(Schema)
        if isinstance(cls, Class):
            entity = schema.of(cls)
        elif isinstance(cls, External):
            entity = schema.by_external.get(cls.name)
        name = self._settings.text(self._interp, "AUTH_USER_MODEL") or "auth.User"
        return (entity.table if entity is not None else library_table(name),)

    def _cache(self) -> tuple[str, ...]:
        default = self._item(self._settings.get(self._interp, "CACHES"), "default")
        backend, location = self._item(default, "BACKEND"), self._item(default, "LOCATION")
        if isinstance(backend, Const) and str(backend.value).endswith(".DatabaseCache"):
            return (str(location.value),) if isinstance(location, Const) else ()
        return ()

    def _session(self) -> tuple[str, ...]:
        engine = self._settings.text(self._interp, "SESSION_ENGINE") or "django.contrib.sessions.backends.db"
        found: list[str] = []
        for table in SESSION_ENGINES.get(engine, ()):
            found += self._cache() if table == CACHE else (library_table(table),)
        return tuple(found)

    def _names(self, tables: Iterable[str]) -> tuple[str, ...]:
        found = [t for name in tables for t in self._tables.get(name, (library_table(name),))]
        return tuple(sorted(set(found)))

    # -- rows ----------------------------------------------------------------------------------------

    def _row(
        self, kind: AmbientKind, value: Value, handlers: tuple[str, ...] = (), at: Class | None = None
    ) -> Iterator[Ambient]:
        name = _name(value)
        if name is None:
            return
        found = self._interp.program.resolve(name) if not isinstance(value, Class) else value
        file, line = self._place(name, at)
        if isinstance(found, (Class, Function)):
            reads, writes = self._effects(found)
            guards = kind in ("authentication", "permission", "throttle")
            known = True
        else:
            listed = LIBRARY.get(name)
            known = listed is not None or name.startswith(HARMLESS)
            listed = listed or _ANONYMOUS
            reads, writes, guards = self._names(listed.reads), self._names(listed.writes), listed.guards
        if reads or writes or guards or not known:
            yield Ambient(
                kind=kind,
                name=name,
                framework="django",
                file=file,
                line=line,
                guards=guards,
                known=known,
                tables_read=reads,
                tables_written=writes,
                handlers=handlers,
            )

    def _place(self, name: str, at: Class | None) -> tuple[str, int]:
        if at is not None:
            return at.module.facts.path, at.line
        found = self._settings.place_of(self._interp, name)
        return (found.file, found.line) if found is not None else ("", 0)

    def _effects(self, found: Class | Function) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The tables that something of the monolith's own reads and writes, with all that it calls."""
        interp, frame = self._interp, self._interp.root_frame
        request = Object(External(REQUEST), None, None)

        def act() -> None:
            if isinstance(found, Function):
                inner = found.call(interp, Args([request]), frame)
                inner.call(interp, Args([request]), frame)
                return
            one = found.call(interp, Args([UNKNOWN]), frame)
            for name in CALLED:
                if found.find(name) is not None:
                    one.get(interp, name, frame).call(interp, Args([request, UNKNOWN]), frame)

        return tables_touched(interp, act)

    # -- Django REST framework -----------------------------------------------------------------------

    def _views(self) -> list[Class]:
        """The handlers that are views of the framework; functions under ``@api_view`` are not looked at."""
        interp = self._interp
        return [c for c in interp.classes if c.dotted in self._handlers and _DRF in c.ancestors(interp)]

    def _uses_drf(self) -> bool:
        return bool(self._views()) or self._settings.get(self._interp, "REST_FRAMEWORK") is not UNKNOWN

    def _rest_framework(self) -> Iterator[Ambient]:
        configured = self._settings.get(self._interp, "REST_FRAMEWORK")
        views = self._views()
        for kind, attribute, setting, default in _DRF_LISTS:
            value = configured.items.get(setting) if isinstance(configured, Mapping) else None
            listed = self._listed(value) if value is not None else [Const(name) for name in default]
            own: dict[str, tuple[Class, list[Value]]] = {}
            for cls in views:
                stated = cls.find(attribute)
                if stated is not None:
                    own[cls.dotted] = (cls, self._listed(stated[0]))
            bare = tuple(sorted(cls.dotted for cls in views if cls.dotted not in own))
            if bare:
                for item in listed:
                    yield from self._row(kind, item, bare)
            grouped: dict[str, tuple[Class, Value, list[str]]] = {}
            for dotted, (cls, items) in sorted(own.items()):
                for item in items:
                    name = _name(item)
                    if name is not None:
                        grouped.setdefault(name, (cls, item, []))[2].append(dotted)
            for cls, item, handlers in grouped.values():
                yield from self._row(kind, item, tuple(handlers), cls)


def _name(value: Value) -> str | None:
    """The dotted name of what a setting names, or of a class that stands there itself."""
    if isinstance(value, Const):
        return value.value if isinstance(value.value, str) else None
    if isinstance(value, External):
        return value.name
    return value.dotted if isinstance(value, Class) else None
