"""Modules that are imported by a name put together at run time: ``import_module(f"{app}.tables")``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from strangler.extraction.conventions import Conventions, Tie
from strangler.extraction.reader import Reader
from strangler.model.lookup import parent
from strangler.plans.view import View
from strangler.sources.python import parse

_LOADERS = frozenset({"import_module", "__import__"})
_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_LISTING = frozenset(
    {
        "iter_modules",
        "walk_packages",
        "listdir",
        "scandir",
        "iterdir",
        "glob",
        "iglob",
        "rglob",
        "find_packages",
    }
)
"""What says which modules lie in a folder."""
_SLOT = re.compile(r"%[sr]|\{[^{}]*\}")
"""What is filled in of a text with ``%`` or ``format``."""

_TELLS = re.compile(r"\w\.|\.\w")
"""A part that tells a package or a module of one."""


class _Name(NamedTuple):
    """The known parts of a module's name; something stands between each two."""

    parts: tuple[str, ...]
    line: int
    missed: bool = True
    """Whether a module that is not there would be missed, or is passed over."""

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(r"[\w.]+".join(map(re.escape, self.parts)))


class Loading(Conventions):
    """Whatever the name may mean, of the packages of which something is held or which the name says."""

    def __init__(self, view: View, reader: Reader) -> None:
        self._reader = reader
        self._contexts = {
            name
            for name, context in view.context_of.items()
            if view.kind_of.get(context) == "context" and context != view.name
        }
        self._modules = [name for name in sorted(reader.modules) if view.production(name)]
        self._names: dict[str, tuple[_Name, ...]] = {}

    def held(self, modules: frozenset[str]) -> Iterator[Tie]:
        """Modules that a held one may load."""
        for by in sorted(modules):
            for name in self._loaded(by):
                said = name.parts[0].rpartition(".")[0]
                for target in self._modules:
                    if not name.missed and target in self._contexts:
                        continue
                    known = said or any(one.startswith(f"{parent(target)}.") for one in modules)
                    if known and name.pattern.fullmatch(target):
                        yield Tie(target, "may be loaded by a name that is put together", by, name.line)

    def looked_for(self, module: str) -> frozenset[int]:
        """Lines that load modules and pass over those that are not there."""
        return frozenset(name.line for name in self._loaded(module) if not name.missed)

    def _loaded(self, module: str) -> tuple[_Name, ...]:
        if module not in self._names:
            source = self._reader.source(module)
            text = source.data if source is not None else b""
            known = any(name.encode() in text for name in _LOADERS)
            tree = parse(text, source.path).tree if source is not None and known else None
            self._names[module] = tuple(_names(tree)) if tree is not None else ()
        return self._names[module]


def _names(tree: ast.AST) -> Iterator[_Name]:
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and _called(node.func) in _LOADERS:
            parts = _parts(node.args[0])
            # one known part is a module's whole name, and without a dotted one anything may be meant
            if len(parts) > 1 and any(_TELLS.search(part) for part in parts):
                yield _Name(tuple(parts), node.lineno, not _forgiven(node, parents, found=not parts[-1]))


def _forgiven(node: ast.AST, parents: Mapping[ast.AST, ast.AST], *, found: bool) -> bool:
    """Whether a module that is not there is passed over: its error is handled, or what lies there is listed.

    Args:
        node: the call that loads.
        parents: of each node.
        found: whether the name ends with what was found: a package may lie there without the module.
    """
    child = node
    while (above := parents.get(child)) is not None:
        if isinstance(above, ast.Try) and child in above.body and any(map(_handles, above.handlers)):
            return True
        if found and isinstance(above, ast.For) and child in above.body and _lists(above.iter):
            used = {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}
            if used & {item.id for item in ast.walk(above.target) if isinstance(item, ast.Name)}:
                return True
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            return False
        child = above
    return False


def _handles(handler: ast.ExceptHandler) -> bool:
    """Whether a handler takes the error of an import, and raises none."""
    kinds = ast.walk(handler.type) if handler.type is not None else ()
    names = {item.id for item in kinds if isinstance(item, ast.Name)}
    raises = any(isinstance(item, ast.Raise) for one in handler.body for item in ast.walk(one))
    return not raises and (handler.type is None or bool(names & _IMPORT_ERRORS))


def _lists(node: ast.expr) -> bool:
    return any(isinstance(item, ast.Call) and _called(item.func) in _LISTING for item in ast.walk(node))


def _called(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _parts(node: ast.expr) -> list[str]:
    """The texts between what is filled in; at both ends, perhaps empty ones."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return _joined([_parts(value) for value in node.values])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _joined([_parts(node.left), _parts(node.right)])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return _filled(node.left)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return _filled(node.func.value)
    return ["", ""]


def _filled(node: ast.expr) -> list[str]:
    text = node.value if isinstance(node, ast.Constant) else None
    return _SLOT.split(text) if isinstance(text, str) else ["", ""]


def _joined(rows: list[list[str]]) -> list[str]:
    """Texts one after the other: the end of each and the beginning of the next are one."""
    found = [""]
    for row in rows:
        found[-1] += row[0]
        found += row[1:]
    return found
