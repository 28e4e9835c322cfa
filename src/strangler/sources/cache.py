"""A cache of results in the user's cache directory: SQLite, safe for concurrent processes, never pickle.

It can only save time: whatever is odd about it (damage, another program's file, a full or read-only disk)
means that it is empty. A cache directory inside the analysed tree is not used, nor one that others can fill.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import stat
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

MAX_BYTES = 512 * 1024 * 1024
"""Size above which the entries that were not used for longest go."""
_FORMAT = 1
_BATCH = 500


def cache_directory() -> Path:
    """``STRANGLER_CACHE_DIR``, else the platform's directory for caches of this user."""
    named = os.environ.get("STRANGLER_CACHE_DIR")
    if named:
        return Path(named).expanduser().absolute()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "strangler" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/strangler"
    xdg = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(xdg) if Path(xdg).is_absolute() else Path.home() / ".cache") / "strangler"


def distrusted(directory: Path) -> str:
    """Why others may have put something into a cache directory; empty if only its user and root can."""
    if not hasattr(os, "geteuid"):
        return ""
    for place in (directory, directory / "runs"):
        try:
            state = place.stat()
        except OSError:
            continue  # there is nothing that could be read
        if state.st_uid not in (os.geteuid(), 0):
            return f"{place} belongs to another user"
        if state.st_mode & stat.S_IWOTH:
            return f"{place} can be written by every user"
    return ""


class Cache:
    """Bytes by (kind, version of the analyser, content hash).

    Args:
        directory: where to keep it; None makes a cache that stays empty.
        outside: the analysed tree; a cache inside it could have been planted and is not read.
        max_bytes: bound of the stored values' size.
    """

    def __init__(
        self, directory: Path | None, *, outside: Path | None = None, max_bytes: int = MAX_BYTES
    ) -> None:
        self._max_bytes = max_bytes
        self._connection: sqlite3.Connection | None = None
        if directory is None or (
            outside is not None and directory.resolve().is_relative_to(outside.resolve())
        ):
            return
        if distrusted(directory):
            return
        path = directory / f"facts-{_FORMAT}.sqlite"
        for _ in range(2):
            try:
                directory.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._connection = _open(path)
                return
            except sqlite3.OperationalError:
                return  # locked for long, read-only, disk full: do without
            except (sqlite3.DatabaseError, OSError):
                with contextlib.suppress(OSError):
                    path.unlink()

    def get(self, kind: str, version: str, keys: Sequence[str]) -> dict[str, bytes]:
        """The stored values of those ``keys`` that are known."""
        found: dict[str, bytes] = {}
        if self._connection is None:
            return found
        group = _group(kind, version)
        try:
            for start in range(0, len(keys), _BATCH):
                batch = keys[start : start + _BATCH]
                marks = ",".join("?" * len(batch))
                rows = self._connection.execute(
                    f"SELECT key, value, check_sum FROM entry WHERE grp = ? AND key IN ({marks})",
                    (group, *batch),
                )
                for key, value, check in rows:
                    if isinstance(value, bytes) and _check(group, key, value) == check:
                        found[key] = value
            if found:
                self._connection.execute(
                    "UPDATE used SET at = max(at, ?) WHERE grp = ?", (int(time.time()), group)
                )
        except (sqlite3.Error, OverflowError):
            self._drop()
        return found

    def put(self, kind: str, version: str, entries: Mapping[str, bytes]) -> None:
        """Store values; the oldest entries go where the bound is exceeded."""
        if self._connection is None or not entries:
            return
        group, now = _group(kind, version), int(time.time())
        rows = ((group, key, value, _check(group, key, value), now) for key, value in entries.items())
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.execute("INSERT OR REPLACE INTO used VALUES (?, ?)", (group, now))
                self._connection.executemany("INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?)", rows)
                self._evict()
        except (sqlite3.Error, OverflowError):
            self._drop()

    def close(self) -> None:
        """Release the file."""
        self._drop()

    def __enter__(self) -> Cache:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _drop(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _evict(self) -> None:
        assert self._connection is not None
        (size,) = self._connection.execute("SELECT coalesce(sum(length(value)), 0) FROM entry").fetchone()
        if size <= self._max_bytes:
            return
        # a time to come is of a clock that was wrong, and would keep its entries for ever
        self._connection.execute("UPDATE used SET at = 0 WHERE at > ?", (int(time.time()) + 1,))
        goal, doomed = size - self._max_bytes * 3 // 4, []
        query = (
            "SELECT entry.rowid, length(value) FROM entry JOIN used USING (grp) "
            "ORDER BY used.at, entry.at, entry.rowid"
        )
        for row, length in self._connection.execute(query):
            if goal <= 0:
                break
            doomed.append((row,))
            goal -= length
        self._connection.executemany("DELETE FROM entry WHERE rowid = ?", doomed)


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if connection.execute("PRAGMA user_version").fetchone()[0] != _FORMAT:
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS entry "
                    "(grp TEXT, key TEXT, value BLOB, check_sum BLOB, at INTEGER, UNIQUE (grp, key))"
                )
                connection.execute("CREATE TABLE IF NOT EXISTS used (grp TEXT PRIMARY KEY, at INTEGER)")
                connection.execute(f"PRAGMA user_version = {_FORMAT}")
        connection.execute("SELECT grp, key, value, check_sum, at FROM entry LIMIT 1").fetchone()
        connection.execute("SELECT grp, at FROM used LIMIT 1").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _check(group: str, key: str, value: bytes) -> bytes:
    """Of a value in its place: in another one it is damage."""
    return hashlib.blake2b(f"{group}\0{key}\0".encode() + value, digest_size=8).digest()


def _group(kind: str, version: str) -> str:
    return f"{kind} {version}"
