"""One of several values, and what may be something else: the meeting of ways."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from operator import is_
from typing import TYPE_CHECKING

from strangler.analyzers.python.values.base import (
    ITEMS_A_VALUE,
    NONE,
    UNKNOWN,
    Args,
    Const,
    Guess,
    Text,
    Value,
    can_escape,
    key_of_content,
    work,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter

MOST_OPTIONS = 12
"""Values that one may be, that are told apart."""
MOST_TARGETS = 64
"""The same where all of them are classes or functions."""

cut: list[bool] = []
"""Whether options were left out since that was last told."""


class Union(Value):
    """One of several values; ``open``: or of others that are not known."""

    __slots__ = ("open", "values")

    def __init__(self, values: tuple[Value, ...], open: bool = False) -> None:
        self.values = values
        self.open = open

    def options(self) -> Iterable[Value]:
        return self.values

    def again(self, seen: dict[int, Value]) -> Value:
        if id(self) in seen:
            return seen[id(self)]
        seen[id(self)] = self
        work[0] += len(self.values)
        values = tuple([value.again(seen) for value in self.values])
        if not all(map(is_, values, self.values)):
            seen[id(self)] = Union(values, self.open)
        return seen[id(self)]

    def _of_each(self, interp: Interpreter, frame: Frame, act: Callable[[Value], Value]) -> Value:
        found = interp.log.of_each(self.values, act, interp.changes)
        if self.open:
            found.append(UNKNOWN)
        return join(found)

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return self._of_each(interp, frame, lambda v: v.get(interp, name, frame))

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return self._of_each(interp, frame, lambda v: v.call(interp, args, frame))

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        each = interp.log.of_each(self.values, lambda value: value.elements(interp, frame)[0])
        items = samples(*each)
        return items[: interp.budget.room(frame, 0, len(items))], False

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        return self._of_each(interp, frame, lambda v: v.item(interp, key, frame))

    def enter(self, interp: Interpreter, frame: Frame) -> Value:
        return self._of_each(interp, frame, lambda v: v.enter(interp, frame))

    def awaited(self, interp: Interpreter, frame: Frame) -> Value:
        return self._of_each(interp, frame, lambda v: v.awaited(interp, frame))

    def store(self, interp: Interpreter, name: str, value: Value, frame: Frame) -> None:
        interp.log.of_each(
            self.values, lambda option: option.store(interp, name, value, frame), interp.changes
        )

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        return self._of_each(interp, frame, lambda v: v.operate(interp, operator, other, frame))

    def escaped(self, interp: Interpreter, frame: Frame) -> None:
        values = [value for value in self.values if can_escape(value)]
        interp.log.of_each(values, lambda value: value.escaped(interp, frame))

    def truth(self) -> bool | None:
        truths = {v.truth() for v in self.values}
        return truths.pop() if len(truths) == 1 and not self.open else None

    def tested(self, interp: Interpreter, frame: Frame) -> bool | None:
        if all(type(value).tested is Value.tested for value in self.values):
            return self.truth()
        truths = set(interp.log.of_each(self.values, lambda value: value.tested(interp, frame)))
        return truths.pop() if len(truths) == 1 and not self.open else None

    def key(self) -> Hashable:
        return key_of_content(self, len(self.values), ("u", self.open), self.values)

    def __repr__(self) -> str:
        return " | ".join(map(repr, self.values))


UNSET = Union((NONE,), True)
"""None, or what nobody knows: a variable of the environment that has no default."""


def by_default(value: Value) -> Value | None:
    """Of a value in doubt, what it is where nothing from outside decides otherwise."""
    if isinstance(value, Guess):
        return Const(value.value)
    if isinstance(value, Union) and value.open and value.values == (NONE,):
        return NONE
    return None


def unset(default: Value | None) -> Value:
    """What is read from outside: its default (None: it has none) as long as nothing is set there."""
    return UNSET if default is None or default is NONE else doubted(default)


def truth_by_default(value: Value) -> bool | None:
    """The same as the truth of a condition; None where it is not known either."""
    default = by_default(value)
    return default.truth() if default is not None else None


def join(values: Iterable[Value]) -> Value:
    """The value that may be any of ``values``.

    What is not known keeps the known ones as what is called and looked into, but is remembered where it
    could decide a condition: a constant becomes a ``Guess``, several values an open ``Union``.
    """
    if type(values) is not list:
        values = list(values)
    first = values[0] if values else UNKNOWN
    for value in values:
        if value is not first:
            break
    else:
        return first
    if len(values) == 2 and (first is UNKNOWN or values[1] is UNKNOWN):
        work[0] += 1
        return doubted(values[1] if first is UNKNOWN else first)
    unknown = False
    widest: Union | None = None
    options: dict[int, Value] = {}
    for value in values:
        if value is UNKNOWN:
            unknown = True
            continue
        work[0] += 1
        if type(value) is Union:
            unknown = unknown or value.open
            if widest is None or len(value.values) > len(widest.values):
                widest = value
            options.update(zip(map(id, value.values), value.values, strict=True))
        else:
            options[id(value)] = value
    if widest is not None and tuple(options.values()) == widest.values:  # nothing is new to it
        return widest if widest.open or not unknown else doubted(widest)
    found: list[Value] = []
    seen: set[Hashable] = set()
    for option in options.values():
        if isinstance(option, Guess):
            option, unknown = Const(option.value), True
        if len(options) > 1:  # else there is nothing to tell it from
            key = id(option) if option.mutable else option.key()
            if key in seen:
                continue
            seen.add(key)
        found.append(option)
    if len(found) > MOST_OPTIONS:
        most = MOST_TARGETS if all(option.by_identity for option in found) else MOST_OPTIONS
        if len(found) > most:
            if not all(isinstance(option, (Const, Text)) for option in found[most:]):
                cut.append(True)
            found, unknown = found[:most], True
    if len(found) > 1:
        joined = tuple(found)
        for value in values:  # one that says so already is kept: who compares sees that nothing changed
            if type(value) is Union and value.open is unknown and value.values == joined:
                return value
        return Union(joined, unknown)
    return doubted(found[0]) if unknown else found[0]


def doubted(value: Value) -> Value:
    """The value where it may as well be something that is not known."""
    kind = type(value)
    if kind is Const:
        return Guess(value.value) if value.value is not None else UNKNOWN  # type: ignore[attr-defined]
    if kind is Union:
        return value if value.open else Union(value.values, True)  # type: ignore[attr-defined]
    decides = _DECIDING.get(kind)
    if decides is None:
        decides = not issubclass(kind, Guess) and (kind.mutable or kind.truth is not Value.truth)
        _DECIDING[kind] = decides
    return Union((value,), True) if decides else value


_DECIDING: dict[type[Value], bool] = {}
"""Kinds of values of which neither the content nor the truth nor what they give decides anything where they
are in doubt."""


def samples(*lists: list[Value]) -> list[Value]:
    """What an open container may hold, each once."""
    found: dict[Hashable, Value] = {}
    work[0] += sum(map(len, lists)) // ITEMS_A_VALUE
    for item in {id(item): item for items in lists for item in items}.values():
        found.setdefault(id(item) if item.mutable else item.key(), item)
    return list(found.values())
