"""What an entry point reaches: the tables and contexts behind its handler, along the known calls."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from strangler.model import Model
from strangler.model.lookup import parent
from strangler.reports.index import Index

STEPS = 12
"""Calls are followed so deep; beyond, everything reaches everything and nothing is learnt."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Tables read and written, and contexts visited on the way."""

    reads: tuple[str, ...]
    writes: tuple[str, ...]
    contexts: tuple[str, ...]


class Reaches:
    """Answers for handlers, with the work shared between them."""

    def __init__(self, model: Model, index: Index) -> None:
        self._index = index
        self._calls: dict[str, set[str]] = defaultdict(set)
        self._uses: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self._members: dict[str, set[str]] = defaultdict(set)
        self._known: dict[str, Reach] = {}
        for call in model.calls:
            if call.function is not None:
                self._calls[f"{call.module}.{call.function}"].add(f"{call.target_module}.{call.target}")
        for access in model.accesses:
            if access.function is not None:
                self._uses[f"{access.module}.{access.function}"].add((access.operation, access.table))
        for name in (*self._calls, *self._uses):
            self._members[parent(name)].add(name)

    def of(self, handler: str) -> Reach:
        """The reach of ``module.qualname``; a class reaches what its methods reach."""
        if handler not in self._known:
            self._known[handler] = self._search(handler)
        return self._known[handler]

    def _search(self, handler: str) -> Reach:
        seen = {handler}
        front = [handler]
        for _ in range(STEPS):
            following = {
                target
                for name in front
                for target in (*self._calls.get(name, ()), *self._members.get(name, ()))
                if target not in seen
            }
            if not following:
                break
            seen |= following
            front = sorted(following)
        tables: dict[str, set[str]] = {"read": set(), "write": set()}
        for name in seen:
            for operation, table in self._uses.get(name, ()):
                tables[operation].add(table)
        contexts = {self._index.context_of_handler(name) for name in seen} - {None}
        return Reach(
            tuple(sorted(tables["read"])),
            tuple(sorted(tables["write"])),
            tuple(sorted(filter(None, contexts))),
        )
