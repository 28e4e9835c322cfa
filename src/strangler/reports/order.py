"""The order of a design structure matrix: users first, so that what stands below the diagonal is a cycle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from strangler.contexts.directed import in_order

Weights = Mapping[tuple[str, str], float]
"""(user, used) -> weight."""


def order(names: Sequence[str], weights: Weights) -> list[str]:
    """Order names so that users precede what they use; ties and the ways out of cycles are settled by name.

    The strongly connected components come in topological order; inside one, the heuristic of Eades, Lin and
    Smyth (1993, "A fast and effective heuristic for the feedback arc set problem") keeps the weight of the
    edges that run backwards low. So an edge runs backwards only inside a cycle.
    """
    if len(names) < 2:
        return list(names)
    known = set(names)
    edges = (edge for edge in sorted(weights) if edge[0] in known and edge[1] in known)
    result: list[str] = []
    for component in in_order(sorted(names), edges):
        result += _break_cycle(component, weights) if len(component) > 1 else component
    return result


def _break_cycle(names: Sequence[str], weights: Weights) -> list[str]:
    out: dict[str, dict[str, float]] = defaultdict(dict)
    into: dict[str, dict[str, float]] = defaultdict(dict)
    members = set(names)
    for (user, used), weight in weights.items():
        if user != used and user in members and used in members:
            out[user][used] = into[used][user] = weight
    left: list[str] = []
    right: list[str] = []
    remaining = dict.fromkeys(names)
    while remaining:
        sink = next((name for name in remaining if not out[name]), None)
        source = next((name for name in remaining if not into[name]), None) if sink is None else None
        if sink is not None:
            chosen = sink
            right.append(sink)
        else:
            chosen = source or max(remaining, key=lambda n: sum(out[n].values()) - sum(into[n].values()))
            left.append(chosen)
        del remaining[chosen]
        for name in out.pop(chosen, {}):
            into[name].pop(chosen, None)
        for name in into.pop(chosen, {}):
            out[name].pop(chosen, None)
    return left + right[::-1]
