"""Several domains in one context: packages, or models with what is named after them, that little ties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import msgspec

from strangler.contexts import words
from strangler.contexts.folding import CRUMB
from strangler.contexts.graph import Adjacency
from strangler.contexts.subjects import Subjects
from strangler.contexts.views import Landscape
from strangler.model import BoundedContext, Domain, System
from strangler.model.lookup import Homes, last
from strangler.text import listed, plural

BOND = 0.2
"""Share of the ties of a domain that lead to another one, from which the two are one."""
SIZE = 0.25
"""Modules from which a domain counts, for each of the largest one beside it."""
NAMED = 3
"""Tables and modules that are named of a domain."""


def find(
    system: System, land: Landscape, near: Adjacency, labels: Sequence[int], aside: Collection[int]
) -> dict[int, tuple[Domain, ...]]:
    """Label -> the domains that lie together in it, the largest first, of the labels with more than one.

    A domain is a package (an app) that declares tables, with those of its context to or from which a fifth of
    the ties of either lead; ties to what is no context (``aside``) are left out, since they say nothing of
    whom anything belongs to. It counts from four modules on, if it has a quarter of those of the largest.

    Where code is cut in layers no package says anything: a domain is a module that declares tables with those
    named after it, in whatever layer, and with those to whose tables it refers or with which it has a word
    in common. There three modules count.
    """
    subjects = Subjects(system)
    members: dict[int, list[int]] = defaultdict(list)
    for number, label in enumerate(labels):
        if label not in aside:
            members[label].append(number)
    homes = Homes(system, land.index)
    declared: dict[int, list[str]] = defaultdict(list)
    for table in system.tables:
        where = homes(table.model)
        if where is not None:
            declared[land.index[where]].append(table.name)
    found = {}
    for label, own in members.items():
        packages: dict[str, list[int]] = defaultdict(list)
        for number in own:
            packages[subjects.package(land.modules[number].name)].append(number)
        with_data = {
            name: group
            for name, group in packages.items()
            if not land.declaring.isdisjoint(group) and not subjects.general(name)
        }
        bonds = _bonds(with_data, near, labels, aside)
        least = CRUMB + 1
        if not with_data:
            with_data = _around_models(land, own)
            bonds = _bonds(with_data, near, labels, aside) | _of_one_kind(land, with_data)
            least = CRUMB
        domains = _domains(with_data, bonds)
        sizes = [sum(len(with_data[name]) for name in names) for names in domains]
        large = [
            names
            for size, names in zip(sizes, domains, strict=True)
            if size >= least and size >= SIZE * max(sizes)
        ]
        if len(large) > 1:
            inside = [sorted(number for name in names for number in with_data[name]) for names in large]
            found[label] = tuple(
                Domain(
                    name=words.plain(names[0]),
                    modules=tuple(land.modules[number].name for number in group),
                    tables=tuple(sorted(table for number in group for table in declared[number])),
                )
                for names, group in zip(large, inside, strict=True)
            )
    return found


def whole(context: BoundedContext) -> BoundedContext:
    """The context with nothing left out: its domains have tables that it owns, and what is in none of them is
    told beside them."""
    if not context.domains:
        return context
    owned = frozenset(context.tables)
    domains = tuple(
        msgspec.structs.replace(one, tables=tuple(table for table in one.tables if table in owned))
        for one in context.domains
    )
    tables = owned.difference(*(one.tables for one in domains))
    modules = frozenset(context.modules).difference(context.to_split, *(one.modules for one in domains))
    left = Domain(name="", modules=tuple(sorted(modules)), tables=tuple(sorted(tables)))
    return msgspec.structs.replace(context, domains=domains, in_none=left if modules or tables else None)


def told(context: BoundedContext) -> str:
    """The domains that lie together in a context, each with what it holds, and the modules to split, as a
    sentence; empty where there is one only."""
    if not context.domains:
        return ""
    each = [
        f"{domain.name} ({plural(len(domain.modules), 'module')}; "
        f"{plural(len(domain.tables), 'table')}: {listed(domain.tables, NAMED)})"
        for domain in context.domains
    ]
    left = context.in_none
    none = (
        f"; in none of them: {plural(len(left.tables), 'table')}, {plural(len(left.modules), 'module')}"
        if left is not None
        else ""
    )
    split = f"; to split between them: {listed(context.to_split, NAMED)}" if context.to_split else ""
    return f"several domains lie together here: {', '.join(each)}{split}{none}"


def _around_models(land: Landscape, group: Sequence[int]) -> dict[str, list[int]]:
    """Name of a module that declares tables -> it and the modules of the group that carry its words."""
    named = {last(land.modules[n].name): n for n in group if n in land.declaring}
    wanted = {name: frozenset(_words(name)) for name in named}
    found: dict[str, list[int]] = defaultdict(list)
    for number in group:
        for part in reversed(land.modules[number].name.split(".")):
            fits = [name for name, own in wanted.items() if own and own <= set(_words(part))]
            if fits:
                found[max(fits, key=lambda name: (len(wanted[name]), name))].append(number)
                break
    return {name: numbers for name, numbers in found.items() if named[name] in numbers}


def _of_one_kind(land: Landscape, domains: Mapping[str, Sequence[int]]) -> set[frozenset[str]]:
    """The pairs with a word in common, or of which tables of one refer to one of the other."""
    home = {number: name for name, group in domains.items() for number in group}
    pairs = {
        frozenset((home[used], home[user]))
        for used, users in land.referring.items()
        if used in home
        for user in users
        if user in home
    }
    for name in domains:
        pairs |= {frozenset((name, other)) for other in domains if set(_words(name)) & set(_words(other))}
    return pairs


def _words(name: str) -> list[str]:
    return [word.removesuffix("s") for word in words.split(name)]


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
