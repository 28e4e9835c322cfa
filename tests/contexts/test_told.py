"""What declares tables is glued to nothing: only a tie that says something joins it to a stranger."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest
from helpers.systems import landscape

from strangler.contexts import folding
from strangler.contexts.graph import Adjacency, Edges, adjacency
from strangler.contexts.views import Landscape

DOMAINS = ("orders", "billing", "stock")
SIZES = {"orders": 6, "billing": 6, "stock": 6, "jobs": 4, "news": 4, "api": 8, "tools": 4, "text": 4}
"""Three domains that stand; two small apps, a face and helpers that keep little to themselves."""


def shop(
    ties: dict[tuple[str, str], float], own: float = 0.2, apps: tuple[str, ...] = ("jobs", "news")
) -> tuple[Landscape, Adjacency, list[int]]:
    """The packages with ``ties`` between pairs of them, spread over their modules; the first uses the second.

    Args:
        own: weight of each tie inside what keeps little.
        apps: packages that declare a table, beside the domains.
    """
    names = [f"shop.{name}.m{n}" for name, size in SIZES.items() for n in range(size)]
    members = {name: [n for n, one in enumerate(names) if one.startswith(f"shop.{name}.")] for name in SIZES}
    edges: Edges = {}
    importers: dict[int, set[int]] = defaultdict(set)
    for name, inside in members.items():
        for a in inside:
            for b in inside:
                if a < b:
                    edges[a, b] = {"api": 2.0}.get(name, 5.0 if name in DOMAINS else own)
    for (user, used), weight in ties.items():
        for place, number in enumerate(members[user]):
            other = members[used][place % len(members[used])]
            importers[other].add(number)
            edge = min(number, other), max(number, other)
            edges[edge] = max(edges.get(edge, 0.0), weight)
    declared = {members[name][0]: 1 for name in (*DOMAINS, *apps)}
    land = replace(
        landscape(*names),
        importers=tuple(frozenset(importers[n]) for n in range(len(names))),
        declaring=frozenset(declared),
        tables=declared,
    )
    return land, adjacency(len(names), edges), [list(SIZES).index(name.split(".")[1]) for name in names]


def cut(*arguments: object, **named: object) -> set[frozenset[str]]:
    """The packages of each community."""
    land, near, labels = shop(*arguments, **named)  # type: ignore[arg-type]
    after, _ = folding.fold_apart(labels, land, near)
    inside: dict[int, set[str]] = defaultdict(set)
    for module, label in zip(land.modules, after, strict=True):
        inside[label].add(module.name.split(".")[1])
    return {frozenset(names) for names in inside.values()}


EVERYWHERE = {
    (user, used): 0.3 for user in ("jobs", "news") for used in (*DOMAINS, "api", "tools", "text")
} | {(domain, used): 0.3 for domain in DOMAINS for used in ("jobs", "news", "tools", "text")}
FACE = {("api", used): 0.3 for used in (*DOMAINS, "jobs", "news")}


def test_apps_that_nothing_ties_to_another_stand_by_themselves() -> None:
    land, near, labels = shop(EVERYWHERE | FACE)
    loose = folding.fold(labels, land, near)
    assert loose.count(loose[labels.index(3)]) > SIZES["jobs"]  # else there would be nothing to tell
    found = cut(EVERYWHERE | FACE)
    assert {frozenset({"jobs"}), frozenset({"news"})} <= found


@pytest.mark.parametrize(("weight", "joins"), [(0.5, False), (9.0, True)])
def test_a_tie_that_says_something_joins_them(weight: float, joins: bool) -> None:
    found = cut(EVERYWHERE | FACE | {("jobs", "stock"): weight})
    assert (frozenset({"jobs"}) not in found) is joins


def test_what_declares_a_table_never_joins_a_face() -> None:
    """However much of it is asked through that one."""
    used = {(domain, "api"): 0.3 for domain in DOMAINS}
    found = cut(EVERYWHERE | used | FACE | {("api", "jobs"): 5.0})
    assert all("api" not in names for names in found if "jobs" in names)


def test_helpers_without_tables_join_each_other_and_are_told_as_common_together() -> None:
    """Where each is used by some and both by most."""
    some = {(user, "tools"): 0.3 for user in ("orders", "stock")}
    more = {(user, "text"): 0.3 for user in ("billing", "api")}
    apart = {pair: 0.3 for pair in EVERYWHERE if pair[1] not in ("tools", "text")} | FACE
    both = apart | some | more | {("text", "tools"): 0.3}
    assert frozenset({"tools", "text"}) in cut(both, own=0.02)
    land, near, labels = shop(both, own=0.02)
    assert not folding._common(labels, land, near)
    after, common = folding.fold_apart(labels, land, near)
    assert common == after[labels.index(6)]


def test_where_hardly_a_domain_is_known_all_is_as_it_was() -> None:
    land, near, labels = shop(EVERYWHERE | FACE, apps=())
    land = replace(land, declaring=frozenset(sorted(land.declaring)[:2]))
    assert folding.fold_apart(labels, land, near)[0] == folding.fold(labels, land, near)
