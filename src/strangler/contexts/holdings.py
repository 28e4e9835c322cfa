"""What each part of a cut has, serves, touches and uses, once it is known who owns the tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from strangler.contexts.views import Landscape
from strangler.model import System, coverage
from strangler.model.contexts import ContextKind
from strangler.model.lookup import Homes

LEAN = 0.2
"""Uses of others by what is used, for each use of it, up to which it stands on nobody."""

KNOWN = 0.3
"""Share of the contexts and layers that must serve endpoints or tasks for the lack of a way in to say
something."""


@dataclass(slots=True)
class Part:
    """What a context has, serves, touches and uses."""

    modules: list[int] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)
    """Declared tables that it owns."""
    served: int = 0
    """Modules with handlers of endpoints and tasks."""
    doors: int = 0
    """Endpoints that it serves."""
    own: int = 0
    """Accesses to its own tables, those of a function to a table once for reads and once for writes."""
    foreign: Counter[int] = field(default_factory=Counter)
    """Another label -> accesses to its tables."""
    packages: Counter[str] = field(default_factory=Counter)
    """Package that declares them -> the same accesses."""
    writes: bool = False
    """Whether some of them write."""
    uses: int = 0
    """Pairs of modules in which it uses others, those of commands left out."""
    used: int = 0
    """Pairs of modules in which others use it."""
    users: set[int] = field(default_factory=set)
    """Labels of those."""
    refers: bool = False
    """Whether a foreign key leads from its tables to those of others."""
    referred: bool = False
    """Whether one of others leads to its tables."""

    @property
    def lean(self) -> bool:
        """Whether it hardly uses others, for how much it is used."""
        return self.uses <= LEAN * self.used

    @property
    def idle(self) -> bool:
        """Whether it touches hardly a table of others."""
        return self.foreign.total() <= LEAN * len(self.modules)

    @property
    def apart(self) -> bool:
        """Whether no foreign key ties it to others."""
        return not (self.refers or self.referred)


def find(
    system: System,
    land: Landscape,
    labels: Sequence[int],
    owners: Mapping[str, int],
    entered: Collection[int],
    commanded: Collection[int],
) -> dict[int, Part]:
    """Label -> what it has, of all labels.

    Args:
        labels: of the modules.
        owners: table -> label.
        entered: modules with handlers of endpoints or tasks.
        commanded: those with commands.
    """
    parts: dict[int, Part] = defaultdict(Part)
    home = Homes(system, land.index)
    declared = {table.name: home(table.model) for table in system.tables}
    for number, label in enumerate(labels):
        parts[label].modules.append(number)
        parts[label].served += number in entered
    for endpoint in system.endpoints:
        where = home(endpoint.handler)
        if where is not None:
            parts[labels[land.index[where]]].doors += 1
    for number, by in enumerate(land.importers):
        for user in by:
            if labels[user] != labels[number]:
                parts[labels[number]].used += 1
                parts[labels[number]].users.add(labels[user])
                parts[labels[user]].uses += user not in commanded
    for table in system.tables:
        owner = owners.get(table.name)
        if owner is None:
            continue
        parts[owner].tables.add(table.name)
        for key in table.foreign_keys:
            target = owners.get(key.table) if key.table in declared else None
            if target not in (None, owner):
                parts[owner].refers = parts[target].referred = True
    touched = {
        (land.index[access.module], access.function, access.table, access.operation == "write")
        for access in system.accesses
        if access.module in land.index and access.ties
    }
    for number, _, name, writes in sorted(touched, key=str):
        part = parts[labels[number]]
        owner = owners.get(name)
        if owner == labels[number]:
            part.own += 1
        elif owner is not None:
            part.foreign[owner] += 1
            part.writes |= writes
            where = declared.get(name)
            if where is not None:
                part.packages[land.package(land.index[where])] += 1
    return dict(parts)


def unread(system: System) -> list[str]:
    """The libraries that hold all data of a system of which no table is known; none where one is."""
    if system.tables or any(access.ties for access in system.accesses):
        return []
    return [library.name for library in coverage.unread(system) if "tables" in library.weakens]


def telling(land: Landscape, parts: Mapping[int, Part], other: Mapping[int, ContextKind]) -> bool:
    """Whether the lack of a table or of a way in says something of a part: tables are declared, and enough
    of the contexts and layers serve something."""
    doing = [part.served > 0 for label, part in parts.items() if other.get(label, "layer") == "layer"]
    return bool(land.declaring) and sum(doing) >= max(1, KNOWN * len(doing))
