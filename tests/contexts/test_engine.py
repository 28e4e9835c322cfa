"""From evidence to a partition: fusing, joining, crumbs and directories, each alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from helpers.systems import landscape

from strangler.contexts import engine, folding, hierarchy, packages
from strangler.contexts.graph import Edges, adjacency


def test_each_kind_of_evidence_weighs_the_same_in_total_however_dense() -> None:
    found = engine.fuse(
        {"calls": {(0, 1): 8.0, (1, 2): 2.0}, "data": {(0, 1): 0.5}, "words": {(1, 2): 3.0}, "history": {}}
    )
    assert found == pytest.approx({(0, 1): 0.8 + 1.0, (1, 2): 0.2 + 0.5})


@pytest.mark.parametrize(("covered", "weight"), [(0.3, 1.0), (0.9, 1.0), (0.15, 0.5), (0.0, 0.0)])
def test_evidence_about_few_modules_counts_less(covered: float, weight: float) -> None:
    assert engine.fuse({"calls": {(0, 1): 4.0}}, {"calls": covered}) == {(0, 1): pytest.approx(weight)}


def test_names_are_kept_apart_from_what_knows_no_names() -> None:
    land = landscape("a", "b", "c", calls={(0, 1): 1.0}, names={(1, 2): 2.0, (0, 1): 2.0})
    ties = engine.tie(land)
    assert ties.blind == [[(1, 1.0)], [(0, 1.0)], []]
    assert ties.edges == {(0, 1): pytest.approx(1.5), (1, 2): pytest.approx(0.5)}
    other = engine.tie(land, {"calls": {(1, 2): 7.0}})
    assert other.edges == {(1, 2): 1.0}


@pytest.mark.parametrize(("outside", "joins"), [(0.9, True), (1.0, False)])
def test_a_module_with_most_of_its_ties_in_one_concept_joins_it(outside: float, joins: bool) -> None:
    owner = {0: "tax"}
    engine._attach(adjacency(3, {(0, 1): 1.0, (1, 2): outside}), owner)
    assert (1 in owner) is joins


def test_joining_goes_on_as_long_as_it_finds_more_but_not_for_ever() -> None:
    chain = {(n, n + 1): 1.0 + n / 100 for n in range(8)}
    owner = {8: "tax"}
    engine._attach(adjacency(9, chain), owner)
    assert sorted(owner) == [3, 4, 5, 6, 7, 8]


def parted(size: int, edges: Edges, owner: dict[int, str], names: list[str] | None = None) -> list[int]:
    land = landscape(*(names or [f"d{n}.m{n}" for n in range(size)]))
    return engine.cut(land, engine._ties(size, edges, {}), owner, 1.0)[0]


def test_concepts_are_communities_and_the_rest_is_cut_by_its_ties() -> None:
    edges: Edges = {
        (a, b): 5.0 for group in ((2, 3, 4, 5), (6, 7, 8, 9)) for a in group for b in group if a < b
    }
    land = landscape(*(f"d{n}.m{n}" for n in range(10)))
    labels, words = engine.cut(land, engine._ties(10, edges | {(0, 1): 1.0}, {}), {0: "tax", 1: "tax"}, 1.0)
    assert labels == [0, 0, 1, 1, 1, 1, 2, 2, 2, 2]
    assert words == {0: "tax"}


@pytest.mark.parametrize(("size", "joined"), [(3, True), (4, False)])
def test_nameless_communities_of_up_to_three_modules_join_their_nearest(size: int, joined: bool) -> None:
    group = range(2, 2 + size)
    edges: Edges = {(a, b): 5.0 for a in group for b in group if a < b} | {(0, 1): 5.0, (1, 2): 0.1}
    labels = parted(2 + size, edges, {0: "tax", 1: "tax"})
    assert (labels[2] == labels[0]) is joined


def test_a_crumb_without_ties_stays_what_it_is() -> None:
    assert parted(4, {(0, 1): 1.0, (2, 3): 1.0}, {0: "tax", 1: "tax"}) == [0, 0, 1, 1]


def test_a_module_alone_goes_with_its_directory_or_the_nearest_above() -> None:
    names = [
        "app/x/a",
        "app/x/b",
        "app/x/c",
        "app/y/d",
        "app/y/e",
        "app/x/alone",
        "app/z/alone",
        "else/alone",
    ]
    names = [name.replace("/", ".") for name in names]
    labels = parted(8, {(0, 1): 1.0, (3, 4): 1.0}, {0: "tax", 1: "tax", 2: "tax", 3: "box", 4: "box"}, names)
    assert labels[5] == labels[0]
    assert labels[6] == labels[0]  # of app: three of one, two of the other
    assert labels[7] == labels[0]  # nothing of its own directory: the root's majority
    assert packages.folders("a/b/c.py") == ["a/b", "a", ""]
    assert packages.folders("c.py") == [""]


def test_a_coarser_level_keeps_contexts_whole_and_a_finer_one_divides_them() -> None:
    edges: Edges = {(0, 1): 5.0, (2, 3): 5.0, (1, 2): 3.0, (4, 5): 5.0, (3, 4): 0.1}
    assert engine.merge_level(6, [0, 0, 1, 1, 2, 2], edges, 0.5, 0) == [0, 0, 0, 0, 1, 1]
    ties = engine._ties(6, edges, {})
    assert engine.split_level([0, 0, 0, 0, 1, 1], ties, 0) == [0, 0, 1, 1, 2, 2]
    assert engine.split_level([0, 0, 0, 1, 1, 1], ties, 0) == [0, 0, 0, 1, 1, 1]  # under four modules
    alone = engine._ties(5, {(0, 1): 5.0, (1, 2): 5.0, (0, 2): 5.0}, {})
    assert engine.split_level([0] * 5, alone, 0) == [0] * 5  # modules alone stay with the largest part


def test_samples_vary_ties_of_one_module_together_and_by_at_most_one_half() -> None:
    land = landscape("a", "b", "c", calls={(0, 1): 1.0, (1, 2): 1.0}, names={(0, 2): 1.0})
    first, second = engine.resample(land, 2, 7)
    for sample in (first, second):
        assert set(sample.edges) == {(0, 1), (1, 2), (0, 2)}
        ratio = {edge: value / (1.0 if edge == (0, 2) else 0.5) for edge, value in sample.edges.items()}
        assert all(0.25 <= value <= 2.25 for value in ratio.values())
        # w0 w1, w1 w2 and w0 w2 give each weight.
        weight = (ratio[0, 1] * ratio[0, 2] / ratio[1, 2]) ** 0.5
        assert 0.5 <= weight <= 1.5
        assert sample.blind[0] == [(1, pytest.approx(sample.edges[0, 1]))]
    assert first.edges != second.edges
    assert engine.resample(land, 1, 7)[0].edges == first.edges
    assert engine.resample(land, 1, 8)[0].edges != first.edges


def test_the_kernel_stays_apart_on_every_level() -> None:
    assert hierarchy._beside([0, 1, 1, 2], 1, [5, 5, 6, 5]) == [0, 1, 1, 0]
    assert hierarchy._beside([0, 1, 1, 2], None, [5, 5, 6, 5]) == [0, 0, 1, 0]


def tangle(declaring: frozenset[int] = frozenset()) -> list[int]:
    """A part of three whose ties are a third its own, used by the core of six as much as it uses it."""
    core, part, leaf = range(6), range(6, 9), range(9, 18)
    ties: Edges = {(a, b): 1.0 for group in (core, part, leaf) for a in group for b in group if a < b}
    ties |= {(n, 6 + n % 3): 1.0 for n in core} | {(n, 9): 0.5 for n in (0, 6)}
    uses = [(n, 6 + n % 3) for n in range(3)] + [(6 + n % 3, n) for n in range(3, 6)] + [(9, 0), (10, 6)]
    importers = tuple(frozenset(a for a, b in uses if b == used) for used in range(18))
    names = [f"core.{n}" for n in core] + [f"part.{n}" for n in range(3)] + [f"leaf.{n}" for n in range(9)]
    land = landscape(*names, calls=ties)
    land = replace(land, importers=importers, declaring=declaring)
    labels = [0] * 6 + [1] * 3 + [2] * 9
    return folding.fold(labels, land, engine.tie(land).blind)


def test_what_others_use_and_holds_little_together_is_part_of_the_core_and_a_leaf_stays_apart() -> None:
    found = tangle()
    assert len({*found[:9]}) == 1
    assert {*found[9:]}.isdisjoint(found[:9])


def test_those_who_own_data_are_used_and_stay_apart_all_the_same() -> None:
    found = tangle(frozenset({0, 6, 7}))
    assert len({*found[:6]}) == len({*found[6:9]}) == 1
    assert found[0] != found[6]


def test_what_is_folded_into_a_community_does_not_name_it() -> None:
    owner = dict.fromkeys(range(6), "@core") | dict.fromkeys(range(6, 9), "@part")
    assert engine._concepts([0] * 9 + [1], owner | {9: "@leaf"}) == {0: "@core", 1: "@leaf"}
    assert engine._concepts([0, 0, 0, 1, 1, 1], dict.fromkeys(range(6), "@core")) == {}  # no part has most


def piece(
    size: int, users: int, declaring: frozenset[int] = frozenset(range(10)), words: tuple[int, ...] = ()
) -> bool:
    """Whether a package of a few of 200 modules, tied to a core as much as to itself, is folded in."""
    core, leaf, part = range(12), range(12, 24), range(24, 24 + size)
    ties: Edges = {(a, b): 1.0 for group in (core, leaf, part) for a in group for b in group if a < b}
    ties |= {(n % 12, a): size - 1.0 for n, a in enumerate(part)}
    importers = [frozenset[int]()] * 200
    importers[part[0]] = frozenset(range(users))
    importers[:3] = [frozenset([*part, *leaf])] * 3
    land = landscape(*(f"m.n{n}" for n in range(200)), calls=ties)
    land = replace(land, importers=tuple(importers), declaring=declaring)
    labels = [0] * 12 + [1] * 12 + [2] * size + [3] * (200 - 24 - size)
    found = folding.fold(labels, land, engine.tie(land).blind, words)
    return found[24] == found[0]


def test_a_few_modules_without_a_table_are_a_piece_of_what_they_are_tied_to() -> None:
    assert piece(5, users=0)
    assert not piece(6, users=0)
    assert not piece(5, users=0, declaring=frozenset(range(3)))  # hardly any table is known
    assert not piece(5, users=2, words=(2,))  # a word of the domain, and few need it
    assert piece(5, users=3, words=(2,))
    assert not piece(5, users=3, words=(2,), declaring=frozenset(range(9)))


def test_a_few_modules_with_a_table_are_one_only_where_three_modules_use_them() -> None:
    assert piece(5, users=3, declaring=frozenset([*range(9), 24]))
    assert not piece(5, users=2, declaring=frozenset([*range(9), 24]))
    assert not piece(5, users=3, declaring=frozenset([*range(9), 24, 25]))


def test_where_all_is_put_together_joins_nothing() -> None:
    core, root = range(8), range(8, 12)
    ties: Edges = {(a, b): 1.0 for a in core for b in core if a < b} | {(n, n - 8): 1.0 for n in root}
    names = [*(f"core.n{n}" for n in core), "site.urls", "site.wsgi", "site.celery", "site.x"]
    land = landscape(*names, calls=ties)
    land = replace(land, importers=tuple(frozenset[int]() for _ in names))
    labels = [0] * 8 + [1] * 4
    assert folding.fold(labels, land, engine.tie(land).blind) == labels
    names[-3:] = ["site.a", "site.b", "site.c"]
    land = replace(landscape(*names, calls=ties), importers=land.importers)
    assert len({*folding.fold(labels, land, engine.tie(land).blind)}) == 1


@pytest.mark.parametrize(("declaring", "holder"), [({0}, "@shop.orders"), (set(), "@shop.orders.fax")])
def test_a_few_modules_inside_a_part_are_a_piece_of_it_where_tables_are_known(
    declaring: set[int], holder: str
) -> None:
    names = ("orders.a", "orders.fax.a", "orders.fax.b", "plugins.x", "plugins.y.z")
    land = replace(landscape(*(f"shop.{name}" for name in names)), declaring=frozenset(declaring))
    owner = {n: "@" + module.name.rpartition(".")[0] for n, module in enumerate(land.modules)}
    held = folding.with_pieces(owner, land)
    assert held == {0: "@shop.orders", 1: holder, 2: holder, 3: "@shop.plugins", 4: "@shop.plugins.y"}
