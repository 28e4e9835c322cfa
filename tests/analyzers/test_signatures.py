"""Signatures are facts: what definitions take, give and raise, and what a call of them does."""

from __future__ import annotations

from pathlib import Path

import pytest

from strangler import pipeline
from strangler.config import Config
from strangler.model import Model, Parameter, Signature
from strangler.model.shapes import Kind, Shape, expanded, make

STOCK = """
from __future__ import annotations

import decimal
import threading
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypedDict

import flask
from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import declarative_base

if TYPE_CHECKING:
    from app.shop import Basket

Base = declarative_base()
HELD = threading.local()
BLOB = b"x"
Codes = list[str]


class Item(Base):
    __tablename__ = "items"
    id = Column(Integer, primary_key=True)
    code = Column(String)
    price = Column(Integer)


class Gone(LookupError):
    status_code = 410


class Unit(Enum):
    piece = "pc"
    box = "bx"


@dataclass
class Level:
    code: str
    parts: list[Level]
    price: decimal.Decimal | None = None


class Options(TypedDict, total=False):
    limit: int


def level(code: str, /, unit: Unit = Unit.box, *, deep=False, **more) -> Level:
    if not code:
        raise Gone(code)
    return Level(code, [])


def price(item, factor=1.5):
    return item.price * factor


def names(codes: Codes, options: Options):
    found = []
    for code in codes:
        found.append((code, len(code)))
    return found


def blob():
    return BLOB


def sign(amount: int):
    return -amount


def later(basket: Basket):
    return basket.lines.first.total


def whose():
    return flask.session["user"], HELD.value


def store(session, code):
    item = Item(code=code)
    session.add(item)
    session.commit()
    return item


def cleared(items):
    items.clear()


def kept(function):
    return function


@kept
def sized(text: str):
    return text[1:]
"""
SHOP = """
from app import stock
from app.stock import Gone, blob, cleared, later, level, names, price, sign, sized, store, whose

TABLE = {"level": level}


class Basket:
    lines: list


def order(session, codes):
    try:
        level("a")
    except (Gone, KeyError):
        return None
    except ValueError:
        raise
    names(*codes)
    item = store(session, code="x")
    price(item)
    print(item.code)
    whose(), later(Basket()), cleared([]), blob(), sign(1), sized("x")
    return sorted(codes, key=stock.level)
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Model:
    root: Path = tmp_path_factory.mktemp("app")
    (root / "app").mkdir()
    for name, text in {"__init__": "", "stock": STOCK, "shop": SHOP}.items():
        (root / f"app/{name}.py").write_text(text)
    return pipeline.analyze(pipeline.scan(root, Config()), Config(), jobs=1, cached=False)


def of(model: Model, name: str) -> Signature:
    return next(row for row in model.signatures if row.name == name)


def kinds(parameters: tuple[Parameter, ...]) -> dict[str, tuple[Kind, str]]:
    return {item.name: (item.shape.kind, item.known_from) for item in parameters}


def test_parameters_tell_how_they_are_passed_and_their_defaults_as_written(model):
    rows = [(p.name, p.passing, p.default) for p in of(model, "level").parameters]
    assert rows == [
        ("code", "positional_only", None),
        ("unit", "positional", "Unit.box"),
        ("deep", "keyword_only", "False"),
        ("more", "var_keyword", None),
    ]


def test_shapes_come_from_annotations_calls_defaults_and_uses(model):
    assert kinds(of(model, "level").parameters)["unit"] == ("enum", "annotation")
    assert kinds(of(model, "price").parameters) == {"item": ("row", "calls"), "factor": ("float", "default")}
    assert kinds(of(model, "names").parameters) == {
        "codes": ("list", "annotation"),
        "options": ("typeddict", "annotation"),
    }
    assert kinds(of(model, "later").parameters) == {"basket": ("object", "annotation")}


def test_results_come_from_annotations_or_from_every_return(model):
    assert of(model, "names").result == make("list", make("tuple", make("str"), make("int")))
    assert (of(model, "store").result.kind, of(model, "store").result.name) == ("row", "app.stock:Item")
    assert of(model, "blob").result.kind == "bytes"
    assert of(model, "sign").result.kind == "int"


def test_a_decorator_that_gives_its_function_back_is_named(model):
    assert [item.name for item in of(model, "sized").decorators] == ["kept"]


def test_a_record_stands_once_and_one_within_itself_ends(model):
    records = {record.name: record for record in model.records}
    level = records["app.stock:Level"]
    assert [(field.name, field.required) for field in level.fields] == [
        ("code", True),
        ("parts", True),
        ("price", False),
    ]
    whole = expanded(of(model, "level").result, records)
    assert whole.fields[1].shape.items[0].kind == "object"


def test_exceptions_are_told_with_their_bases_and_the_status_that_they_name(model):
    assert [row.exception for row in of(model, "level").raises] == ["app.stock.Gone"]
    gone = next(item for item in model.exceptions if item.name == "app.stock.Gone")
    assert (gone.importable, gone.status) == ("app.stock:Gone", 410)
    assert "builtins.LookupError" in gone.bases


def test_a_call_tells_what_is_handled_around_it(model):
    sites = {call.target: call.sites[0] for call in model.calls if call.function == "order" and call.sites}
    assert sites["level"].catches == ("app.stock.Gone", "builtins.KeyError")


def test_what_a_call_does_beside_tables_is_told_with_its_place(model):
    whose = of(model, "whose")
    assert [place.symbol for place in whose.ambient] == ["flask.session"]
    assert whose.process is not None
    store = of(model, "store")
    assert (store.commits, store.ends, store.outside) == (True, True, True)
    assert store.acts[0].symbol == "writes items"
    assert not of(model, "names").acts
    assert of(model, "cleared").parameters[0].changed > 0


def test_places_that_hand_a_function_on_are_told(model):
    rows = [(row.function, row.plain) for row in of(model, "level").handed_on]
    assert rows == [(None, True), ("order", False)]


def test_attributes_that_a_function_reads_from_a_parameter_are_told(model):
    assert of(model, "later").parameters[0].reads == ("lines.first.total",)


def test_columns_are_told_of_the_functions_that_touch_a_table_or_are_given_its_row(model):
    rows = {(use.function, use.table): use.columns for use in model.column_uses}
    own = {("store", "items"): ("code",), ("order", "items"): ("code",)}
    assert rows == own | {("price", "items"): ("price",)}


def test_what_a_manager_of_ones_own_gives_are_rows_of_the_class_that_holds_it(tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app/__init__.py").write_text("")
    (tmp_path / "app/models.py").write_text(
        "from django.db import models\n"
        "class Live(models.Manager):\n"
        "    def get_queryset(self):\n"
        "        return super().get_queryset().select_related()\n"
        "    def worth(self):\n"
        "        return 3\n"
        "class Boat(models.Model):\n"
        "    name = models.CharField(max_length=9)\n"
        "    objects = models.Manager()\n"
        "    live = Live()\n"
    )
    (tmp_path / "app/work.py").write_text(
        "from app.models import Boat\n"
        "def made(name):\n"
        "    boat, new = Boat.live.get_or_create(name=name)\n"
        "    return boat\n"
        "def first(name):\n"
        "    return Boat.live.filter(name=name).first()\n"
        "def worth():\n"
        "    return Boat.live.worth()\n"
    )
    (tmp_path / "app/use.py").write_text(
        "from app.work import first, made, worth\ndef use():\n    return made('a'), first('a'), worth()\n"
    )
    model = pipeline.analyze(pipeline.scan(tmp_path, Config()), Config(), jobs=1, cached=False)
    boat = make("row", name="app.models:Boat")
    assert of(model, "made").result == boat
    assert of(model, "first").result == Shape(kind="row", name="app.models:Boat", nullable=True)
    assert of(model, "worth").result.kind == "int", "its own method is what it says"


def test_a_row_that_is_given_for_a_text_is_no_text_and_one_that_is_written_out_stays_as_it_is(tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app/__init__.py").write_text("")
    (tmp_path / "app/models.py").write_text(
        "from django.db import models\nclass Port(models.Model):\n    name = models.CharField(max_length=9)\n"
    )
    (tmp_path / "app/work.py").write_text(
        "from app.models import Port\n"
        "def found(port):\n"
        "    return Port.objects.get(name=port)\n"
        "def told(port):\n"
        "    return f'at {port}'\n"
    )
    (tmp_path / "app/use.py").write_text(
        "from app.models import Port\n"
        "from app.work import found, told\n"
        "def use(name, other):\n"
        "    port, new = Port.objects.get_or_create(name=name)\n"
        "    return found(port), told(port), found(other)\n"
    )
    model = pipeline.analyze(pipeline.scan(tmp_path, Config()), Config(), jobs=1, cached=False)
    assert of(model, "found").parameters[0].shape.kind == "unknown"
    assert of(model, "told").parameters[0].untouched
