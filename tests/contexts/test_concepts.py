"""When a word of the paths counts as a concept: the smallest graphs on which each limit decides."""

# ruff: noqa: E501

from __future__ import annotations

import pytest
from helpers.systems import module

from strangler.contexts import concepts
from strangler.contexts.concepts import Lexicon, Limits, _inner_layer, cover, lexicon
from strangler.contexts.graph import Edges, adjacency
from strangler.model import Module


def test_words_and_packages_are_carried_by_enough_and_not_too_many() -> None:
    names = ["app.tax.a", "app.tax.b", "app.box.tax_c", *(f"app.zz{n}.x{n}" for n in range(6))]
    found = lexicon([module(name) for name in names])
    assert found.carriers == {"tax": {0, 1, 2}}  # of nine modules three are a third; app is all
    assert set(lexicon([module(name) for name in names[:8]]).carriers) == set()
    assert lexicon([module(name) for name in ("p.tax.i", "p.tax.j", "p.k", "p.l")], 0.5).carriers == {
        "tax": {0, 1}
    }
    everything = lexicon([module(name) for name in names], 1.0).carriers
    assert everything["@app"] == frozenset(range(9))
    assert "@app.tax" not in everything  # two modules make no package
    assert "a" not in everything


def test_a_single_letter_is_no_word() -> None:
    names = ["app.k.one", "app.k.two", *(f"zz{n}.x{n}" for n in range(6))]
    assert lexicon([module(name) for name in names]).carriers == {"app": {0, 1}}


def test_a_package_holds_its_own_init_file() -> None:
    inside = Module(name="app.tax", path="app/tax/__init__.py", lines=1)
    modules = [inside, module("app.tax.a"), module("app.tax.b"), module("app.tax_file"), module("top")]
    assert lexicon(modules, 1.0).carriers["@app.tax"] == {0, 1, 2}
    assert lexicon(modules, 1.0).carriers["@app"] == {0, 1, 2, 3}


def held(
    size: int, edges: Edges, carriers: dict[str, set[int]], layers: dict[str, float] | None = None
) -> dict[int, str]:
    book = Lexicon({word: frozenset(members) for word, members in carriers.items()}, layers or {})
    return cover(book, adjacency(size, edges))


@pytest.mark.parametrize(("outside", "accepted"), [(8.0, True), (8.1, False)])
def test_a_word_keeps_a_fifth_of_its_ties(outside: float, accepted: bool) -> None:
    edges = {(0, 1): 1.0, (0, 2): outside, (3, 4): 100.0}
    assert held(5, edges, {"tax": {0, 1}}) == ({0: "tax", 1: "tax"} if accepted else {})


@pytest.mark.parametrize(("outside", "accepted"), [(5.3, True), (5.4, False)])
def test_a_package_keeps_four_tenths_beyond_chance(outside: float, accepted: bool) -> None:
    edges = {(0, 1): 1.0, (1, 2): 1.0, (0, 3): outside, (4, 5): 100.0}
    assert bool(held(6, edges, {"@tax": {0, 1, 2}})) is accepted


@pytest.mark.parametrize(("outside", "accepted"), [(4.0, True), (4.1, False)])
def test_a_package_that_is_called_like_a_layer_keeps_half(outside: float, accepted: bool) -> None:
    edges = {(0, 1): 1.0, (1, 2): 1.0, (0, 3): outside, (4, 5): 100.0}
    assert bool(held(6, edges, {"@views": {0, 1, 2}}, {"view": 0.9})) is accepted


@pytest.mark.parametrize(("third", "accepted"), [(3, False), (2, True)])
def test_a_word_that_recurs_inside_closed_packages_is_a_layer_of_them(third: int, accepted: bool) -> None:
    """Two packages of five modules; ``table`` stands in three of one and in three or two of the other."""
    first, second = set(range(5)), set(range(5, 10))
    edges = {(a, b): 1.0 for group in (first, second) for a in group for b in group if a < b}
    carriers = {"@one": first, "@two": second, "table": {0, 1, 2, *range(5, 5 + third)}}
    edges |= {(10, 11): 200.0}
    book = Lexicon({word: frozenset(members) for word, members in carriers.items()}, {})
    closed = {word: members for word, members in book.carriers.items() if word != "table"}
    assert _inner_layer(book.carriers["table"], closed) is not accepted


