"""SQLAlchemy-Continuum: tables of versions, and one of transactions (the library is not at hand)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[[dict[str, str]], Any]

MODELS = """
    from sqlalchemy import Column, ForeignKey, Integer, String
    from sqlalchemy.orm import declarative_base
    {call}
    Base = declarative_base()

    class User(Base):
        __tablename__ = "sailors"
        id = Column(Integer, primary_key=True)

    class Boat(Base):
        __tablename__ = "boats"
        __versioned__ = {{"exclude": ["notes"]}}
        id = Column(Integer, primary_key=True)
        notes = Column(String)
        owner_id = Column(ForeignKey("sailors.id"))
    """
IMPORT = "from sqlalchemy_continuum import make_versioned"


def tables(project: Make, call: str) -> dict[str, Any]:
    return {t.name: t for t in project({"fleet.py": MODELS.format(call=call)}).system.tables}


def test_a_model_that_asks_for_it_has_a_table_of_versions(project: Make) -> None:
    found = tables(project, f"{IMPORT}; make_versioned()")
    assert set(found) == {"sailors", "boats", "boats_version", "transaction"}
    copy = found["boats_version"]
    assert {column.name for column in copy.columns} == {
        "id", "owner_id", "transaction_id", "end_transaction_id", "operation_type"}  # fmt: skip
    assert not copy.foreign_keys
    assert [(key.column, key.table) for key in found["transaction"].foreign_keys] == [("user_id", "sailors")]


def test_the_names_are_those_of_the_options(project: Make) -> None:
    options = "{'table_name': 'old_%s', 'transaction_column_name': 'tx'}"
    found = tables(project, f"{IMPORT}; make_versioned(user_cls=None, options={options})")
    assert {column.name for column in found["old_boats"].columns} >= {"id", "tx"}
    assert not found["transaction"].foreign_keys


def test_without_the_call_there_is_none(project: Make) -> None:
    assert set(tables(project, "")) == {"sailors", "boats"}


def test_a_model_that_makes_its_mapper_itself_is_told(project: Make) -> None:
    source = """
        from sqlalchemy import Column, Integer
        from sqlalchemy.orm import Mapper, declarative_base, declared_attr
        Base = declarative_base()

        class Kept:
            @declared_attr
            def __mapper_cls__(cls):
                def make(cls, *args, **options):
                    return keep(Mapper(cls, *args, **options))
                return make

        class Boat(Kept, Base):
            __tablename__ = "boats"
            id = Column(Integer, primary_key=True)

        class Berth(Base):
            __tablename__ = "berths"
            id = Column(Integer, primary_key=True)
        """
    told = [d for d in project({"fleet.py": source}).system.diagnostics if d.code == "unlisted-model"]
    assert [(d.line, d.message.split()[0]) for d in told] == [(13, "Boat")]
