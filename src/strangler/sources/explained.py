"""Import roots that nothing declares: those that explain what the code imports.

``from fleet.models import Boat`` with no ``fleet`` at any known root, but with a file
``shop/apps/fleet/models.py``, means that ``shop/apps`` is on the path: a setting, an image or a start script
put it there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import NamedTuple

from strangler.sources.hints import ASIDE
from strangler.sources.statements import Statement, Statements, shared

_ENOUGH = 3
"""Statements, or single names, that speak for a directory where fewer could as well mean a library."""
_MOST = 50
"""Roots that are found so: a bound on the work."""


class Explaining(NamedTuple):
    """Directories that explain imports."""

    roots: frozenset[str]
    inner: frozenset[str]
    """Those that are on the path as well, though most imports name their modules from further up."""


class _Vote(NamedTuple):
    statement: Statement
    strong: bool
    """Two names at least agree: a single one may be a library's."""
    places: tuple[str, ...]
    """The directories nearest to the file that explain it."""


def explaining(
    statements: Statements,
    roots: Collection[str],
    packages: Collection[str],
    spoken_of: Collection[str],
    declared: Collection[str],
) -> Explaining:
    """The directories that explain the most of what the known roots leave unexplained.

    Args:
        statements: all imports.
        roots: directories that are known to be on the path.
        packages: directories with an ``__init__.py``.
        spoken_of: directories of which some file speaks where it changes the path: one statement is enough.
        declared: first names that the distributions probably bring which the project asks for, in lower case.
    """
    votes, foreign = _votes(statements, roots, packages)
    found: set[str] = set()
    inner: set[str] = set()
    refused = set(roots)
    while votes and len(found) + len(inner) < _MOST:
        tally: dict[str, list[_Vote]] = {}
        for vote in votes:
            for place in vote.places:
                if place not in refused:
                    tally.setdefault(place, []).append(vote)
        for place in sorted(tally, key=lambda p: (p not in spoken_of, -len(tally[p]), p.count("/"), p)):
            refused.add(place)
            kept = _kept(tally[place], foreign, declared, hinted=place in spoken_of)
            named = statements.of_package(place, {"", *roots, *found})
            if kept and (not named or place in spoken_of or _from_elsewhere(place, kept)):
                (inner if named > len(kept) else found).add(place)
                votes = [vote for vote in votes if place not in vote.places]
                break
        else:
            break
    return Explaining(frozenset(found), frozenset(inner))


def _votes(
    statements: Statements, roots: Iterable[str], packages: Collection[str]
) -> tuple[list[_Vote], Counter[str]]:
    """The statements that no root explains: with the directories that would, and the others by first name."""
    homes: dict[str, list[str]] = {}
    for place in sorted(statements.places):
        parent, _, name = place.rpartition("/")
        if not any(ASIDE.fullmatch(part) for part in parent.split("/")):
            homes.setdefault(name, []).append(parent)
    ordered = sorted(roots)
    known: dict[tuple[str, bool], bool] = {}
    explaining: dict[tuple[str, bool], list[str]] = {}
    votes: list[_Vote] = []
    foreign: Counter[str] = Counter()
    for one in statements.all:
        top, dot, _ = one.module.partition(".")
        directory = one.path.rpartition("/")[0]
        if top not in homes or any(ASIDE.fullmatch(part) for part in directory.split("/")):
            continue
        key = one.module, one.quoted
        if key not in known:
            known[key] = any(statements.explains(root, one) for root in ordered)
            explaining[key] = [home for home in homes[top] if statements.explains(home, one)]
        places = [home for home in explaining[key] if one.path != f"{home}/{top}.py"]
        if known[key] or (directory in places and directory not in packages):
            continue  # of a root, or beside a script
        near = max((shared(home, one.path) for home in places), default=0)
        nearest = [home for home in places if shared(home, one.path) == near]
        answers = {home: _answer(statements, home, one) for home in nearest}
        places = [home for home in nearest if answers[home] is not False]
        if places:
            votes.append(_Vote(one, bool(dot) or True in answers.values(), tuple(places)))
        elif not one.quoted:
            foreign[top] += 1
    return votes, foreign


def _answer(statements: Statements, home: str, one: Statement) -> bool | None:
    """Whether a module below a directory has what a statement imports from it; None: that cannot be told."""
    if not one.name:
        return None
    if statements.names_place(home, f"{one.module}.{one.name}"):
        return True
    return statements.has(home, one.module, one.name)


def _kept(
    votes: Iterable[_Vote], foreign: Counter[str], declared: Collection[str], *, hinted: bool
) -> list[_Vote]:
    """The votes for a directory that count: those whose first names are no library's."""
    tops: dict[str, list[_Vote]] = {}
    for vote in votes:
        tops.setdefault(vote.statement.module.partition(".")[0], []).append(vote)
    kept: list[_Vote] = []
    single = 0
    for top, own in sorted(tops.items()):
        strong = [vote for vote in own if vote.strong]
        asked_for = top.lower() in declared
        if not foreign[top] and not asked_for:
            kept += own
            single += not strong
        elif 2 * len(strong) > foreign[top] + len(own):
            kept += strong if hinted or (len(strong) >= _ENOUGH and not asked_for) else []
    sure = hinted or single >= _ENOUGH or any(vote.strong for vote in kept)
    return kept if sure else []


def _from_elsewhere(place: str, votes: Iterable[_Vote]) -> bool:
    """Whether files outside a directory speak for it: its own may use Python 2's implicit imports."""
    return any(vote.statement.path.rpartition("/")[0] != place for vote in votes)
