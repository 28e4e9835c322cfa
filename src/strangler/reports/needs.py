"""What contexts need of each other, summed from the crossings and the history."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from strangler.contexts import crossings
from strangler.model import BoundedContext, Crossing
from strangler.model.lookup import TABLE

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
    certain: Mapping[str, int] = field(default_factory=dict)
    """The same, of the places that are certain."""

    @classmethod
    def of(cls, source: str, target: str, rows: Collection[Crossing]) -> Need:
        """What these crossings add up to."""
        return cls(source, target, crossings.by_kind(rows), crossings.by_kind(rows, certain=True))

    @property
    def groups(self) -> Counter[str]:
        """Group -> number of places."""
        return in_groups(self.kinds)

    @property
    def weight(self) -> int:
        """All places."""
        return sum(self.kinds.values())


def in_groups(kinds: Mapping[str, int]) -> Counter[str]:
    """Group -> number of places, from those of each kind of crossing."""
    found: Counter[str] = Counter()
    for kind, count in kinds.items():
        found[GROUPS[kind]] += count
    return found


def needs(every: Iterable[Crossing]) -> list[Need]:
    """One row for each ordered pair of contexts, sorted by their names."""
    found: dict[tuple[str, str], list[Crossing]] = defaultdict(list)
    for crossing in crossings.counted(every):
        found[crossing.source, crossing.target].append(crossing)
    return [Need.of(source, target, rows) for (source, target), rows in sorted(found.items())]


def of_other_cut(ties: Iterable[Crossing], contexts: Iterable[BoundedContext]) -> list[Need]:
    """The needs of another cut of the same monolith, a coarser or finer one.

    Args:
        ties: the crossings between single modules and tables, those of the cut among them
            (``crossings.of_atoms``); a place of the cut is told as they tell it.
        contexts: the cut.
    """
    home: dict[str, str] = {}
    for context in contexts:
        home |= dict.fromkeys(context.modules, context.name)
        home |= dict.fromkeys((f"{TABLE}{table}" for table in context.tables), context.name)
    found: dict[tuple[str, str], list[Crossing]] = defaultdict(list)
    for tie in crossings.counted(ties):
        source, target = home.get(tie.source), home.get(tie.target)
        if source is not None and target is not None and source != target:
            found[source, target].append(tie)
    return [Need.of(source, target, rows) for (source, target), rows in sorted(found.items())]
