"""The names that a model holds, read without the rest of it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from strangler import files


class Row(msgspec.Struct):
    """What is called by a name, or answers at a path."""

    name: str = ""
    path: str = ""
    kind: str = ""


class Names(msgspec.Struct):
    """The rows that can be asked for."""

    contexts: list[Row] = []
    modules: list[Row] = []
    tables: list[Row] = []
    endpoints: list[Row] = []


def read(path: Path) -> Names:
    """The names of a ``model.json``.

    Raises:
        OSError: it cannot be read.
        ValueError, RecursionError: it is no model.
    """
    return msgspec.json.decode(files.read(path), type=Names)
