"""Metrics of a cut: figures that can be checked by hand."""

from __future__ import annotations

from math import log

import pytest
from helpers.systems import access, module, monolith, use

from strangler.contexts import metrics
from strangler.model import Changes, Commit, Endpoint, Import, System


def commit(n: int, *modules: str) -> Commit:
    return Commit(sha=f"{n:040x}", time=0, subject="", modules=modules)


def system_of_two() -> tuple[System, dict[str, str]]:
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
    assert metrics.structural_modularity(system, cut) == pytest.approx((1 / 4 + 1 / 4) / 2 - 2 / 2 * (1 / 8))
    assert metrics.turbo_mq(system, cut) == pytest.approx(2 / 3)
    assert metrics.inter_partition_calls(system, cut) == pytest.approx(1 / 4)
    assert metrics.interface_number(system, cut) == pytest.approx(1 / 2)
    assert metrics.non_extreme_distribution(cut) == 0.0


def test_co_change_inside_and_outside() -> None:
    cut = {"a": "one", "b": "one", "c": "two", "d": "two"}
    found = metrics.co_change(Changes(log=(commit(1, "a", "b"), commit(2, "b", "c"))), cut)
    assert found["internal_co_change"] == pytest.approx((2 / 4 + 0) / 2)
    assert found["external_co_change"] == pytest.approx((1 / 4 + 1 / 4) / 2)
    assert found["co_change_ratio"] == pytest.approx(1.0)


def test_a_single_context_has_cohesion_alone() -> None:
    system, cut = system_of_two()
    assert metrics.structural_modularity(system, dict.fromkeys(cut, "one")) == pytest.approx(3 / 16)
    assert metrics.structural_modularity(system, {}) is None
    assert metrics.turbo_mq(system, {}) is None


def test_ties_between_unequal_contexts_are_shared_out() -> None:
    system, _ = system_of_two()
    cut = {"a": "one", "b": "two", "c": "two", "d": "two"}
    cohesion = (0 + 2 / 9) / 2
    assert metrics.structural_modularity(system, cut) == pytest.approx(cohesion - 2 / 2 * (1 / (2 * 1 * 3)))
    assert metrics.turbo_mq(system, cut) == pytest.approx((0 + 4 / 5) / 2)
    three = {"a": "one", "b": "two", "c": "three", "d": "three"}
    assert metrics.structural_modularity(system, three) == pytest.approx(1 / 4 / 3 - 2 / 6 * (1 / 2 + 1 / 4))


def test_what_is_in_no_context_and_what_uses_itself_do_not_count() -> None:
    system = monolith(
        [module(n) for n in "abx"],
        calls=(
            use("a", "a"),
            use("a", "x"),
            use("x", "a"),
            use("b", "a", target="Thing.go"),
            use("b", "a", target="Thing.run"),
        ),
    )
    cut = {"a": "one", "b": "two"}
    assert metrics.inter_partition_calls(system, cut) == 1.0
    assert metrics.interface_number(system, cut) == 1 / 2  # one class, however many of its methods
    assert metrics.inter_partition_calls(monolith([]), cut) is None
    assert metrics.interface_number(monolith([]), cut) is None


@pytest.mark.parametrize(("size", "share"), [(4, 0.0), (5, 5 / 6), (20, 20 / 21), (21, 0.0)])
def test_contexts_of_five_to_twenty_are_no_extremes(size: int, share: float) -> None:
    cut = {f"m{n}": "one" for n in range(size)} | {"x": "two"}
    assert metrics.non_extreme_distribution(cut) == pytest.approx(share)
    assert metrics.non_extreme_distribution({}) is None


def endpoint(path: str, handler: str) -> Endpoint:
    return Endpoint(
        path=path, methods=None, handler=handler, framework="flask", pattern=path, regex=path, name=None,
        file="", line=1, order=0,
    )  # fmt: skip


def test_purity_of_use_cases_is_told_by_the_first_word_of_the_routes() -> None:
    def purity(*routes: tuple[str, str]) -> float | None:
        modules = [module("a"), module("b"), module("a.tests", "test")]
        system = monolith(modules, endpoints=tuple(endpoint(path, handler) for path, handler in routes))
        return metrics.business_context_purity(system, {"a": "one", "b": "two"})

    assert purity(("/orders/{pk}", "a.f"), ("/api/v1/invoices/x", "b.C.get")) == pytest.approx(1.0)
    assert purity(("/orders/", "a.f"), ("/{pk}/invoices/", "a.g")) == pytest.approx(0.0)
    elsewhere = (("/lost/", "x.f"), ("/tried/", "a.tests.f"))
    mixed = purity(("/orders/", "a.f"), ("/invoices/", "a.g"), ("/orders/", "b.f"), *elsewhere)
    assert mixed == pytest.approx(1 - (log(2) + 0) / 2 / log(2))
    assert purity(("/orders/", "a.f"), ("/order/", "b.f")) is None  # one use case


def test_data_cohesion_is_the_share_of_accesses_by_the_owner() -> None:
    system = monolith([], accesses=(access("a", "t"), access("b", "t"), access("a", "u"), access("x", "t")))
    cut = {"a": "one", "b": "two"}
    assert metrics.data_cohesion(system, {"t": "one"}, cut) == 1 / 2
    assert metrics.data_cohesion(system, {}, cut) is None


def test_transaction_purity_is_one_where_each_table_has_one_context() -> None:
    cut = {"a": "one", "b": "two"}

    def purity(*accesses: tuple[str, str]) -> float | None:
        system = monolith([], accesses=tuple(access(module, table) for module, table in accesses))
        return metrics.transaction_purity(system, cut)

    assert purity(("a", "t"), ("b", "u")) == pytest.approx(1.0)
    assert purity(("a", "t"), ("b", "t")) == pytest.approx(0.0)
    assert purity(("a", "t"), ("b", "t"), ("a", "u"), ("x", "u")) == pytest.approx(0.5)
    assert purity(("x", "t")) is None
    assert metrics.transaction_purity(monolith([]), {"a": "one"}) is None


def test_co_change_leaves_out_commits_of_one_module_and_lone_contexts() -> None:
    changes = Changes(log=(commit(1, "a"), commit(2, "a", "x")))
    assert set(metrics.co_change(changes, {"a": "one", "b": "two"}).values()) == {None}
    found = metrics.co_change(Changes(log=(commit(1, "a", "b"),)), {"a": "one", "b": "one"})
    assert found == {"internal_co_change": 1 / 2, "external_co_change": 0.0, "co_change_ratio": 0.0}


def test_sizes_stand_beside_the_metrics() -> None:
    found = metrics.of_cut(monolith([]), Changes(), {"a": "one", "b": "two", "c": "two", "d": "three"}, {})
    assert (found["contexts"], found["largest_share"], found["median_size"]) == (3.0, 0.5, 1.0)
    empty = metrics.of_cut(monolith([]), Changes(), {}, {})
    assert (empty["contexts"], empty["largest_share"], empty["median_size"]) == (0.0, None, None)
