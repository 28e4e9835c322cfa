"""Look-ups over a model that every report needs, built once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from strangler.contexts.figures import writes
from strangler.model import BoundedContext, Model, Table
from strangler.model.lookup import home


@dataclass(frozen=True)
class Index:
    """A model with its names resolved; contexts keep the order of the model."""

    model: Model

    @cached_property
    def contexts(self) -> Mapping[str, BoundedContext]:
        """Name -> context."""
        return {context.name: context for context in self.model.contexts}

    @cached_property
    def context_of(self) -> Mapping[str, str]:
        """Module name -> name of its context."""
        return {module: context.name for context in self.model.contexts for module in context.modules}

    @cached_property
    def owner_of(self) -> Mapping[str, str]:
        """Table name -> name of the context that should own it."""
        return {table: context.name for context in self.model.contexts for table in context.tables}

    @cached_property
    def module_of_path(self) -> Mapping[str, str]:
        """Path -> module name."""
        return {module.path: module.name for module in self.model.modules}

    @cached_property
    def path_of(self) -> Mapping[str, str]:
        """Module name -> path."""
        return {module.name: module.path for module in self.model.modules}

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """Name -> table."""
        return {table.name: table for table in self.model.tables}

    def module_of_handler(self, handler: str) -> str | None:
        """The first-party module of ``module.qualname``: its longest prefix that is a module."""
        known = self._modules_of_handlers
        if handler not in known:
            known[handler] = home(handler, self.path_of)
        return known[handler]

    @cached_property
    def _modules_of_handlers(self) -> dict[str, str | None]:
        return {}

    def context_of_handler(self, handler: str) -> str | None:
        """The context of ``module.qualname``."""
        module = self.module_of_handler(handler)
        return None if module is None else self.context_of.get(module)

    @cached_property
    def access_counts(self) -> Mapping[tuple[str, str], Counter[str]]:
        """(table, operation) -> context -> number of code locations; those write that count as writers of it
        (``writes``), not those that delete a row which takes others along."""
        found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        reads = (access for access in self.model.accesses if access.operation != "write")
        for access in (*reads, *writes(self.model.system)):
            context = self.context_of.get(access.module)
            if context is not None:
                found[access.table, access.operation][context] += 1
        return found

    def accessors(self, table: str, operation: str) -> Counter[str]:
        """Context -> number of code locations that read or write ``table``."""
        return self.access_counts.get((table, operation), Counter())
