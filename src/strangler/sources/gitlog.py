"""What ``git log`` prints, as commits: which files they changed, and which of these were moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from strangler.credentials import without_credentials

LAST_TIME = 253_402_214_400
"""The last day of the year 9999: no calendar of ours goes beyond, a commit's date may."""


FIELDS = "%x01%H%x1f%P%x1f%ct%x1f%an%x1f%ae%x1f%s"
"""The format of a record's header."""


Files = list[tuple[str, str, str]]
"""Of each file how it was changed (``A``, ``D``, ``M`` ...), the blob before and the one after."""


RESIZED = 1.5
"""A file that has grown or shrunk by this factor may have been rewritten."""


class LogEntry(msgspec.Struct):
    """A commit as read; paths are relative to the analysed root."""

    sha: str
    parents: int
    time: int
    """Committer time, seconds since the epoch."""
    author: str
    email: str
    subject: str
    changes: list[tuple[str, str, str]]
    """(status letter, path, path before a rename or else the same). Text that was copied from a file which
    the same commit rewrote was moved: ``R``, and what stands under the old name is a new file: ``A``."""


def may_move(files: Files, sizes: Mapping[str, int]) -> Literal["renamed", "rewritten"] | None:
    """How some of a commit's files may have been moved, if any.

    rewritten: one that stays has got what another has held, or is not nearly as large as it was, as is what
    leaves a shim behind, and is not the only one that has come, gone or been rewritten so: only then need git
    take files apart, which costs it most. renamed: one has come and one has gone.
    """
    kinds = {status for status, _, _ in files}
    if len(files) < 2 or (len(kinds) == 1 and kinds <= {"A", "D"}):
        return None
    held = {before for _, before, _ in files}
    changed = [
        (before, after) for status, before, after in files if status not in ("A", "D") and before != after
    ]
    resized = [pair for pair in changed if _resized(*map(sizes.get, pair))]
    if any(after in held for _, after in changed) or (
        resized and len(files) - len(changed) + len(resized) > 1
    ):
        return "rewritten"
    return "renamed" if {"A", "D"} <= kinds else None


def _resized(before: int | None, after: int | None) -> bool:
    return before is not None and after is not None and min(before, after) * RESIZED < max(before, after)


def entries(output: bytes) -> Iterator[tuple[LogEntry, Files]]:
    """Records of ``git log -z --raw``: a header, then modes, blobs and status and one or two paths for each
    file."""
    entry: LogEntry | None = None
    scores: dict[tuple[str, str], int] = {}
    files: Files = []
    tokens = iter(output.decode("utf-8", "surrogateescape").split("\0"))
    for token in tokens:
        status = token.lstrip("\n")
        if status.startswith("\x01"):
            if entry is not None:
                yield _moved(entry, scores), files
            scores, files = {}, []
            sha, parents, when, author, email, subject = status[1:].split("\x1f", 5)
            subject = without_credentials(subject)
            entry = LogEntry(sha, len(parents.split()), seconds(when), author, email, subject, [])
        elif entry is not None and status:
            _, _, old, new, status = status.split()
            files.append((status[0], old, new))
            before = path = next(tokens, "")
            if status[0] in "RC":
                path = next(tokens, "")
            entry.changes.append((status[0], path, before))
            if status[1:].isdigit():
                scores[path, before] = int(status[1:])
    if entry is not None:
        yield _moved(entry, scores), files


def _moved(entry: LogEntry, scores: Mapping[tuple[str, str], int]) -> LogEntry:
    """Take copies of what was rewritten for moves, the most alike of them; all others are new files."""
    rewritten = {path for status, path, before in entry.changes if status == "M" and (path, before) in scores}
    copies = [(scores[path, before], path, before) for status, path, before in entry.changes if status == "C"]
    heirs: dict[str, str] = {}
    for _, path, before in sorted(copies, key=lambda copy: (-copy[0], copy[1])):
        if before in rewritten:
            heirs.setdefault(before, path)
    entry.changes = [
        ("R", path, before)
        if status == "C" and heirs.get(before) == path
        else ("A", path, path)
        if status == "C" or path in heirs
        else (status, path, before)
        for status, path, before in entry.changes
    ]
    return entry


def seconds(text: str) -> int:
    """A time as git prints it, not beyond ``LAST_TIME``; 0 for what is none."""
    known = text.isascii() and text.isdigit() and len(text) < 20
    return min(int(text), LAST_TIME) if known else 0
