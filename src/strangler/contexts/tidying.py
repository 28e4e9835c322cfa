"""A cut that was found, with what is in the wrong place moved: where all is put together and strays out,
pieces and faces to a domain."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence

from strangler.contexts import assembly, engine, laying, packages, placing, settled, strays, views
from strangler.contexts.graph import Partition
from strangler.contexts.laying import Cut
from strangler.model import System

COMMON = frozenset({"composition_root", "library", "platform", "shared_kernel"})
"""Kinds of what all use: without a table a tie to it says nothing of whose anything is."""


def tidy(
    system: System,
    land: views.Landscape,
    ties: engine.Ties,
    first: Partition,
    held: Mapping[int, str],
    aside: set[int],
    fixed: Collection[int],
    settle: Callable[[Cut], settled.Settled],
) -> tuple[Partition, dict[int, str]]:
    """The labels of the modules and the concepts of the labels, tidied; the same where the lack of a table or
    of a way in says nothing.

    Args:
        first: the labels as they were found.
        held: label -> the concept that names it.
        aside: modules of the shared kernel, which stay out of it.
        fixed: modules that stay where they are.
        settle: tells what the parts of a cut are.
    """
    cut = laying.without(aside, first, held, {})
    back = {label: first[n] for n, label in enumerate(cut.labels) if n not in aside}
    told = settle(cut)
    rooted = assembly.root(system, land) - aside
    labels, apart = assembly.set_apart(land, cut.labels, rooted, told.kinds, fixed)
    if labels != cut.labels:
        cut = _moved(land, cut, labels)
        if apart is not None:
            back[apart] = max(first) + 1
            cut = dataclasses.replace(cut, concepts={**cut.concepts, apart: packages.PACKAGE + assembly.NAME})
        told = settle(cut)
    parts = settled.parts_of(system, land, cut, told)
    if parts is None:
        return _as_found(first, aside, back, cut)
    proper = parts.keys() - told.kinds.keys()
    telling = {n for n, part in parts.items() if part.tables or told.kinds.get(n, "context") not in COMMON}
    labels = strays.place(land, engine.firm(land), cut.labels, proper, telling, fixed, aside)
    if labels != cut.labels:
        cut = _moved(land, cut, labels)
        told = settle(cut)
        parts = settled.parts_of(system, land, cut, told) or parts
        proper = parts.keys() - told.kinds.keys()
    found = placing.Placed(system, land, labels, parts, proper)
    labels = placing.place(found, ties.blind, settled.labelled(told), fixed)
    return _as_found(first, aside, back, dataclasses.replace(cut, labels=labels))


def _as_found(
    first: Partition, aside: set[int], back: Mapping[int, int], cut: Cut
) -> tuple[Partition, dict[int, str]]:
    """The labels and concepts of a cut in the numbers of the one that was found (``back``)."""
    above = max([*first, *back.values()]) + 1
    after = [first[n] if n in aside else back.get(label, above + label) for n, label in enumerate(cut.labels)]
    return after, {back[label]: concept for label, concept in cut.concepts.items()}


def _moved(land: views.Landscape, cut: Cut, labels: Sequence[int]) -> Cut:
    """The cut with other labels, and the concepts of those that still carry them."""
    named = {label: one for label, one in cut.concepts.items() if _carries(land, labels, label, one)}
    return dataclasses.replace(cut, labels=list(labels), concepts=named)


def _carries(land: views.Landscape, labels: Sequence[int], label: int, concept: str) -> bool:
    """Whether a community has not lost all modules of the package that names it."""
    if not concept.startswith(packages.PACKAGE):
        return True
    ending = f"/{concept[1:].replace('.', '/')}"
    there = {
        own
        for own, module in zip(labels, land.modules, strict=True)
        if any(f"/{folder}".endswith(ending) for folder in packages.folders(module.path))
    }
    return label in there or not there
