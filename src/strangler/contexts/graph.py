"""Weighted undirected graphs over 0..n-1 and communities in them.

The engine is Louvain (Blondel et al. 2008) for modularity with a resolution (Reichardt and Bornholdt 2006),
written over plain lists: an order of magnitude less CPU than networkx, no import cost, and it can start from
an aggregated graph and keep nodes that must stay together as one.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

Edges = dict[tuple[int, int], float]
"""(a, b) with a < b -> weight."""
Partition = list[int]
"""node -> community, numbered from 0 in the order of first appearance."""
Adjacency = list[list[tuple[int, float]]]


def add(edges: Edges, a: int, b: int, weight: float) -> None:
    """Add a weight to an undirected edge; loops are left out."""
    if a != b:
        key = (a, b) if a < b else (b, a)
        edges[key] = edges.get(key, 0.0) + weight


def adjacency(size: int, edges: Mapping[tuple[int, int], float]) -> Adjacency:
    """Neighbours with weights, in the order of ``edges``."""
    near: Adjacency = [[] for _ in range(size)]
    for (a, b), weight in edges.items():
        near[a].append((b, weight))
        near[b].append((a, weight))
    return near


def relabel(labels: Sequence[int]) -> Partition:
    """The same partition, numbered by first appearance."""
    seen: dict[int, int] = {}
    return [seen.setdefault(label, len(seen)) for label in labels]


def groups(partition: Sequence[int]) -> list[list[int]]:
    """Members of each community."""
    result: list[list[int]] = [[] for _ in range(max(partition, default=-1) + 1)]
    for node, label in enumerate(partition):
        result[label].append(node)
    return result


def aggregate(partition: Sequence[int], edges: Mapping[tuple[int, int], float]) -> tuple[Edges, list[float]]:
    """The graph between communities, and the weight inside each (every inner edge counted once)."""
    between: Edges = {}
    inside = [0.0] * (max(partition, default=-1) + 1)
    for (a, b), weight in edges.items():
        x, y = partition[a], partition[b]
        if x == y:
            inside[x] += weight
        else:
            key = (x, y) if x < y else (y, x)
            between[key] = between.get(key, 0.0) + weight
    return between, inside


def louvain(
    size: int,
    edges: Mapping[tuple[int, int], float],
    resolution: float = 1.0,
    seed: int = 0,
    inside: Sequence[float] | None = None,
) -> Partition:
    """Communities of high modularity at a resolution.

    Args:
        size: number of nodes; a node without edges stays alone.
        edges: weights above zero.
        resolution: above 1 smaller communities, below 1 larger ones.
        seed: order in which nodes are visited.
        inside: weight of the loop at each node (an aggregated graph's inner edges).
    """
    rng = random.Random(seed)
    loops = list(inside) if inside is not None else [0.0] * size
    result = list(range(size))
    while True:
        labels, moved = _one_level(size, edges, loops, resolution, rng)
        if not moved:
            return relabel(result)
        labels = relabel(labels)
        result = [labels[label] for label in result]
        edges, inner = aggregate(labels, edges)
        for node, label in enumerate(labels):
            inner[label] += loops[node]
        size, loops = len(inner), inner


def _one_level(
    size: int,
    edges: Mapping[tuple[int, int], float],
    loops: Sequence[float],
    resolution: float,
    rng: random.Random,
) -> tuple[Partition, bool]:
    near = adjacency(size, edges)
    degree = [2 * loops[node] + sum([w for _, w in near[node]]) for node in range(size)]
    total = sum(degree)
    labels = list(range(size))
    if total <= 0:
        return labels, False
    volume = degree[:]
    scale = resolution / total
    order = list(range(size))
    rng.shuffle(order)
    pending = [True] * size
    moved = False
    while order:
        again: list[int] = []
        for node in order:
            pending[node] = False
            home = labels[node]
            links: dict[int, float] = {home: 0.0}
            for other, weight in near[node]:
                label = labels[other]
                links[label] = links.get(label, 0.0) + weight
            pull = degree[node] * scale
            volume[home] -= degree[node]
            best, gain = home, links[home] - pull * volume[home] + 1e-12
            for label, weight in links.items():
                value = weight - pull * volume[label]
                if value > gain:
                    best, gain = label, value
            volume[best] += degree[node]
            if best != home:
                labels[node] = best
                moved = True
                for other, _ in near[node]:
                    if labels[other] != best and not pending[other]:
                        pending[other] = True
                        again.append(other)
        order = again
    return labels, moved


def pagerank(
    near: Adjacency, seeds: Mapping[int, float], damping: float = 0.85, rounds: int = 30
) -> list[float]:
    """Personalised PageRank (Page et al. 1998; Haveliwala 2002) by power iteration.

    Args:
        near: neighbours with weights.
        seeds: node -> weight of its restart.
        damping: chance to go on walking.
        rounds: iterations.
    """
    total = sum(seeds.values()) or 1.0
    start = [0.0] * len(near)
    for node, weight in seeds.items():
        start[node] = weight / total
    strength = [sum([w for _, w in row]) for row in near]
    rank = start[:]
    for _ in range(rounds):
        after = [(1 - damping) * value for value in start]
        lost = 0.0
        for node, value in enumerate(rank):
            if not value:
                continue
            if strength[node] <= 0:
                lost += value
                continue
            share = damping * value / strength[node]
            for other, weight in near[node]:
                after[other] += share * weight
        if lost:
            after = [value + damping * lost * s for value, s in zip(after, start, strict=True)]
        rank = after
    return rank
