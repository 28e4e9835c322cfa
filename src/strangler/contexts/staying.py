"""What stays of a monolith: a context that is too much of it, or that most others need, to be taken out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence

from strangler.contexts import packages
from strangler.model import BoundedContext, Crossing, System
from strangler.model.lookup import ancestors, production_modules

LARGEST_SHARE = 0.5
"""A context with more of the production modules or of the tables than this is the rest of the monolith, not
an extraction."""
CORE_SHARE = 1 / 3
"""The same for one that most others need: what they stand on stays behind."""
FLAT_SHARE = 1 / 4
"""The same of the tables, for one without a package of its own where most have one: models and helpers that
lie side by side."""
MOST = 2 / 3
"""Share of the other contexts, and of the layers, that must need it."""
OWN_PACKAGE = 0.4
"""Share of the modules of a context over which a package is its own."""


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
    whole = packages.whole(production)
    packaged = 2 * sum(_has_package(context, whole) for context in proper) > len(proper)
    found = set()
    for context in proper:
        own = len(production.intersection(context.modules))
        large = own > LARGEST_SHARE * len(production)
        large |= len(context.tables) > max(1, LARGEST_SHARE * owned)
        core = own > CORE_SHARE * len(production)
        flat = packaged and not _has_package(context, whole)
        core |= flat and len(context.tables) > FLAT_SHARE * owned
        if large or (core and len(needed[context.name]) >= MOST * others):
            found.add(context.name)
    declared = {table.name for table in system.tables}
    found |= {
        context.name
        for context in contexts
        if context.kind == "platform"
        and len(declared.intersection(context.tables)) > max(1, LARGEST_SHARE * len(declared))
    }
    return frozenset(found)


def _has_package(context: BoundedContext, whole: Collection[str]) -> bool:
    """Whether a package below that of the whole system holds so many of its modules that it is its own."""
    heads = Counter(_head(name, whole) for name in context.modules)
    return max(heads.values(), default=0) > OWN_PACKAGE * len(context.modules)


def _head(module: str, whole: Collection[str]) -> str:
    """The outermost package of a module, or itself, that is not one of the whole system."""
    apart = [above for above in ancestors(module) if above not in whole]
    return apart[-1] if apart else module
