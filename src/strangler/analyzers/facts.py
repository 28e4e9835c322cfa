"""Facts: what one file says, as a pure function of its path and bytes; cached by content, linked later."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Sequence
from keyword import kwlist

import msgspec

from strangler.analyzers.imports import ImportStatement, import_statements, top_level_names
from strangler.analyzers.python import lowering, syntax
from strangler.model import Diagnostic
from strangler.text import encodable, identifier_pieces

LONGEST_MEANING = 500
"""Characters of a docstring that are kept."""


class Symbol(msgspec.Struct, array_like=True, gc=False):
    """A function, class or method of the file."""

    name: str
    kind: str
    line: int
    end_line: int
    meaning: str = ""
    """The first paragraph of its docstring, on one line."""


class ModuleFacts(msgspec.Struct, array_like=True):
    """All that is kept of one file."""

    path: str
    module: str
    is_package: bool
    lines: int
    body: bytes
    """The module's statements in compact form (``analyzers.python.syntax``), packed."""
    symbols: list[Symbol] = []
    words: dict[str, int] = {}
    diagnostics: list[Diagnostic] = []
    imported: list[str] = []
    """Top-level names of what the file imports by absolute names, anywhere in it, sorted."""


def symbols(tree: ast.Module) -> list[Symbol]:
    """Top-level functions and classes, and the methods of these classes."""
    found = []
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.append(_symbol(node, node.name, "function"))
        elif isinstance(node, ast.ClassDef):
            found.append(_symbol(node, node.name, "class"))
            found += [
                _symbol(m, f"{node.name}.{m.name}", "method")
                for m in node.body
                if isinstance(m, (ast.FunctionDef, ast.AsyncFunctionDef))
            ]
    return found


def _symbol(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, name: str, kind: str) -> Symbol:
    text = (ast.get_docstring(node) or "").strip() if kind != "method" or node.name == "run" else ""
    meaning = " ".join(text.split("\n\n")[0].split())[:LONGEST_MEANING]
    return Symbol(name, kind, node.lineno, node.end_lineno or node.lineno, encodable(meaning))


def extract(
    path: str,
    module: str,
    is_package: bool,
    tree: ast.Module,
    text: str,
    imports: Sequence[ImportStatement] | None = None,
) -> ModuleFacts:
    """The facts of a parsed file; ``imports`` are its import statements where these were read already."""
    facts = ModuleFacts(
        path=path,
        module=module,
        is_package=is_package,
        lines=text.count("\n") + (not text.endswith("\n") and bool(text)),
        body=syntax.pack(lowering.lower(tree)),
        symbols=symbols(tree),
    )
    facts.imported = top_level_names(import_statements(tree) if imports is None else imports)
    facts.words = words(text, facts.symbols)
    return facts


_CODE = re.compile(
    r"""[rbuftRBUFT]{0,2}(?:'''[\s\S]*?'''|\"\"\"[\s\S]*?\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")"""
    r"|\#[^\n]*|([^\W\d]\w*)"
)
"""Strings and comments (matched to be passed over), or a name."""


def words(text: str, defined: list[Symbol]) -> dict[str, int]:
    """Word -> how often it stands in the file's names; those of definitions count three times."""
    names = Counter(_CODE.findall(text))
    for symbol in defined:
        names[symbol.name.rpartition(".")[2]] += 2
    counts: Counter[str] = Counter()
    for name, count in names.items():
        if len(name) > 2 and name not in _KEYWORDS:
            for word in identifier_pieces(name):
                if len(word) > 2:
                    counts[word] += count
    return dict(sorted(counts.items()))


_KEYWORDS = frozenset(kwlist)
