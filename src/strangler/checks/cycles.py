"""Import cycles: the strongly connected components of the run-time imports."""

from __future__ import annotations

from collections.abc import Iterable

from strangler.model import Import


def import_cycles(imports: Iterable[Import]) -> tuple[tuple[str, ...], ...]:
    """Groups of two or more modules that import each other in a circle when they are loaded.

    Deferred, type-checking and dynamic imports cannot fail at load time and do not count.
    """
    import networkx

    graph = networkx.DiGraph()
    graph.add_edges_from((item.importer, item.imported) for item in imports if item.kind == "runtime")
    components = networkx.strongly_connected_components(graph)
    return tuple(sorted(tuple(sorted(component)) for component in components if len(component) > 1))
