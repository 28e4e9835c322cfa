"""A short text that a regular expression matches."""

from __future__ import annotations

import re
from typing import Any

from strangler.routing.matching import found_in

PREFERRED = "a0A-_ .@/"
LONGEST = 2_000
"""Characters of a text that is made: repetitions of repetitions multiply."""


def shortest_match(pattern: str) -> str | None:
    """A short match of a pattern; None where none could be made (look-around, back-references, very long)."""
    parser: Any = re._parser  # type: ignore[attr-defined]

    try:
        text = _match(parser.parse(pattern))
        return text if found_in(pattern, text) else None
    except (re.error, ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return None


def _match(tree: Any) -> str:
    text = ""
    for op, args in tree:
        text += _one(str(op), args)
        if len(text) > LONGEST:
            raise ValueError("longer than a text that is sent should be")
    return text


def _one(op: str, args: Any) -> str:
    if op == "LITERAL":
        return chr(args)
    if op == "ANY":
        return "a"
    if op == "IN":
        return _member(args)
    if op == "NOT_LITERAL":
        return next(c for c in PREFERRED if ord(c) != args)
    if op in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        low, _, inner = args
        return _match(inner) * min(int(low), LONGEST)
    if op == "SUBPATTERN":
        return _match(args[-1])
    if op == "ATOMIC_GROUP":
        return _match(args)
    if op == "BRANCH":
        return _match(args[1][0])
    if op == "AT":
        return ""
    if op in ("ASSERT", "ASSERT_NOT"):
        return ""
    raise ValueError(op)


def _member(items: Any) -> str:
    """A character of a class, a usual one where it has one."""
    rows = [(str(op), value) for op, value in items]
    negated = bool(rows) and rows[0][0] == "NEGATE"
    for char in PREFERRED + "".join(chr(v[0]) if op == "RANGE" else chr(v) if op == "LITERAL" else ""
                                    for op, v in rows):  # fmt: skip
        if any(_in(op, value, char) for op, value in rows) != negated:
            return char
    raise ValueError("no character")


def _in(op: str, value: Any, char: str) -> bool:
    if op == "LITERAL":
        return ord(char) == int(value)
    if op == "RANGE":
        low, high = value
        return int(low) <= ord(char) <= int(high)
    if op == "CATEGORY":
        kind = str(value).rpartition("_")[2]
        known = {"DIGIT": char.isdigit(), "SPACE": char.isspace(), "WORD": char.isalnum() or char == "_"}
        return known[kind] is not ("_NOT_" in str(value))
    return False
