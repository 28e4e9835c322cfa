"""What a definition does to tables, itself and by everything that it calls: a pure function of the facts.

    effects = Effects(model)                       # once for a model
    effects.of("shop.warehouse.services", "reserve")
    -> (Effect(table="wh_stock", operation="write", certainty="certain",
               place=Evidence(file=..., line=19, symbol="move"),
               path=(Evidence(file=..., line=28, symbol="reserve"),)), ...)

An ``Effect`` without ``path`` is the definition's own. ``path`` holds the calls that lead to the access, the
definition's own call first: ``reserve`` line 28 calls ``move``, whose line 19 writes. The shortest path is
told; of equally short ones the surest access, then the first by file and line.

What leads on: calls across modules (``Model.calls``), calls inside a module, through values, properties and
call-backs (``Model.invocations``), and what receives a signal of the monolith's own that is sent. A class
stands for its constructor when it is called and for all its methods in ``of_class``. Tasks that are only
queued are no part of it: see ``messages`` for what is sent.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from typing import NamedTuple

from strangler.model.base import Certainty, Value
from strangler.model.contexts import Evidence
from strangler.model.document import Model
from strangler.model.lookup import RANKS, member
from strangler.model.routes import Endpoint
from strangler.model.system import Access, Message, Operation, System

MOST_DEFINITIONS = 2_000
"""Definitions followed from one; what lies beyond them is not told, and ``complete`` says so."""

Place = tuple[str, str]
"""(module, qualified name) of a top-level definition or a method."""


class Effect(Value, frozen=True, kw_only=True):
    """A table that a definition reads or writes, and the way there."""

    table: str
    operation: Operation
    certainty: Certainty
    """Of the access; a call on the path that only may happen does not lower it."""
    place: Evidence
    """The access; ``symbol`` is the function that it stands in."""
    path: tuple[Evidence, ...] = ()
    """The calls that lead there, outermost first; ``symbol`` is the function that each stands in."""


class _Step(NamedTuple):
    """A definition on the way, and the call that leads to it."""

    place: Place
    depth: int
    before: _Step | None
    line: int
    """Of the call, in the definition before."""


_Found = tuple[int, int, str, int, str, Certainty, _Step]
"""How a table is touched: length of the way, rank of the certainty, file, line and function; with both."""


class Effects:
    """Effects of the definitions of one model, each worked out when it is first asked for.

    Args:
        model: the facts; only ``modules``, ``definitions``, ``accesses``, ``calls``, ``invocations``,
            ``messages``, ``signals`` and ``endpoints`` are read.
    """

    def __init__(self, model: Model | System) -> None:
        self._file = {module.name: module.path for module in model.modules}
        self._methods: dict[Place, list[str]] = defaultdict(list)
        self._classes = {(item.module, item.name) for item in model.definitions if item.kind == "class"}
        for item in model.definitions:
            if item.kind == "method":
                self._methods[item.module, item.name.rpartition(".")[0]].append(item.name)
        self._accesses: dict[Place, list[Access]] = defaultdict(list)
        for access in model.accesses:
            self._accesses[access.module, _outer(access.function)].append(access)
        self._messages: dict[Place, list[Message]] = defaultdict(list)
        for message in model.messages:
            self._messages[message.module, _outer(message.function)].append(message)
        leads: dict[Place, set[tuple[int, Place]]] = defaultdict(set)
        for call in model.calls:
            if call.kind == "call":
                target = self._called(call.target_module, call.target)
                leads[call.module, _outer(call.function)].add((call.line, target))
        for one in model.invocations:
            if one.wraps:
                continue
            target = self._called(one.target_module or one.module, one.target)
            leads[one.module, _outer(one.function)].add((one.line, target))
        receivers: dict[str, list[Place]] = defaultdict(list)
        for signal in model.signals:
            found = self._place(signal.receiver)
            if found is not None:
                receivers[signal.signal].append(found)
        for message in model.messages:
            for receiver in receivers[message.name] if message.kind == "signal" else ():
                leads[message.module, _outer(message.function)].add((message.line, receiver))
        self._leads = {place: sorted(targets) for place, targets in leads.items()}
        self._line = {(item.module, item.name): item.line for item in model.definitions}
        self._answers: dict[str, dict[tuple[str, int], set[str]]] = defaultdict(lambda: defaultdict(set))
        for endpoint in model.endpoints:
            for request in endpoint.requests:
                self._answers[endpoint.handler][request.file, request.line].add(endpoint.path)
        self._known: dict[Place, tuple[Effect, ...]] = {}
        self._best: dict[Place, dict[tuple[str, Operation], _Found]] = {}
        self._modules: dict[Place, frozenset[str]] = {}
        self._incomplete: set[Place] = set()

    def of(self, module: str, name: str) -> tuple[Effect, ...]:
        """What calling a function, method or class does, sorted by table: one row a table and operation.

        Args:
            module: dotted name of the module.
            name: qualified name in it; of a nested function, that around it counts.
        """
        return self._of(self._called(module, name))

    def _of(self, start: Place) -> tuple[Effect, ...]:
        if start not in self._known:
            best = self._touched(start)
            self._known[start] = tuple(sorted(self._effect(*key, found) for key, found in best.items()))
        return self._known[start]

    def _touched(self, start: Place) -> dict[tuple[str, Operation], _Found]:
        """The tables that calling a definition touches, each with how it is touched most directly."""
        if start not in self._best:
            best: dict[tuple[str, Operation], _Found] = {}
            modules: set[str] = set()
            for step in self._reached(start):
                module, name = step.place
                modules.add(module)
                for access in self._accesses.get(step.place, ()):
                    if step.depth and access.for_callers:
                        continue  # the caller's own rows say which of them it is
                    key = access.table, access.operation
                    known = best.get(key)
                    if known is not None and known[0] < step.depth:
                        continue
                    rank = step.depth, RANKS[access.certainty], self._file.get(module, ""), access.line, name
                    if known is None or rank < known[:5]:
                        best[key] = (*rank, access.certainty, step)
            self._modules[start] = frozenset(modules)
            self._best[start] = best
        return self._best[start]

    def _effect(self, table: str, operation: Operation, found: _Found) -> Effect:
        _, _, file, line, name, certainty, step = found
        path = []
        while step.before is not None:
            path.append(self._evidence(step.before.place, step.line))
            step = step.before
        return Effect(
            table=table,
            operation=operation,
            certainty=certainty,
            place=Evidence(file=file, line=line, symbol=name),
            path=tuple(reversed(path)),
        )

    def of_class(self, module: str, name: str) -> tuple[Effect, ...]:
        """What the methods of a class do, all of them together; of a function the same as ``of``."""
        return self._of_all(module, self._entrances(module, name))

    def of_endpoint(self, endpoint: Endpoint) -> tuple[Effect, ...]:
        """What answering a route does: of a class all its methods, without those that answer only its other
        routes (the actions of a view set)."""
        return self._of_all(*self._answering(endpoint))

    def touched_by_class(self, module: str, name: str) -> list[tuple[str, Operation]]:
        """What ``of_class`` tells, as tables and operations alone, in its order."""
        return self._all_touched(module, self._entrances(module, name))

    def touched_by_endpoint(self, endpoint: Endpoint) -> list[tuple[str, Operation]]:
        """What ``of_endpoint`` tells, as tables and operations alone, in its order."""
        return self._all_touched(*self._answering(endpoint))

    def _all_touched(self, module: str, methods: Iterable[str]) -> list[tuple[str, Operation]]:
        return sorted({key for name in methods for key in self._touched(self._called(module, name))})

    def modules_of_endpoint(self, endpoint: Endpoint) -> frozenset[str]:
        """Modules whose code runs when a route is answered."""
        module, methods = self._answering(endpoint)
        return frozenset().union(*(self._run(module, method) for method in methods))

    def _answering(self, endpoint: Endpoint) -> tuple[str, list[str]]:
        module, name = member(endpoint.handler, self._file)
        answers = self._answers.get(endpoint.handler, {})
        elsewhere = {place for place, paths in answers.items() if endpoint.path not in paths}
        methods = self._entrances(module, name)
        file = self._file.get(module, "")
        return module, [m for m in methods if (file, self._line.get((module, m), 0)) not in elsewhere]

    def _of_all(self, module: str, methods: Iterable[str]) -> tuple[Effect, ...]:
        best: dict[tuple[str, Operation], Effect] = {}
        for method in methods:
            for effect in self.of(module, method):
                known = best.get((effect.table, effect.operation))
                if known is None or _rank(effect) < _rank(known):
                    best[effect.table, effect.operation] = effect
        return tuple(sorted(best.values()))

    def reads(self, module: str, name: str) -> frozenset[str]:
        """Tables that calling the definition reads."""
        return frozenset(effect.table for effect in self.of(module, name) if effect.operation == "read")

    def writes(self, module: str, name: str) -> frozenset[str]:
        """Tables that calling the definition writes."""
        return frozenset(effect.table for effect in self.of(module, name) if effect.operation == "write")

    def messages(self, module: str, name: str) -> tuple[Message, ...]:
        """Tasks queued and signals sent by the definition and what it calls, sorted by place."""
        found = {
            message: None
            for step in self._reached(self._called(module, name))
            for message in self._messages.get(step.place, ())
        }
        return tuple(sorted(found, key=lambda m: (m.module, m.line, m.kind, m.name, m.function or "")))

    def modules(self, module: str, name: str) -> frozenset[str]:
        """Modules whose code runs in the definition and what it calls; of a class in any of its methods."""
        return frozenset().union(*(self._run(module, method) for method in self._entrances(module, name)))

    def _run(self, module: str, name: str) -> frozenset[str]:
        start = self._called(module, name)
        self._touched(start)
        return self._modules[start]

    def complete(self, module: str, name: str) -> bool:
        """Whether everything that the definition calls was followed (``MOST_DEFINITIONS``)."""
        start = self._called(module, name)
        self._touched(start)
        return start not in self._incomplete

    def _entrances(self, module: str, name: str) -> tuple[str, ...]:
        return name, *self._methods.get((module, name), ())

    def _place(self, dotted: str) -> Place | None:
        """The definition of a dotted name, with a dot or a colon after its module."""
        parts = dotted.replace(":", ".").split(".")
        for end in range(len(parts) - 1, 0, -1):
            module = ".".join(parts[:end])
            if module in self._file:
                return self._called(module, ".".join(parts[end:]))
        return None

    def _called(self, module: str, name: str) -> Place:
        """The code that runs when a definition is called: of a class its constructor, where it has one."""
        name = _outer(name)
        constructor = f"{name}.__init__"
        if (module, name) in self._classes and constructor in self._methods.get((module, name), ()):
            return module, constructor
        return module, name

    def _reached(self, start: Place) -> Iterable[_Step]:
        """Breadth first: every definition that is called, each by the shortest way there."""
        seen = {start}
        waiting = deque([_Step(start, 0, None, 0)])
        while waiting:
            step = waiting.popleft()
            yield step
            for line, target in self._leads.get(step.place, ()):
                if target in seen:
                    continue
                if len(seen) >= MOST_DEFINITIONS:
                    self._incomplete.add(start)
                    return
                seen.add(target)
                waiting.append(_Step(target, step.depth + 1, step, line))

    def _evidence(self, place: Place, line: int) -> Evidence:
        return Evidence(file=self._file.get(place[0], ""), line=line, symbol=place[1])


def _rank(effect: Effect) -> tuple[int, int, Evidence]:
    return len(effect.path), RANKS[effect.certainty], effect.place


def _outer(function: str | None) -> str:
    """The top-level function or method around a nested one; empty for the module's own code."""
    return (function or "").partition(".<locals>")[0]
