"""The rows of the matrix: contexts, their packages, their modules, as one ordered tree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from strangler.model import BoundedContext, Model
from strangler.reports.index import Index
from strangler.reports.needs import Need
from strangler.reports.order import order


@dataclass(slots=True)
class Row:
    """A row of the matrix; a leaf is a module."""

    key: str
    """Name of the context, the package or the module."""
    module: str | None = None
    children: dict[str, Row] = field(default_factory=dict)


def matrix_tree(model: Model, index: Index, found: list[Need]) -> list[Row]:
    """One row a context, in the order of the matrix, with packages and modules below, ordered alike.

    ``found`` may hold several needs of one pair; they add up.
    """
    weights: Counter[tuple[str, str]] = Counter()
    for need in found:
        weights[need.source, need.target] += need.weight
    roots = {context.name: _packages(context) for context in model.contexts if context.modules}
    _sort(roots, model, index)
    return [roots[name] for name in order(list(roots), weights)]


def _packages(context: BoundedContext) -> Row:
    root = Row(context.name)
    for module in context.modules:
        row, path = root, ""
        for part in module.split("."):
            path = f"{path}.{part}" if path else part
            row = row.children.setdefault(part, Row(path))
        row.module = module
    _collapse(root)
    return root


def _collapse(row: Row) -> None:
    """Join packages that hold only one thing; give a package that is a module too a leaf for itself."""
    while len(row.children) == 1 and row.module is None:
        (only,) = row.children.values()
        if not only.children:
            break
        row.children, row.module = only.children, only.module
    if row.children and row.module is not None:
        row.children = {"": Row(row.module, row.module), **row.children}
        row.module = None
    for name, child in list(row.children.items()):
        while len(child.children) == 1 and child.module is None:
            (child,) = child.children.values()
        row.children[name] = child
        _collapse(child)


def _sort(roots: Mapping[str, Row], model: Model, index: Index) -> None:
    """Order the children of every row by the imports between them."""
    chains: dict[str, list[tuple[Row, str]]] = {}
    for root in roots.values():
        _walk(root, [], chains)
    between: dict[int, Counter[tuple[str, str]]] = defaultdict(Counter)
    rows: dict[int, Row] = {}
    for item in model.imports:
        first, second = chains.get(item.importer), chains.get(item.imported)
        if not first or not second or first[0][0] is not second[0][0]:
            continue
        for (row, a), (_, b) in zip(first, second, strict=False):
            if a != b:
                between[id(row)][a, b] += 1
                rows[id(row)] = row
                break
    for key, row in rows.items():
        names = order(list(row.children), {edge: float(n) for edge, n in between[key].items()})
        row.children = {name: row.children[name] for name in names}


def _walk(row: Row, above: list[tuple[Row, str]], chains: dict[str, list[tuple[Row, str]]]) -> None:
    if row.module is not None:
        chains[row.module] = above
    for name, child in row.children.items():
        _walk(child, [*above, (row, name)], chains)
