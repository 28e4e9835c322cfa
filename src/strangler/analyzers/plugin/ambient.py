"""What stands before requests without a call of their handlers: what such a function or class touches."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from strangler.analyzers.schema import table_of

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter


def tables_touched(interp: Interpreter, act: Callable[[], object]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tables read and written while ``act`` makes the interpreter call something, with all that it calls.

    Nothing of it counts as an access of the code that is called; where it takes too many steps, what was
    found until then is given.
    """
    interp.budget.steps = 0
    with interp.log.apart() as effects:
        with suppress(RecursionError, interp.exhausted):
            act()
        touched = {(table_of(effect.target), effect.operation) for effect in effects}
    reads, writes = ({table for table, kind in touched if kind == one} for one in ("read", "write"))
    return tuple(sorted(reads)), tuple(sorted(writes))
