"""Modules that everybody uses: a shared kernel, not part of any context."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

from strangler.contexts.views import Landscape
from strangler.model import System
from strangler.model.lookup import Homes

USERS = 5
OWN = 0.1
"""Uses of other code by a library, for each use of it."""
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
    face = _face(system, land)
    found: set[int] = set()
    for number, users in enumerate(land.importers):
        module = land.modules[number].name
        if number in held or module in face or len(users) < USERS:
            continue
        counts = Counter(labels[user] for user in users)
        if 1 - sum((n / len(users)) ** 2 for n in counts.values()) > SPREAD:
            found.add(number)
    return found


def libraries(system: System, land: Landscape, labels: Sequence[int]) -> set[int]:
    """The modules of whole packages that are libraries.

    No part of one is a context's public face (``find``), modules outside use it as often and as evenly as
    ``find`` asks of a single module, and it uses hardly anything itself (``OWN``).

    Args:
        labels: a cut along packages.
    """
    face = _face(system, land)
    members: dict[int, set[int]] = defaultdict(set)
    users: dict[int, Counter[int]] = defaultdict(Counter)
    uses: Counter[int] = Counter()
    for number, label in enumerate(labels):
        members[label].add(number)
        for user in land.importers[number]:
            if labels[user] != label:
                users[label][user] += 1
                uses[labels[user]] += 1
    found: set[int] = set()
    for label, group in members.items():
        counts = Counter(labels[user] for user in users[label])
        total = len(users[label])
        even = total >= USERS and 1 - sum((n / total) ** 2 for n in counts.values()) > SPREAD
        lean = uses[label] <= OWN * users[label].total()
        if even and lean and not any(land.modules[number].name in face for number in group):
            found |= group
    return found


def _face(system: System, land: Landscape) -> set[str | None]:
    """Modules by which a context is known: they declare or write a table, or serve a route."""
    home = Homes(system, land.index)
    face = {home(table.model) for table in system.tables}
    face |= {a.module for a in system.accesses if a.operation == "write" and a.ties}
    return face | {home(endpoint.handler) for endpoint in system.endpoints}


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
