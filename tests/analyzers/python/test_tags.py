"""What is kept of objects beside their attributes."""

from __future__ import annotations

from strangler.analyzers.python.values import NONE, UNKNOWN, Args, Const, Object, Tag, Text, without_tags

SEEN = Tag("seen", Const)


def test_a_tag_is_no_attribute_that_code_can_read() -> None:
    thing = Object(UNKNOWN, Args(), None)
    thing.attrs["name"] = Const("x")
    SEEN.put(thing, NONE)
    assert SEEN.of(thing) is NONE
    assert without_tags(thing.attrs) == {"name": thing.attrs["name"]}


def test_what_several_ways_have_left_is_no_certain_knowledge() -> None:
    thing = Object(UNKNOWN, Args(), None)
    assert SEEN.of(thing) is None
    thing.attrs[SEEN.name] = Text([None])
    assert SEEN.of(thing) is None
    assert SEEN.of(UNKNOWN) is None


def test_a_tag_can_be_taken_off() -> None:
    thing = Object(UNKNOWN, Args(), None)
    SEEN.put(thing, Const(1))
    taken = SEEN.clear(thing)
    assert taken is not None
    assert taken.value == 1
    assert SEEN.of(thing) is None
