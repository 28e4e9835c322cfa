"""Terms written as regular expressions of a gateway's engine; output is ASCII without quotes or blanks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from strangler.routing import charset as cs
from strangler.routing.automaton import Product
from strangler.routing.errors import RoutingError, UnsupportedError
from strangler.routing.terms import EMPTY, EPSILON, Alt, Class, Rep, Seq, Term, alt, cls, is_plain, rep, seq

MAX_TEXT = 60_000
"""Characters of one written expression."""
MAX_BYTE_TEXT = 250_000
"""The same byte by byte: a class of all letters alone takes 26,000."""
MAX_RANGES = 80
"""Explicit ranges of non-ASCII characters in one class, for engines with Unicode properties."""
_DIRECT = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_~@:,=-")
_IN_CLASS = _DIRECT - {"-"}
_ASCII: cs.CharSet = ((0, 127),)
_RESERVED = cs.chars(":?#@!$&'()*+,;=%[]")
"""Stay encoded in the path that Traefik matches, if the client encoded them."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """An engine: how it writes code points and whether it knows Unicode properties."""

    engine: Literal["python", "braces", "bytes", "raw"]
    reserved_encoded: bool = False


PYTHON = Dialect("python")
BRACES = Dialect("braces")
r"""``\x{e9}`` and ``\p{L}``: PCRE and PCRE2 in UTF mode, RE2, Go."""
BYTES = Dialect("bytes")
r"""UTF-8 byte by byte, for Envoy, whose RE2 reads Latin-1: ``(?:[0-9]|\xd9[\xa0-\xa9])``."""
RAW = Dialect("raw")
"""The path as it is sent, normalised as RFC 3986 says: for gateways that match without decoding.

