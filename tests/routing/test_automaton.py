"""Expressions become automata that hold exactly what Python's own engine matches."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strangler.routing.automaton import Product
from strangler.routing.dialect import BRACES, BYTES, PYTHON, RAW, to_plain, write
from strangler.routing.errors import RoutingError, TooComplexError, UnsupportedError
from strangler.routing.parse import parse
from strangler.routing.terms import without_last

ATOMS = st.sampled_from(
    [
        "a",
        "b",
        "/",
        r"\d",
        r"\w",
        "[^/]",
        "[a-c]",
        ".",
        "(?:ab|/)",
        "(?i:K)",
        r"\.",
        "é",
        "[^ab]",
        r"\s",
        "(?s:.)",
    ]
)
LOOKS = st.sampled_from(["(?!ab)", "(?=a)", "(?!.*b)", r"(?!a\Z)"])
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{2,}"])).map(
            lambda p: f"(?:{p[0]}){p[1]}"
        ),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
    ),
    max_leaves=6,
)
TEXTS = st.text(alphabet="ab/c.kKéſK٣ \n5Z", max_size=6)


def holds(pattern: str, text: str) -> bool:
    product = Product([parse(pattern)])
    state = product.walk(text)
    return state is not None and bool(product.states[state].accepts)


@given(PATTERNS, st.lists(TEXTS, min_size=1, max_size=8))
@settings(max_examples=150)
def test_an_automaton_holds_what_fullmatch_matches(pattern: str, texts: list[str]) -> None:
    for text in texts:
        assert holds(pattern, text) == bool(re.fullmatch(pattern, text)), (pattern, text)


@given(LOOKS, PATTERNS, st.lists(TEXTS, min_size=1, max_size=8))
@settings(max_examples=100)
def test_look_aheads_are_followed_and_written_without_look_around(
    look: str, rest: str, texts: list[str]
) -> None:
    pattern = look + rest
    term = parse(pattern)
    plain = None
    if any(re.fullmatch(pattern, text) for text in texts):
        plain = write(to_plain(term), PYTHON)
        assert "(?!" not in plain
        assert "(?=" not in plain
    for text in texts:
        wanted = bool(re.fullmatch(pattern, text))
        assert holds(pattern, text) == wanted
        if plain is not None:
            assert bool(re.fullmatch(plain, text)) == wanted


def python_bytes(pattern: str) -> re.Pattern[bytes]:
    """A brace-style expression for Python's engine, byte by byte."""
    return re.compile(re.sub(r"\\x\{([0-9a-f]+)\}", lambda m: f"\\x{int(m[1], 16):02x}", pattern).encode())


@given(PATTERNS, st.lists(TEXTS, min_size=1, max_size=8))
@settings(max_examples=100)
def test_expressions_for_byte_engines_match_the_utf8_of_the_same_texts(
    pattern: str, texts: list[str]
) -> None:
    engine = python_bytes(write(parse(pattern), BYTES))
    for text in texts:
        assert bool(engine.fullmatch(text.encode())) == bool(re.fullmatch(pattern, text)), (pattern, text)


@given(PATTERNS, st.lists(TEXTS, min_size=1, max_size=8))
@settings(max_examples=100)
def test_quotient_by_a_slash_holds_what_the_slash_completes(pattern: str, texts: list[str]) -> None:
    product = Product([without_last(parse(pattern), "/")])
    for text in texts:
        state = product.walk(text)
        assert (state is not None and bool(product.states[state].accepts)) == bool(
            re.fullmatch(pattern, text + "/")
        )


@pytest.mark.parametrize(
    ("path", "raw"),
    [("/a b", "/a%20b"), ("/é", "/%C3%A9"), ("/@", "/@"), ("/@", "/%40"), ("/中", "/%e4%b8%ad")],
)
def test_expressions_for_raw_paths_take_every_spelling(path: str, raw: str) -> None:
    for pattern in (re.escape(path), "/[^/]+", "/.{1,3}"):
        assert python_bytes(write(parse(pattern), RAW)).fullmatch(raw.encode()), pattern


@pytest.mark.parametrize(
    "pattern", [r"(a)\1", "(?<=a)b", "a{2000}", "(", "a" * 9000, r"\bx", "(?:^a)*" + "(" * 120]
)
def test_what_no_automaton_can_follow_is_refused_with_a_reason(pattern: str) -> None:
    with pytest.raises(UnsupportedError, match=r"\w{4}"):
        parse(pattern)


def test_exploding_expressions_stop_at_a_limit_and_not_at_the_end_of_memory() -> None:
    with pytest.raises(TooComplexError, match="states"):
        Product([parse(".*a.{30}b")], limit=5_000)


def test_an_expression_that_would_take_python_for_ever_takes_no_time() -> None:
    start = time.process_time()
    assert not holds("(?:(?:a+)+)+b", "a" * 40)
    assert time.process_time() - start < 5


@given(st.text(min_size=1, max_size=30))
@settings(max_examples=200)
def test_written_expressions_hold_no_quote_blank_control_or_non_ascii_character(text: str) -> None:
    try:
        term = parse(re.escape(text))
    except RoutingError:
        return
    for dialect in (BRACES, BYTES, RAW):
        try:
            found = write(term, dialect)
        except UnsupportedError:
            continue
        assert re.fullmatch(r"[!-~]*", found), found
        assert not set(found) & set("\"'`;# $<>&"), found
