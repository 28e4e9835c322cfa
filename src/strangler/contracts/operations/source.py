"""The monolith's syntax trees by module, and what a dotted name in them is; nothing is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from strangler.model import Diagnostic, Model
from strangler.sources import SourceTree

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
DefinitionNode = FunctionNode | ast.ClassDef
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
MAX_REEXPORTS = 8


@dataclass
class Code:
    """A parsed module."""

    module: str
    path: str
    tree: ast.Module
    is_package: bool
    prefix: str
    text: str
    """Line ends are line feeds."""
    lowered: bool
    """Read by another syntax than this Python's: columns may be shifted."""
    definitions: dict[str, DefinitionNode] = field(default_factory=dict)
    """Qualified name -> definition (top level and methods)."""
    constants: dict[str, list[ast.expr]] = field(default_factory=dict)
    """Name assigned at top level -> its values."""
    annotations: dict[str, ast.expr] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    """Name bound by an import at top level -> dotted name that it stands for."""
    stars: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Target:
    """A first-party definition, constant or module."""

    module: str
    qualname: str = ""
    """Empty for the module itself."""

    @property
    def dotted(self) -> str:
        """As Python would import it."""
        return f"{self.module}.{self.qualname}" if self.qualname else self.module


class Sources:
    """Modules of a tree, parsed when they are first asked for."""

    def __init__(self, model: Model, tree: SourceTree) -> None:
        self._tree = tree
        self._paths = {module.name: module.path for module in model.modules}
        self._files = {file.path: file for file in tree.files}
        self._loaded: dict[str, Code | None] = {}
        self._found: dict[str, Target | None] = {}
        self.diagnostics: list[Diagnostic] = []

    def load(self, module: str) -> Code | None:
        """The module's code; None where it is no module, is gone, or cannot be parsed (diagnosed once)."""
        if module not in self._loaded:
            self._loaded[module] = self._parse(module)
        return self._loaded[module]

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
        code = Code(module, path, parsed.tree, file.is_package, file.prefix, parsed.text, parsed.lowered)
        try:
            _index(code)
        except RecursionError:
            self._diagnose(path, "too-complex", "nested too deeply; left out")
            return None
        return code

    def _diagnose(self, path: str, code: str, message: str) -> None:
        item = Diagnostic(file=path, line=None, code=code, severity="warning", message=message)
        self.diagnostics.append(item)

    def is_module(self, name: str) -> bool:
        """Whether it is a first-party module."""
        return name in self._paths

    def definition(self, target: Target) -> DefinitionNode | None:
        """The syntax of a definition."""
        code = self.load(target.module)
        return code.definitions.get(target.qualname) if code else None

    def find(self, dotted: str, depth: int = 0) -> Target | None:
        """What a dotted name is, across re-exports; None where it is not first-party."""
        if depth or dotted not in self._found:
            found = self._find(dotted, depth)
            if depth:
                return found
            self._found[dotted] = found
        return self._found[dotted]

    def _find(self, dotted: str, depth: int) -> Target | None:
        module = dotted
        while module and module not in self._paths:
            module = module.rpartition(".")[0]
        if not module:
            return None
        rest = dotted[len(module) + 1 :]
        if not rest:
            return Target(module)
        return self._member(module, rest, depth)

    def _member(self, module: str, rest: str, depth: int) -> Target | None:
        code = self.load(module)
        if code is None or depth > MAX_REEXPORTS:
            return None
        head, _, tail = rest.partition(".")
        if head in code.definitions or head in code.constants:
            return Target(module, rest)
        if head in code.imports:
            return self.find_from(
                code, f"{code.imports[head]}.{tail}" if tail else code.imports[head], depth + 1
            )
        for star in code.stars:
            where = next((name for name in (code.prefix + star, star) if name in self._paths), None)
            found = self._member(where, rest, depth + 1) if where else None
            if found is not None:
                return found
        return None

    def find_from(self, code: Code, dotted: str, depth: int = 0) -> Target | None:
        """The same for a name as the code of a module imports it."""
        found = self.find(code.prefix + dotted, depth) if code.prefix else None
        return found or self.find(dotted, depth)


def _index(code: Code) -> None:
    for node in top_level(code.tree.body):
        if isinstance(node, _FUNCTIONS):
            code.definitions[node.name] = node
        elif isinstance(node, ast.ClassDef):
            _index_class(code, node, node.name)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                for name, value in _bindings(target, node.value):
                    code.constants.setdefault(name, []).append(value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            code.annotations[node.target.id] = node.annotation
            code.constants.setdefault(node.target.id, []).extend([node.value] if node.value else [])
        elif isinstance(node, ast.Import | ast.ImportFrom):
            code.imports |= imported(code, node)
            if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
                code.stars.append(origin(code, node))


def _index_class(code: Code, node: ast.ClassDef, name: str) -> None:
    code.definitions[name] = node
    for item in top_level(node.body):
        if isinstance(item, _FUNCTIONS):
            code.definitions[f"{name}.{item.name}"] = item
        elif isinstance(item, ast.ClassDef):
            _index_class(code, item, f"{name}.{item.name}")


def top_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when the body does, also those below if, try, with and loops."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try | ast.TryStar | ast.With | ast.For | ast.While):
            for name in ("body", "orelse", "finalbody"):
                yield from top_level(getattr(node, name, []))
            for handler in getattr(node, "handlers", []):
                yield from top_level(handler.body)


def _bindings(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif (
        isinstance(target, ast.Tuple | ast.List)
        and isinstance(value, ast.Tuple | ast.List)
        and len(target.elts) == len(value.elts)
    ):
        for one, item in zip(target.elts, value.elts, strict=True):
            yield from _bindings(one, item)


def imported(code: Code, node: ast.Import | ast.ImportFrom) -> dict[str, str]:
    """Name bound -> dotted name that it stands for."""
    if isinstance(node, ast.Import):
        return {
            alias.asname or alias.name.partition(".")[0]: (
                alias.name if alias.asname else alias.name.partition(".")[0]
            )
            for alias in node.names
        }
    base = origin(code, node)
    return {alias.asname or alias.name: f"{base}.{alias.name}" for alias in node.names if alias.name != "*"}


def origin(code: Code, node: ast.ImportFrom) -> str:
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


def walk_function(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function's own body, without those of functions and classes inside it."""
    waiting = list(ast.iter_child_nodes(node))
    while waiting:
        item = waiting.pop()
        yield item
        if not isinstance(item, (*_FUNCTIONS, ast.ClassDef, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(item))
