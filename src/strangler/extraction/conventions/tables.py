"""Rows lead to other rows: the models behind foreign keys, look-ups and cascades."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from strangler.extraction.conventions import Conventions, Tie
from strangler.extraction.reader import Reader
from strangler.model.lookup import last
from strangler.plans.view import View


class Tables(Conventions):
    """Models that come along because rows of held models refer to theirs."""

    def __init__(self, view: View, reader: Reader) -> None:
        self._reader = reader
        self._tables = view.model.tables
        by_path = {module.path: name for name, module in reader.modules.items()}
        self._module_of = {
            table.name: view.home(table.model) if table.model else by_path.get(table.path)
            for table in view.model.tables
        }
        self._touched: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for access in view.model.accesses:
            self._touched[access.module].append((access.table, access.line))
        self._defined: dict[str, list[int]] = defaultdict(list)
        for number, table in enumerate(view.model.tables):
            if table.model and self._module_of[table.name]:
                self._defined[self._module_of[table.name] or ""].append(number)
        self._deleted = {
            key.table for table in view.model.tables for key in table.foreign_keys if key.on_delete
        }
        self._quoted = {
            last(table.model): self._module_of[table.name]
            for table in view.model.tables
            if table.model and table.framework != "django"
        }

    def asked_by(self, module: str) -> Iterator[Tie]:
        """The models that a module's rows refer to or that it reads and writes."""
        for number in self._defined[module]:
            for key in self._tables[number].foreign_keys:
                yield from self._tie(
                    key.table, f"the model of {key.table}, which a foreign key names", module, key.line
                )
        for table, line in self._touched[module]:
            yield from self._tie(table, f"the model of {table}", module, line)
        if self._defined[module] and self._quoted:
            source = self._reader.source(module)
            for name in re.findall(r"[\"']([A-Z]\w*)[\"']", source.text) if source is not None else ():
                target = self._quoted.get(name)
                if target is not None and target != module:
                    yield Tie(target, f"the model {name}, which a relationship names", module)

    def _tie(self, table: str, because: str, module: str, line: int) -> Iterator[Tie]:
        target = self._module_of.get(table)
        if target is not None and target != module:
            yield Tie(target, because, module, line)
