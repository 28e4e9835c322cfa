"""Change history: what changed together."""

from __future__ import annotations

from typing import Literal

from strangler.model.base import Value
from strangler.model.owners import ContextTeams, TeamCoupling


class Commit(Value, frozen=True, kw_only=True):
    """One commit that counts for change coupling."""

    sha: str
    time: int
    """Committer time, seconds since the epoch."""
    subject: str
    modules: tuple[str, ...]
    """Names (as of today, renames followed) of the first-party modules that it touched, sorted."""
    author: int = 0
    """Its author's number, from 1 in the order of their first commits; 0: not known. Names are not kept."""


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


Trend = Literal["growing", "shrinking", "steady"]


class ContextCoupling(Value, frozen=True, kw_only=True):
    """Two contexts that change in the same commits."""

    a: str
    b: str
    commits: int
    """Commits over both."""
    share: float
    """Of the commits to the one with fewer of them, 0 to 1."""
    earlier: int
    """Commits over both in the first half of the log."""
    later: int
    trend: Trend
    """``steady`` where chance explains the difference of the halves."""


class Hotspot(Value, frozen=True, kw_only=True):
    """A module that is large and often changed."""

    module: str
    context: str
    commits: int
    later: int
    """Of these, in the second half of the log."""
    lines: int
    score: float
    """Commits times lines, over the largest such product: 0 to 1."""


class Activity(Value, frozen=True, kw_only=True):
    """What the history says of the contexts; see ``contexts.activity`` for the formulas."""

    couplings: tuple[ContextCoupling, ...] = ()
    """Strongest first."""
    hotspots: tuple[Hotspot, ...] = ()
    """Hottest first."""
    teams: tuple[ContextTeams, ...] = ()
    """Who owns and who changes each context; see ``contexts.teams``."""
    team_couplings: tuple[TeamCoupling, ...] = ()
    """Strongest first."""
