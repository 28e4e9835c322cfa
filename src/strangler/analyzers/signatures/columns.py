"""The columns of a table that the code of a function speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax
from strangler.analyzers.python.syntax import Nodes
from strangler.analyzers.signatures.names import Names, Target
from strangler.analyzers.signatures.tree import walk
from strangler.model import Table

if TYPE_CHECKING:
    from strangler.analyzers.python.program import ModuleScope
    from strangler.analyzers.signatures.inference import Inference

LONGEST_TEXT = 2_000
"""Characters of a string that is looked through."""


class ColumnWords:
    """Attributes, keywords and the parts of strings in functions and in the constants that they name."""

    def __init__(self, inference: Inference, tables: Iterable[Table]) -> None:
        self._names: Names = inference.names
        self._columns = {table.name: tuple(column.name for column in table.columns) for table in tables}
        self._known: dict[Target, frozenset[str]] = {}

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

    def _words(self, body: Nodes, module: ModuleScope | None) -> Iterator[str]:
        for node in walk(body):
            match node:
                case syntax.Name(_, name) if module is not None:
                    for _, value in self._names.assigned(module).get(name, ()):
                        if value is not None:
                            yield from self._words([value], None)
                case syntax.Attribute(_, _, name):
                    yield name
                case syntax.Call(_, _, _, words):
                    for word, _ in words:
                        yield from word.split("__") if word else ()
                case syntax.Constant(_, str() as text) if len(text) < LONGEST_TEXT:
                    plain = text.replace("__", " ").replace(".", " ")
                    yield from "".join(c if c.isalnum() or c == "_" else " " for c in plain).split()
                case syntax.FunctionDef(_, _, _, _, _, inner):
                    yield from self._words(syntax.unpack(inner), module)
                case syntax.Lambda(_, _, inner):
                    yield from self._words(syntax.unpack(inner), module)
