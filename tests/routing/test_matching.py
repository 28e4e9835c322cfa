"""Expressions of the analysed code are matched as Python matches them, and never for long."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.routing.matching import Expression, expression, found_in

HOSTILE = [
    ("^(a+)+$", "a" * 3_000 + "b"),
    ("(?:a|aa)*b", "a" * 3_000),
    ("(?:.*a){12}$", "a" * 300 + "b"),
    (".*" * 20 + "b", "a" * 2_000),
    ("a?" * 40 + "a" * 40, "a" * 39),
    ("^/x/(?:[a-z]+-?)+/$", "/x/" + "a" * 3_000),
]
PARTS = [
    "a",
    "b",
    "[ab]",
    "[^a]",
    "(?:a|ab)",
    "(a+)",
    "b?",
    "a*",
    "(?:ab){1,2}",
    ".",
    r"\w",
    "^a",
    "b$",
    r"\.",
]


@pytest.mark.parametrize(("pattern", "text"), HOSTILE)
def test_expressions_that_keep_python_busy_for_years_are_answered(pattern: str, text: str) -> None:
    assert Expression(pattern).fullmatch(text) is False  # Python's own engine does not come back


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        r"(a)\1",
        r"(?<=a)b",
        r"a\bb",
        "((a{1,1000}){1,1000}){1,1000}",
        "a?" * 1_000 + "a" * 1_000,
        "a" * 9_000,
    ],
)
def test_what_cannot_be_followed_is_not_known(pattern: str) -> None:
    assert Expression(pattern).fullmatch("a" * 30) is None


@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=5), st.text("ab.", max_size=8))
def test_what_is_known_is_what_python_says(parts: list[str], text: str) -> None:
    pattern = "".join(parts)
    known = expression(pattern).fullmatch(text)
    assert known is None or known == bool(re.fullmatch(pattern, text))
    found = found_in(pattern, text)
    assert found is None or found == bool(re.search(pattern, text))


def test_flags_and_ends_are_those_of_a_search() -> None:
    assert found_in("(?i)ABC", "xabcx") is True
    assert found_in(r"^\d{4}$", "2024") is True
    assert found_in(r"^\d{4}$", "a2024") is False
    assert found_in(r"a\$", "xa$x") is True
    assert found_in(r"a\\$", "xa\\x") is False
