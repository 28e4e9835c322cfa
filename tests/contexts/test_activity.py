"""Which contexts change together more and more, and where the work goes."""

from __future__ import annotations

import pytest
from helpers.systems import monolith

from strangler.contexts.activity import activity, trend
from strangler.model import Changes, Commit, Module

WHERE = {"shop.a": "one", "shop.b": "two", "shop.c": "three"}


def history(*touched: str) -> Changes:
    log = tuple(
        Commit(sha=f"{n:040x}", time=n, subject="", modules=tuple(f"shop.{letter}" for letter in letters))
        for n, letters in enumerate(touched)
    )
    return Changes(commits=len(log), log=log)


@pytest.mark.parametrize(
    ("earlier", "later", "said"),
    [
        (0, 3, "steady"),
        (0, 4, "growing"),
        (4, 0, "shrinking"),
        (10, 18, "steady"),
        (10, 22, "growing"),
        (288, 337, "steady"),
    ],
)
def test_a_trend_is_said_where_chance_does_not_explain_it(earlier: int, later: int, said: str) -> None:
    assert trend(earlier, later) == said


def test_contexts_that_come_to_change_together_are_growing() -> None:
    system = monolith([Module(name=name, path=f"{name}.py", lines=10) for name in WHERE])
    [pair] = activity(system, history(*["a"] * 8, *["ab"] * 6, "bc", "c"), WHERE).couplings
    assert (pair.a, pair.b, pair.commits, pair.earlier, pair.later) == ("one", "two", 6, 0, 6)
    assert (pair.trend, pair.share) == ("growing", round(6 / 7, 4))


def test_a_hotspot_is_large_and_often_changed() -> None:
    lines = {"shop.a": 100, "shop.b": 10, "shop.c": 900}
    system = monolith([Module(name=name, path=f"{name}.py", lines=n) for name, n in lines.items()])
    found = activity(system, history("a", "b", "b", "a", "a", "b"), WHERE).hotspots
    assert [(row.module, row.context, row.commits, row.later, row.score) for row in found] == [
        ("shop.a", "one", 3, 2, 1.0),
        ("shop.b", "two", 3, 1, 0.1),
    ]
