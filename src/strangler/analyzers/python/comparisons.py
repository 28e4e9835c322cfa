"""What comparisons come to, as far as the values are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from strangler.analyzers.python.values import (
    FALSE,
    TRUE,
    UNKNOWN,
    Const,
    Guess,
    Mapping,
    Sequence,
    Value,
    mapping_key,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter


def compare(interp: Interpreter, left: Value, operator: str, right: Value, frame: Frame) -> Value:
    """The result of ``left <operator> right``; a query that is looked into is run."""
    guessed = isinstance(left, Guess) or isinstance(right, Guess)
    if isinstance(left, Const) and isinstance(right, Const):
        if guessed:
            return UNKNOWN
        return _compare_constants(left.value, operator, right.value)
    if operator in ("in", "not in"):
        known = _contains(right, left) if not guessed else None
        if known is not None:
            return TRUE if known is (operator == "in") else FALSE
        right.elements(interp, frame)  # looking into a query runs it
        return UNKNOWN
    with_none = operator in ("is", "is not", "==", "!=") and isinstance(right, Const) and right.value is None
    if with_none and left.truth() is True:
        return FALSE if operator in ("is", "==") else TRUE
    if isinstance(left, (Sequence, Mapping)) or isinstance(right, (Sequence, Mapping)):
        return UNKNOWN
    result = left.operate(interp, operator, right, frame)
    if result is not UNKNOWN:
        return result
    return right.operate(interp, "r" + operator, left, frame)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: left == right,
    "is": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "is not": lambda left, right: left != right,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def _compare_constants(left: Any, operator: str, right: Any) -> Value:
    try:
        return TRUE if _COMPARISONS[operator](left, right) else FALSE
    except TypeError:
        return UNKNOWN


def _contains(container: Value, item: Value) -> bool | None:
    if isinstance(container, Mapping):
        key = mapping_key(item)
        if key is UNKNOWN:
            return None
        return True if key in container.items else (None if container.open else False)
    if isinstance(container, Sequence) and isinstance(item, Const):
        known = [i.value for i in container.items if isinstance(i, Const) and not isinstance(i, Guess)]
        if item.value in known:
            return True
        return False if len(known) == len(container.items) and not container.open else None
    return None
