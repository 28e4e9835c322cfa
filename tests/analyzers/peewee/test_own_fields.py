"""Foreign keys of field classes of one's own: the target may be named anywhere on the way to peewee."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[[dict[str, str]], Any]

HEAD = """
from functools import partial
from peewee import *

class Base(Model):
    class Meta:
        database = SqliteDatabase(":memory:")

class Owner(Base):
    name = CharField()

"""
FIELDS = {
    "keyword set": """
        class OwnerField(ForeignKeyField):
            def __init__(self, *args, **kwargs):
                kwargs["model"] = Owner
                super().__init__(*args, **kwargs)
    """,
    "setdefault": """
        class OwnerField(ForeignKeyField):
            def __init__(self, *args, **kwargs):
                kwargs.setdefault("model", Owner)
                super(OwnerField, self).__init__(*args, **kwargs)
    """,
    "positional": """
        class OwnerField(ForeignKeyField):
            def __init__(self, **kwargs):
                super().__init__(Owner, **kwargs)
    """,
    "keyword of the call": """
        class OwnerField(ForeignKeyField):
            def __init__(self, model=None, **kwargs):
                super().__init__(model=model or Owner, on_delete="CASCADE", **kwargs)
    """,
    "two levels": """
        class Far(ForeignKeyField):
            def __init__(self, model, *args, **kwargs):
                super().__init__(model, *args, **kwargs)
        class OwnerField(Far):
            def __init__(self, **kwargs):
                super().__init__(Owner, **kwargs)
    """,
    "partial": "OwnerField = partial(ForeignKeyField, model=Owner)",
}


@pytest.mark.parametrize("source", FIELDS.values(), ids=FIELDS.keys())
def test_the_key_leads_where_peewee_leads_it(project: Make, source: str) -> None:
    boat = "\n\nclass Boat(Base):\n    owner = OwnerField(null=True, backref='boats')\n"
    made = project({"own_fields.py": HEAD + textwrap.dedent(source) + boat})
    real = {(f.column_name, f.rel_model._meta.table_name) for f in made.load("own_fields").Boat._meta.refs}
    found = next(t for t in made.system.tables if t.name == "boat")
    assert {(k.column, k.table) for k in found.foreign_keys} == real == {("owner_id", "owner")}
    assert next(c for c in found.columns if c.name == "owner_id").nullable


def test_a_table_whose_name_the_environment_decides_has_its_default_and_is_said(project: Make) -> None:
    source = HEAD.replace("from peewee", "import os\nfrom peewee") + textwrap.dedent("""
        class Boat(Base):
            class Meta:
                table_name = os.getenv("PREFIX", "sea_") + "boat"
                schema = os.getenv("SCHEMA")
    """)
    made = project({"own_fields.py": source})
    real = made.load("own_fields").Boat._meta.table_name
    assert {t.name for t in made.system.tables} == {"owner", real}
    told = [d.message.partition(":")[0] for d in made.system.diagnostics if d.code == "doubtful-table"]
    assert told == ["Boat"]
