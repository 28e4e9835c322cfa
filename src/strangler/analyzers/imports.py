"""Static imports: the statements of one file, and the graph of all modules.

A module that was parsed for its facts gets its edges from its own statements, with their kind (runtime,
deferred, type checking). All others (tests, migrations) are scanned by grimp, which is much faster than a
parse; the kind of their edges is read off the blocks around each line. A file that grimp cannot read
(Python 2, say) is parsed after all.

Both ways follow the same rules, which are Python's: ``import a.b.c`` leads to ``a.b.c``; ``from a import b``
to the module ``a.b`` if there is one, else to ``a``; names outside the monolith lead nowhere.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import msgspec

from strangler.model import Diagnostic, Import
from strangler.model.system import ImportKind
from strangler.sources.decoding import EncodingError, decode
from strangler.sources.python import IMPLICIT_RELATIVE, parse
from strangler.sources.shadow import scan_imports
from strangler.sources.tree import SourceFile, SourceTree

if TYPE_CHECKING:
    from grimp import ImportGraph

_RANK: dict[ImportKind, int] = {"runtime": 0, "deferred": 1, "type_checking": 2, "dynamic": 3}
_INDENT = re.compile(r"[ \t\f]*")
_FUNCTION = re.compile(r"(?:async\s+)?def\b")
_GUARD = re.compile(r"(?:if|elif)\b(?!.*\bnot\b).*\bTYPE_CHECKING\b")


class ImportStatement(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """An ``import`` or ``from`` statement as written."""

    line: int
    level: int
    """Leading dots; -1 in Python 2, which looks beside the file first and then from the roots."""
    module: str
    """After ``from``; empty for ``import x`` and ``from . import x``."""
    names: tuple[tuple[str, str | None], ...]
    """What is imported, with the name after ``as``; without the star."""
    kind: ImportKind
    star: bool = False


def import_statements(tree: ast.Module) -> list[ImportStatement]:
    """All import statements of a file, in the order of the text."""
    found: list[ImportStatement] = []
    waiting: list[tuple[list[ast.stmt], ImportKind]] = [(tree.body, "runtime")]
    default_level = -1 if getattr(tree, IMPLICIT_RELATIVE, False) else 0
    while waiting:
        body, kind = waiting.pop()
        for node in body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                found.append(_statement(node, kind, default_level))
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                waiting.append((node.body, "deferred" if kind == "runtime" else kind))
            elif isinstance(node, ast.If):
                waiting.append((node.body, "type_checking" if _type_checking(node.test) else kind))
                waiting.append((node.orelse, kind))
            elif type(node) not in _SIMPLE:
                for name in ("body", "orelse", "finalbody"):
                    inner = getattr(node, name, None)
                    if inner:
                        waiting.append((inner, kind))
                for name in ("handlers", "cases"):
                    waiting += ((part.body, kind) for part in getattr(node, name, ()))
    found.sort(key=lambda one: one.line)
    return found


_SIMPLE = frozenset(
    {ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Raise, ast.Assert, ast.Pass}
    | {ast.Delete, ast.Global, ast.Nonlocal, ast.Break, ast.Continue}
)
"""Statements without a body."""


def _statement(node: ast.Import | ast.ImportFrom, kind: ImportKind, level: int) -> ImportStatement:
    names = tuple((alias.name, alias.asname) for alias in node.names if alias.name != "*")
    if isinstance(node, ast.Import):
        return ImportStatement(node.lineno, level, "", names, kind)
    star = len(names) < len(node.names)
    return ImportStatement(node.lineno, node.level or level, node.module or "", names, kind, star)


def top_level_names(statements: Iterable[ImportStatement]) -> list[str]:
    """The first parts of what is imported by absolute names, sorted."""
    found: set[str] = set()
    for statement in statements:
        if statement.module and statement.level <= 0:
            found.add(statement.module.partition(".")[0])
        elif not statement.module and statement.level <= 0:
            found.update(name.partition(".")[0] for name, _ in statement.names)
    return sorted(found)


def _type_checking(test: ast.expr) -> bool:
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(map(_type_checking, test.values))
    name = test.id if isinstance(test, ast.Name) else test.attr if isinstance(test, ast.Attribute) else ""
    return name == "TYPE_CHECKING"


def resolve(
    statement: ImportStatement, module: str, is_package: bool, known: Mapping[str, object], prefix: str = ""
) -> list[str]:
    """The modules of ``known`` that a statement in ``module`` imports, in its order, perhaps itself.

    ``prefix`` is that of the file (``SourceFile.prefix``).
    """
    base, level = statement.module, statement.level
    if level == -1:
        package = module if is_package else module.rpartition(".")[0]
        prefixes = tuple(dict.fromkeys((f"{package}." if package else "", prefix, "")))
        return [found for one in _apart(statement) for found in _first(one, prefixes, known)]
    if not level:
        if prefix:
            return [found for one in _apart(statement) for found in _first(one, (prefix, ""), known)]
        return _absolute(statement, "", known)
    parts = module.split(".")
    drop = level - is_package
    if drop >= len(parts):
        return []
    above = ".".join(parts[: len(parts) - drop])
    return _from(statement, f"{above}.{base}" if base else above, known)


def _apart(statement: ImportStatement) -> list[ImportStatement]:
    """``import a, b`` as ``import a`` and ``import b``."""
    if statement.module:
        return [statement]
    return [msgspec.structs.replace(statement, names=(name,)) for name in statement.names]


def _first(statement: ImportStatement, prefixes: Iterable[str], known: Mapping[str, object]) -> list[str]:
    return next(filter(None, (_absolute(statement, prefix, known) for prefix in prefixes)), [])


def _absolute(statement: ImportStatement, prefix: str, known: Mapping[str, object]) -> list[str]:
    if statement.module:
        return _from(statement, prefix + statement.module, known)
    names = [prefix + name for name, _ in statement.names]
    found = [name if name in known else name.rpartition(".")[0] for name in names]
    return [name for name in dict.fromkeys(found) if name in known and f"{name}." != prefix]


def _from(statement: ImportStatement, base: str, known: Mapping[str, object]) -> list[str]:
    found = [f"{base}.{name}" if f"{base}.{name}" in known else base for name, _ in statement.names]
    if statement.star:
        found.append(base)
    return [name for name in dict.fromkeys(found) if name in known]


def import_graph(
    tree: SourceTree, facts_imports: Mapping[str, Sequence[ImportStatement]]
) -> tuple[tuple[Import, ...], tuple[Diagnostic, ...]]:
    """The static imports between the modules of a tree.

    Args:
        tree: the modules.
        facts_imports: module -> its import statements, for the modules that were parsed already; the others
            (tests, migrations) are only read here.

    Returns:
        One row for each importer, imported module and line, sorted; and the files that were left out.
    """
    files = {file.module: file for file in tree.files}
    statements = {name: found for name, found in facts_imports.items() if name in files}
    diagnostics: list[Diagnostic] = []
    unparsed: dict[str, str | None] = {}
    for file in tree.files:
        if file.prefix and file.module not in statements:
            _parse(tree, file, statements, diagnostics)
        elif file.module not in statements:
            try:
                unparsed[file.module] = _text_for_grimp(tree.read(file.path))
            except (OSError, EncodingError) as error:
                diagnostics.append(_lost(file.path, error))
    edges, unread = scan_imports(tree, unparsed)
    for name in unread:
        _parse(tree, files[name], statements, diagnostics)
    rows = [*_scanned_edges(edges, tree, files), *_resolved_edges(statements, files)]
    return _distinct(rows), tuple(sorted(diagnostics, key=Diagnostic.sort_key))


def _parse(
    tree: SourceTree,
    file: SourceFile,
    statements: dict[str, Sequence[ImportStatement]],
    diagnostics: list[Diagnostic],
) -> None:
    try:
        parsed = parse(tree.read(file.path), file.path)
    except OSError as error:
        diagnostics.append(_lost(file.path, error))
        return
    diagnostics += parsed.diagnostics
    statements[file.module] = import_statements(parsed.tree) if parsed.tree else []


_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=]")


def _text_for_grimp(data: bytes) -> str | None:
    """None for a file that grimp reads as Python does; else its text, without the encoding that it declares.

    Raises:
        EncodingError: it is no text.
    """
    declares = b"coding" in data[:400]
    if not declares and data.isascii() and b"\r" not in data and b"\0" not in data:
        return None
    text = decode(data)
    if not declares and data.count(b"\r") == data.count(b"\r\n"):
        return None
    first, second, *rest = [*text.split("\n", 2), "", ""][:3]
    return "\n".join([_COOKIE.sub("#", first), _COOKIE.sub("#", second), *rest])


def _scanned_edges(
    edges: Iterable[tuple[str, str, int]], tree: SourceTree, files: Mapping[str, SourceFile]
) -> Iterator[Import]:
    for importer, group in groupby(edges, key=lambda edge: edge[0]):
        lines = _lines(tree, files[importer])
        for _, imported, line in group:
            yield Import(importer=importer, imported=imported, line=line, kind=_kind_at(lines, line))


def _lines(tree: SourceTree, file: SourceFile) -> list[str]:
    try:
        return decode(tree.read(file.path)).split("\n")
    except (OSError, EncodingError):  # changed since it was scanned
        return []


def _resolved_edges(
    statements: Mapping[str, Iterable[ImportStatement]], files: Mapping[str, SourceFile]
) -> Iterator[Import]:
    for name, own in statements.items():
        file = files[name]
        for one in own:
            for imported in resolve(one, name, file.is_package, files, file.prefix):
                yield Import(importer=name, imported=imported, line=one.line, kind=one.kind)


def _kind_at(lines: Sequence[str], line: int) -> ImportKind:
    """The kind of the import at a line, from the headers of the blocks that it is indented under."""
    if not 0 < line <= len(lines):
        return "runtime"
    depth = _depth(lines[line - 1])
    kind: ImportKind = "runtime"
    for above in range(line - 2, -1, -1):
        if not depth:
            break
        text = lines[above].strip()
        if text and not text.startswith("#") and _depth(lines[above]) < depth:
            depth = _depth(lines[above])
            if _FUNCTION.match(text):
                kind = "deferred"
            elif _GUARD.match(text):
                return "type_checking"
    return kind


def _depth(line: str) -> int:
    match = _INDENT.match(line)
    return len(match[0].expandtabs()) if match else 0


def _distinct(rows: Iterable[Import]) -> tuple[Import, ...]:
    """One row for each importer, other module and line: the kind that binds most."""
    best: dict[tuple[str, str, int], Import] = {}
    for row in rows:
        if row.importer == row.imported:
            continue
        key = (row.importer, row.imported, row.line)
        if key not in best or _RANK[row.kind] < _RANK[best[key].kind]:
            best[key] = row
    return tuple(best[key] for key in sorted(best))


def _lost(path: str, error: OSError | EncodingError) -> Diagnostic:
    if isinstance(error, EncodingError):
        code, line, message = "encoding-error", error.line, str(error)
    else:
        code, line, message = "unreadable", None, f"cannot be read: {error.strerror}"
    return Diagnostic(file=path, line=line, code=code, severity="error", message=message)


def graph_of(imports: Iterable[Import], modules: Iterable[str] = ()) -> ImportGraph:
    """A ``grimp.ImportGraph`` of the edges, for questions about chains; nothing is read again."""
    from grimp import ImportGraph

    graph = ImportGraph()
    for name in sorted(modules):
        graph.add_module(name)
    for row in sorted(imports):
        graph.add_import(
            importer=row.importer, imported=row.imported, line_number=row.line, line_contents=row.kind
        )
    return graph
