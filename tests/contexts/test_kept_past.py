"""Tables that keep the past of another: told by their columns and by their names."""

from __future__ import annotations

import msgspec
import pytest
from helpers.systems import access, module, monolith

from strangler.contexts import copies, views, within
from strangler.contexts.values import ContextSettings
from strangler.model import Changes, Column, ForeignKey, System, Table

ORDER = ("id", "number", "customer_id", "total")


def table(name: str, columns: tuple[str, ...], model: str | None = None, *keys: str) -> Table:
    return Table(
        name=name,
        model=model,
        framework="django",
        path="shop/models.py",
        line=1,
        columns=tuple(Column(name=column, type="") for column in columns),
        foreign_keys=tuple(ForeignKey(column=f"{key}_id", table=key) for key in keys),
    )


def found(*tables: Table) -> dict[str, str]:
    return copies.find(monolith([module("shop.models")], tables=tables))


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("shop_historicalorder", "shop.HistoricalOrder"),
        ("shop_orderevent", "shop.models.OrderEvent"),
        ("shop_order_version", None),
        ("shop_order_aud", None),
        ("shop_orders_log", None),
    ],
)
def test_what_is_called_after_a_table_and_has_its_columns_keeps_its_past(
    name: str, model: str | None
) -> None:
    order = table("shop_order", ORDER, "shop.models.Order")
    assert found(order, table(name, (*ORDER, "changed", "changed_by"), model)) == {name: "shop_order"}


def test_the_past_of_a_table_that_only_links_others_is_told_as_it_is_spelled() -> None:
    links = table("shop_order_tags", ("id", "order_id", "tag_id"))
    past = table("shop_order_tagsevent", ("pgh_id", "id", "order_id", "tag_id"), "shop.models.OrderTagsEvent")
    assert found(links, past) == {"shop_order_tagsevent": "shop_order_tags"}


@pytest.mark.parametrize(
    ("name", "model", "columns"),
    [
        pytest.param(
            "shop_orderevent", "shop.models.OrderEvent", ("id", "order_id", "kind"), id="other columns"
        ),
        pytest.param("shop_quote", "shop.models.Quote", ORDER, id="another name"),
        pytest.param("shop_orderdraft", "shop.models.OrderDraft", ORDER, id="no word for the past"),
        pytest.param("shop_eventorder", "shop.models.EventOrder", ORDER, id="of events"),
    ],
)
def test_neither_says_it_alone(name: str, model: str, columns: tuple[str, ...]) -> None:
    assert found(table("shop_order", ORDER, "shop.models.Order"), table(name, columns, model)) == {}


def test_a_version_has_a_past_too() -> None:
    version = table("shop_version", ("id", "value"), "shop.models.Version")
    past = table("shop_historicalversion", ("id", "value", "history_id"), "shop.HistoricalVersion")
    assert found(version, past) == {"shop_historicalversion": "shop_version"}


def shop(*more: Table) -> System:
    """Orders and pages, whatever else there is, and a function for each."""
    tables = (
        table("order", ORDER, "shop.models.Order"),
        table("order_line", ("id", "order_id"), "shop.models.OrderLine", "order"),
        table("page", ("id", "text"), "shop.models.Page"),
        table("page_picture", ("id", "page_id"), "shop.models.PagePicture", "page"),
        *more,
    )
    uses = (access(f"shop.views.{t.name}", t.name, "write") for t in tables)
    names = ["shop.models", *(f"shop.views.{t.name}" for t in tables)]
    return monolith(map(module, names), tables=tables, accesses=tuple(uses))


def domains(system: System) -> dict[str, tuple[str, ...]]:
    land = views.build(system, Changes(), ContextSettings())
    every = [one.name for one in system.tables]
    return {d.name: d.tables for d in within.find(system, land, every, range(land.size)).domains}


def test_the_past_of_a_table_is_of_its_domain_and_none_of_its_own() -> None:
    """Though the two are called alike and nothing else ties them."""
    past = (
        table("historical_order", (*ORDER, "history_id"), "shop.HistoricalOrder"),
        table("historical_page", ("id", "text", "history_id"), "shop.HistoricalPage"),
    )
    found = domains(shop(*past))
    assert found["order"] == ("historical_order", "order", "order_line")
    assert found["page"] == ("historical_page", "page", "page_picture")


def test_a_table_with_its_past_alone_is_no_domain() -> None:
    seal = table("seal", ("id", "wax", "mark"), "shop.models.Seal")
    past = table("seal_history", ("id", "wax", "mark", "at"), "shop.models.SealHistory", "seal")
    assert set(domains(shop(seal, past))) == {"order", "page"}
    other = msgspec.structs.replace(past, columns=past.columns[:1])
    assert set(domains(shop(seal, other))) == {"order", "page", "seal"}
