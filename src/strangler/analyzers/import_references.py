"""How many of the names that look first-party the import statements really reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from strangler.analyzers.imports import ImportStatement, resolve
from strangler.model import Diagnostic, References
from strangler.sources.tree import SourceFile, SourceTree


def import_references(
    tree: SourceTree, statements: Mapping[str, Sequence[ImportStatement]]
) -> tuple[References, list[Diagnostic]]:
    """Count the import statements that name the monolith itself, by whether their module was found.

    A statement is first-party if it is relative, begins with a top-level package of the tree, or names a file
    as seen from a directory above it. A module that is not there is often generated, optional or compiled;
    each place is a note.
    """
    files = {file.module: file for file in tree.files}
    packages = set(tree.packages)
    by_path = {file.path: file for file in tree.files}
    resolved, problems = 0, []
    for module, own in statements.items():
        file = files[module]
        for one in own:
            place = ""
            if one.level < 1 and not packages.intersection(_tops(one)):
                place = _seen_from_above(one, file.path, by_path)
                if not place:
                    continue
            if resolve(one, module, file.is_package, files, tree.names):
                resolved += 1
            else:
                message = f"the imported module {_shown(one)} is not among the files read"
                if place:
                    message += f"; it may be {place}, whose import root the setting roots can name"
                problems.append(
                    Diagnostic(
                        file=file.path,
                        line=one.line,
                        code="unresolved-import",
                        severity="note",
                        message=message,
                    )
                )
    return References(kind="import", resolved=resolved, unresolved=len(problems)), problems


def _seen_from_above(statement: ImportStatement, path: str, files: Mapping[str, SourceFile]) -> str:
    """The file that a dotted name means as seen from a directory above the importing file; empty for none."""
    parts = statement.module.split(".")
    if len(parts) < 2:
        return ""
    directory = path.rpartition("/")[0]
    while directory:
        place = "/".join([directory, *parts])
        for found in (f"{place}.py", f"{place}/__init__.py"):
            if found in files and found != path:
                return found
        directory = directory.rpartition("/")[0]
    return ""


def _tops(statement: ImportStatement) -> set[str]:
    names = [statement.module] if statement.module else [name for name, _ in statement.names]
    return {name.partition(".")[0] for name in names}


def _shown(statement: ImportStatement) -> str:
    if statement.module or statement.level:
        return "." * statement.level + statement.module
    return ", ".join(name for name, _ in statement.names)
