"""Django's settings, read from the settings module as it would be without environment variables."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Const,
    External,
    Frame,
    Interpreter,
    ModuleScope,
    Sequence,
    SourceTree,
    Text,
    Value,
    ir,
)

VARIABLE = "DJANGO_SETTINGS_MODULE"

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


class Settings:
    """The settings module of a Django project, found without running it."""

    def __init__(self, tree: SourceTree) -> None:
        self.tree = tree
        self._scope: ModuleScope | None = None
        self._looked = False
        self.environment: dict[str, str] = {}

    def scope(self, interp: Interpreter) -> ModuleScope | None:
        """The settings module; None where there is none."""
        if not self._looked:
            self._looked = True
            name = self._find(interp)
            self._scope = interp.program.scope(name) if name else None
        return self._scope

    def get(self, interp: Interpreter, name: str) -> Value:
        """A setting, Django's default where it is not set; UNKNOWN where it cannot be told."""
        scope = self.scope(interp)
        if scope is not None and name in scope.env:
            return scope.env[name]
        if name in DEFAULTS:
            default = DEFAULTS[name]
            return Sequence([]) if isinstance(default, list) else NONE if default is None else Const(default)
        return UNKNOWN

    def text(self, interp: Interpreter, name: str) -> str | None:
        """A setting that is a known string."""
        value = self.get(interp, name)
        return value.value if isinstance(value, Const) and isinstance(value.value, str) else None

    def _find(self, interp: Interpreter) -> str | None:
        scopes = interp.program.scopes
        starters = [
            name
            for name in scopes
            if name.rpartition(".")[2] in ("manage", "wsgi", "asgi", "__main__", "celery", "celeryconf")
        ]
        ranked = sorted(starters, key=lambda n: (n.rpartition(".")[2] != "manage", n.count("."), n))
        for name in ranked:
            for value in _environment_default(scopes[name].facts.body):
                found = self._first_party(value, interp)
                if found:
                    return found
        for path in self.tree.configuration:
            text = self.tree.read_text(path)
            match = re.search(rf"{VARIABLE}\s*=\s*[\"']?([\w.]+)", text)
            if match:
                found = self._first_party(match[1], interp)
                if found:
                    return found
        candidates = [
            name
            for name, scope in scopes.items()
            if re.search(r"(^|[._])(settings|conf|config)([._]|$)", name)
            and b"INSTALLED_APPS" in scope.facts.body
        ]
        plain = [c for c in candidates if not re.search(r"test|dev|local|example|ci$", c)] or candidates
        return min(plain, key=lambda n: (n.count("."), n)) if plain else None

    @staticmethod
    def _first_party(name: str, interp: Interpreter) -> str | None:
        if name in interp.program.scopes:
            return name
        matches = [n for n in interp.program.scopes if n.endswith("." + name)]
        return min(matches, key=lambda n: (n.count("."), n)) if matches else None


def _environment_default(body: bytes) -> Iterator[str]:
    """The strings that stand beside DJANGO_SETTINGS_MODULE in a module."""
    if VARIABLE.encode() not in body:
        return
    strings = list(_strings(ir.unpack(body)))
    for before, after in itertools.pairwise(strings):
        if before == VARIABLE and re.fullmatch(r"[\w.]+", after):
            yield after


def _strings(nodes: Any) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, list):
            if len(node) == 3 and node[0] == ir.CONST and isinstance(node[2], str):
                yield node[2]
            else:
                yield from _strings(node)
        elif isinstance(node, bytes) and VARIABLE.encode() in node:
            yield from _strings(ir.unpack(node))


def attribute(settings: Settings) -> Any:
    """The handler for ``django.conf.settings.NAME``."""

    def handler(interp: Interpreter, external: External, name: str, frame: Frame) -> Value | None:
        if name == "configured":
            return Const(True)
        value = settings.get(interp, name)
        scope = settings.scope(interp)
        vague = scope is None or bool(scope.stars)
        if value is UNKNOWN and vague and name.endswith(("_URL", "_PATH", "_PREFIX")):
            return Text([None])
        return value

    return handler
