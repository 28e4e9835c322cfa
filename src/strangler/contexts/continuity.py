"""The memory of a cut: accepted boundaries hold, an earlier run's contexts stay unless much is gained.

A fresh proposal decides much by a hair, so that a file with a comment could move half of a system. Here
the earlier cut is laid over today's modules instead: what it knows stays, what is new is placed where its
package, its uses and its history are, and a group of modules changes sides only if ``GAIN`` of its ties do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from strangler.contexts.accepted import MAJORITY, claims, moved_claims
from strangler.contexts.decisions import Decisions
from strangler.contexts.engine import Ties
from strangler.contexts.folding import CRUMB
from strangler.contexts.graph import Adjacency, Partition, adjacency, groups
from strangler.contexts.members import PHRASES
from strangler.contexts.values import ContextSettings
from strangler.contexts.views import Landscape
from strangler.model.contexts import ContextKind
from strangler.model.lookup import ancestors, parent
from strangler.text import plural

GAIN = 0.4
"""Share of its tie weight, above chance, that a group of modules must gain to leave its context."""
SAME = 0.8
"""Share of its modules, those it had and those it has, in which a context is still the same thing."""
SURE = 0.9
"""Share of the samples of the evidence that must agree to a move: what is decided by a hair stays."""
KNOWN = 0.5
"""Share of an earlier cut's modules that must still be there: otherwise it is of another code base."""
MOST = 0.02
"""Share of the modules, one at least, that may go over in a run: more is another cut, and that is offered."""
ROUNDS = 8
"""Most rounds of moves, and of placements that wait for clear evidence."""


@dataclass
class Slot:
    """A context that is there already, or a new one beside them (without name and id)."""

    id: str = ""
    name: str = ""
    kind: ContextKind = "context"
    accepted: bool = False
    was: ContextKind | None = None
    """Kind that it had in the earlier run, where it holds what it held then: it is the same thing still."""
    tables: tuple[str, ...] = ()
    """Those that it owned in the earlier run."""

    @property
    def open(self) -> bool:
        """Whether the evidence may move modules out of it and into it."""
        return self.kind == "context" and not self.accepted


@dataclass(frozen=True)
class Kept:
    """The cut with what was there before in it."""

    labels: Partition
    slots: Mapping[int, Slot]
    """Label -> the context that it is."""
    counterpart: Mapping[int, int]
    """Label of the fresh partition -> the label that holds most of it."""
    placed: Mapping[int, str]
    """New module -> why it is where it is."""
    removed: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    moved: Mapping[int, tuple[Slot, float]]
    """Module -> the context that it was in, and what it gained."""


def keep(
    land: Landscape,
    ties: Ties,
    fresh: Partition,
    kinds: Mapping[int, ContextKind],
    settings: ContextSettings,
    wanted: Decisions,
    renamed: Mapping[str, str],
    landed: Sequence[float],
) -> Kept | None:
    """The accepted boundaries and the earlier cut laid over a fresh partition; None where there is neither.

    Args:
        fresh: the partition that today's evidence alone gives, the user's other decisions in it.
        kinds: its labels that are no ordinary contexts.
        renamed: former name of a module -> its name today.
        landed: share of the samples in which a module is where the fresh partition has it.
    """
    work = _Work(land, ties, fresh, kinds, wanted, landed)
    work.claim(settings, renamed)
    work.remember(settings, renamed)
    if not work.slots:
        return None
    work.settle()
    if work.known is not None:
        work.move()
    return work.result()


