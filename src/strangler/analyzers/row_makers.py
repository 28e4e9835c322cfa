"""What the monolith's tests offer to make rows: factories, fixtures, files of data."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

import msgspec

from strangler.model import Diagnostic, Factory, Table
from strangler.sources import walk

if TYPE_CHECKING:
    from strangler.sources.tree import SourceTree

FILES = ("factor", "conftest", "fixture")
"""Words in the paths of modules in which factories and fixtures are looked for."""


class RowMaker(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """A factory or a fixture of one file."""

    kind: Literal["factory", "fixture"]
    name: str
    line: int
    model: str = ""
    """What a factory makes: a dotted name by the file's own imports, or a label (``app.Model``)."""


def row_makers(path: str, module: str, is_package: bool, tree: ast.Module) -> list[RowMaker]:
    """The factories of factory_boy and the fixtures of pytest in a file: a pure function of the file."""
    if not any(word in path.lower() for word in FILES):
        return []
    imports = _imports(tree, module if is_package else module.rpartition(".")[0])
    found = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and "Factory" in node.name:
            made = next((item for meta in node.body for item in _models(meta)), None)
            if isinstance(made, ast.Constant) and isinstance(made.value, str):
                found.append(RowMaker("factory", node.name, node.lineno, made.value))
            elif made is not None and (written := _dotted(made)):
                head, _, tail = written.partition(".")
                full = imports.get(head, f"{module}.{head}")
                found.append(RowMaker("factory", node.name, node.lineno, f"{full}.{tail}" if tail else full))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            marks = [item.func if isinstance(item, ast.Call) else item for item in node.decorator_list]
            if any("fixture" in (_dotted(item) or "") for item in marks):
                found.append(RowMaker("fixture", node.name, node.lineno))
    return found


def _models(meta: ast.stmt) -> Iterator[ast.expr]:
    """``model = X`` of a ``class Meta``."""
    for item in meta.body if isinstance(meta, ast.ClassDef) and meta.name == "Meta" else ():
        if isinstance(item, ast.Assign) and any(getattr(t, "id", "") == "model" for t in item.targets):
            yield item.value


def _imports(tree: ast.Module, package: str) -> dict[str, str]:
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                found[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
            origin = f"{base}.{node.module}".strip(".") if node.module else base
            found |= {alias.asname or alias.name: f"{origin}.{alias.name}" for alias in node.names}
    return found


def _dotted(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    base = _dotted(node.value) if isinstance(node, ast.Attribute) else None
    return f"{base}.{node.attr}" if base is not None and isinstance(node, ast.Attribute) else None


def factories(
    makers: Mapping[str, Iterable[RowMaker]], tables: Iterable[Table], tree: SourceTree
) -> tuple[tuple[Factory, ...], list[Diagnostic]]:
    """The factories and fixtures that make a row of a known table, sorted; and which files were not read.

    Args:
        makers: of each file, by its path.
        tables: those that a class of the monolith maps are made rows of.
        tree: its files of data (``fixtures/*.json`` beside modules) are read.
    """
    by_name: dict[str, list[Table]] = {}
    for one in tables:
        if one.model:
            by_name.setdefault(one.model.rpartition(".")[2].lower(), []).append(one)
    found = [
        Factory(table=table.name, name=maker.name, file=path, line=maker.line)
        for path, listed in makers.items()
        for maker in listed
        if (table := _table_of(maker, by_name)) is not None
    ]
    notes: list[Diagnostic] = []
    found += _data(by_name, tree, notes)
    return tuple(sorted(found)), notes


def _table_of(maker: RowMaker, by_name: Mapping[str, list[Table]]) -> Table | None:
    if maker.kind == "fixture":
        same = by_name.get(maker.name.replace("_", "").lower(), [])
        return same[0] if len(same) == 1 else None
    owner, _, name = maker.model.rpartition(".")
    same = by_name.get(name.lower(), [])
    exact = [table for table in same if table.model == maker.model]
    return exact[0] if exact else _near(same, owner)


def _near(same: Iterable[Table], owner: str) -> Table | None:
    """The one table whose class lies in the app, or below the package, that a name gives."""
    near = [
        table
        for table in same
        if owner.lower() in (table.model or "").lower().split(".")
        or (table.model or "").startswith(f"{owner}.")
    ]
    return near[0] if len(near) == 1 else None


def _data(by_name: Mapping[str, list[Table]], tree: SourceTree, notes: list[Diagnostic]) -> Iterator[Factory]:
    """Rows in ``fixtures/*.json`` beside the modules."""
    folders = sorted({PurePosixPath(file.path).parent / "fixtures" for file in tree.files})
    paths = [path for folder in folders for path in sorted((tree.root / folder).glob("*.json"))]
    for number, path in enumerate(paths):
        file = path.relative_to(tree.root).as_posix()
        if number == tree.limits.data_files:
            left = len(paths) - number
            notes.append(
                _left_out(file, f"this file of rows and {left - 1} more", tree.limits.named("data_files"))
            )
            return
        try:
            content = walk.read(tree.root, file, tree.limits.data_file_bytes)
        except walk.TooLargeError:
            notes.append(_left_out(file, "this file of rows", tree.limits.named("data_file_bytes")))
            continue
        except OSError:
            continue
        for label, count in sorted(Counter(_labels(content)).items()):
            owner, _, name = label.rpartition(".")
            table = _near(by_name.get(name.lower(), []), owner)
            if table is not None:
                yield Factory(table=table.name, name=str(count), file=file)


def _left_out(file: str, what: str, limit: str) -> Diagnostic:
    return Diagnostic(
        file=file, line=None, code="rows-left-out", severity="note", message=f"{what}: not read ({limit})"
    )


def _labels(content: bytes) -> list[str]:
    """``app.model`` of every row of a file of data; nothing where it is none."""
    try:
        rows = json.loads(content)
    except (ValueError, RecursionError):
        return []
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [row["model"] for row in rows if isinstance(row.get("model"), str)]
