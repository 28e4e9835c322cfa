"""Directed graphs over names: their knots, and an order in which users precede what they use.

Written here because a graph has a hundred nodes, is made a hundred times in a report, and importing a library
for it costs more than all else that the smallest runs do.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping

Successors = Mapping[str, Collection[str]]
"""Node -> the nodes that its edges lead to; each node is a key."""


def successors(nodes: Iterable[str], edges: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The graph of these nodes, those of the edges included."""
    found: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in edges:
        found.setdefault(source, []).append(target)
        found.setdefault(target, [])
    return found


def components(graph: Successors) -> list[list[str]]:
    """The strongly connected components (Tarjan 1972), each before those that lead to it, sorted inside."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    waiting: list[str] = []
    placed: set[str] = set()
    found: list[list[str]] = []
    for start in graph:
        if start in number:
            continue
        number[start] = lowest[start] = len(number)
        waiting.append(start)
        path = [(start, iter(graph[start]))]
        while path:
            node, rest = path[-1]
            for target in rest:
                if target not in number:
                    number[target] = lowest[target] = len(number)
                    waiting.append(target)
                    path.append((target, iter(graph[target])))
                    break
                if target not in placed:
                    lowest[node] = min(lowest[node], number[target])
            else:
                path.pop()
                if path:
                    before = path[-1][0]
                    lowest[before] = min(lowest[before], lowest[node])
                if lowest[node] == number[node]:
                    at = waiting.index(node)
                    found.append(sorted(waiting[at:]))
                    placed.update(waiting[at:])
                    del waiting[at:]
    return found


def knots(graph: Successors) -> list[list[str]]:
    """The strongly connected components of two and more nodes, sorted."""
    return sorted(component for component in components(graph) if len(component) > 1)


def in_order(graph: Successors) -> list[list[str]]:
    """The strongly connected components, each before those that it leads to; where several may come next,
    the one with the smallest name does (Kahn 1962)."""
    found = components(graph)
    home = {node: at for at, component in enumerate(found) for node in component}
    after = [
        {home[target] for node in component for target in graph[node]} - {at}
        for at, component in enumerate(found)
    ]
    missing = [0] * len(found)
    for targets in after:
        for target in targets:
            missing[target] += 1
    ready = [(component[0], at) for at, component in enumerate(found) if not missing[at]]
    heapq.heapify(ready)
    result: list[list[str]] = []
    while ready:
        _, at = heapq.heappop(ready)
        result.append(found[at])
        for target in after[at]:
            missing[target] -= 1
            if not missing[target]:
                heapq.heappush(ready, (found[target][0], target))
    return result
