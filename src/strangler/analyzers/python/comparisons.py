"""What comparisons come to, as far as the values are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from strangler.analyzers.python.values import (
    FALSE,
    TRUE,
    UNKNOWN,
    Args,
    Bytes,
    Class,
    Const,
    Guess,
    Mapping,
    Object,
    Sequence,
    Text,
    Union,
    Value,
    by_default,
    distinct,
    doubted,
    mapping_key,
    samples,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter


def compare(interp: Interpreter, left: Value, operator: str, right: Value, frame: Frame) -> Value:
    """The result of ``left <operator> right``; a query that is looked into is run."""
    if operator in ("isinstance", "hasattr"):
        return interp.external(f"builtins.{operator}").call(interp, Args([left, right]), frame)
    if operator in ("sequence", "mapping"):
        known = _has_length(left, right) if operator == "sequence" else _has_keys(left, right)
        return _answer(known, True)
    defaults = by_default(left), by_default(right)
    if defaults != (None, None):
        if operator in ("in", "not in"):
            right.elements(interp, frame)
        return doubted(compare(interp, defaults[0] or left, operator, defaults[1] or right, frame))
    if operator in ("is", "is not"):
        return _answer(same(left, right), operator == "is")
    if operator in ("in", "not in"):
        if isinstance(left, Const) and isinstance(right, Const):
            return _compare_constants(left, operator, right)
        known = _contains(right, left)
        if known is not None:
            return _answer(known, operator == "in")
        right.elements(interp, frame)  # looking into a query runs it
        return UNKNOWN
    if operator in ("==", "!="):
        known = equal(left, right)
        if known is not None:
            return _answer(known, operator == "==")
    elif isinstance(left, Const) and isinstance(right, Const):
        return _compare_constants(left, operator, right)
    if isinstance(left, (Sequence, Mapping)) or isinstance(right, (Sequence, Mapping)):
        return UNKNOWN
    result = left.operate(interp, operator, right, frame)
    if result is not UNKNOWN:
        return result
    return right.operate(interp, "r" + operator, left, frame)


def _has_length(value: Value, length: Value) -> bool | None:
    """Whether a value matches a pattern of so many elements; below zero: with a star among them."""
    if isinstance(value, Sequence) and value.kind in ("list", "tuple", "deque"):
        count = length.value if isinstance(length, Const) else 0
        have = len(value.items)
        return None if value.open else have == count if count >= 0 else have >= -count - 1
    return False if type(value) in (Const, Bytes, Text, Mapping) else None


def _has_keys(value: Value, keys: Value) -> bool | None:
    """Whether a value matches a pattern of a mapping with these keys."""
    if type(value) is Mapping and isinstance(keys, Sequence):
        answers = [_contains(value, key) for key in keys.items]
        return _all(answers)
    return False if type(value) in (Const, Bytes, Text) or isinstance(value, Sequence) else None


def _answer(known: bool | None, wanted: bool) -> Value:
    return UNKNOWN if known is None else TRUE if known is wanted else FALSE


def _plain(value: Value) -> bool:
    return type(value) is Const


def same(left: Value, right: Value) -> bool | None:
    """Whether two values are one object; None where that cannot be told."""
    if left is UNKNOWN or right is UNKNOWN:
        return None
    for one, other in ((left, right), (right, left)):
        if _plain(other) and other.value is None:  # type: ignore[attr-defined]
            if isinstance(one, Const):
                return one.value is None
            return False if _something(one) else None
    if _plain(left) and _plain(right):
        one, other = left.value, right.value  # type: ignore[attr-defined]
        if type(one) is not type(other) or one != other:
            return False
        return True if isinstance(one, bool) else None
    if left is right and not isinstance(left, (Union, Text)):
        return True
    if isinstance(left, Class) and isinstance(right, Class) and left.serial == right.serial:
        return True
    plain = [isinstance(value, (Const, Sequence, Mapping)) for value in (left, right)]
    if all(plain) and (isinstance(left, Const) or type(left).__mro__[-3] is not type(right).__mro__[-3]):
        return None if isinstance(left, Const) and isinstance(right, Const) else False
    return None


def _something(value: Value) -> bool:
    """Whether a value is certainly not None."""
    if isinstance(value, Union):
        return not value.open and all(_something(option) for option in value.values)
    return isinstance(value, (Sequence, Mapping, Text)) or value.truth() is True


def equal(left: Value, right: Value, depth: int = 0) -> bool | None:
    """Whether two values are equal; None where that cannot be told."""
    if isinstance(left, Guess) or isinstance(right, Guess) or depth > DEEPEST_COMPARED:
        return None
    if isinstance(left, Const) and isinstance(right, Const):
        if isinstance(left, Bytes) is not isinstance(right, Bytes):
            return False
        return bool(left.value == right.value)
    if isinstance(left, Sequence) and isinstance(right, Sequence):
        return _equal_sequences(left, right, depth)
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return _equal_mappings(left, right, depth)
    if left is right and left.by_identity:
        return True
    shapes = [_shape(left), _shape(right)]
    if None not in shapes and shapes[0] != shapes[1]:
        return False
    with_none = any(_plain(value) and value.value is None for value in (left, right))  # type: ignore[attr-defined]
    if with_none:
        other = right if _plain(left) else left
        own = (
            isinstance(other, Object)
            and isinstance(other.cls, Class)
            and other.cls.find("__eq__") is not None
        )
        return False if _something(other) and not own else None
    return None


DEEPEST_COMPARED = 6


def _shape(value: Value) -> str | None:
    if isinstance(value, Const):
        return "constant" if type(value) in (Const, Bytes) else None
    if isinstance(value, Text):
        return "constant"
    if type(value) is Mapping or isinstance(value, Sequence):
        return "dict" if isinstance(value, Mapping) else _FAMILY.get(value.kind)
    return None


_FAMILY = {"list": "list", "deque": "deque", "tuple": "tuple", "set": "set", "frozenset": "set"}


def _equal_sequences(left: Sequence, right: Sequence, depth: int) -> bool | None:
    kind, other = _FAMILY.get(left.kind), _FAMILY.get(right.kind)
    if kind is None or other is None:
        return True if left is right else None
    if kind != other:
        return False if not (left.open or right.open) else None
    if left.open or right.open or len(left.items) > MOST_COMPARED:
        return None
    if kind == "set":
        keys = [{mapping_key(item) for item in side.items} for side in (left, right)]
        return None if any(UNKNOWN in side for side in keys) else keys[0] == keys[1]
    if len(left.items) != len(right.items):
        return False
    pairs = zip(left.items, right.items, strict=True)
    return _all([True if one is two and _settled(one) else equal(one, two, depth + 1) for one, two in pairs])


def _settled(value: Value) -> bool:
    """Whether a value that stands twice is one object both times."""
    return value is not UNKNOWN and not isinstance(value, (Union, Text, Guess))


def _equal_mappings(left: Mapping, right: Mapping, depth: int) -> bool | None:
    if left.open or right.open or len(left.items) > MOST_COMPARED:
        return None
    if left.items.keys() != right.items.keys():
        return False
    return _all([equal(value, right.items[key], depth + 1) for key, value in left.items.items()])


MOST_COMPARED = 64


def _all(answers: list[bool | None]) -> bool | None:
    return False if False in answers else None if None in answers else True


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def _compare_constants(left: Const, operator: str, right: Const) -> Value:
    if isinstance(left, Bytes) is not isinstance(right, Bytes):
        return UNKNOWN
    try:
        return TRUE if _COMPARISONS[operator](left.value, right.value) else FALSE
    except TypeError:
        return UNKNOWN


def _contains(container: Value, item: Value) -> bool | None:
    if isinstance(container, Mapping):
        key = mapping_key(item)
        if key is UNKNOWN:
            return None
        if key in container.items:
            return None if container.open else True
        return None if container.open else False
    if isinstance(container, Sequence):
        answers = {True if one is item and _settled(one) else equal(one, item) for one in container.items}
        if container.open:
            return None
        return True if True in answers else None if None in answers else False
    return None


def combine(
    interp: Interpreter, how: str, left: list[Value], right: list[Value], frame: Frame
) -> tuple[list[Value], bool]:
    """The elements of two sets taken together, and whether these are exactly they."""
    kept: list[Value] = []
    exact = True
    if how == "union":
        kept, exact = distinct([*left, *right])
    else:
        left, right = distinct(left)[0], distinct(right)[0]  # those of several sets may be given together
        interp.spend(len(left) * len(right) // COMPARISONS_A_STEP)
        sides = [(left, right), (right, left)] if how == "symmetric_difference" else [(left, right)]
        for here, there in sides:
            for item in here:
                answers = [equal(item, other) for other in there]
                inside = True if True in answers else None if None in answers else False
                exact = exact and inside is not None
                if inside is None or inside is (how == "intersection"):
                    kept.append(item)
        if not exact:  # what may be in both is kept of each
            kept = samples(kept)
    room = interp.budget.room(frame, 0, len(kept))
    return kept[:room], exact and len(kept) <= room


COMPARISONS_A_STEP = 16
