"""A table is one table, whether SQL names its schema or leaves it to the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[[dict[str, str]], Any]
MODELS = """
from sqlalchemy import Column, Integer
from sqlalchemy.orm import declarative_base
Base = declarative_base()
class Boat(Base):
    __tablename__ = "boat"
    __table_args__ = {"schema": "fleet"}
    id = Column(Integer, primary_key=True)
"""
PLAIN = MODELS + 'class Crew(Base):\n    __tablename__ = "crew"\n    id = Column(Integer, primary_key=True)\n'


def touched(project: Make, *statements: str, models: str = "") -> dict[str, str]:
    """Function -> the table of its statement."""
    lines = ["import sqlite3", "def run(sql):", "    sqlite3.connect('x').execute(sql)"]
    for number, statement in enumerate(statements):
        lines += [f"def f{number}():", f"    sqlite3.connect('x').execute({statement!r})"]
    files = {"shop/__init__.py": "", "shop/jobs.py": "\n".join(lines), "shop/models.py": models}
    return {a.function: a.table for a in project(files).system.accesses}


@pytest.mark.parametrize("schema", ["public", "main", "dbo"])
def test_the_default_schema_is_set_aside(project: Make, schema: str) -> None:
    found = touched(project, f"DELETE FROM {schema}.notes", "INSERT INTO notes VALUES (1)")
    assert found == {"f0": "notes", "f1": "notes"}


def test_a_name_that_is_always_written_with_its_schema_stays(project: Make) -> None:
    assert touched(project, "DELETE FROM dbo.notes") == {"f0": "dbo.notes"}


def test_a_bare_name_lies_in_the_one_schema_where_models_live(project: Make) -> None:
    statements = ("SELECT * FROM fleet.berths", "DELETE FROM berths", "SELECT * FROM other")
    found = touched(project, *statements, models=MODELS)
    assert found == {"f0": "fleet.berths", "f1": "fleet.berths", "f2": "other"}


def test_a_schema_without_models_may_be_another_database(project: Make) -> None:
    statements = ("SELECT * FROM archive.berths", "DELETE FROM berths")
    assert touched(project, *statements, models=MODELS) == {"f0": "archive.berths", "f1": "berths"}


def test_where_tables_of_models_have_bare_names_a_schema_tells_tables_apart(project: Make) -> None:
    statements = ("SELECT * FROM fleet.berths", "DELETE FROM berths")
    assert touched(project, *statements, models=PLAIN) == {"f0": "fleet.berths", "f1": "berths"}


def test_a_bare_name_that_several_schemas_have_is_possibly_each(project: Make) -> None:
    again = MODELS.partition("declarative_base()")[2].replace("fleet", "club").replace("Boat", "Old")
    source = "import sqlite3\ndef clear():\n    sqlite3.connect('x').execute('DELETE FROM boat')\n"
    system = project({"shop/models.py": MODELS + again, "shop/jobs.py": source}).system
    found = {(a.table, a.certainty) for a in system.accesses}
    assert found == {("fleet.boat", "possible"), ("club.boat", "possible")}
