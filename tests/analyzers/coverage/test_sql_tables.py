"""Tables that only SQL, or a migration, makes are told with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.ledger import model_of, told

MODELS = """
from sqlalchemy import Column, Integer
from sqlalchemy.orm import declarative_base

class Boat(declarative_base()):
    __tablename__ = "boats"
    id = Column(Integer, primary_key=True)
"""
QUERY = """
import sqlite3

def all():
    sqlite3.connect("x").execute("select * from crews")
"""


def names(tmp_path: Path, files: dict[str, str]) -> list[str]:
    """Place and name of each table that is told."""
    model = model_of(tmp_path, {"shop/__init__.py": "", "shop/models.py": MODELS, **files})
    said = [line.partition(" the table ") for line in told(model, "undeclared-table")]
    return [f"{place} {rest.partition(' ')[0]}" for place, _, rest in said]


@pytest.mark.parametrize(
    "files",
    [
        {"shop/db.py": "SCHEMA = '''\nCREATE TABLE IF NOT EXISTS crews (id int);\n'''\n"},
        {"db/schema.sql": '-- of all\nCREATE TABLE public."crews" (\n    id int\n);\n'},
        {"db/up.sql": "-- +goose Up\ncreate table crews (id int);\n-- +goose Down\ndrop table crews;\n"},
        {"db/2.sql": "create table old (id int);\nalter table old rename to crews;\n"},
        {
            "alembic/env.py": "",
            "alembic/versions/1_crews.py": "from alembic import op\ndef upgrade():\n"
            "    op.create_table('crews')\ndef downgrade():\n    op.drop_table('crews')\n",
        },
        {
            "shop/migrations/__init__.py": "",
            "shop/migrations/0001_first.py": "from django.db.migrations import RunSQL\n"
            "made = RunSQL('CREATE TABLE crews (id int)', 'DROP TABLE crews')\n",
        },
        {"shop/use.py": QUERY},
    ],
)
def test_a_table_that_no_model_declares_is_told_where_it_is_made_or_used(
    tmp_path: Path, files: dict[str, str]
) -> None:
    (found,) = names(tmp_path, files)
    place, _, name = found.partition(" ")
    assert name == "crews"
    file, _, line = place.partition(":")
    assert "crews" in files[file].splitlines()[int(line) - 1]


@pytest.mark.parametrize(
    "files",
    [
        {"shop/db.py": '"""CREATE TABLE crews (id int)"""\nX = "we create table crews for all (and more)"\n'},
        {"db/schema.sql": "CREATE TABLE Boats (id int);\nCREATE TEMPORARY TABLE work (id int);\n"},
        {"db/1.sql": "create table crews (id int);\n", "db/2.sql": "drop table if exists crews;\n"},
        {"db/part.sql": "CREATE TABLE boats_1 PARTITION OF boats FOR VALUES IN (1);\n"},
        {"tests/schema.sql": "CREATE TABLE crews (id int);\n"},
        {"db/view.sql": "create view crews as select 1;\n", "shop/use.py": QUERY},
        {"shop/use.py": QUERY.replace("crews", "boats")},
    ],
)
def test_what_is_declared_gone_or_no_table_is_not_told(tmp_path: Path, files: dict[str, str]) -> None:
    assert names(tmp_path, files) == []
