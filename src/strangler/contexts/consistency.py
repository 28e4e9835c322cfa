"""What must hold of every model's boundaries: an analysis that contradicts itself is not printed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping

from strangler.contexts.crossings import by_kind, counted, touching
from strangler.contexts.ranking import rank_contexts
from strangler.model import Crossing, Model, ModuleSplit

SHOWN = 5
"""Contradictions named in the error."""


class ContradictionError(RuntimeError):
    """Two parts of a result disagree: a fault of this program, never of the code that was read."""


def ensure(found: Iterator[str]) -> None:
    """Refuse a result that contradicts itself.

    Raises:
        ContradictionError: there are contradictions; the first of them are named.
    """
    told = list(found)
    if told:
        more = f"; and {len(told) - SHOWN} more" if told[SHOWN:] else ""
        raise ContradictionError("; ".join(told[:SHOWN]) + more)


def contradictions(model: Model) -> Iterator[str]:
    """Where the contexts and crossings of a model, and what is counted of them, disagree."""
    names = Counter(context.name for context in model.contexts)
    yield from (f"context {name!r} occurs {n} times" for name, n in names.items() if n > 1)
    for what, every in (
        ("module", Counter(module for context in model.contexts for module in context.modules)),
        ("table", Counter(table for context in model.contexts for table in context.tables)),
    ):
        yield from (f"{what} {name!r} is in {n} contexts" for name, n in every.items() if n > 1)
    ids = Counter(crossing.id for crossing in model.crossings)
    yield from (f"crossing {name!r} occurs {n} times" for name, n in ids.items() if n > 1)
    for crossing in model.crossings:
        yield from _of_crossing(crossing, names)
    yield from _of_ranking(model)
    yield from _of_parts(model)
    yield from _of_domains(model)


def _of_domains(model: Model) -> Iterator[str]:
    """What of a context with domains is told with none or with two of them, and what in them is another's."""
    for context in model.contexts:
        if not context.domains:
            continue
        parts = [*context.domains, *([context.in_none] if context.in_none is not None else ())]
        told = Counter(table for part in parts for table in part.tables)
        placed = Counter([*context.to_split, *(module for part in parts for module in part.modules)])
        for what, every, own in (("table", told, context.tables), ("module", placed, context.modules)):
            for name in sorted({*own, *every}):
                if every[name] > 1:
                    yield f"{what} {name!r} is in {every[name]} domains of {context.name!r}"
                elif not every[name]:
                    yield f"{what} {name!r} of {context.name!r} is told with none of its domains"
        for table in sorted(told.keys() - context.tables):
            yield f"table {table!r} is in a domain of {context.name!r}, which does not own it"


def _of_parts(model: Model) -> Iterator[str]:
    """The classes that lie in a part about something else than the table that they map is of."""
    owner = {table: context.name for context in model.contexts for table in context.tables}
    yield from _of_splits(model, model.splits, owner)
    for context in model.contexts:
        domain = dict.fromkeys(owner, "")
        domain |= {table: one.name for one in context.domains for table in one.tables}
        yield from _of_splits(model, context.splits, domain)


def _of_splits(model: Model, splits: Iterable[ModuleSplit], homes: Mapping[str, str]) -> Iterator[str]:
    mapped: dict[str, set[str]] = defaultdict(set)
    for table in model.tables:
        if table.model and table.name in homes:
            mapped[table.model].add(homes[table.name])
    for split in splits:
        for part in split.parts:
            for name in (f"{split.module}.{definition}" for definition in part.definitions):
                if name in mapped and part.context not in mapped[name]:
                    about = " or ".join(map(repr, sorted(mapped[name])))
                    yield f"{name} maps a table of {about} and lies in the part of {part.context!r}"


def _of_crossing(crossing: Crossing, names: Container[str]) -> Iterator[str]:
    told = f"crossing {crossing.id} ({crossing.kind} {crossing.subject!r})"
    for end in (crossing.source, crossing.target):
        if end not in names:
            yield f"{told} ends at {end!r}, which is no context"
    if crossing.source == crossing.target:
        yield f"{told} stays in {crossing.source!r}"
    listed = len(set(crossing.places))
    if listed != crossing.count:
        yield f"{told} counts {crossing.count} places and lists {listed}"


def _of_ranking(model: Model) -> Iterator[str]:
    crossings = counted(model.crossings)
    ends = 0
    for found in rank_contexts(model):
        over = touching(crossings, found.context)
        kinds = by_kind(over)
        ends += found.crossings
        if (len(over), kinds.total()) != (found.crossings, found.all_places):
            yield f"{found.context!r} is ranked by other crossings than it has"
        if found.transactions != kinds["transaction"]:
            yield f"{found.context!r} is ranked by other transactions than it has"
        if found.places + found.knots > found.all_places:
            yield f"{found.context!r} has more places to cut than places"
    if ends != 2 * len(crossings):
        yield f"{len(crossings)} crossings have {ends} ends"
