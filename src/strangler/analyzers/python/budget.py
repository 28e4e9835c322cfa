"""How much is done: work is counted in steps, and what a value holds is bounded.

A step is a statement that is run, or what costs as much: so many items copied, so many characters put
together. A call may take most of what its caller has left, no more; so one that does not end costs its own
result and not what stands behind it. What was cut short is told, with file and line. How much there is says
``strangler.limits``; real applications take 2 to 17 steps a line, and at most 150,000 for one module.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from strangler.analyzers.python.values.base import work
from strangler.limits import Limits

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.program import ModuleScope, Program

SHARE = 3, 4
"""Of what is left for a caller, how much a call may take."""

VALUES_A_STEP = 5
ITEMS_A_STEP = 50
CHARACTERS_A_STEP = 1_000


class Exhausted(Exception):  # noqa: N818 - a signal between frames, not an error
    """There are no steps left for a call, a function, a module or the run."""


class Budget:
    """The steps that are spent, and those that are left."""

    def __init__(
        self, program: Program, limits: Limits, cut: Callable[[ModuleScope, int, str, str], None]
    ) -> None:
        self.cut = cut
        """Says that a limit was hit: module, line, message, the limit."""
        self.steps = 0
        self.unit = "module_steps"
        """The limit that holds for what is interpreted now."""
        self.limit = limits.module_steps
        lines = sum(scope.facts.lines for scope in program.scopes.values())
        self.left = limits.run_steps + limits.run_steps_per_line * lines
        self.most_items = limits.container_items
        self.longest_text = limits.string_characters
        self._limits = limits

    def begin(self, unit: str) -> tuple[int, int, str]:
        """Count anew for a unit of work, by its limit; returns what ``resume`` takes."""
        before = self.steps, self.limit, self.unit
        self.steps, self.limit, self.unit = 0, getattr(self._limits, unit), unit
        return before

    def resume(self, before: tuple[int, int, str]) -> None:
        """Count on for what was interrupted."""
        self.steps, self.limit, self.unit = before

    @property
    def hit(self) -> str:
        """The limit by which ``Exhausted`` was raised."""
        return "run_steps" if self.left < 0 else self.unit

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
        if size + more <= self.most_items or not more:
            return more
        message = f"a container grows beyond {self.most_items} items here: its first ones stand for the rest"
        self.cut(frame.module, frame.line, message, "container_items")
        return max(self.most_items - size, 0)

    def text(self, frame: Frame, characters: int) -> bool:
        """Whether a string of that length is put together; told where it is too long."""
        self.spend(min(characters, self.longest_text) // CHARACTERS_A_STEP)
        if characters <= self.longest_text:
            return True
        message = f"a string grows beyond {self.longest_text} characters here: it is not known"
        self.cut(frame.module, frame.line, message, "string_characters")
        return False
