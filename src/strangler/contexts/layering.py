"""What is a layer of many domains and none of them: their faces, their helpers, the models of all."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from strangler.contexts import packages, words
from strangler.contexts.ownership import written_alone
from strangler.contexts.views import Landscape
from strangler.model import System
from strangler.model.lookup import Homes, library_tables

SPAN = 3
"""Packages that a face must use,"""
ONE = 0.6
"""and the share of what it uses up to which one of them may hold it, unless that holds the models of all."""
HALF = 0.5
"""Share of a context's modules that must lie below the directory named so; of all tables, over which a
context holds the models of all."""
FEW, SLIGHT = 0.02, 8
"""Share of all modules, and their number, up to which what writes nothing is no domain though there is a
way in."""
DOORS = 0.05
"""Share of the ways in that where the models of all lie may serve."""
_FACES = """
admin api blueprint cli controller cron crud daemon endpoint frontend graphql grpc gui handler presentation
resource rest route router rpc serializer soap template ui view web worker
"""
FACES = frozenset(_FACES.split())
"""Packages of these names, or with one of them at the end (``dc_view``), are a face of what lies behind."""


class Layering:
    """The communities of a cut as layers.

    Args:
        members: label -> modules.
        entered: modules with handlers of endpoints or tasks.
        commanded: those with commands.
    """

    def __init__(
        self,
        system: System,
        land: Landscape,
        members: Mapping[int, Sequence[int]],
        entered: Collection[int],
        commanded: Collection[int],
    ) -> None:
        self.land = land
        self.entered = frozenset(entered)
        label_of = {number: label for label, group in members.items() for number in group}
        place = [land.package(number) for number in range(land.size)]
        self.behind: dict[int, Counter[str]] = defaultdict(Counter)
        """Label -> packages of others that it uses, by pairs of modules."""
        self.outside: Counter[int] = Counter()
        """Label -> pairs of modules in which others use it."""
        for number, by in enumerate(land.importers):
            for user in by:
                if label_of[user] != label_of[number]:
                    self.behind[label_of[user]][place[number]] += 1
                    self.outside[label_of[number]] += 1
        home = Homes(system, land.index)
        heard = {land.index[name] for item in system.signals if (name := home(item.receiver)) is not None}
        declared = Counter(
            label_of[land.index[where]] for table in system.tables if (where := home(table.model)) is not None
        )
        labels = {land.modules[number].name: label for number, label in label_of.items()}
        brought = library_tables(system)
        alone = written_alone(system.accesses, labels)
        self.keeping = {label for table, label in alone.items() if table not in brought}
        """What has tables of its own by what it alone writes."""
        self.central = {label for label, count in declared.items() if count > HALF * declared.total()}
        """Where the models of all lie, if they do."""
        written = {number for group in land.written.values() for number in group}
        self.silent = frozenset(range(land.size)) - land.declaring.union(written)
        """Modules without a table and without a write."""
        self.passive = self.silent - self.entered.union(commanded, heard)
        """Of these, the modules without a way in."""

    def layer(self, label: int, group: Sequence[int]) -> bool:
        """Whether a community is a face of many domains, or helps them; without a table of its own."""
        if not self.land.declaring or not self.land.declaring.isdisjoint(group) or label in self.keeping:
            return False
        needs = self.behind[label].total()
        if self.outside[label] < needs and self._face(label, group):
            return True
        if not self.entered or not self.silent.issuperset(group):
            return False
        if self.passive.issuperset(group):
            return self.outside[label] > needs
        return len(group) <= min(SLIGHT, FEW * self.land.size)

    def _face(self, label: int, group: Sequence[int]) -> bool:
        behind = self.behind[label]
        spread = len(behind) >= SPAN and max(behind.values()) <= ONE * behind.total()
        return is_face(self.land, group) and (spread or bool(self.central))

    def models(self, label: int, group: Sequence[int]) -> bool:
        """Whether a community holds the models of all and hardly a way in."""
        doors = len(self.entered.intersection(group))
        return label in self.central and bool(self.entered) and doors <= DOORS * len(self.entered)


def is_face(land: Landscape, group: Sequence[int]) -> bool:
    """Whether most modules lie below one directory, or in several, named as a face."""
    most = packages.home([land.modules[number].path for number in group])
    named = sum(_named(land.modules[number].path.rpartition("/")[0]) for number in group)
    return _named(most) or named > HALF * len(group)


def _named(folder: str) -> bool:
    own = words.split(folder.rpartition("/")[2])
    return bool(own) and own[-1] in FACES
