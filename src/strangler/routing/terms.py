"""Regular expressions as values: concatenation, choice, repetition, and with them both and not.

Terms are interned, so equal terms are the same object, and every constructor simplifies a little; both keep
the automata small. ``And`` and ``Not`` carry look-aheads. Concatenations nest to the right.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

from strangler.routing.charset import EVERY, CharSet, contains


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A regular language. ``nullable``: whether it holds the empty text."""

    nullable: bool


@dataclass(frozen=True, slots=True, eq=False)
class Class(Term):
    """One character of a set; the empty set is the empty language."""

    chars: CharSet


@dataclass(frozen=True, slots=True, eq=False)
class Epsilon(Term):
    """The empty text alone."""


@dataclass(frozen=True, slots=True, eq=False)
class Seq(Term):
    """``head`` and then ``tail``."""

    head: Term
    tail: Term


@dataclass(frozen=True, slots=True, eq=False)
class Alt(Term):
    """Any of the items."""

    items: tuple[Term, ...]


@dataclass(frozen=True, slots=True, eq=False)
class And(Term):
    """All of the items."""

    items: tuple[Term, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Not(Term):
    """Every text that the item does not hold."""

    item: Term


@dataclass(frozen=True, slots=True, eq=False)
class Rep(Term):
    """The item ``least`` to ``most`` times; ``most`` None means without end."""

    item: Term
    least: int
    most: int | None


_table: dict[object, Term] = {}


def _intern(key: object, make: type[Term], *args: object) -> Term:
    found = _table.get(key)
    if found is None:
        found = _table[key] = make(*args)  # type: ignore[arg-type]
    return found


EPSILON: Term = Epsilon(True)
EMPTY: Term = Class(False, ())
_table[()] = EMPTY


def cls(chars: CharSet) -> Term:
    """One character of the set."""
    return _intern(chars, Class, False, chars)


def rep(item: Term, least: int, most: int | None) -> Term:
    """A bounded or unbounded repetition."""
    if most == 0 or item is EPSILON:
        return EPSILON
    if item is EMPTY:
        return EPSILON if least == 0 else EMPTY
    if (least, most) == (1, 1):
        return item
    if isinstance(item, Rep) and item.most is None and most is None and item.least <= 1:
        least = min(least, 1) * item.least
        item = item.item
    if item.nullable:
        least = 0
    return _intern(("r", item, least, most), Rep, least == 0, item, least, most)


ALL: Term = rep(cls(EVERY), 0, None)


def seq(*parts: Term) -> Term:
    """The parts one after another."""
    return reduce(lambda tail, head: _pair(head, tail), reversed(parts), EPSILON)


def _pair(head: Term, tail: Term) -> Term:
    if head is EMPTY or tail is EMPTY:
        return EMPTY
    if head is EPSILON:
        return tail
    if tail is EPSILON:
        return head
    stack = []
    while isinstance(head, Seq):
        stack.append(head.head)
        head = head.tail
    stack.append(head)
    for part in reversed(stack):
        tail = _intern(("s", part, tail), Seq, part.nullable and tail.nullable, part, tail)
    return tail


def _flat(kind: type[Alt] | type[And], items: tuple[Term, ...], drop: Term) -> list[Term]:
    found: dict[Term, None] = {}
    for item in items:
        for inner in item.items if isinstance(item, kind) else (item,):
            if inner is not drop:
                found[inner] = None
    return list(found)


def alt(*items: Term) -> Term:
    """Any of the items."""
    found = _flat(Alt, items, EMPTY)
    if ALL in found:
        return ALL
    if len(found) < 2:
        return found[0] if found else EMPTY
    key = ("a", frozenset(found))
    return _intern(key, Alt, any(t.nullable for t in found), tuple(found))


def both(*items: Term) -> Term:
    """All of the items at once (intersection)."""
    found = _flat(And, items, ALL)
    if EMPTY in found:
        return EMPTY
    if len(found) < 2:
        return found[0] if found else ALL
    key = ("b", frozenset(found))
    return _intern(key, And, all(t.nullable for t in found), tuple(found))


def no(item: Term) -> Term:
    """The complement."""
    if isinstance(item, Not):
        return item.item
    if item is EMPTY:
        return ALL
    if item is ALL:
        return EMPTY
    return _intern(("n", item), Not, not item.nullable, item)


def text(value: str) -> Term:
    """Exactly this text."""
    return seq(*(cls(((ord(c), ord(c)),)) for c in value))


def without_last(term: Term, char: str) -> Term:
    """The texts ``w`` for which the term holds ``w + char`` (right quotient by one character)."""
    heads: list[Term] = []
    while isinstance(term, Seq):
        heads.append(term.head)
        term = term.tail
    result, rest = _cut(term, char), term
    for head in reversed(heads):
        result = alt(seq(head, result), _cut(head, char) if rest.nullable else EMPTY)
        rest = seq(head, rest)
    return result


def _cut(term: Term, char: str) -> Term:
    """``without_last`` of a term that is no concatenation."""
    if isinstance(term, Class):
        return EPSILON if contains(term.chars, ord(char)) else EMPTY
    if isinstance(term, Alt):
        return alt(*(without_last(t, char) for t in term.items))
    if isinstance(term, And):
        return both(*(without_last(t, char) for t in term.items))
    if isinstance(term, Not):
        return no(without_last(term.item, char))
    if isinstance(term, Rep):
        fewer = rep(term.item, max(term.least - 1, 0), None if term.most is None else term.most - 1)
        return seq(fewer, without_last(term.item, char))
    return EMPTY


def literal_prefix(term: Term) -> tuple[str, bool]:
    """The text that every member begins with, as far as the form shows, and whether it is the whole."""
    found: list[str] = []
    while True:
        head = term.head if isinstance(term, Seq) else term
        if not (isinstance(head, Class) and len(head.chars) == 1 and head.chars[0][0] == head.chars[0][1]):
            return "".join(found), term is EPSILON
        found.append(chr(head.chars[0][0]))
        term = term.tail if isinstance(term, Seq) else EPSILON


def is_plain(term: Term) -> bool:
    """Whether the term can be written without look-aheads: no ``And``, no ``Not``."""
    stack = [term]
    while stack:
        match stack.pop():
            case And() | Not():
                return False
            case Seq(head=head, tail=tail):
                stack += [head, tail]
            case Alt(items=items):
                stack += items
            case Rep(item=item):
                stack.append(item)
    return True
