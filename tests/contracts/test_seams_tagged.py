"""Values that carry their type: each comes back as it was, or is refused before anything is sent."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import functools
import json
import uuid
from decimal import Decimal
from typing import Any, NamedTuple

import pydantic
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from strangler.contracts.seams.runtime import own, wire

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.decimals(allow_nan=False)
    | st.uuids()
    | st.dates()
    | st.datetimes()
    | st.timedeltas()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.frozensets(SCALARS, max_size=3)
        | st.dictionaries(st.text() | st.integers() | st.just("$type"), inner, max_size=3)
    ),
    max_leaves=8,
)


class Size(enum.Enum):
    SMALL = "s"


class Place(NamedTuple):
    street: str
    number: int


@dataclasses.dataclass(frozen=True)
class Line:
    name: str
    price: Decimal
    size: Size


class Inner(pydantic.BaseModel):
    lines: list[Line]
    note: str | None = None


class Outer(pydantic.BaseModel):
    inner: Inner | None = None
    anything: Any = None


class Handle:
    """What nobody can send."""


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setattr(own, "PACKAGES", (__name__.partition(".")[0],))


def back(value, codec=None):
    codec = codec or wire.tagged()
    return codec.decode(json.loads(json.dumps(codec.encode(value, "it"))), "it")


@settings(max_examples=300, deadline=None)
@given(value=VALUES)
def test_plain_values_of_any_type_come_back_as_they_were(value):
    found = back(value)
    assert type(found) is type(value)
    assert found == value
    assert type(found) is not list or [type(item) for item in found] == [type(item) for item in value]


def test_the_dicts_that_sqlalchemy_gives_for_rows_of_columns_come_back_as_dicts():
    trail = sa.Table("trail", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("at", sa.DateTime))
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        trail.create(connection)
        connection.execute(trail.insert(), [{"id": 1, "at": datetime.datetime(2026, 3, 1)}])
        rows = connection.execute(sa.select(trail)).mappings().all()
    assert back(rows) == [{"id": 1, "at": datetime.datetime(2026, 3, 1)}]


def test_what_is_plain_json_is_sent_as_it_is():
    value = {"a": [1, 2.5, None, "x", {"b": True}]}
    assert wire.tagged().encode(value, "it") == value


@pytest.mark.parametrize(
    "value",
    [
        Size.SMALL,
        Place("High Street", 4),
        Line("nail", Decimal("4.50"), Size.SMALL),
        Outer(inner=Inner(lines=[Line("nail", Decimal("4.50"), Size.SMALL)]), anything=(1, {2})),
    ],
)
def test_records_of_the_monolith_come_back_as_they_were(value):
    found = back(value)
    assert type(found) is type(value)
    assert found == value


def test_a_model_comes_back_with_the_fields_that_were_set_and_without_being_checked_anew():
    found = back(Outer.model_construct(inner="no such thing"))
    assert found.model_fields_set == {"inner"}
    assert found.inner == "no such thing"


@pytest.mark.parametrize("value", [Handle(), Handle, print, open, iter([]), [Handle()], {"a": lambda: 1}])
def test_what_cannot_cross_is_refused_with_its_place(value):
    with pytest.raises(wire.WireError, match=r"^it"):
        wire.tagged().encode(value, "it")


def test_what_goes_round_in_a_circle_is_refused():
    value: list[Any] = []
    value.append(value)
    with pytest.raises(wire.WireError, match="levels"):
        wire.tagged().encode(value, "it")


def test_what_is_nested_without_end_is_refused_by_the_receiver_too():
    value: list[Any] = []
    for _ in range(5_000):
        value = [value]
    with pytest.raises(wire.WireError):
        wire.tagged().decode(value, "it")


def test_a_class_of_another_package_is_neither_sent_nor_made():
    with pytest.raises(wire.WireError):
        wire.tagged().encode(functools.partial(print), "it")
    sent = {"$type": "record", "class": "subprocess:Popen", "value": {}}
    with pytest.raises(wire.WireError):
        wire.tagged().decode(sent, "it")


@pytest.mark.parametrize(
    "sent", [{"$type": "list"}, {"$type": "decimal"}, {"$type": ["x"]}, {"$type": "row"}]
)
def test_what_is_no_value_with_its_type_is_refused(sent):
    with pytest.raises(wire.WireError):
        wire.tagged(rows=True).decode(sent, "it")


@pytest.mark.parametrize("more", [{"__class__": "x"}, {"extra": 1}])
def test_a_record_is_made_of_its_fields_alone(more):
    sent = wire.tagged().encode(Line("nail", Decimal("4.50"), Size.SMALL), "it")
    assert wire.tagged().decode(sent, "it").name == "nail"
    with pytest.raises(wire.WireError, match="other fields"):
        wire.tagged().decode({**sent, "value": {**sent["value"], **more}}, "it")


def test_a_value_of_another_class_than_the_known_one_is_refused():
    codec = wire.tagged(f"{__name__}:Outer")
    assert back(Outer(), codec) == Outer()
    with pytest.raises(wire.WireError):
        codec.encode(Inner(lines=[]), "it")
    with pytest.raises(wire.WireError):
        codec.decode(wire.tagged().encode(Inner(lines=[]), "it"), "it")


class DriversUuid(uuid.UUID):
    """As asyncpg makes them."""


@pytest.mark.parametrize("codec", [wire.UUID, wire.tagged()])
def test_a_drivers_own_uuid_is_one(codec):
    found = back(DriversUuid(int=1), codec)
    assert (type(found), found) == (uuid.UUID, uuid.UUID(int=1))
