"""Tables whose name and columns come from a mixin of a library (the library itself is not at hand)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[[dict[str, str]], Any]


def test_a_mixin_of_a_library_brings_its_table_columns_and_keys(project: Make) -> None:
    made = project(
        {
            "shop/__init__.py": "",
            "shop/models.py": """
                from fastapi_users_db_sqlalchemy import (
                    SQLAlchemyBaseOAuthAccountTableUUID, SQLAlchemyBaseUserTableUUID,
                )
                from fastapi_users_db_sqlalchemy.access_token import SQLAlchemyBaseAccessTokenTableUUID
                from sqlalchemy import Column, String
                from sqlalchemy.orm import DeclarativeBase

                class Base(DeclarativeBase): ...

                class Account(SQLAlchemyBaseOAuthAccountTableUUID, Base):
                    access_token = Column("token", String)

                class User(SQLAlchemyBaseUserTableUUID, Base):
                    nickname = Column(String)

                class Token(SQLAlchemyBaseAccessTokenTableUUID, Base): ...
            """,
        }
    )
    tables = {table.name: table for table in made.system.tables}
    keys = {(t.name, k.column, k.table, k.on_delete) for t in tables.values() for k in t.foreign_keys}
    assert set(tables) == {"oauth_account", "user", "accesstoken"}
    assert {"id", "email", "hashed_password", "nickname"} <= {c.name for c in tables["user"].columns}
    assert "token" in {c.name for c in tables["oauth_account"].columns}
    assert keys == {
        ("oauth_account", "user_id", "user", "CASCADE"),
        ("accesstoken", "user_id", "user", "CASCADE"),
    }


def test_what_descends_from_an_unknown_base_and_declares_a_table_is_mapped(project: Make) -> None:
    made = project(
        {
            "models.py": """
                from houselib.orm import AsyncBase
                from sqlalchemy import ForeignKey, MetaData
                from sqlalchemy.orm import Mapped, mapped_column, relationship

                class Model(AsyncBase):
                    __abstract__ = True
                    metadata = MetaData(schema="shop")

                class Numbered(Model):
                    __abstract__ = True
                    id: Mapped[int] = mapped_column(primary_key=True)

                class Boat(Numbered):
                    __tablename__ = "boats"
                    crew: Mapped[list["Sailor"]] = relationship("Sailor")

                class Sailor(Numbered):
                    __tablename__ = "sailors"
                    boat_id: Mapped[int] = mapped_column(ForeignKey("shop.boats.id"))
            """,
        }
    )
    rows = {(t.name, t.model, *[(k.column, k.table) for k in t.foreign_keys]) for t in made.system.tables}
    assert rows == {
        ("shop.boats", "models.Boat"),
        ("shop.sailors", "models.Sailor", ("boat_id", "shop.boats")),
    }
