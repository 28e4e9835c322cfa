"""Regular expressions as values: equal languages that look alike are one object, and stay small."""

from __future__ import annotations

import pytest

from strangler.routing.terms import (
    ALL,
    EMPTY,
    EPSILON,
    Alt,
    Rep,
    Term,
    alt,
    both,
    cls,
    is_plain,
    literal_prefix,
    no,
    rep,
    seq,
    text,
    without_last,
)

A, B = text("a"), text("b")
ANY = rep(A, 0, None)


@pytest.mark.parametrize(
    ("made", "same"),
    [
        (rep(A, 2, 0), EPSILON),
        (rep(EPSILON, 2, 5), EPSILON),
        (rep(EMPTY, 0, 3), EPSILON),
        (rep(EMPTY, 1, 3), EMPTY),
        (rep(A, 1, 1), A),
        (rep(rep(A, 1, None), 1, None), rep(A, 1, None)),
        (rep(rep(A, 1, None), 0, None), ANY),
        (rep(rep(A, 0, None), 1, None), ANY),
        (rep(rep(A, 1, None), 2, None), rep(A, 1, None)),
        (rep(ANY, 3, 5), rep(ANY, 0, 5)),
        (seq(A, EMPTY), EMPTY),
        (seq(EMPTY, A), EMPTY),
        (seq(EPSILON, A), A),
        (seq(A, EPSILON), A),
        (seq(), EPSILON),
        (seq(seq(A, B), A), seq(A, seq(B, A))),
        (alt(), EMPTY),
        (alt(A), A),
        (alt(A, EMPTY), A),
        (alt(A, A), A),
        (alt(A, ALL), ALL),
        (alt(A, B), alt(B, A)),
        (alt(A, alt(B, EPSILON)), alt(alt(A, B), EPSILON)),
        (both(), ALL),
        (both(A), A),
        (both(A, ALL), A),
        (both(A, EMPTY), EMPTY),
        (both(A, B), both(B, A)),
        (no(no(A)), A),
        (no(EMPTY), ALL),
        (no(ALL), EMPTY),
        (cls(()), EMPTY),
        (text(""), EPSILON),
    ],
)
def test_what_is_equal_is_one(made: Term, same: Term) -> None:
    assert made is same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (rep(A, 0, None), rep(A, 1, None)),
        (rep(A, 0, 1), rep(A, 0, 2)),
        (rep(rep(A, 2, None), 0, None), rep(A, 0, None)),
        (rep(rep(A, 0, 2), 0, None), rep(A, 0, None)),
        (rep(rep(A, 1, None), 0, 2), rep(A, 0, None)),
        (alt(A, B), both(A, B)),
        (no(A), A),
    ],
)
def test_what_differs_is_two(one: Term, other: Term) -> None:
    assert one is not other


@pytest.mark.parametrize(
    ("term", "nullable"),
    [
        (A, False),
        (EPSILON, True),
        (EMPTY, False),
        (ALL, True),
        (rep(A, 0, 3), True),
        (rep(A, 1, 3), False),
        (rep(alt(A, EPSILON), 2, 3), True),
        (seq(ANY, ANY), True),
        (seq(ANY, A), False),
        (seq(A, ANY), False),
        (alt(A, EPSILON), True),
        (alt(A, B), False),
        (both(ANY, alt(A, EPSILON)), True),
        (both(ANY, A), False),
        (no(A), True),
        (no(ANY), False),
    ],
)
def test_whether_the_empty_text_is_in_it(term: Term, nullable: bool) -> None:
    assert term.nullable is nullable


@pytest.mark.parametrize(
    ("term", "prefix"),
    [
        (text("ab"), ("ab", True)),
        (EPSILON, ("", True)),
        (seq(text("ab"), ANY), ("ab", False)),
        (seq(text("a"), alt(A, B), text("c")), ("a", False)),
        (cls(((97, 98),)), ("", False)),
        (seq(A, cls(((97, 97), (99, 99)))), ("a", False)),
        (ANY, ("", False)),
        (EMPTY, ("", False)),
    ],
)
def test_what_every_member_begins_with(term: Term, prefix: tuple[str, bool]) -> None:
    assert literal_prefix(term) == prefix


@pytest.mark.parametrize(
    ("term", "left"),
    [
        (text("ab"), A),
        (text("ba"), EMPTY),
        (EPSILON, EMPTY),
        (A, EMPTY),
        (B, EPSILON),
        (alt(text("ab"), A, B), alt(A, EPSILON)),
        (seq(A, rep(B, 0, None)), seq(A, rep(B, 0, None))),
        (rep(B, 2, 3), rep(B, 1, 2)),
        (rep(B, 0, 3), rep(B, 0, 2)),
        (seq(B, ANY), EPSILON),
        (seq(text("ab"), ANY), A),
        (no(text("ab")), no(A)),
        (seq(A, alt(B, EPSILON)), A),
    ],
)
def test_the_quotient_by_the_last_character(term: Term, left: Term) -> None:
    assert without_last(term, "b") is left


@pytest.mark.parametrize(
    ("term", "plain"),
    [
        (seq(A, rep(alt(A, B), 0, None)), True),
        (no(A), False),
        (seq(A, no(A)), False),
        (seq(no(A), A), False),
        (alt(A, both(ANY, no(B))), False),
        (rep(alt(seq(A, no(B)), B), 0, 2), False),
    ],
)
def test_whether_it_can_be_written_without_look_ahead(term: Term, plain: bool) -> None:
    assert is_plain(term) is plain


def test_choices_are_flat() -> None:
    made = alt(A, alt(B, rep(A, 2, 2)))
    assert isinstance(made, Alt)
    assert len(made.items) == 3
    assert isinstance(rep(A, 2, 2), Rep)
