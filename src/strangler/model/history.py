"""Change history: what changed together."""

from __future__ import annotations

from strangler.model.system import Value


class Commit(Value, frozen=True, kw_only=True):
    """One commit that counts for change coupling."""

    sha: str
    time: int
    """Committer time, seconds since the epoch."""
    subject: str
    modules: tuple[str, ...]
    """Names (as of today, renames followed) of the first-party modules that it touched, sorted."""


class ChangePair(Value, frozen=True, kw_only=True):
    """Two modules that change together; see ``analyzers.history`` for the formulas."""

    a: str
    b: str
    support: float
    """Commits that touch both, each weighted."""
    confidence: float
    """max(P(a|b), P(b|a)), 0 to 1."""
    lift: float = 1.0
    """How much more often than chance: P(a, b) / (P(a) P(b))."""


class Changes(Value, frozen=True, kw_only=True):
    """The history that was read, and what was left out of it."""

    commits: int = 0
    """Commits counted after filtering."""
    since: str | None = None
    until: str | None = None
    skipped: dict[str, int] = {}
    """Reason -> number of commits left out (merge, bulk, bot, ...)."""
    group_by: str = "commit"
    """Which one-file commits were read as one change: ``commit`` (none), ``ticket`` or ``author-day``."""
    grouped: int = 0
    """Commits that became part of another by that."""
    pairs: tuple[ChangePair, ...] = ()
    log: tuple[Commit, ...] = ()
    """The commits counted, oldest first."""
    renamed: dict[str, str] = {}
    """Former name of a module -> its name today, as git follows files; chains are followed to their end."""
