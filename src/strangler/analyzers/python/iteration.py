"""What iteration yields, and where it may come in any order or change on the way."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from strangler.analyzers.python.values import UNKNOWN, Const, Mapping, Sequence, Value, View, join

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter

MOST_TURNS = 50
"""Turns of a ``while`` loop whose condition is known, and of a ``for`` over a list that grows on the way;
beyond, they are taken together."""


def elements(
    interp: Interpreter, value: Value, frame: Frame, ordered: bool = True
) -> tuple[list[Value], bool]:
    """What iteration yields where code iterates: a string is its characters there.

    A set is in no order: where it is asked for, its elements are not known to be just these.
    """
    if type(value) is Const and isinstance(value.value, str):
        return [Const(character) for character in value.value], True
    items, exact = value.elements(interp, frame)
    return items, exact and not (ordered and without_order(value))


def without_order(value: Value) -> bool:
    """Whether the elements may come in any order."""
    return isinstance(value, Sequence) and value.kind in ("set", "frozenset") and len(value.items) > 1


def iterate(interp: Interpreter, value: Value, frame: Frame) -> tuple[list[Value], bool]:
    """The elements to run a loop body with, and whether these are exactly all of them."""
    items, exact = elements(interp, value, frame, False)
    if not exact and (len(items) < 2 or not interp.booting):
        interp.spend(1)
        return [join([*items, UNKNOWN])], False
    most = interp.limits.loop_items if interp.booting else interp.limits.loop_items // 10
    if len(items) > most:
        message = f"of {len(items)} elements the loop is followed for the first {most}"
        interp.cut(frame.module, frame.line, message, "loop_items")
        items, exact = items[:most], False
    interp.spend(len(items))
    return items, exact


def in_turn(interp: Interpreter, source: Value, items: list[Value]) -> Iterable[Value]:
    """The elements of a loop, one by one: of a list, as it is by then."""
    if type(source) is not Sequence or source.kind != "list":
        return items
    return islice(source.items, len(items) + MOST_TURNS)


def has_changed(source: Value, items: list[Value]) -> bool:
    """Whether its turns have changed what a loop goes through: which further ones there are is not known."""
    if type(source) is Sequence:
        return source.open or len(source.items) > len(items) + MOST_TURNS
    held = source.mapping if type(source) is View else source
    return isinstance(held, Mapping) and (held.open or len(held.items) != len(items))
