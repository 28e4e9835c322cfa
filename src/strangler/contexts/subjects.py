"""What the tables of a context are about: names better than those of anything (``core``, ``common``)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from math import sqrt

from strangler.contexts import packages, words
from strangler.model import System
from strangler.model.lookup import PRODUCTION, Homes, last
from strangler.model.system import CASCADE

_ANYTHING = """
api app application backend base basic common conf config configuration core crud database db framework
general generic global handler helper item lib library main manager misc model module object package repo
repository root schema server service setting shared site src store system tool type util utility view web
website
"""
ANYTHING = frozenset(_ANYTHING.split())
"""Words that name anything, or a part of any system."""
_VERSION = re.compile(r"v\d+")
LEAST = 2
"""Tables, and functions that write them, that say what a context is about."""
SECOND = 0.5
"""Weight of the second subject, for each of the first, from which it is named, too."""
HALF, BESIDE = 0.6, 0.3
"""Share of the modules up to which a package alone names no context, and from which another does, too."""


class Subjects:
    """The tables of a system by the packages that declare them."""

    def __init__(self, system: System) -> None:
        modules = [module.name for module in system.modules if module.role in PRODUCTION]
        self.whole = packages.whole(modules)
        top = {last(name) for name in self.whole} | {system.monolith.name}
        self.own = frozenset(word for name in top for word in words.split(name))
        home = Homes(system)
        referred = Counter(key.table for table in system.tables for key in table.foreign_keys)
        self.declared: dict[str, list[tuple[str, str, float]]] = defaultdict(list)
        """Module -> table, the class of it, and how much that says."""
        for table in system.tables:
            module = home(table.model)
            if module is not None and table.model:
                weight = sqrt(1 + referred[table.name])
                self.declared[module].append((table.name, last(table.model), weight))
        self.models = {table.name: last(table.model) for table in system.tables if table.model}
        self.writers: dict[str, Counter[str]] = defaultdict(Counter)
        """Module -> table -> functions that write it."""
        for where, _, name in sorted(
            {
                (a.module, a.function or "", a.table)
                for a in system.accesses
                if a.operation == "write" and a.via != CASCADE
            }
        ):
            self.writers[where][name] += 1

    def general(self, name: str) -> bool:
        """Whether a name is that of anything, or of the whole system."""
        return self.own.issuperset(words.split(name)) or anything(name)

    def name(self, group: Sequence[str], name: str, owned: Collection[str] | None = None) -> str:
        """The name, or a better one for the same modules; the same where no table tells.

        Args:
            owned: the tables that may name them; None for any.
        """
        rows = [
            (module, model, weight)
            for module in group
            for table, model, weight in self.declared.get(module, ())
            if owned is None or table in owned
        ]
        if not self.general(name) and not _VERSION.fullmatch(name):
            return self._with_second(group, name, rows)
        inside = {module for module in group if name in map(words.plain, module.split(".")[:-1])}
        apart = any(packages.structural(module.replace(".", "/")) for module, *_ in rows if module in inside)
        if self.own.issuperset(words.split(name)) or (packages.structural(name) and not apart):
            inside.clear()  # ``forms.models`` is about forms, ``models.person`` is not about models
        weight: dict[str, float] = defaultdict(float)
        heaviest: dict[str, tuple[float, str]] = {}
        for module, model, count in rows:
            label = self.package(module)
            if self.general(label):  # the models of a package without a telling name, or of all in one file
                label = f"{label}/" if label in module.split(".")[:-1] else model
            weight[label] += count
            heaviest[label] = min(heaviest.get(label, (0.0, "")), (-count, model))
        bare = sum(
            count for module, _, count in rows if module in inside and self.general(self.package(module))
        )
        plain = sum(self.general(self.package(module)) for module in inside)
        if (2 * bare >= sum(weight.values()) if rows else 2 * plain > len(group)) and 2 * len(inside) > len(
            group
        ):
            return name
        if len(rows) < LEAST:
            weight.clear()
            for module in group:
                for table, functions in self.writers.get(module, {}).items():
                    if owned is None or table in owned:
                        weight[self.models.get(table, last(table))] += functions
            if len(weight) < LEAST or max(weight.values()) < LEAST:
                return name
        told = sorted(weight, key=lambda label: (-weight[label], label))[:2]
        named = (
            words.plain(heaviest[label][1] if label.endswith("/") else label)
            for label in told
            if weight[label] >= SECOND * weight[told[0]]
        )
        return _joined(named)

    def _with_second(self, group: Sequence[str], name: str, rows: Sequence[tuple[str, str, float]]) -> str:
        """The name of a package with that of another one that holds nearly as much of the context."""
        sizes = Counter(self.package(module) for module in group)
        weight: dict[str, float] = defaultdict(float)
        for module, _, count in rows:
            weight[self.package(module)] += count
        if all(words.plain(label) != name or count > HALF * len(group) for label, count in sizes.items()):
            return name
        others = [
            label
            for label in sorted(weight, key=lambda label: (-weight[label], label))
            if words.plain(label) != name
            and sizes[label] >= BESIDE * len(group)
            and weight[label] >= BESIDE * sum(weight.values())
        ]
        if not others or self.general(others[0]):
            return name
        bare = all(words.plain(label) != name for label in weight)
        return _joined([*([] if bare else [name]), words.plain(others[0])])

    def package(self, module: str) -> str:
        """The package of a module below the whole system, the first that is about something: its app. What
        lies in a package that holds parts (``shop.apps``) is one, not what that lies in."""
        parts = module.split(".")
        depth = 0
        while depth < len(parts) - 1 and ".".join(parts[: depth + 1]) in self.whole:
            depth += 1
        holding = (
            n for n in range(depth, len(parts) - 2) if packages.CONTAINERS.issuperset(words.split(parts[n]))
        )
        below = next(holding, depth - 1) + 1
        return next((part for part in parts[below:-1] if not self.general(part)), parts[depth])


def anything(name: str) -> bool:
    """Whether a name is that of anything (``core``, ``models``)."""
    own = words.split(name)
    return ANYTHING.issuperset(own) or packages.STRUCTURE.issuperset(own)


def _joined(names: Iterable[str]) -> str:
    """The names as one, without those that only say more of another one (``entity-type`` of ``entity``)."""
    said = {name: set(words.split(name)) for name in names}
    return "-".join(name for name, own in said.items() if not any(other < own for other in said.values()))
