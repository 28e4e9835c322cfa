"""The formulas: figures that can be checked by hand."""

from __future__ import annotations

import networkx
import pytest
from helpers.systems import module, monolith, use
from hypothesis import given
from hypothesis import strategies as st

from strangler.contexts import graph, metrics, words
from strangler.contexts.consensus import adjusted_rand
from strangler.contexts.views import history
from strangler.model import Changes, Commit, Import


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


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("OrderLines_v2", ("order", "line", "v2")),
        ("HTTPServer", ("http", "server")),
        ("policies", ("policy",)),
        ("s3_to_redshift", ("s3", "to", "redshift")),
        ("addresses", ("address",)),
        ("status", ("status",)),
    ],
)
def test_names_are_split_into_singular_words(name: str, expected: tuple[str, ...]) -> None:
    assert words.split(name) == expected


def test_words_that_end_many_names_are_layers_and_those_that_lead_them_are_not() -> None:
    found = words.layer_words(
        [f"app.{d}.{d}_gizmo" for d in ("billing", "catalog", "delivery", "account")]
        + ["app.billing.billing_x"]
    )
    assert found["gizmo"] > 0.7
    assert "billing" not in found


def commit(n: int, *modules: str) -> Commit:
    return Commit(sha=f"{n:040x}", time=0, subject="", modules=modules)


def test_change_coupling_is_shared_out_over_a_commit_and_needs_two() -> None:
    index = {"a": 0, "b": 1, "c": 2}
    log = (commit(1, "a", "b"), commit(2, "a", "b"), commit(3, "a", "b", "c"))
    edges = history(Changes(log=log), index).edges()
    # 2 commits give 1 and one of three gives 1/2; both were active three times; 10 commits of doubt.
    assert edges == {(0, 1): pytest.approx(2.5 / (3 + 10))}


def system_of_two() -> tuple[object, dict[str, str]]:
    system = monolith(
        [module(n) for n in ("a", "b", "c", "d")],
        imports=(
            Import(importer="a", imported="b", line=1, kind="runtime"),
            Import(importer="c", imported="d", line=1, kind="runtime"),
            Import(importer="b", imported="c", line=1, kind="runtime"),
        ),
        calls=(use("a", "b"), use("c", "d"), use("c", "d"), use("b", "c")),
    )
    return system, {"a": "one", "b": "one", "c": "two", "d": "two"}


def test_metrics_follow_their_formulas() -> None:
    system, cut = system_of_two()
    assert metrics.structural_modularity(system, cut) == pytest.approx((1 / 4 + 1 / 4) / 2 - 2 / 2 * (1 / 8))  # type: ignore[arg-type]
    assert metrics.turbo_mq(system, cut) == pytest.approx(2 / 3)  # type: ignore[arg-type]
    assert metrics.inter_partition_calls(system, cut) == pytest.approx(1 / 4)  # type: ignore[arg-type]
    assert metrics.interface_number(system, cut) == pytest.approx(1 / 2)  # type: ignore[arg-type]
    assert metrics.non_extreme_distribution(cut) == 0.0


def test_co_change_inside_and_outside() -> None:
    cut = {"a": "one", "b": "one", "c": "two", "d": "two"}
    found = metrics.co_change(Changes(log=(commit(1, "a", "b"), commit(2, "b", "c"))), cut)
    assert found["internal_co_change"] == pytest.approx((2 / 4 + 0) / 2)
    assert found["external_co_change"] == pytest.approx((1 / 4 + 1 / 4) / 2)
    assert found["co_change_ratio"] == pytest.approx(1.0)


def test_adjusted_rand_is_one_for_equal_and_about_zero_for_one_cluster() -> None:
    assert adjusted_rand([0, 0, 1, 1], [5, 5, 7, 7]) == 1.0
    assert adjusted_rand([0, 0, 0, 0], [0, 0, 1, 1]) == 0.0
