"""Methods of a session whose subject is given by its name, as the library spells it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from strangler.analyzers.frameworks.sqlalchemy.writing import SUBJECTS

Make = Callable[[dict[str, str]], Any]


@pytest.mark.parametrize("cls", [Session, AsyncSession])
def test_the_names_are_those_of_the_installed_library(cls: type) -> None:
    for name in ("add", "add_all", "delete", "merge", "refresh", "execute", "scalars", "scalar", "get"):
        first = list(inspect.signature(getattr(cls, name)).parameters)[1]
        assert first in SUBJECTS
    for name in ("bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings"):
        assert list(inspect.signature(getattr(Session, name)).parameters)[1] in SUBJECTS


def test_an_object_given_by_keyword_is_written(project: Make) -> None:
    source = """
        from sqlalchemy import Column, Integer, delete, select
        from sqlalchemy.orm import declarative_base, Session
        Base = declarative_base()
        class Boat(Base):
            __tablename__ = "boat"
            id = Column(Integer, primary_key=True)
        def added(s: Session): s.add(instance=Boat())
        def all_of(s: Session): s.add_all(instances=[Boat(), Boat()])
        def merged(s: Session): s.merge(instance=Boat(id=1))
        def deleted(s: Session, pk):
            boat = s.get(entity=Boat, ident=pk)
            s.delete(instance=boat)
        def bulk(s: Session): s.bulk_save_objects(objects=[Boat()])
        def run(s: Session): s.execute(statement=delete(Boat))
        def unknown(s): s.add(instance=Boat())
    """
    system = project({"m.py": source}).system
    assert {a.function for a in system.accesses if a.operation == "write"} == {
        "added", "all_of", "merged", "deleted", "bulk", "run", "unknown",
    }  # fmt: skip
    assert not [d for d in system.diagnostics if d.code == "unresolved-access"]
