"""Data contracts: tables over a boundary with columns, readers, and how they are served after the cut."""

from __future__ import annotations

from typing import Any

import msgspec
import pyodcs
import pytest
import yaml
from helpers.planted import planted
from hypothesis import given, settings
from hypothesis import strategies as st

from strangler.contracts.data import DataContract, TableUse, data_contracts, data_files
from strangler.model import Column, Evidence, ForeignKey, Model, Table
from strangler.plans import plan_extraction
from strangler.plans.contract_parts import table_uses


def files_of(name: str, context: str) -> dict[str, bytes]:
    model = planted(name)
    uses = table_uses(plan_extraction(model, context))
    return data_files(data_contracts(model, uses), model)


def check(content: bytes) -> dict[str, Any]:
    """The document is valid by the reference implementation of the standard."""
    report = pyodcs.parse_and_validate(content, format="yaml")
    assert pyodcs.is_valid(report), report["diagnostics"]
    found: dict[str, Any] = yaml.safe_load(content)
    return found


def consumers(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    (rows,) = [item["value"] for item in document["customProperties"] if item["property"] == "consumers"]
    return {(row["context"], row["operation"]): row for row in rows}


@pytest.mark.parametrize("name", ["django_shop", "fastapi_courier", "flask_clinic"])
def test_every_context_of_the_samples_gets_valid_contracts_twice_the_same(name):
    count = 0
    for context in planted(name).contexts:
        if context.kind == "context":
            files = files_of(name, context.name)
            assert files == files_of(name, context.name)
            for content in files.values():
                check(content)
            count += len(files)
    assert count >= 10


def test_a_contract_says_what_the_columns_hold():
    document = check(files_of("django_shop", "billing")["orders_order.yaml"])
    assert document["domain"] == "orders"
    columns = {column["name"]: column for column in document["schema"][0]["properties"]}
    assert columns["id"]["primaryKey"] is True
    assert columns["total"]["logicalType"] == "number"
    assert columns["total"]["logicalTypeOptions"] == {"multipleOf": 0.01}
    assert columns["status"]["logicalTypeOptions"] == {"maxLength": 12}
    assert columns["customer_id"]["logicalType"] == "integer", "the key of the table that it refers to"
    assert {"property": "refersTo", "value": "customers_customer.id"} in columns["customer_id"][
        "customProperties"
    ]
    assert columns["placed_at"]["required"] is True


def test_readers_stand_in_it_with_lines_columns_and_the_remedy_of_the_plan():
    document = check(files_of("django_shop", "billing")["orders_order.yaml"])
    rows = consumers(document)
    read = rows["billing", "read"]
    assert read["servedAs"] == "replicated read model"
    assert "shop/billing/reports.py:20 turnover_by_category" in read["places"]
    assert "status" in read["columnsMentioned"], "from the SQL in a constant that the function names"
    assert "ship_to_id" not in read["columnsMentioned"]
    assert rows["billing", "write"]["servedAs"] == "an operation of the owner"


def test_a_table_of_the_context_lists_all_who_read_it():
    rows = consumers(check(files_of("django_shop", "customers")["customers_customer.yaml"]))
    assert {"billing", "orders"} <= {context for context, operation in rows if operation == "read"}


SHOP = Table(
    name="shop",
    model=None,
    framework="django",
    path="shop.py",
    line=3,
    columns=(
        Column(name="id", type="BigAutoField", primary_key=True),
        Column(name="colour", type="CharField", choices=("red", "blue"), meaning="paint of the door"),
        Column(name="shape", type="TextField", nullable=True, unique=True),
        Column(name="strange", type="PolygonField"),
        Column(name="parent_id", type="ForeignKey"),
    ),
    foreign_keys=(ForeignKey(column="parent_id", table="shop"),),
)
USE = TableUse(
    table="shop", owner="a", user="b", operation="read", remedy="api_call", reason="few places", places=()
)


def contract_of(table: Table, use: TableUse) -> tuple[DataContract, Model]:
    model = msgspec.structs.replace(planted("django_shop"), tables=(table,))
    (contract,) = data_contracts(model, [use])
    return contract, model


def document_of(table: Table, use: TableUse) -> dict[str, Any]:
    contract, model = contract_of(table, use)
    (content,) = data_files([contract], model).values()
    return check(content)


def test_choices_meanings_and_nullability_are_kept():
    columns = {c["name"]: c for c in document_of(SHOP, USE)["schema"][0]["properties"]}
    assert columns["colour"]["description"] == "paint of the door"
    assert columns["colour"]["quality"][0]["arguments"] == {"validValues": ["red", "blue"]}
    assert columns["shape"]["required"] is False
    assert columns["shape"]["unique"] is True
    assert columns["parent_id"]["relationships"] == [{"type": "foreignKey", "to": "shop.id"}]


def test_an_unknown_type_is_left_out_and_named():
    document = document_of(SHOP, USE)
    columns = {c["name"]: c for c in document["schema"][0]["properties"]}
    assert "logicalType" not in columns["strange"]
    assert "strange" in document["description"]["limitations"]


def test_a_table_whose_columns_nobody_declares_says_so():
    unseen = msgspec.structs.replace(SHOP, columns=(), foreign_keys=())
    assert "columns are not known" in document_of(unseen, USE)["description"]["limitations"]


NAME = st.text(min_size=1, max_size=20)


@settings(max_examples=60)
@given(NAME, NAME, NAME, NAME)
def test_names_from_the_code_break_no_contract(table, column, context, reason):
    """Any table, column and context stands in a valid contract as it is, under a safe file name."""
    odd = msgspec.structs.replace(
        SHOP,
        name=table,
        columns=(Column(name=column, type="CharField", meaning=reason, primary_key=True),),
        foreign_keys=(ForeignKey(column=column, table=table),),
    )
    use = msgspec.structs.replace(
        USE, table=table, owner=context, reason=reason, places=(Evidence(file=table, line=1, symbol=column),)
    )
    contract, model = contract_of(odd, use)
    ((name, content),) = data_files([contract], model).items()
    document = yaml.safe_load(content)
    assert document["schema"][0]["name"] == table
    assert document["schema"][0]["properties"][0]["name"] == column
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_.-")
    report = pyodcs.parse_and_validate(content, format="yaml")
    assert pyodcs.is_valid(report), report["diagnostics"]


def test_file_names_differ_where_only_case_or_odd_letters_differ():
    contract, model = contract_of(SHOP, USE)
    names = ["Shop", "shop", "sh/op", "sh op"]
    contracts = [
        msgspec.structs.replace(contract, table=msgspec.structs.replace(SHOP, name=name)) for name in names
    ]
    assert len({name.lower() for name in data_files(contracts, model)}) == 4
