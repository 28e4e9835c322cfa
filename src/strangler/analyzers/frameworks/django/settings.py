"""Django's settings, read from the settings modules as they would be without environment variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from strangler.analyzers.frameworks.django import sites
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Const,
    External,
    Mapping,
    ModuleScope,
    Sequence,
    Text,
    Value,
    doubted,
    join,
    syntax,
    traversal,
)
from strangler.model import Diagnostic, Evidence

if TYPE_CHECKING:
    from strangler.analyzers.plugin import Frame, Interpreter, SourceTree

DEFAULTS: dict[str, Any] = {
    "ABSOLUTE_URL_OVERRIDES": None,
    "ADMINS": [],
    "APPEND_SLASH": True,
    "AUTH_USER_MODEL": "auth.User",
    "DEBUG": False,
    "DEFAULT_AUTO_FIELD": "django.db.models.AutoField",
    "FORCE_SCRIPT_NAME": None,
    "INSTALLED_APPS": [],
    "LANGUAGE_CODE": "en-us",
    "LOGIN_REDIRECT_URL": "/accounts/profile/",
    "LOGIN_URL": "/accounts/login/",
    "MEDIA_ROOT": "",
    "MEDIA_URL": "",
    "MIDDLEWARE": [],
    "SITE_ID": None,
    "STATIC_ROOT": None,
    "STATIC_URL": None,
    "USE_I18N": True,
    "USE_TZ": True,
}


ATOMIC_REQUESTS = "ATOMIC_REQUESTS"


class Settings:
    """The settings of the Django projects of a tree, found without running them."""

    def __init__(self, tree: SourceTree) -> None:
        self.tree = tree
        self.diagnostics: list[Diagnostic] = []
        self._sites: list[sites.Site] | None = None

    def sites(self, interp: Interpreter) -> list[sites.Site]:
        """The projects of the tree, the main one first."""
        if self._sites is None:
            self._sites = []  # settings that ask for settings while they are put together get none
            self._sites, self.diagnostics = sites.find(interp, self.tree)
        return self._sites

    def scope(self, interp: Interpreter) -> ModuleScope | None:
        """The main settings module; None where there is none."""
        return next((site.scope for site in self.sites(interp)), None)

    def get(self, interp: Interpreter, name: str) -> Value:
        """A setting of the main site, or Django's default; UNKNOWN where it cannot be told."""
        for site in self.sites(interp):
            value = site.setting(interp, name)
            if value is not None:
                return value
            if name in DEFAULTS:
                break
        if name in DEFAULTS:
            default = DEFAULTS[name]
            return Sequence([]) if isinstance(default, list) else NONE if default is None else Const(default)
        return UNKNOWN

    def text(self, interp: Interpreter, name: str) -> str | None:
        """A setting of the main site that is a known string."""
        value = self.get(interp, name)
        return value.value if isinstance(value, Const) and isinstance(value.value, str) else None

    def atomic_requests(self, interp: Interpreter) -> Evidence | None:
        """Where a database is told to make each request one transaction."""
        return self.place_of(interp, ATOMIC_REQUESTS) if self.atomic_databases(interp) else None

    def atomic_databases(self, interp: Interpreter) -> list[str]:
        """The databases on which each request is one transaction."""
        listed = self.get(interp, "DATABASES")
        found = []
        for name, options in listed.items.items() if isinstance(listed, Mapping) else ():
            wanted = options.items.get(ATOMIC_REQUESTS) if isinstance(options, Mapping) else None
            if wanted is not None and wanted.truth() is True and isinstance(name, str):
                found.append(name)
        return found

    def place_of(self, interp: Interpreter, text: str) -> Evidence | None:
        """Where the settings speak of something: in the settings module, else in what it is made of."""
        main = self.scope(interp)
        if main is None:
            return None
        near = [scope for _, scope in sorted(interp.program.scopes.items()) if scope.package == main.package]
        for scope in (main, *near):
            line = _line_of(text, scope.facts.body) if text.encode() in scope.facts.body else 0
            if line:
                return Evidence(file=scope.facts.path, line=line)
        return Evidence(file=main.facts.path, line=1)

    def local(self, interp: Interpreter, dotted: str, path: str) -> str:
        """What of the tree a name in a file probably means that leads nowhere; empty: it is a library's."""
        if dotted in interp.program:
            return ""
        top = dotted.partition(".")[0]
        own = top in interp.program and top.lower() not in self.tree.declared
        place = self.tree.place_of(dotted, path)
        if top == dotted and place.endswith(".py") and not place.endswith("/__init__.py"):
            place = ""  # an app is a package
        return place or (f"part of {top}" if own else "")

    def unresolved(self, interp: Interpreter, dotted: str, code: str, message: str) -> None:
        """Say that a name in the settings leads nowhere although it looks as if it were the tree's."""
        place = self.place_of(interp, dotted)
        meant = self.local(interp, dotted, place.file) if place is not None else ""
        if place is not None and meant:
            hint = f"; it may be {meant}, whose import root the setting roots can name"
            row = Diagnostic(
                file=place.file,
                line=place.line,
                code=code,
                severity="warning",
                message=message + (hint if "/" in meant else ""),
            )
            if row not in self.diagnostics:
                self.diagnostics.append(row)

    def holds(self, interp: Interpreter, name: str) -> bool:
        """Whether one of the sites sets a setting, whatever its value."""
        return any(site.setting(interp, name) is not None for site in self.sites(interp))

    def of_any(self, interp: Interpreter, name: str) -> Value:
        """A setting as code sees it that runs in every site: it may be that of each."""
        found = [site.seen(interp, name) for site in self.sites(interp)]
        known = [value for value in found if value is not None]
        if len(known) > 1 or (found and found[0] is not None):
            return join(known)
        return self.get(interp, name)


def _line_of(text: str, body: bytes) -> int:
    """Line of a string in a body; 0 where it does not stand there."""
    nodes = traversal.walk(syntax.unpack(body))
    return next((n.line for n in nodes if isinstance(n, syntax.Constant) and n.value == text), 0)


def attribute(settings: Settings) -> Any:
    """The handler for ``django.conf.settings.NAME``."""

    def handler(interp: Interpreter, external: External, name: str, frame: Frame) -> Value | None:
        if name == "configured":
            return Const(True)
        value = settings.of_any(interp, name)
        scope = settings.scope(interp)
        vague = scope is None or bool(scope.stars)
        if value is UNKNOWN and vague and name.endswith(("_URL", "_PATH", "_PREFIX")):
            return Text([None])
        if scope is None and isinstance(value, Const) and isinstance(value.value, bool):
            return UNKNOWN  # Django's default decides nothing where the settings lie elsewhere
        if name == "DEBUG" and value.truth() is True:
            return doubted(value)  # those are settings for development: what is deployed has others
        return value

    return handler
