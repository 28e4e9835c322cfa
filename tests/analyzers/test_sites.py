"""Each call of a first-party definition: its line, the transaction around it, by its name or not."""

from __future__ import annotations

from pathlib import Path

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
