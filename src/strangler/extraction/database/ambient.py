"""Tables that Django and its libraries ask for by the settings, though no line of the monolith reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from strangler.extraction.reader import Reader
from strangler.model import Evidence
from strangler.plans.view import View

_USER_MODEL = re.compile(r"^AUTH_USER_MODEL[ \t]*(?::[^=\n]+)?=\s*[\"'](\w+)\.(\w+)[\"']", re.MULTILINE)
_WITH_PERMISSIONS = re.compile(r"\b(AbstractUser|PermissionsMixin)\b")
_USERS = "auth_user"
_TYPES, _SITES, _LOOKED_UP = "django_content_type", "django_site", "missing pages are looked up"
_RULES = (
    (r"django\.contrib\.auth\.middleware", (_USERS,), "each request may ask for its user"),
    (r"SessionMiddleware", ("django_session",), "each request may ask for its session"),
    (
        r"rest_framework\.authentication.{0,300}\bTokenAuthentication|rest_framework\.authtoken\b.{0,300}\bimport",
        ("authtoken_token",),
        "requests are authenticated by it",
    ),
    (
        r"\brest_framework_api_key\.permissions\b",
        ("rest_framework_api_key_apikey",),
        "requests are authenticated by it",
    ),
    (
        r"\b(permission_required|has_perms?|has_module_perms|PermissionRequiredMixin|user_passes_test"
        r"|Django(Model|Object)Permissions\w*)\b",
        (
            "auth_permission",
            "auth_group",
            "auth_group_permissions",
            _TYPES,
            f"{_USERS}_groups",
            f"{_USERS}_user_permissions",
        ),
        "permissions are checked",
    ),
    (r"\b(ContentType|GenericForeignKey|GenericRelation)\b", (_TYPES,), "rows name their type"),
    (r"\b(get_current_site|CurrentSiteMiddleware|CurrentSiteManager)\b", (_SITES,), "pages ask for the site"),
    (r"RedirectFallbackMiddleware", ("django_redirect", _SITES), _LOOKED_UP),
    (r"FlatpageFallbackMiddleware", ("django_flatpage", _SITES), _LOOKED_UP),
)  # fmt: skip
_SESSION = re.compile(
    r"\.session\[[^\]]{0,300}\]\s*(?:[+\-|]?=)(?!=)|\bdel\s+\S{0,300}\.session\["
    r"|\.session\.(pop|update|setdefault|set_expiry|flush|cycle_key|clear|save)\("
    r"|(?<!def )(?<![\w.])(login|logout)\(\s*(self\.)?request\b"
)


@dataclass(frozen=True)
class Ambient:
    """A table, and the line because of which it is asked for."""

    table: str
    because: str
    place: Evidence


def ambient(view: View, reader: Reader, held: frozenset[str]) -> Iterator[Ambient]:
    """The tables, each with the first line that asks; nothing where no Django is.

    They are known by Django's own names; a custom user's are named after its table.
    """
    if not _django(view):
        return
    users, permitted = _user_table(view, reader)
    seen: set[str] = set()
    for pattern, tables, because in _RULES:
        place = next(lines(view, reader, held, re.compile(pattern)), None)
        if place is None:
            continue
        for name in tables:
            table = name.replace(_USERS, users, 1) if name.startswith(_USERS) else name
            if table in seen or (name != _USERS and name.startswith(_USERS) and not permitted):
                continue
            seen.add(table)
            yield Ambient(table, because, place)


def sessions_changed(view: View, reader: Reader, held: frozenset[str]) -> Iterator[Evidence]:
    """Where held code changes a session or signs somebody in or out."""
    yield from lines(view, reader, held, _SESSION)


def lines(view: View, reader: Reader, held: frozenset[str], what: re.Pattern[str]) -> Iterator[Evidence]:
    """Lines of held code that a pattern is found in."""
    for module in sorted(held):
        source = reader.source(module)
        for number, text in enumerate(source.text.splitlines() if source is not None else (), 1):
            if not text.lstrip().startswith("#") and what.search(text):
                yield view.place(module, number)


def _django(view: View) -> bool:
    tables, endpoints = view.model.tables, view.model.endpoints
    return any(row.framework == "django" for row in tables) or any(
        row.framework == "django" for row in endpoints
    )


def _user_table(view: View, reader: Reader) -> tuple[str, bool]:
    """The table of users, and whether it has groups and permissions."""
    for module in sorted(reader.modules):
        source = reader.source(module) if reader.modules[module].role == "settings" else None
        match = _USER_MODEL.search(source.text) if source is not None else None
        for table in view.model.tables if match else ():
            name = table.model or ""
            if match and name.endswith(f".{match[2]}") and f".{match[1]}." in f".{name}":
                declared = reader.source(view.home(name) or "") if view.home(name) else None
                return table.name, declared is not None and bool(_WITH_PERMISSIONS.search(declared.text))
    return _USERS, True
