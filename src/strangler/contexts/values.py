"""What goes into a proposal and what comes out of it."""

from __future__ import annotations

from strangler.contexts.accepted import Accepted
from strangler.model import Activity, BoundedContext, Continuity, Crossing, Diagnostic, ModuleSplit
from strangler.model.base import Value
from strangler.model.document import Level


class Traffic(Value, frozen=True, kw_only=True):
    """Calls seen at run time between two modules."""

    source: str
    target: str
    count: int


class ContextSettings(Value, frozen=True, kw_only=True):
    """What the team has already decided, and how much work to spend.

    A *selector* is a module (``shop.billing.tax``), a package with all in it (``shop.billing``) or a table
    (``table:orders_order``, which stands for the module that declares its model).
    """

    pin: dict[str, tuple[str, ...]] = {}
    """Context name -> selectors that belong to it."""
    apart: tuple[tuple[str, str], ...] = ()
    """Pairs of selectors that must not share a context."""
    join: tuple[tuple[str, str], ...] = ()
    """Pairs of selectors that must share a context."""
    shared: tuple[str, ...] = ()
    """Selectors that belong to the shared kernel."""
    count: int | None = None
    """Number of contexts wanted; None: chosen by the evidence."""
    size: int | None = None
    """Modules wanted in a typical context; ignored where ``count`` is given."""
    samples: int | None = None
    """Bootstrap samples behind the confidence; None: 12, fewer on large systems."""
    seed: int = 0
    views: tuple[str, ...] = ("calls", "data", "history", "names", "words", "traces")
    """Kinds of evidence to use; for experiments and ablation."""
    traffic: tuple[Traffic, ...] = ()
    """Run-time calls, from ``contexts.traces``."""
    accepted: Accepted = Accepted()
    """Boundaries that hold whatever the evidence says."""
    previous: tuple[BoundedContext, ...] = ()
    """Contexts of an earlier run: they keep their names, and their modules if these ``stay``."""
    stay: bool = True
    """Whether the modules of ``previous`` stay where they were unless much is gained by a move; without it
    names alone are kept, where the members mostly agree."""
    guidance: str = ""
    """Digest of the settings that shape the cut, kept with it: where they change, modules do not stay."""

    def wanted(self, modules: int) -> int | None:
        """Contexts wanted of so many modules; None where the evidence chooses."""
        if self.count is None and self.size and modules:
            return max(1, round(modules / self.size))
        return self.count if modules else None


class Proposal(Value, frozen=True, kw_only=True):
    """Bounded contexts with everything needed to judge them."""

    contexts: tuple[BoundedContext, ...]
    """The recommended cut: every production module in exactly one of them."""
    crossings: tuple[Crossing, ...] = ()
    hierarchy: tuple[Level, ...] = ()
    """Nested cuts from coarse to fine; the one labelled *recommended* equals ``contexts``."""
    metrics: dict[str, float | None] = {}
    diagnostics: tuple[Diagnostic, ...] = ()
    splits: tuple[ModuleSplit, ...] = ()
    owners: dict[str, str] = {}
    """table -> context that owns it."""
    continuity: Continuity = Continuity()
    """What became of the accepted boundaries, or of the earlier run."""
    activity: Activity = Activity()
