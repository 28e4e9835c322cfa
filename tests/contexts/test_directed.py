"""Knots and orders of directed graphs."""

from __future__ import annotations

from strangler.contexts.directed import in_order, knots


def test_what_uses_each_other_is_a_knot() -> None:
    assert knots([("b", "a"), ("a", "b"), ("b", "c"), ("e", "d"), ("d", "e")]) == [["a", "b"], ["d", "e"]]


def test_users_come_before_what_they_use_and_names_decide_the_rest() -> None:
    assert in_order("abcdz", [("z", "b"), ("c", "b"), ("b", "c")]) == [["a"], ["d"], ["z"], ["b", "c"]]
