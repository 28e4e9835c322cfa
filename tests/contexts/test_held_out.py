"""Held-out change: what the latest commits say of a cut that did not know them."""

from __future__ import annotations

from itertools import permutations

import pytest
from helpers.systems import module, monolith
from hypothesis import given
from hypothesis import strategies as st

from strangler.contexts import ContextSettings, views
from strangler.contexts.held_out import HeldOut, _by_chance, beyond, held_out, latest, told
from strangler.model import Changes, Commit

NAMES = ("shop.a.x", "shop.a.y", "shop.b.x", "shop.b.y")


def history(*touched: tuple[str, ...]) -> Changes:
    log = tuple(
        Commit(sha=f"{n:040x}", time=n * 1000, subject="", modules=modules)
        for n, modules in enumerate(touched)
    )
    return Changes(commits=len(log), log=log)


def test_only_the_last_fifth_and_only_commits_over_several_modules_count() -> None:
    early = [("shop.a.x", "shop.b.x")] * 8
    changes = history(*early, ("shop.a.x", "shop.a.y"), ("shop.b.x",))
    land = views.build(monolith([module(n) for n in NAMES]), changes, ContextSettings())
    assert latest(land, changes) == [[0, 1]]


def test_the_shares_are_those_of_the_cut_and_of_as_many_packages() -> None:
    early = [("shop.a.x",)] * 16
    late = [
        ("shop.a.x", "shop.a.y"),
        ("shop.a.x", "shop.b.x"),
        ("shop.a.y", "shop.b.y"),
        ("shop.b.x", "shop.b.y"),
    ]
    changes = history(*early, *late)
    land = views.build(monolith([module(n) for n in NAMES]), changes, ContextSettings())
    found = held_out(land, changes, [0, 1, 0, 0])
    assert found == {
        "held_out_commits": 4.0,
        "held_out_within": 0.5,
        "held_out_random": 0.5,
        "held_out_packages": 2.0,
        "held_out_within_packages": 0.5,
        "held_out_random_packages": 0.333333,
    }
    assert told(found) == HeldOut(4, 0.5, 0.5, 2, 0.5, 0.333333)
    assert told({"held_out_within": 0.5}) is None
    one = held_out(land, changes, [0, 0, 0, 0])
    assert (one["held_out_within"], one["held_out_random"]) == (1.0, 1.0)
    assert set(held_out(land, changes, None).values()) == {None}


def test_packages_of_which_one_holds_nearly_every_module_are_not_what_a_cut_is_held_against() -> None:
    names = [f"shop.{part}.{leaf}" for part in "abcdef" for leaf in "vwxyz"] + ["tool.x"]
    late = [(f"shop.{part}.v", f"shop.{part}.{leaf}") for part in "abcdef" for leaf in "wx"]
    changes = history(*[("shop.a.v",)] * 50, *late, ("shop.a.v", "shop.b.v"))
    land = views.build(monolith([module(n) for n in names]), changes, ContextSettings())
    found = told(held_out(land, changes, [0] * len(names)))
    assert found is not None
    assert found.packages == 7  # not shop and tool, which keep all 12 commits
    assert found.within_packages == pytest.approx(11 / 12)


@given(st.lists(st.integers(0, 2), min_size=5, max_size=5), st.sets(st.integers(0, 4), min_size=2))
def test_chance_is_the_mean_over_all_ways_to_deal_the_modules_out(cut: list[int], commit: set[int]) -> None:
    dealt = [len({deal[n] for n in commit}) == 1 for deal in permutations(cut)]
    assert _by_chance([sorted(commit)], cut) == pytest.approx(sum(dealt) / len(dealt))


def test_what_is_ahead_of_chance_is_compared_and_not_the_share() -> None:
    few_large = {"packages": 2, "within_packages": 0.8, "random_packages": 0.7}
    assert HeldOut(commits=100, within=0.5, random=0.1, **few_large).ahead
    assert not HeldOut(commits=100, within=0.3, random=0.1, **few_large).ahead
    assert beyond(1.0, 1.0) == 0.0