@pytest.mark.parametrize(("layer", "accepted"), [(0.85, True), (0.86, False)])
def test_a_word_that_names_a_layer_is_none(layer: float, accepted: bool) -> None:
    edges = {(0, 1): 1.0, (2, 3): 9.0}
    assert bool(held(4, edges, {"view": {0, 1}}, {"view": layer})) is accepted


@pytest.mark.parametrize(
    ("size", "rest", "accepted"),
    [
        (64, 95.0, True),
        (64, 94.0, False),
        (48, 70.0, True),
        (48, 69.0, False),
        (8, 32.5, True),
        (8, 32.4, False),
    ],
)
def test_a_word_is_tied_many_times_beyond_chance(size: int, rest: float, accepted: bool) -> None:
    """Four times among many modules, 1.5 times among few: a fifth of the ties inside, of a part of all weight."""
    edges = {(0, 1): 1.0, (0, 2): 8.0, (3, 4): rest - 4.0}
    assert bool(held(size, edges, {"tax": {0, 1}})) is accepted


@pytest.mark.parametrize(("strong", "extra", "left"), [(3, 2, 2), (4, 2, 0), (3, 1, 0)])
def test_a_weaker_word_needs_two_fifths_of_its_modules_left(strong: int, extra: int, left: int) -> None:
    inside, rest = range(strong), range(strong, strong + extra)
    edges: Edges = {(a, b): 20.0 for a in inside for b in inside if a < b} | {(8, 9): 500.0}
    edges |= {(a, b): 10.0 for a in rest for b in rest if a < b} | {(a, 8): 30.0 for a in rest}
    found = held(10, edges, {"tax": set(inside), "box": {*inside, *rest}})
    assert [found[number] for number in inside] == ["tax"] * strong
    assert sum(word == "box" for word in found.values()) == left


def test_a_word_of_two_worlds_keeps_the_larger_with_what_is_alone() -> None:
    clique: Edges = {(0, 1): 1.0, (1, 2): 1.0, (0, 2): 1.0, (3, 4): 1.0}
    assert held(9, clique | {(6, 7): 9.0}, {"api": {0, 1, 2, 3, 4, 5}}) == dict.fromkeys((0, 1, 2, 5), "api")
    even: Edges = {(0, 1): 1.0, (3, 4): 1.0, (6, 7): 9.0}
    assert held(9, even, {"api": {0, 1, 3, 4}}) == dict.fromkeys((0, 1), "api")
    assert held(9, even, {"@api": {0, 1, 3, 4}}) == dict.fromkeys((0, 1, 3, 4), "@api")


@pytest.mark.parametrize(("bridge", "whole"), [(0.3, True), (0.05, False)])
def test_two_parts_tied_half_as_much_as_chance_are_one_world(bridge: float, whole: bool) -> None:
    edges: Edges = {(0, 1): 5.0, (2, 3): 5.0, (1, 2): bridge, (5, 6): 100.0}
    assert bool(3 in held(8, edges, {"api": {0, 1, 2, 3}})) is whole


def test_a_module_with_two_words_goes_where_its_ties_are() -> None:
    edges: Edges = {(0, 1): 5.0, (2, 3): 5.0, (1, 4): 1.0, (2, 4): 3.0, (6, 7): 20.0}
    assert held(8, edges, {"tax": {0, 1, 4}, "box": {2, 3, 4}})[4] == "box"
    edges |= {(1, 4): 3.0, (2, 4): 1.0}
    assert held(8, edges, {"tax": {0, 1, 4}, "box": {2, 3, 4}})[4] == "tax"


def test_the_limits_can_be_moved() -> None:
    book = Lexicon({"tax": frozenset({0, 1})}, {})
    near = adjacency(5, {(0, 1): 1.0, (0, 2): 1.0, (3, 4): 9.0})
    assert cover(book, near) == {0: "tax", 1: "tax"}
    assert cover(book, near, Limits(share=0.7)) == {}
    assert cover(book, adjacency(5, {})) == {}
    assert concepts.PACKAGE == "@"