Short rather than exact outside ASCII: of Unicode's digits only ASCII's, and of its letters any character.
"""
TRAEFIK = Dialect("braces", reserved_encoded=True)


def write(term: Term, dialect: Dialect) -> str:
    """The expression, unanchored; raises UnsupportedError when it gets too long."""
    plain = to_plain(term)
    found = _write(_without_controls(plain) if dialect.engine == "raw" else plain, dialect, 0)
    most = MAX_BYTE_TEXT if dialect.engine == "bytes" else MAX_TEXT
    if len(found) > most:
        raise UnsupportedError(f"the expression takes more than {most:,} characters")
    return found


def literal(value: str, dialect: Dialect) -> str:
    """An expression for exactly this text."""
    return "".join(_class(((ord(c), ord(c)),), dialect) for c in value)


def _utf8(first: int, last: int) -> list[list[tuple[int, int]]]:
    """A range of code points as sequences of byte ranges (cut where a trailing byte wraps around)."""
    for border in (0x7F, 0x7FF, 0xFFFF):
        if first <= border < last:
            return _utf8(first, border) + _utf8(border + 1, last)
    low, high = chr(first).encode(), chr(last).encode()
    for place in range(1, len(low)):
        mask = (1 << 6 * place) - 1
        if first & ~mask != last & ~mask:
            if first & mask:
                return _utf8(first, first | mask) + _utf8((first | mask) + 1, last)
            if last & mask != mask:
                return _utf8(first, (last & ~mask) - 1) + _utf8(last & ~mask, last)
    return [list(zip(low, high, strict=True))]


def _byte_ranges(pairs: list[tuple[int, int]]) -> str:
    found = []
    for first, last in pairs:
        text = f"\\x{{{first:x}}}"
        found.append(text if first == last else f"[{text}-\\x{{{last:x}}}]")
    return "".join(found)


def _byte_class(chars: cs.CharSet, *, repeated: bool) -> str:
    """One character in UTF-8; ``repeated`` without end, where byte by byte comes to the same."""
    plain, beyond = cs.intersect(chars, _ASCII), cs.minus(chars, _ASCII)
    everything = beyond == cs.minus(cs.EVERY, _ASCII)
    if not beyond:
        return _bracket(chars, BRACES)
    if everything and repeated:
        lacking = cs.minus(_ASCII, plain)
        return f"[^{_ranges(lacking, BRACES)}]" if lacking else r"[\x{0}-\x{ff}]"
    found = [_bracket(plain, BRACES)] if plain else []
    if everything:
        found.append(r"[\x{c2}-\x{f4}][\x{80}-\x{bf}]{1,3}")
    else:
        found += [_byte_ranges(pairs) for span in beyond for pairs in _utf8(*span)]
    return found[0] if len(found) == 1 and len(beyond) == 0 else f"(?:{'|'.join(found)})"


_UNRESERVED = cs.chars("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
_CONTROLS: cs.CharSet = ((0, 31), (127, 127))
_PRINTABLE: cs.CharSet = ((0x20, 0x7E),)
_ANY_BEYOND = "%[C-Fc-f].(?:%[89ABab].){1,3}"
_LITERAL = cs.union(_UNRESERVED, cs.chars("/!$&'()*+,;=:@"))


def _hex_range(first: int, last: int) -> str:
    """Percent-encoded bytes of a range, hexadecimal digits in either case."""
    rows: dict[tuple[int, int], list[int]] = {}
    for high in range(first >> 4, (last >> 4) + 1):
        low = (first & 15 if high == first >> 4 else 0, last & 15 if high == last >> 4 else 15)
        rows.setdefault(low, []).append(high)
    parts = [_hex_digits(highs) + _hex_digits(range(low[0], low[1] + 1)) for low, highs in rows.items()]
    return f"%{parts[0]}" if len(parts) == 1 else f"%(?:{'|'.join(parts)})"


def _hex_digits(values: Iterable[int]) -> str:
    return _bracket(cs.chars("".join(f"{value:x}{value:X}" for value in values)), BRACES)


def _raw_class(chars: cs.CharSet, *, repeated: bool) -> str:
    """One character as it is sent; ``repeated`` without end, where text by text comes to the same."""
    lacking = cs.minus(cs.complement(chars), cs.union(_UNRESERVED, cs.chars("/"), _CONTROLS))
    if repeated and not lacking:
        rest = cs.minus(cs.complement(chars), _CONTROLS)
        return f"[^{_ranges(rest, BRACES)}]" if rest else "."
    if not lacking and cs.contains(chars, ord("a")):
        rest = cs.union(cs.complement(chars), cs.chars("%"))
        return f"(?:{_bracket(cs.complement(rest), BRACES)}|%[2-7].|{_ANY_BEYOND})"
    beyond = cs.minus(chars, _ASCII)
    if beyond == _beyond(r"\d"):
        beyond = cs.NONE
    elif beyond == _beyond(r"\w"):
        beyond = cs.minus(cs.EVERY, _ASCII)
    literal = cs.intersect(chars, _LITERAL)
    encoded = cs.minus(cs.intersect(chars, _PRINTABLE), cs.union(_UNRESERVED, cs.chars("/")))
    found = [_bracket(literal, BRACES)] if literal else []
    found += [_hex_range(*span) for span in encoded]
    if beyond == cs.minus(cs.EVERY, _ASCII):
        found.append(_ANY_BEYOND)
    else:
        found += ["".join(_hex_range(*pair) for pair in seq_) for span in beyond for seq_ in _utf8(*span)]
    if not found:
        raise UnsupportedError("the pattern takes only control characters, which no canonical path holds")
    return found[0] if len(found) == 1 else f"(?:{'|'.join(found)})"


@cache
def _without_controls(term: Term) -> Term:
    """The texts of a term without control characters: no canonical path holds one (Starlette's and Python's
    ``$`` let a newline through at the end)."""
    if isinstance(term, Class):
        return cls(cs.minus(term.chars, _CONTROLS))
    if isinstance(term, Seq):
        return seq(_without_controls(term.head), _without_controls(term.tail))
    if isinstance(term, Alt):
        return alt(*map(_without_controls, term.items))
    if isinstance(term, Rep):
        return rep(_without_controls(term.item), term.least, term.most)
    return term


def _write(term: Term, dialect: Dialect, level: int) -> str:
    """``level``: 0 where a choice may stand bare, 1 inside a concatenation, 2 under a quantifier."""
    parts = []
    while isinstance(term, Seq):
        parts.append(term.head)
        term = term.tail
    if parts:
        inner = "".join(_write(part, dialect, 1) for part in [*parts, term])
        return f"(?:{inner})" if level == 2 else inner
    if term is EMPTY:
        raise UnsupportedError("the pattern matches nothing")
    if isinstance(term, Class):
        return _class(term.chars, dialect)
    if isinstance(term, Rep):
        if dialect.engine in ("bytes", "raw") and isinstance(term.item, Class):
            written = _byte_class if dialect.engine == "bytes" else _raw_class
            found = written(term.item.chars, repeated=term.most is None and term.least <= 1)
        else:
            found = _write(term.item, dialect, 2)
        found += _quantifier(term.least, term.most)
        return f"(?:{found})" if level == 2 else found
    if isinstance(term, Alt):
        optional = EPSILON in term.items
        items = [_write(item, dialect, 0) for item in term.items if item is not EPSILON]
        found = "|".join(items)
        if optional:
            only = [item for item in term.items if item is not EPSILON]
            single = len(only) == 1 and isinstance(only[0], Class) and not dialect.reserved_encoded
            return (found if single else f"(?:{found})") + "?" if level < 2 else f"(?:(?:{found})?)"
        return f"(?:{found})" if level else found
    return ""  # epsilon


def _quantifier(least: int, most: int | None) -> str:
    if most is None:
        return {0: "*", 1: "+"}.get(least, f"{{{least},}}")
    if (least, most) == (0, 1):
        return "?"
    return f"{{{least}}}" if least == most else f"{{{least},{most}}}"


def _class(chars: cs.CharSet, dialect: Dialect) -> str:
    if dialect.engine == "bytes":
        return _byte_class(chars, repeated=False)
    if dialect.engine == "raw":
        return _raw_class(chars, repeated=False)
    if not dialect.reserved_encoded:
        return _bracket(chars, dialect)
    codes = list(cs.codes(cs.intersect(chars, _RESERVED)))
    if not codes:
        return _bracket(chars, dialect)
    encoded = [f"{code:02X}" for code in codes]
    plain = cs.minus(chars, cs.chars("%"))
    bare = _bracket(plain, dialect) + "|" if plain else ""
    return f"(?:{bare}%(?:{'|'.join(encoded)}))"


def _bracket(chars: cs.CharSet, dialect: Dialect) -> str:
    if cs.size(chars) == 1:
        return _char(chars[0][0], dialect, in_class=False)
    rest = cs.minus(cs.EVERY, chars)
    if cs.contains(chars, 0x10FFFF) and len(rest) <= len(chars):
        return f"[^{_ranges(rest, dialect)}]" if rest else f"[{_span(0, 0x10FFFF, dialect)}]"
    return f"[{_ranges(chars, dialect)}]"


def _ranges(chars: cs.CharSet, dialect: Dialect) -> str:
    plain = cs.intersect(chars, _ASCII)
    beyond = cs.minus(chars, _ASCII)
    named = _named(plain, beyond, dialect) if beyond else ""
    if named is None:
        if len(beyond) > MAX_RANGES and dialect.engine != "python":
            raise UnsupportedError(f"a character class with {len(beyond)} separate ranges has no short form")
        named = "".join(_span(first, last, dialect) for first, last in beyond)
    if named in (r"\w", r"\d"):
        plain = cs.minus(plain, cs.category(named, True))
    return "".join(_span(first, last, dialect) for first, last in plain) + named


@cache
def _beyond(escape: str) -> cs.CharSet:
    return cs.minus(cs.category(escape), _ASCII)


def _named(plain: cs.CharSet, beyond: cs.CharSet, dialect: Dialect) -> str | None:
    if dialect.engine == "python":
        for escape in (r"\w", r"\d"):
            if beyond == _beyond(escape) and cs.intersect(plain, cs.category(escape, True)) == cs.category(
                escape, True
            ):
                return escape
        return None
    if beyond == _beyond(r"\w"):
        return r"\p{L}\p{N}"
    return r"\p{Nd}" if beyond == _beyond(r"\d") else None


def _span(first: int, last: int, dialect: Dialect) -> str:
    start = _char(first, dialect, in_class=True)
    if first == last:
        return start
    dash = "" if last == first + 1 else "-"
    return start + dash + _char(last, dialect, in_class=True)


def _char(code: int, dialect: Dialect, *, in_class: bool) -> str:
    char = chr(code)
    if char in (_IN_CLASS if in_class else _DIRECT):
        return char
    if char == ".":
        return r"\."
    if dialect.engine == "python":
        return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return f"\\x{{{code:x}}}"


@cache
def to_plain(term: Term) -> Term:
    """The same language without ``And`` and ``Not``: the automaton, its states eliminated one by one."""
    if is_plain(term):
        return term
    try:
        product = Product([term], limit=400)
    except RoutingError as error:
        raise UnsupportedError("the look-ahead has no short form without one") from error
    end = len(product.states)
    edges: dict[int, dict[int, Term]] = {number: {} for number in range(-1, end)}
    edges[-1][0] = EPSILON
    for number, state in enumerate(product.states):
        for mask, target in state.moves:
            step = cls(product.alphabet.charset(mask))
            edges[number][target] = alt(edges[number].get(target, EMPTY), step)
        if state.accepts:
            edges[number][end] = EPSILON
    for number in sorted(range(end), reverse=True):
        _eliminate(edges, number)
    found = edges[-1].get(end, EMPTY)
    if len(_write(found, PYTHON, 0)) > MAX_TEXT:
        raise UnsupportedError("the look-ahead has no short form without one")
    return found


def _eliminate(edges: dict[int, dict[int, Term]], number: int) -> None:
    out = edges.pop(number)
    loop = rep(out.pop(number, EMPTY), 0, None)
    for targets in edges.values():
        into = targets.pop(number, None)
        if into is not None:
            for target, step in out.items():
                targets[target] = alt(targets.get(target, EMPTY), seq(into, loop, step))
