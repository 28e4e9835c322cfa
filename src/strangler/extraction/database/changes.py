"""What code that does not own a table does to its rows: changes and deletes are told, new rows cannot be."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from strangler.extraction.reader import Reader
from strangler.extraction.syntax import tree_of
from strangler.extraction.values import Side, ToldTable
from strangler.model import Evidence, Table
from strangler.model.lookup import last

_Does = Literal["changes", "makes", ""]
"""What a place does to rows; empty: it may make some."""
_MAKES = frozenset(
    {
        "add", "add_all", "create", "acreate", "bulk_create", "abulk_create", "get_or_create",
        "aget_or_create", "update_or_create", "aupdate_or_create", "insert", "insert_many", "merge",
        "bulk_save_objects", "bulk_insert_mappings",
    }
)  # fmt: skip
_CHANGES = frozenset(
    {
        "update", "aupdate", "bulk_update", "abulk_update", "bulk_update_mappings", "delete",
        "adelete", "remove",
    }
)  # fmt: skip
_FOUND = frozenset(
    {
        "get", "aget", "first", "afirst", "last", "alast", "latest", "earliest", "get_object_or_404",
        "get_or_404", "first_or_404", "one", "one_or_none", "scalar", "scalar_one", "scalar_one_or_none",
    }
)  # fmt: skip
"""Calls that give a row which is there."""
_SQL = re.compile(r"^\s*(UPDATE|DELETE)\b|^\s*(INSERT|REPLACE|MERGE|COPY)\b", re.IGNORECASE)
_SET = re.compile(r"\"?(\w+)\"?\s*=\s*(?:\"?(\w+)\"?\s*[-+])?")
_ANY = "*"
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def told(
    side: Side, places: Iterable[tuple[str, Evidence]], tables: dict[str, Table], reader: Reader
) -> Iterator[ToldTable]:
    """The tables whose rows code changes on the side that does not own them.

    Args:
        side: the one whose code it is.
        places: (table, place) of each write of that code.
        tables: by name.
        reader: the monolith's files.
    """
    by_table: dict[str, list[Evidence]] = defaultdict(list)
    for name, place in places:
        by_table[name].append(place)
    texts = _Texts(reader)
    for name, found in sorted(by_table.items()):
        if name not in tables:
            continue
        row = last(tables[name].model or "")
        does = {place: texts.does(place, row) for place in found}
        if all(what == "makes" for what in does.values()):
            continue
        columns = {column.name for column in tables[name].columns}
        added, settled = set[str](), set[str]()
        for place in found:
            for column, difference in texts.columns(place):
                (added if difference else settled).add(column)
        yield ToldTable(
            side=side,
            table=name,
            added=() if _ANY in settled else tuple(sorted((added - settled) & columns)),
            changes=tuple(sorted({place for place, what in does.items() if what == "changes"})),
            others=tuple(sorted({place for place, what in does.items() if what != "changes"})),
        )


class _Texts:
    """The monolith's code as syntax, each file read once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._modules = {module.path: name for name, module in reader.modules.items()}
        self._trees: dict[str, ast.Module | None] = {}

    def _tree(self, path: str) -> ast.Module | None:
        if path not in self._trees:
            source = self._reader.source(self._modules[path]) if path in self._modules else None
            self._trees[path] = tree_of(source.data, path) if source is not None else None
        return self._trees[path]

    def does(self, place: Evidence, row: str) -> _Does:
        """What the statement of a place does to rows of a class, by its words."""
        tree = self._tree(place.file)
        statement = _smallest(tree, place.line, lambda node: isinstance(node, ast.stmt)) if tree else None
        if tree is None or statement is None:
            return ""
        if found := _does(statement, row):
            return found
        scope = _smallest(tree, place.line, lambda node: isinstance(node, _FUNCTIONS))
        return _by_names(statement, scope, row) if scope is not None else ""

    def columns(self, place: Evidence) -> Iterator[tuple[str, bool]]:
        """(column, whether by a difference) of what the function of a place sets."""
        tree = self._tree(place.file)
        scope = _smallest(tree, place.line, lambda node: isinstance(node, _FUNCTIONS)) if tree else None
        if scope is None:
            yield _ANY, False
        else:
            yield from _columns(scope)


