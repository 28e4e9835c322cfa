"""Commits in terms of today's modules, and small ones that were one change.

Teams that commit file by file leave no commit that touches two files. Their changes are put together by what
they were for or by who made them on one day (the "temporal period" of A. Tornhill, code-maat).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from strangler.config import GroupBy
from strangler.model import Commit
from strangler.sources.gitlog import LogEntry

_TICKET = re.compile(r"\b[A-Z][A-Z0-9]{1,9}-\d{1,7}\b|(?:^|(?<=[\s(\[:]))(?:#|gh-|GH-)\d{1,7}\b")


class Touched:
    """A commit with the modules that its files are today."""

    __slots__ = ("entry", "files", "modules", "weight")

    def __init__(self, entry: LogEntry, modules: tuple[str, ...], files: int, weight: float) -> None:
        self.entry = entry
        self.modules = modules
        self.files = files
        """Python files, also those that are gone."""
        self.weight = weight

    def value(self, author: int) -> Commit:
        """As a row of the model, its author by number."""
        subject = self.entry.subject.encode("utf-8", "replace").decode("utf-8")
        return Commit(
            sha=self.entry.sha, time=self.entry.time, subject=subject, modules=self.modules, author=author
        )


def grouped(commits: Sequence[Touched], by: GroupBy, max_files: int) -> tuple[list[Touched], int]:
    """Put one-file commits together; returns the commits and how many of them became part of another.

    A group stands at its newest commit and counts as one over all its files. A group of more than
    ``max_files`` files says no more than a bulk commit: its commits stay single.

    Args:
        commits: newest first.
        by: ``ticket``: the first ``ABC-123`` or ``#123`` of the subject; ``author-day``: the address and the
            day (UTC); ``commit``: nothing is put together.
        max_files: ``HistoryConfig.max_files``.
    """
    if by == "commit":
        return list(commits), 0
    groups: dict[tuple[str, str], list[Touched]] = {}
    for commit in commits:
        key = _key(commit, by)
        if key is not None:
            groups.setdefault(key, []).append(commit)
    parts: dict[str, Touched | None] = {}
    for group in groups.values():
        modules = sorted({module for commit in group for module in commit.modules})
        if 1 < len(modules) <= max_files:
            weight = 1 / max(1, len(modules) - 1)
            parts |= {commit.entry.sha: None for commit in group}
            parts[group[0].entry.sha] = Touched(group[0].entry, tuple(modules), len(modules), weight)
    found = [parts.get(commit.entry.sha, commit) for commit in commits]
    kept = [commit for commit in found if commit is not None]
    return kept, len(commits) - len(kept)


def _key(commit: Touched, by: GroupBy) -> tuple[str, str] | None:
    if commit.files != 1:
        return None
    if by == "author-day":
        day = datetime.fromtimestamp(commit.entry.time, UTC).date().isoformat()
        return commit.entry.email.lower(), day
    ticket = _TICKET.search(commit.entry.subject)
    return None if ticket is None else ("", ticket[0].removeprefix("gh-").removeprefix("GH-").lstrip("#"))
