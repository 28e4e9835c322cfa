"""The files that a patch changes, parsed: the one place after the analysis where source text is read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from strangler.model import Diagnostic, Model
from strangler.model.lookup import home
from strangler.sources import SourceTree

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Code:
    """A parsed module."""

    module: str
    path: str
    tree: ast.Module
    is_package: bool
    text: str
    """Line ends are line feeds."""
    lowered: bool
    """Read by another syntax than this Python's: columns may be shifted."""
    defined: set[str] = field(default_factory=set)
    """Names that functions and classes bind at the top level."""
    exported: set[str] = field(default_factory=set)
    """``__all__``."""


class Sources:
    """Modules of a tree, parsed when they are first asked for."""

    def __init__(self, model: Model, tree: SourceTree) -> None:
        self._tree = tree
        self._paths = {module.name: module.path for module in model.modules}
        self._files = {file.path: file for file in tree.files}
        self._loaded: dict[str, Code | None] = {}
        self.diagnostics: list[Diagnostic] = []

    def load(self, module: str) -> Code | None:
        """The module's code; None where it is no module, is gone, or cannot be parsed (diagnosed once)."""
        if module not in self._loaded:
            self._loaded[module] = self._parse(module)
        return self._loaded[module]

    def at(self, path: str) -> Code | None:
        """The code of the module in a file."""
        module = next((name for name, found in self._paths.items() if found == path), None)
        return self.load(module) if module is not None else None

    def _parse(self, module: str) -> Code | None:
        from strangler.sources.python import parse

        path = self._paths.get(module)
        file = self._files.get(path or "")
        if path is None or file is None:
            if path is not None:
                self._diagnose(path, "missing", "in the model, not in the tree: analyze the tree again")
            return None
        try:
            data = self._tree.read(path)
        except OSError as error:
            self._diagnose(path, "unreadable", f"cannot be read: {error.strerror or error}")
            return None
        parsed = parse(data, path)
        if parsed.tree is None:
            self.diagnostics += parsed.diagnostics
            return None
        code = Code(module, path, parsed.tree, file.is_package, parsed.text, parsed.lowered)
        try:
            _index(code)
        except RecursionError:
            self._diagnose(path, "too-complex", "nested too deeply; left out")
            return None
        return code

    def _diagnose(self, path: str, code: str, message: str) -> None:
        item = Diagnostic(file=path, line=None, code=code, severity="warning", message=message)
        self.diagnostics.append(item)

    def home(self, dotted: str) -> str | None:
        """The first-party module that a dotted name lies in, by the name alone."""
        return home(dotted, self._paths)


def _index(code: Code) -> None:
    for node in _top_level(code.tree.body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            code.defined.add(node.name)
        elif isinstance(node, ast.Assign) and any(getattr(t, "id", "") == "__all__" for t in node.targets):
            items = node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else []
            code.exported |= {str(item.value) for item in items if isinstance(item, ast.Constant)}


def _top_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when the body does, also those below if, try, with and loops."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try | ast.TryStar | ast.With | ast.For | ast.While):
            for name in ("body", "orelse", "finalbody"):
                yield from _top_level(getattr(node, name, []))
            for handler in getattr(node, "handlers", []):
                yield from _top_level(handler.body)


def imported(code: Code, node: ast.Import | ast.ImportFrom) -> dict[str, str]:
    """Name bound -> dotted name that it stands for."""
    if isinstance(node, ast.Import):
        return {
            alias.asname or alias.name.partition(".")[0]: (
                alias.name if alias.asname else alias.name.partition(".")[0]
            )
            for alias in node.names
        }
    base = _origin(code, node)
    return {alias.asname or alias.name: f"{base}.{alias.name}" for alias in node.names if alias.name != "*"}


def _origin(code: Code, node: ast.ImportFrom) -> str:
    """The absolute module of a from-import."""
    if not node.level:
        return node.module or ""
    parts = code.module.split(".")
    up = node.level - (1 if code.is_package else 0)
    base = ".".join(parts[: len(parts) - up] if up else parts)
    return f"{base}.{node.module}" if node.module else base


def dotted_name(node: ast.expr) -> str | None:
    """``a.b.c`` for a chain of attributes of a name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted_name(node.value)
        return None if base is None else f"{base}.{node.attr}"
    return None