@dataclass
class _Work:
    land: Landscape
    ties: Ties
    fresh: Partition
    kinds: Mapping[int, ContextKind]
    wanted: Decisions
    landed: Sequence[float]
    slots: list[Slot] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    """Module -> number of its slot, -1 while it is not placed."""
    earlier: dict[int, tuple[ContextKind, frozenset[str]]] = field(default_factory=dict)
    """Slot -> kind and modules of the earlier run, by their names of today."""
    fixed: set[int] = field(default_factory=set)
    """Modules that an accepted boundary claims."""
    known: set[int] | None = None
    """Modules of the earlier run; None without one."""
    why: dict[int, str] = field(default_factory=dict)
    """Module that was placed -> the reason."""
    removed: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    moved: dict[int, tuple[int, float]] = field(default_factory=dict)
    """Module -> (slot that it was in, what it gained)."""

    volume: dict[int, float] = field(default_factory=dict)
    """Slot -> sum of the ties of its modules, while groups move."""
    by_package: dict[int, str] = field(default_factory=dict)
    """Module that a boundary claims by a package -> the package."""

    def __post_init__(self) -> None:
        self.at = [-1] * self.land.size
        self.inside: dict[str, list[int]] = {}
        for number, module in enumerate(self.land.modules):
            for package in ancestors(module.name):
                self.inside.setdefault(package, []).append(number)
        self.degree = [sum([weight for _, weight in row]) for row in self.ties.blind]
        self.total = sum(self.degree) or 1.0

    def claim(self, settings: ContextSettings, renamed: Mapping[str, str]) -> None:
        """Give every module that an accepted boundary names to it."""
        boundaries = settings.accepted.boundaries
        number = {}
        for boundary in boundaries:
            number[boundary.id] = len(self.slots)
            self.slots.append(Slot(boundary.id, boundary.name, boundary.kind, accepted=True))
        index = self.land.index
        claimed = claims(boundaries, index)
        for module, boundary in claimed.items():
            self.at[index[module]] = number[boundary.id]
        for module, (former, boundary) in moved_claims(boundaries, claimed, renamed).items():
            if module in index:
                self.at[index[module]] = number[boundary.id]
                self.renamed[former] = module
        self.fixed = {n for n, slot in enumerate(self.at) if slot >= 0}
        for n in sorted(self.fixed & self.wanted.pinned.keys()):
            held, pinned = self.slots[self.at[n]], self.wanted.pinned[n]
            if pinned not in (held.name, held.id):
                self.wanted.contradicts(
                    f"{self.land.modules[n].name} is pinned to {pinned} and accepted in {held.name}: "
                    f"{settings.accepted.file} holds; delete the pin"
                )
        self.by_package = {
            index[m]: max((p for p in ancestors(m) if p in b.packages), key=len, default="")
            for m, b in claimed.items()
            if m not in b.modules
        }

    def remember(self, settings: ContextSettings, renamed: Mapping[str, str]) -> None:
        """Leave every module that the earlier run knows where it was."""
        index = self.land.index
        listed = {module for context in settings.previous for module in context.modules}
        now = {module: module if module in index else renamed.get(module, "") for module in listed}
        here = {module: name for module, name in now.items() if name in index}
        if not settings.stay or not listed or len(here) < KNOWN * len(listed):
            return
        self.known = {index[name] for name in here.values()}
        self.removed = sorted(listed - here.keys())
        self.renamed |= {old: new for old, new in here.items() if old != new}
        number = {slot.id: place for place, slot in enumerate(self.slots)}
        names = {slot.name for slot in self.slots}
        for context in sorted(settings.previous, key=lambda c: c.name):
            key = context.id or context.name
            if key not in number:
                number[key] = len(self.slots)
                name = "" if context.name in names else context.name
                kept = context.kind == "shared_kernel"  # all other kinds are told anew
                slot = Slot(key, name, context.kind if kept else "context", tables=context.tables)
                self.slots.append(slot)
                held = frozenset(here.get(module, module) for module in context.modules)
                self.earlier[number[key]] = context.kind, held
            for module in context.modules:
                name = here.get(module, "")
                stays = name == module or parent(name) == parent(module)  # else it was moved on purpose
                if name and stays and self.at[index[name]] < 0:
                    self.at[index[name]] = number[key]

    def settle(self) -> None:
        """Place what nothing speaks of: a new community of some size by itself, single modules one by one."""
        for label, group in enumerate(groups(self.fresh)):
            free = [n for n in group if self.at[n] < 0]
            kind = self.kinds.get(label, "context")
            same = next((i for i, s in enumerate(self.slots) if s.kind == kind), None)
            if kind != "context" and same is not None:
                self._put(free, same, f"is {kind.replace('_', ' ')} by what uses it")
            elif 2 * len(free) > len(group) and (
                len(free) > CRUMB or (self.known is None and len(free) == len(group))
            ):
                self.slots.append(Slot(kind=kind))
                for n in free:
                    self.at[n] = len(self.slots) - 1
                    if self.known is not None:
                        self.why[n] = f"is of a new context of {plural(len(free), 'module')}"
        waiting = [n for n, slot in enumerate(self.at) if slot < 0]
        rounds = 0
        while waiting:
            # Those whose package or ties are clear come first: they place others.
            rounds += 1
            found = {n: self._place(n, sure=True) for n in waiting} if rounds <= ROUNDS else {}
            if not any(found.values()):
                found = {n: self._place(n, sure=False) for n in waiting}
            if not any(found.values()):
                sizes = Counter(slot for slot in self.at if slot >= 0)
                largest = min(sizes, key=lambda slot: (-sizes[slot], slot), default=0)
                found = dict.fromkeys(waiting, (largest, "nothing ties it: it is with the largest context"))
            for n, place in found.items():
                if place is not None:
                    self._put([n], *place)
            waiting = [n for n in waiting if self.at[n] < 0]

    def _put(self, modules: Sequence[int], slot: int, reason: str) -> None:
        for n in modules:
            self.at[n] = slot
            self.why[n] = reason

    def _place(self, n: int, *, sure: bool) -> tuple[int, str] | None:
        """Where a module belongs, and why; None where that is not ``sure`` yet."""
        pinned = self.wanted.pinned.get(n)
        for number, slot in enumerate(self.slots):
            if pinned is not None and slot.name == pinned:
                return number, f"is pinned to {pinned}"
        package, votes = self._package(n)
        if votes:
            most = min(votes, key=lambda s: (-votes[s], s))
            if votes[most] >= MAJORITY * votes.total() or not sure:
                return most, f"{votes[most]} of {votes.total()} modules of {package} are there"
        held: dict[int, float] = {}
        for other, weight in self.ties.blind[n]:
            if self.at[other] >= 0 and self.slots[self.at[other]].kind == "context":
                held[self.at[other]] = held.get(self.at[other], 0.0) + weight
        if not held:
            return None
        tied = min(held, key=lambda s: (-held[s], s))
        share = held[tied] / self.degree[n]
        if sure and share < 0.5:
            return None
        return tied, f"{share:.0%} of its ties go there, most by {self._strongest(n, tied)}"

    def _package(self, n: int) -> tuple[str, Counter[int]]:
        """The nearest package with placed modules, and how many of them are in each slot."""
        for package in ancestors(parent(self.land.modules[n].name)):
            votes = Counter(self.at[other] for other in self.inside[package] if self.at[other] >= 0)
            if votes:
                return package, votes
        return "", Counter()

    def _strongest(self, n: int, slot: int) -> str:
        best, said = 0.0, "what they have in common"
        for kind, near in self.near.items():
            for other, weight in near[n]:
                if self.at[other] == slot and weight > best:
                    best, said = weight, f"{PHRASES[kind]} with {self.land.modules[other].name}"
        return said

    @cached_property
    def near(self) -> dict[str, Adjacency]:
        """The ties of each kind."""
        views = self.land.views.items()
        return {kind: adjacency(self.land.size, edges) for kind, edges in views if kind != "names"}

    def counterpart(self) -> dict[int, int]:
        """Fresh label -> slot, one to one, the largest overlaps first."""
        result: dict[int, int] = {}
        taken: set[int] = set()
        overlap = Counter(zip(self.fresh, self.at, strict=True))
        for (label, slot), _ in sorted(overlap.items(), key=lambda item: (-item[1], item[0])):
            if label not in result and slot not in taken:
                result[label] = slot
                taken.add(slot)
        return result

    def move(self) -> None:
        """Let groups go over on which the samples of today's evidence agree, if each gains ``GAIN`` by it.

        All of them or, where they are more than ``MOST`` of the modules, none: so the same run once more
        moves no others.
        """
        before, slots = list(self.at), len(self.slots)
        self._move(before)
        if sum(a != b for a, b in zip(self.at, before, strict=True)) > max(1, MOST * self.land.size):
            self.at, self.moved = before, {}
            del self.slots[slots:]

    def _move(self, before: Sequence[int]) -> None:
        for n, slot in enumerate(self.at):
            self.volume[slot] = self.volume.get(slot, 0.0) + self.degree[n]
        for _ in range(ROUNDS):
            pairs = self.counterpart()
            cells: dict[tuple[int, int], list[int]] = {}
            for n, label in enumerate(self.fresh):
                movable = n not in self.fixed and n not in self.why and n not in self.wanted.fixed
                if movable and self.slots[self.at[n]].open and label not in self.kinds:
                    cells.setdefault((self.at[n], label), []).append(n)
            ranked = []
            for (source, label), group in cells.items():
                target = pairs.get(label, -1)
                fits = self.slots[target].open if target >= 0 else len(group) > CRUMB
                fits = fits and sum([self.landed[n] for n in group]) >= SURE * len(group)
                if target != source and fits:
                    ranked.append((-self.gain(group, source, target), source, label, target))
            changed = False
            for _, source, label, target in sorted(ranked):
                group = cells[source, label]
                gain = self.gain(group, source, target)
                if gain > GAIN:
                    if target < 0:
                        self.slots.append(Slot())
                        target = len(self.slots) - 1
                    for n in group:
                        self.at[n] = target
                        self.moved[n] = (before[n], gain)
                        self.volume[source] -= self.degree[n]
                        self.volume[target] = self.volume.get(target, 0.0) + self.degree[n]
                    changed = True
            if not changed:
                return

    def gain(self, group: Sequence[int], source: int, target: int) -> float:
        """What a group gains by going over: the share of its ties there minus that here, each less chance."""
        moving = set(group)
        here = there = volume = 0.0
        for n in group:
            volume += self.degree[n]
            for other, weight in self.ties.blind[n]:
                if other not in moving:
                    here += weight * (self.at[other] == source)
                    there += weight * (self.at[other] == target)
        if not volume:
            return 0.0
        around = self.volume.get(source, 0.0) - volume
        beyond = self.volume.get(target, 0.0)
        return (there - here) / volume - (beyond - around) / self.total

    def result(self) -> Kept:
        """The cut, its labels numbered by appearance."""
        fresh: dict[int, int] = {}
        labels = [fresh.setdefault(slot, len(fresh)) for slot in self.at]
        for slot, (kind, then) in self.earlier.items():
            now = {self.land.modules[n].name for n, at in enumerate(self.at) if at == slot}
            if len(now & then) >= SAME * max(len(now), len(then)):
                self.slots[slot].was = kind
        reasons = dict(self.why)
        if self.known is not None:
            told = {n: f"the boundary claims {package}" for n, package in self.by_package.items() if package}
            reasons = {n: reason for n, reason in {**told, **reasons}.items() if n not in self.known}
        return Kept(
            labels=labels,
            slots={fresh[number]: slot for number, slot in enumerate(self.slots) if number in fresh},
            counterpart={label: fresh[slot] for label, slot in self.counterpart().items()},
            placed=dict(sorted(reasons.items())),
            removed=tuple(self.removed),
            renamed=tuple(sorted(self.renamed.items())),
            moved={
                n: (self.slots[was], gain)
                for n, (was, gain) in sorted(self.moved.items())
                if self.at[n] != was
            },
        )
