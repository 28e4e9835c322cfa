"""Accesses that are less sure than they look: of one of several values, of what a library may do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from strangler.model.lookup import RANKS

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.schema import Entity
    from strangler.model.system import Certainty, Operation

T = TypeVar("T")


class Doubt:
    """Collects the accesses at one line while it is open; what functions called from there do is theirs."""

    __slots__ = ("function", "line", "module", "rows")

    def __init__(self, frame: Frame) -> None:
        self.module = frame.module.name
        self.function = frame.function
        self.line = frame.line
        self.rows: dict[tuple[Entity | str, Operation], tuple[str, Certainty]] = {}

    def takes(self, module: str, function: str | None, line: int) -> bool:
        """Whether an access stands at the line that is in doubt."""
        return line == self.line and function == self.function and module == self.module

    def add(self, target: Entity | str, operation: Operation, via: str, certainty: Certainty) -> None:
        """Keep an access, the surest of equal ones."""
        known = self.rows.get((target, operation))
        if known is None or RANKS[certainty] < RANKS[known[1]]:
            self.rows[target, operation] = (via, certainty)


@contextmanager
def at_most(interp: Interpreter, frame: Frame, most: Certainty) -> Iterator[None]:
    """What is noted at the frame's line inside the block is no surer than ``most``."""
    if interp.booting:
        yield
        return
    doubt = Doubt(frame)
    interp.doubts.append(doubt)
    try:
        yield
    finally:
        interp.doubts.remove(doubt)
        _note(interp, frame, doubt, most)


def of_each(interp: Interpreter, frame: Frame, values: Sequence[T], act: Callable[[T], object]) -> None:
    """Act on each of several alternatives: what only some of them touch is only possible.

    Those that touch nothing (``None``, a string) do not count as alternatives.
    """
    if interp.booting:
        for value in values:
            act(value)
        return
    doubts = []
    for value in values:
        doubt = Doubt(frame)
        interp.doubts.append(doubt)
        try:
            act(value)
        finally:
            interp.doubts.remove(doubt)
        if doubt.rows:
            doubts.append(doubt)
    for doubt in doubts:
        shared = {row for row in doubt.rows if all(row in other.rows for other in doubts)}
        _note(interp, frame, doubt, "possible", shared)


def _note(
    interp: Interpreter,
    frame: Frame,
    doubt: Doubt,
    most: Certainty,
    sure: set[tuple[Entity | str, Operation]] | frozenset[tuple[Entity | str, Operation]] = frozenset(),
) -> None:
    for (target, operation), (via, certainty) in doubt.rows.items():
        if (target, operation) not in sure and RANKS[certainty] < RANKS[most]:
            certainty = most
        interp.access(frame, target, operation, via, certainty, doubt.line)
