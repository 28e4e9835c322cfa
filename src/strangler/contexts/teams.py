"""Teams: who owns the modules of each context, how many people change it, and which teams change together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import combinations

from strangler.model import Changes, ContextTeams, Ownership, TeamCoupling, TeamShare

MOST_TEAMS = 30
"""Teams of one commit beyond which it says nothing of two of them."""
COUPLINGS = 100
SHARED = 3
"""Fewest commits over two teams that are worth a word."""


def context_teams(
    ownership: Ownership, changes: Changes, context_of: Mapping[str, str]
) -> tuple[ContextTeams, ...]:
    """A row for each context, by name.

    A module that several teams own counts for each of them. People are counted, by the numbers of the authors
    in the log; the share of the one with most commits is what would leave with them.
    """
    owners = {row.module: row.owners for row in ownership.modules if row.module in context_of}
    modules: dict[str, Counter[str]] = defaultdict(Counter)
    commits: dict[str, Counter[str]] = defaultdict(Counter)
    people: dict[str, Counter[int]] = defaultdict(Counter)
    unowned: Counter[str] = Counter()
    for module, context in context_of.items():
        modules[context].update(owners.get(module, ()))
        unowned[context] += module not in owners
    for commit in changes.log:
        touched = [name for name in commit.modules if name in context_of]
        for context in {context_of[name] for name in touched}:
            people[context][commit.author] += 1
        for context, team in {(context_of[name], team) for name in touched for team in owners.get(name, ())}:
            commits[context][team] += 1
    return tuple(
        ContextTeams(
            context=context,
            teams=tuple(
                TeamShare(team=team, modules=count, commits=commits[context][team])
                for team, count in sorted(modules[context].items(), key=lambda item: (-item[1], item[0]))
            ),
            unowned=unowned[context],
            authors=len(people[context].keys() - {0}),
            main_share=_main(people[context]),
        )
        for context in sorted(set(context_of.values()))
    )


def _main(people: Counter[int]) -> float | None:
    known = {author: count for author, count in people.items() if author}
    return round(max(known.values()) / people.total(), 4) if known else None


def team_couplings(ownership: Ownership, changes: Changes) -> tuple[TeamCoupling, ...]:
    """Pairs of teams by the commits that touch what each owns without the other, the strongest first."""
    owners = {row.module: frozenset(row.owners) for row in ownership.modules}
    found: Counter[tuple[str, str]] = Counter()
    for commit in changes.log:
        held = {owners[name] for name in commit.modules if name in owners}
        teams = sorted(frozenset().union(*held))
        if 2 <= len(teams) <= MOST_TEAMS:
            for a, b in combinations(teams, 2):
                alone = any(a in one and b not in one for one in held)
                found[a, b] += alone and any(b in one and a not in one for one in held)
    pairs = [(pair, count) for pair, count in found.items() if count >= SHARED]
    pairs.sort(key=lambda item: (-item[1], item[0]))
    return tuple(TeamCoupling(a=a, b=b, commits=count) for (a, b), count in pairs[:COUPLINGS])
