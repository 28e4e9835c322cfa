"""The figures of a cut that the first view of the report, its workshop and ``--what-if`` show."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from strangler.contexts import crossings
from strangler.model import BoundedContext, Changes, Crossing, Model, System
from strangler.model.base import Value
from strangler.model.contexts import CrossingKind
from strangler.model.lookup import Homes, all_tables
from strangler.model.system import CASCADE, Access

DATA_TIES: tuple[CrossingKind, ...] = ("write", "foreign_key", "transaction")
"""Kinds of crossings that a cut has to untangle in the data, not only to lead through a port."""


class Figures(Value, frozen=True, kw_only=True):
    """A cut in figures."""

    contexts: int
    """Contexts that could be services."""
    places: Mapping[str, int]
    """Kind of crossing -> places that make crossings of that kind."""
    shared_tables: tuple[str, ...]
    """Tables written by more than one context, the most shared first."""
    mutual: tuple[tuple[str, str], ...]
    """Pairs (a, b), a < b, of contexts that need each other."""
    within: float | None
    """Share of the commits to contexts that touch one alone; None without commits."""

    @property
    def data_ties(self) -> int:
        """Places that tie the contexts together in the data."""
        return sum(self.places.get(kind, 0) for kind in DATA_TIES)

    def rows(self) -> dict[str, float | None]:
        """Name -> figure, in the order in which they are shown; fewer is better but for the last."""
        return {
            "contexts": self.contexts,
            "places of crossings": sum(self.places.values()),
            "data ties": self.data_ties,
            "shared tables": len(self.shared_tables),
            "mutual pairs": len(self.mutual),
            "commits within one context": self.within,
        }


@dataclass(frozen=True, slots=True)
class Togetherness:
    """How the contexts change: commits of each, alone and with others."""

    commits: Mapping[str, int]
    """Context -> commits that touch it."""
    alone: Mapping[str, int]
    """Context that could be a service -> commits that touch it and no other one (shared code aside)."""
    pairs: Mapping[tuple[str, str], int]
    """(a, b), a < b -> commits that touch both."""

    def independence(self, context: str) -> float | None:
        """Share of a context's commits that touch no other; None without any, and for shared code."""
        commits = self.commits.get(context, 0)
        return self.alone[context] / commits if commits and context in self.alone else None


def togetherness(model: Model) -> Togetherness:
    """Count the commits by the contexts that they touch.

    A shared kernel and unassigned modules count as contexts of their own only in ``pairs``: a commit that
    touches a context and the kernel still counts as alone.
    """
    context_of = {module: context.name for context in model.contexts for module in context.modules}
    commits: Counter[str] = Counter()
    alone = {context.name: 0 for context in model.contexts if context.proper}
    pairs: Counter[tuple[str, str]] = Counter()
    for commit in model.changes.log:
        touched = sorted({context_of[name] for name in commit.modules if name in context_of})
        commits.update(touched)
        own = [name for name in touched if name in alone]
        if len(own) == 1:
            alone[own[0]] += 1
        for position, first in enumerate(touched):
            for second in touched[position + 1 :]:
                pairs[first, second] += 1
    return Togetherness(commits, alone, pairs)


def contexts_of_handlers(model: Model, handlers: Iterable[str]) -> Iterator[str | None]:
    """The context in which each of some dotted names lies; None for what lies in none."""
    context_of = {module: context.name for context in model.contexts for module in context.modules}
    home = Homes(model.system, context_of)
    for handler in handlers:
        yield context_of.get(home(handler) or "")


def proposals(contexts: Iterable[BoundedContext]) -> list[BoundedContext]:
    """The contexts that could be services as they are: not what stays, nor those of several domains."""
    return [context for context in contexts if context.proper and not (context.rest or context.domains)]


def of_cut(
    system: System,
    changes: Changes,
    contexts: Sequence[BoundedContext],
    found: Iterable[Crossing] | None = None,
) -> Figures:
    """The figures of a cut.

    Args:
        found: its crossings; None to find them.
    """
    counted = crossings.counted(crossings.of_cut(system, contexts) if found is None else found)
    proper = [context for context in contexts if context.proper]
    return Figures(
        contexts=len(proper),
        places=crossings.by_kind(counted),
        shared_tables=_shared_tables(system, contexts),
        mutual=_mutual(counted),
        within=within_one(changes, {name: context.name for context in proper for name in context.modules}),
    )


def writes(system: System) -> Iterator[Access]:
    """The accesses by which a table counts as written: not what a delete takes along."""
    return (access for access in system.accesses if access.operation == "write" and access.via != CASCADE)


def _shared_tables(system: System, contexts: Iterable[BoundedContext]) -> tuple[str, ...]:
    context_of = {module: context.name for context in contexts for module in context.modules}
    writers: dict[str, set[str]] = defaultdict(set)
    for access in writes(system):
        if access.module in context_of:
            writers[access.table].add(context_of[access.module])
    shared = [name for name in all_tables(system) if len(writers[name]) > 1]
    return tuple(sorted(shared, key=lambda name: (-len(writers[name]), name)))


def _mutual(found: Iterable[Crossing]) -> tuple[tuple[str, str], ...]:
    directed = {(crossing.source, crossing.target) for crossing in found}
    return tuple(sorted((a, b) for a, b in directed if a < b and (b, a) in directed))


def within_one(changes: Changes, group: Mapping[str, str]) -> float | None:
    """Share of the commits to grouped modules that touch one group only; None without commits.

    Args:
        group: module -> its group; modules left out do not count.
    """
    sizes = Counter(len({group[name] for name in commit.modules if name in group}) for commit in changes.log)
    every = sum(count for size, count in sizes.items() if size)
    return sizes[1] / every if every else None
