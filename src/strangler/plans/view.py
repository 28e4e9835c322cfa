"""A model seen from one context: what is inside, what is outside, whose is what."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from strangler.contexts.crossings import counted, touching
from strangler.contexts.words import split
from strangler.model import (
    Access,
    BoundedContext,
    Call,
    Crossing,
    Definition,
    Endpoint,
    Evidence,
    Invocation,
    Model,
    Module,
)
from strangler.model.effects import Effect, Effects
from strangler.model.lookup import PRODUCTION, home, last

UNDOING = frozenset(
    {
        "abort", "cancel", "clear", "close", "deallocate", "delete", "discard", "drop", "free",
        "invalidate", "refund", "reject", "release", "remove", "restore", "return", "reverse",
        "revert", "revoke", "rollback", "unassign", "undo", "unreserve", "void", "withdraw",
    }
)  # fmt: skip
"""Verbs of functions that may take back what another did."""


class View:
    """Look-ups of a model for one context."""

    def __init__(self, model: Model, context: BoundedContext) -> None:
        self.model = model
        self.context = context
        self.name = context.name
        self.inside = frozenset(context.modules)
        self.tables = frozenset(context.tables)
        self.context_of = {module: found.name for found in model.contexts for module in found.modules}
        self.owner_of = {table: found.name for found in model.contexts for table in found.tables}
        self.kind_of = {found.name: found.kind for found in model.contexts}
        self.modules: dict[str, Module] = {module.name: module for module in model.modules}

    @cached_property
    def effects(self) -> Effects:
        """What definitions do to tables, all that they call included."""
        return Effects(self.model)

    @cached_property
    def computing(self) -> frozenset[tuple[str, str]]:
        """(module, name) of definitions that only compute: a copy of their code does what they do."""
        return frozenset((item.module, item.name) for item in self.model.signatures if item.computes)

    @cached_property
    def table_of(self) -> dict[str, str]:
        """Dotted name of a class -> the table that it maps."""
        return {table.model: table.name for table in self.model.tables if table.model}

    @cached_property
    def crossings(self) -> tuple[Crossing, ...]:
        """The crossings of its boundary."""
        return touching(counted(self.model.crossings), self.name)

    def home(self, qualified: str) -> str | None:
        """The module of a dotted name: its longest prefix that is one."""
        return home(qualified, self.modules)

    def moves(self, handler: str) -> bool:
        """Whether the definition lies in the context."""
        return self.home(handler) in self.inside

    def place(self, module: str, line: int, symbol: str | None = "") -> Evidence:
        """A line of a module as evidence."""
        return Evidence(file=self.modules[module].path, line=line, symbol=symbol or "")

    def production(self, module: str) -> bool:
        """Whether the module is code that runs in production."""
        found = self.modules.get(module)
        return found is not None and found.role in PRODUCTION

    @cached_property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The endpoints that move, in the framework's order."""
        found = (endpoint for endpoint in self.model.endpoints if self.moves(endpoint.handler))
        return tuple(sorted(found, key=lambda endpoint: (endpoint.order, endpoint.path)))

    @cached_property
    def model_modules(self) -> frozenset[str | None]:
        """Modules that map tables."""
        return frozenset(self.home(table.model) for table in self.model.tables if table.model)

    def file_module(self, file: str) -> str | None:
        """The module of a file."""
        return next((module.name for module in self.model.modules if module.path == file), None)

    @cached_property
    def accesses_of(self) -> dict[tuple[str, str | None], list[Access]]:
        """(module, function) -> its accesses."""
        found: dict[tuple[str, str | None], list[Access]] = defaultdict(list)
        for access in self.model.accesses:
            found[access.module, access.function].append(access)
        return found

    @cached_property
    def accesses_to(self) -> dict[str, list[Access]]:
        """Table -> its accesses."""
        found: dict[str, list[Access]] = defaultdict(list)
        for access in self.model.accesses:
            found[access.table].append(access)
        return found

    @cached_property
    def writers_of(self) -> dict[str, list[Access]]:
        """Table -> the accesses that write it."""
        found: dict[str, list[Access]] = defaultdict(list)
        for access in self.model.accesses:
            if access.operation == "write":
                found[access.table].append(access)
        return found

    @cached_property
    def undoing(self) -> dict[tuple[str, str], frozenset[str]]:
        """(module, function) -> the tables that it writes, of functions named after undoing."""
        named = {(item.module, item.name) for item in self.model.definitions if item.kind != "class"}
        named |= {(item.module, item.function) for item in self.model.accesses if item.function}
        found = {}
        for module, name in sorted(named):
            if UNDOING.intersection(split(last(name))[:1]):
                effects = [e for e in self.effects.of(module, name) if e.operation == "write"]
                written = frozenset(e.table for e in effects if self.access_of(e).via != "cascade")
                if written:
                    found[module, name] = written
        return found

    @cached_property
    def heirs(self) -> dict[tuple[str, str], set[str]]:
        """(module, class) -> contexts that inherit from it."""
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for call in self.model.calls:
            if call.kind == "inheritance" and call.module in self.context_of:
                found[call.target_module, call.target].add(self.context_of[call.module])
        return found

    @cached_property
    def calls_of(self) -> dict[tuple[str, str | None], list[Call]]:
        """(module, function) -> what it calls in other modules."""
        found: dict[tuple[str, str | None], list[Call]] = defaultdict(list)
        for call in self.model.calls:
            if call.kind == "call":
                found[call.module, call.function].append(call)
        return found

    @cached_property
    def invocations_of(self) -> dict[tuple[str, str | None], list[Invocation]]:
        """(module, function) -> what it calls in its own module, or through values."""
        found: dict[tuple[str, str | None], list[Invocation]] = defaultdict(list)
        for item in self.model.invocations:
            found[item.module, item.function].append(item)
        return found

    def access_of(self, effect: Effect) -> Access:
        """The row behind an effect."""
        return self._accesses_at[effect.place.file, effect.place.line, effect.table, effect.operation]

    @cached_property
    def _accesses_at(self) -> dict[tuple[str, int, str, str], Access]:
        return {(self.modules[a.module].path, a.line, a.table, a.operation): a for a in self.model.accesses}

    @cached_property
    def definitions(self) -> dict[tuple[str, str], Definition]:
        """(module, name) -> its definition."""
        return {(item.module, item.name): item for item in self.model.definitions}

    @cached_property
    def callers(self) -> dict[tuple[str, str], set[str]]:
        """(module, name) -> names of the contexts that use the definition."""
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for call in self.model.calls:
            if call.module in self.context_of:
                found[call.target_module, call.target].add(self.context_of[call.module])
        return found
