"""Who owns the code: what CODEOWNERS says of modules, and what follows for the contexts."""

from __future__ import annotations

from strangler.model.base import Value


class ModuleOwners(Value, frozen=True, kw_only=True):
    """The owners of a module's file."""

    module: str
    owners: tuple[str, ...]
    """As CODEOWNERS names them (``@org/team``, ``@user``, an address); each of them owns it."""
    line: int
    """Of CODEOWNERS."""


class Ownership(Value, frozen=True, kw_only=True):
    """What a CODEOWNERS file says."""

    file: str = ""
    """Its path; empty: there is none."""
    modules: tuple[ModuleOwners, ...] = ()
    """The modules that have an owner."""


class TeamShare(Value, frozen=True, kw_only=True):
    """A team's part of a context."""

    team: str
    modules: int
    """Modules of the context that it owns."""
    commits: int
    """Commits that touch one of these."""


class ContextTeams(Value, frozen=True, kw_only=True):
    """Who owns and who changes a context."""

    context: str
    teams: tuple[TeamShare, ...] = ()
    """Owners by CODEOWNERS, the one with most modules first."""
    unowned: int = 0
    """Modules without an owner."""
    authors: int = 0
    """People who have changed it, in the history that was read."""
    main_share: float | None = None
    """Share of its commits by the one with most of them; None without history."""


class TeamCoupling(Value, frozen=True, kw_only=True):
    """Two teams whose code changes in the same commits."""

    a: str
    b: str
    commits: int
    """Commits that touch a module of one and not the other, and the other way round."""
