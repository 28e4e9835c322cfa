"""A commit expires the rows of its session: the next look at a column selects one again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[[dict[str, str]], Any]

SOURCE = """
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import Session, declarative_base, sessionmaker
Base = declarative_base()
Maker = sessionmaker(create_engine("sqlite://")OPTIONS)
class Boat(Base):
    __tablename__ = "boat"
    id = Column(Integer, primary_key=True)
    name = Column(String)
def added(s: Session):
    boat = Boat()
    s.add(boat)
    s.commit()
    return boat.id
def flushed(s: Session):
    boat = Boat()
    s.add(boat)
    s.flush()
    s.commit()
    return boat.id
def only_flushed(s: Session):
    boat = Boat()
    s.add(boat)
    s.flush()
    return boat.id
def looked_at_before(s: Session):
    boat = Boat()
    s.add(boat)
    print(boat.name)
    s.commit()
"""


@pytest.mark.parametrize(
    ("options", "certainty"), [("", "inferred"), (", expire_on_commit=False", "possible")]
)
def test_a_new_row_is_read_again_behind_the_commit_that_wrote_it(
    project: Make, options: str, certainty: str
) -> None:
    system = project({"m.py": SOURCE.replace("OPTIONS", options)}).system
    reads = {(a.function, a.line, a.via, a.certainty) for a in system.accesses if a.operation == "read"}
    assert reads == {("added", 14, "refresh", certainty), ("flushed", 20, "refresh", certainty)}
