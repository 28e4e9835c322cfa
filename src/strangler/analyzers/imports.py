"""Static imports: the statements of one file, and the rows of all modules.

The rules are Python's: ``import a.b.c`` leads to ``a.b.c``; ``from a import b`` to the module ``a.b`` if
there is one, else to ``a``; names outside the monolith lead nowhere.

Every file is parsed, tests and migrations as well. grimp would scan those in a fifth of the time (0.3 s of
CPU for 95,000 lines instead of 1.6 s, of 14 s for the whole analysis), but not by its public interface:
``grimp.build_graph`` asks Python's import system for the packages, which can run code of the monolith, gives
up on the first bad file, and drops directories without ``__init__.py``. What is parsed is cached, so an
unchanged file costs nothing the next time. Questions about chains are grimp's (``contexts/explain.py``).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from strangler.model import Import
from strangler.model.system import ImportKind
from strangler.sources.aliases import Names
from strangler.sources.python import IMPLICIT_RELATIVE
from strangler.sources.tree import SourceFile, SourceTree

_RANK: dict[ImportKind, int] = {"runtime": 0, "deferred": 1, "type_checking": 2, "dynamic": 3}


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
    optional: bool = False
    """Where it fails, an ``except`` goes on."""


def import_statements(tree: ast.Module) -> list[ImportStatement]:
    """All import statements of a file, in the order of the text."""
    found: list[ImportStatement] = []
    waiting: list[tuple[list[ast.stmt], ImportKind, bool]] = [(tree.body, "runtime", False)]
    default_level = -1 if getattr(tree, IMPLICIT_RELATIVE, False) else 0
    while waiting:
        body, kind, optional = waiting.pop()
        for node in body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                found.append(_statement(node, kind, default_level, optional=optional))
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                waiting.append((node.body, "deferred" if kind == "runtime" else kind, optional))
            elif isinstance(node, ast.If):
                otherwise = isinstance(node.test, ast.UnaryOp) and _type_checking(node.test.operand)
                waiting.append((node.body, "type_checking" if _type_checking(node.test) else kind, optional))
                waiting.append((node.orelse, "type_checking" if otherwise else kind, optional))
            elif type(node) not in _SIMPLE:
                tried = optional or (isinstance(node, ast.Try) and any(map(_catches_imports, node.handlers)))
                for name in ("body", "orelse", "finalbody"):
                    inner = getattr(node, name, None)
                    if inner:
                        waiting.append((inner, kind, tried if name == "body" else optional))
                for name in ("handlers", "cases"):
                    waiting += ((part.body, kind, optional) for part in getattr(node, name, ()))
    found.sort(key=lambda one: one.line)
    return found


_SIMPLE = frozenset(
    {ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Raise, ast.Assert, ast.Pass}
    | {ast.Delete, ast.Global, ast.Nonlocal, ast.Break, ast.Continue}
)
"""Statements without a body."""


def _catches_imports(handler: ast.ExceptHandler) -> bool:
    listed = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
    return handler.type is None or any(isinstance(one, ast.Name) and one.id in names for one in listed)


def _statement(
    node: ast.Import | ast.ImportFrom, kind: ImportKind, level: int, *, optional: bool
) -> ImportStatement:
    names = tuple((alias.name, alias.asname) for alias in node.names if alias.name != "*")
    if isinstance(node, ast.Import):
        return ImportStatement(node.lineno, level, "", names, kind, optional=optional)
    star = len(names) < len(node.names)
    return ImportStatement(node.lineno, node.level or level, node.module or "", names, kind, star, optional)


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
    statement: ImportStatement,
    module: str,
    is_package: bool,
    known: Mapping[str, object],
    names: Names | None = None,
) -> list[str]:
    """The modules of ``known`` that a statement in ``module`` imports, in its order, perhaps itself.

    ``names`` tells what else they are called (``SourceTree.names``).
    """
    if names is None:
        return _resolved(statement, module, is_package, known, "")
    listed = _Known(known, names)
    found = _resolved(statement, module, is_package, listed, names.home(module))
    if not found and statement.level > 0:  # above the top of the one name, the other may have a package
        for other in names.others(module):
            found = found or _resolved(statement, other, is_package, listed, "")
    return list(dict.fromkeys(map(names.canonical, found)))


class _Known(Mapping[str, object]):
    """The modules that are known, by each of their names."""

    def __init__(self, modules: Mapping[str, object], names: Names) -> None:
        self._modules = modules
        self._names = names

    def __getitem__(self, name: str) -> object:
        return self._modules[self._names.canonical(name)]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._names.canonical(name) in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


def _resolved(
    statement: ImportStatement, module: str, is_package: bool, known: Mapping[str, object], prefix: str
) -> list[str]:
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


def import_graph(tree: SourceTree, statements: Mapping[str, Sequence[ImportStatement]]) -> tuple[Import, ...]:
    """The static imports between the modules of a tree.

    Args:
        tree: the modules.
        statements: module -> its import statements; modules that the tree does not have are left out.

    Returns:
        One row for each importer, imported module and line, sorted.
    """
    files = {file.module: file for file in tree.files}
    own = {name: found for name, found in statements.items() if name in files}
    return _distinct(_resolved_edges(own, files, tree.names))


def _resolved_edges(
    statements: Mapping[str, Iterable[ImportStatement]], files: Mapping[str, SourceFile], names: Names
) -> Iterator[Import]:
    for name, own in statements.items():
        file = files[name]
        for one in own:
            for imported in resolve(one, name, file.is_package, files, names):
                yield Import(importer=name, imported=imported, line=one.line, kind=one.kind)


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
