"""How many of the names that look first-party the import statements really reach."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence

from strangler.analyzers.imports import ImportStatement, resolve
from strangler.model import Diagnostic, References
from strangler.model.coverage import ALL_ROWS
from strangler.model.lookup import PRODUCTION
from strangler.sources.tree import SourceFile, SourceTree


def import_references(
    tree: SourceTree, statements: Mapping[str, Sequence[ImportStatement]]
) -> tuple[References, list[Diagnostic]]:
    """Count the import statements that name the monolith itself, by whether their module was found.

    A statement is first-party if it is relative, begins with a top-level package of the tree, or names a file
    that lies at another place of the tree and that no declared library is likely to bring. A module that is
    not there is often generated, optional or compiled; each place is a note.
    """
    files = {file.module: file for file in tree.files}
    packages = set(tree.packages)
    libraries = _libraries(tree, statements)
    resolved, problems = 0, []
    for module, own in statements.items():
        file = files[module]
        for one in own:
            place = ""
            if one.level < 1 and not packages.intersection(_tops(one)):
                place = _place(one, file.path, tree)
                if not place or not libraries.isdisjoint(_tops(one)):
                    continue
            if resolve(one, module, file.is_package, files, tree.names):
                resolved += 1
            elif one.level > 0 or not libraries.union(tree.declared).issuperset(_tops(one)):
                problems.append(_unresolved(one, file, place))
    return References(kind="import", resolved=resolved, unresolved=len(problems)), problems


def _libraries(tree: SourceTree, statements: Mapping[str, Sequence[ImportStatement]]) -> frozenset[str]:
    """First names from which the code imports more that is nowhere in the tree than that is somewhere."""
    tally: Counter[str] = Counter()
    for own in statements.values():
        for one in own:
            if one.level < 1:
                for dotted in _modules(one):
                    found = dotted in tree.names or bool(tree.place_of(dotted))
                    tally[dotted.partition(".")[0]] += ("." in dotted) if found else -1
    ours = {file.module for file in tree.files if "." not in file.module}
    return sys.stdlib_module_names | {top for top, count in tally.items() if count <= 0} - ours


def _modules(statement: ImportStatement) -> list[str]:
    return [statement.module] if statement.module else [name for name, _ in statement.names]


def _place(statement: ImportStatement, path: str, tree: SourceTree) -> str:
    """What a dotted name may mean that no import root explains; empty for none."""
    found = (tree.place_of(one, path) for one in _modules(statement) if "." in one)
    return next(filter(None, found), "")


def _unresolved(statement: ImportStatement, file: SourceFile, place: str) -> Diagnostic:
    """What a module defines that is not found, such as views and models, is missing from all rows."""
    message = f"the imported module {_shown(statement)} is not among the files read"
    if place:
        message += f"; it may be {place}, whose import root the setting roots can name"
    needed = file.role in PRODUCTION and statement.kind != "type_checking" and not statement.optional
    return Diagnostic(
        file=file.path,
        line=statement.line,
        code="unresolved-import",
        severity="note",
        message=message,
        weakens=ALL_ROWS if needed else (),
    )


def _tops(statement: ImportStatement) -> set[str]:
    return {name.partition(".")[0] for name in _modules(statement)}


def _shown(statement: ImportStatement) -> str:
    if statement.module or statement.level:
        return "." * statement.level + statement.module
    return ", ".join(name for name, _ in statement.names)
