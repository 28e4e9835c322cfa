"""Facts: what one file says, as a pure function of its path and bytes; cached by content, linked later."""

from __future__ import annotations

import ast
import re
from collections import Counter
from typing import Any

import msgspec

from strangler.analyzers.python import ir
from strangler.model import Diagnostic

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")


class Symbol(msgspec.Struct, array_like=True, gc=False):
    """A function, class or method of the file."""

    name: str
    kind: str
    line: int
    end_line: int


class ModuleFacts(msgspec.Struct, array_like=True):
    """All that is kept of one file."""

    path: str
    module: str
    is_package: bool
    lines: int
    body: bytes
    """The module's statements in compact form (``analyzers.python.ir``), packed."""
    symbols: list[Symbol] = []
    words: dict[str, int] = {}
    diagnostics: list[Diagnostic] = []


def symbols(tree: ast.Module) -> list[Symbol]:
    """Top-level functions and classes, and the methods of these classes."""
    found = []
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.append(Symbol(node.name, "function", node.lineno, node.end_lineno or node.lineno))
        elif isinstance(node, ast.ClassDef):
            found.append(Symbol(node.name, "class", node.lineno, node.end_lineno or node.lineno))
            found += [
                Symbol(f"{node.name}.{m.name}", "method", m.lineno, m.end_lineno or m.lineno)
                for m in node.body
                if isinstance(m, (ast.FunctionDef, ast.AsyncFunctionDef))
            ]
    return found


def split_words(identifier: str) -> list[str]:
    """``getOrderLines_v2`` -> get, order, lines, v."""
    return [w.lower() for w in _WORD.findall(identifier)]


def extract(path: str, module: str, is_package: bool, tree: ast.Module, text: str) -> ModuleFacts:
    """The facts of a parsed file."""
    facts = ModuleFacts(
        path=path,
        module=module,
        is_package=is_package,
        lines=text.count("\n") + (not text.endswith("\n") and bool(text)),
        body=ir.pack(ir.lower(tree)),
        symbols=symbols(tree),
    )
    facts.words = words(tree)
    return facts


def words(tree: ast.Module) -> dict[str, int]:
    """Word -> how often it stands in the names of the file's definitions, attributes and variables."""
    names = Counter(_names(tree))
    counts: Counter[str] = Counter()
    for name, count in names.items():
        for word in split_words(name):
            if len(word) > 2:
                counts[word] += count
    return dict(sorted(counts.items()))


_WITHOUT_NAMES = frozenset(
    {
        ast.Constant,
        ast.Load,
        ast.Store,
        ast.Del,
        ast.alias,
        ast.Pass,
        ast.ImportFrom,
        str,
        int,
        bool,
        type(None),
    }
)


def _names(tree: ast.Module) -> list[str]:
    """Names used, those of definitions three times; written out because ``ast.walk`` takes twice as long."""
    names: list[str] = []
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        kind = type(node)
        if kind is ast.Name:
            names.append(node.id)
        elif kind is ast.Attribute:
            names.append(node.attr)
            waiting.append(node.value)
        elif kind is ast.Call:
            waiting.append(node.func)
            waiting += node.args
            waiting += node.keywords
        elif kind not in _WITHOUT_NAMES:
            if kind in (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef):
                names += [node.name] * 3
            for value in node.__dict__.values():
                if type(value) is list:
                    waiting += value
                else:
                    waiting.append(value)
    return names
