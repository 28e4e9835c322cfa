"""Regular expressions of the analysed code, matched without backtracking: in time linear in the text.

``^(a+)+$`` keeps Python's own engine busy for minutes over a text of 30 characters. Here the text is walked
once through the sets of partial derivatives that the routing proof is built of, each made when it is needed.
"""

from __future__ import annotations

import re
from functools import cache

from strangler.routing.automaton import Alphabet, Derivatives
from strangler.routing.errors import RoutingError
from strangler.routing.parse import parse
from strangler.routing.terms import Term

MOST_MOVES = 50_000
"""Steps of derivatives that one expression may take over all texts: about a tenth of a second."""

State = frozenset[Term]


class Expression:
    """A regular expression that is safe to match, whoever wrote it."""

    def __init__(self, pattern: str) -> None:
        try:
            term = parse(pattern)
            self._alphabet = Alphabet([term])
            self._derivatives = Derivatives(self._alphabet)
            self._start: State | None = frozenset({term})
        except (RoutingError, RecursionError):
            self._start = None
        self._left = MOST_MOVES
        self._next: dict[State, dict[int, State]] = {}

    def fullmatch(self, text: str) -> bool | None:
        """Whether it matches all of a text, as ``re.fullmatch`` does.

        Returns:
            None where that is not known: no valid expression, one outside the regular languages
            (back-references, look-behind), or one that takes more than `MOST_MOVES` steps.
        """
        state = self._start
        if state is None:
            return None
        for char in text:
            symbol = self._alphabet.symbol(char)
            known = self._next.setdefault(state, {})
            if symbol not in known:
                after = self._after(state, symbol)
                if after is None:
                    return None
                known[symbol] = after
            state = known[symbol]
            if not state:
                return False
        return any(term.nullable for term in state)

    def _after(self, state: State, symbol: int) -> State | None:
        found: set[Term] = set()
        for term in state:
            try:
                moves = self._derivatives.moves(term)
            except RecursionError:
                return None
            self._left -= 1 + len(moves)
            if self._left < 0:
                return None
            found.update(rest for mask, rest in moves if mask & symbol)
        return frozenset(found)


@cache
def expression(pattern: str) -> Expression:
    """The expression of a pattern, with what it has learnt from the texts before."""
    return Expression(pattern)


def found_in(pattern: str, text: str) -> bool | None:
    """Whether a pattern matches anywhere in a text, as ``re.search`` does; None where that is not known."""
    flags = _FLAGS.match(pattern)
    lead = flags[0] if flags else ""
    inner = pattern[len(lead) :]
    before = "" if inner.startswith(("^", r"\A")) else "(?s:.*)"
    after = "" if _ENDS.search(inner) else "(?s:.*)"
    return expression(f"{lead}{before}(?:{inner}){after}").fullmatch(text)


_FLAGS = re.compile(r"\(\?[aimsux]+\)")
_ENDS = re.compile(r"(?<!\\)(?:\\\\)*(?:\$|\\Z)\Z")
