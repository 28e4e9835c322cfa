"""What every metric would say if a module or package were elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from strangler.contexts import crossings, figures, metrics
from strangler.model import BoundedContext, Changes, Crossing, System
from strangler.model.base import Value
from strangler.model.contexts import CrossingKind
from strangler.model.lookup import ancestors
from strangler.spelling import told_nearest


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
    figures: tuple[Change, ...]
    """The figures that the report shows of a cut, in its order."""
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
        contexts: the cut as it is; a table that is declared in a module goes with it, the others stay.
        moves: each ``move:MODULE_OR_PACKAGE=CONTEXT``, or ``=+CONTEXT`` to make a new one.

    Raises:
        MoveError: a move of another shape, of something that is in no context, or to a context that there is
            not (with ``+``: that there is).
    """
    before = {module: context.name for context in contexts for module in context.modules}
    after = dict(before)
    made: list[tuple[str, str]] = []
    made_names: set[str] = set()
    for text in moves:
        selector, context, new = parse(text)
        chosen = [m for m in before if m == selector or m.startswith(selector + ".")]
        if not chosen:
            near = told_nearest(selector, sorted({p for m in before for p in ancestors(m)}))
            raise MoveError(f"{text!r}: no module or package {selector!r} in any context{near}")
        known_names = {*(c.name for c in contexts), *made_names}
        if not new and context not in known_names:
            raise MoveError(
                f"{text!r}: no context {context!r}{told_nearest(context, sorted(known_names))}; "
                f"to make a new one, write move:{selector}=+{context}"
            )
        if new and context in {c.name for c in contexts}:
            raise MoveError(f"{text!r}: there is a context {context!r} already; leave the + out")
        made_names.add(context)
        for module in chosen:
            if after[module] != context:
                after[module] = context
                made.append((module, context))
    at = {module.path: module.name for module in system.modules}
    old_owners = {table: context.name for context in contexts for table in context.tables}
    new_owners = old_owners | {
        table.name: after[module]
        for table in system.tables
        if (module := at.get(table.path, "")) in before and old_owners.get(table.name) == before[module]
    }
    found_before = crossings.find(system, before, old_owners)
    found_after = crossings.find(system, after, new_owners)
    rows = _figures(metrics.of_cut(system, changes, before, old_owners), found_before)
    others = _figures(metrics.of_cut(system, changes, after, new_owners), found_after)
    known = {crossing.id for crossing in found_before}, {crossing.id for crossing in found_after}
    return WhatIf(
        moves=tuple(sorted(made)),
        figures=_paired(
            figures.of_cut(system, changes, contexts, found_before).rows(),
            figures.of_cut(system, changes, _redrawn(contexts, after, new_owners), found_after).rows(),
        ),
        changes=_paired(rows, {name: others.get(name) for name in sorted({*rows, *others})}),
        tables=tuple(
            (table, old_owners.get(table, ""), new_owners[table])
            for table in sorted(new_owners)
            if new_owners[table] != old_owners.get(table, "")
        ),
        appeared=tuple(c for c in crossings.counted(found_after) if c.id not in known[0]),
        vanished=tuple(c for c in crossings.counted(found_before) if c.id not in known[1]),
    )


def _paired(before: Mapping[str, float | None], after: Mapping[str, float | None]) -> tuple[Change, ...]:
    return tuple(Change(metric=name, before=before.get(name), after=after[name]) for name in after)


def _redrawn(
    contexts: Sequence[BoundedContext], place: Mapping[str, str], owner: Mapping[str, str]
) -> list[BoundedContext]:
    """The contexts with what they hold after the moves; those that were emptied are gone."""
    known = {context.name: context for context in contexts}
    names = sorted({*place.values(), *owner.values()})
    return [
        BoundedContext(
            name=name,
            kind=known[name].kind if name in known else "context",
            modules=tuple(module for module, at in place.items() if at == name),
            tables=tuple(table for table, at in owner.items() if at == name),
            confidence=0.0,
        )
        for name in names
    ]


def parse(text: str) -> tuple[str, str, bool]:
    """``move:shop.tax=billing`` -> (``shop.tax``, ``billing``, whether the context is to be made).

    Raises:
        MoveError: another shape.
    """
    head, colon, rest = text.partition(":")
    selector, equals, context = rest.partition("=")
    if head != "move" or not colon or not equals or not selector.strip() or not context.strip():
        raise MoveError(f"{text!r}: write move:MODULE_OR_PACKAGE=CONTEXT, or =+CONTEXT for a new one")
    name = context.strip()
    return selector.strip(), name.removeprefix("+").strip(), name.startswith("+")


def _figures(values: dict[str, float | None], found: Sequence[Crossing]) -> dict[str, float | None]:
    result = dict(values)
    counts = crossings.by_kind(found)
    return result | {f"crossings.{kind}": float(counts[kind]) for kind in get_args(CrossingKind)}
