"""What the interpreted code does: typed facts, and one door for each kind.

Every access to data passes through ``Log.access``, so that the doubts that are open there apply to it
whoever notes it: ``of_each`` (one of several values is meant) and ``at_most``. What names the data is a
framework's matter: a target is anything hashable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TypeVar

from strangler.analyzers.python.additions import Additions
from strangler.analyzers.python.conditions import Both, undecided
from strangler.analyzers.python.entries import (
    Access,
    Effect,
    Failure,
    Location,
    Region,
    Target,
    Unresolved,
    Use,
    UseKind,
)
from strangler.analyzers.python.sites import Sites, is_hook, transaction
from strangler.model.base import Certainty
from strangler.model.lookup import RANKS, weakest
from strangler.model.routes import RouteLink
from strangler.model.system import ALONG, Argument, Message, Operation

if TYPE_CHECKING:
    from strangler.analyzers.python import syntax
    from strangler.analyzers.python.changes import Changes
    from strangler.analyzers.python.conditions import Undecided
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.python.program import ModuleScope
    from strangler.analyzers.python.values import Class, Function, Value

_named = tuple.__new__
"""Makes a named tuple of a tuple, for those that are made for every access, without running Python for it."""

T = TypeVar("T")
R = TypeVar("R")
Row = tuple[Location, Target, Operation]


class Doubt:
    """The accesses noted while a doubt is open; ``place``: only those that stand there are in doubt."""

    __slots__ = ("place", "rows")

    def __init__(self, place: Location | None = None) -> None:
        self.place = place
        self.rows: dict[Row, tuple[str, Certainty, str]] = {}

    def add(self, access: Access) -> bool:
        """Keep an access, the surest of equal ones; False where it is not in doubt."""
        place, target, operation, via, certainty, database = access
        if self.place is not None and place != self.place:
            return False
        known = self.rows.get((place, target, operation))
        if known is None or RANKS[certainty] < RANKS[known[1]]:
            self.rows[place, target, operation] = (via, certainty, database)
        return True


class Log:
    """The facts of one run, each once, in the order found."""

    def __init__(self) -> None:
        self.open = True
        """Whether accesses to data are kept: not while the application is put together, as it is only known
        behind that what the data are."""
        self.accesses: dict[Access, None] = {}
        self.handed: dict[tuple[str, str], set[Effect]] = {}
        """(module, function of a data layer) -> what it does for callers who are noted themselves."""
        self.told: dict[tuple[str, str], set[Effect]] = {}
        """(module, method) -> what it does to data that a class below it or who made the object tells, who
        are noted themselves."""
        self.ways: dict[tuple[Location, Effect], tuple[str, ...]] = {}
        """Where data is named -> the functions that lead to it, outermost first."""
        self._way_of: dict[tuple[str, str | None, Effect], tuple[str, ...]] = {}
        """(module, function, effect) -> its first way."""
        self.surest: dict[tuple[str, str | None, Effect], Certainty] = {}
        """(module, function, effect) -> the surest access."""
        self.transactions: dict[Region, set[Effect]] = {}
        self.unresolved: dict[Unresolved, None] = {}
        self.vagueness = 0
        """How often data was touched that cannot be told; whether a call does is seen by its growth."""
        self.asked: dict[Location, tuple[str, Function]] = {}
        """Where a function is called that then touches data that cannot be told -> (file, function)."""
        self.messages: dict[Message, None] = {}
        self.links: dict[RouteLink, None] = {}
        self.uses: dict[Use, int] = {}
        """Use -> its first line."""
        self.dynamic_imports: dict[tuple[str, str], int] = {}
        """(importing module, imported one) -> the first line that names it as a string."""
        self.listings: dict[str, set[str]] = {}
        """Module -> the directories of the tree of which it asks what they hold."""
        self.executed: set[tuple[str, str | None, int]] = set()
        """Lines with calls that were run."""
        self.opened: dict[tuple[str, str | None, int], int] = {}
        """Those of them in an open transaction of their function -> its first line."""
        self.sites = Sites()
        """Where first-party definitions are called."""
        self.undecided: dict[str, dict[Undecided, None]] = {}
        """Path -> blocks of which both ways were taken while the application put itself together."""
        self._doubted: dict[tuple[str, int, int], Both] = {}
        self.spread: dict[str, int] = {}
        """Module -> the first line that adds something of which nothing is known to a list, while the
        application puts itself together."""
        self.extended: dict[str, tuple[str, int]] = {}
        """Dotted name of something of a library of which nothing is known -> the file and line that first
        give it an application or a router."""
        self.nameless: dict[tuple[str, int], Class] = {}
        """Where ``type`` is given a name that cannot be told -> what it makes; it takes part in nothing."""
        self.named: set[tuple[str, int]] = set()
        """Where ``type`` has made a class."""
        self.failures: dict[Failure, None] = {}
        self.additions = Additions()
        """What was added to lists."""
        self._running: list[set[Effect]] = [set()]
        self._doubts: list[Doubt] = []
        self._most: Certainty = "certain"
        self._database = ""

    def spreads(self, interp: Interpreter, frame: Frame) -> None:
        """A list gets elements of which nothing is known."""
        if interp.booting:
            self.spread.setdefault(frame.module.name, frame.line)

    # -- data --------------------------------------------------------------------------------------

    def access(
        self,
        frame: Frame,
        target: Target,
        operation: Operation,
        via: str,
        certainty: Certainty = "certain",
        place: Location | None = None,
    ) -> None:
        """The code that runs in ``frame`` reads or writes ``target``.

        Args:
            frame: who does it: the access counts for the running function and its open transactions.
            target: the data, as its framework names it.
            operation: read or write.
            via: by what: orm, sql, cascade, form, ...
            certainty: how sure that is; doubts that are open make it less sure.
            place: the line that says so, where that is another than the frame's.
        """
        if not self.open:
            return
        sure = certainty if self._most == "certain" else weakest(certainty, self._most)
        database = self._database
        where = place or frame.location
        self._note(_named(Access, (where, target, operation, via, sure, database)))
        self._running[-1].add(effect := _named(Effect, (target, operation, database)))
        for region in frame.region:
            self.within(region, (effect,))

    def _note(self, access: Access) -> None:
        for doubt in reversed(self._doubts):
            if doubt.add(access):
                return
        if access in self.accesses:
            return
        self.accesses[access] = None
        place, target, operation, _, certainty, database = access
        key = (place.module, place.function, _named(Effect, (target, operation, database)))
        known = self.surest.get(key)
        if known is None or RANKS[certainty] < RANKS[known]:
            self.surest[key] = certainty

    def handed_over(self, frame: Frame, function: Function, effect: Effect) -> None:
        """The code at the frame's line names data to a function of a data layer, which does ``effect``."""
        layer = (function.module.name, function.qualname)
        self.handed.setdefault(layer, set()).add(effect)
        way = (function.dotted, *self._way_of.get((*layer, effect), ()))
        module, name, _ = frame.location
        self.ways.setdefault((frame.location, effect), way)
        self._way_of.setdefault((module, name, effect), way)
        certainty = self.surest.get((*layer, effect), "inferred")
        self.access(frame, effect.target, effect.operation, "argument", certainty)

    def told_below(self, frame: Frame, function: Function, effect: Effect) -> None:
        """The class at the frame's line tells a method that it inherits which data it is about."""
        method = (function.module.name, function.qualname)
        self.told.setdefault(method, set()).add(effect)
        self.ways.setdefault((frame.location, effect), (function.dotted,))
        certainty = weakest("inferred", self.surest.get((*method, effect), "possible"))
        self.access(frame, effect.target, effect.operation, "method", certainty)

    def touch(self, frame: Frame, effects: Iterable[Effect]) -> None:
        """Data touched while a frame runs: it counts for its callers and for open transactions."""
        self._running[-1].update(effects)
        for region in frame.region:
            self.within(region, effects)

    def within(self, region: Region, effects: Iterable[Effect]) -> None:
        """Data touched in a transaction."""
        if effects:
            self.transactions.setdefault(region, set()).update(effects)

    def unresolved_access(self, frame: Frame, what: str) -> None:
        """The code at the frame's line touches data, and it cannot be told which."""
        if not self.open:
            return
        self.unresolved[Unresolved(frame.module.facts.path, frame.location, what)] = None
        self.vagueness += 1

    def asked_vaguely(self, frame: Frame, function: Function) -> None:
        """The code at the frame's line calls a function that then touches data that cannot be told."""
        self.asked.setdefault(frame.location, (frame.module.facts.path, function))
        self.vagueness += 1

    def all_unresolved(self) -> Iterator[Unresolved]:
        """What cannot be told: of a data layer not what it is told by others, but what some of them ask."""
        for row in self.unresolved:
            if (row.place.module, row.place.function) not in self.handed:
                yield row
        for place, (path, function) in self.asked.items():
            layer = (function.module.name, function.qualname)
            if layer in self.handed and (place.module, place.function) not in self.handed:
                yield Unresolved(
                    path, place, f"what {function.dotted} is asked for is put together at run time"
                )

    # -- running functions -------------------------------------------------------------------------

    def begin(self) -> None:
        """A function starts to run."""
        self._running.append(set())

    def end(self) -> set[Effect]:
        """The function that runs has ended: what it and the functions that it called have touched."""
        return self._running.pop()

    @property
    def effects(self) -> set[Effect]:
        """What the running function has touched so far."""
        return self._running[-1]

    def is_running(self, effects: set[Effect]) -> bool:
        """Whether the function whose effects these are (the same set) still runs."""
        return any(one is effects for one in self._running)

    @contextmanager
    def on_database(self, name: str) -> Iterator[None]:
        """What is touched in the block is touched on a database that the code names; empty: on its own."""
        before, self._database = self._database, name or self._database
        try:
            yield
        finally:
            self._database = before

    @contextmanager
    def apart(self) -> Iterator[set[Effect]]:
        """What runs inside the block does so at another time: nothing of it counts for what runs now.

        Gives what it does to data.
        """
        running, self._running = self._running, [set()]
        try:
            yield self._running[0]
        finally:
            self._running = running

    # -- doubts ------------------------------------------------------------------------------------

    def enter_body(self) -> tuple[list[Doubt], str]:
        """A function's body is run: what is in doubt for its caller is certain in there, and on no database
        that the caller names.

        Returns what ``leave_body`` takes.
        """
        outside = self._doubts, self._database
        self._doubts, self._database = [], ""
        return outside

    def leave_body(self, outside: tuple[list[Doubt], str]) -> None:
        """The body has been run: the caller's doubts hold again."""
        self._doubts, self._database = outside

    @contextmanager
    def at_most(self, most: Certainty, frame: Frame, via: str | None = None) -> Iterator[None]:
        """What is noted at the frame's line inside the block is no surer than ``most``.

        ``via``: what does it, in place of what each access says but that it only goes along.
        """
        doubt = Doubt(frame.location)
        self._doubts.append(doubt)
        try:
            yield
        finally:
            self._doubts.pop()
            self._settle(doubt, most, via=via)

    @contextmanager
    def all_at_most(self, most: Certainty) -> Iterator[None]:
        """What is noted inside the block, by called functions too, is no surer than ``most``."""
        before, self._most = self._most, weakest(self._most, most)
        try:
            yield
        finally:
            self._most = before

    def of_each(self, values: Sequence[T], act: Callable[[T], R], changes: Changes | None = None) -> list[R]:
        """Act on each of several alternatives: what only some of them touch is only possible.

        Those that touch nothing at a place do not count as alternatives there: ``None``, a string, the
        query to which that line may have added a condition. With ``changes``, what acting on one of them
        changes may as well stay as it is.
        """
        if len(values) == 1:
            if changes is None:
                return [act(values[0])]
            with changes.possible():
                return [act(values[0])]
        found: list[R] = []
        touching: list[Doubt] = []
        doubt = Doubt()
        try:
            for value in values:
                self._doubts.append(doubt)
                try:
                    if changes is None:
                        found.append(act(value))
                    else:
                        with changes.possible():
                            found.append(act(value))
                finally:
                    self._doubts.pop()
                    if doubt.rows:
                        touching.append(doubt)
                        doubt = Doubt()
        finally:
            if touching:
                self._settle_each(touching)
        return found

    def _settle_each(self, touching: list[Doubt]) -> None:
        """Note what alternatives have touched."""
        first = touching[0].rows.keys()
        if all(doubt.rows.keys() == first for doubt in touching):
            for doubt in touching:
                self._settle(doubt, "possible", first)
            return
        at = [{row[0] for row in doubt.rows} for doubt in touching]
        for doubt in touching:
            shared = {
                row
                for row in doubt.rows
                if all(
                    row in other.rows for other, places in zip(touching, at, strict=True) if row[0] in places
                )
            }
            self._settle(doubt, "possible", shared)

    def _settle(
        self,
        doubt: Doubt,
        most: Certainty,
        sure: Set[Row] = frozenset(),
        via: str | None = None,
    ) -> None:
        for row, (own, certainty, database) in doubt.rows.items():
            settled = certainty if row in sure else weakest(certainty, most)
            how = own if own in ALONG else via or own
            self._note(_named(Access, (*row, how, settled, database)))

    # -- everything else ---------------------------------------------------------------------------

    def execute(self, frame: Frame) -> None:
        """The code at ``frame.line`` calls something, known or not."""
        here = (frame.module.name, frame.function, frame.line)
        self.executed.add(here)
        if frame.region:
            self.opened[here] = max(transaction(frame), self.opened.get(here, 0))

    def use(self, value: Value, kind: UseKind, frame: Frame) -> None:
        """A value is called, inherited from or named: noted where it is a definition of another module.

        One of several values is each of them.
        """
        for option in value.options():
            definition = option.definition()
            if definition is not None:
                self.used(definition, kind, frame)

    def used(
        self, definition: Function | Class, kind: UseKind, frame: Frame, receiver: Value | None = None
    ) -> None:
        """A definition is called, inherited from or named: noted where it is one of another module.

        Args:
            receiver: of a method that is called, the object or class that it is called on.
        """
        if definition.module is frame.module or is_hook(definition, receiver, frame):
            return
        if self.sites.is_around(frame, definition):
            return
        target = definition.module.name, definition.qualname
        use = _named(Use, (frame.module.name, frame.function, *target, kind))
        self.uses.setdefault(use, frame.line)

    def message(
        self,
        frame: Frame,
        kind: Literal["task", "signal"],
        name: str,
        arguments: tuple[Argument, ...] = (),
    ) -> None:
        """The frame queues a task or sends a signal."""
        module, function, line = frame.location
        row = Message(module=module, function=function, line=line, kind=kind, name=name, arguments=arguments)
        self.messages[row] = None

    def dynamic_import(self, importer: str, imported: str, line: int) -> None:
        """A module names another one as a string."""
        if importer != imported:
            self.dynamic_imports.setdefault((importer, imported), line)

    def lists(self, module: str, directory: str) -> None:
        """A module asks what a directory of the tree holds."""
        self.listings.setdefault(module, set()).add(directory)

    def doubted(self, path: str, node: syntax.If) -> Both:
        """A condition could not be decided while the application put itself together: its two blocks."""
        key = (path, node.line, node.body[0].line if node.body else 0)
        known = self._doubted.get(key)
        if known is None:
            known = self._doubted[key] = undecided(path, node)
            self.undecided.setdefault(path, {}).update(dict.fromkeys(block for block in known if block))
        return known

    def conditions(self, path: str, line: int, under: tuple[Undecided, ...] = ()) -> list[str]:
        """What must hold for a line to be run while the application puts itself together, each said once.

        Args:
            under: the blocks behind undecided conditions in which those stand who call what holds the line.
        """
        lines = [block for block in self.undecided.get(path, ()) if block.first <= line <= block.last]
        around = list(dict.fromkeys((*under, *lines)))
        for block in around:
            doubt = f"whether {block.text}{'' if block.fact else ' holds'} is not known"
            message = f"{doubt}: what is registered behind it may not be there"
            self.failures[Failure(block.path, block.line, "undecided-condition", message)] = None
        return list(dict.fromkeys(block.text for block in around))

    def failed(self, scope: ModuleScope, line: int, code: str, message: str) -> None:
        """Code could not be interpreted: a diagnostic says so."""
        self.failures[Failure(scope.facts.path, line, code, message)] = None
