"""How much is done: work is counted in steps, and what a value holds is bounded.

A step is a statement that is run, or what costs as much: so many items copied, so many characters put
together. A call may take most of what its caller has left, no more; so one that does not end costs its own
result and not what stands behind it. What was cut short is told, with file and line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from strangler.analyzers.python.values.base import work

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.program import ModuleScope, Program

MOST_STEPS = 60_000
"""Of one function and of what it calls, where each function is interpreted for itself."""

MOST_STEPS_OF_CALLS = 20_000
"""Of the calls of one function with arguments of its callers; beyond, its general result serves."""

MOST_BOOT_STEPS = 500_000
"""Of the top level of one module, where applications register what they are made of (one needed 150,000)."""

MOST_OF_ALL = 1_000_000, 60
"""Of the whole run: a constant, and so many for each line of code (real ones take 2 to 17 a line)."""

SHARE = 3, 4
"""Of what is left for a caller, how much a call may take."""

VALUES_A_STEP = 5
ITEMS_A_STEP = 50
CHARACTERS_A_STEP = 1_000

MOST_ITEMS = 5_000
"""Of a container that grows by what others hold, as in recursion; its first ones stand for the rest."""

LONGEST_TEXT = 65_536
"""Characters of a string that is put together; a longer one is not known."""


class Exhausted(Exception):  # noqa: N818 - a signal between frames, not an error
    """There are no steps left for a call, a function, a module or the run."""


class Budget:
    """The steps that are spent, and those that are left."""

    def __init__(self, program: Program, cut: Callable[[ModuleScope, int, str], None]) -> None:
        self.cut = cut
        """Says that a limit was hit: module, line, message."""
        self.steps = 0
        self.limit = MOST_BOOT_STEPS
        self.left = MOST_OF_ALL[0] + MOST_OF_ALL[1] * sum(s.facts.lines for s in program.scopes.values())

    def spend(self, steps: int) -> None:
        """Count work.

        Raises:
            Exhausted: there are no steps left.
        """
        if work[0] >= VALUES_A_STEP:
            steps += work[0] // VALUES_A_STEP
            work[0] = 0
        self.steps += steps
        self.left -= steps
        if self.steps > self.limit or self.left < 0:
            raise Exhausted

    def share(self) -> int:
        """Give a call its share of what is left; returns the limit that holds again behind the call."""
        limit = self.limit
        self.limit = self.steps + max(limit - self.steps, 0) * SHARE[0] // SHARE[1]
        return limit

    def room(self, frame: Frame, size: int, more: int) -> int:
        """How many of ``more`` items fit into a container that holds ``size``; told where not all do."""
        self.spend(more // ITEMS_A_STEP)
        if size + more <= MOST_ITEMS or not more:
            return more
        message = f"a container grows beyond {MOST_ITEMS} items here: its first ones stand for the rest"
        self.cut(frame.module, frame.line, message)
        return max(MOST_ITEMS - size, 0)

    def text(self, frame: Frame, characters: int) -> bool:
        """Whether a string of that length is put together; told where it is too long."""
        self.spend(min(characters, LONGEST_TEXT) // CHARACTERS_A_STEP)
        if characters <= LONGEST_TEXT:
            return True
        message = f"a string grows beyond {LONGEST_TEXT} characters here: it is not known"
        self.cut(frame.module, frame.line, message)
        return False
