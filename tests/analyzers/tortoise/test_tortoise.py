"""Tortoise: tables, keys and accesses found in source are those of the run."""

from __future__ import annotations

import functools
import importlib
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.loops import run
from sqlite_trace import Recorder, Rows, analysed, found_in, functions_of
from tortoise import Tortoise
from tortoise.connection import connections

from strangler.model import System

HERE = Path(__file__).parent
CASES = functions_of(HERE / "league" / "work.py")
HELPED = {"by_helper": {"_clubs"}}
Keys = set[tuple[str, str, str]]


async def _run(name: str) -> tuple[Rows, Keys]:
    work = importlib.import_module("work")
    await Tortoise.init(db_url="sqlite://:memory:", modules={"models": ["models"]})
    connect = sqlite3.connect
    try:
        # A cached statement is not prepared again, and the authorizer would not hear of it.
        sqlite3.connect = functools.partial(connect, cached_statements=0)  # type: ignore[assignment]
        await Tortoise.generate_schemas()
        await work._seed()
        driver = connections.get("default")
        keys: Keys = set()
        for table in await driver.execute_query_dict("SELECT name FROM sqlite_master WHERE type = 'table'"):
            for row in await driver.execute_query_dict(f'PRAGMA foreign_key_list("{table["name"]}")'):
                keys.add((table["name"], row["from"], row["table"]))
        # What statements do is compared, not what constraints make the database do of itself.
        await driver.execute_script("PRAGMA foreign_keys = OFF")
        recorder = Recorder()
        await driver._connection._execute(recorder.watch, driver._connection._conn)
        await getattr(work, name)()
        return recorder.take(), keys
    finally:
        sqlite3.connect = connect
        await Tortoise.close_connections()


def _league() -> dict[str, Rows]:
    sys.path.insert(0, str(HERE / "league"))
    rows = {}
    for name in CASES:
        rows[name], rows["keys"] = run(_run(name))  # type: ignore[assignment]
    sys.path.remove(str(HERE / "league"))
    for name in ("models", "work"):
        del sys.modules[name]
    return rows


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> System:
    return analysed(HERE / "league", tmp_path_factory.mktemp("analysed") / "monolith")


@pytest.fixture(scope="module")
def executed() -> dict[str, Rows]:
    return _league()


def test_keys_are_those_of_the_database(system: System, executed: dict[str, Rows]) -> None:
    assert {(t.name, k.column, k.table) for t in system.tables for k in t.foreign_keys} == executed["keys"]


@pytest.mark.parametrize("case", CASES)
def test_accesses_are_those_of_the_run(case: str, system: System, executed: dict[str, Rows]) -> None:
    found = found_in(system, "work", case)
    for helper in HELPED.get(case, ()):
        found |= executed[case] & found_in(system, "work", helper)
    assert found == executed[case]


def test_blocks_and_decorated_functions_are_transactions(system: System) -> None:
    written = {(t.function, t.tables_written) for t in system.transactions}
    assert {("in_block", ("country", "match")), ("in_decorated", ("country",))} <= written


def test_an_association_table_lies_in_the_schema_of_its_model(
    project: Callable[[dict[str, str]], Any],
) -> None:
    source = """
        from tortoise import Model, fields

        class Boat(Model):
            id = fields.IntField(pk=True)
            ports = fields.ManyToManyField("models.Port")
            class Meta:
                schema = "sea"

        class Port(Model):
            id = fields.IntField(pk=True)
        """
    tables = project({"shop/__init__.py": "", "shop/models.py": source}).system.tables
    keys = {table.name: {(key.column, key.table) for key in table.foreign_keys} for table in tables}
    assert keys["sea.boat_port"] == {("boat_id", "sea.boat"), ("port_id", "port")}
