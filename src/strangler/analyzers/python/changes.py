"""What code changes in place, and what holds where several ways meet again.

Where it is not known which way is taken, each way starts from what held before, and behind them each thing
that one of them changed may be what any of them made of it. Names of a running body, lists, dicts, attributes
of objects, classes and functions are all such things.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import compress
from operator import is_not
from typing import TYPE_CHECKING, Any

from strangler.analyzers.python.frames import Frame
from strangler.analyzers.python.values import MOST_OPTIONS, Mapping, Sequence, Value, doubted, join, samples
from strangler.analyzers.python.values.base import ITEMS_A_VALUE, work

if TYPE_CHECKING:
    from strangler.analyzers.python.values import Class, Function, Object

    Thing = Frame | Sequence | Mapping | Object | Class | Function

Way = dict[int, tuple[Any, Any]]
"""Identity of a thing -> the thing, and its state where a way ended."""
Again = dict[tuple[int, str], list[Value]]
"""Identity of a thing and one of its names, bound again after it had been bound already: in between it
was something else, though it may be what it was now -> what can be changed of that, by any other name."""
ITEMS_A_STEP = 50

STANDS_FOR: dict[type, Callable[[Any], Thing]] = {}
"""Kinds of dicts that hold the names of something else -> what that is."""


class Journal:
    """What has changed since it was opened, and what it was before."""

    __slots__ = ("again", "before", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.before: Way = {}
        self.again: Again = {}


class Possible(Journal):
    """That of a block that may not run; a class, no generator: there is one for each option of a union."""

    __slots__ = ("changes",)

    def __init__(self, changes: Changes, number: int) -> None:
        super().__init__(number)
        self.changes = changes

    def __enter__(self) -> None:
        self.changes.journals.append(self)

    def __exit__(self, *_: object) -> None:
        changes = self.changes
        if not self.before and changes.journals[-1] is self:
            changes.journals.pop()
            return
        way = changes.way(self)
        changes.close(self)
        if way:
            changes.meet(self, [way, {}])


class Changes:
    """The journals that are open, innermost last."""

    def __init__(self, spend: Callable[[int], None]) -> None:
        self.spend = spend
        self.count = 0
        """Changes so far that code elsewhere may see."""
        self.filled = 0
        """Those of them that are not of names."""
        self.opened = 0
        self.journals: list[Journal] = []

    def before(self, thing: Thing) -> None:
        """Something is about to be changed."""
        if type(thing) is Frame:
            if thing.callee is None or thing.captured:
                self.count += 1
            if self.journals:
                journal = self.journals[-1]
                if thing.born < journal.number and id(thing) not in journal.before:
                    journal.before[id(thing)] = (thing, thing.locals.copy())
            return
        if type(thing) in STANDS_FOR:
            self.before(STANDS_FOR[type(thing)](thing))
            return
        self.count += 1
        self.filled += 1
        if not self.journals:
            return
        known = self.journals[-1].before
        if id(thing) not in known:
            state = _state(thing)
            known[id(thing)] = (thing, state)
            self.spend(len(state if isinstance(state, dict) else state[0]) // ITEMS_A_STEP)

    def bound(self, thing: Frame | Object, name: str) -> None:
        """A name of something is about to be bound."""
        for journal in self.journals:
            known = journal.before.get(id(thing))
            if known is None:
                continue
            now = _names(thing).get(name)
            if known[1].get(name) is not now:
                between = journal.again.setdefault((id(thing), name), [])
                if now is not None and now.mutable and len(between) < MOST_OPTIONS:
                    between.append(now)
        self.before(thing)

    def moved(self, thing: Thing) -> None:
        """Something is another than it was: what was worked out before may not hold any more."""
        if type(thing) is not Frame:
            self.count += 1
            self.filled += 1
        elif thing.callee is None or thing.captured:
            self.count += 1

    def open(self) -> Journal:
        """Begin to note what changes."""
        self.opened += 1
        journal = Journal(self.opened)
        self.journals.append(journal)
        return journal

    def close(self, journal: Journal) -> None:
        """End that; what has changed has changed for the journal around it, too."""
        while self.journals.pop() is not journal:
            pass
        if self.journals and journal.before:
            outer = self.journals[-1]
            _gather(outer.again, journal.again)
            known = outer.before
            for key, entry in journal.before.items():
                thing = entry[0]
                if key not in known and not (type(thing) is Frame and thing.born >= outer.number):
                    known[key] = entry

    def way(self, journal: Journal) -> Way:
        """What has become of everything that has changed since a journal was opened."""
        if self.journals[-1] is journal:
            return {key: (thing, _state(thing)) for key, (thing, _) in journal.before.items()}
        found: Way = {}
        for one in self.journals[self.journals.index(journal) :]:
            for key, (thing, _) in one.before.items():
                if key not in found:
                    found[key] = (thing, _state(thing))
        return found

    def start(self, journal: Journal) -> Way:
        """What everything that has changed since then was when a journal was opened."""
        found: Way = {}
        for one in self.journals[self.journals.index(journal) :]:
            for key, state in one.before.items():
                found.setdefault(key, state)
        return found

    def back(self, journal: Journal) -> None:
        """Everything is as it was when the (innermost) journal was opened."""
        for thing, state in journal.before.values():
            self.moved(thing)
            _restore(thing, state)

    def take(self, way: Way) -> None:
        """Everything is as it was at the end of a way."""
        for thing, state in way.values():
            self.before(thing)
            _restore(thing, state)

    def meet(self, journal: Journal, ways: list[Way]) -> None:
        """Each thing is what it is at the end of one of the ways."""
        touched: Way = {}
        for way in ways:
            touched.update(way)
        # Others may be open inside: what has changed since they were opened is theirs to know.
        inside = self.journals[-1:] != [journal] and journal in self.journals
        start = self.start(journal) if inside else journal.before
        for key, (thing, _) in touched.items():
            first = start.get(key)
            if first is None:  # the names of a call that has ended
                continue
            if inside:
                self.before(thing)
            self.moved(thing)
            states = [way.get(key, first)[1] for way in ways]
            _restore(thing, states[0] if len(states) == 1 else _joined(thing, states))

    def doubt(self, journal: Journal) -> None:
        """What has changed may be what it was, what it is, or something in between."""
        for thing, state in journal.before.values():
            self.moved(thing)
            weaken(thing, state, journal.again)

    def recur(self, way: Way) -> None:
        """What has changed on a way may change so once more."""
        for thing, state in way.values():
            self.before(thing)
            weaken(thing, state, {})

    def abandon(self, depth: int) -> None:
        """What ran under the journals from that one on was cut short: what it has changed may be what it
        was, what it is, or something else."""
        if len(self.journals) > depth:
            journal = self.journals[depth]
            again: Again = {}
            for one in self.journals[depth:]:
                _gather(again, one.again)
            for thing, state in self.start(journal).values():
                self.moved(thing)
                weaken(thing, state, again)
            self.close(journal)

    @contextmanager
    def doubtful(self) -> Iterator[None]:
        """What the block changes may be changed in part, or later, or never."""
        journal = self.open()
        try:
            yield
        finally:
            if journal.before:
                self.doubt(journal)
            self.close(journal)

    @contextmanager
    def later(self) -> Iterator[Way]:
        """What the block changes is changed when somebody asks for it, in part or never: what becomes of it,
        to ``recur`` then, is known behind the block."""
        journal = self.open()
        changed: Way = {}
        try:
            yield changed
        finally:
            if journal.before:
                changed.update(self.way(journal))
                self.doubt(journal)
            self.close(journal)

    def possible(self) -> Possible:
        """What the block changes may as well stay as it is."""
        self.opened += 1
        return Possible(self, self.opened)


def _state(thing: Any) -> Any:
    if type(thing) is Frame:
        return thing.locals.copy()
    if isinstance(thing, Sequence):
        return list(thing.items), thing.open
    if isinstance(thing, Mapping):
        return dict(thing.items), list(thing.others), thing.open
    return dict(_names(thing))


def _names(thing: Any) -> dict[str, Value]:
    if type(thing) is Frame:
        return thing.locals
    namespace: dict[str, Value] | None = getattr(thing, "namespace", None)
    if namespace is not None:
        return namespace
    names: dict[str, Value] = thing.attrs
    return names


def _restore(thing: Any, state: Any) -> None:
    if type(thing) is Frame:
        names = thing.locals
        names.clear()
        names.update(state)
    elif isinstance(thing, Sequence):
        thing.items[:], thing.open = state
    elif isinstance(thing, Mapping):
        thing.items.clear()
        thing.items.update(state[0])
        thing.others, thing.open = list(state[1]), state[2]
    else:
        names = _names(thing)
        names.clear()
        names.update(state)


def _joined(thing: Any, states: list[Any]) -> Any:
    if isinstance(thing, Sequence):
        return _joined_items(thing, states)
    if isinstance(thing, Mapping):
        items, same = _joined_names([state[0] for state in states], True)
        others: list[Value] = []
        known: set[int] = set()
        for state in states:
            others += [value for value in state[1] if id(value) not in known]
            known.update(map(id, state[1]))
        return items, others, not same or any(state[2] for state in states)
    merged, same = _joined_names(states, type(thing) is not Frame)
    if not same and type(thing) is Frame and thing.callee is None:
        partly = [name for name in merged if not all(name in state for state in states)]
        thing.partly.update(partly)
        if thing.in_class:  # where a way has not bound it, the name is that of the module
            outer = thing.module.env
            merged.update((name, join([merged[name], outer[name]])) for name in partly if name in outer)
    return merged


def _joined_items(thing: Sequence, states: list[Any]) -> tuple[list[Value], bool]:
    lists, vague = [state[0] for state in states], any(state[1] for state in states)
    if thing.kind != "set" and len({len(items) for items in lists}) == 1:
        columns = zip(*lists, strict=True)
        work[0] += len(lists) * len(lists[0]) // ITEMS_A_VALUE
        return [one[0] if all(v is one[0] for v in one) else join(one) for one in columns], vague
    found = samples(*lists)
    whole = thing.kind == "set" and all(len(items) == len(found) for items in lists)
    return found, vague or not whole


def _joined_names(states: list[dict[Any, Value]], doubt: bool) -> tuple[dict[Any, Value], bool]:
    """The joined values, and whether all states have the same keys in the same order."""
    first = states[0]
    order = list(first)
    same = True
    merged = dict(first)
    differing: dict[Any, None] = {}
    for state in states[1:]:
        if list(state) == order:  # as most are, with most values the same on each way
            differing.update(dict.fromkeys(compress(order, map(is_not, first.values(), state.values()))))
            continue
        same = False
        for name, value in state.items():
            if first.get(name) is not value:
                differing[name] = merged.setdefault(name)  # its place among the names
        for name in order:
            if name not in state:
                differing[name] = None
    for name in differing:
        values = [state[name] for state in states if name in state]
        value = values[0] if all(one is values[0] for one in values) else join(values)
        merged[name] = doubted(value) if doubt and len(values) < len(states) else value
    return merged, same


def _gather(again: Again, more: Again) -> None:
    for key, between in more.items():
        known = again.setdefault(key, [])
        known += [value for value in between if len(known) < MOST_OPTIONS]


def weaken(thing: Any, before: Any, again: Again) -> None:
    """A thing may be what it is, what it was, or something else in between: ``again`` tells what."""
    if isinstance(thing, Sequence):
        thing.items[:] = samples(thing.items, before[0])
        thing.open = True
    elif isinstance(thing, Mapping):
        for key, value in before[0].items():
            thing.items.setdefault(key, value)
        thing.items.update({key: doubted(value) for key, value in thing.items.items()})
        thing.open = True
    else:
        names = _names(thing)
        others = compress(names, map(is_not, names.values(), map(before.get, names)))
        for name in list(others):
            old, value = before.get(name), names[name]
            if name[:1] != "<":  # tags are read as they are or not at all
                names[name] = doubted(value if old is None else join([old, value]))
        for name in before.keys() - names.keys():
            names[name] = doubted(before[name])
        for name in names if again else ():
            between = again.get((id(thing), name))
            if between is not None and name[:1] != "<":
                names[name] = doubted(join([names[name], *between]))
