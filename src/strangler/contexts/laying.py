"""The user's decisions, an earlier run and what is accepted, laid over a partition that was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from strangler.contexts import consensus, continuity, decisions, domains, engine, kinds, views
from strangler.contexts.graph import Partition
from strangler.contexts.values import ContextSettings
from strangler.model import Changes, System
from strangler.model.contexts import ContextKind

TRIES = 8
"""Rounds in which a number of contexts that is asked for is met."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A partition with what is known of each community."""

    labels: Partition
    concepts: Mapping[int, str]
    pinned: Mapping[int, str]
    kernel: int | None
    """The label of the shared kernel."""
    slots: Mapping[int, continuity.Slot] = field(default_factory=dict)
    """Label -> the context that was there before."""


def lay(
    land: views.Landscape,
    ties: engine.Ties,
    fresh: Cut,
    settings: ContextSettings,
    wanted: decisions.Decisions,
    changes: Changes,
    support: consensus.Support,
) -> tuple[continuity.Kept | None, Cut]:
    """What the accepted boundaries and an earlier run keep (see ``continuity.keep``), and the cut with it."""
    kept = continuity.keep(
        land, ties, fresh.labels, kinds_of(fresh), settings, wanted, changes.renamed, support.share
    )
    return kept, fresh if kept is None else remembered(fresh, kept)


def remembered(fresh: Cut, kept: continuity.Kept) -> Cut:
    """The cut with what was there before in it."""
    special = (label for label, slot in kept.slots.items() if slot.kind == "shared_kernel")
    return Cut(
        labels=kept.labels,
        concepts={kept.counterpart[old]: c for old, c in fresh.concepts.items() if old in kept.counterpart},
        pinned={label: slot.name for label, slot in kept.slots.items() if slot.name},
        kernel=next(special, None),
        slots=kept.slots,
    )


def decide(
    system: System,
    land: views.Landscape,
    ties: engine.Ties,
    first: Partition,
    held: Mapping[int, str],
    common: set[int],
    number: int | None,
    settings: ContextSettings,
    wanted: decisions.Decisions,
) -> Cut:
    """Lay the user's decisions over what was found and take the shared kernel (``common``) out.

    Where a ``number`` of contexts is wanted, those count that could be services: the kernel steps aside,
    and what turns out to be a platform, a composition root or operations is made up for by more parts.
    """
    labels, pinned = wanted.apply(first)
    if number is None:
        return _without(common, labels, held, pinned)
    best: tuple[int, Cut] | None = None
    parts = number
    for _ in range(TRIES):
        sized = decisions.resize(labels, ties, wanted, parts, frozenset(common), settings.seed)
        cut = _without(common, sized, held, pinned)
        missing = number - services(system, land, cut)
        if best is None or abs(missing) < best[0]:
            best = abs(missing), cut
        if not missing or parts + missing < 1:
            break
        parts += missing
    assert best is not None
    return best[1]


def _without(
    common: set[int], labels: Sequence[int], held: Mapping[int, str], pinned: Mapping[int, str]
) -> Cut:
    """The cut with the shared kernel taken out of the labels."""
    kernel_label = max(labels) + 1
    fresh: dict[int, int] = {}
    final = [
        fresh.setdefault(kernel_label if number in common else label, len(fresh))
        for number, label in enumerate(labels)
    ]
    return Cut(
        labels=final,
        concepts={fresh[label]: word for label, word in held.items() if label in fresh},
        pinned={fresh[label]: name for label, name in pinned.items() if label in fresh},
        kernel=fresh.get(kernel_label),
    )


def kinds_of(cut: Cut) -> dict[int, ContextKind]:
    """Labels that are no ordinary contexts by what uses them alone."""
    return {} if cut.kernel is None else {cut.kernel: "shared_kernel"}


def roles(system: System, land: views.Landscape, cut: Cut) -> dict[int, ContextKind]:
    """Label -> kind, of the communities that are no business context (see ``kinds.find``)."""
    aside, between = set(kinds_of(cut)), domains.between(cut.concepts)
    return kinds.find(system, land, cut.labels, aside, between, domains.common(cut.concepts))


def services(system: System, land: views.Landscape, cut: Cut) -> int:
    """Contexts of a cut that could be services."""
    found = roles(system, land, cut)
    return sum(kind_of(label, cut, found) == "context" for label in set(cut.labels))


def kind_of(label: int, cut: Cut, found: Mapping[int, ContextKind]) -> ContextKind:
    """The kind of one label, given its ``roles``; what is accepted keeps its own."""
    slot = cut.slots.get(label)
    if slot is not None and (slot.accepted or slot.kind != "context"):
        return slot.kind
    return kinds_of(cut).get(label) or found.get(label, "context")
