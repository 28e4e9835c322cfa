"""A statement on one of several models writes each of them, possibly."""

from __future__ import annotations

import pytest

MODELS = """
    from sqlalchemy import Column, Integer, delete, insert, update
    from sqlalchemy.orm import Session, declarative_base

    Base = declarative_base()

    class A(Base):
        __tablename__ = "a"
        id = Column(Integer, primary_key=True)

    class B(Base):
        __tablename__ = "b"
        id = Column(Integer, primary_key=True)

    class C(Base):
        __tablename__ = "c"
        id = Column(Integer, primary_key=True)

    KINDS = {"a": A, "b": B, "c": C}

    def act(session: Session, kind: str):
        STATEMENT
    """


@pytest.mark.parametrize(
    "statement",
    [
        "session.query(KINDS[kind]).delete()",
        "session.query(KINDS[kind]).update({'id': 1})",
        "session.execute(delete(KINDS[kind]))",
        "session.execute(update(KINDS[kind]).values(id=1))",
        "session.execute(insert(KINDS[kind]).values(id=1))",
    ],
)
def test_each_of_several_models_is_written_possibly_and_none_is_read(project, statement: str) -> None:  # type: ignore[no-untyped-def]
    system = project({"shop/__init__.py": "", "shop/m.py": MODELS.replace("STATEMENT", statement)}).system
    assert {(a.table, a.operation, a.certainty) for a in system.accesses} == {
        (table, "write", "possible") for table in "abc"
    }


def test_one_model_is_written_for_certain(project) -> None:  # type: ignore[no-untyped-def]
    text = MODELS.replace("STATEMENT", "session.execute(delete(A))")
    system = project({"shop/__init__.py": "", "shop/m.py": text}).system
    assert {(a.table, a.operation, a.certainty) for a in system.accesses} == {("a", "write", "certain")}


FOUND = """
    from sqlalchemy import Column, Integer
    from sqlalchemy.orm import Session, declarative_base

    Base = declarative_base()

    class A(Base):
        __tablename__ = "a"
        id = Column(Integer, primary_key=True)

    def found(session: Session, asked):
        if not asked:
            return None, {"status": "nothing asked"}
        return session.query(A), {"status": "found"}

    def answer(session: Session, asked):
        BODY
    """


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ("query, told = found(session, asked); told.update({'asked': asked})", False),
        ("*_, told = found(session, asked); told.update({'asked': asked})", False),
        ("[told.update({'asked': asked}) for query, told in [found(session, asked)]]", False),
        ("query, told = found(session, asked); query.update({'id': asked})", True),
    ],
)
def test_of_one_of_several_pairs_each_name_is_what_stands_at_its_place(
    project, body: str, written: bool
) -> None:  # type: ignore[no-untyped-def]
    system = project({"shop/__init__.py": "", "shop/m.py": FOUND.replace("BODY", body)}).system
    assert {a.function for a in system.accesses if a.operation == "write"} == (
        {"answer", "found"} if written else set()
    )
