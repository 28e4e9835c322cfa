"""What is no context of its own but goes with one: pieces and faces of a domain, plug-ins beside others.

A *piece* is a few modules around one table that the tables of one context refer to, or that refers to them.
A *face* has next to no data of its own and serves that of one context. Both are placed with it. Of plug-ins
side by side without data those that were found apart join the others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from strangler.contexts import packages, words
from strangler.contexts.folding import CRUMB
from strangler.contexts.graph import Adjacency
from strangler.contexts.holdings import Part
from strangler.contexts.layering import is_face
from strangler.contexts.views import Landscape
from strangler.model import System
from strangler.model.lookup import Homes, last

FEW, SMALL = 9, 0.04
"""Modules of a piece at most, and share of all."""
KINDRED = 2
"""Tables of a piece at most, of which one only says more of the other (``term``, ``term_translation``)."""
HUB, LEAST = 1 / 3, 3
"""Share of the others, and their number, whose tables refer to one that all need: it says nothing of whom
anything is."""
BROAD = 3
"""Others to whose tables those of a context refer, from which on one more says nothing."""
OWN = 0.1
"""Share of all tables touched by a face that may be its own,"""
ONE = 0.75
"""and share of them that one other context has."""
DOORS = 1 / 3
"""Share of the endpoints of both that are in the face; it is one, too, if it is named so, or"""
DEEP = 7.0
"""if it touches the tables of the other so often, for each of its modules."""


class Placed:
    """A cut with the parts that it has, and what is asked of them.

    Args:
        labels: of the modules.
        parts: what each label has.
        proper: the labels of contexts.
    """

    def __init__(
        self,
        system: System,
        land: Landscape,
        labels: Sequence[int],
        parts: Mapping[int, Part],
        proper: Collection[int],
    ) -> None:
        self.system, self.land, self.labels = system, land, labels
        self.parts, self.proper = parts, proper
        home = Homes(system, land.index)
        self.models: dict[int, list[str]] = defaultdict(list)
        """Label -> the classes of the tables that its modules declare."""
        for table in system.tables:
            where = home(table.model)
            if where is not None and table.model:
                self.models[labels[land.index[where]]].append(last(table.model))

    def piece(self, label: int) -> bool:
        """Whether it is up to three modules, or a few around one table or without any; no plug-in, made to be
        taken out."""
        slight = len(self.parts[label].modules) <= CRUMB or self._slight(label)
        return self.few(label) and slight and not self.holders(label)

    def face_of(self, label: int) -> int | None:
        """The label whose data it serves, having next to none of its own."""
        part = self.parts[label]
        total = part.own + part.foreign.total()
        if not part.served or not part.foreign or part.own > OWN * total or not self._slight(label):
            return None
        other, count = min(part.foreign.items(), key=lambda item: (-item[1], item[0]))
        served = self.parts[other]
        if count < ONE * total or len(part.modules) > len(served.modules):
            return None
        doors = part.doors >= DOORS * (part.doors + served.doors)
        deep = count >= DEEP * len(part.modules)
        bare = not part.tables and self.few(label)
        return other if doors or deep or bare or is_face(self.land, part.modules) else None

    def holders(self, label: int) -> set[str]:
        """The directories of plug-ins in which all of it lies beside others."""
        above = (packages.folders(self.land.modules[n].path) for n in self.parts[label].modules)
        found = set.intersection(
            *({folder for folder in own if packages.holds_plugins(folder)} for own in above)
        )
        beside = (n for n, other in enumerate(self.labels) if found and other != label)
        return found & {folder for n in beside for folder in packages.folders(self.land.modules[n].path)}

    def few(self, label: int) -> bool:
        """Whether it is no larger than a piece is."""
        return len(self.parts[label].modules) <= min(FEW, SMALL * self.land.size)

    def _slight(self, label: int) -> bool:
        """Whether it declares one table at most, and what says more of it."""
        carried = [frozenset(words.split(model)) for model in self.models.get(label, ())]
        roots = sum(not any(other < own for other in carried) for own in carried)
        return len(carried) <= KINDRED and roots <= 1


def place(
    placed: Placed, near: Adjacency, owners: Mapping[str, int], fixed: Collection[int] = ()
) -> list[int]:
    """The labels with pieces, faces and stray plug-ins in the contexts that they go with.

    Args:
        near: the ties between modules.
        owners: table -> label.
        fixed: modules that stay where they are.
    """
    keys = _keys(placed, owners)
    tied = _between(placed, near)
    gone: dict[int, int] = {}
    for label in sorted(placed.proper, key=lambda label: (len(placed.parts[label].modules), label)):
        if not set(fixed).isdisjoint(placed.parts[label].modules):
            continue
        target = _beside(placed, label)
        if target is None:
            target = placed.face_of(label)
        if target is None and placed.piece(label):
            target = _domain(placed, tied, label, keys[label])
        while target in gone:
            target = gone[target]
        if target is not None and target != label and target in placed.proper:
            gone[label] = target
    return [_end(gone, label) for label in placed.labels]


def _end(gone: Mapping[int, int], label: int) -> int:
    while label in gone:
        label = gone[label]
    return label


def _keys(placed: Placed, owners: Mapping[str, int]) -> Mapping[int, Counter[int]]:
    """Label -> the others that its tables refer to, or whose tables refer to it; tables that all need and
    contexts that refer to many left out."""
    links = [
        (owners[table.name], owners[key.table], key.table)
        for table in placed.system.tables
        if table.name in owners
        for key in table.foreign_keys
        if key.table in owners and owners[table.name] != owners[key.table]
    ]
    referring: dict[str, set[int]] = defaultdict(set)
    for source, _, table in links:
        referring[table].add(source)
    most = max(LEAST, HUB * len(set(owners.values())))
    hubs = {table for table, by in referring.items() if len(by) >= most}
    reach: dict[int, set[int]] = defaultdict(set)
    for source, target, table in links:
        if table not in hubs:
            reach[source].add(target)
    found: dict[int, Counter[int]] = defaultdict(Counter)
    for source, target, table in links:
        if table not in hubs:
            found[source][target] += 1
            if len(reach[source]) < BROAD:
                found[target][source] += 1
    return found


def _between(placed: Placed, near: Adjacency) -> Mapping[int, Mapping[int, float]]:
    """Label -> weight of the ties of its modules to each label, its own too."""
    found: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for number, row in enumerate(near):
        for other, weight in row:
            found[placed.labels[number]][placed.labels[other]] += weight
    return found


def _domain(
    placed: Placed, between: Mapping[int, Mapping[int, float]], label: int, keys: Counter[int]
) -> int | None:
    """The one context that the tables of a piece and its code are tied to, and whose tables it uses most."""
    others = sorted(set(keys) & set(placed.proper))
    foreign = placed.parts[label].foreign
    if len(keys) != 1 or not others or foreign[others[0]] < max(foreign.values(), default=0):
        return None
    volume = {one: sum(row.values()) for one, row in between.items()}
    mine = between.get(label, {})
    tied = {other: weight for other, weight in mine.items() if other in placed.proper and other != label}
    total, own = sum(volume.values()) or 1.0, volume.get(label) or 1.0

    def gain(other: int) -> float:
        return tied[other] / own - volume.get(other, 0.0) / total

    first = {max(sorted(tied), key=measure) for measure in (tied.__getitem__, gain)} if tied else set()
    return others[0] if others[0] in first else None


def _beside(placed: Placed, label: int) -> int | None:
    """Of plug-ins without data that lie apart, the context of most of those beside them."""
    part = placed.parts[label]
    if part.tables or not placed.land.declaring.isdisjoint(part.modules):
        return None
    for folder in sorted(placed.holders(label)):
        inside = Counter(
            placed.labels[number]
            for number, module in enumerate(placed.land.modules)
            if folder in packages.folders(module.path)
        )
        other, count = min(inside.items(), key=lambda item: (-item[1], item[0]))
        if other != label and 2 * count > inside.total():
            return other
    return None
