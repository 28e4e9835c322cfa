"""What an application runs when it starts: hooks, lifespans, functions before the first request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from strangler.analyzers.python.budget import Exhausted
from strangler.analyzers.python.frames import Frame
from strangler.analyzers.python.values import Args, Value

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter


@dataclass(frozen=True)
class Hook:
    """A function to call at the start, and the line that registered it."""

    function: Value
    args: Args
    frame: Frame
    line: int

    @classmethod
    def at(cls, frame: Frame, function: Value, *given: Value) -> Hook:
        """A hook registered at the line that a frame is at."""
        return cls(function, Args(list(given)), frame, frame.line)


def run_hooks(interp: Interpreter, hooks: list[Hook]) -> None:
    """Call the hooks in the order of their registration, those that they add themselves included.

    A context manager (a lifespan) is entered. What a hook does only for some deployments is done.
    """
    most = len(hooks) + interp.limits.startup_hooks
    for done, hook in enumerate(hooks):  # it may grow on the way
        if done == most:
            message = "what runs when the application starts adds too many hooks: the last are left out"
            message += f" ({interp.limits.named('startup_hooks')})"
            interp.log.failed(hook.frame.module, hook.line, "too-complex", message)
            break
        frame = Frame(hook.frame.module, None, {}, None)
        frame.line = hook.line
        interp.budget.begin("module_steps")
        try:
            for option in hook.function.options():
                option.call(interp, hook.args, frame).awaited(interp, frame).enter(interp, frame)
        except (Exhausted, RecursionError) as error:
            message = "what the application runs when it starts takes too many steps: it may be incomplete"
            message += f" ({interp.reason(error)})"
            interp.log.failed(hook.frame.module, hook.line, "too-complex", message)
