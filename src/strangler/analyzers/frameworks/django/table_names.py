"""Names of tables that are longer than the database takes.

Django cuts the names that it makes (``truncate_name``), PostgreSQL those that are stated, too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from math import inf
from typing import TYPE_CHECKING

from strangler.analyzers.plugin import Class, Const, Mapping, Value

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.django.settings import Settings
    from strangler.analyzers.plugin import Interpreter

_LONGEST = {"postg": 63, "cockroach": 63, "mysql": 64, "mariadb": 64, "oracle": 30, "sqlite": inf}
"""Characters, by a part of the engine's name; see ``max_name_length`` of Django's database operations."""
_ORACLE = frozenset({"cx_oracle", "oracledb"})
"""Drivers without which nobody is on Oracle, whose limit is so low that many names exceed it."""
_DIGEST = 4
"""Characters of a cut name that tell it from others."""


def made(interp: Interpreter, settings: Settings, name: str, cls: Class, line: int) -> str:
    """The name that Django makes for a table, cut to what the default database takes.

    Where the settings do not tell the database for certain, a name that one would cut is doubted: it is cut
    as the likely one does, or stays whole.

    Args:
        interp: takes the doubt.
        settings: name the database.
        name: what Django puts together.
        cls: the model, and ``line`` the place in its file, that the doubt is told of.
    """
    limits = _limits(interp, settings)
    over = [limit for limit in limits if len(name) > limit]
    if over and len(set(limits)) > 1:
        _doubt(interp, name, min(over), "Django cuts it", cls, line)
    if len(name) <= limits[0]:
        return name
    digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[:_DIGEST]
    return name[: int(limits[0]) - _DIGEST] + digest


def stated(interp: Interpreter, settings: Settings, name: str, cls: Class, line: int) -> str:
    """The name that a model states, which Django leaves as it is: doubted where the database would not."""
    longest = max(len(part.encode()) for part in name.split("."))
    over = [limit for limit in _limits(interp, settings) if longest > limit]
    if over:
        _doubt(interp, name, min(over), "it is cut or refused", cls, line)
    return name


def _doubt(interp: Interpreter, name: str, longest: float, what: str, cls: Class, line: int) -> None:
    message = (
        f"the table's name {name} has {len(name)} characters: {what} where the database takes no more than "
        f"{longest:.0f}, and the ENGINE in DATABASES tells which database it is"
    )
    interp.log.failed(cls.module, line, "doubtful-table", message)


def _limits(interp: Interpreter, settings: Settings) -> list[float]:
    """The longest names that the default database may take, the likely one first; one where it is known."""
    named = [_of(engine) for engine in _engines(settings.get(interp, "DATABASES"))]
    known = [limit for limit in named if limit is not None]
    if len(known) == len(named):
        return known
    oracle = not _ORACLE.isdisjoint(settings.tree.declared)
    every = [limit for kind, limit in _LONGEST.items() if kind != "oracle" or oracle]
    return [*(known or [inf]), *every]


def _engines(listed: Value) -> Iterator[Value | None]:
    """What ``DATABASES["default"]["ENGINE"]`` may be; None: something that is not known."""
    for databases in _options(listed):
        default = databases.items.get("default") if isinstance(databases, Mapping) else None
        for options in _options(default):
            yield from _options(options.items.get("ENGINE") if isinstance(options, Mapping) else None)


def _options(value: Value | None) -> Iterator[Value | None]:
    yield from value.options() if value is not None else ()
    if value is None or value.truth() is None:  # or something else, as where it is a variable's default
        yield None


def _of(engine: Value | None) -> float | None:
    text = engine.value if isinstance(engine, Const) and isinstance(engine.value, str) else ""
    return next((limit for kind, limit in _LONGEST.items() if kind in text), None)
