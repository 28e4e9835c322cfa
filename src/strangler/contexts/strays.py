"""Packages that a context got by their words alone: nothing that they do ties them to it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from strangler.contexts import words
from strangler.contexts.graph import Adjacency
from strangler.contexts.packages import home
from strangler.contexts.views import Landscape

LEAST = 2
"""Modules of a stray at least: one alone may say in its name whose it is."""
TIED = 0.1
"""Share of its ties from which a package is tied to the rest of its context."""
FEW = 0.125
"""Share of its modules up to which it is not, whatever these few are tied by."""
MOST = 0.5
"""Share of its ties from which it goes where these lead."""


def place(
    land: Landscape,
    firm: Adjacency,
    labels: Sequence[int],
    proper: Collection[int],
    telling: Collection[int],
    fixed: Collection[int] = (),
    aside: Collection[int] = (),
) -> list[int]:
    """The labels with such packages taken out of the contexts.

    A package, or what of it lies in a context, is a stray there if of its ties (to ``telling``) hardly any
    lead to the rest of the context, or few of its modules are tied to that, and the home of the context is
    another one: its largest package with tables, or the directory with more than half of a context without
    any. It goes with the rest of its package, if most of that is elsewhere; else to the context to which most
    of its ties lead; else it is a part of its own, if it has a table. Most of its paths do not carry the name
    of the home: that would say whose it is.

    Args:
        firm: the ties by uses, data and history, without those of words.
        proper: labels of contexts.
        telling: labels to which a tie says whose anything is: not what all use.
        fixed: modules that stay where they are.
        aside: modules to which none goes.
    """
    members: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    spread: dict[str, Counter[int]] = defaultdict(Counter)
    for number, label in enumerate(labels):
        members[label][land.package(number)].append(number)
        spread[land.package(number)][label] += number not in aside
    result = list(labels)
    free = max(labels, default=-1) + 1
    for label in sorted(proper):
        packages = members[label]
        home = _home(land, packages)
        about = frozenset(words.split(home.rpartition("/")[2]))
        for name, group in sorted(packages.items()):
            if len(group) < LEAST or _same(name, home) or not set(fixed).isdisjoint(group):
                continue
            if about and sum(about <= _words(land, number) for number in group) > MOST * len(group):
                continue
            out = _ties(firm, labels, set(group), aside, telling)
            total, inside = sum(out.values()), out.pop(label, 0.0)
            tied = sum(any(labels[o] == label and o not in group for o, _ in firm[n]) for n in group)
            if inside > TIED * total and tied > FEW * len(group):
                continue
            target = _elsewhere(spread[name], label, {to: w for to, w in out.items() if to in proper}, total)
            if target is None and not land.declaring.isdisjoint(group):
                target, free = free, free + 1
            if target is not None:
                for number in group:
                    result[number] = target
    return result


def _home(land: Landscape, packages: Mapping[str, Sequence[int]]) -> str:
    """The largest package of a context that declares tables; without any the deepest directory with more than
    half of it."""
    declaring = {name for name, group in packages.items() if not land.declaring.isdisjoint(group)}
    if declaring:
        return min(declaring, key=lambda name: (-len(packages[name]), name))
    return home([land.modules[number].path for group in packages.values() for number in group])


def _words(land: Landscape, number: int) -> frozenset[str]:
    """The words of a module's path."""
    return frozenset(word for part in land.modules[number].path.split("/") for word in words.split(part))


def _same(one: str, other: str) -> bool:
    """Whether one directory is in the other."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _ties(
    firm: Adjacency, labels: Sequence[int], group: set[int], aside: Collection[int], telling: Collection[int]
) -> dict[int, float]:
    """Label -> weight of the ties of a group to others there."""
    found: dict[int, float] = defaultdict(float)
    for number in sorted(group):
        for other, weight in firm[number]:
            if other not in group and other not in aside and labels[other] in telling:
                found[labels[other]] += weight
    return found


def _elsewhere(package: Counter[int], label: int, out: Mapping[int, float], total: float) -> int | None:
    """Where most of the package is, or where most of its ties lead."""
    most = min(package, key=lambda other: (-package[other], other))
    if most != label:
        return most
    best = min(out, key=lambda other: (-out[other], other), default=None)
    return best if best is not None and out[best] > MOST * total else None
