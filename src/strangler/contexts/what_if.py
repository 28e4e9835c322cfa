"""What every metric would say if a module or package were elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from strangler.contexts import crossings, metrics, ownership
from strangler.model import BoundedContext, Changes, Crossing, System
from strangler.model.base import Value
from strangler.model.contexts import CrossingKind


class MoveError(ValueError):
    """A move that cannot be made; the message says why and what is possible."""


class Change(Value, frozen=True, kw_only=True):
    """One metric before and after; None where it is not defined."""

    metric: str
    before: float | None
    after: float | None


class WhatIf(Value, frozen=True, kw_only=True):
    """The consequences of moves."""

    moves: tuple[tuple[str, str], ...]
    """(module, context it goes to)."""
    changes: tuple[Change, ...]
    """Every metric, and the places that make crossings of each kind (``crossings.import`` ...)."""
    tables: tuple[tuple[str, str, str], ...]
    """(table, owner before, owner after) where the owner changes."""
    appeared: tuple[Crossing, ...]
    """Crossings that are not there now."""
    vanished: tuple[Crossing, ...]


def what_if(
    system: System, changes: Changes, contexts: Sequence[BoundedContext], moves: Sequence[str]
) -> WhatIf:
    """Apply moves to a cut and compare.

    Args:
        contexts: the cut as it is.
        moves: each ``move:MODULE_OR_PACKAGE=CONTEXT``; a context that does not exist is made.

    Raises:
        MoveError: a move of another shape, or of something that is in no context.
    """
    before = {module: context.name for context in contexts for module in context.modules}
    after = dict(before)
    made: list[tuple[str, str]] = []
    for text in moves:
        selector, context = parse(text)
        chosen = [m for m in before if m == selector or m.startswith(selector + ".")]
        if not chosen:
            raise MoveError(f"{text!r}: no module or package {selector!r} in any context")
        for module in chosen:
            if after[module] != context:
                after[module] = context
                made.append((module, context))
    old_owners = {table: context.name for context in contexts for table in context.tables}
    new_owners = ownership.owners(system, after)
    found_before = crossings.find(system, before, old_owners)
    found_after = crossings.find(system, after, new_owners)
    rows = _figures(metrics.of_cut(system, changes, before, old_owners), found_before)
    others = _figures(metrics.of_cut(system, changes, after, new_owners), found_after)
    known = {crossing.id for crossing in found_before}, {crossing.id for crossing in found_after}
    return WhatIf(
        moves=tuple(sorted(made)),
        changes=tuple(
            Change(metric=name, before=rows.get(name), after=others.get(name))
            for name in sorted({*rows, *others})
        ),
        tables=tuple(
            (table, old_owners.get(table, ""), new_owners[table])
            for table in sorted(new_owners)
            if new_owners[table] != old_owners.get(table, "")
        ),
        appeared=tuple(c for c in crossings.counted(found_after) if c.id not in known[0]),
        vanished=tuple(c for c in crossings.counted(found_before) if c.id not in known[1]),
    )


def parse(text: str) -> tuple[str, str]:
    """``move:shop.tax=billing`` -> (``shop.tax``, ``billing``).

    Raises:
        MoveError: another shape.
    """
    head, colon, rest = text.partition(":")
    selector, equals, context = rest.partition("=")
    if head != "move" or not colon or not equals or not selector.strip() or not context.strip():
        raise MoveError(f"{text!r}: write move:MODULE_OR_PACKAGE=CONTEXT")
    return selector.strip(), context.strip()


def _figures(values: dict[str, float | None], found: Sequence[Crossing]) -> dict[str, float | None]:
    result = dict(values)
    counts = crossings.by_kind(found)
    return result | {f"crossings.{kind}": float(counts[kind]) for kind in get_args(CrossingKind)}
