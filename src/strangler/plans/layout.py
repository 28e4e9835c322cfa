"""What PLAN.md and the page both show: the short version, crossings by partner, places by file."""

from __future__ import annotations

import re
import shlex
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from strangler.model import Evidence
from strangler.plans.values import (
    LOCAL,
    REMEDIES,
    Cut,
    Edit,
    ExtractionPlan,
    Figures,
    MappedApart,
    Moves,
    Sureness,
    outside,
)
from strangler.text import listed, plural

WEIGHT = (
    "transaction",
    "write",
    "foreign_key",
    "read",
    "task",
    "signal",
    "call",
    "inheritance",
    "template",
    "import",
)
"""Kinds of crossings, the hardest first."""
GRADES: dict[Sureness, str] = {
    "certain": "Certain: a tie in the code, or the full name",
    "likely": "Likely: names that belong to the context",
    "possible": "Possible: its word, or reached by general code; read them",
}

APART = {
    True: "Models whose tables stay: move them to the owner first, or accept the tables for this context",
    False: "Models elsewhere whose tables move: bring them along first",
}
"""What to do with a model on the other side of its table, by whether the table stays."""


@dataclass(frozen=True)
class Partner:
    """All crossings with one other context."""

    name: str
    needs: tuple[Cut, ...]
    """What the context needs from it."""
    gives: tuple[Cut, ...]
    """What it needs from the context."""
    falls: tuple[Cut, ...]
    """Lines that fall by themselves when the rest is done."""

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """All of them."""
        return self.needs + self.gives + self.falls

    @property
    def places(self) -> int:
        """Lines in the code."""
        return sum(len(cut.places) for cut in self.cuts)

    @property
    def remote(self) -> int:
        """Crossings that go over a wire afterwards."""
        return sum(cut.remedy not in LOCAL for cut in self.cuts)

    @property
    def remedies(self) -> str:
        """``API call 3, event 1``."""
        counts = Counter(cut.remedy for cut in self.cuts)
        return ", ".join(f"{title} {counts[name]}" for name, title in REMEDIES.items() if counts[name])


def settings(plan: ExtractionPlan) -> Iterator[str]:
    """What the commands use, as lines of a shell: those that the plan's commands name, with their values."""
    said = "\n".join(line for stage in plan.stages for line in stage.commands)
    for name, value in plan.variables.items():
        if re.search(rf"\${name}\b", said):
            yield f"export {name}={shlex.quote(value)}"
    if "${SUITE[@]}" in said:
        yield "# how the recorded tests ask and reset: --as 'NAME=Header: value' --reset 'COMMAND or URL'"
        yield "SUITE=()"


def partners(plan: ExtractionPlan) -> list[Partner]:
    """The other contexts, those with the most remote crossings first."""
    by_other: dict[str, list[Cut]] = defaultdict(list)
    for cut in sorted(plan.cuts, key=lambda cut: (WEIGHT.index(_weight(cut)), cut.subject)):
        by_other[cut.other].append(cut)
    found = [
        Partner(
            name=name,
            needs=tuple(c for c in cuts if c.direction == "out" and c.remedy != "remove_line"),
            gives=tuple(c for c in cuts if c.direction == "in" and c.remedy != "remove_line"),
            falls=tuple(c for c in cuts if c.remedy == "remove_line"),
        )
        for name, cuts in by_other.items()
    ]
    return sorted(found, key=lambda partner: (-partner.remote, -partner.places, partner.name))


def _weight(cut: Cut) -> str:
    return cut.kind if cut.kind in WEIGHT else "import"


def spots(places: Iterable[Evidence], most: int | None = None) -> list[str]:
    """Places by file: ``shop/orders/api.py:23, 46, 50``.

    Args:
        places: the lines.
        most: lines shown; the last entry then says how many more there are.
    """
    lines = list(dict.fromkeys((place.file, place.line) for place in places))
    shown: dict[str, list[int]] = defaultdict(list)
    for file, line in lines[:most]:
        shown[file].append(line)
    found = [f"{file}:{', '.join(map(str, numbers))}" for file, numbers in shown.items()]
    if most is not None and len(lines) > most:
        found.append(f"and {len(lines) - most} more")
    return found


