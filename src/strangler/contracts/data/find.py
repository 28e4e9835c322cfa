"""From the uses of tables over a boundary to one contract a table."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator

from strangler.contracts.data.values import Consumer, DataContract, TableUse
from strangler.contracts.operations.source import Code, Sources
from strangler.model import Model, Table
from strangler.sources import SourceTree


def data_contracts(
    model: Model, uses: Iterable[TableUse], tree: SourceTree | None = None
) -> tuple[DataContract, ...]:
    """One contract for each table that is used over the boundary, sorted by table.

    Args:
        model: it gives the tables.
        uses: what crosses, as the plan decided it.
        tree: the source; without it nobody's columns are known.
    """
    reader = ColumnReader(model, tree)
    tables = {table.name: table for table in model.tables}
    by_table: dict[str, list[TableUse]] = defaultdict(list)
    for use in uses:
        by_table[use.table].append(use)
    return tuple(
        DataContract(
            table=(table := tables.get(name) or _unseen(name)),
            owner=found[0].owner,
            monolith=model.monolith.name,
            meaning=reader.meaning(table),
            consumers=tuple(
                reader.consumer(use, table) for use in sorted(found, key=lambda u: (u.user, u.operation))
            ),
        )
        for name, found in sorted(by_table.items())
    )


def _unseen(name: str) -> Table:
    return Table(name=name, model=None, framework="", path="", line=0)


class ColumnReader:
    """Which columns the code speaks of, and what models say of themselves."""

    def __init__(self, model: Model, tree: SourceTree | None) -> None:
        self._sources = Sources(model, tree) if tree is not None else None
        self._module_of = {module.path: module.name for module in model.modules}
        self._words: dict[tuple[str, str], frozenset[str]] = {}

    def meaning(self, table: Table) -> str:
        """The first paragraph of the model's docstring."""
        target = self._sources.find(table.model) if self._sources and table.model else None
        node = self._sources.definition(target) if self._sources and target else None
        text = ast.get_docstring(node) if node is not None else None
        return " ".join(text.split("\n\n")[0].split()) if text else ""

    def consumer(self, use: TableUse, table: Table) -> Consumer:
        """The use with the columns that its functions speak of."""
        return Consumer(use=use, columns=self.columns_at(((p.file, p.symbol) for p in use.places), table))

    def columns_at(self, functions: Iterable[tuple[str, str]], table: Table) -> tuple[str, ...]:
        """The table's columns whose names stand in functions, each given by its file and qualified name."""
        words: frozenset[str] = frozenset().union(*(self._of_function(*key) for key in functions))
        return tuple(c.name for c in table.columns if words & {c.name, c.name.removesuffix("_id")})

    def _of_function(self, file: str, name: str) -> frozenset[str]:
        key = (file, name)
        if key not in self._words:
            code = self._sources.load(self._module_of.get(file, "")) if self._sources else None
            node: ast.AST | None = code.definitions.get(name) if code is not None else None
            self._words[key] = frozenset(_words(node, code)) if node is not None and code else frozenset()
        return self._words[key]


def _words(function: ast.AST, code: Code | None) -> Iterator[str]:
    """Attributes, keywords and the parts of strings in a function and in constants that it names."""
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and code is not None and node.id in code.constants:
            for value in code.constants[node.id]:
                yield from _words(value, None)
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield from node.arg.split("__")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 2000:
            text = node.value.replace("__", " ").replace(".", " ")
            yield from "".join(char if char.isalnum() or char == "_" else " " for char in text).split()
