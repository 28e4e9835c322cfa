"""Submodules that are not checked out: their code is part of the monolith and not here."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from strangler.limits import DEFAULT
from strangler.model.system import Diagnostic
from strangler.sources import walk

_PATH = re.compile(r"^[^\S\n]*path[^\S\n]*=[^\S\n]*(\S(?:.*\S)?)[^\S\n]*$", re.MULTILINE)


def missing(root: Path) -> list[Diagnostic]:
    """A warning for each path of ``.gitmodules`` that holds no file (the file is data: git is not asked)."""
    try:
        text = walk.read(root, ".gitmodules").decode("utf-8", "replace")
    except walk.TooLargeError as error:
        return [walk.too_large(".gitmodules", error.filename, DEFAULT)]
    except OSError:
        return []
    return [
        Diagnostic(
            file=".gitmodules",
            line=text.count("\n", 0, match.start(1)) + 1,
            code="submodule-missing",
            severity="warning",
            message=f"the submodule {match[1]} is not checked out: what imports it cannot be followed "
            "(git submodule update --init, then analyze again)",
        )
        for match in _PATH.finditer(text)
        if _inside(match[1]) and not _holds_files(root / match[1])
    ]


def _inside(path: str) -> bool:
    """Whether a path that the analysed tree names stays below its root."""
    parts = PurePosixPath(path).parts
    return bool(parts) and ".." not in parts and not path.startswith("/")


def _holds_files(folder: Path) -> bool:
    try:
        return not folder.is_symlink() and any(entry.name != ".git" for entry in folder.iterdir())
    except (OSError, ValueError):  # a NUL in the name
        return False
