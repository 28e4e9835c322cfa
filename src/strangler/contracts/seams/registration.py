"""Modules that register something when they are imported, and would no longer be imported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from strangler.model import Model
from strangler.model.lookup import home, last, parent

_BY_FRAMEWORK = frozenset({"django"})
"""Frameworks that import the modules of their tables themselves."""


class Registration:
    """The imports that run when the monolith starts."""

    def __init__(self, model: Model) -> None:
        self._modules = {module.name for module in model.modules if module.role != "test"}
        self._imports: dict[str, set[str]] = defaultdict(set)
        for item in model.imports:
            starting = item.kind == "runtime" or (
                item.kind == "deferred" and last(item.importer) in ("apps", "app", "factory", "main")
            )
            if starting and {item.importer, item.imported} <= self._modules:
                self._imports[item.importer].add(item.imported)
        self._registering = self._find(model)

    def _find(self, model: Model) -> set[str]:
        names = [item.handler for item in model.tasks] + [item.handler for item in model.commands]
        names += [item.handler for item in model.endpoints]
        names += [item.receiver for item in model.signals]
        names += [item.model for item in model.tables if item.model and item.framework not in _BY_FRAMEWORK]
        return {found for name in names for found in [home(name, self._modules)] if found}

    def lost(self, dropped: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Of imports (importer, imported) that are to go, those that have to stay."""
        dropped = set(dropped)
        imported = {name for names in self._imports.values() for name in names}
        roots = self._modules - imported
        before = self._reach(roots, set())
        gone = before - self._reach(roots, dropped)
        needed = gone & self._registering
        return {
            (importer, module)
            for importer, module in dropped
            if importer in before and self._reach({module}, set()) & needed
        }

    def _reach(self, start: set[str], without: set[tuple[str, str]]) -> set[str]:
        seen, waiting = set(start), sorted(start)
        while waiting:
            name = waiting.pop()
            package = parent(name)
            following = {item for item in self._imports[name] if (name, item) not in without}
            following |= {package} if package in self._modules else set()
            new = following - seen
            seen |= new
            waiting += sorted(new)
        return seen
