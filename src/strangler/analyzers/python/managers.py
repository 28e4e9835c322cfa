"""``with``: what entering a context manager does to the block inside: transactions, suppressed exceptions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax
from strangler.analyzers.python.assignment import assign
from strangler.analyzers.python.conditions import suppressed
from strangler.analyzers.python.entries import Region
from strangler.analyzers.python.expressions import evaluate
from strangler.analyzers.python.flow import ON, attempted, finished
from strangler.analyzers.python.footprint import of_attempt, returns_something
from strangler.analyzers.python.values import NONE, UNKNOWN, Args, Class, Function, Object, Value

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter


def enter_managers(interp: Interpreter, node: syntax.With, frame: Frame) -> int:
    """Run a ``with`` statement; how it ends."""
    region, outside = frame.region, frame.under
    there = suppressed(frame.module.facts.path, node, interp.program.is_optional) if interp.booting else None
    if there and there[0]:
        frame.under = (*outside, there[0])
    ended = _entered(interp, node, frame, 0)
    frame.region = region
    if there:
        frame.under = outside
    return ended


def _entered(interp: Interpreter, node: syntax.With, frame: Frame, index: int) -> int:
    """Enter the managers from ``index`` on, and run the body."""
    if index == len(node.items):
        return interp.execute(node.body, frame)
    target = node.items[index].target
    context = evaluate(interp, node.items[index].context, frame)
    frame.line = node.line
    if interp.booting and context.surrounds:
        # What the generator sets before its yield holds in the body, and no longer.
        ended: list[int] = []

        def around(value: Value) -> None:
            if target is not None:
                assign(interp, target, value, frame)
            ended.append(_entered(interp, node, frame, index + 1))

        context.around(interp, around, frame)
        if ended:
            return ON if ON in ended else ended[0]
    value = context.enter(interp, frame)
    if value.opens_transaction or _opens(context):
        database = next((v.database for v in (value, context) if v.opens_transaction), "?")
        block = Region(frame.module.name, frame.function, node.line, node.end_line, database)
        frame.region = (*frame.region, block)
    if target is not None:
        assign(interp, target, value, frame)
    inside = partial(_entered, interp, node, frame, index + 1)
    if not interp.booting or not isinstance(context, Object):
        return inside()
    exit_ = context.cls.find("__exit__") if isinstance(context.cls, Class) else None
    swallows = interp.kind(context) == "contextlib.suppress"
    if exit_ is not None and isinstance(exit_[0], Function):
        swallows = returns_something(exit_[0].body)
        given = [UNKNOWN if of_attempt(node).raises else NONE] * 3
        method = partial(interp.call_method, context, "__exit__", Args(given), frame)
        inside = partial(finished, interp, frame, inside, lambda: ON * bool(method()))
    return attempted(interp, frame, of_attempt(node), inside, [lambda: ON]) if swallows else inside()


def _opens(context: Value) -> bool:
    """Whether entering a value may open a transaction, also in an ``__enter__`` of the monolith's own."""
    for option in context.options():
        if option.opens_transaction:
            return True
        if isinstance(option, Object) and isinstance(option.cls, Class):
            for name in ("__enter__", "__aenter__"):
                found = option.cls.find(name)
                if found is not None and isinstance(found[0], Function) and found[0].leaves_open:
                    return True
    return False
