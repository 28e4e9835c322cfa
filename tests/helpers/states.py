"""Puts the database of a served sample monolith back, by SQLite's own means: open connections notice.

python states.py SAVED LIVE
"""

from __future__ import annotations

import shlex
import sqlite3
import sys
from contextlib import closing
from pathlib import Path


def copy(source: Path, target: Path) -> None:
    """Copy a database that may be in use."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target, timeout=30)) as two:
        one.backup(two)


def reset_command(live: Path) -> str:
    """Save the database as it is now; the command that puts it back."""
    saved = live.with_suffix(".saved")
    copy(live, saved)
    return shlex.join([sys.executable, "-I", "-S", __file__, str(saved), str(live)])


if __name__ == "__main__":
    copy(Path(sys.argv[1]), Path(sys.argv[2]))
