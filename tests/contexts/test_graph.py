"""Communities and walks on graphs, beside networkx."""

from __future__ import annotations

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.contexts import graph


def modularity(partition: list[int], edges: dict[tuple[int, int], float]) -> float:
    """Newman's modularity, as networkx computes it."""
    network = networkx.Graph()
    network.add_nodes_from(range(len(partition)))
    network.add_weighted_edges_from((a, b, weight) for (a, b), weight in edges.items())
    groups = [{n for n, label in enumerate(partition) if label == group} for group in set(partition)]
    found: float = networkx.community.modularity(network, groups)
    return found


def test_two_cliques_with_a_bridge_are_two_communities() -> None:
    edges = {(a, b): 1.0 for a in range(4) for b in range(a + 1, 4)}
    edges |= {(a + 4, b + 4): 1.0 for a in range(4) for b in range(a + 1, 4)}
    edges[3, 4] = 1.0
    found = graph.louvain(8, edges)
    assert found == [0, 0, 0, 0, 1, 1, 1, 1]
    assert modularity(found, edges) == pytest.approx(2 * (6 / 13 - 0.25))


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 9), st.integers(10, 19)), st.floats(0.1, 10), min_size=1, max_size=40
    )
)
def test_communities_are_never_worse_than_one(edges: dict[tuple[int, int], float]) -> None:
    found = graph.louvain(20, edges)
    assert modularity(found, edges) >= modularity([0] * 20, edges) - 1e-9
    assert found == graph.louvain(20, edges)


def test_pagerank_stays_where_it_starts() -> None:
    near = graph.adjacency(4, {(0, 1): 1.0, (2, 3): 1.0})
    rank = graph.pagerank(near, {0: 1.0})
    assert sum(rank) == pytest.approx(1.0)
    assert rank[2] == rank[3] == 0.0


edges_of_twenty = st.dictionaries(
    st.tuples(st.integers(0, 9), st.integers(10, 19)), st.floats(0.1, 10), min_size=1, max_size=40
)


@given(edges_of_twenty, st.sets(st.integers(0, 19), min_size=1), st.sampled_from([0.5, 0.85]))
def test_pagerank_is_where_a_walk_that_restarts_at_the_seeds_is_found(
    edges: dict[tuple[int, int], float], seeds: set[int], damping: float
) -> None:
    near = graph.adjacency(20, edges)
    rank = graph.pagerank(near, dict.fromkeys(seeds, 2.0), damping, rounds=200)
    strength = [sum(weight for _, weight in row) for row in near]
    lost = sum(value for value, total in zip(rank, strength, strict=True) if not total)
    for node in range(20):
        restart = (1 - damping + damping * lost) / len(seeds) if node in seeds else 0.0
        walked = sum(rank[other] * weight / strength[other] for other, weight in near[node])
        assert rank[node] == pytest.approx(restart + damping * walked, abs=1e-9)


def test_a_short_walk_has_not_gone_far() -> None:
    near = graph.adjacency(3, {(0, 1): 1.0, (1, 2): 3.0})
    assert graph.pagerank(near, {0: 1.0}, rounds=0) == [1.0, 0.0, 0.0]
    assert graph.pagerank(near, {0: 1.0}, rounds=1) == pytest.approx([0.15, 0.85, 0.0])
    assert graph.pagerank(near, {0: 1.0}, rounds=2) == pytest.approx(
        [0.15 + 0.85 * 0.85 / 4, 0.85 * 0.15, 0.85 * 0.85 * 3 / 4]
    )


def test_edges_have_no_direction_and_no_loops() -> None:
    edges: graph.Edges = {}
    for a, b in ((2, 1), (1, 2), (1, 1)):
        graph.add(edges, a, b, 1.5)
    assert edges == {(1, 2): 3.0}


def test_the_graph_between_communities_keeps_all_weight() -> None:
    between, inside = graph.aggregate([0, 0, 1, 1], {(0, 1): 1.0, (1, 2): 2.0, (0, 3): 4.0, (2, 3): 8.0})
    assert (between, inside) == ({(0, 1): 6.0}, [1.0, 8.0])
    assert graph.groups([1, 0, 1]) == [[1], [0, 2]]
    assert graph.relabel([7, 3, 7]) == [0, 1, 0]


@pytest.mark.parametrize(("resolution", "communities"), [(0.1, 1), (1.0, 2), (6.0, 8)])
def test_a_higher_resolution_makes_smaller_communities(resolution: float, communities: int) -> None:
    edges = {(a, b): 1.0 for a in range(4) for b in range(a + 1, 4)}
    edges |= {(a + 4, b + 4): 1.0 for a in range(4) for b in range(a + 1, 4)}
    assert len(set(graph.louvain(8, edges | {(3, 4): 1.0}, resolution))) == communities


def test_the_weight_inside_a_node_counts_as_its_own() -> None:
    edges = {(0, 1): 1.0, (1, 2): 1.0, (2, 3): 1.0}
    assert len(set(graph.louvain(4, edges))) == 2
    assert len(set(graph.louvain(4, edges, inside=[5.0] * 4))) == 4
    assert graph.louvain(3, {}) == [0, 1, 2]
