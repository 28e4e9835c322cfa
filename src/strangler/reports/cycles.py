"""Cycle breakers: the crossings to cut so that no cycle is left between contexts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from strangler.contexts.directed import knots
from strangler.model import BoundedContext
from strangler.reports.needs import Need
from strangler.reports.order import order

EXACT = 12
"""Contexts of one knot up to which the smallest set is found; more are ordered step by step."""
ROUNDS = 20
"""Rounds of such steps."""


class Breakers(NamedTuple):
    """What to cut; ``exact`` where no smaller set of places does."""

    needs: tuple[Need, ...]
    knotted: tuple[str, ...]
    """Contexts that are part of a cycle."""
    exact: bool


def breakers(contexts: Sequence[BoundedContext], needs: Sequence[Need]) -> Breakers:
    """The needs with the fewest places without which the contexts need each other in one order only.

    A minimum feedback arc set of each knot (strongly connected component): by dynamic programming over its
    subsets (Lawler 1964, "A comment on minimum feedback arc sets") up to ``EXACT`` contexts; of larger knots,
    the order of the matrix, improved by moving one context at a time.
    """
    proper = {context.name for context in contexts if context.proper}
    within = [need for need in needs if need.source in proper and need.target in proper]
    weights = {(need.source, need.target): need.weight for need in within}
    found_knots = knots(sorted(weights))
    place: dict[str, tuple[int, int]] = {}
    for number, knot in enumerate(found_knots):
        found = _smallest(knot, weights) if len(knot) <= EXACT else _improved(knot, weights)
        place |= {name: (number, position) for position, name in enumerate(found)}
    cut = [
        need
        for need in within
        if need.source in place
        and need.target in place
        and place[need.source][0] == place[need.target][0]
        and place[need.source][1] > place[need.target][1]
    ]
    return Breakers(
        tuple(sorted(cut, key=lambda need: (need.weight, need.source, need.target))),
        tuple(sorted(place)),
        all(len(knot) <= EXACT for knot in found_knots),
    )


def _smallest(names: Sequence[str], weights: Mapping[tuple[str, str], int]) -> list[str]:
    """The order, users first, in which the least weight runs backwards."""
    every = range(len(names))
    # back[v][mask]: weight of what v needs of the set; backwards where the set precedes v.
    back = [[0] * (1 << len(names)) for _ in every]
    for v in every:
        row = [weights.get((names[v], names[u]), 0) for u in every]
        for mask in range(1, 1 << len(names)):
            low = mask & -mask
            back[v][mask] = back[v][mask ^ low] + row[low.bit_length() - 1]
    best = [0] * (1 << len(names))
    last = [0] * (1 << len(names))
    for mask in range(1, 1 << len(names)):
        costs = ((best[mask ^ (1 << v)] + back[v][mask ^ (1 << v)], v) for v in every if mask >> v & 1)
        best[mask], last[mask] = min(costs)
    found: list[str] = []
    mask = (1 << len(names)) - 1
    while mask:
        found.append(names[last[mask]])
        mask ^= 1 << last[mask]
    return found[::-1]


def _improved(names: Sequence[str], weights: Mapping[tuple[str, str], int]) -> list[str]:
    """A good order of many: that of the matrix, while moving one name to another place makes it better."""
    net: dict[str, dict[str, int]] = defaultdict(dict)
    for (user, used), weight in weights.items():
        net[user][used] = net[user].get(used, 0) + weight
        net[used][user] = net[used].get(user, 0) - weight
    found = order(names, {edge: float(weight) for edge, weight in weights.items()})
    for _ in range(ROUNDS):
        before = list(found)
        for name in before:
            rest = [other for other in found if other != name]
            # Passing a name that is needed, going down, turns that need round.
            cost, least, spot = 0, 0, 0
            for position, other in enumerate(rest, 1):
                cost += net[name].get(other, 0)
                if cost < least:
                    least, spot = cost, position
            found = [*rest[:spot], name, *rest[spot:]]
        if found == before:
            break
    return found