def _smallest(tree: ast.Module, line: int, wanted: Callable[[ast.AST], bool]) -> ast.AST | None:
    """The innermost node of a kind that has a line."""
    found: ast.AST | None = None
    for node in ast.walk(tree):  # outer ones first
        if wanted(node) and getattr(node, "lineno", 0) <= line <= (getattr(node, "end_lineno", 0) or 0):
            found = node
    return found


def _does(statement: ast.AST, row: str) -> _Does:
    changes = False
    if isinstance(statement, ast.AugAssign | ast.AnnAssign):
        changes = isinstance(statement.target, ast.Attribute)
    elif isinstance(statement, ast.Assign):
        changes = any(isinstance(target, ast.Attribute) for target in statement.targets)
    body = [statement] if not hasattr(statement, "body") else _heads(statement)
    for node in (inner for part in body for inner in ast.walk(part)):
        if isinstance(node, ast.Call):
            name = _name(node.func)
            if name in _MAKES or name == row:
                return "makes"
            changes |= name in _CHANGES
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and (sql := _SQL.match(node.value))
        ):
            if sql[2]:
                return "makes"
            changes = True
    return "changes" if changes else ""


def _by_names(statement: ast.AST, scope: ast.AST, row: str) -> _Does:
    """The same by what the function has put into the names that a statement reads: ``execute(stmt)``,
    ``book.save()``."""
    names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    changes = False
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign) and any(_id(target) in names for target in node.targets):
            found = _does(node, row)
            if found == "makes":
                return "makes"
            given = node.value.value if isinstance(node.value, ast.Await) else node.value
            changes |= found == "changes"
            changes |= _saves(statement) and isinstance(given, ast.Call) and _name(given.func) in _FOUND
        elif isinstance(node, ast.For | ast.AsyncFor) and _id(node.target) in names:
            changes |= _saves(statement)
    return "changes" if changes else ""


def _saves(statement: ast.AST) -> bool:
    calls = (node for node in ast.walk(statement) if isinstance(node, ast.Call))
    return any(_name(call.func) in ("save", "asave") for call in calls)


def _id(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _heads(statement: ast.AST) -> list[ast.AST]:
    """Of a statement with a body what stands before it."""
    inside = {"body", "orelse", "finalbody", "handlers", "cases", "decorator_list"}
    return [
        part
        for name, value in ast.iter_fields(statement)
        if name not in inside
        for part in (value if isinstance(value, list) else [value])
        if isinstance(part, ast.AST)
    ]


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _columns(scope: ast.AST) -> Iterator[tuple[str, bool]]:
    for node in ast.walk(scope):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Attribute):
            yield node.target.attr, isinstance(node.op, ast.Add | ast.Sub)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in (inner for one in targets for inner in ast.walk(one)):
                if isinstance(target, ast.Attribute) and isinstance(target.ctx, ast.Store):
                    yield target.attr, node.value is not None and _differs(node.value, target.attr)
        elif isinstance(node, ast.Call):
            if _name(node.func) in ("setattr", "bulk_update", "abulk_update", "bulk_update_mappings"):
                yield _ANY, False
            elif _name(node.func) in ("update", "aupdate", "values"):
                for keyword in node.keywords:
                    yield (
                        keyword.arg or _ANY,
                        bool(keyword.arg) and _differs(keyword.value, keyword.arg or ""),
                    )
                if node.args and _name(node.func) == "values":
                    yield _ANY, False
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            sql = _SQL.match(node.value)
            if sql and sql[1] and sql[1].upper() == "UPDATE":
                for name, before in _SET.findall(node.value):
                    yield name, name == before


def _differs(value: ast.expr, name: str) -> bool:
    """Whether a value is what was there, and something more or less: ``F("points") + 1``."""
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Add | ast.Sub):
        return False
    first = value.left
    if isinstance(first, ast.Call) and last(_name(first.func)) == "F" and len(first.args) == 1:
        (argument,) = first.args
        return isinstance(argument, ast.Constant) and argument.value == name
    return isinstance(first, ast.Attribute) and first.attr == name
