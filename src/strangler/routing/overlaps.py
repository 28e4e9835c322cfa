"""What in the route table a reader must know before moving URLs."""

from __future__ import annotations

from collections.abc import Sequence

from strangler.routing.automaton import Product
from strangler.routing.canonical import canonical_paths
from strangler.routing.errors import RoutingError
from strangler.routing.routes import Line
from strangler.routing.rules import Decider, Entry
from strangler.routing.terms import ALL, Seq, Term, both, literal_prefix, no
from strangler.routing.values import Noncanonical, Overlap, Target

_LIMIT = 20_000
"""States for the search of non-canonical paths: only a report depends on it."""


def find_overlaps(lines: Sequence[Line], product: Product, entries: Sequence[Entry]) -> tuple[Overlap, ...]:
    """Carve-outs, shadowed routes, missing anchors, catch-alls, approximations, splits by method."""
    signatures = product.signatures()
    first: dict[int, int] = {}
    for signature, state in signatures.items():
        for number in signature:
            first.setdefault(number, state)
    examples = {number: product.word(state) for number, state in first.items()}
    decider = Decider(entries)
    winners = {signature: decider.winners(signature) for signature in signatures}
    won = {entries[n].language for found in winners.values() for _, n in found if n is not None}
    found = _carved_out(lines, entries, product, winners)
    for number, line in enumerate(lines):
        if line.route.kind == "route":
            example = examples.get(number, "")
            found += [
                _one(k, number, example, text) for k, text in _remarks(line, number in won or not example)
            ]
    return tuple(found)


def _remarks(line: Line, reached: bool) -> list[tuple[str, str]]:
    found = []
    if not reached:
        found.append(("shadowed", f"{_name(line)} is never reached: earlier routes win"))
    if _catch_all(line):
        found.append(("catch_all", f"{_name(line)} takes nearly every path"))
    elif _unanchored(line):
        found.append(("unanchored", f"{_name(line)} matches anywhere in the path"))
    if not line.route.exact:
        text = f"{_name(line)} may refuse paths that its expression takes (converter or condition)"
        found.append(("approximate", text))
    return found


def _one(kind: str, number: int, example: str, message: str) -> Overlap:
    return Overlap(kind=kind, routes=(number,), example=example, message=message)  # type: ignore[arg-type]


def _name(line: Line) -> str:
    redirect = "the slash redirect to " if line.route.kind == "slash_redirect" else ""
    return f"{redirect}{line.route.pattern!r} ({line.route.place})"


def _carved_out(
    lines: Sequence[Line],
    entries: Sequence[Entry],
    product: Product,
    winners: dict[tuple[int, ...], list[tuple[Target, int | None]]],
) -> list[Overlap]:
    """Paths that routes of both owners take, by pair of winner and best loser of the other owner."""
    found: dict[tuple[str, int, int], Overlap] = {}
    states = product.signatures()
    for signature, outcome in winners.items():
        if len({target for target, _ in outcome}) > 1:
            key = ("split_by_method", signature[0], signature[-1])
            if key not in found:
                word = product.word(states[signature])
                text = f"the methods of {word!r} have different owners: the rules split them"
                found[key] = Overlap(kind="split_by_method", routes=signature, example=word, message=text)
            continue
        target, entry = outcome[0]
        loser = next((n for n in signature if lines[n].route.target != target), None)
        if entry is None or loser is None:
            continue
        winner = entries[entry].language
        key = ("carved_out", winner, loser)
        if key not in found:
            word = product.word(states[signature])
            text = f"{_name(lines[winner])} comes before {_name(lines[loser])} and keeps {word!r}"
            found[key] = Overlap(kind="carved_out", routes=(winner, loser), example=word, message=text)
    return list(found.values())


def _unanchored(line: Line) -> bool:
    prefix = literal_prefix(line.term)[0]
    return prefix in ("", "/") and line.route.regex.lstrip("^(?:/").startswith(
        (".*", r"[\s\S]*", "s:.*", "s:.)*")
    )


def _after_slash(term: Term) -> Term:
    return term.tail if isinstance(term, Seq) else term


def _catch_all(line: Line) -> bool:
    """The slash and then anything: only the root itself may be missing."""
    if len(literal_prefix(line.term)[0]) > 1:
        return False
    rest = _after_slash(line.term)
    try:
        product = Product([rest, ALL], _after_slash(canonical_paths()), 2_000)
    except RoutingError:
        return False
    return all(state.accepts != (1,) for state in product.states[1:])


def noncanonical(lines: Sequence[Line]) -> Noncanonical:
    """How many routes take a path that is not canonical once decoded, and shortest such paths."""
    outside = both(no(canonical_paths()), ALL)
    try:
        product = Product([line.term for line in lines], outside, _LIMIT)
    except RoutingError:
        return Noncanonical(routes=-1, examples=())
    examples: dict[int, str] = {}
    for signature, state in product.signatures().items():
        for number in signature:
            examples.setdefault(number, product.word(state))
    routes = [n for n in examples if lines[n].route.kind == "route"]
    shown = sorted({examples[n] for n in routes}, key=lambda w: (len(w), w))[:10]
    return Noncanonical(routes=len(routes), examples=tuple(shown))
