"""What stays of a monolith: a context that is too much of it, or that most others need, to be taken out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from strangler.model import BoundedContext, Crossing, System
from strangler.model.lookup import production_modules

LARGEST_SHARE = 0.5
"""A context with more of the production modules or of the tables than this is the rest of the monolith, not
an extraction."""
CORE_SHARE = 1 / 3
"""The same for one that most others need: what they stand on stays behind."""
MOST = 2 / 3
"""Share of the other contexts, and of the layers, that must need it."""


def find(system: System, contexts: Sequence[BoundedContext], crossings: Iterable[Crossing]) -> frozenset[str]:
    """Names of the contexts that are what stays: a platform with most of the declared tables, too, where the
    models of all lie."""
    proper = [context for context in contexts if context.proper]
    names = {context.name for context in contexts if context.proper or context.kind == "layer"}
    production = production_modules(system)
    owned = sum(len(context.tables) for context in contexts)
    needed: dict[str, set[str]] = defaultdict(set)
    for crossing in crossings:
        if crossing.source in names:
            needed[crossing.target].add(crossing.source)
    others = max(2, len(names) - 1)
    found = set()
    for context in proper:
        own = len(production.intersection(context.modules))
        large = own > LARGEST_SHARE * len(production)
        large |= len(context.tables) > max(1, LARGEST_SHARE * owned)
        core = own > CORE_SHARE * len(production) and len(needed[context.name]) >= MOST * others
        if large or core:
            found.add(context.name)
    declared = {table.name for table in system.tables}
    found |= {
        context.name
        for context in contexts
        if context.kind == "platform"
        and len(declared.intersection(context.tables)) > max(1, LARGEST_SHARE * len(declared))
    }
    return frozenset(found)
