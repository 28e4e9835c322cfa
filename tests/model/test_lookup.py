"""Questions about rows that several stages ask."""

from __future__ import annotations

import msgspec
import pytest
from helpers.systems import module, monolith

from strangler.model import Access, References, Table
from strangler.model.lookup import (
    Homes,
    all_tables,
    ancestors,
    home,
    last,
    member,
    parent,
    resolved_share,
    weakest,
)


@pytest.mark.parametrize(
    ("certainties", "least"),
    [
        (("certain",), "certain"),
        (("certain", "inferred"), "inferred"),
        (("possible", "inferred", "certain"), "possible"),
        (("certain", "certain"), "certain"),
    ],
)
def test_what_rests_on_several_is_as_sure_as_the_least_sure(certainties, least):
    assert weakest(*certainties) == least


def test_the_share_of_resolved_references_is_over_all_kinds():
    rows = [
        References(kind="import", resolved=3, unresolved=1),
        References(kind="table", resolved=0, unresolved=4),
    ]
    assert resolved_share(rows) == 3 / 8
    assert resolved_share([]) is None
    assert resolved_share([References(kind="import", resolved=0, unresolved=0)]) is None
    assert resolved_share([References(kind="import", resolved=0, unresolved=1)]) == 0.0


MODULES = {"shop", "shop.orders", "shop.orders.models"}


@pytest.mark.parametrize(
    ("dotted", "module", "inside"),
    [
        ("shop.orders.models.Order.save", "shop.orders.models", "Order.save"),
        ("shop.orders.views.show", "shop.orders", "views.show"),
        ("shop.orders:app", "shop.orders", "app"),
        ("shop", "shop", ""),
        ("json.dumps", None, "json.dumps"),
        ("", None, ""),
    ],
)
def test_a_dotted_name_lies_in_the_longest_prefix_that_is_a_module(dotted, module, inside):
    assert home(dotted, MODULES) == module
    assert member(dotted, MODULES) == (module or "", inside)


def test_a_name_in_a_module_that_is_left_out_is_not_placed_with_its_package():
    system = monolith([module("shop"), module("shop.tests", role="test"), module("shop.views")])
    production = Homes(system, {"shop", "shop.views"})
    assert production("shop.views.show") == "shop.views"
    assert production("shop.Order") == "shop"
    assert production("shop.tests.Order") is None
    assert production("json.dumps") is production(None) is None
    assert Homes(system)("shop.tests.Order") == "shop.tests"


def test_the_parts_of_a_dotted_name():
    assert (parent("a.b.c"), last("a.b.c")) == ("a.b", "c")
    assert (parent("a"), last("a")) == ("", "a")
    assert list(ancestors("a.b.c")) == ["a.b.c", "a.b", "a"]
    assert list(ancestors("")) == []


def test_all_tables_are_those_that_are_declared_and_those_that_are_touched():
    table = Table(name="b", model=None, framework="sql", path="m.py", line=1)
    row = Access(
        module="m", line=1, table="a", operation="read", function=None, via="sql", certainty="certain"
    )
    twice = msgspec.structs.replace(row, table="b")
    system = monolith([module("m")], tables=(table,), accesses=(row, twice))
    assert all_tables(system) == ("a", "b")
