"""What SQLite itself says a piece of code reads and writes, and what the analysis says of the same code."""

from __future__ import annotations

import ast
import re
import shutil
import sqlite3
from pathlib import Path

from strangler.analyzers import facts
from strangler.analyzers.link import link
from strangler.model import System
from strangler.sources import scan

Rows = set[tuple[str, str]]

_OPERATIONS = {
    sqlite3.SQLITE_READ: "read",
    sqlite3.SQLITE_INSERT: "write",
    sqlite3.SQLITE_UPDATE: "write",
    sqlite3.SQLITE_DELETE: "write",
}


class Recorder:
    """Notes the tables of every statement that a connection runs; connect with ``cached_statements=0``."""

    def __init__(self) -> None:
        self.rows: Rows = set()
        self._statement: Rows = set()

    def watch(self, connection: sqlite3.Connection) -> None:
        """Listen to a connection: the authorizer names tables, the trace tells where a statement ends."""
        connection.set_authorizer(self._authorize)
        connection.set_trace_callback(lambda _: self._end())

    def _authorize(self, action: int, table: str | None, *_: object) -> int:
        if action in _OPERATIONS and table and not table.startswith("sqlite_"):
            self._statement.add((table, _OPERATIONS[action]))
        return sqlite3.SQLITE_OK

    def _end(self) -> None:
        written = {table for table, operation in self._statement if operation == "write"}
        self.rows |= {(t, o) for t, o in self._statement if o == "write" or t not in written}
        self._statement = set()

    def take(self) -> Rows:
        """Everything since the last time."""
        self._end()
        rows, self.rows = self.rows, set()
        return rows


def functions_of(path: Path) -> list[str]:
    """The functions of a file that are cases: public ones."""
    tree = ast.parse(path.read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [n.name for n in tree.body if isinstance(n, kinds) and not n.name.startswith("_")]


def analysed(folder: Path, target: Path) -> System:
    """The analysis of a folder of sources, copied out of the tests so that nothing takes it for tests."""
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("__pycache__"))
    tree = scan(target)
    rows = []
    for file in tree.files:
        text = tree.read(file.path).decode()
        rows.append(facts.extract(file.path, file.module, file.is_package, ast.parse(text), text))
    return link(tree, rows)[0]


def found_in(system: System, module: str, function: str) -> Rows:
    """The accesses that the analysis attributes to a function (or a function inside it)."""
    inside = re.compile(rf"{function}(\.|$)")
    return {
        (a.table, a.operation)
        for a in system.accesses
        if a.module == module and inside.match(a.function or "")
    }
