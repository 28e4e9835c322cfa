"""The values of a recording."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from strangler.limits import DEFAULT, Limits

if TYPE_CHECKING:
    from strangler.contracts.http.suite.contract import Bounds


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
    form: dict[str, Any] | None = None
    content: str | None = None
    """A body as it stands, said to be JSON."""
    csrf: str = ""
    """Path of the page whose form token is sent along."""
    follows: str = ""
    """The case before it in the same conversation: state, cookies and all."""
    again: bool = False
    """Asked a second time with the validators of the first answer."""


Plain = str | int | float | bool


class Given(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request of the team."""

    path: str
    method: str = "GET"
    query: dict[str, Plain] | tuple[tuple[str, Plain], ...] = {}
    """Names and values, or pairs of them where a name stands twice."""
    json: Any = None
    form: dict[str, Any] | None = None
    content: str | None = None
    """A body as it stands, said to be JSON."""
    csrf: str = ""
    """Path of the page whose form token is sent along."""
    identity: str | None = None
    """Who sends it; default: the first."""


class Cases(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the team adds to a recording (``cases.json``)."""

    parameters: dict[str, tuple[Plain, ...]] = {}
    """Name of a path parameter or field -> values to try first."""
    requests: tuple[Given, ...] = ()
    skip: tuple[str, ...] = ()
    """Paths (of endpoints) that are not asked."""


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
    requests: tuple[Given, ...] = ()
    """Further requests of the team."""
    logins: dict[str, tuple[str, dict[str, str]]] = {}
    """Name -> path of a sign-in form and its fields."""
    unsafe: bool = False
    """Also send writes that should be refused: without identity, to unknown ids, with an empty body."""
    writes: bool = False
    """Also send writes that should succeed, and each way of being wrong; needs ``reset``."""
    reset: Callable[[], None] | None = None
    """Puts the data back."""
    restart: Callable[[], None] | None = None
    """Starts the monolith anew from the same data, between the two recordings."""
    skip: tuple[str, ...] = ()
    """Paths (of endpoints) that are not asked."""
    examples: int = 2
    """Paths recorded for one endpoint."""
    limits: Limits = DEFAULT
    """Of answers."""


def bounds_of(limits: Limits) -> Bounds:
    """What one answer may cost."""
    from strangler.contracts.http.suite.contract import Bounds  # needs httpx

    return Bounds(
        bytes=limits.answer_bytes,
        seconds=limits.answer_seconds,
        levels=limits.answer_levels,
        values=limits.answer_values,
    )


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """All cases with their answers, and what differed between two answers of the same case."""

    target: str
    cases: tuple[Case, ...]
    answers: dict[str, dict[str, Any]]
    matchers: dict[str, dict[str, dict[str, Any]]]
    missing: tuple[Missing, ...]
    endpoints: int
    """Pairs of method and path that move."""
    schemes: dict[str, tuple[str, dict[str, Any]]] = {}
    """Identity -> name and security scheme (as in OpenAPI) of how it proves itself; no value is kept."""
    unsteady: tuple[str, ...] = ()
    """Cases that were left out: no whole answer, or two answers with different statuses."""
    limits: Limits = DEFAULT
    """Of answers: those that the suite keeps to, too."""
    masked: dict[str, int] = {}
    """What kind of secret it was -> places where it was masked."""

    @property
    def covered(self) -> int:
        """Pairs of method and path with a case that shows them at work."""
        return self.endpoints - len(self.missing)
