"""Knots and orders of directed graphs, beside networkx."""

from __future__ import annotations

import networkx
from hypothesis import given
from hypothesis import strategies as st

from strangler.contexts import directed

EDGES = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")), max_size=20)


@given(EDGES)
def test_components_and_their_order_are_those_of_networkx(edges: list[tuple[str, str]]) -> None:
    graph = directed.successors("abcdefgh", edges)
    network = networkx.DiGraph(edges)
    network.add_nodes_from("abcdefgh")
    every = sorted(map(sorted, networkx.strongly_connected_components(network)))
    assert sorted(directed.components(graph)) == every
    assert directed.knots(graph) == [component for component in every if len(component) > 1]
    condensed = networkx.condensation(network, scc=every)
    order = networkx.lexicographical_topological_sort(condensed, key=lambda number: every[number][0])
    assert directed.in_order(graph) == [every[number] for number in order]


def test_a_long_circle_is_one_knot_without_deep_calls() -> None:
    edges = [(str(n), str((n + 1) % 5_000)) for n in range(5_000)]
    assert [len(knot) for knot in directed.knots(directed.successors((), edges))] == [5_000]
