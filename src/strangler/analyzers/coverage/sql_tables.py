"""Tables that only SQL text, or a migration, makes: no model declares them, so none of the rows is theirs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal

import msgspec

from strangler.analyzers.coverage.unmigrated import made_by
from strangler.model import Access, Diagnostic, Table
from strangler.model.lookup import UNREAD
from strangler.sources.roles import TEST_DIRECTORY

if TYPE_CHECKING:
    from strangler.sources.tree import SourceTree

Kind = Literal["table", "gone", "other", "model", "unread"]
"""A table that is made; one that is dropped or renamed; a view or a temporary table; a model whose table a
migration of Django makes; a call that makes tables, of which it cannot be told which."""


class Stated(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """What a statement, or a call of a migration, says of a name."""

    kind: Kind
    name: str
    """As written, without quotes and schema; empty where it is put together at run time."""
    line: int


_HOLE = "\0"
_PART = r'(?:[\w$\0]+|"[^"\n]+"|`[^`\n]+`|\[[^\]\n]+\]|%\(?\w*\)?s|\{\w*\})'
_NAME = rf"(?P<name>{_PART}(?:\s?\.\s?{_PART})*)"
_STATEMENTS = re.compile(
    rf"""\b(?:
    create\s+(?P<temporary>(?:global\s+|local\s+)?temp(?:orary)?\s+)?(?:(?:unlogged|foreign|virtual)\s+)?
        table\s+(?:if\s+not\s+exists\s+)?(?P<made>{_NAME})(?:(?P<part>\s+partition\s+of\b)|(?=\s*(?:\(|;|$)
        |\s+(?:as|using|like|partition\s+by|inherits|select)\b))
    | create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:materialized\s+|recursive\s+)?
        view\s+(?:if\s+not\s+exists\s+)?(?P<view>{_NAME.replace("<name>", "<_view>")})
    | drop\s+(?:foreign\s+)?table\s+(?:if\s+exists\s+)?(?P<dropped>{_NAME.replace("<name>", "<_dropped>")}
        (?:\s*,\s*{_PART}(?:\.{_PART})*)*)
    | alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(?P<before>{_NAME.replace("<name>", "<_before>")})
        \s+rename\s+to\s+(?P<after>{_NAME.replace("<name>", "<_after>")})
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_ASKED = re.compile(
    rb"(?i)\b(?:create|drop|alter|rename)(?:_|\s+[\w\s]{0,40}?)(?:table|view)\b"
    rb"|\b(?:create_all|create_?model|rename_?model|op\.execute)\b"
)
_ASIDE = frozenset({"fixtures", "testdata", "test_data"})
"""Folders whose SQL only tests run, as a rule."""
_BACK = frozenset({"downgrade", "backward", "backwards", "rollback", "reverse", "down", "undo", "revert"})
"""Functions that take back what a migration does."""
_BOTH_WAYS = frozenset({"RunSQL", "step"})
"""Calls of migrations whose second argument takes back what the first does."""
_DOWN = re.compile(r"(?:^|[._-])(?:down|rollback|revert|undo)(?=[._-])", re.IGNORECASE)
_DOWN_PART = re.compile(r"(?im)^--\s*(?:\+?(?:goose|migrate)[ :]down|//@undo)[\s\S]*")
"""What takes back a migration: files, and parts of files."""
_BY_NAME = frozenset({"argument", "core", "sql"})
"""How those accesses come about that name their table in a text."""
_NO_TABLES = re.compile(r"(?:pg_|sqlite_|sys$|dual$|alembic_version$|django_migrations$|generate_series$)")


def of_text(text: str, line: int = 1, last: int | None = None) -> Iterator[Stated]:
    """What SQL says of tables and views, in the order of the text.

    Args:
        line: where the text begins.
        last: where it ends, for a string whose line breaks are escapes.
    """
    plain = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    for match in _STATEMENTS.finditer(plain):
        at = line + plain.count("\n", 0, match.start())
        at = at if last is None else min(at, last)
        if match["made"]:
            kind: Kind = "other" if match["temporary"] or match["part"] else "table"
            yield Stated(kind, _plain(match["made"]), at)
        elif match["view"]:
            yield Stated("other", _plain(match["view"]), at)
        elif match["dropped"]:
            yield from (Stated("gone", _plain(name), at) for name in match["dropped"].split(","))
        else:
            yield Stated("gone", _plain(match["before"]), at)
            yield Stated("table", _plain(match["after"]), at)


def _plain(name: str) -> str:
    last = re.split(r"\s?\.\s?", name.strip())[-1].strip('"`[]')
    return "" if _HOLE in last or last.startswith(("%", "{")) else last


def of_code(data: bytes, tree: ast.Module) -> list[Stated]:
    """What the SQL in a file's strings, and the calls of its migrations, say: a pure function of the file."""
    if not _ASKED.search(data):
        return []
    found: list[Stated] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name in _BACK:
            continue
        if isinstance(node, ast.keyword) and node.arg == "reverse_sql":
            continue
        text = _text(node)
        if text is not None:
            found += of_text(text, node.lineno, node.end_lineno)  # type: ignore[attr-defined]
            continue
        if isinstance(node, ast.Call):
            found += _of_call(node)
            if _last(node.func) in _BOTH_WAYS:
                node.args[1:] = []
        waiting += [inner for inner in ast.iter_child_nodes(node) if not _is_docstring(inner)]
    return sorted(found, key=lambda one: one.line)


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _text(node: ast.AST) -> str | None:
    """The text of a string; what a format puts in is a hole."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(
            part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else _HOLE
            for part in node.values
        )
    return None


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _of_call(node: ast.Call) -> Iterator[Stated]:
    """``op.create_table("boats", ...)`` of Alembic, ``CreateModel("Boat", ...)`` of Django."""
    function = node.func
    made = made_by(node, _last(function))
    if made is not None:
        yield Stated(made[0], made[1], node.lineno)
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and node.args:
        names = [_text(one) or "" for one in node.args[:2]]
        if function.value.id == "op" and names[0]:
            if function.attr == "create_table":
                yield Stated("table", names[0], node.lineno)
            elif function.attr in ("drop_table", "rename_table"):
                yield Stated("gone", names[0], node.lineno)
                if function.attr == "rename_table" and names[-1]:
                    yield Stated("table", names[-1], node.lineno)


def of_files(tree: SourceTree) -> Iterator[tuple[str, list[Stated]]]:
    """The files of SQL in the tree, those of tests left out, and what they say."""
    for path in tree.sql:
        folder, _, name = path.rpartition("/")
        if not _DOWN.search(name) and not any(
            TEST_DIRECTORY.fullmatch(part) or part in _ASIDE for part in folder.split("/")
        ):
            yield path, list(of_text(_DOWN_PART.sub("", tree.read_text(path))))


def of_tree(tree: SourceTree, stated: Mapping[str, list[Stated]]) -> dict[str, list[Stated]]:
    """What all files say that are no tests: those of SQL, and those of code (``stated``, by path)."""
    roles = {file.path: file.role for file in tree.files}
    found = {
        path: rows
        for path, rows in stated.items()
        if rows and (roles.get(path) not in UNREAD or roles.get(path) == "migration")
    }
    return dict(sorted({**found, **dict(of_files(tree))}.items()))


def undeclared(
    stated: Mapping[str, list[Stated]],
    tables: Iterable[Table],
    accesses: Iterable[Access],
    paths: Mapping[str, str],
) -> Iterator[Diagnostic]:
    """A note for each table that SQL makes, reads or writes and that no row of the model is.

    Args:
        stated: path of a file -> what it says of tables.
        paths: module -> path of production code.
    """
    told = {_short(table.name) for table in tables}
    told |= {one.name.lower() for rows in stated.values() for one in rows if one.kind == "other"}
    dropped = {
        one.name.lower(): (path, at)
        for path, rows in stated.items()
        for at, one in enumerate(rows)
        if one.kind == "gone" and one.name
    }
    for path, rows in stated.items():
        for at, one in enumerate(rows):
            name = one.name.lower()
            file, where = dropped.get(name, (path, -1))
            stays = file == path and where < at  # what another file drops may be gone
            if one.kind == "table" and stays and name not in told and not _NO_TABLES.match(name):
                told.add(name or f"{path}:{one.line}")
                yield _note(path, one.line, f"{_called(one.name)} is made here, but no model declares it")
    for access in accesses:
        name = _short(access.table)
        path = paths.get(access.module, "")
        known = name in told or "information_schema" in access.table.lower() or _NO_TABLES.match(name)
        if path and not known and access.certainty != "possible" and access.via in _BY_NAME:
            told.add(name)
            what = "read" if access.operation == "read" else "written"
            yield _note(
                path, access.line, f"the table {access.table} is {what} here, but nothing declares it"
            )


def _called(name: str) -> str:
    return f"the table {name}" if name else "a table whose name is put together"


def _short(name: str) -> str:
    return name.rpartition(".")[2].strip('"`[]').lower()


def _note(path: str, line: int, message: str) -> Diagnostic:
    return Diagnostic(file=path, line=line, code="undeclared-table", severity="note", message=message)
