"""Import cycles: the strongly connected components of the run-time imports."""

from __future__ import annotations

from collections.abc import Iterable

from strangler.contexts.directed import knots
from strangler.model import Import


def import_cycles(imports: Iterable[Import]) -> tuple[tuple[str, ...], ...]:
    """Groups of two or more modules that import each other in a circle when they are loaded.

    Deferred, type-checking and dynamic imports cannot fail at load time and do not count.
    """
    loaded = ((item.importer, item.imported) for item in imports if item.kind == "runtime")
    return tuple(map(tuple, knots(loaded)))
