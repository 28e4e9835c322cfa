"""Run-time traces as evidence."""

from __future__ import annotations

import pytest
from helpers.systems import layered, module

from strangler.contexts import (
    ContextSettings,
    TraceError,
    Traffic,
    propose,
    traffic,
)


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


def exported(*spans: dict[str, object]) -> list[object]:
    return [{"resourceSpans": [{"scopeSpans": [{"spans": list(spans)}]}]}]


def told(*spans: dict[str, object]) -> dict[tuple[str, str], int]:
    found = traffic(exported(*spans), [module(name) for name in ("shop.a", "shop.b", "shop.b.c")])
    return {(call.source, call.target): call.count for call in found}


def test_a_span_belongs_to_the_most_special_name_or_path_that_it_gives() -> None:
    parent = span("1", "", code__namespace="shop.a")
    assert told(parent, span("2", "1", code__namespace="shop.b.c.Thing.run")) == {("shop.a", "shop.b.c"): 1}
    assert told(parent, span("2", "1", code__namespace="shop.b.x")) == {("shop.a", "shop.b"): 1}
    windows = span("2", "1", code__file__path="C:\\srv\\shop\\b.py")
    assert told(parent, windows) == {("shop.a", "shop.b"): 1}
    assert told(parent, span("2", "1", code__namespace="json", code__filepath="/x/shop/b/c.py")) == {
        ("shop.a", "shop.b.c"): 1
    }


def test_calls_are_counted_between_modules_of_one_trace_and_not_within_one() -> None:
    parent = span("1", "", code__namespace="shop.a")
    twice = [span(number, "1", code__namespace="shop.b") for number in ("2", "3")]
    assert told(parent, *twice, span("4", "1", code__namespace="shop.a")) == {("shop.a", "shop.b"): 2}
    elsewhere = span("2", "1", code__namespace="shop.b") | {"traceId": "other"}
    assert told(parent, elsewhere) == {}
    assert told(span("1", "2", code__namespace="shop.a"), span("2", "1")) == {}  # a circle ends
