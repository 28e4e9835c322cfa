"""Words of names: splitting, layers, and how near two texts are."""

from __future__ import annotations

from collections import Counter
from math import log, sqrt

import pytest

from strangler.contexts import words


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("OrderLines_v2", ("order", "line", "v2")),
        ("HTTPServer", ("http", "server")),
        ("policies", ("policy",)),
        ("s3_to_redshift", ("s3", "to", "redshift")),
        ("addresses", ("address",)),
        ("status", ("status",)),
    ],
)
def test_names_are_split_into_singular_words(name: str, expected: tuple[str, ...]) -> None:
    assert words.split(name) == expected


def test_words_that_end_many_names_are_layers_and_those_that_lead_them_are_not() -> None:
    found = words.layer_words(
        [f"app.{d}.{d}_gizmo" for d in ("billing", "catalog", "delivery", "account")]
        + ["app.billing.billing_x"]
    )
    assert found["gizmo"] > 0.7
    assert "billing" not in found


@pytest.mark.parametrize(
    ("word", "singular"),
    [
        ("orders", "order"),
        ("boxes", "box"),
        ("batches", "batch"),
        ("dishes", "dish"),
        ("classes", "class"),
        ("class", "class"),
        ("analysis", "analysis"),
        ("bus", "bus"),
        ("gas", "gas"),
        ("gems", "gem"),
        ("ties", "tie"),
        ("parties", "party"),
        ("order", "order"),
    ],
)
def test_plurals_are_told_by_their_ending(word: str, singular: str) -> None:
    assert words.stem(word) == singular


def test_a_name_as_a_context_carries_it() -> None:
    assert words.plain("OrderLines_v2") == "order-lines-v2"
    assert words.plain("OAuth2Token") == "oauth2-token"
    assert words.plain("__") == "context"


def test_the_usual_spelling_of_a_stem_is_kept() -> None:
    assert words.spellings(["postgres.a", "postgres.b", "x.postgre"]) == {
        "postgre": "postgres",
        "a": "a",
        "b": "b",
        "x": "x",
    }


def test_how_much_a_word_names_a_layer_follows_its_formula() -> None:
    ends = [f"app.{d}_gizmo" for d in ("billing", "catalog", "delivery")]
    found = words.layer_words([*ends, "app.gizmo_box", "app.gizmo", "x.gizmo"])
    assert found["gizmo"] == 3 / (3 + 1 + 1)  # by itself it counts only if it is of the trade
    assert "gizmo" not in words.layer_words(ends[:2])
    found = words.layer_words(["a.views", "b.views", "c.order_view", "d.view_box"])
    assert found["view"] == (1 + 2 + 4) / (1 + 2 + 1 + 4 + 1)
    assert found["admin"] == 4 / (4 + 1)


def test_vectors_weigh_rare_words_and_leave_out_what_most_say() -> None:
    texts = [Counter(a=3, b=1, all=1), Counter(a=1, b=1, all=1), Counter(b=1, all=1, once=1), Counter(all=1)]
    first, second, third, last = words.vectors(texts, most=0.75)
    a, b = (1 + log(3)) * log(4 / 2), log(4 / 3)
    assert first == pytest.approx({"a": a / sqrt(a * a + b * b), "b": b / sqrt(a * a + b * b)})
    assert set(second) == {"a", "b"}
    assert third == {"b": 1.0}
    assert last == {}
    assert words.vectors(texts, most=0.5)[2] == {}
    damped = words.vectors(texts, {"a": 1.0}, most=0.75)
    assert damped[0] == {"b": 1.0}
    assert words.vectors([Counter(a=1), Counter(a=1)]) == [{}, {}]  # two of two: it tells nothing


def test_the_nearest_keep_the_larger_similarity_of_both_directions() -> None:
    rows = [{"a": 0.6, "b": 0.8}, {"a": 1.0}, {"b": 1.0}, {"c": 1.0}]
    assert words.nearest(rows) == {(0, 1): pytest.approx(0.6), (0, 2): pytest.approx(0.8)}
    assert words.nearest(rows, least=0.7) == {(0, 2): pytest.approx(0.8)}
    assert words.nearest(rows, least=0.8) == {(0, 2): pytest.approx(0.8)}


def test_each_row_keeps_its_nearest_alone() -> None:
    rows = [{"a": 1.0, "b": 0.1}, {"a": 0.9}, {"a": 0.8}, {"b": 0.9}]
    assert words.nearest(rows, k=1, least=0.0) == {
        (0, 1): pytest.approx(0.9),
        (0, 2): pytest.approx(0.8),
        (0, 3): pytest.approx(0.09),
    }


def test_a_word_of_too_many_rows_ties_none_and_the_reach_bounds_the_work() -> None:
    rows = [{"a": 1.0, "b": 0.5}] * 3 + [{"b": 0.5}]
    assert set(words.nearest(rows, postings=3)) == {(0, 1), (0, 2), (1, 2)}
    assert words.nearest(rows, postings=2) == {}
    assert words.nearest(rows, reach=3)[0, 1] == pytest.approx(1.0)  # its heaviest word alone
    assert (0, 3) in words.nearest(rows)  # from the other side as well
    assert words.nearest(rows, reach=7)[0, 1] == pytest.approx(1.25)
    assert words.nearest(rows, reach=1)[0, 1] == pytest.approx(1.0)  # at least one word is looked at
