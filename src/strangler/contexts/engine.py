"""From views to a first partition."""

from __future__ import annotations

from collections.abc import Mapping

from strangler.contexts.graph import Edges

WEIGHTS = {"calls": 1.0, "data": 1.0, "history": 1.0, "names": 1.0, "words": 0.5, "traces": 1.0}
"""Total weight of each view in the combined graph."""


def fuse(views: Mapping[str, Edges], weights: Mapping[str, float] = WEIGHTS) -> Edges:
    """Each view scaled to its weight in total, then added: none drowns the others by being dense."""
    result: Edges = {}
    for name, edges in views.items():
        total = sum(edges.values())
        if total > 0:
            scale = weights.get(name, 1.0) / total
            for edge, weight in edges.items():
                result[edge] = result.get(edge, 0.0) + scale * weight
    return dict(sorted(result.items()))
