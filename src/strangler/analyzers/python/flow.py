"""Ways through code: branches, loops, exceptions, and where they meet again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from strangler.analyzers.python.changes import Again, Way
from strangler.analyzers.python.frames import Exits
from strangler.analyzers.python.values import Mapping, Sequence, Value, doubted, join

if TYPE_CHECKING:
    from strangler.analyzers.python.footprint import Footprint
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter

ON, BREAK, CONTINUE, RETURN, RAISE, LEFT, IDLE = range(7)
"""How a block ends: at its end, by a statement that leaves it, or on each of its ways by one of these; IDLE,
of one of several blocks: at its end, and it does nothing."""

MOST_EXITS = 12
"""Ways out of a loop or function that are told apart."""

Run = Callable[[], int]
"""Runs a block; how it ends."""


def either(interp: Interpreter, frame: Frame, blocks: Iterable[Run]) -> int:
    """Run alternative blocks from the same state and join what they leave."""
    changes = interp.changes
    journal = changes.open()
    ways: list[Way] = []
    left: list[Way] = []
    late: dict[str, Value] = {}
    try:
        for block in blocks:
            end = block()
            if end == IDLE:
                ways.append({})
                continue
            way = changes.way(journal)
            if end == ON:
                ways.append(way)
            elif not leave(interp, frame, end):
                # Nobody looks for this way any more, but what it has put elsewhere may be there.
                own = way.pop(id(frame), None)
                left.append(way)
                if frame.callee is None and own is not None:
                    late = {**own[1], **late}  # names of a module that are bound before a raise still count
            changes.back(journal)
        own = ways[0].get(id(frame)) if ways else None
        if own is not None:
            for way in left:
                way[id(frame)] = own
        if ways or left:
            changes.meet(journal, [*ways, *left])
    finally:
        changes.close(journal)
    for name, value in late.items():
        frame.locals.setdefault(name, value)
        frame.partly.add(name)
    return ON if ways else LEFT


def leave(interp: Interpreter, frame: Frame, end: int) -> bool:
    """A way is left for the end of a loop or function; whether that is looked at there."""
    exits = frame.loops[-1] if end in (BREAK, CONTINUE) and frame.loops else frame.exits
    if end == LEFT:
        return True
    if exits is None or end == RAISE:
        return False
    kept = exits.continues if end == CONTINUE else exits.breaks
    if len(kept) >= MOST_EXITS:
        exits.lost = True
        return False
    kept.append(interp.changes.way(exits.journal))
    return True


def meet(interp: Interpreter, exits: Exits, ways: list[Way], on: bool) -> bool:
    """What left before goes on here, together with the present way where ``on``; whether any does."""
    if ways:
        if on:
            ways = [interp.changes.way(exits.journal), *ways]
        elif not exits.lost:  # what the way that ends elsewhere has changed is not so here
            interp.changes.back(exits.journal)
        interp.changes.meet(exits.journal, ways)
    if exits.lost:
        interp.changes.doubt(exits.journal)
    return on or bool(ways)


def blur(interp: Interpreter, frame: Frame, footprint: Footprint) -> None:
    """A body is about to run no one knows how often: what it changes may be changed already."""
    for name in footprint.bound:
        home = frame.home(name)
        value = home.locals.get(name)
        if value is not None:
            interp.changes.before(home)
            home.locals[name] = doubted(value)
    for name in footprint.filled:
        value = frame.locals.get(name)
        for option in value.options() if value is not None else ():
            if type(option) in (Sequence, Mapping) and not option.open:  # type: ignore[attr-defined]
                interp.changes.before(option)  # type: ignore[arg-type]
                option.open = True  # type: ignore[attr-defined]


def turned(interp: Interpreter, frame: Frame, exits: Exits, end: int) -> int:
    """How a turn of a loop ends, with the ways that have left it for the next one."""
    if exits.continues and end not in (ON, CONTINUE, LEFT):
        leave(interp, frame, end)
        end = LEFT
    on = meet(interp, exits, exits.continues, end in (ON, CONTINUE))
    exits.continues = []
    return ON if on else end


def repeated(
    interp: Interpreter, frame: Frame, exits: Exits, footprint: Footprint, turns: Iterable[Run]
) -> None:
    """Turns that each may come, never or often; what they change may be anything that they make of it."""
    blur(interp, frame, footprint)
    journal = interp.changes.open()
    carried = {name: frame.locals[name] for name in footprint.bound if name in frame.locals}
    last = None
    for turn in turns:
        either(interp, frame, [turn, lambda: IDLE])
        turned(interp, frame, exits, ON)
        last = turn
    if last is not None and interp.booting and _others(frame, carried):
        either(interp, frame, [last, lambda: IDLE])  # with what the names hold since the turn before
        turned(interp, frame, exits, ON)
    interp.changes.doubt(journal)
    interp.changes.close(journal)


def _others(frame: Frame, before: dict[str, Value]) -> bool:
    """Whether some name holds something now that changes in place, and did not before."""
    for name, value in before.items():
        now = frame.locals.get(name, value)
        if now is not value:
            held = {id(option) for option in value.options()}
            if any(option.mutable and id(option) not in held for option in now.options()):
                return True
    return False


def attempted(
    interp: Interpreter,
    frame: Frame,
    footprint: Footprint,
    body: Run,
    others: Iterable[Run],
    rest: Run = lambda: ON,
) -> int:
    """Run a body that may be left by an exception anywhere, and what then follows in its place.

    Args:
        footprint: what the statements of the body may change.
        body: runs them; what they end with is what the whole ends with where nothing is raised.
        others: each runs what follows an exception.
        rest: runs what follows the end of the body, and is not looked after.
    """
    changes = interp.changes
    start = dict(frame.locals)
    journal = changes.open()
    try:
        end = body()
        normal = changes.way(journal)
        _raised(interp, frame, footprint, start, journal.again)
        changes.doubt(journal)
        raised = changes.way(journal)
        changes.back(journal)

        def ended() -> int:
            changes.take(normal)
            return rest() if end == ON else end

        def instead(run: Run) -> int:
            changes.take(raised)
            return run()

        ways = [] if end == RAISE else [ended]
        return either(interp, frame, [*ways, *(partial(instead, run) for run in others)])
    finally:
        changes.close(journal)


def _raised(
    interp: Interpreter, frame: Frame, footprint: Footprint, start: dict[str, Value], again: Again
) -> None:
    """The names of a frame where a body was left by an exception, no one knows where."""
    interp.changes.before(frame)
    for name in footprint.bound:
        old, now = start.get(name), frame.locals.get(name)
        between = again.get((id(frame), name), ())
        known = [value for value in (old, now, *between) if value is not None]
        if not known:
            continue
        value = join(known) if now is not old or between else known[0]
        frame.locals[name] = value if name in footprint.once and now is not old else doubted(value)


def finished(interp: Interpreter, frame: Frame, body: Run, final: Run) -> int:
    """Run a body, and what is run however it is left."""
    lists = [
        kept
        for exits in (*frame.loops[-1:], frame.exits)
        if exits
        for kept in (exits.breaks, exits.continues)
    ]
    homes = [exits for exits in (*frame.loops[-1:], frame.exits) if exits for _ in range(2)]
    sizes = [len(kept) for kept in lists]
    end = body()
    changes = interp.changes
    for kept, size, exits in zip(lists, sizes, homes, strict=True):
        for n in range(size, len(kept)):
            journal = changes.open()
            changes.take({**changes.start(exits.journal), **kept[n]})
            final()
            kept[n] = changes.way(exits.journal)
            changes.back(journal)
            changes.close(journal)
    return final() or end
