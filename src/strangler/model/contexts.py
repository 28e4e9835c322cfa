"""Bounded contexts and what ties them together."""

from __future__ import annotations

from typing import Literal

import msgspec

from strangler.model.base import Evidence as Evidence
from strangler.model.base import How as How
from strangler.model.base import Value

ContextKind = Literal[
    "context", "shared_kernel", "unassigned", "composition_root", "platform", "operations", "library", "layer"
]
"""*context* is business. The others are no service: common code (``shared_kernel``, ``library``: hardly uses
others), what all stand on and has data (``platform``), where all is put together (``composition_root``),
commands for those who run it (``operations``), a face of many domains or what helps them (``layer``), a few
modules with a table at most that no context claims, and parts that hardly use each other (``unassigned``)."""
LIBRARIES: frozenset[ContextKind] = frozenset({"shared_kernel", "library"})
"""Code that an extracted service installs as a package."""
CrossingKind = Literal[
    "import",
    "call",
    "read",
    "write",
    "foreign_key",
    "transaction",
    "signal",
    "task",
    "template",
    "inheritance",
]


class Member(Value, frozen=True, kw_only=True):
    """A module of a context: how sure it belongs there and why."""

    module: str
    confidence: float
    """0 to 1: how often modules of such evidence were in the right context, measured on real splits."""
    alternative: str | None = None
    """The context that it would go to otherwise."""
    reasons: tuple[str, ...] = ()


class Domain(Value, frozen=True, kw_only=True):
    """One of several domains that lie together in a context."""

    name: str
    modules: tuple[str, ...] = ()
    """Those about it alone; modules of layers (``api``, ``views``) among them."""
    tables: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    """Why its tables belong together."""


class ModulePart(Value, frozen=True, kw_only=True):
    """A share of a god module: the definitions that belong to one context, or to one domain in it."""

    context: str
    definitions: tuple[str, ...]
    reasons: tuple[str, ...] = ()


class ModuleSplit(Value, frozen=True, kw_only=True):
    """A module that serves several contexts, or several domains in one, and the parts to split it into."""

    module: str
    parts: tuple[ModulePart, ...]


class BoundedContext(Value, frozen=True, kw_only=True):
    """A proposed boundary."""

    name: str
    kind: ContextKind
    modules: tuple[str, ...]
    tables: tuple[str, ...]
    confidence: float
    """Mean over its modules."""
    members: tuple[Member, ...] = ()
    metrics: dict[str, float | None] = {}
    parent: str | None = None
    """Name of the coarser domain (level below in ``Model.hierarchy``) that holds it."""
    id: str = ""
    """Stays the same from run to run and when the context is renamed; empty on the other levels."""
    accepted: bool = False
    """Whether ``strangler-boundaries.toml`` holds it."""
    rest: bool = False
    """Whether it is what stays: most of the code or of the tables, or a third of the code that most others
    need. No service comes of it as it is."""
    domains: tuple[Domain, ...] = ()
    """Domains that lie together in it, where more than one does and nothing carries a cut between them: to
    decide before it is taken out."""
    in_none: Domain | None = None
    """What of it is in none of its ``domains``, without a name: the rest of its tables, and of its modules
    those that are not ``to_split``; None where it has no domains, or where nothing is left."""
    to_split: tuple[str, ...] = ()
    """Modules that serve several of its ``domains``, those of most first: no cut between these without
    splitting them."""
    splits: tuple[ModuleSplit, ...] = ()
    """The parts to split them into, of those with many definitions, by the names of its ``domains``; what
    serves all or none of these stays (an empty name)."""

    @property
    def proper(self) -> bool:
        """Whether it is a bounded context, not what the contexts share or what puts them together."""
        return self.kind == "context"

    @property
    def standing(self) -> str:
        """What it is called where it is listed: ``rest`` for what stays, else its kind."""
        return "rest" if self.rest else self.kind


class Crossing(Value, frozen=True, kw_only=True):
    """What one context uses of another: one subject, with every place that uses it.

    ``from`` is where the use begins: who calls, imports, reads, writes, refers, opens the transaction, sends
    the signal, queues the task. ``to`` has what is used.
    """

    source: str = msgspec.field(name="from")
    target: str = msgspec.field(name="to")
    kind: CrossingKind
    subject: str = ""
    """What is used: the definition called or inherited from, the module imported, the table, signal or task;
    for a transaction the function that it stands in."""
    evidence: tuple[Evidence, ...] = ()
    count: int = 0
    """Places, the implied ones aside."""
    id: str = ""
    """Names the crossing: the same as long as both contexts, the kind and the subject are."""
    reaches: tuple[str, ...] = ()
    """What lies at the other end, as dotted names: the definition, the module, the class that maps the table,
    the receivers or the handler; for a transaction the tables that it writes there."""

    @property
    def places(self) -> tuple[Evidence, ...]:
        """The places that make it: the evidence without what is implied by another crossing or a key."""
        return tuple(place for place in self.evidence if place.how != "implied")