def moved(moves: Moves) -> list[str]:
    """How much leaves: files, tables, endpoints, tasks, signal receivers."""
    return [
        plural(len(moves.files), "file") + f" ({plural(moves.lines, 'line')})",
        plural(len(moves.tables), "table"),
        plural(len(moves.endpoints), "endpoint"),
        plural(len(moves.tasks), "task"),
        plural(len(moves.signals), "receiver"),
    ]


def short(plan: ExtractionPlan) -> Iterator[str]:
    """The plan in a few sentences, figures first."""
    counts = moved(plan.moves)
    yield f"{', '.join(counts[:-1])} and {counts[-1]} leave."
    found = partners(plan)
    remote = sum(partner.remote for partner in found)
    if not found:
        yield "No crossing was found: it leaves as it is."
    else:
        closest = listed((f"{p.name} ({p.remote})" for p in found if p.remote), 3)
        go = "goes" if remote == 1 else "go"
        over = (
            f"{plural(remote, 'crossing')} {go} over a wire afterwards: {closest}"
            if remote
            else "none is remote"
        )
        yield f"{crossings(plan.figures)}; {over}."
    if plan.figures.transactions or plan.figures.foreign_keys or plan.figures.partly_known:
        parts = [transactions(plan.figures)] if plan.figures.transactions else []
        if plan.figures.foreign_keys or plan.figures.partly_known:
            parts.append(keys_to_break(plan.figures))
        yield f"The hard part is the data: {' and '.join(parts)}."
    certain, others = outside(plan.edits)
    text = f"{plural(certain, 'file')} outside must be edited"
    yield text + (f", {plural(others, 'more needs', 'more need')} a look." if others else ".")
    blockers = sum(len(part.blockers) for part in plan.parts)
    if blockers:
        yield f"{plural(blockers, 'blocker')} cannot cross a wire as the code stands: change these first."


def crossings(figures: Figures) -> str:
    """``28 crossings in 69 places: 50 to cut, 9 data ties, 10 of shared code``."""
    parts = [f"{figures.to_cut:,} to cut"]
    parts += [plural(figures.data_ties, "data tie")] if figures.data_ties else []
    parts += [f"{figures.shared:,} of shared code"] if figures.shared else []
    places = plural(figures.places, "place")
    return f"{plural(figures.crossings, 'crossing')} in {places}: {', '.join(parts)}"


def transactions(figures: Figures) -> str:
    """``4 transactions over the boundary (2 become sagas)``."""
    become = "becomes a saga" if figures.sagas == 1 else "become sagas"
    told = f" ({figures.sagas:,} {become})" if figures.sagas else ""
    return f"{plural(figures.transactions, 'transaction')} over the boundary{told}"


def keys_to_break(figures: Figures) -> str:
    """``2 foreign keys to break``, and of how many tables more may be there."""
    partly = plural(figures.partly_known, "table")
    told = f" that are known; those of {partly} are known in part" if figures.partly_known else ""
    return f"{plural(figures.foreign_keys, 'foreign key')} to break{told}"


def graded(edits: Sequence[Edit]) -> list[tuple[str, list[Edit]]]:
    """Edits by how sure they are, with the heading of each group; empty groups are left out."""
    groups = [(title, [edit for edit in edits if edit.sureness == grade]) for grade, title in GRADES.items()]
    return [(title, found) for title, found in groups if found]


def apart(plan: ExtractionPlan) -> list[tuple[str, list[MappedApart]]]:
    """Models on the other side of their tables, under what to do with them."""
    grouped: dict[bool, list[MappedApart]] = {
        stays: [item for item in plan.moves.mapped_apart if (item.owner != plan.context) is stays]
        for stays in APART
    }
    return [(APART[stays], items) for stays, items in grouped.items() if items]
