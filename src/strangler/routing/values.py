"""The values of routing: settings in, a certified plan out. ``routes.json`` is the plan as JSON."""

from __future__ import annotations

from typing import Literal

import msgspec

from strangler.model import Diagnostic
from strangler.routing.canonical import Policy

Target = Literal["service", "monolith"]
RuleKind = Literal["exact", "prefix", "regex"]
RouteKind = Literal["route", "slash_redirect", "opaque"]
"""``opaque``: what the monolith answers there is not listed (``OpaqueRoute``)."""
OverlapKind = Literal["carved_out", "shadowed", "unanchored", "catch_all", "approximate", "split_by_method"]
Stage = Literal["rollback", "shadow", "canary", "full"]

STAGES: tuple[Stage, ...] = ("rollback", "shadow", "canary", "full")
WEBSOCKET = "WEBSOCKET"
"""Stands for a method: a GET with ``Upgrade: websocket`` and ``Connection: upgrade``."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", WEBSOCKET)
BACKEND_HEADER = "X-Strangler-Backend"
"""Of each response: ``service``, ``monolith`` or ``rejected``, which has answered."""


class Struct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the routing values."""


class RoutingSettings(Struct, frozen=True, kw_only=True):
    """What the owner of the monolith decides; the defaults suit a first extraction on one machine."""

    service_url: str = "http://127.0.0.1:8001"
    monolith_url: str = "http://127.0.0.1:8000"
    listen: int = 8080
    """Port of the façade."""
    policy: Policy = "reject"
    """What becomes of ambiguous spellings of a path; see ``routing.canonical``."""
    unclaimed: Target = "monolith"
    """Who answers (404) for URLs that no route takes, below a prefix whose routes all move."""
    append_slash: bool = True
    """Whether the redirects to paths with or without a last slash count that ``Endpoint.traits`` tells of."""
    canary_percent: int = 10
    canary_writes: bool = False
    """Whether unsafe methods take part in a canary: only when both sides write the same data."""
    cookie: str = "strangler_user"
    """Cookie by which the façade keeps a user on one side during a canary."""
    override_token: str | None = None
    """Secret that lets testers choose a side, by ``X-Strangler-Override: service-TOKEN`` (or monolith-)."""
    identity_headers: tuple[str, ...] = (
        "Remote-User",
        "X-Auth-Request-Email",
        "X-Auth-Request-User",
        "X-Authenticated-User",
        "X-Forwarded-User",
        "X-Remote-User",
        "X-User",
        "X-User-Id",
    )
    """Headers that only an authenticating proxy may set: dropped when a client sends them."""
    connect_timeout: int = 2
    """Seconds."""
    read_timeout: int = 30
    """Seconds."""


class Route(Struct, frozen=True, kw_only=True):
    """A line of the monolith's ordered route table."""

    order: int
    kind: RouteKind
    framework: str
    pattern: str
    regex: str
    methods: tuple[str, ...] | None
    """None: all; ``WEBSOCKET`` alone: the handshakes of a WebSocket."""
    handler: str
    target: Target
    place: str
    """``file:line``."""
    exact: bool = True
    in_order: bool = True
    """False where the framework comes to it only when no route that is in order takes the path."""
    rest: bool = False
    """What a mounted application answers besides the routes whose patterns lie below its own."""


class Rule(Struct, frozen=True, kw_only=True):
    """A line of the façade: the first that matches the decoded path and the method decides.

    ``value`` is the decoded path, its prefix, or a Python regular expression for ``re.fullmatch`` without
    look-around. What no rule takes goes to the monolith.
    """

    kind: RuleKind
    value: str
    target: Target
    methods: tuple[str, ...] | None = None
    """None: all. In a plan with WebSockets a GET is none that asks for an upgrade: that is ``WEBSOCKET``."""
    routes: tuple[int, ...] = ()
    """Positions in ``RoutingPlan.routes``."""


class Overlap(Struct, frozen=True, kw_only=True):
    """Something in the route table that a prefix rule would get wrong, or that wants to be known."""

    kind: OverlapKind
    routes: tuple[int, ...]
    example: str
    """A shortest path (decoded) that shows it."""
    message: str


class Certificate(Struct, frozen=True, kw_only=True):
    """Rules and routes were compared on every canonical path and every method, and agree."""

    states: int
    """States of the product automaton."""
    classes: int
    """Kinds of path told apart: sets of routes and rules that match together."""
    exact: bool
    """False where some routes are only approximated; ``RoutingPlan.overlaps`` lists them."""
    complete: bool = True
    """False where the monolith has routes that the table does not hold; ``RoutingPlan.holes`` lists them."""


class Noncanonical(Struct, frozen=True, kw_only=True):
    """Non-canonical paths that a route answers today and the policy changes."""

    routes: int
    """Number of routes that take some non-canonical path."""
    examples: tuple[str, ...]
    """Shortest decoded paths, at most ten."""


class LostRoute(Struct, frozen=True, kw_only=True):
    """A route of what stays that is registered in what is deleted."""

    route: int
    """Position in ``RoutingPlan.routes``."""
    example: str
    """A shortest path (decoded) that it answers today."""
    method: str
    answered_by: int | None = None
    """The route that answers the example then; None: nobody (404)."""


class Uncovered(Struct, frozen=True, kw_only=True):
    """A route that would answer paths of routes that are gone, should they reach the monolith after all."""

    by: int
    """Position in ``RoutingPlan.routes``."""
    routes: tuple[int, ...]
    """The routes that are gone; of all others nothing is left: the monolith answers 404."""
    example: str


class BrokenName(Struct, frozen=True, kw_only=True):
    """A place of what stays that asks for the URL of a route that is gone: an exception."""

    name: str
    place: str
    """``file:line``."""


class Removal(Struct, frozen=True, kw_only=True):
    """The monolith's table after the deletion of the context's modules, against the same rules."""

    removed: int = 0
    """Routes that are gone."""
    lost: tuple[LostRoute, ...] = ()
    uncovered: tuple[Uncovered, ...] = ()
    names: tuple[BrokenName, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything that stays is answered, and every name that is asked for is there."""
        return not self.lost and not self.names


class RoutingPlan(Struct, frozen=True, kw_only=True):
    """Which URLs move with a context, as rules that were proved to do what the framework does."""

    context: str
    service: str
    """Name for files and upstreams: lower-case ASCII letters, digits and ``-``."""
    settings: RoutingSettings
    routes: tuple[Route, ...]
    rules: tuple[Rule, ...]
    certificate: Certificate
    overlaps: tuple[Overlap, ...] = ()
    noncanonical: Noncanonical = Noncanonical(routes=0, examples=())
    diagnostics: tuple[Diagnostic, ...] = ()
    holes: tuple[Diagnostic, ...] = ()
    """What makes the monolith's route table incomplete: there, the rules rest on what is not known."""
    removal: Removal = Removal()
    """What the deletion of the context's code does to the table."""
    schema_version: int = 1

    def moved(self) -> tuple[int, int]:
        """Routes that move, and all; redirects and what was not followed are none."""
        routes = [route for route in self.routes if route.kind == "route"]
        return sum(route.target == "service" for route in routes), len(routes)
