"""The user's decisions, an earlier run and what is accepted, laid over a partition that was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from strangler.contexts import consensus, continuity, decisions, engine, views
from strangler.contexts.graph import Partition
from strangler.contexts.values import ContextSettings
from strangler.model import Changes
from strangler.model.contexts import ContextKind

TRIES = 8
"""Rounds in which a number of contexts that is asked for is met."""


class Counted(Protocol):
    """What is known of the parts of a cut."""

    @property
    def services(self) -> int:
        """Those that could be services."""


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
    ties: engine.Ties,
    first: Partition,
    held: Mapping[int, str],
    common: set[int],
    number: int | None,
    settings: ContextSettings,
    wanted: decisions.Decisions,
    settle: Callable[[Cut], Counted],
) -> Cut:
    """Lay the user's decisions over what was found and take the shared kernel (``common``) out.

    Where a ``number`` of contexts is wanted, those count that could be services: the kernel steps aside,
    and what turns out to be a platform, a composition root or operations is made up for by more parts.

    Args:
        settle: tells what the parts of a cut are.
    """
    labels, pinned = wanted.apply(first)
    if number is None:
        return without(common, labels, held, pinned)
    best: tuple[int, Cut] | None = None
    parts = number
    for _ in range(TRIES):
        sized = decisions.resize(labels, ties, wanted, parts, frozenset(common), settings.seed)
        cut = without(common, sized, held, pinned)
        missing = number - settle(cut).services
        if best is None or abs(missing) < best[0]:
            best = abs(missing), cut
        if not missing or parts + missing < 1:
            break
        parts += missing
    assert best is not None
    return best[1]


def without(
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
