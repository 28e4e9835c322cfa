"""Further calls of a function that is called in many ways: only what their arguments name counts for them.

What a function touches hangs on the classes, rows, queries, functions and texts that it is given, hardly ever
on numbers and on what stands in lists and dicts: without these, few different calls are left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.python.values import (
    NONE,
    UNKNOWN,
    Const,
    Function,
    Guess,
    Iterator,
    Mapping,
    Object,
    Sequence,
    Slice,
    Text,
    Value,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter

FURTHER = 2
"""How many times `call_steps` a function may take, once its calls differ only in what they name."""
_CONTAINERS = (Sequence, Mapping, Iterator)
_MOST_LOOKED_AT = 20
"""Items of a container in which names of data are looked for."""


def what_is_named(interp: Interpreter, function: Function, bound: dict[str, Value]) -> dict[str, Value]:
    """The arguments of a call without what names no data: there stands what any call may give."""
    anything = interp.parameters(function)
    return {
        name: value
        if any(_names(interp, option) for option in value.options())
        else anything.get(name, UNKNOWN)
        for name, value in bound.items()
    }


def not_followed(interp: Interpreter, function: Function, bound: dict[str, Value], frame: Frame) -> None:
    """A call is not run, as the function has taken all its steps: what it does to data is missing here."""
    if (function.vague or any(function.effects.values())) and interp.names_data(interp, bound):
        message = f"what {function.dotted} does to data here is not followed: it is called in too many ways"
        named = interp.limits.named("call_steps")
        interp.log.failed(frame.module, frame.line, "unfollowed-call", f"{message} ({named})")


def _names(interp: Interpreter, value: Value, inside: bool = False) -> bool:
    """Whether what a function touches may hang on a value (``inside``: of a container)."""
    if value is UNKNOWN or isinstance(value, Slice):
        return False
    if isinstance(value, (Const, Guess)):
        text = value.value
        if isinstance(text, str):
            return not inside or " " in text
        return not inside and (value is NONE or isinstance(text, bool))
    if isinstance(value, Text):
        return not inside or any(part and " " in part for part in value.parts)
    if isinstance(value, _CONTAINERS):
        if inside:
            return False
        held = value.items.values() if isinstance(value, Mapping) else value.items
        return any(
            _names(interp, option, True) for one in list(held)[:_MOST_LOOKED_AT] for option in one.options()
        )
    if inside and isinstance(value, Object):
        return not interp.knowledge.carriers.isdisjoint(interp.lineage(value))
    return True
