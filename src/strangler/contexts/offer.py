"""A better cut than the one that is kept: offered with what would be gained, never taken."""

from __future__ import annotations

from collections.abc import Sequence

from strangler.contexts import consensus, crossings, engine, ownership
from strangler.contexts.graph import Edges
from strangler.contexts.views import Landscape
from strangler.model import Crossing, Offer, Relocation, System

BETTER = 0.05
"""By how much another cut must foretell better to be offered."""


def offer(
    system: System,
    land: Landscape,
    now: Sequence[str],
    other: Sequence[str],
    *,
    present: Sequence[Crossing],
    platforms: frozenset[str] = frozenset(),
    foretold: Sequence[int] | None,
    late: Edges,
) -> Offer | None:
    """``other`` where it foretells the latest commits better than ``now``; None otherwise.

    Both are asked for ``consensus.foresight`` in the last fifth of the history, the other one as it is and as
    it comes out without that fifth, of which the worse counts: no hindsight, and no luck of a cut that is not
    the one offered. Without enough history for that, they are asked for the ties of today.

    Args:
        now: module -> context that it is in.
        other: module -> context that it would be in.
        present: crossings of today's cut.
        platforms: contexts of today's cut to which the tables of libraries belong, in the other cut too.
        foretold: the other cut made without the last fifth; None where the history is too short.
        late: co-change in the last fifth.
    """
    moves = [n for n, name in enumerate(now) if other[n] != name]
    if not moves:
        return None
    held = None
    asked = engine.tie(land).edges if foretold is None else late
    gain = consensus.foresight(_numbers(other), asked)
    if foretold is not None:
        gain = min(gain, consensus.foresight(foretold, late))
        worse = min(consensus.inside(_numbers(other), late), consensus.inside(foretold, late))
        held = consensus.inside(_numbers(now), late), worse
    gain -= consensus.foresight(_numbers(now), asked)
    if gain < BETTER:
        return None
    context_of = {module.name: other[n] for n, module in enumerate(land.modules)}
    found = crossings.find(system, context_of, ownership.owners(system, context_of, platforms=platforms))
    return Offer(
        contexts=len(set(other)),
        moves=tuple(Relocation(module=land.modules[n].name, before=now[n], after=other[n]) for n in moves),
        gain=round(gain, 4),
        held_out=held and (round(held[0], 4), round(held[1], 4)),
        places=tuple(crossings.count_places(crossings.counted(rows)) for rows in (present, found)),
    )


def _numbers(names: Sequence[str]) -> list[int]:
    order: dict[str, int] = {}
    return [order.setdefault(name, len(order)) for name in names]
