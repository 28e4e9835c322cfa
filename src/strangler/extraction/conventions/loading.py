"""Modules that are imported by a name put together at run time: ``import_module(f"{app}.tables")``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from strangler.extraction.conventions import Conventions, Tie
from strangler.extraction.reader import Reader
from strangler.model.lookup import parent
from strangler.plans.view import View
from strangler.sources.python import parse

_LOADERS = frozenset({"import_module", "__import__"})
_SLOT = re.compile(r"%[sr]|\{[^{}]*\}")
"""What is filled in of a text with ``%`` or ``format``."""

_TELLS = re.compile(r"\w\.|\.\w")
"""A part that tells a package or a module of one."""


class _Name(NamedTuple):
    """The known parts of a module's name; something stands between each two."""

    parts: tuple[str, ...]
    line: int

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(r"[\w.]+".join(map(re.escape, self.parts)))


class Loading(Conventions):
    """Whatever the name may mean, of the packages of which something is held or which the name says."""

    def __init__(self, view: View, reader: Reader) -> None:
        self._reader = reader
        self._modules = [name for name in sorted(reader.modules) if view.production(name)]
        self._names: dict[str, tuple[_Name, ...]] = {}

    def held(self, modules: frozenset[str]) -> Iterator[Tie]:
        """Modules that a held one may load."""
        for by in sorted(modules):
            for name in self._loaded(by):
                said = name.parts[0].rpartition(".")[0]
                for target in self._modules:
                    known = said or any(one.startswith(f"{parent(target)}.") for one in modules)
                    if known and name.pattern.fullmatch(target):
                        yield Tie(target, "may be loaded by a name that is put together", by, name.line)

    def _loaded(self, module: str) -> tuple[_Name, ...]:
        if module not in self._names:
            source = self._reader.source(module)
            text = source.data if source is not None else b""
            known = any(name.encode() in text for name in _LOADERS)
            tree = parse(text, source.path).tree if source is not None and known else None
            self._names[module] = tuple(_names(tree)) if tree is not None else ()
        return self._names[module]


def _names(tree: ast.AST) -> Iterator[_Name]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and _called(node.func) in _LOADERS:
            parts = _parts(node.args[0])
            # one known part is a module's whole name, and without a dotted one anything may be meant
            if len(parts) > 1 and any(_TELLS.search(part) for part in parts):
                yield _Name(tuple(parts), node.lineno)


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
