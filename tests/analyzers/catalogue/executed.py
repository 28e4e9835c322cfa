"""Runs the cases of one framework for real and prints what SQLite did: a program, not a test.

    python executed.py FRAMEWORK     (a folder of cases/)

SQLite's own authorizer names the tables that each statement reads and writes, while it is prepared; the
Python stack at that moment names the function and line. Printed as JSON: for each case, rows of
[file, line, function, table, operation, [other functions of the cases on the stack]].
"""

from __future__ import annotations

import ast
import asyncio
import importlib
import json
import os
import sqlite3
import sys
from contextvars import ContextVar
from pathlib import Path
from types import FrameType

CASES = Path(__file__).parent / "cases"
OPERATIONS = {
    sqlite3.SQLITE_READ: "read",
    sqlite3.SQLITE_INSERT: "write",
    sqlite3.SQLITE_UPDATE: "write",
    sqlite3.SQLITE_DELETE: "write",
}
OUTSIDE = ("sqlite_", "django_content_type", "django_migrations")


def statements(source: str) -> dict[int, int]:
    """Line to the first line of the innermost statement that covers it."""
    starts: dict[int, int] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            end = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno
            for number in range(node.lineno, end + 1):
                starts[number] = max(starts.get(number, 0), node.lineno)
    return starts


class Trace:
    """Watches connections and remembers who caused what."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)
        self.starts: dict[str, dict[int, int]] = {}
        self.rows: set[tuple[object, ...]] = set()
        self.pending: dict[tuple[str, str], tuple[object, ...]] = {}
        self.asked: tuple[object, ...] | None = None
        """Who asked for what another thread now runs."""

    def watch(self, connection: sqlite3.Connection) -> None:
        connection.set_authorizer(self.authorize)
        connection.set_trace_callback(lambda _: self.end())

    def authorize(self, action: int, table: str | None, value: str | None, *_: object) -> int:
        if action == sqlite3.SQLITE_PRAGMA and table == "foreign_keys" and value in ("ON", "on", "1"):
            # SQLite's own look at the other end of a foreign key is not the application's.
            return sqlite3.SQLITE_IGNORE
        if action in OPERATIONS and table and not table.startswith(OUTSIDE):
            touched = (table, OPERATIONS[action])
            # SQLite asks for every column.
            place = self.pending.get(touched) or self.place(sys._getframe(1)) or self.asked
            if place:
                self.pending[touched] = place
        return sqlite3.SQLITE_OK

    def end(self) -> None:
        """A statement has been prepared: what it writes, it does not also read."""
        written = {table for table, operation in self.pending if operation == "write"}
        for (table, operation), (file, line, function, callers) in self.pending.items():
            if operation == "write" or table not in written:
                self.rows.add((file, line, function, table, operation, callers))
        self.pending.clear()

    def place(self, frame: FrameType | None) -> tuple[object, ...] | None:
        """(file, first line of the statement, function, callers) of the innermost frame of the cases."""
        found = []
        while frame is not None:
            code = frame.f_code
            if code.co_filename.startswith(self.folder) and code.co_filename.endswith(".py"):
                name = code.co_qualname
                for hidden in (".<locals>", ".<listcomp>", ".<genexpr>", ".<lambda>", ".<dictcomp>"):
                    name = name.replace(hidden, "")
                file = os.path.relpath(code.co_filename, self.folder)
                found.append((file, self.start_of(code.co_filename, frame.f_lineno), name))
            frame = frame.f_back
        if not found:
            return None
        return (*found[0], tuple(dict.fromkeys(f"{file}:{name}" for file, _, name in found)))

    def start_of(self, path: str, line: int) -> int:
        """The first line of the innermost statement on a line."""
        if path not in self.starts:
            self.starts[path] = statements(Path(path).read_text(encoding="utf-8"))
        return self.starts[path].get(line, line)

    def take(self) -> list[tuple[object, ...]]:
        self.end()
        rows, self.rows = self.rows, set()
        return sorted(rows)


def public(module: object) -> list[str]:
    """The cases of a module: its public functions, in their order."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))  # type: ignore[attr-defined,arg-type]
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node.name for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")]


Result = dict[str, list[tuple[object, ...]]]


def run_django(trace: Trace) -> Result:
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
    import django

    django.setup()
    from django.apps import apps
    from django.db import connection, transaction

    with connection.schema_editor() as editor:
        for model in apps.get_models():
            editor.create_model(model)
    cases = importlib.import_module("cases")
    cases._prepare()
    found: Result = {}
    for name in public(cases):
        with transaction.atomic():
            trace.take()
            getattr(cases, name)()
            found[name] = trace.take()
            transaction.set_rollback(True)
    return found


def run_sqlalchemy(trace: Trace) -> Result:
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session as Plain
    from sqlalchemy.pool import StaticPool

    session_class: type[Plain] = Plain
    if trace.folder.endswith("sqlmodel"):
        from sqlmodel import Session

        session_class = Session
    cases = importlib.import_module("cases")
    found: Result = {}
    for name in public(cases):
        engine = create_engine("sqlite://", poolclass=StaticPool)
        with session_class(engine) as session:
            cases._prepare(session)
        with session_class(engine) as session:
            trace.take()
            getattr(cases, name)(session)
            found[name] = trace.take()
        engine.dispose()
    return found


def run_peewee(trace: Trace) -> Result:
    from kitchen.models import db

    cases = importlib.import_module("cases")
    db.connect()
    cases._prepare()
    found: Result = {}
    for name in public(cases):
        with db.atomic() as transaction:
            trace.take()
            getattr(cases, name)()
            found[name] = trace.take()
            transaction.rollback()
    return found


def run_tortoise(trace: Trace) -> Result:
    import aiosqlite

    plain = aiosqlite.Connection._execute
    owner: ContextVar[tuple[object, ...] | None] = ContextVar("owner", default=None)

    async def execute(self, function, *args, **more):  # type: ignore[no-untyped-def]
        # A task that the framework starts for prefetching works for whoever ran the last statement before.
        owner.set(trace.place(sys._getframe(1)) or owner.get())
        trace.asked = owner.get()
        return await plain(self, function, *args, **more)

    aiosqlite.Connection._execute = execute  # type: ignore[method-assign]
    cases = importlib.import_module("cases")

    async def all_cases() -> Result:
        from tortoise import Tortoise

        found: Result = {}
        for name in public(cases):
            await cases._prepare()
            trace.take()
            await getattr(cases, name)()
            found[name] = trace.take()
            await Tortoise.close_connections()
        return found

    return asyncio.run(all_cases())


RUNNERS = {
    "django": run_django,
    "sqlalchemy1": run_sqlalchemy,
    "sqlalchemy2": run_sqlalchemy,
    "sqlmodel": run_sqlalchemy,
    "peewee": run_peewee,
    "tortoise": run_tortoise,
}


def main(framework: str) -> None:
    folder = CASES / framework
    sys.path.insert(0, str(folder))
    os.chdir(folder)
    trace = Trace(folder)
    connect = sqlite3.connect

    def watched(*args: object, **more: object) -> sqlite3.Connection:
        """Every connection prepares every statement anew and tells of it."""
        connection = connect(*args, **{**more, "cached_statements": 0})  # type: ignore[call-overload]
        trace.watch(connection)
        return connection

    sqlite3.connect = watched  # type: ignore[assignment]
    sqlite3.dbapi2.connect = watched  # type: ignore[assignment]
    json.dump(RUNNERS[framework](trace), sys.stdout, indent=1)


if __name__ == "__main__":
    main(sys.argv[1])
