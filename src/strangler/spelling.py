"""What was probably meant by a name that nothing has."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

SIMILAR = 0.6
"""Least similarity of two names (``difflib.SequenceMatcher.ratio``)."""


def nearest(name: str, known: Iterable[str], most: int = 3, least: float = SIMILAR) -> list[str]:
    """The known names that are written most like this one, the most similar first."""
    return difflib.get_close_matches(name, list(known), most, least)


def told_nearest(name: str, known: Iterable[str], least: float = SIMILAR) -> str:
    """For the end of a remark: ``; nearest: billing, bills``; empty where nothing is written like it."""
    near = nearest(name, known, least=least)
    return f"; nearest: {', '.join(near)}" if near else ""


def did_you_mean(name: str, known: Collection[str]) -> str:
    """``did you mean 'modules'?``, or all that is known, for names of which there are few."""
    near = nearest(name, known, 1)
    return f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"
