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
