"""What the history says of the contexts: which change together more and more, and where the work goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import combinations

from strangler.contexts.teams import context_teams, team_couplings
from strangler.model import Activity, Changes, ContextCoupling, Hotspot, System
from strangler.model.history import Trend
from strangler.model.lookup import PRODUCTION

SHARED = 3
"""Fewest commits over two contexts that are worth a word."""
HOTSPOTS = 25
SURE = 1.96
"""Standard deviations by which two halves must differ: one of twenty equal pairs looks unequal by chance."""


def activity(system: System, changes: Changes, context_of: Mapping[str, str]) -> Activity:
    """Couplings of contexts with their trend, the strongest first, and the hotspots among the modules.

    The log is cut into two halves of equally many commits. Two contexts grow together, or apart, where the
    commits over both differ between the halves by more than ``SURE`` times the square root of their sum (the
    normal approximation of the comparison of two Poisson counts by Przyborowski and Wilenski, 1940). A
    hotspot is a module that is both large and often changed (Tornhill 2015): its score is commits times lines
    over the largest such product.
    """
    early: Counter[tuple[str, str]] = Counter()
    late: Counter[tuple[str, str]] = Counter()
    alone: Counter[str] = Counter()
    often: Counter[str] = Counter()
    recent: Counter[str] = Counter()
    half = len(changes.log) // 2
    for number, commit in enumerate(changes.log):
        touched = [name for name in commit.modules if name in context_of]
        often.update(touched)
        contexts = sorted({context_of[name] for name in touched})
        alone.update(contexts)
        if number >= half:
            recent.update(touched)
        (late if number >= half else early).update(combinations(contexts, 2))
    pairs = (
        ContextCoupling(
            a=a,
            b=b,
            commits=early[a, b] + late[a, b],
            share=round((early[a, b] + late[a, b]) / min(alone[a], alone[b]), 4),
            earlier=early[a, b],
            later=late[a, b],
            trend=trend(early[a, b], late[a, b]),
        )
        for a, b in sorted(early | late)
        if early[a, b] + late[a, b] >= SHARED
    )
    size = {module.name: module.lines for module in system.modules if module.role in PRODUCTION}
    weight = {name: count * size.get(name, 0) for name, count in often.items()}
    most = max(weight.values(), default=0) or 1
    ranked = sorted((name for name in weight if weight[name]), key=lambda name: (-weight[name], name))
    return Activity(
        couplings=tuple(sorted(pairs, key=lambda pair: (-pair.commits, pair.a, pair.b))),
        hotspots=tuple(
            Hotspot(
                module=name,
                context=context_of[name],
                commits=often[name],
                later=recent[name],
                lines=size[name],
                score=round(weight[name] / most, 4),
            )
            for name in ranked[:HOTSPOTS]
        ),
        teams=context_teams(system.ownership, changes, context_of),
        team_couplings=team_couplings(system.ownership, changes),
    )


def trend(earlier: int, later: int) -> Trend:
    """Whether one of two counts over equally many commits is larger than chance explains."""
    if abs(later - earlier) <= SURE * (earlier + later) ** 0.5:
        return "steady"
    return "growing" if later > earlier else "shrinking"
