"""Each call of a first-party definition: its line, the transaction around it, by its name or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from strangler import pipeline
from strangler.config import Config
from strangler.model import Model
from strangler.model.effects import Effects

STOCK = """
from sqlalchemy import Column, Integer, create_engine
from sqlalchemy.orm import declarative_base

Base = declarative_base()
engine = create_engine('sqlite://')


class Stock(Base):
    __tablename__ = "stock"
    id = Column(Integer, primary_key=True)


def move(session, amount):
    session.add(Stock(id=amount))


def reserve(session):
    move(session, -1)


def level(code):
    return code


def kept(function):
    return function
"""
SHOP = """
from app import stock
from app.stock import kept, level, level as height
import app.stock as other

run = stock.level
TABLE = {"level": level}


def named():
    level(1)
    height(2)
    stock.level(3)
    other.level(4)


def valued(session):
    run(5)
    TABLE["level"](6)
    here = level
    here(7)


def late():
    from app.stock import level as later
    return later(8)


@kept
def decorated():
    level(9)
    with stock.engine.begin() as session:
        level(10)
        stock.reserve(session)
"""


def analysed(root: Path) -> Model:
    (root / "app").mkdir()
    for name, text in {"__init__": "", "stock": STOCK, "shop": SHOP}.items():
        (root / f"app/{name}.py").write_text(text)
    return pipeline.analyze(pipeline.scan(root, Config()), Config(), jobs=1, cached=False)


def sites(model: Model, function: str | None, target: str) -> list[tuple[int, str, int]]:
    return [
        (site.line, site.reached, site.transaction)
        for call in model.calls
        if (call.module, call.function, call.target) == ("app.shop", function, target)
        for site in call.sites
    ]


def test_every_line_that_calls_is_a_site_and_says_how_it_reaches_the_definition(tmp_path):
    model = analysed(tmp_path)
    assert [row[1] for row in sites(model, "named", "level")] == ["name"] * 4
    assert [row[1] for row in sites(model, "valued", "level")] == ["value"] * 3
    assert [row[1] for row in sites(model, "late", "level")] == ["name"]
    assert [row[1] for row in sites(model, None, "kept")] == ["decorator"]


def test_a_site_names_the_transaction_that_its_function_has_open(tmp_path):
    (before, inside) = sites(analysed(tmp_path), "decorated", "level")
    assert before[2] == 0
    assert inside[2] == inside[0] - 1


def test_calls_inside_a_module_are_told_where_they_lead_to_a_table(tmp_path):
    model = analysed(tmp_path)
    rows = [(row.module, row.function, row.target) for row in model.invocations]
    assert ("app.stock", "reserve", "move") in rows
    assert not [row for row in rows if row[2] == "level"]
    assert Effects(model).writes("app.shop", "decorated") == {"stock"}


WRAPPED = """
from functools import lru_cache, wraps

from app.stock import engine


def in_transaction(function):
    @wraps(function)
    def wrapper(*args, **kwargs):
        with engine.begin() as session:
            return function(*args, session=session, **kwargs)
    return wrapper


def timed(function):
    function = lru_cache(maxsize=1)(function)

    @wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper
"""
USERS = """
from app.stock import level, reserve
from app.wrapped import in_transaction, timed


@in_transaction
def place(session=None):
    reserve(session)


@timed
def height(code):
    return level(code)
"""
CALLERS = """
from app.users import height, place


def order():
    place()
    height(1)
"""


@pytest.fixture
def wrapped(tmp_path) -> Model:
    (tmp_path / "app").mkdir()
    files = {"__init__": "", "stock": STOCK, "wrapped": WRAPPED, "users": USERS, "callers": CALLERS}
    for name, text in files.items():
        (tmp_path / f"app/{name}.py").write_text(text)
    return pipeline.analyze(pipeline.scan(tmp_path, Config()), Config(), jobs=1, cached=False)


def test_a_call_of_what_is_decorated_is_a_call_of_the_definition(wrapped):
    rows = {(call.function, call.target) for call in wrapped.calls if call.module == "app.callers"}
    assert rows == {("order", "place"), ("order", "height")}
    assert Effects(wrapped).writes("app.callers", "order") == {"stock"}


def test_a_decorator_does_not_use_what_it_is_put_on(wrapped):
    assert not [call for call in wrapped.calls if call.module == "app.wrapped" and call.kind == "call"]
    assert not Effects(wrapped).of("app.wrapped", "in_transaction")


def test_the_transaction_that_a_decorators_own_function_opens_is_told(wrapped):
    (row,) = [row for row in wrapped.invocations if row.wraps]
    assert (row.module, row.target_module, row.target) == ("app.wrapped", "app.users", "place")
    assert row.transaction


UNSEEN = """
from app.stock import engine, level

DEBUG = False


def never(code):
    if DEBUG:
        return level(code)
    return None


def opened(service):
    with engine.begin():
        service.of(level).call(level(1))
"""


def test_a_call_that_the_analysis_does_not_come_to_is_told_as_such(tmp_path):
    (tmp_path / "app").mkdir()
    for name, text in {"__init__": "", "stock": STOCK, "shop": UNSEEN}.items():
        (tmp_path / f"app/{name}.py").write_text(text)
    model = pipeline.analyze(pipeline.scan(tmp_path, Config()), Config(), jobs=1, cached=False)
    assert [row[1] for row in sites(model, "never", "level")] == ["unseen"]
    (site,) = sites(model, "opened", "level")
    assert site[1:] == ("name", site[0] - 1)


SEVERAL = """
from app.kinds import Card, Cash, twice


def chosen(flag):
    payment = Card() if flag else Cash()
    return payment.take()


def collected(flag):
    payments = [Card()]
    if flag:
        payments.append(Cash())
    for payment in payments:
        payment.take()


def made(flag):
    kind = Card if flag else Cash
    return kind()


def back(flag):
    return twice(lambda: 1) + twice(lambda: 2)
"""
KINDS = """
def twice(ask):
    return ask() + ask()


class Card:
    def take(self):
        return 1


class Cash:
    def take(self):
        return 2
"""


def test_a_call_of_one_of_several_is_a_call_of_each(tmp_path):
    """Of each, whether it touches data or not: a context that leaves takes its own along."""
    (tmp_path / "app").mkdir()
    for name, text in {"__init__": "", "kinds": KINDS, "till": SEVERAL}.items():
        (tmp_path / "app" / f"{name}.py").write_text(text)
    model = pipeline.analyze(pipeline.scan(tmp_path, Config()), Config(), jobs=1, cached=False)
    found = {
        (call.function, call.target, site.line, site.reached) for call in model.calls for site in call.sites
    }
    for function, line in (("chosen", 7), ("collected", 15)):
        for kind in ("Card", "Cash"):
            assert (function, f"{kind}.take", line, "value") in found
    assert {("made", "Card", 20, "value"), ("made", "Cash", 20, "value")} <= found
    assert "app.kinds" not in {call.module for call in model.calls}  # calls back what it is given
