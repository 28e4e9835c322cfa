"""Lists, tuples, sets and dicts."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from operator import is_
from typing import TYPE_CHECKING, Any

from strangler.analyzers.python.values.base import (
    ITEMS_A_VALUE,
    LARGEST_KEY,
    UNKNOWN,
    Const,
    Guess,
    Method,
    Slice,
    Text,
    Value,
    escape,
    key_of_content,
    work,
)
from strangler.analyzers.python.values.unions import MOST_OPTIONS, doubted, join, samples

if TYPE_CHECKING:
    from strangler.analyzers.python.changes import Way
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.python.values.functions import Function


SET_OPERATORS = {"|": "union", "&": "intersection", "-": "difference", "^": "symmetric_difference"}
MOST_REPEATED = 1_000
"""Elements of ``[x] * n`` that are told one by one."""


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

    def again(self, seen: dict[int, Value]) -> Value:
        if type(self) is not Sequence or id(self) in seen:
            return seen.get(id(self), self)
        seen[id(self)] = self
        work[0] += 1 + len(self.items) // ITEMS_A_VALUE
        items = [item.again(seen) for item in self.items]
        if not all(map(is_, items, self.items)):
            seen[id(self)] = Sequence(items, self.kind, self.open)
        return seen[id(self)]

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        if isinstance(key, Slice):
            if self.open or not key.value or key.value.step == 0:
                return Sequence(list(self.items), self.kind, True)
            return Sequence(self.items[key.value], self.kind)
        if type(key) is Const and isinstance(key.value, int) and not self.open:
            try:
                return self.items[key.value]
            except IndexError:
                return UNKNOWN
        return join([*self.items, UNKNOWN] if self.open else self.items)

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        if operator in SET_OPERATORS and self.kind in ("set", "frozenset"):
            items, decided = interp.combine_sets(
                SET_OPERATORS[operator], self.items, other.elements(interp, frame)[0], frame
            )
            exact = decided and isinstance(other, Sequence) and not (self.open or other.open)
            return Sequence(items, self.kind, not exact)
        if operator in "+|":
            return self._joined(interp, (self, other), frame)
        if operator == "r+":  # behind what is not known, or of a library
            return self._joined(interp, (other, self), frame)
        if operator == "*" and type(other) is Const and isinstance(other.value, int) and not self.open:
            times = max(other.value, 0)
            if len(self.items) * times <= MOST_REPEATED:
                return Sequence(self.items * times, self.kind)
        return Sequence(list(self.items), self.kind, True)

    def _joined(self, interp: Interpreter, parts: tuple[Value, ...], frame: Frame) -> Sequence:
        result = Sequence([], self.kind)
        for part in parts:
            before = len(result.items)
            result.extend(interp, *part.elements(interp, frame), frame)
            interp.log.additions.carry(part, result, before)
        return result

    def enter(self, interp: Interpreter, frame: Frame) -> Value:
        # A generator function under ``contextmanager``: what it yields is bound.
        return join(self.items) if self.kind == "generator" else self

    def escaped(self, interp: Interpreter, frame: Frame) -> None:
        escape(interp, self, self.items, frame)

    def truth(self) -> bool | None:
        return None if self.open else bool(self.items)

    def key(self) -> Hashable:
        items = self.items
        return key_of_content(self, len(items), (self.kind, self.open), items)

    def __repr__(self) -> str:
        return f"{self.kind}{self.items!r}{'...' if self.open else ''}"

    def extend(self, interp: Interpreter, items: list[Value], exact: bool, frame: Frame) -> None:
        """Add items in place; a list that grows without end keeps its first ones as samples."""
        room = interp.budget.room(frame, len(self.items), len(items))
        interp.changes.before(self)
        if not items and not exact:
            interp.log.spreads(interp, frame)
        self.open = self.open or not exact or len(items) > room
        if self.open:
            self.items[:] = samples(self.items, items[:room])
        else:
            self.items += items[:room]


class Iterator(Sequence):
    """What ``iter``, ``zip``, ``map`` or a generator gives: its elements come once, when asked for."""

    __slots__ = ("after", "changed", "names")

    def __init__(
        self,
        items: list[Value],
        open: bool,
        interp: Interpreter,
        names: bool = False,
        changed: Way | None = None,
    ) -> None:
        super().__init__(items, "generator", open)
        self.names = names
        """Whether it looks at names, too, as it goes on."""
        self.changed = changed or {}
        """What is changed when an element is asked for."""
        self.after = self.moment(interp)

    def moment(self, interp: Interpreter) -> int:
        """The changes so far that could have made other elements of it."""
        return interp.changes.count if self.names else interp.changes.filled

    def fresh(self, interp: Interpreter) -> bool:
        """Whether its elements are exactly known still."""
        return not self.open and self.after == self.moment(interp)

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        exact = self.fresh(interp)
        if interp.booting and self.items and not self.open:
            interp.changes.before(self)
            self.open = True
        interp.changes.recur(self.changed)
        return list(self.items), exact

    def escaped(self, interp: Interpreter, frame: Frame) -> None:
        interp.changes.recur(self.changed)
        super().escaped(interp, frame)

    def truth(self) -> bool | None:
        return True


class View(Sequence):
    """The keys, values or items of a dict, as they are when they are looked at."""

    __slots__ = ("mapping", "what")

    def __init__(self, mapping: Mapping, what: str) -> None:
        self.kind = "view"
        self.mapping = mapping
        self.what = what

    @property
    def items(self) -> list[Value]:  # type: ignore[override]
        held = self.mapping.items
        if self.what == "values":
            return [*held.values(), *self.mapping.others]
        keys = [key if isinstance(key, Value) else Const(key) for key in held]
        if self.what == "keys":
            return keys
        pairs: list[Value] = [Sequence([k, v], "tuple") for k, v in zip(keys, held.values(), strict=True)]
        return pairs + [Sequence([UNKNOWN, value], "tuple") for value in self.mapping.others]

    @property
    def open(self) -> bool:  # type: ignore[override]
        return self.mapping.open

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        return Sequence(list(self.items), "set", self.open).operate(interp, operator, other, frame)


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


def put(mapping: Mapping, key: Value, value: Value) -> None:
    """``mapping[key] = value``."""
    known = mapping_key(key)
    if known is not UNKNOWN:
        mapping.items[known] = value
    else:
        mapping.put_other(value)


MOST_KEYED = 48
"""Values, one within another, of a tuple that is a key."""


def mapping_key(value: Value, left: list[int] | None = None) -> Any:
    """What stands for a value among the keys of a ``Mapping``; UNKNOWN where it cannot be told.

    ``left``: how many values may still be looked at.
    """
    if isinstance(value, Const) and not isinstance(value, Guess):
        return value.value if value.value.__hash__ is not None else UNKNOWN
    if isinstance(value, Sequence):
        if value.open or value.kind not in ("tuple", "frozenset") or len(value.items) > MOST_OPTIONS:
            return UNKNOWN
        left = [MOST_KEYED] if left is None else left
        left[0] -= len(value.items)
        if left[0] < 0:
            return UNKNOWN
        parts = tuple(mapping_key(item, left) for item in value.items)
        if any(part is UNKNOWN for part in parts):
            return UNKNOWN
        return TupleKey(value.items, value.kind, parts)
    return value if value.by_identity else UNKNOWN


def distinct(items: list[Value]) -> tuple[list[Value], bool]:
    """The elements of a set, each once; and whether these are exactly they."""
    known: dict[Any, Value] = {}
    vague: dict[int, Value] = {}
    for item in items:
        key = mapping_key(item)
        if key is not UNKNOWN:
            known.setdefault(key, item)
        else:
            vague.setdefault(id(item), item)
    return [*known.values(), *vague.values()], not vague


class UnitOfWork(Sequence):
    """A call of a generator function that commits: ``with`` it, the body is one transaction."""

    __slots__ = ()
    opens_transaction = True
    database = "?"

    def __init__(self, items: list[Value]) -> None:
        super().__init__(items, "generator", True)


class GeneratorContext(Sequence):
    """A call of a generator function under ``contextmanager``."""

    surrounds = True
    __slots__ = ("bound", "function")

    def __init__(self, items: list[Value], function: Function, bound: dict[str, Value]) -> None:
        super().__init__(items, "generator", True)
        self.function = function
        self.bound = bound

    def around(self, interp: Interpreter, inside: Callable[[Value], None], frame: Frame) -> None:
        """Run the generator; ``inside`` is called where it yields."""
        interp.run(self.function, dict(self.bound), frame, inside)

    def enter(self, interp: Interpreter, frame: Frame) -> Value:
        self._some_time(interp, frame)
        return super().enter(interp, frame)

    def escaped(self, interp: Interpreter, frame: Frame) -> None:
        super().escaped(interp, frame)
        if interp.booting:
            self._some_time(interp, frame)

    def _some_time(self, interp: Interpreter, frame: Frame) -> None:
        """It is entered where it is not seen when it is left."""
        with interp.changes.doubtful():
            self.around(interp, lambda value: None, frame)


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
        if known is not UNKNOWN and known in self.items:
            return self.items[known]
        rest = [*self.others, UNKNOWN] if self.open else self.others
        if known is UNKNOWN:
            return join([*self.items.values(), *rest])
        # What is called may be any of them, but the text or number of one key is not that of another.
        options = [option for value in rest for option in value.options()]
        return join([option for option in options if not isinstance(option, (Const, Text))])

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        if operator == "|" and isinstance(other, Mapping):
            result = self.copy()
            result.update(interp, other, frame)
            return result
        return Mapping({key: doubted(value) for key, value in self.items.items()}, list(self.others), True)

    def copy(self) -> Mapping:
        """Another dict with the same content."""
        return Mapping(dict(self.items), list(self.others), self.open)

    def update(self, interp: Interpreter, other: Value, frame: Frame) -> None:
        """Take over what another dict holds; of something else nothing is known."""
        interp.changes.before(self)
        if not isinstance(other, Mapping) or other.open:  # each key may be among those not known
            self.items.update({key: doubted(value) for key, value in self.items.items()})
            self.open = True
        if isinstance(other, Mapping):
            size = len(self.items)
            items = list(other.items.items())
            self.items.update(items[: interp.budget.room(frame, size, len(items))])
            for value in other.others:
                self.put_other(value)

    def put_other(self, value: Value) -> None:
        """Something is kept under a key that is not known."""
        self.open = True
        self.items.update({key: doubted(one) for key, one in self.items.items()})
        if value is not UNKNOWN and not any(known is value for known in self.others):
            self.others = [*self.others[-MOST_OPTIONS:], value]

    def escaped(self, interp: Interpreter, frame: Frame) -> None:
        escape(interp, self, [*self.items.values(), *self.others], frame)

    def truth(self) -> bool | None:
        return None if self.open else bool(self.items)

    def key(self) -> Hashable:
        items = self.items
        size = len(items) + len(self.others)
        names = tuple([(type(name), name) for name in items]) if size <= LARGEST_KEY else ()
        return key_of_content(self, size, ("dict", self.open, names), [*items.values(), *self.others])

    def __repr__(self) -> str:
        return f"dict{self.items!r}"
