"""A decorator is one use of what makes it, and who calls the decorated calls what it is put around."""

from __future__ import annotations

from pathlib import Path

import pytest

from strangler import pipeline
from strangler.config import load
from strangler.model import System

DECO = """
from functools import wraps
from shop.models import Boat, session
def logged(name, *, level=1):
    def decorate(f):
        @wraps(f)
        def wrapper(*args):
            session.add(Boat())
            return f(*args)
        return wrapper
    return decorate
def listed(name):
    def decorate(cls):
        return cls
    return decorate
class Registry:
    def task(self, name):
        def decorate(f):
            def wrapper(*args):
                session.add(Boat())
                return f(*args)
            return wrapper
        return decorate
registry = Registry()
class Kept:
    def __init__(self, f):
        self.f = f
    def __call__(self, *args):
        session.add(Boat())
        return self.f(*args)
shared = logged("all")
"""
MODELS = """
from sqlalchemy import Column, Integer
from sqlalchemy.orm import Session, declarative_base
Base = declarative_base()
class Boat(Base):
    __tablename__ = "boat"
    id = Column(Integer, primary_key=True)
session = Session()
"""


def uses(root: Path, decorated: str, more: str = "") -> tuple[System, list[tuple[str, str, int]]]:
    """The uses of ``shop.deco`` by other modules, those through a value too: module, target, line."""
    (root / "shop").mkdir()
    jobs = f"from shop.deco import *\n{decorated}"
    for name, text in (("__init__", ""), ("models", MODELS), ("deco", DECO), ("jobs", jobs), ("more", more)):
        (root / "shop" / f"{name}.py").write_text(text)
    system = pipeline.read(pipeline.scan(root, load(root, [])), jobs=1, cached=False)
    rows = [*system.calls, *(row for row in system.invocations if not row.inverted)]
    return system, [
        (row.module, row.target, row.line)
        for row in rows
        if row.target_module == "shop.deco" and row.module != "shop.deco"
    ]


@pytest.mark.parametrize(
    ("decorator", "target"),
    [
        ('@logged("sale")\n', "logged"),
        ('@logged("sale", level=2)\n', "logged"),
        ('@registry.task("sale")\n', "Registry.task"),
    ],
)
def test_a_decorator_with_arguments_is_one_use(tmp_path: Path, decorator: str, target: str) -> None:
    system, found = uses(tmp_path, f"{decorator}def sale():\n    return 1\n")
    assert found == [("shop.jobs", target, 2)]
    (call,) = (row for row in system.calls if row.target == target)
    assert [site.reached for site in call.sites] == ["decorator"]


def test_a_decorator_of_a_class_with_arguments_is_one_use(tmp_path: Path) -> None:
    assert uses(tmp_path, '@listed("sale")\nclass Sale:\n    pass\n')[1] == [("shop.jobs", "listed", 2)]


def test_a_decorator_that_is_made_elsewhere_is_used_where_it_stands(tmp_path: Path) -> None:
    found = uses(tmp_path, "@shared\ndef sale():\n    return 1\n")[1]
    assert found == [("shop.jobs", "logged.<locals>.decorate", 3)]


def test_who_calls_what_an_object_is_put_around_calls_that(tmp_path: Path) -> None:
    more = "from shop.jobs import sale\ndef sell():\n    return sale()\n"
    system, found = uses(tmp_path, "@Kept\ndef sale():\n    return 1\n", more)
    assert found == [("shop.jobs", "Kept", 3)]
    assert [row.target for row in system.calls if row.module == "shop.more"] == ["sale"]


def test_an_object_that_is_called_by_its_own_name_is_called_itself(tmp_path: Path) -> None:
    more = "from shop.deco import Kept\nkept = Kept(print)\ndef sell():\n    return kept()\n"
    found = uses(tmp_path, "", more)[1]
    assert ("shop.more", "Kept.__call__", 4) in found
