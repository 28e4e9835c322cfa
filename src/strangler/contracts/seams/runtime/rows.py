"""Rows of a database that both sides see: their keys cross, and they are read again by a session."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Mapping
from typing import Any

from .codec import Codec, WireError, load, sequence_of, unfit


class _Row(Codec):
    """A row of a database that both sides see: its key, the columns that the other side reads, and it is read
    again there."""

    def __init__(self, path: str, key: Codec, read: Mapping[str, Codec]) -> None:
        self._path = path
        self._key = key
        self._read = read

    def encode(self, value: Any, where: str) -> Any:
        if not isinstance(value, load(self._path)):
            raise unfit(value, self._path, where)
        key = _key_of(value, where)
        found = {"key": self._key.encode(key, f"{where}.key")}
        if self._read:
            # what the caller sees, which it may not have saved
            found["read"] = {
                name: codec.encode(getattr(value, name), f"{where}.{name}")
                for name, codec in self._read.items()
            }
        return found

    def decode(self, value: Any, where: str) -> Any:
        return self.decode_all([value], where)[0]

    def decode_all(self, values: Any, where: str) -> list[Any]:
        if type(values) is not list or any(type(value) is not dict or "key" not in value for value in values):
            raise unfit(values, "rows of " + self._path, where)
        keys = [self._key.decode(value["key"], f"{where}.key") for value in values]
        rows = _rows(load(self._path), keys)
        missing = [key for key in keys if key not in rows]
        if missing:
            raise WireError(f"{where}: no {self._path} with the key {missing[0]} is seen here")
        for key, value in zip(keys, values):
            for name, codec in self._read.items():
                setattr(rows[key], name, codec.decode(value.get("read", {})[name], f"{where}.{name}"))
        return [rows[key] for key in keys]


class _Rows(Codec):
    """A list of rows, read again with one query."""

    def __init__(self, row: _Row) -> None:
        self._row = row

    def encode(self, value: Any, where: str) -> Any:
        if type(value) is not list:
            raise unfit(value, "list", where)
        return [self._row.encode(item, f"{where}[{index}]") for index, item in enumerate(value)]

    def decode(self, value: Any, where: str) -> Any:
        return self._row.decode_all(value, where)


CURRENT: contextvars.ContextVar[Any] = contextvars.ContextVar("session", default=None)
"""The session by which rows are read: on the caller's side its own, on the other the provider's."""


@contextlib.contextmanager
def reading_by(session: Any) -> Any:
    """Read rows by a session for a while."""
    before = CURRENT.set(session)
    try:
        yield
    finally:
        CURRENT.reset(before)


def settled(session: Any) -> None:
    """Refuse to go on while a session holds what the other side would not see.

    Raises:
        WireError: it has changes that are not saved.
    """
    if session is not None and (
        session.new or session.deleted or any(session.is_modified(row) for row in session.dirty)
    ):
        raise WireError("the session has changes that are not saved: the other side would not see them")


def _key_of(row: Any, where: str) -> Any:
    """The key of a saved row."""
    if hasattr(row, "_meta"):
        if row.pk is None or row._state.adding:
            raise WireError(f"{where}: the row is not saved, so it has no key yet")
        return row.pk
    from sqlalchemy import inspect

    state = inspect(row)
    if not state.identity:
        raise WireError(f"{where}: the row is not saved, so it has no key yet")
    if state.modified and (state.session is None or state.session.is_modified(row)):
        raise WireError(f"{where}: the row has changes that are not saved: the other side would not see them")
    return state.identity[0]


def _rows(kind: Any, keys: list[Any]) -> dict[Any, Any]:
    """The rows of a class by their keys."""
    if hasattr(kind, "_meta"):
        return dict(kind._base_manager.in_bulk(keys))
    from sqlalchemy import inspect

    session = CURRENT.get()
    if session is None and hasattr(kind, "query"):
        session = kind.query.session
    if session is None:
        raise WireError(f"no session to read {kind.__name__} by: provide(..., session=...)")
    if len(keys) == 1:
        found = session.get(kind, keys[0])
        return {} if found is None else {keys[0]: found}
    mapper = inspect(kind)
    column = mapper.primary_key[0]
    rows = session.query(kind).filter(column.in_(set(keys))).all()
    return {mapper.primary_key_from_instance(row)[0]: row for row in rows}


def row(path: str, key: Codec, read: Mapping[str, Codec] | None = None) -> Codec:
    return _Row(path, key, read or {})


def list_of(item: Codec) -> Codec:
    if isinstance(item, _Row):
        return _Rows(item)
    return sequence_of(item)
