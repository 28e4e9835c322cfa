"""Sets of characters as sorted ranges of code points, surrogates excluded (no URL holds one)."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache

CharSet = tuple[tuple[int, int], ...]
"""Disjoint ranges (first, last), both inclusive, sorted and not adjacent."""

EVERY: CharSet = ((0, 0xD7FF), (0xE000, sys.maxunicode))
NONE: CharSet = ()


def of(ranges: Iterable[tuple[int, int]]) -> CharSet:
    """The canonical form of any ranges."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return tuple(merged)


def chars(text: str) -> CharSet:
    """The set of the characters of a text."""
    return of((ord(c), ord(c)) for c in text)


def union(*sets: CharSet) -> CharSet:
    """All characters of any of the sets."""
    return of(r for s in sets for r in s)


def intersect(a: CharSet, b: CharSet) -> CharSet:
    """The characters that both have."""
    found, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        first, last = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if first <= last:
            found.append((first, last))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def complement(a: CharSet) -> CharSet:
    """Every other character."""
    found, start = [], 0
    for first, last in a:
        if start < first:
            found.append((start, first - 1))
        start = last + 1
    if start <= sys.maxunicode:
        found.append((start, sys.maxunicode))
    return intersect(tuple(found), EVERY)


def minus(a: CharSet, b: CharSet) -> CharSet:
    """The characters of the first that the second lacks."""
    return intersect(a, complement(b))


def contains(a: CharSet, code: int) -> bool:
    """Whether a code point is in the set."""
    return any(first <= code <= last for first, last in a)


def codes(a: CharSet) -> Iterator[int]:
    """Every code point, ascending."""
    for first, last in a:
        yield from range(first, last + 1)


def size(a: CharSet) -> int:
    """The number of characters."""
    return sum(last - first + 1 for first, last in a)


@cache
def category(escape: str, ascii_only: bool = False) -> CharSet:
    r"""What Python itself takes for ``\d``, ``\w`` or ``\s``, asked of every code point once."""
    matcher = re.compile(f"{escape}+", re.ASCII if ascii_only else 0)
    found = []
    for first, last in EVERY:
        text = "".join(map(chr, range(first, last + 1)))
        found += [(first + m.start(), first + m.end() - 1) for m in matcher.finditer(text)]
    return of(found)


@cache
def _case_variants() -> dict[int, tuple[int, ...]]:
    """Code point -> the others that IGNORECASE takes for it; only characters that have any."""
    groups: dict[str, list[int]] = {}
    for code in codes(EVERY):
        low = chr(code).lower()
        if len(low) == 1 and (low != chr(code) or chr(code).upper() != chr(code)):
            groups.setdefault(low, []).append(code)
    return {code: tuple(group) for group in groups.values() for code in group}


def ignore_case(a: CharSet, ascii_only: bool = False) -> CharSet:
    """The set closed under simple case folding, as ``re.IGNORECASE`` does."""
    if ascii_only:
        swapped = [ord(chr(c).swapcase()) for c in codes(intersect(a, ((0, 127),))) if chr(c).isalpha()]
        return union(a, of((c, c) for c in swapped))
    if size(a) > 0x10000:  # nearly everything: only the missing few can be added
        missing = [
            c for c in codes(complement(a)) if any(contains(a, v) for v in _case_variants().get(c, ()))
        ]
        return union(a, of((c, c) for c in missing))
    return union(a, of((v, v) for c in codes(a) for v in _case_variants().get(c, ())))
