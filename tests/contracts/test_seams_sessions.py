"""What opens the sessions of calls that a service answers: the code tells, or whoever starts the program."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from helpers.seams import TOKEN, apply
from test_operations import with_contexts
from test_seams_values import run, served

from strangler.contracts.operations import find_operations
from strangler.contracts.seams import build_seams, seam_files
from strangler.sources import scan

SHOP = {
    "shop/__init__.py": "",
    "shop/goods/__init__.py": "",
    "shop/orders/__init__.py": "",
    "shop/goods/models.py": """
        from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
        class Base(DeclarativeBase):
            pass
        class Product(Base):
            __tablename__ = "product"
            id: Mapped[int] = mapped_column(primary_key=True)
            name: Mapped[str]
        """,
    "shop/goods/services.py": """
        from sqlalchemy import func, select
        from sqlalchemy.orm import Session
        from shop.goods.models import Product

        def sold(session: Session) -> int:
            return session.execute(select(func.count(Product.id))).scalar_one()

        def shelved(session: Session) -> int:
            return session.execute(select(func.count(Product.id))).scalar_one()
        """,
    "shop/orders/views.py": """
        from shop.goods.services import shelved, sold

        def page(now, past):
            return sold(now), shelved(past)
        """,
}
ONE = """
from sqlalchemy import create_engine
from sqlalchemy.orm import scoped_session, sessionmaker
engine = create_engine("sqlite:///now.sqlite3")
factory = sessionmaker(engine)
Session = scoped_session(factory)
"""
ANOTHER = """
past = create_engine("sqlite:///past.sqlite3")
Past = sessionmaker(past)
"""
FILL = """
from shop.db import *
from shop.goods.models import Base, Product
for opened, count in ((Session, 1), (globals().get("Past", Session), 2)):
    with opened() as session:
        Base.metadata.create_all(session.get_bind())
        session.add_all([Product(name="nail") for _ in range(count)])
        session.commit()
"""
ASK = """
from shop.db import *
from shop.orders.views import page
with Session() as now, globals().get("Past", Session)() as past:
    print(*page(now, past))
"""


def made(root: Path, database: str) -> str:
    """The shop with its seams in it and its tables filled; what the plan says of them."""
    for name, text in {**SHOP, "shop/db.py": database}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    model = with_contexts(
        root, {"goods": ["shop.goods.services", "shop.goods.models"], "orders": ["shop.orders.views"]}
    )
    found = find_operations(model)
    seams = build_seams(model, scan(root), found)
    apply(root, seams.patch)
    run(root, dict(os.environ), FILL)
    return seam_files(found, seams)["BLOCKERS.md"].decode()


def test_what_opens_the_sessions_is_known_from_the_code(tmp_path):
    page = made(tmp_path, ONE)
    assert "It opens sessions by `shop.db:Session`, unless `--use module:name` says otherwise." in page
    with served(tmp_path) as environment:
        assert run(tmp_path, environment, ASK) == ["3 3"]


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    root = tmp_path_factory.mktemp("two")
    return root, made(root, ONE + ANOTHER)


def test_of_several_each_call_has_the_one_that_is_said_for_it(two):
    root, page = two
    assert "`shop.db:Session`, `shop.db:Past` open sessions" in page
    said = ("--use", "shop.db:Session", "--use", "goods.shelved=shop.db:Past")
    with served(root, *said) as environment:
        assert run(root, environment, ASK) == ["1 2"]


def test_of_several_none_is_guessed(two):
    command = [sys.executable, "-m", "shop.seams.server", "goods"]
    environment = os.environ | {"SEAM_TOKEN": TOKEN}
    done = subprocess.run(
        command, cwd=two[0], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert "which of shop.db:Session, shop.db:Past opens the sessions? say --use" in done.stderr


def test_what_makes_no_sessions_is_refused_with_its_name(two):
    command = [sys.executable, "-m", "shop.seams.server", "goods", "--use", "builtins:dict"]
    environment = os.environ | {"SEAM_TOKEN": TOKEN}
    done = subprocess.run(
        command, cwd=two[0], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert "builtins:dict is no engine" in done.stderr
