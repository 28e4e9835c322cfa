"""What contexts need of each other, summed from the crossings and the history."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from strangler.contexts import crossings
from strangler.model import BoundedContext, Crossing, Model, System
from strangler.reports.index import Index

GROUPS: Mapping[str, str] = {
    "import": "code",
    "call": "code",
    "inheritance": "code",
    "template": "code",
    "read": "data",
    "write": "data",
    "foreign_key": "data",
    "transaction": "transaction",
    "signal": "message",
    "task": "message",
}
"""Kind of a crossing -> the group under which people discuss it; ``change`` comes from the history."""

BINDING = ("transaction", "data", "message", "code", "change")
"""Groups, the one that is hardest to cut first."""


@dataclass(frozen=True, slots=True)
class Need:
    """Everything by which ``source`` needs ``target``."""

    source: str
    target: str
    kinds: Mapping[str, int]
    """Kind of crossing -> number of places."""

    @property
    def groups(self) -> Counter[str]:
        """Group -> number of places."""
        found: Counter[str] = Counter()
        for kind, count in self.kinds.items():
            found[GROUPS[kind]] += count
        return found

    @property
    def weight(self) -> int:
        """All places."""
        return sum(self.kinds.values())


@dataclass(frozen=True, slots=True)
class Togetherness:
    """How the contexts change: commits of each, alone and with others."""

    commits: Mapping[str, int]
    """Context -> commits that touch it."""
    alone: Mapping[str, int]
    """Context -> commits that touch it and no other context."""
    pairs: Mapping[tuple[str, str], int]
    """(a, b), a < b -> commits that touch both."""

    def independence(self, context: str) -> float | None:
        """Share of a context's commits that touch no other context; None without commits."""
        commits = self.commits.get(context, 0)
        return self.alone.get(context, 0) / commits if commits else None


def needs(every: Iterable[Crossing]) -> list[Need]:
    """One row for each ordered pair of contexts, sorted by their names."""
    found: dict[tuple[str, str], list[Crossing]] = defaultdict(list)
    for crossing in crossings.counted(every):
        found[crossing.source, crossing.target].append(crossing)
    return [Need(source, target, crossings.by_kind(rows)) for (source, target), rows in sorted(found.items())]


def togetherness(model: Model, index: Index) -> Togetherness:
    """Count the commits by the contexts that they touch.

    A shared kernel and unassigned modules count as contexts of their own only in ``pairs``: a commit that
    touches a context and the kernel still counts as alone.
    """
    commits: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    proper = {context.name for context in model.contexts if context.proper}
    for commit in model.changes.log:
        touched = sorted({index.context_of[name] for name in commit.modules if name in index.context_of})
        commits.update(touched)
        own = [name for name in touched if name in proper]
        if len(own) == 1:
            alone[own[0]] += 1
        for position, first in enumerate(touched):
            for second in touched[position + 1 :]:
                pairs[first, second] += 1
    return Togetherness(commits, alone, pairs)


def of_cut(system: System, contexts: Sequence[BoundedContext]) -> list[Need]:
    """The needs of another cut of the same monolith, a coarser or finer one."""
    return needs(crossings.of_cut(system, contexts))
