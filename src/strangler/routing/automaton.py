"""One automaton for an ordered list of languages: which of them hold a text, for every text at once.

States are sets of partial derivatives (Antimirov 1996, "Partial derivatives of regular expressions"), each
tagged with its language; ``Not`` is made deterministic on the spot (Brzozowski 1964). Characters that no
language tells apart are one symbol, and a set of symbols is the bits of an int.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

from strangler.routing import charset as cs
from strangler.routing.errors import TooComplexError
from strangler.routing.terms import (
    ALL,
    EMPTY,
    EPSILON,
    Alt,
    And,
    Class,
    Not,
    Rep,
    Seq,
    Term,
    alt,
    both,
    no,
    rep,
    seq,
)

T = TypeVar("T")

MAX_STATES = 200_000
MEMBERS = 10
"""Derivatives that a state may hold on average: nested repetitions put half a million into one."""
_NICE = "abcdefghijklmnopqrstuvwxyz0123456789-_/.ABCDEFGHIJKLMNOPQRSTUVWXYZ~!$&'()*+,;=:@ "


class Alphabet:
    """The coarsest partition of the characters that every set in the terms is a union of."""

    def __init__(self, terms: Sequence[Term]) -> None:
        sets = sorted(_sets(terms) | {cs.EVERY})
        opens: dict[int, list[int]] = {}
        closes: dict[int, list[int]] = {}
        for number, charset in enumerate(sets):
            for first, last in charset:
                opens.setdefault(first, []).append(number)
                closes.setdefault(last + 1, []).append(number)
        signature = 0
        atoms: dict[int, list[tuple[int, int]]] = {}
        borders = sorted(set(opens) | set(closes))
        for start, end in pairwise(borders):
            for number in closes.get(start, ()):
                signature &= ~(1 << number)
            for number in opens.get(start, ()):
                signature |= 1 << number
            if signature:
                atoms.setdefault(signature, []).append((start, end - 1))
        self.atoms: list[cs.CharSet] = [tuple(ranges) for ranges in atoms.values()]
        self.masks = dict.fromkeys(sets, 0)
        for bit, signature in enumerate(atoms):
            for number, charset in enumerate(sets):
                if signature >> number & 1:
                    self.masks[charset] |= 1 << bit
        self.every = (1 << len(self.atoms)) - 1
        spans = sorted((first, bit) for bit, atom in enumerate(self.atoms) for first, _ in atom)
        self._starts = [first for first, _ in spans]
        self._bits = [bit for _, bit in spans]
        self._examples: dict[int, str] = {}

    def symbol(self, char: str) -> int:
        """The mask of the one symbol that a character belongs to (the atoms cover every character)."""
        return 1 << self._bits[bisect_right(self._starts, ord(char)) - 1]

    def example(self, mask: int) -> str:
        """A character of the set, the plainest there is."""
        found = self._examples.get(mask)
        if found is None:
            fallback = chr(min(atom[0][0] for bit, atom in enumerate(self.atoms) if mask >> bit & 1))
            found = next((char for char in _NICE if self.symbol(char) & mask), fallback)
            self._examples[mask] = found
        return found

    def charset(self, mask: int) -> cs.CharSet:
        """The characters of the symbols in a mask."""
        return cs.union(*(atom for bit, atom in enumerate(self.atoms) if mask >> bit & 1))


def _sets(terms: Sequence[Term]) -> set[cs.CharSet]:
    found: set[cs.CharSet] = set()
    seen: set[Term] = set()
    stack = list(terms)
    while stack:
        term = stack.pop()
        if term in seen:
            continue
        seen.add(term)
        match term:
            case Class(chars=chars):
                found.add(chars)
            case Seq(head=head, tail=tail):
                stack += [head, tail]
            case Alt(items=items) | And(items=items):
                stack += items
            case Not(item=item) | Rep(item=item):
                stack.append(item)
    return found - {()}


Moves = tuple[tuple[int, Term], ...]


class Derivatives:
    """Memoised: where a term can go on which symbols."""

    def __init__(self, alphabet: Alphabet) -> None:
        self.alphabet = alphabet
        self._memo: dict[Term, Moves] = {}

    def moves(self, term: Term) -> Moves:
        """Pairs (symbols, rest): the term goes on as the rests whose symbols hold the next one."""
        found = self._memo.get(term)
        if found is None:
            found = self._memo[term] = self._moves(term)
        return found

    def _moves(self, term: Term) -> Moves:
        match term:
            case Class(chars=chars):
                return ((self.alphabet.masks[chars], EPSILON),) if chars else ()
            case Seq(head=head, tail=tail):
                found = tuple((mask, seq(rest, tail)) for mask, rest in self.moves(head))
                return found + self.moves(tail) if head.nullable else found
            case Alt(items=items):
                return tuple(move for item in items for move in self.moves(item))
            case Rep(item=item, least=least, most=most):
                fewer = rep(item, max(least - 1, 0), None if most is None else most - 1)
                return tuple((mask, seq(rest, fewer)) for mask, rest in self.moves(item))
            case And(items=items):
                found = ((self.alphabet.every, ALL),)
                for item in items:
                    parts = self.split(item)
                    found = tuple(
                        (m & mask, both(rest, part)) for m, rest in found for mask, part in parts if m & mask
                    )
                return tuple(move for move in found if move[1] is not EMPTY)
            case Not(item=item):
                parts = self.split(item)
                rest_mask = self.alphabet.every
                for mask, _ in parts:
                    rest_mask &= ~mask
                found = tuple((mask, no(part)) for mask, part in parts)
                return tuple(m for m in (*found, (rest_mask, ALL)) if m[0] and m[1] is not EMPTY)
        return ()

    def split(self, term: Term) -> list[tuple[int, Term]]:
        """The same moves made deterministic: disjoint symbol sets."""
        return [(mask, alt(*rests)) for mask, rests in partition(self.moves(term))]


def partition(moves: Sequence[tuple[int, Term]]) -> list[tuple[int, list[Term]]]:
    """Disjoint symbol sets, each with everything that it leads to."""
    grouped: dict[int, list[Term]] = {}
    for mask, rest in moves:
        grouped.setdefault(mask, []).append(rest)
    parts: list[tuple[int, list[Term]]] = []
    for mask, rests in grouped.items():
        parts = _refined(parts, mask, rests)
    return parts


def _refined(parts: list[tuple[int, list[T]]], mask: int, targets: list[T]) -> list[tuple[int, list[T]]]:
    """Disjoint symbol sets of which those within ``mask`` lead to ``targets``, too."""
    split = []
    for have, already in parts:
        common = have & mask
        if common:
            split.append((common, already + targets))
            mask &= ~common
        if have & ~common:
            split.append((have & ~common, already))
    if mask:
        split.append((mask, targets))
    return split


@dataclass(slots=True)
class State:
    """A state of the product: who accepts here, how it was first reached, where it leads."""

    accepts: tuple[int, ...]
    inside: bool
    """Whether the text so far is in the language that all texts must be in."""
    parent: int
    mask: int
    complete: bool = True
    """Whether every way on within that language is among ``moves``."""
    moves: list[tuple[int, int]] = field(default_factory=list)


class Product:
    """The deterministic product of several languages, restricted to one that all texts must be in.

    ``states[0]`` is the start. Breadth first, so that the way to a state is a shortest one.

    Raises:
        TooComplexError: more than ``limit`` states, or ``MEMBERS`` times as many derivatives in them.
    """

    def __init__(self, terms: Sequence[Term], within: Term = ALL, limit: int = MAX_STATES) -> None:
        self.alphabet = Alphabet([*terms, within])
        self.states: list[State] = []
        try:
            self._build(terms, within, limit)
        except RecursionError:
            raise TooComplexError("a pattern is too long for the automaton to follow") from None

    def _build(self, terms: Sequence[Term], within: Term, limit: int) -> None:
        derivatives = Derivatives(self.alphabet)
        start = (within, frozenset((number, term) for number, term in enumerate(terms) if term is not EMPTY))
        numbers: dict[object, int] = {start: 0}
        self.states.append(State(self._accepts(*start), within.nullable, -1, 0))
        held = 0
        queue = deque([(0, start)])
        while queue:
            number, (inside, members) = queue.popleft()
            state = self.states[number]
            successors, state.complete = _successors(derivatives, inside, members)
            for mask, target in successors:
                found = numbers.get(target)
                if found is None:
                    found = numbers[target] = len(self.states)
                    held += len(target[1])
                    if found >= limit or held > limit * MEMBERS:
                        raise TooComplexError(
                            f"the routes need more than {limit:,} automaton states, "
                            f"or {limit * MEMBERS:,} positions in them; "
                            "look for counted repetitions and several wildcards in one pattern"
                        )
                    self.states.append(State(self._accepts(*target), target[0].nullable, number, mask))
                    queue.append((found, target))
                state.moves.append((mask, found))

    @staticmethod
    def _accepts(inside: Term, members: frozenset[tuple[int, Term]]) -> tuple[int, ...]:
        return tuple(sorted({n for n, term in members if term.nullable})) if inside.nullable else ()

    def word(self, number: int) -> str:
        """A shortest text that leads to a state."""
        found = []
        while number > 0:
            state = self.states[number]
            found.append(self.alphabet.example(state.mask))
            number = state.parent
        return "".join(reversed(found))

    def signatures(self) -> dict[tuple[int, ...], int]:
        """Every set of languages (sorted numbers) that some text is in -> the first state that shows it."""
        found: dict[tuple[int, ...], int] = {}
        for number, state in enumerate(self.states):
            if state.accepts:
                found.setdefault(state.accepts, number)
        return found

    def walk(self, text: str) -> int | None:
        """The state after a text; None where no language can go on."""
        number = 0
        for char in text:
            symbol = self.alphabet.symbol(char)
            for mask, target in self.states[number].moves:
                if mask & symbol:
                    number = target
                    break
            else:
                return None
        return number

    def reachable(self, number: int) -> set[int]:
        """All states from one on."""
        seen, stack = {number}, [number]
        while stack:
            for _, target in self.states[stack.pop()].moves:
                if target not in seen:
                    seen.add(target)
                    stack.append(target)
        return seen


def _successors(
    derivatives: Derivatives, inside: Term, members: frozenset[tuple[int, Term]]
) -> tuple[list[tuple[int, tuple[Term, frozenset[tuple[int, Term]]]]], bool]:
    """Where a state leads, and whether that is everywhere that ``inside`` can go."""
    grouped: dict[int, list[tuple[int, Term]]] = {}
    for number, term in members:
        for mask, rest in derivatives.moves(term):
            grouped.setdefault(mask, []).append((number, rest))
    found = []
    complete = True
    for within_mask, within in derivatives.split(inside):
        parts: list[tuple[int, list[tuple[int, Term]]]] = []
        for whole, targets in grouped.items():
            parts = _refined(parts, whole & within_mask, targets)
        found += [(mask, (within, frozenset(targets))) for mask, targets in parts]
        complete = complete and sum(mask for mask, _ in parts) == within_mask
    return sorted(found, key=lambda item: item[0]), complete
