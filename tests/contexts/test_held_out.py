"""Held-out change: what the latest commits say of a cut that did not know them."""

from __future__ import annotations

from helpers.systems import module, monolith

from strangler.contexts import ContextSettings, views
from strangler.contexts.held_out import held_out, latest
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
    assert held_out(land, changes, [0, 1, 0, 0]) == {
        "held_out_commits": 4.0,
        "held_out_within": 0.5,
        "held_out_within_packages": 0.5,
        "held_out_packages": 2.0,
    }
    assert held_out(land, changes, [0, 0, 0, 0])["held_out_within_packages"] == 1.0
    assert set(held_out(land, changes, None).values()) == {None}
