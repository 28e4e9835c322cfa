"""Lists, tuples, sets and dicts."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

from strangler.analyzers.python.values.base import (
    MOST_OPTIONS,
    UNKNOWN,
    Const,
    Guess,
    Method,
    Slice,
    Value,
    join,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.python.values.functions import Function

MOST_ITEMS = 5000
MOST_ESCAPING = 50


DEEPEST = 3
"""Containers within containers that are looked into, to tell two of them apart."""

_open: list[Value] = []


def look_into(container: Value) -> bool:
    """Begin to look into a container, to be ended with ``looked``; False for one that holds itself."""
    if len(_open) >= DEEPEST or any(container is outer for outer in _open):
        return False
    _open.append(container)
    return True


def looked() -> None:
    """The container that was entered last has been seen."""
    _open.pop()


class Sequence(Value):
    """A list, tuple or set; ``open``: the items are samples, not the exact content."""

    mutable = True
    __slots__ = ("items", "kind", "open")

    def __init__(self, items: list[Value], kind: str = "list", open: bool = False) -> None:
        self.items = items
        self.kind = kind
        self.open = open

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return Method(self, name)

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        return list(self.items), not self.open

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        if isinstance(key, Const) and isinstance(key.value, int) and not self.open:
            try:
                return self.items[key.value]
            except IndexError:
                return UNKNOWN
        if isinstance(key, Slice) and not self.open:
            return Sequence(self.items[key.value], self.kind)
        return join([*self.items, UNKNOWN] if self.open else self.items)

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        if operator in "+|":
            items, exact = other.elements(interp, frame)
            # Added to itself in a loop a list doubles each turn: its first items stand for the rest.
            room = max(MOST_ITEMS - len(self.items), 0)
            return Sequence(
                [*self.items, *items[:room]], self.kind, self.open or not exact or len(items) > room
            )
        if operator == "*":
            return Sequence(self.items, self.kind, True)
        return self

    def enter(self, interp: Interpreter, frame: Frame) -> Value:
        # A generator function under ``contextmanager``: what it yields is bound.
        return join(self.items) if self.kind == "generator" else self

    def escaped(self, interp: Interpreter, frame: Frame) -> None:
        if look_into(self):
            try:
                for value in self.items[:MOST_ESCAPING]:
                    value.escaped(interp, frame)
            finally:
                looked()

    def truth(self) -> bool | None:
        return None if self.open else bool(self.items)

    def key(self) -> Hashable:
        size = len(self.items) if not self.open else -1
        if not self.items or not look_into(self):
            return (self.kind, size)
        try:
            return (self.kind, size, *(i.key() for i in self.items[:6]))
        finally:
            looked()

    def __repr__(self) -> str:
        return f"{self.kind}{self.items!r}{'...' if self.open else ''}"

    def extend(self, items: list[Value], exact: bool = True) -> None:
        """Add items in place; a list that grows without end keeps its first ones as samples."""
        room = max(MOST_ITEMS - len(self.items), 0)
        self.items += items[:room]
        self.open = self.open or not exact or len(items) > room


class TupleKey(Sequence):
    """An exact tuple or frozen set as the key of a dict: equal if the parts are."""

    __slots__ = ("parts",)

    def __init__(self, items: list[Value], kind: str, parts: tuple[Any, ...]) -> None:
        super().__init__(items, kind)
        self.parts = parts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TupleKey) and self.kind == other.kind and self.parts == other.parts

    def __hash__(self) -> int:
        return hash((self.kind, self.parts))


def mapping_key(value: Value) -> Any:
    """What stands for a value among the keys of a ``Mapping``; UNKNOWN where it cannot be told."""
    if isinstance(value, Const) and not isinstance(value, Guess):
        return value.value if value.value.__hash__ is not None else UNKNOWN
    if isinstance(value, Sequence):
        if value.open or value.kind not in ("tuple", "set") or len(value.items) > MOST_OPTIONS:
            return UNKNOWN
        parts = tuple(mapping_key(item) for item in value.items)
        if any(part is UNKNOWN for part in parts):
            return UNKNOWN
        return TupleKey(value.items, value.kind, parts)
    return value if value.by_identity else UNKNOWN


class UnitOfWork(Sequence):
    """A call of a generator function that commits: ``with`` it, the body is one transaction."""

    __slots__ = ()
    opens_transaction = True

    def __init__(self, items: list[Value]) -> None:
        super().__init__(items, "generator", True)


class GeneratorContext(Sequence):
    """A call of a generator function under ``contextmanager``."""

    __slots__ = ("bound", "function")

    def __init__(self, items: list[Value], function: Function, bound: dict[str, Value]) -> None:
        super().__init__(items, "generator", True)
        self.function = function
        self.bound = bound

    def around(self, interp: Interpreter, inside: Callable[[Value], None], frame: Frame) -> None:
        """Run the generator; ``inside`` is called where it yields."""
        interp.run(self.function, dict(self.bound), frame, inside)


class Mapping(Value):
    """A dict with constant keys; ``others`` are values under keys that are not known."""

    mutable = True
    __slots__ = ("items", "open", "others")

    def __init__(
        self, items: dict[Any, Value] | None = None, others: list[Value] | None = None, open: bool = False
    ) -> None:
        self.items = items if items is not None else {}
        self.others = others if others is not None else []
        self.open = open or bool(self.others)

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return Method(self, name)

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        return [k if isinstance(k, Value) else Const(k) for k in self.items], not self.open

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        known = mapping_key(key)
        rest = [*self.others, UNKNOWN] if self.open else self.others
        if known is not UNKNOWN:
            return self.items[known] if known in self.items else join(rest)
        return join([*self.items.values(), *rest])

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        if operator == "|" and isinstance(other, Mapping):
            return Mapping(
                {**self.items, **other.items}, [*self.others, *other.others], self.open or other.open
            )
        return self

    def escaped(self, interp: Interpreter, frame: Frame) -> None:
        if look_into(self):
            try:
                for value in list(self.items.values())[:MOST_ESCAPING]:
                    value.escaped(interp, frame)
            finally:
                looked()

    def truth(self) -> bool | None:
        return None if self.open else bool(self.items)

    def key(self) -> Hashable:
        if not self.items or not look_into(self):
            return ("dict", ())
        try:
            return ("dict", tuple((str(k), v.key()) for k, v in list(self.items.items())[:6]))
        finally:
            looked()

    def __repr__(self) -> str:
        return f"dict{self.items!r}"
