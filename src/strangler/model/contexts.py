"""Bounded contexts and what ties them together."""

from __future__ import annotations

from typing import Literal

import msgspec

from strangler.model.system import Value

ContextKind = Literal["context", "shared_kernel", "unassigned"]
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


class Evidence(Value, frozen=True, kw_only=True):
    """The place that proves a statement."""

    file: str
    line: int
    symbol: str = ""


class Member(Value, frozen=True, kw_only=True):
    """A module of a context: how sure it belongs there and why."""

    module: str
    confidence: float
    """0 to 1: ranks how firmly it stays under resampled evidence; it is not a probability."""
    alternative: str | None = None
    """The context that it would go to otherwise."""
    reasons: tuple[str, ...] = ()


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


class Crossing(Value, frozen=True, kw_only=True):
    """One kind of tie between two contexts, with every place that makes it."""

    source: str = msgspec.field(name="from")
    target: str = msgspec.field(name="to")
    kind: CrossingKind
    subject: str = ""
    """The table, signal or task that crosses; empty for imports and calls."""
    evidence: tuple[Evidence, ...] = ()
    count: int = 0
    """All occurrences, where ``evidence`` lists only the first ones."""


class ModulePart(Value, frozen=True, kw_only=True):
    """A share of a god module: the definitions that belong to one context."""

    context: str
    definitions: tuple[str, ...]
    reasons: tuple[str, ...] = ()


class ModuleSplit(Value, frozen=True, kw_only=True):
    """A module that serves several contexts, and the parts it should be split into."""

    module: str
    parts: tuple[ModulePart, ...]
