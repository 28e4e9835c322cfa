"""Where git and a repository's own files lie, found by this program and not by git.

What a repository's files name may lie anywhere; so nothing is followed that does not point back.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from strangler.sources import walk

GIT = "git.exe" if sys.platform == "win32" else "git"
_MAX_TEXT = 1_000_000


def search_path(outside: Sequence[Path]) -> list[str]:
    """The folders of PATH that lie outside the analysed tree; a relative one could be the tree itself."""
    listed = os.environ.get("PATH", os.defpath).split(os.pathsep)
    places = [place.resolve() for place in outside]
    found = (Path(folder) for folder in listed if os.path.isabs(folder))  # noqa: PTH117 - of a text
    return [str(folder) for folder in found if not any(folder.resolve().is_relative_to(p) for p in places)]


def git_program(outside: Sequence[Path]) -> str | None:
    """git by its absolute path; looked for here, since Windows would begin with the current folder."""
    found = (Path(folder) / GIT for folder in search_path(outside))
    return next(
        (str(program) for program in found if program.is_file() and os.access(program, os.X_OK)), None
    )


def is_whole(git_dir: Path) -> bool:
    """A directory that git reads alone, without a pipe in it that would make git wait."""
    plain = all((git_dir / name).is_file() for name in ("HEAD", "config"))
    # what git opens before anything else: missing is fine, a pipe or a device is not
    optional = (git_dir / name for name in ("shallow", "packed-refs", "info/grafts", "index"))
    sound = all(path.is_file() or not os.path.lexists(path) for path in optional)
    return plain and sound and not (git_dir / "commondir").exists()


def pointed_to(mark: Path) -> Path | None:
    """Where a ``.git`` file points, if that is a worktree of this place or a submodule of one above."""
    text = small_text(mark)
    if not text.startswith("gitdir:"):
        return None
    target = (mark.parent / text[7:].strip()).resolve()
    back = small_text(target / "gitdir").strip()
    if back:  # a linked worktree names the file that names it
        return target if (target / back).resolve() == mark.resolve() else None
    above = [parent / ".git" / "modules" for parent in mark.parent.parents]
    return target if any(target.is_relative_to(place) for place in above) else None


def small_text(path: Path) -> str:
    """The text of a file of git's own; empty if it is anything else than a regular file of usual size."""
    try:
        return walk.read(path.parent, path.name, _MAX_TEXT).decode()
    except (OSError, ValueError):
        return ""
