"""The values of consumer contracts."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Struct(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the values of consumer contracts."""


class State(Struct, frozen=True, kw_only=True):
    """What must hold at the provider before a request: a named state with parameters."""

    name: str
    params: dict[str, Any] = {}
    kind: Literal["row", "no_row", "success", "failure"]
    subject: str
    """The table or the operation."""
    tables: tuple[str, ...] = ()
    """What an operation reads or writes itself."""


class Interaction(Struct, frozen=True, kw_only=True):
    """A request of one context to another and the answer that it counts on."""

    description: str
    """Unique between two contexts."""
    states: tuple[State, ...]
    method: Literal["GET", "POST"]
    path: str
    request: dict[str, Any] | None
    """JSON Schema of the body; None without one."""
    status: int
    response: dict[str, Any] | None
    """JSON Schema of the body; None where nothing is said of it."""
    pending: bool
    """A proposal: the code cannot answer it as it stands, so that a failure breaks no build."""
    comments: tuple[str, ...] = ()


class Pact(Struct, frozen=True, kw_only=True):
    """What one context expects of another."""

    consumer: str
    provider: str
    interactions: tuple[Interaction, ...]


class Left(Struct, frozen=True, kw_only=True):
    """Something that becomes remote and has no interaction, and why."""

    provider: str
    what: str
    file: str
    line: int
    reason: str


class Pacts(Struct, frozen=True, kw_only=True):
    """All contracts over the boundary of one context, sorted by consumer and provider."""

    context: str
    monolith: str
    pacts: tuple[Pact, ...]
    left: tuple[Left, ...]
