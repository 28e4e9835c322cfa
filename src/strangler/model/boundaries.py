"""What a team has accepted, and what became of an earlier cut in this one."""

from __future__ import annotations

from strangler.model.base import Value
from strangler.model.contexts import ContextKind


class Boundary(Value, frozen=True, kw_only=True):
    """An accepted context: what ``strangler-boundaries.toml`` says of it.

    A module belongs to the boundary that names it, else to the one with the longest package that holds it.
    """

    id: str
    """Never changes, whatever the context is called."""
    name: str
    kind: ContextKind = "context"
    packages: tuple[str, ...] = ()
    """Packages with all in them."""
    modules: tuple[str, ...] = ()
    """Single modules; of a package its ``__init__`` alone."""
    tables: tuple[str, ...] = ()
    """Tables that it owns."""
    notes: str = ""
    decided_by: str = ""
    decided: str = ""
    """Day of the decision, as the user wrote it."""


class Placement(Value, frozen=True, kw_only=True):
    """A module that the earlier cut does not know, and where it was put."""

    module: str
    context: str
    reason: str


class Relocation(Value, frozen=True, kw_only=True):
    """A module that is in another context than before, or would be."""

    module: str
    before: str
    after: str
    gain: float = 0.0
    """Share of its tie weight, above chance, that it gains; of modules that go together, of them all."""


class Offer(Value, frozen=True, kw_only=True):
    """Another cut, better by the evidence of today, that nobody has taken."""

    contexts: int
    """How many it has."""
    moves: tuple[Relocation, ...]
    gain: float
    """How much more of the latest co-change stays inside, less what chance would give
    (``contexts.consensus.foresight``), by the worse of the two; of today's ties where the history is too
    short."""
    held_out: tuple[float, float] | None = None
    """Share of the co-change in the last fifth of the history that stays within one context, by this cut and
    by the offered one, the worse of as it is and as made without that fifth; None where the history is too
    short."""
    places: tuple[int, ...] = ()
    """Places that cross, by this cut and by the offered one."""


class Continuity(Value, frozen=True, kw_only=True):
    """What became of the accepted boundaries, or else of an earlier run's cut; empty where nothing did."""

    guidance: str = ""
    """Digest of the settings that shape a cut (``[tool.strangler.contexts]``); empty for none."""
    placed: tuple[Placement, ...] = ()
    removed: tuple[str, ...] = ()
    """Modules of the earlier cut that are no more."""
    renamed: tuple[tuple[str, str], ...] = ()
    """(name in the earlier cut, name today)."""
    moved: tuple[Relocation, ...] = ()
    offer: Offer | None = None
