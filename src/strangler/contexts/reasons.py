"""Why a context stands where it does in the order of candidates: figures, standing, strengths, weaknesses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from strangler.contexts.ranking import CRITERIA, EXCLUSIONS, Candidate, reached
from strangler.contexts.sureness import GUESS
from strangler.text import plural

UNREAD = "no table was read: its data is not known"
FEWEST = 3
"""Candidates among which being the last says something."""
Precedence = Literal["", "tables", "entries", "mirror", "guess", "near", "nearer"]


def standing(candidate: Candidate, every: Sequence[Candidate], criterion: str) -> tuple[int, int]:
    """Position of a candidate in one ranking, from 1 (one more than are better), and how many it has."""
    others = [cost for c in every if not c.excluded and (cost := CRITERIA[criterion](c)) is not None]
    own = CRITERIA[criterion](candidate)
    return 1 + sum(own is not None and cost < own for cost in others), len(others)


def reasons(candidate: Candidate, every: Sequence[Candidate]) -> tuple[str, ...]:
    """The figures behind a position, each with its standing; why there is none for what is no candidate."""
    read = any(other.tables for other in every)
    if candidate.excluded:
        why = EXCLUSIONS[candidate.excluded]
        return (why,) if read or candidate.excluded not in ("layer", "library") else (why, UNREAD)
    told = {
        "to_cut": f"{candidate.places:,} places to cut",
        "knots": f"{candidate.knots:,} data ties" if read else "",
        "independence": ""
        if candidate.independence is None
        else f"{candidate.independence:.0%} of its commits touch no other context",
        "confidence": f"boundary {candidate.confidence:.0%} sure",
    }
    found = [
        f"{text} ({_ordinal(standing(candidate, every, criterion)[0])})"
        for criterion, text in told.items()
        if text
    ]
    if candidate.independence is None:
        found.append("no commits of its own in the history read")
    if candidate.distance > 1:
        found.append(f"up to {candidate.distance:.2f} times the limits of a near cut: after those within")
    if candidate.unowned:
        ties = plural(candidate.unowned, "more tie")
        found.append(f"{ties} to tables of no context")
    if candidate.confidence < GUESS:
        found.append("the boundary is hardly more than a guess: after the surer ones that lack no more")
    if not candidate.carried:
        found.append(
            f"as likely wrong as right, and no package of its own ({candidate.packaged} of its "
            f"{candidate.modules} modules lie in one): nothing carries this boundary"
        )
    if not read:
        found.append(UNREAD)
    elif not candidate.own_tables:
        found.append("owns no table: after all that do")
    if candidate.mirror:
        found.append("mirrors a single table: after those with more and a way in")
    if not candidate.served and reached(every):
        those = "those with tables that do" if candidate.own_tables else "all that do"
        found.append(f"serves no endpoint and no task: after {those}")
    return tuple(found)


def runner_up(every: Sequence[Candidate]) -> Candidate | None:
    """The second of the order; None where there is none."""
    return next(iter([candidate for candidate in every if not candidate.excluded][1:]), None)


def precedence(best: Candidate, second: Candidate) -> Precedence:
    """What puts the first of the order before the second whatever their rankings; empty if nothing does."""
    if best.own_tables and not second.own_tables:
        return "tables"
    if best.served and not second.served:
        return "entries"
    if second.mirror and not best.mirror:
        return "mirror"
    if second.confidence < GUESS <= best.confidence:
        return "guess"
    if best.near:
        return "" if second.near else "near"
    return "nearer" if best.distance < second.distance else ""


def strengths(best: Candidate, every: Sequence[Candidate]) -> tuple[str, ...]:
    """The criteria that speak for the first of the order: those in which it is ahead of the runner-up and in
    which less than half of all are better. The most telling come first, three at the most."""
    second = runner_up(every)
    if second is None:
        return ()
    found: list[tuple[int, str]] = []
    for criterion, cost in CRITERIA.items():
        own, next_best = cost(best), cost(second)
        place, of = standing(best, every, criterion)
        if own is not None and next_best is not None and own < next_best and 2 * (place - 1) < of:
            found.append((place, criterion))
    return tuple(criterion for _, criterion in sorted(found, key=lambda item: item[0])[:3])


def behind(best: Candidate, every: Sequence[Candidate]) -> tuple[str, ...]:
    """The criteria in which the first of the order is behind the runner-up."""
    second = runner_up(every)
    if second is None:
        return ()
    costs = {criterion: (cost(best), cost(second)) for criterion, cost in CRITERIA.items()}
    return tuple(
        name for name, (own, other) in costs.items() if own is not None and other is not None and other < own
    )


def weaknesses(best: Candidate, every: Sequence[Candidate]) -> tuple[str, ...]:
    """The criteria in which the first of the order is the last of all."""
    found = []
    for criterion, cost in CRITERIA.items():
        known = [value for c in every if not c.excluded and (value := cost(c)) is not None]
        if len(known) >= FEWEST and cost(best) == max(known) > min(known):
            found.append(criterion)
    return tuple(found)


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
