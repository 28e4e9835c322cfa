"""Modules that everybody uses: a shared kernel, not part of any context."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence

from strangler.contexts.views import Landscape
from strangler.model import System
from strangler.model.lookup import home, parent

USERS = 5
SPREAD = 0.7
"""So at least four contexts use it, and none of them makes much more than half of the uses."""


def find(system: System, land: Landscape, labels: Sequence[int], held: Collection[int]) -> set[int]:
    """Modules used from everywhere that belong to nobody.

    A module is omnipresent when at least five modules use it and the participation coefficient over contexts,
    ``1 - sum(share^2)`` (Guimera and Amaral 2005), is above 0.7. It stays in its context all the same if a
    word of the domain holds it there, if it declares or writes a table, or if it serves a route: those are a
    context's public face.

    Args:
        held: modules that a word of the domain or a cohesive package holds.
    """
    face = {home(table.model, land.index) for table in system.tables if table.model}
    face |= {a.module for a in system.accesses if a.operation == "write" and not a.for_callers}
    face |= _prefixes(endpoint.handler for endpoint in system.endpoints)
    found: set[int] = set()
    for number, users in enumerate(land.importers):
        module = land.modules[number].name
        if number in held or module in face or len(users) < USERS:
            continue
        counts = Counter(labels[user] for user in users)
        if 1 - sum((n / len(users)) ** 2 for n in counts.values()) > SPREAD:
            found.add(number)
    return found


def _prefixes(names: Iterable[str]) -> set[str]:
    result: set[str] = set()
    for name in names:
        result |= {parent(name), parent(parent(name))}
    return result


def with_helpers(land: Landscape, kernel: set[int], held: Collection[int]) -> set[int]:
    """The kernel with the modules that only serve it: nameless, and used by the kernel alone."""
    result = set(kernel)
    users: dict[int, set[int]] = defaultdict(set)
    for number, by in enumerate(land.importers):
        users[number] = set(by)
    for _ in range(3):
        joining = {
            number
            for number in range(land.size)
            if number not in result and number not in held and users[number] and users[number] <= result
        }
        if not joining:
            break
        result |= joining
    return result
