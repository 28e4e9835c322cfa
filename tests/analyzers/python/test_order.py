"""Facts with optional fields have an order, whatever is absent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_two_keys_of_one_column_of_which_one_says_what_happens_on_deletion(
    project: Callable[[dict[str, str]], Any],
) -> None:
    found = project(
        {
            "m.py": """
            from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Integer, String
            from sqlalchemy.orm import declarative_base
            Base = declarative_base()
            class Berth(Base):
                __tablename__ = "berth"
                id = Column(Integer, primary_key=True)
                pier = Column(String)
            class Boat(Base):
                __tablename__ = "boat"
                id = Column(Integer, primary_key=True)
                berth_id = Column(ForeignKey("berth.id", ondelete="SET NULL"))
                pier = Column(String)
                __table_args__ = (ForeignKeyConstraint(["berth_id", "pier"], ["berth.id", "berth.pier"]),)
            """
        }
    ).system
    boat = next(table for table in found.tables if table.name == "boat")
    assert [(key.column, key.on_delete) for key in boat.foreign_keys] == [
        ("berth_id", None),
        ("berth_id", "SET_NULL"),
        ("pier", None),
    ]
