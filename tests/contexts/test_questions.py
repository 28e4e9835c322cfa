"""suggest, explain, what-if and traces: the questions that a team asks."""

from __future__ import annotations

import pytest
from helpers.systems import layered, module, monolith

from strangler.contexts import (
    ContextSettings,
    MoveError,
    TraceError,
    Traffic,
    UnknownModuleError,
    UnknownSeedError,
    explain,
    propose,
    suggest,
    traffic,
    what_if,
)
from strangler.model import Changes, Import


@pytest.mark.parametrize(
    "seeds",
    [
        ["billing"],
        ["shop.billing.models"],
        ["shop/billing/models.py"],
        ["table:billing_item"],
        ["shop.billing"],
    ],
)
@pytest.mark.parametrize("by_layer", [False, True])
def test_suggest_ranks_the_domain_of_the_seed_first(seeds: list[str], by_layer: bool) -> None:
    system, changes, truth = layered(by_layer=by_layer)
    if by_layer:
        seeds = [
            s.replace("billing.models", "models.billing").replace("billing/models", "models/billing")
            for s in seeds
        ]
        seeds = ["billing"] if seeds == ["shop.billing"] else seeds
    ranked = suggest(system, changes, seeds)
    assert {truth.get(item.module) for item in ranked[:6]} == {"billing"}
    assert len({item.module for item in ranked}) == len(ranked)
    assert all(item.reasons for item in ranked[:10])
    assert all(0 <= item.score <= 1 for item in ranked)


def test_suggestions_cite_lines_that_exist() -> None:
    system, changes, _ = layered()
    lines = {(i.importer.replace(".", "/") + ".py", i.line, i.imported) for i in system.imports}
    cited = [e for item in suggest(system, changes, ["shop.billing.models"]) for e in item.evidence]
    assert cited
    assert {(e.file, e.line, e.symbol) for e in cited} <= lines


def test_an_unknown_seed_is_refused_with_near_names() -> None:
    system, changes, _ = layered()
    with pytest.raises(UnknownSeedError, match=r"billng.*billing"):
        suggest(system, changes, ["billng"])


def test_explain_gives_lines_tables_and_commits_between_two_modules() -> None:
    system, changes, _ = layered()
    contexts = propose(system, changes).contexts
    answer = explain(system, changes, contexts, "shop.billing.views", "shop/billing/services.py")
    kinds = {tie.kind for tie in answer.ties}
    assert "table" in kinds
    both = [c for c in changes.log if {"shop.billing.views", "shop.billing.services"} <= set(c.modules)]
    [commits] = [tie for tie in answer.ties if tie.kind == "commit"] or [None]
    assert (commits is None) == (not both)
    if commits:
        assert commits.commits[0].endswith(both[-1].subject)
    assert answer.context == "billing"


def test_explain_of_one_module_has_the_reasons_of_its_membership() -> None:
    system, changes, _ = layered()
    contexts = propose(system, changes).contexts
    answer = explain(system, changes, contexts, "shop.billing.views")
    assert answer.context == "billing"
    assert any("billing" in reason for reason in answer.reasons)
    assert answer.ties


def test_explain_refuses_what_it_does_not_know() -> None:
    system, changes, _ = layered()
    with pytest.raises(UnknownModuleError, match=r"shop\.billing\.views"):
        explain(system, changes, (), "shop.billing.view")


def test_moving_a_module_shows_the_change_of_every_metric() -> None:
    system, changes, _ = layered()
    contexts = propose(system, changes).contexts
    answer = what_if(system, changes, contexts, ["move:shop.billing.views=catalog"])
    figures = {change.metric: (change.before, change.after) for change in answer.changes}
    before, after = figures["inter_partition_calls"]
    assert before is not None
    assert after is not None
    assert after > before
    assert answer.moves == (("shop.billing.views", "catalog"),)
    assert answer.appeared


def test_a_move_to_where_it_already_is_changes_nothing() -> None:
    system, changes, _ = layered()
    contexts = propose(system, changes).contexts
    answer = what_if(system, changes, contexts, ["move:shop.billing.views=billing"])
    assert answer.moves == ()
    assert not answer.appeared
    assert not answer.vanished
    assert all(change.before == change.after for change in answer.changes)


@pytest.mark.parametrize("text", ["shop.tax=billing", "move:shop.tax", "move:=x", "move:nowhere=billing"])
def test_a_move_that_cannot_be_made_is_refused(text: str) -> None:
    system, changes, _ = layered()
    with pytest.raises(MoveError, match=r"move:|no module"):
        what_if(system, changes, propose(system, changes).contexts, [text])


def span(identity: str, parent: str, **attributes: str) -> dict[str, object]:
    listed = [{"key": k.replace("__", "."), "value": {"stringValue": v}} for k, v in attributes.items()]
    return {"traceId": "t", "spanId": identity, "parentSpanId": parent, "attributes": listed}


def test_traces_say_which_module_calls_which() -> None:
    export = {
        "resourceSpans": [
            {
                "scopeSpans": [
                    {
                        "spans": [
                            span("1", "", code__namespace="shop.billing.views.Invoice"),
                            span("2", "1", db__system="postgresql"),
                            span("3", "2", code__filepath="/srv/app/shop/catalog/models.py"),
                            span("4", "1", code__function__name="shop.catalog.models.find"),
                        ]
                    }
                ]
            }
        ]
    }
    known = [module("shop.billing.views"), module("shop.catalog.models")]
    assert traffic([export], known) == (
        Traffic(source="shop.billing.views", target="shop.catalog.models", count=2),
    )


@pytest.mark.parametrize("document", [[], {}, {"resourceSpans": {}}, {"resourceSpans": [1]}])
def test_what_is_no_trace_is_refused(document: object) -> None:
    with pytest.raises(TraceError):
        traffic([document], [])


def test_traces_pull_modules_together_that_nothing_else_ties() -> None:
    system, changes, _ = layered()
    import msgspec

    extra = [module("shop.qq.aa"), module("shop.rr.bb")]
    bigger = msgspec.structs.replace(system, modules=tuple(sorted([*system.modules, *extra])))
    seen = tuple(
        Traffic(source=name, target=f"shop.delivery.{layer}", count=500)
        for name in ("shop.qq.aa", "shop.rr.bb")
        for layer in ("views", "services", "models")
    )
    found = {
        m: c.name for c in propose(bigger, changes, ContextSettings(traffic=seen)).contexts for m in c.modules
    }
    assert found["shop.qq.aa"] == found["shop.rr.bb"] == found["shop.delivery.views"]


def test_two_modules_that_do_not_import_each_other_are_told_the_chain_between_them() -> None:
    system = monolith(
        [module(name) for name in "abcd"],
        imports=tuple(
            Import(importer=one, imported=other, line=line, kind="runtime")
            for one, other, line in (("a", "b", 3), ("b", "c", 5), ("b", "c", 9), ("d", "a", 1))
        ),
    )
    (chain,) = explain(system, Changes(), (), "c", "a").ties
    assert (chain.kind, chain.statement) == ("chain", "a reaches c over 2 imports")
    assert [(place.file, place.line, place.symbol) for place in chain.evidence] == [
        ("a.py", 3, "b"),
        ("b.py", 5, "c"),
    ]
    assert [tie.kind for tie in explain(system, Changes(), (), "a", "b").ties] == ["import"]
    assert explain(system, Changes(), (), "a", "a").ties == ()
