"""What was noted of tables, as rows: one a place, the surest; and what a transaction holds."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from strangler.analyzers.data_access import data_access
from strangler.analyzers.python.entries import Access, Effect, Location, Region
from strangler.analyzers.python.log import Log
from strangler.model.base import Certainty
from strangler.model.system import Operation


def rows(log: Log, *functions: Any) -> Any:
    program = SimpleNamespace(functions=functions)
    return data_access(SimpleNamespace(log=log, program=program, state=lambda kind: kind()))  # type: ignore[arg-type]


def noted(*accesses: Access) -> Log:
    log = Log()
    log.accesses.update(dict.fromkeys(accesses))
    return log


def access(
    table: str,
    operation: Operation = "read",
    via: str = "orm",
    certainty: Certainty = "certain",
    function: str | None = "f",
    line: int = 1,
    database: str = "",
) -> Access:
    return Access(Location("m", function, line), table, operation, via, certainty, database)


def function(**runs: set[Effect]) -> Any:
    return SimpleNamespace(module=SimpleNamespace(name="m"), qualname="f", effects=runs)


A, B = Effect("a", "read"), Effect("b", "read")


def test_of_several_accesses_of_one_place_the_surest_is_kept_then_the_first_by_name():
    possible = access("a", via="cascade", certainty="possible")
    for order in (
        (possible, access("a", via="sql"), access("a")),
        (access("a"), access("a", via="sql"), possible),
    ):
        (row,), _ = rows(noted(*order))
        assert (row.via, row.certainty, row.database) == ("orm", "certain", "")


def test_accesses_are_sorted_by_place_and_table():
    listed = (
        access("b", line=2),
        access("a", "write", line=2),
        access("a", line=2),
        access("c", function=None),
        access("c", function="g"),
    )
    found, _ = rows(noted(*listed))
    assert [(r.line, r.table, r.operation, r.function) for r in found] == [
        (1, "c", "read", None),
        (1, "c", "read", "g"),
        (2, "a", "read", "f"),
        (2, "a", "write", "f"),
        (2, "b", "read", "f"),
    ]


@pytest.mark.parametrize(
    ("runs", "certainty"),
    [
        ({"one": {A, B}, "other": {B}}, "inferred"),
        ({"one": {A}, "other": {A, B}}, "certain"),
        ({"one": {A}, "general": {B}}, "certain"),
        ({"one": {A}}, "certain"),
    ],
)
def test_what_a_function_touches_for_some_of_its_callers_is_inferred(
    runs: dict[str, set[Effect]], certainty: Certainty
):
    (row,), _ = rows(noted(access("a")), function(**runs))
    assert row.certainty == certainty


def test_the_way_to_a_table_that_is_handed_over_and_for_whom_it_is_touched():
    log = noted(access("a", via="argument"), access("b"), access("c", function=None))
    way = ("layer.fetch",)
    log.ways[Location("m", "f", 1), A] = way
    log.ways[Location("m", "f", 1), B] = way
    log.handed["m", "f"] = {B}
    found, _ = rows(log)
    assert [(r.table, r.through, r.for_callers) for r in found] == [
        ("a", way, False),
        ("b", (), True),
        ("c", (), False),
    ]


def transactions(*noted: tuple[Region, set[Effect]]) -> Any:
    log = Log()
    for region, effects in noted:
        log.within(region, effects)
    return rows(log)[1]


def test_a_transaction_holds_what_is_read_and_written_in_it():
    effects = {Effect("b", "write"), Effect("a", "write"), Effect("c", "read")}
    (row,) = transactions((Region("m", "f", 3, 9), effects), (Region("m", "f", 3, 7), {Effect("d", "read")}))
    assert (row.tables_written, row.tables_read, row.written_elsewhere) == (("a", "b"), ("c", "d"), ())
    assert (row.module, row.function, row.line, row.end_line) == ("m", "f", 3, 9)


def test_transactions_are_sorted_by_place():
    places = [("m", "g", 2), ("m", None, 2), ("m", "f", 1), ("a", "z", 9)]
    found = transactions(*((Region(*place, 9), {A}) for place in places))
    assert [(r.module, r.function, r.line) for r in found] == [
        ("a", "z", 9),
        ("m", "f", 1),
        ("m", None, 2),
        ("m", "g", 2),
    ]


@pytest.mark.parametrize(
    ("of_transaction", "of_write", "inside"),
    [
        ("", "", True),
        ("", "default", True),
        ("default", "", True),
        ("other", "other", True),
        ("", "other", False),
        ("other", "", False),
        ("other", "?", True),
        ("?", "other", True),
    ],
)
def test_a_write_to_another_database_is_committed_on_its_own(
    of_transaction: str, of_write: str, inside: bool
):
    region = Region("m", "f", 1, 9, of_transaction)
    (row,) = transactions((region, {Effect("a", "write", of_write), Effect("b", "read", of_write)}))
    assert row.tables_written == (("a",) if inside else ())
    assert row.tables_read == (("b",) if inside else ())
    assert row.written_elsewhere == (() if inside else ("a",))
    assert row.database == of_transaction


def test_what_is_written_here_as_well_is_not_written_elsewhere():
    effects = {Effect("a", "write", "other"), Effect("a", "write"), Effect("b", "write", "other")}
    (row,) = transactions((Region("m", "f", 1, 9), effects))
    assert (row.tables_written, row.written_elsewhere) == (("a",), ("b",))


def test_a_database_that_the_code_names_is_told():
    (row,), _ = rows(noted(access("a", database="other")))
    assert row.database == "other"
