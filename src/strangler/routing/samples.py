"""URLs to try: random members of every route's language, spelt in the ways that clients spell them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from random import Random
from typing import NamedTuple
from urllib.parse import quote

from strangler.routing.automaton import Product
from strangler.routing.canonical import canonical_paths, classify, decode, has_normal_form, normalise
from strangler.routing.dialect import to_plain
from strangler.routing.parse import OWN_PATTERN, parse
from strangler.routing.routes import Line
from strangler.routing.rules import Decider, decisions, term_of
from strangler.routing.terms import Term
from strangler.routing.values import METHODS, WEBSOCKET, RoutingPlan, Target

_OTHER = 0.2
"""Share of a monolith's samples that ask for a WebSocket where there is a page, or the other way round."""
_SAFE = "/~!$&'()*+,;=:@"
_PLAIN = "abcxyz0189-_AZ"
_ODD = " .~@:+%?#é٣ñ中"
_MUTATIONS = (
    lambda p, r: p.replace("/", "//", 1) if r.random() < 0.5 else p + "/",
    lambda p, r: p.replace("/", "/./", 1),
    lambda p, r: "/x/.." + p,
    lambda p, r: _spot(p, r, lambda c: f"%{ord(c):02X}" if c.isalnum() else c),
    lambda p, r: _spot(p, r, lambda c: f"%{ord(c):02x}" if c.isalnum() else c),
    lambda p, r: _spot(p, r, lambda c: "%2F" if c == "/" else c + "%2f"),
    lambda p, r: _spot(p, r, str.swapcase),
    lambda p, r: p + r.choice(["%0A", "%0a", "%00", "%FF", "%", "%zz", "%5C", "\\", "%EF%BF%BD"]),
    lambda p, r: p[:-1] if len(p) > 1 else p,
    lambda p, r: p + r.choice("aZ0/-") if r.random() < 0.7 else p + "/" + r.choice("aZ0"),
    lambda p, r: _spot(p, r, lambda c: ""),
    lambda p, r: _spot(p, r, lambda c: c + r.choice("aZ0-/%")) if "%" not in p else p + "a",
)


def _spot(path: str, random: Random, change: Callable[[str], str]) -> str:
    if len(path) < 2:
        return path
    spot = random.randrange(1, len(path))
    return path[:spot] + change(path[spot]) + path[spot + 1 :]


@dataclass(frozen=True, slots=True)
class Sample:
    """A raw path (percent-encoded, no query) and a method."""

    path: str
    method: str


class Members:
    """Draws random members of a language, canonical paths only."""

    def __init__(self, term: Term) -> None:
        self._product = Product([term], canonical_paths(), limit=20_000)
        self._near = self._distances()

    def _distances(self) -> dict[int, int]:
        """Steps from each state to the next end."""
        before: dict[int, list[int]] = {}
        for number, state in enumerate(self._product.states):
            for _, target in state.moves:
                before.setdefault(target, []).append(number)
        near = {n: 0 for n, state in enumerate(self._product.states) if state.accepts}
        queue = deque(near)
        while queue:
            number = queue.popleft()
            for earlier in before.get(number, ()):
                if earlier not in near:
                    near[earlier] = near[number] + 1
                    queue.append(earlier)
        return near

    def draw(self, random: Random, length: int = 40) -> str | None:
        """A member, heading for an end after about ``length`` characters; None if there is none."""
        if 0 not in self._near:
            return None
        number = 0
        found: list[str] = []
        while True:
            state = self._product.states[number]
            if state.accepts and (len(found) >= length or random.random() < 0.3):
                return "".join(found)
            moves = [(mask, t) for mask, t in state.moves if t in self._near]
            if not moves:
                return "".join(found)
            if len(found) >= length:
                best = min(self._near[t] for _, t in moves)
                moves = [(mask, t) for mask, t in moves if self._near[t] == best]
            mask, number = random.choice(moves)
            found.append(self._char(mask, random))

    def _char(self, mask: int, random: Random) -> str:
        alphabet = self._product.alphabet
        pool = _ODD if random.random() < 0.05 else _PLAIN
        fitting = [char for char in pool if alphabet.symbol(char) & mask]
        if fitting:
            return random.choice(fitting)
        char = alphabet.example(mask)
        ranges = alphabet.charset(mask)
        if len(ranges) > 1 and not char.isascii():
            first, last = random.choice(ranges)
            char = chr(random.randint(first, last))
        return char


