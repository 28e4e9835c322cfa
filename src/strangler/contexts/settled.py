"""What a cut says of its parts: the kind of each, its name, and the tables that it owns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from strangler.contexts import (
    beside,
    decisions,
    domains,
    holdings,
    kinds,
    laying,
    naming,
    ownership,
    views,
)
from strangler.contexts.graph import groups
from strangler.contexts.laying import Cut
from strangler.contexts.values import ContextSettings
from strangler.model import System
from strangler.model.contexts import ContextKind
from strangler.model.lookup import library_tables

KERNEL_NAME = "shared-kernel"
KEEPING: frozenset[ContextKind] = frozenset({"context", "platform", "shared_kernel", "unassigned"})
"""Kinds that own their tables whoever else touches these."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The parts of a cut."""

    kinds: Mapping[int, ContextKind]
    """Label -> kind, of those that are no context."""
    names: Sequence[str]
    """Of the labels."""
    owners: dict[str, str]
    """Table -> name."""
    platforms: frozenset[str]
    """Names of those to which the tables of libraries belong."""

    @property
    def services(self) -> int:
        """Contexts that could be services."""
        return len(self.names) - len(self.kinds)


def settle(
    system: System,
    land: views.Landscape,
    wanted: decisions.Decisions,
    settings: ContextSettings,
    cut: Cut,
    placed: bool = True,
) -> Settled:
    """Tell what is no context by the code, name all and give them the tables.

    What turns out to be no context by these tables (``kinds.judge``) leaves to the others what they touch.

    Args:
        placed: whether what needs no context of its own (``placing``) has been placed already.
    """
    common = domains.common(cut.concepts)
    aside = set(laying.kinds_of(cut))
    found = kinds.find(system, land, cut.labels, aside, domains.between(cut.concepts), common)
    first = _settled(system, land, cut, settings, wanted, found, common)
    more = kinds.judge(system, land, cut.labels, first.kinds, labelled(first), placed)
    if not more:
        return first
    return _settled(system, land, cut, settings, wanted, found | more, common | more.keys())


def labelled(told: Settled) -> dict[str, int]:
    """Table -> label."""
    label_of = {name: label for label, name in enumerate(told.names)}
    return {table: label_of[name] for table, name in told.owners.items()}


def parts_of(
    system: System, land: views.Landscape, cut: Cut, told: Settled
) -> dict[int, holdings.Part] | None:
    """Label -> what it has; None where the lack of a table or of a way in says nothing."""
    parts = holdings.find(system, land, cut.labels, labelled(told), *beside.entries(system, land))
    return parts if holdings.telling(land, parts, told.kinds) else None


def _settled(
    system: System,
    land: views.Landscape,
    cut: Cut,
    settings: ContextSettings,
    wanted: decisions.Decisions,
    found: Mapping[int, ContextKind],
    without: Collection[int],
) -> Settled:
    """Kinds, names and tables; tables of libraries belong to none of ``without``."""
    kind = {label: _kind(label, cut, found, land) for label in sorted(set(cut.labels))}
    nameless = {label for label, one in found.items() if one != "unassigned"}
    names = name_cut(system, land, cut, settings, nameless)
    context_of = {module.name: names[cut.labels[n]] for n, module in enumerate(land.modules)}
    apart = {label for label, one in kind.items() if one not in KEEPING}
    # What was accepted, or is a platform still, gets no table that was nobody's.
    of_libraries = library_tables(system)
    decided = {
        label
        for label, slot in cut.slots.items()
        if slot.accepted or (slot.was == "platform" and of_libraries.isdisjoint(slot.tables))
    }
    platform = {label for label, one in kind.items() if one == "platform"}.difference(without, decided)
    platforms = frozenset(names[label] for label in platform)
    owned = ownership.owners(
        system,
        context_of,
        table_owners(names, cut, settings, wanted),
        frozenset(names[label] for label in apart),
        platforms,
    )
    told = Settled({label: one for label, one in kind.items() if one != "context"}, names, owned, platforms)
    return renamed(told, name_cut(system, land, cut, settings, nameless, labelled(told)))


def renamed(told: Settled, names: Sequence[str]) -> Settled:
    """The same parts by other names."""
    after = dict(zip(told.names, names, strict=True))
    return Settled(
        told.kinds,
        names,
        {table: after[owner] for table, owner in told.owners.items()},
        frozenset(after[name] for name in told.platforms),
    )


def with_rest_named(
    system: System, land: views.Landscape, cut: Cut, told: Settled, rest: Collection[str]
) -> Settled:
    """The parts with those that are what stays (``rest``) named after their package or the application."""
    names = list(told.names)
    for label, name in enumerate(told.names):
        if name in rest and label not in cut.pinned and label not in told.kinds:
            group = [land.modules[n].name for n, own in enumerate(cut.labels) if own == label]
            taken = {other for place, other in enumerate(names) if place != label}
            names[label] = naming.of_rest(system, group, taken) or name
    return renamed(told, names)


def _kind(label: int, cut: Cut, found: Mapping[int, ContextKind], land: views.Landscape) -> ContextKind:
    """The kind of one label, given those found; what is accepted keeps its own, and what holds what it held
    in the earlier run the one that it had then, unless it has come to declare tables."""
    slot = cut.slots.get(label)
    if slot is not None and (slot.accepted or slot.kind != "context"):
        return slot.kind
    if slot is not None and slot.was is not None:
        declares = any(n in land.declaring for n, own in enumerate(cut.labels) if own == label)
        if slot.tables or not declares or slot.was == "context":
            return slot.was
    return laying.kinds_of(cut).get(label) or found.get(label, "context")


def name_cut(
    system: System,
    land: views.Landscape,
    cut: Cut,
    settings: ContextSettings,
    roles: Collection[int] = (),
    owners: Mapping[str, int] | None = None,
) -> list[str]:
    """A name for each label; pins first, then the shared kernel, earlier runs and concepts.

    What is no context (``roles``) is not named after its tables, and none after tables that others own, or
    nobody (``owners``: table -> label, None where that is not known yet).
    """
    taken = dict(cut.pinned)
    if cut.kernel is not None and cut.kernel not in taken:
        taken[cut.kernel] = KERNEL_NAME if KERNEL_NAME not in taken.values() else f"{KERNEL_NAME}-2"
    grouped = [[land.modules[n].name for n in group] for group in groups(cut.labels)]
    reserved = frozenset(boundary.name for boundary in settings.accepted.boundaries)
    previous = () if settings.stay and cut.slots else settings.previous
    owned: dict[int, set[str]] | None = None
    if owners is not None:
        owned = {}
        for table, label in owners.items():
            owned.setdefault(label, set()).add(table)
    return naming.name_all(system, grouped, taken, previous, cut.concepts, reserved, roles, owned)


def table_owners(
    names: Sequence[str], cut: Cut, settings: ContextSettings, wanted: decisions.Decisions
) -> dict[str, str]:
    """table -> context, as it was decided: in the accepted boundaries, else by a pin."""
    name_of = {slot.id: names[label] for label, slot in cut.slots.items()}
    result = {table: name for table, name in wanted.table_owner.items() if name in names}
    for boundary in settings.accepted.boundaries:
        if boundary.id in name_of:
            result |= {table: name_of[boundary.id] for table in boundary.tables if table in wanted.tables}
    return result
