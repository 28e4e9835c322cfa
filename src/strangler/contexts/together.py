"""Several domains in one context: packages with tables of their own that little ties to each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from strangler.contexts import words
from strangler.contexts.folding import CRUMB
from strangler.contexts.graph import Adjacency
from strangler.contexts.subjects import Subjects
from strangler.contexts.views import Landscape
from strangler.model import System

BOND = 0.2
"""Share of the ties of a domain that lead to another one, from which the two are one."""
SIZE = 0.25
"""Modules from which a domain counts, for each of the largest one beside it."""


def find(
    system: System, land: Landscape, near: Adjacency, labels: Sequence[int], aside: Collection[int]
) -> dict[int, tuple[str, ...]]:
    """Label -> the domains that lie together in it, the largest first, of the labels with more than one.

    A domain is a package (an app) that declares tables, with those of its context to or from which a fifth of
    the ties of either lead; ties to what is no context (``aside``) are left out, since they say nothing of
    whom anything belongs to. It counts from four modules on, if it has a quarter of those of the largest.
    """
    subjects = Subjects(system)
    inside: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, module in enumerate(land.modules):
        if labels[number] not in aside:
            inside[labels[number]][subjects.package(module.name)].append(number)
    found = {}
    for label, packages in inside.items():
        with_data = {
            name: group
            for name, group in packages.items()
            if not land.declaring.isdisjoint(group) and not subjects.general(name)
        }
        domains = _domains(with_data, _bonds(with_data, near, labels, aside))
        sizes = [sum(len(with_data[name]) for name in names) for names in domains]
        told = [
            names[0]
            for size, names in zip(sizes, domains, strict=True)
            if size > CRUMB and size >= SIZE * max(sizes)
        ]
        if len(told) > 1:
            found[label] = tuple(words.plain(name) for name in told)
    return found


def _bonds(
    packages: Mapping[str, Sequence[int]], near: Adjacency, labels: Sequence[int], aside: Collection[int]
) -> set[frozenset[str]]:
    """The pairs that belong together."""
    home = {number: name for name, group in packages.items() for number in group}
    bonds = set()
    for name, group in packages.items():
        total = 0.0
        tied: dict[str, float] = defaultdict(float)
        for number in group:
            for other, weight in near[number]:
                if labels[other] not in aside:
                    total += weight
                    if other in home:
                        tied[home[other]] += weight
        bonds |= {frozenset((name, other)) for other, weight in tied.items() if weight >= BOND * total}
    return bonds


def _domains(packages: Mapping[str, Sequence[int]], bonds: set[frozenset[str]]) -> list[list[str]]:
    """The packages that belong together, directly or through others; the largest of each first."""
    left = sorted(packages, key=lambda name: (-len(packages[name]), name))
    domains = []
    while left:
        domain = [left.pop(0)]
        for name in domain:
            joined = [other for other in left if frozenset((name, other)) in bonds]
            left = [other for other in left if other not in joined]
            domain += joined
        domains.append(sorted(domain, key=lambda name: (-len(packages[name]), name)))
    return sorted(domains, key=lambda names: (-sum(len(packages[name]) for name in names), names))
