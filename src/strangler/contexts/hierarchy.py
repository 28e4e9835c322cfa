"""Coarser and finer cuts around the recommended one, all nested."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from strangler.contexts import naming, ownership
from strangler.contexts.engine import Ties, merge_level, split_level
from strangler.contexts.graph import groups
from strangler.contexts.views import Landscape
from strangler.model import BoundedContext, System
from strangler.model.contexts import ContextKind
from strangler.model.document import Level
from strangler.model.lookup import Homes

COARSER = (2.0, 1.0, 0.5, 0.25)
"""Resolutions of the communities of contexts, from many domains to few."""
FINER = 2
"""How often contexts are divided further."""


@dataclass(frozen=True, slots=True)
class Cutting:
    """One level before it becomes values: community of each module, and their names."""

    label: Literal["coarser", "recommended", "finer"]
    resolution: float
    labels: Sequence[int]
    names: Sequence[str]


def cuttings(system: System, land: Landscape, ties: Ties, base: Cutting, kernel: int | None) -> list[Cutting]:
    """All levels, coarsest first, with ``base`` among them; one that changes nothing is left out.

    Coarser: communities of the contexts, each kept whole, at falling resolution. Finer: communities inside
    each context. The shared kernel stays what it is on every level.
    """
    upwards: list[Cutting] = []
    current: Sequence[int] = base.labels
    for value in COARSER:
        merged = _beside(base.labels, kernel, merge_level(land.size, current, ties.edges, value, 0))
        if 2 + (kernel is not None) <= len(set(merged)) < len(set(current)):
            upwards.append(_named(Cutting("coarser", value, merged, ()), base, system, land))
            current = merged
    downwards: list[Cutting] = []
    current = base.labels
    for step in range(FINER):
        parted = _beside(base.labels, kernel, split_level(current, ties, 0))
        if len(set(parted)) > len(set(current)):
            value = base.resolution * 4.0 ** (step + 1)
            downwards.append(_named(Cutting("finer", value, parted, ()), base, system, land))
            current = parted
    return [*reversed(upwards), base, *downwards]


def _beside(labels: Sequence[int], kernel: int | None, found: Sequence[int]) -> list[int]:
    """``found`` with the kernel's modules as one community of their own, numbered by appearance."""
    fresh: dict[int, int] = {}
    return [
        fresh.setdefault(-1 if label == kernel else other, len(fresh))
        for label, other in zip(labels, found, strict=True)
    ]


def _named(level: Cutting, base: Cutting, system: System, land: Landscape) -> Cutting:
    """A community that equals a context keeps its name; a coarser one is called after its largest context
    and how many others it holds, a finer one after its own words."""
    grouped = groups(level.labels)
    whole = Counter(base.labels)
    taken: dict[int, str] = {}
    for position, group in enumerate(grouped):
        held = Counter(base.labels[number] for number in group)
        largest = min(held, key=lambda label: (-held[label], label))
        if level.label == "coarser" or len(group) == whole[largest]:
            taken[position] = base.names[largest]
    listed = [[land.modules[number].name for number in group] for group in grouped]
    names = naming.name_all(system, listed, taken, reserved=frozenset(base.names))
    return Cutting(level.label, level.resolution, level.labels, names)


def parents(level: Cutting, above: Cutting | None) -> dict[str, str]:
    """Context of a level -> the community of the next coarser level that holds it."""
    if above is None:
        return {}
    return {level.names[a]: above.names[b] for a, b in zip(level.labels, above.labels, strict=True)}


def values(
    system: System,
    found: Sequence[Cutting],
    contexts: Sequence[BoundedContext],
    land: Landscape,
    kernel_name: str | None,
) -> tuple[Level, ...]:
    """The levels as values; the recommended one is ``contexts`` itself."""
    result: list[Level] = []
    for position, level in enumerate(found):
        if level.label == "recommended":
            held = tuple(contexts)
        else:
            above = parents(level, found[position - 1] if position else None)
            holding = result[-1].contexts if level.label == "finer" else contexts
            held = _contexts(system, level, above, contexts, holding, land, kernel_name)
        result.append(Level(label=level.label, resolution=level.resolution, contexts=held))
    return tuple(result)


def _contexts(
    system: System,
    level: Cutting,
    above: Mapping[str, str],
    contexts: Sequence[BoundedContext],
    holding: Sequence[BoundedContext],
    land: Landscape,
    kernel_name: str | None,
) -> tuple[BoundedContext, ...]:
    """Communities as contexts; a module carries the confidence that it has in the recommended cut.

    Args:
        holding: who has the tables so far: the recommended cut, or the level above a finer one.
    """
    sure = {member.module: member.confidence for context in contexts for member in context.members}
    place = {module.name: level.names[level.labels[n]] for n, module in enumerate(land.modules)}
    tables = _tables(system, place, holding)
    result = []
    for label, group in enumerate(groups(level.labels)):
        name = level.names[label]
        kind: ContextKind = "shared_kernel" if name == kernel_name else "context"
        modules = tuple(sorted(land.modules[number].name for number in group))
        result.append(
            BoundedContext(
                name=name,
                kind=kind,
                modules=modules,
                tables=tuple(sorted(tables.get(name, ()))),
                confidence=round(sum(sure[module] for module in modules) / len(modules), 4),
                parent=above.get(name),
            )
        )
    return tuple(sorted(result))


def _tables(
    system: System, place: Mapping[str, str], contexts: Sequence[BoundedContext]
) -> dict[str, list[str]]:
    """Community -> its tables: a table stays with its context, and of the parts of that goes to the one that
    would own it (``ownership``), else to the one that declares it, writes it most, or is the largest."""
    parts_of = {context.name: Counter(place[module] for module in context.modules) for context in contexts}
    divided = any(len(parts) > 1 for parts in parts_of.values())
    found = ownership.owners(system, place) if divided else {}
    home = Homes(system)
    declaring = {table.name: place.get(home(table.model) or "") for table in system.tables}
    writing: dict[str, Counter[str]] = defaultdict(Counter)
    for access in system.accesses:
        if access.operation == "write" and access.ties and access.module in place:
            writing[access.table][place[access.module]] += 1
    result: dict[str, list[str]] = defaultdict(list)
    for context in contexts:
        parts = parts_of[context.name]
        largest = min(parts, key=lambda name: (-parts[name], name))
        for table in context.tables:
            writers = sorted(writing[table].items(), key=lambda item: (-item[1], item[0]))
            likely = (found.get(table), declaring.get(table), *(name for name, _ in writers))
            own = next((name for name in likely if name is not None and name in parts), largest)
            result[own].append(table)
    return result
