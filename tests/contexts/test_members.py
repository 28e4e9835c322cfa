"""How sure a module's place is, and what is said for it."""

from __future__ import annotations

import pytest
from helpers.systems import module

from strangler.contexts import engine, members
from strangler.contexts.consensus import Support
from strangler.contexts.views import Landscape
from strangler.model import Member


def test_sureness_follows_its_formula_and_each_part_of_the_evidence() -> None:
    assert members.sureness(1.0, 1.0, 20, 400) == pytest.approx(0.5 + 0.2 * (20 / 30 - 0.6) / 0.1)
    assert members.sureness(0.6, 1.0, 10**9, 4) == pytest.approx(0.5)
    assert members.sureness(1.0, 1.0, 10**9, 4) == pytest.approx(members.RIGHT[-1][1], abs=1e-3)
    base = members.sureness(0.8, 0.8, 10, 100)
    assert members.sureness(0.7, 0.8, 10, 100) < base
    assert members.sureness(0.8, 0.7, 10, 100) < base
    assert members.sureness(0.8, 0.8, 9, 100) < base
    assert members.sureness(0.8, 0.8, 10, 121) < base


CALLS = {(0, 1): 3.0, (0, 2): 1.0, (1, 2): 1.0, (2, 3): 2.0}
LABELS = [0, 0, 1, 1, 1]
NAMES = ["tax", "box"]


def described(support: Support, concepts: dict[int, str], kernel: int | None = None) -> list[Member]:
    modules = tuple(module(name) for name in ("app.tax.a", "app.b", "app.c", "app.d", "app.e"))
    index = {one.name: number for number, one in enumerate(modules)}
    land = Landscape(modules, index, {"calls": CALLS, "data": {}})
    ties = engine.tie(land)
    return members.describe(land, ties, LABELS, concepts, kernel, NAMES, support, LABELS)


def support(share: float = 1.0, other: tuple[int | None, ...] = (None,) * 5) -> Support:
    return Support((share,) * 5, other, 1.0)


def test_a_member_without_a_word_that_holds_it_is_less_sure() -> None:
    first, _, third, *_ = described(support(0.8), {0: "tax"})
    assert first.confidence == round(members.sureness(0.8, 3 / 4, 2, 5), 4)
    assert third.confidence == round(members.sureness(0.8 * 0.7, 2 / 4, 3, 5), 4)
    assert described(support(0.8), {0: "tax"}, kernel=1)[2].confidence == round(
        members.sureness(0.8, 2 / 4, 3, 5), 4
    )
    alone = described(support(0.8), {})[4]
    assert alone.confidence == round(members.sureness(0.8 * 0.7, 0.25, 3, 5), 4)


def test_the_alternative_is_where_the_samples_put_it_or_else_its_strongest_tie() -> None:
    assert [m.alternative for m in described(support(), {})] == ["box", "box", "tax", None, None]
    moved = described(support(other=(1, None, None, 0, 0)), {})
    assert [m.alternative for m in moved] == ["box", "box", "tax", "tax", "tax"]
    same = described(support(other=(0, None, None, None, None)), {})
    assert same[0].alternative == "box"


def test_who_is_sure_has_no_alternative() -> None:
    land = Landscape((module("a"), module("b")), {"a": 0, "b": 1}, {"calls": {(0, 1): 1.0}})
    big = [0] * 2
    found = members.describe(
        land, engine.tie(land), big, {0: "x"}, None, ["one", "two"], Support((1.0, 1.0), (1, 1), 1.0), [0, 1]
    )
    assert [m.confidence >= 0.8 for m in found] == [False, False]
    assert members.sureness(1.0, 1.0, 100, 100) >= 0.8


def test_reasons_say_word_package_and_share_of_the_ties() -> None:
    first, second, _, fourth, fifth = described(support(), {0: "tax", 1: "@app"})
    assert first.reasons == (
        "its path carries the word tax",
        "imports and calls: 75% of the weight stays in the context, most with app.b",
    )
    assert second.reasons == (
        "imports and calls: 75% of the weight stays in the context, most with app.tax.a",
    )
    assert fourth.reasons[0] == "lies in the cohesive package app"
    assert fifth.reasons == ("lies in the cohesive package app",)
    assert described(support(), {})[4].reasons == ("no ties found: placed with the modules of its directory",)


def test_cohesion_is_the_share_of_tie_weight_inside() -> None:
    modules = tuple(module(name) for name in "abcde")
    land = Landscape(modules, {one.name: n for n, one in enumerate(modules)}, {"calls": CALLS})
    ties = engine.tie(land)
    assert members.of_context(land, ties, LABELS, 0, [0, 1]) == {
        "modules": 2.0,
        "lines": 200.0,
        "cohesion": 0.75,
    }
    assert members.of_context(land, ties, [0, 0, 1, 1, 2], 2, [4])["cohesion"] is None


def test_a_community_of_the_first_partition_is_where_most_of_it_went() -> None:
    assert members._translate([0, 0, 0, 1, 1], [2, 2, 3, 3, 4]) == {0: 2, 1: 3}