def spell(path: str) -> str:
    """The raw path as a browser sends it."""
    return quote(path, safe=_SAFE)


class _Source(NamedTuple):
    """What samples are drawn from: a language, and the methods that it answers."""

    members: Members
    methods: tuple[str, ...]


def samples(
    plan: RoutingPlan, count: int, seed: int, *, mutated: float = 0.5, focused: bool = False
) -> Iterator[Sample]:
    """``count`` samples, the routes in turn.

    Args:
        plan: whose routes.
        count: how many.
        seed: another seed, other samples.
        mutated: the share that is changed after drawing.
        focused: spend three of four on what the rules name, on the rules themselves and on what is not listed
            (opaque routes), where a mistake would be; the rest on all other routes.
    """
    random = Random(seed)
    sockets = any(route.methods == (WEBSOCKET,) for route in plan.routes)
    near, far = _sources(plan) if focused else ((), _of_routes(plan, range(len(plan.routes))))
    order = _order(near, far)
    drawn = failed = 0
    while drawn < count and failed < len(near) + len(far):
        source = next(order)
        path = source.members.draw(random)
        if path is None:
            failed += 1
            continue
        failed = 0
        raw = spell(path)
        if random.random() < mutated:
            raw = random.choice(_MUTATIONS)(raw, random)
        method = random.choice(source.methods)
        if sockets and random.random() < _OTHER:
            method = "GET" if method == WEBSOCKET else WEBSOCKET
        drawn += 1
        yield Sample(raw, method)


def _order(near: Sequence[_Source], far: Sequence[_Source]) -> Iterator[_Source]:
    """Both in turn, without end; three of the first for one of the second."""
    turns = cycle(near), cycle(far)
    while near or far:
        if near:
            yield from islice(turns[0], 3 if far else 1)
        if far:
            yield next(turns[1])


def _of_routes(plan: RoutingPlan, numbers: Iterable[int]) -> tuple[_Source, ...]:
    routes = [plan.routes[number] for number in numbers]
    return tuple(
        _Source(Members(to_plain(parse(route.regex, OWN_PATTERN))), _asked(route.methods)) for route in routes
    )


def _asked(methods: Iterable[str] | None) -> tuple[str, ...]:
    """The methods that rules tell apart; where there are none (PURGE alone), what any path is asked."""
    named = {method.upper() for method in methods or ()}
    return tuple(method for method in METHODS if method in named) or ("GET", "POST")


def _sources(plan: RoutingPlan) -> tuple[tuple[_Source, ...], tuple[_Source, ...]]:
    """Where a mistake would be, and the rest."""
    named = {number for rule in plan.rules for number in rule.routes}
    named |= {
        number for overlap in plan.overlaps if overlap.kind == "carved_out" for number in overlap.routes
    }
    named |= {n for n, route in enumerate(plan.routes) if route.kind == "opaque" or route.target == "service"}
    rules = (_Source(Members(term_of(rule)), _asked(rule.methods)) for rule in plan.rules)
    others = (number for number in range(len(plan.routes)) if number not in named)
    return (*_of_routes(plan, sorted(named)), *rules), _of_routes(plan, others)


class Expectation:
    """Who should answer a raw path and method, by the plan's routes and policy (stage: full)."""

    def __init__(self, plan: RoutingPlan) -> None:
        self._policy = plan.settings.policy
        lines = [Line(route, to_plain(parse(route.regex, OWN_PATTERN))) for route in plan.routes]
        self._product = Product([line.term for line in lines], canonical_paths())
        self._decider = Decider(decisions(lines))

    def answer(self, raw: str, method: str) -> Target | str:
        """``service``, ``monolith`` or ``rejected``."""
        spelling = classify(raw)
        if spelling == "malformed":
            return "rejected"
        if spelling == "ambiguous":
            if self._policy == "monolith":
                return "monolith"
            if self._policy == "reject" or not has_normal_form(raw):
                return "rejected"
        return self._owner(normalise(raw) if spelling == "ambiguous" else decode(raw), method)

    def _owner(self, path: str, method: str) -> Target:
        state = self._product.walk(path)
        accepts: Sequence[int] = () if state is None else self._product.states[state].accepts
        return self._decider.targets(accepts)[METHODS.index(method)]
