"""The files of a tree that are no Python: what a deployment may need beside its code."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from strangler.written import MODEL, RECORD, REPORT

NO_SOURCES = frozenset(
    {
        ".git", ".hg", ".svn", ".tox", ".nox", ".venv", "venv", ".mypy_cache", ".ruff_cache", ".pytest_cache",
        "__pycache__", "node_modules", "bower_components", "site-packages",
    }
)  # fmt: skip
"""Folders of tools, and of other people's code."""
_WRITTEN = frozenset({RECORD, "pyvenv.cfg"})
"""Marks of folders that are no part of the tree: what this program wrote, virtual environments."""
OUTPUT = {MODEL, REPORT}
"""A folder with both is what an analysis wrote."""


def others(root: Path) -> Iterator[str]:
    """Paths below ``root``, sorted; links and devices are left out."""
    for folder, names, files in os.walk(root):
        names[:] = sorted(set(names) - NO_SOURCES)
        if not _WRITTEN.isdisjoint(files) or set(files) >= OUTPUT:
            names.clear()
            continue
        for name in sorted(files):
            path = Path(folder, name)
            if not name.endswith((".py", ".pyc")) and _plain(path):
                yield path.relative_to(root).as_posix()


def _plain(path: Path) -> bool:
    try:
        found = path.lstat()
        path.name.encode()
    except (OSError, UnicodeEncodeError):
        return False
    return stat.S_ISREG(found.st_mode)
