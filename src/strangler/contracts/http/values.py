"""The values of a recording."""

from __future__ import annotations

from typing import Any

import msgspec


class TargetError(ValueError):
    """The monolith cannot be asked; the message is for people."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One request, who sends it, and why it is worth a test."""

    id: str
    endpoint: str
    """``METHOD path`` of the endpoint that it is for."""
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    identity: str = "anonymous"
    why: str = ""
    place: str = ""
    json: Any = None


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint without a case that shows it at work."""

    endpoint: str
    reason: str


class RecordSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How to drive a monolith."""

    identities: dict[str, dict[str, str]] = {}
    """Name -> headers; only the names are ever written."""
    parameters: dict[str, list[str]] = {}
    """Name of a path parameter -> values to try first."""
    requests: tuple[dict[str, Any], ...] = ()
    """Further requests of the team: method, path, query, json, identity."""
    unsafe: bool = False
    """Also send writes that should be refused: without identity, to unknown ids, with an empty body."""
    examples: int = 2
    """Paths recorded for one endpoint."""
    timeout: float = 30.0
    """Seconds."""


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """All cases with their answers, and what differed between two answers of the same case."""

    target: str
    cases: tuple[Case, ...]
    answers: dict[str, dict[str, Any]]
    matchers: dict[str, dict[str, dict[str, Any]]]
    missing: tuple[Missing, ...]
    endpoints: int
    """Pairs of method and path that move."""

    @property
    def covered(self) -> int:
        """Pairs of method and path with a case that shows them at work."""
        return self.endpoints - len(self.missing)
