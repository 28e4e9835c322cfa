"""What only one way through a function does is not taken for certain afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from strangler import pipeline
from strangler.config import Config
from strangler.model import Access

MODELS = """
from sqlalchemy import Column, Integer
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Order(Base):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
"""


def accesses(root: Path, body: str) -> tuple[Access, ...]:
    (root / "app.py").write_text(MODELS + body)
    return pipeline.analyze(pipeline.scan(root, Config()), Config(), jobs=1, cached=False).accesses


@pytest.mark.parametrize(
    ("empty", "fill"),
    [("{}", 'errors["room"] = "none"'), ("[]", 'errors.append("none")'), ("set()", 'errors.add("none")')],
)
def test_errors_that_may_have_been_collected_do_not_end_the_function(tmp_path, empty, fill):
    body = (
        f"\n\ndef book(session, room):\n    errors = {empty}\n    if room is None:\n        {fill}\n"
        "    if errors:\n        raise ValueError(errors)\n    session.add(Order())\n    session.commit()\n"
    )
    assert [row.table for row in accesses(tmp_path, body)] == ["orders"]


FIELDS = """
from dataclasses import dataclass, field


@dataclass
class Wanted:
    rooms: list[str] = field(default_factory=list)
    tags: list[str] = ()
    owner: str | None = None
    urgent: bool = False


def book(session, wanted: Wanted):
    {0}
        session.add(Order())
"""


@pytest.mark.parametrize(
    "line", ["for tag in wanted.tags:", "for room in wanted.rooms:", "if wanted.owner:", "if wanted.urgent:"]
)
def test_the_default_of_a_field_does_not_say_what_it_is_handed_over_with(tmp_path, line):
    assert [row.table for row in accesses(tmp_path, FIELDS.format(line))] == ["orders"]


LOOP = """

def book(session, plugins):
    found = None
    for plugin in plugins:
        if plugin.name == "slack":
            found = plugin
            {0}
    if not found:
        return
    session.add(Order())
"""


@pytest.mark.parametrize("way", ["break", "continue"])
def test_what_a_loop_finds_before_it_is_left_is_found(tmp_path, way):
    assert [row.table for row in accesses(tmp_path, LOOP.format(way))] == ["orders"]


@pytest.mark.parametrize("found", ['Path(__file__).parent.glob("*.html")', 'glob.glob("/data/*.csv")'])
def test_files_that_are_no_python_may_be_there(tmp_path, found):
    body = f"\nimport glob\nfrom pathlib import Path\n\n\ndef load(session):\n    for path in {found}:\n"
    body += "        session.add(Order())\n"
    assert [row.table for row in accesses(tmp_path, body)] == ["orders"]
