"""Directed graphs over names: their knots, and an order in which users precede what they use."""

from __future__ import annotations

from collections.abc import Iterable

Edge = tuple[str, str]
"""(user, used)."""


def knots(edges: Iterable[Edge]) -> list[list[str]]:
    """The strongly connected components of two and more nodes, sorted."""
    import networkx as nx

    components = nx.strongly_connected_components(nx.DiGraph(list(edges)))
    return sorted(sorted(component) for component in components if len(component) > 1)


def in_order(nodes: Iterable[str], edges: Iterable[Edge]) -> list[list[str]]:
    """The strongly connected components, sorted, each before those that it leads to.

    Where several may come next, the one with the smallest name does.
    """
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from(edges)
    components = sorted(map(sorted, nx.strongly_connected_components(graph)))
    order = nx.lexicographical_topological_sort(
        nx.condensation(graph, scc=components), key=lambda number: components[number][0]
    )
    return [components[number] for number in order]
