"""The columns of a table that the code of a function speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from strangler.analyzers.python import syntax, traversal
from strangler.analyzers.python.syntax import Nodes
from strangler.analyzers.signatures.names import Names, Target
from strangler.model import Table

if TYPE_CHECKING:
    from strangler.analyzers.python.program import ModuleScope
    from strangler.analyzers.signatures.inference import Inference

LONGEST_TEXT = 2_000
"""Characters of a string that is looked through."""
_WORD = re.compile(r"\w+")


class ColumnWords:
    """Attributes, keywords and the parts of strings in functions and in the constants that they name."""

    def __init__(self, inference: Inference, tables: Iterable[Table]) -> None:
        self._names: Names = inference.names
        self._columns = {table.name: tuple(column.name for column in table.columns) for table in tables}
        self._known: dict[Target, frozenset[str]] = {}
        self._constants: dict[Target, frozenset[str]] = {}

    def columns(self, target: Target, table: str) -> tuple[str, ...]:
        """The table's columns whose names stand in the function, in the table's order."""
        words = self._of(target)
        return tuple(
            name for name in self._columns.get(table, ()) if words & {name, name.removesuffix("_id")}
        )

    def _of(self, target: Target) -> frozenset[str]:
        if target not in self._known:
            function = self._names.functions.get(target)
            body = syntax.unpack(function.body) if function is not None else []
            module = self._names.program.scopes.get(target.module)
            self._known[target] = frozenset(self._words(body, module))
        return self._known[target]

    def _constant(self, module: ModuleScope, name: str) -> frozenset[str]:
        """The words of what a module's name is bound to, read once for all functions that speak of it."""
        key = Target(module.name, name)
        if key not in self._constants:
            values = [value for _, value in self._names.assigned(module).get(name, ()) if value is not None]
            self._constants[key] = frozenset(self._words(values, None))
        return self._constants[key]

    def _words(self, body: Nodes, module: ModuleScope | None) -> set[str]:
        found: set[str] = set()
        waiting: list[Any] = [*body]
        while waiting:
            node = waiting.pop()
            kind = type(node)
            if kind is syntax.Name:
                if module is not None:
                    found |= self._constant(module, node.id)
            elif kind is syntax.Attribute:
                found.add(node.attr)
                waiting.append(node.value)
            elif kind is syntax.Constant:
                if isinstance(node.value, str) and len(node.value) < LONGEST_TEXT:
                    found.update(_WORD.findall(node.value.replace("__", " ")))
            elif kind is syntax.FunctionDef or kind is syntax.Lambda:
                waiting += syntax.unpack(node.body)
            elif kind is not syntax.ClassDef:
                if kind is syntax.Call:
                    found.update(*(word.split("__") for word, _ in node.keywords if word))
                waiting += traversal.children(node)
        return found
