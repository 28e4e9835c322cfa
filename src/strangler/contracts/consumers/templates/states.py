"""Yours: how the provider comes into the states that its consumers ask for. Written once, never overwritten.

``states.json`` beside this file lists every state with its parameters; it is written anew with each plan.
Rows are put in by SQL where their columns are known; what has to be filled in raises NotImplementedError.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from typing import Any

STATES: dict[str, Callable[[dict[str, Any]], None]] = {}
KEYS: dict[str, str] = {}
ROWS: dict[str, list[Any]] = {}
"""Table -> rows (table, values) that make one row of it possible, those that it refers to first."""
_made: list[tuple[str, Any]] = []


def connect() -> Any:
    """A DB-API connection to the provider's database; each call may give a new one."""
    if os.environ.get("STATES_SQLITE"):
        return sqlite3.connect(os.environ["STATES_SQLITE"], timeout=30)
    raise NotImplementedError("connect() in states.py: return a connection to the provider's database")


def state(name: str) -> Callable[[Callable[[dict[str, Any]], None]], Callable[[dict[str, Any]], None]]:
    """Register what sets a state up."""

    def register(function: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
        STATES[name] = function
        return function

    return register


def set_up(name: str, params: dict[str, Any]) -> None:
    """Bring the provider into a state.

    Raises:
        LookupError: there is no such state here yet.
        NotImplementedError: it has to be filled in.
    """
    if name not in STATES:
        raise LookupError(f"no state {name!r} in {__file__}: add it, states.json says what it is for")
    STATES[name](params)


def reset() -> None:
    """Take back what was put in, the last first. Put the whole database back here if that is not enough."""
    while _made:
        table, key = _made.pop()
        _run(f"DELETE FROM {_quote(table)} WHERE {_quote(KEYS[table])} = ?", [key])


def put_row(table: str, params: dict[str, Any]) -> None:
    """Make sure that there is a row with these values, and whatever it refers to."""
    for name, values in ROWS[table]:
        row = {**values, **(params if name == table else {})}
        key = KEYS.get(name)
        if key is not None and _run(f"SELECT 1 FROM {_quote(name)} WHERE {_quote(key)} = ?", [row[key]]):
            continue
        columns = ", ".join(_quote(column) for column in row)
        marks = ", ".join("?" for _ in row)
        _run(f"INSERT INTO {_quote(name)} ({columns}) VALUES ({marks})", list(row.values()))
        if key is not None:
            _made.append((name, row[key]))


def no_row(table: str, params: dict[str, Any]) -> None:
    """Make sure that there is no row with these values."""
    columns = " AND ".join(f"{_quote(column)} = ?" for column in params)
    _run(f"DELETE FROM {_quote(table)} WHERE {columns}", list(params.values()))


def _run(sql: str, values: list[Any]) -> list[Any]:
    connection = connect()
    try:
        marks = sql if isinstance(connection, sqlite3.Connection) else sql.replace("?", "%s")
        cursor = connection.cursor()
        cursor.execute(marks, values)
        rows = cursor.fetchall() if sql.startswith("SELECT") else []
        connection.commit()
        return list(rows)
    finally:
        connection.close()


def _quote(name: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))
