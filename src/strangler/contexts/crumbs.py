"""Pieces of a domain: a few modules around one table go with what they are tied to most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from strangler.contexts.folding import CRUMB
from strangler.contexts.graph import Adjacency
from strangler.contexts.views import Landscape


def fold(land: Landscape, near: Adjacency, labels: Sequence[int], fixed: Collection[int]) -> list[int]:
    """The labels with communities of at most three modules, one of which declares a table, in others.

    Each joins the larger community to which it has most of its ties, beyond what the other's size explains;
    none does where there is no such tie.

    Args:
        near: the ties between modules, with those of names.
        fixed: modules that stay where they are.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for number, label in enumerate(labels):
        members[label].append(number)
    degree = [sum([weight for _, weight in row]) for row in near]
    volume: dict[int, float] = defaultdict(float)
    for number, label in enumerate(labels):
        volume[label] += degree[number]
    total = sum(degree) or 1.0
    result = list(labels)
    for label, group in sorted(members.items()):
        tables = len(land.declaring.intersection(group))
        if len(group) > CRUMB or tables != 1 or not set(fixed).isdisjoint(group) or not volume[label]:
            continue
        tied: dict[int, float] = defaultdict(float)
        for number in group:
            for other, weight in near[number]:
                if len(members[labels[other]]) > CRUMB:
                    tied[labels[other]] += weight
        gain = {other: weight / volume[label] - volume[other] / total for other, weight in tied.items()}
        best = min(gain, key=lambda other: (-gain[other], other), default=None)
        if best is not None and gain[best] > 0:
            for number in group:
                result[number] = best
    return result
