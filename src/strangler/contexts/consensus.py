"""How sure a partition is: the same steps over many samples of the evidence."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import comb

from strangler.contexts import concepts
from strangler.contexts.engine import Ties, cut, hold, resample, tie
from strangler.contexts.graph import Edges, Partition
from strangler.contexts.views import Landscape

RESOLUTIONS = (0.5, 1.0, 2.0, 4.0)
"""Tried for the communities among modules that no concept holds."""
TRIALS = 3
"""Samples on which each resolution is tried."""
TEST_COMMITS = 60
"""Fewest commits in the last fifth of the history from which it is asked."""


@dataclass(frozen=True, slots=True)
class Support:
    """What the samples say of a partition."""

    share: tuple[float, ...]
    """module -> share of the samples in which it lands with its community, 0 to 1."""
    other: tuple[int | None, ...]
    """module -> the community that it lands in most often otherwise."""
    stability: float
    """Mean adjusted Rand index between the partition and those of the samples."""


def adjusted_rand(a: Sequence[int], b: Sequence[int]) -> float:
    """Adjusted Rand index (Hubert and Arabie 1985): 1 equal, 0 chance."""
    both = sum(comb(n, 2) for n in Counter(zip(a, b, strict=True)).values())
    in_a = sum(comb(n, 2) for n in Counter(a).values())
    in_b = sum(comb(n, 2) for n in Counter(b).values())
    pairs = comb(len(a), 2)
    if not pairs:
        return 1.0
    expected, mean = in_a * in_b / pairs, (in_a + in_b) / 2
    return (both - expected) / (mean - expected) if mean != expected else 1.0


def samples(land: Landscape, count: int, seed: int) -> list[Ties]:
    """Bootstrap samples of the combined graph."""
    return [tie(land, resample(land, random.Random(seed * 1000 + number))) for number in range(count)]


def choose_resolution(land: Landscape, book: concepts.Lexicon, seed: int, drawn: Sequence[Ties]) -> float:
    """The resolution with the most stable partition that also foretells the latest commits best.

    Stability is the mean adjusted Rand index between samples; foresight the share of co-changed pairs of the
    last fifth of the history inside communities, found without it, minus the share expected from activity.
    The second counts only where there are enough commits. Ties go to the value nearest 1.
    """
    early, late = _ahead(land)
    trials = [(ties, hold(ties, book)) for ties in drawn[:TRIALS]]
    foretold = hold(early, book) if early is not None else {}
    best, best_score = 1.0, -1.0
    for resolution in sorted(RESOLUTIONS, key=lambda value: (abs(value - 1.0), value)):
        found = [
            cut(land, ties, owner, resolution, seed + number)[0]
            for number, (ties, owner) in enumerate(trials)
        ]
        score = sum(adjusted_rand(a, b) for a, b in pairwise(found)) / max(len(found) - 1, 1)
        if early is not None:
            score += foresight(cut(land, early, foretold, resolution, seed)[0], late)
        if score > best_score + 0.01:
            best, best_score = resolution, score
    return best


def _ahead(land: Landscape) -> tuple[Ties | None, Edges]:
    if land.past is None:
        return None, {}
    parts = len(land.past.together)
    last = parts - parts // 5
    if land.past.commits * (parts - last) / parts < TEST_COMMITS:
        return None, {}
    before = [1.0 if number < last else 0.0 for number in range(parts)]
    after: Edges = {}
    for part in land.past.together[last:]:
        for pair, weight in part.items():
            after[pair] = after.get(pair, 0.0) + weight
    return tie(land, {**land.views, "history": land.past.edges(before)}), after


def foresight(labels: Sequence[int], later: Edges) -> float:
    """Share of later co-change inside communities minus the share expected from activity."""
    total = sum(later.values())
    if not total:
        return 0.0
    inside = 0.0
    volume: dict[int, float] = {}
    for (a, b), weight in later.items():
        for node in (a, b):
            volume[labels[node]] = volume.get(labels[node], 0.0) + weight
        if labels[a] == labels[b]:
            inside += weight
    return inside / total - sum((value / (2 * total)) ** 2 for value in volume.values())


def support(
    land: Landscape,
    book: concepts.Lexicon,
    labels: Sequence[int],
    resolution: float,
    seed: int,
    drawn: Sequence[Ties],
) -> Support:
    """Repeat the cut on every sample, each with other limits around the usual ones, and count."""
    landed = [0] * land.size
    other: list[Counter[int]] = [Counter() for _ in range(land.size)]
    agreement = 0.0
    for number, ties in enumerate(drawn):
        rng = random.Random(seed * 7919 + number)
        limits = concepts.Limits(
            share=rng.uniform(0.1, 0.3), lift=rng.uniform(3.0, 6.0), layer=rng.uniform(0.75, 0.95)
        )
        found, _ = cut(
            land, ties, hold(ties, book, limits), resolution * 2 ** rng.uniform(-1, 1), seed + number
        )
        agreement += adjusted_rand(labels, found)
        home, reverse = _match(labels, found)
        for node in range(land.size):
            if home[labels[node]] == found[node]:
                landed[node] += 1
            elif reverse[found[node]] != labels[node]:
                other[node][reverse[found[node]]] += 1
    count = max(len(drawn), 1)
    return Support(
        tuple(value / count for value in landed) if drawn else (1.0,) * land.size,
        tuple(_most(c) for c in other),
        agreement / count if drawn else 1.0,
    )


def _most(votes: Counter[int]) -> int | None:
    return min((-count, label) for label, count in votes.items())[1] if votes else None


def _match(labels: Sequence[int], found: Partition) -> tuple[dict[int, int], dict[int, int]]:
    """Each community's best counterpart (by F1) in the other partition, both ways."""
    cells = Counter(zip(labels, found, strict=True))
    a, b = Counter(labels), Counter(found)
    home: dict[int, tuple[float, int]] = {}
    back: dict[int, tuple[float, int]] = {}
    for (x, y), n in sorted(cells.items()):
        score = 2 * n / (a[x] + b[y])
        if x not in home or score > home[x][0]:
            home[x] = (score, y)
        if y not in back or score > back[y][0]:
            back[y] = (score, x)
    return {x: y for x, (_, y) in home.items()}, {y: x for y, (_, x) in back.items()}
