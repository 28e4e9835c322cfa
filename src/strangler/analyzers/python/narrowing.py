"""What a condition says of a name inside the branch that it opens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax
from strangler.analyzers.python.values import UNKNOWN, Const, Guess, Text, Union, Value, join

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame

Narrowed = Mapping[str, tuple[Value, Value | None]]
"""Name -> its value inside the branch, and what the frame itself had for it."""


_NOTHING: Narrowed = {}


def narrowed(test: syntax.Expr, frame: Frame, holds: bool) -> Narrowed:
    """The names of which more is known where a condition holds, or where it does not."""
    told = claims(test, holds)
    if not told:
        return _NOTHING
    found: dict[str, tuple[Value, Value | None]] = {}
    for name, keep in told:
        value = _bound(name, frame)
        inside = _kept(value, keep) if value is not None else None
        if inside is not None:
            found[name] = (inside, frame.locals.get(name))
    return found


def enter(frame: Frame, names: Narrowed) -> None:
    """The branch begins."""
    for name, (inside, _) in names.items():
        frame.locals[name] = inside


def leave(bindings: dict[str, Value], names: Narrowed) -> None:
    """The branch ends: a name that it has not bound means again what it meant before."""
    for name, (inside, before) in names.items():
        if bindings.get(name) is inside:
            if before is None:
                del bindings[name]
            else:
                bindings[name] = before


@contextmanager
def within(test: syntax.Expr, frame: Frame, holds: bool) -> Iterator[None]:
    """A branch that is an expression."""
    names = narrowed(test, frame, holds)
    enter(frame, names)
    try:
        yield
    finally:
        leave(frame.locals, names)


@lru_cache(maxsize=4096)
def claims(test: syntax.Expr, holds: bool) -> tuple[tuple[str, bool | None], ...]:
    """What a condition says of names: (name, its truth; None: it is not None), kept by condition."""
    return tuple(_claims(test, holds))


def _claims(test: syntax.Expr, holds: bool) -> Iterator[tuple[str, bool | None]]:
    match test:
        case syntax.Name():
            yield test.id, holds
        case syntax.Not():
            yield from _claims(test.operand, not holds)
        case syntax.BooleanOperation() if (test.operator == "and") is holds:
            for operand in test.operands:
                yield from _claims(operand, holds)
        case syntax.Comparison(
            left=syntax.Name(id=name), operators=[operator], rights=[syntax.Constant(value=None)]
        ) if operator == ("is not" if holds else "is"):
            yield name, None


def _bound(name: str, frame: Frame) -> Value | None:
    scope: Frame | None = frame
    while scope is not None:
        if name in scope.locals:
            return scope.locals[name]
        scope = scope.parent
    return frame.module.env.get(name)


def _kept(value: Value, truth: bool | None) -> Value | None:
    """The value without what the claim rules out; None where nothing is ruled out or nothing is left."""
    if isinstance(value, Guess):
        if not _against(value, truth):
            return None
        return Text([None]) if isinstance(value.value, str) and truth else None
    if not isinstance(value, Union):
        return None
    left = [option for option in value.values if not _against(option, truth)]
    if not left or len(left) == len(value.values):
        return None
    return join([*left, UNKNOWN] if value.open else left)


def _against(option: Value, truth: bool | None) -> bool:
    if not isinstance(option, Const):
        return False
    return option.value is None if truth is None else bool(option.value) is not truth
