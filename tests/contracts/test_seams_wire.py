"""Any value of a type comes back over the wire as the same value of the same type, or is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strangler.contracts.seams.runtime import wire


def unfolded(time):
    """ISO 8601 does not tell the first of two equal times of a day from the second."""
    return time.replace(fold=0)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
CODECS = [
    (wire.BOOL, st.booleans()),
    (wire.INT, st.integers()),
    (wire.FLOAT, st.floats(allow_nan=False)),
    (wire.STR, st.text()),
    (wire.JSON, PLAIN),
    (wire.BYTES, st.binary()),
    (wire.DECIMAL, st.decimals(allow_nan=False)),
    (wire.UUID, st.uuids()),
    (wire.DATETIME, st.datetimes(timezones=st.none() | st.timezones())),
    (wire.DATE, st.dates()),
    (wire.TIME, st.times().map(unfolded)),
    (wire.TIMEDELTA, st.timedeltas()),
    (wire.list_of(wire.DECIMAL), st.lists(st.decimals(allow_nan=False))),
    (wire.set_of(wire.UUID), st.sets(st.uuids())),
    (wire.frozenset_of(wire.INT), st.frozensets(st.integers())),
    (wire.dict_of(wire.BYTES), st.dictionaries(st.text(), st.binary())),
    (wire.tuple_of(wire.STR, wire.optional(wire.DATE)), st.tuples(st.text(), st.none() | st.dates())),
    (
        wire.fields({"a": wire.INT, "b": wire.TIME}),
        st.fixed_dictionaries({"a": st.integers(), "b": st.times().map(unfolded)}),
    ),
]


@settings(max_examples=400)
@given(data=st.data())
def test_values_come_back_as_they_were(data):
    codec, values = data.draw(st.sampled_from(CODECS))
    value = data.draw(values)
    back = codec.decode(json.loads(json.dumps(codec.encode(value, ""))), "")
    assert type(back) is type(value)
    assert repr_of(back) == repr_of(value)


def repr_of(value: object) -> object:
    """A value with its spelling: 1.50 is not 1.5, a zone is its offset."""
    if hasattr(value, "utcoffset"):
        return value.isoformat()
    return sorted(map(repr, value)) if isinstance(value, set | frozenset) else repr(value)


class Text(str):
    """A text that means more than its letters."""


@pytest.mark.parametrize(
    ("codec", "value"),
    [
        (wire.STR, Text("a")),
        (wire.STR, 1),
        (wire.INT, True),
        (wire.INT, "1"),
        (wire.JSON, {1: 2}),
        (wire.JSON, (1, 2)),
        (wire.JSON, object()),
        (wire.DECIMAL, 1.5),
        (wire.list_of(wire.INT), (1, 2)),
        (wire.list_of(wire.INT), (item for item in [1])),
        (wire.tuple_of(wire.INT), (1, 2)),
        (wire.fields({"a": wire.INT}), {"a": 1, "b": 2}),
    ],
)
def test_another_type_is_refused_with_the_place(codec, value):
    with pytest.raises(wire.WireError, match="here"):
        codec.encode(value, "here")


@pytest.mark.parametrize(
    ("codec", "text"),
    [(wire.DECIMAL, "x"), (wire.DECIMAL, 1.5), (wire.UUID, 7), (wire.DATE, "2026-13-01"), (wire.BYTES, "?")],
)
def test_what_is_not_its_text_is_refused(codec, text):
    with pytest.raises(wire.WireError, match="here"):
        codec.decode(text, "here")
