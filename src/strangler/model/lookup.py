"""Questions about rows that several stages ask, answered in one place."""

from __future__ import annotations

from collections.abc import Iterable

from strangler.model.system import Certainty, References, Role

PRODUCTION: frozenset[Role] = frozenset({"code", "settings", "entry_point"})
"""Roles of the modules that contexts are made of and that a plan moves and counts."""
UNREAD: frozenset[Role] = frozenset({"test", "migration", "vendored"})
"""Roles of files that are not interpreted: their lines are counted and their imports read, no more."""
CERTAINTIES: tuple[Certainty, ...] = ("certain", "inferred", "possible")
"""From the surest to the least sure."""
RANKS: dict[Certainty, int] = {certainty: rank for rank, certainty in enumerate(CERTAINTIES)}


def weakest(*certainties: Certainty) -> Certainty:
    """The least sure of several: what rests on all of them is no surer."""
    return max(certainties, key=RANKS.__getitem__)


def resolved_share(references: Iterable[References]) -> float | None:
    """Resolved references of all kinds over all references; None where there are none."""
    counts = [(item.resolved, item.unresolved) for item in references]
    total = sum(resolved + unresolved for resolved, unresolved in counts)
    return sum(resolved for resolved, _ in counts) / total if total else None
