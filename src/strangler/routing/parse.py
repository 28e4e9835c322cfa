"""Python regular expressions to terms, read by Python's own parser so that no dialect can creep in.

``re._parser`` is the parser that ``re.compile`` uses; it has kept its shape from 3.11 to 3.14. Patterns are
only parsed, never run: a regular expression from an analysed code base can take for ever to match.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from strangler.routing import charset as cs
from strangler.routing.errors import UnsupportedError
from strangler.routing.terms import ALL, EMPTY, EPSILON, Term, alt, both, cls, no, rep, seq, without_last

_parser: Any = re._parser  # type: ignore[attr-defined]
_c: Any = re._constants  # type: ignore[attr-defined]

MAX_PATTERN = 8_000
"""Characters; a longer pattern is refused."""
OWN_PATTERN = 1_000_000
"""Characters of one that a plan has put together itself."""
MAX_REPEAT = 1_000
"""The largest bound of a counted repetition that is followed exactly."""

_NEWLINE = cs.chars("\n")


@cache
def parse(pattern: str, most: int = MAX_PATTERN) -> Term:
    """The language of ``re.fullmatch(pattern)``; of at most ``most`` characters.

    Raises:
        UnsupportedError: not a valid pattern, or one that no finite automaton can follow.
    """
    if len(pattern) > most:
        raise UnsupportedError(f"the pattern has {len(pattern):,} characters, the limit is {most:,}")
    try:
        tree = _parser.parse(pattern)
    except (re.error, RecursionError, OverflowError, ValueError) as error:
        raise UnsupportedError(f"Python does not accept the pattern: {error}") from error
    try:
        return _items(list(tree), tree.state.flags, EPSILON, at_start=True)
    except RecursionError as error:
        raise UnsupportedError("the pattern is nested too deeply") from error


def _items(items: list[Any], flags: int, after: Term, *, at_start: bool) -> Term:
    """The items in order and then ``after``; right to left, since a look-ahead speaks of what follows it."""
    result = after
    for index in range(len(items) - 1, -1, -1):
        op, value = items[index]
        first = at_start and index == 0
        if op is _c.AT:
            result = _anchor(value, flags, result, at_start=first)
        elif op in (_c.ASSERT, _c.ASSERT_NOT):
            result = _look_ahead(op, value, flags, result)
        elif op is _c.SUBPATTERN and _looks_around(value[3]):
            _, on, off, inner = value
            result = _items(list(inner), (flags | on) & ~off, result, at_start=first)
        elif op is _c.BRANCH and any(map(_looks_around, value[1])):
            result = alt(*(_items(list(branch), flags, result, at_start=first) for branch in value[1]))
        else:
            result = seq(_item(op, value, flags), result)
    return result


def _looks_around(items: Any) -> bool:
    """Whether a sub-pattern holds an anchor or assertion, whose meaning depends on what follows."""
    for op, value in items:
        if op in (_c.AT, _c.ASSERT, _c.ASSERT_NOT):
            return True
        inner = value[1] if op is _c.BRANCH else [value[3]] if op is _c.SUBPATTERN else []
        if any(map(_looks_around, inner)):
            return True
    return False


def _look_ahead(op: Any, value: Any, flags: int, rest: Term) -> Term:
    direction, inner = value
    if direction < 0:
        raise UnsupportedError("look-behind is outside what the automaton follows")
    ahead = _items(list(inner), flags, ALL, at_start=False)
    return both(ahead if op is _c.ASSERT else no(ahead), rest)


def _anchor(where: Any, flags: int, rest: Term, *, at_start: bool) -> Term:
    if not flags & re.MULTILINE or where in (_c.AT_BEGINNING_STRING, _c.AT_END_STRING):
        if where in (_c.AT_BEGINNING, _c.AT_BEGINNING_STRING) and at_start:
            return rest
        here = EPSILON if rest.nullable else EMPTY
        if where is _c.AT_END_STRING:
            return here
        if where is _c.AT_END:  # before a last newline, too
            return alt(here, cls(_NEWLINE) if without_last(rest, "\n").nullable else EMPTY)
    raise UnsupportedError(
        "an anchor or word boundary inside the pattern is outside what the automaton follows"
    )


def _item(op: Any, value: Any, flags: int) -> Term:
    if op in (_c.LITERAL, _c.NOT_LITERAL, _c.IN, _c.ANY):
        return cls(_char_set(op, value, flags))
    if op is _c.SUBPATTERN:
        _, on, off, inner = value
        return _plain(inner, (flags | on) & ~off)
    if op is _c.BRANCH:
        return alt(*(_plain(branch, flags) for branch in value[1]))
    if op in (_c.MAX_REPEAT, _c.MIN_REPEAT):  # greed does not change the language
        least, most, inner = value
        unbounded = most is _c.MAXREPEAT
        if least > MAX_REPEAT or (not unbounded and most > MAX_REPEAT):
            raise UnsupportedError(
                f"a repetition of more than {MAX_REPEAT:,} is beyond the automaton's limit"
            )
        return rep(_plain(inner, flags), least, None if unbounded else most)
    if op is _c.FAILURE:
        return EMPTY
    raise UnsupportedError(f"{str(op).lower().replace('_', ' ')} is outside the regular languages")


def _plain(items: Any, flags: int) -> Term:
    if _looks_around(items):
        raise UnsupportedError("an assertion inside a repetition is outside what the automaton follows")
    return seq(*(_item(op, value, flags) for op, value in items))


_CATEGORIES = {
    "CATEGORY_DIGIT": (r"\d", False),
    "CATEGORY_NOT_DIGIT": (r"\d", True),
    "CATEGORY_WORD": (r"\w", False),
    "CATEGORY_NOT_WORD": (r"\w", True),
    "CATEGORY_SPACE": (r"\s", False),
    "CATEGORY_NOT_SPACE": (r"\s", True),
}


def _char_set(op: Any, value: Any, flags: int) -> cs.CharSet:
    if op is _c.ANY:
        return cs.EVERY if flags & re.DOTALL else cs.complement(_NEWLINE)
    ascii_only = bool(flags & re.ASCII)
    members = value if op is _c.IN else [(_c.LITERAL, value)]
    negated = op is _c.NOT_LITERAL or members[0][0] is _c.NEGATE
    found = cs.union(*(_member(o, v, ascii_only) for o, v in members if o is not _c.NEGATE))
    if flags & re.IGNORECASE:
        found = cs.ignore_case(found, ascii_only)
    return cs.complement(found) if negated else cs.intersect(found, cs.EVERY)


def _member(op: Any, value: Any, ascii_only: bool) -> cs.CharSet:
    if op is _c.LITERAL:
        return ((value, value),)
    if op is _c.RANGE:
        return (tuple(value),)
    escape, negated = _CATEGORIES[str(value)]
    found = cs.category(escape, ascii_only)
    return cs.complement(found) if negated else found
