"""The monolith's route table in the order in which its framework decides, one regular language a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from strangler.model import BoundedContext, Diagnostic, Endpoint, OpaqueRoute, System
from strangler.model.coverage import weakens
from strangler.model.lookup import home
from strangler.model.routes import SlashRedirect
from strangler.routing.automaton import Product
from strangler.routing.canonical import canonical_paths
from strangler.routing.dialect import PYTHON, to_plain, write
from strangler.routing.errors import RoutingError, TooComplexError
from strangler.routing.parse import parse
from strangler.routing.terms import EMPTY, Term, alt, both, no, seq, text, without_last
from strangler.routing.values import WEBSOCKET, Route, RoutingSettings, Target

MOST_STATES = 20_000
"""Automaton states of one route; asked only where all routes together take more than can be built."""
ANYTHING = frozenset({".*", "/.*"})
"""Expressions of opaque routes of which nothing is known but that they are there."""


@dataclass(frozen=True, slots=True)
class Line:
    """A route with its language (over decoded paths)."""

    route: Route
    term: Term


@dataclass(frozen=True, slots=True)
class RouteTable:
    """Lines in deciding order, and the endpoints that no automaton can follow."""

    lines: tuple[Line, ...]
    diagnostics: tuple[Diagnostic, ...]
    holes: tuple[Diagnostic, ...] = ()
    """What makes the table incomplete."""


def route_table(system: System, context: BoundedContext, settings: RoutingSettings) -> RouteTable:
    """Flatten the endpoints of a system; a context owns those whose handler lies in its modules."""
    rows: list[Endpoint | OpaqueRoute] = sorted(
        [*system.endpoints, *system.opaque_routes], key=lambda e: (e.order, e.file, e.line, e.regex)
    )
    known = {module.name for module in system.modules} | set(context.modules)
    lines: list[Line] = []
    redirects: list[SlashRedirect] = []
    slash: SlashRedirect
    diagnostics: list[Diagnostic] = []
    # What is not listed is redirected to as all else of its framework, except where the order decides.
    slashes = {e.framework: e.traits.slash_redirect for e in system.endpoints}
    slashes = {name: slash for name, slash in slashes.items() if slash != "append_in_order"}
    hosts: set[str] = set()
    holes = [d for d in system.diagnostics if "endpoints" in weakens(d)]
    for row in rows:
        if isinstance(row, OpaqueRoute):
            if row.regex in ANYTHING:
                holes.append(_anything(row))
                continue
            route, slash = _opaque(row), slashes.get(row.framework, "never")
        else:
            target: Target = "service" if home(row.handler, known) in context.modules else "monolith"
            upgrade = row.protocol == "websocket"
            route, slash = _route(row, target), "never" if upgrade else row.traits.slash_redirect
            if row.host and row.host not in hosts:
                hosts.add(row.host)
                holes.append(_by_host(row))
        try:
            lines.append(Line(route, to_plain(parse(row.regex))))
        except RoutingError as error:
            diagnostics.append(_unsupported(row, route.target, str(error)))
            holes.append(diagnostics[-1])
            continue
        redirects.append(slash)
    if settings.append_slash:
        lines = _with_slash_redirects(lines, redirects)
    return RouteTable(tuple(lines), tuple(diagnostics), tuple(holes))


def without_intricate(table: RouteTable) -> RouteTable:
    """The table without the routes that alone take more states than `MOST_STATES`: each is a hole."""
    kept: list[Line] = []
    left_out: dict[str, Diagnostic] = {}
    for line in table.lines:
        try:
            Product([line.term], canonical_paths(), MOST_STATES)
        except TooComplexError as error:
            route = line.route
            left_out.setdefault(route.place, _unsupported(route, route.target, str(error)))
        else:
            kept.append(line)
    found = tuple(left_out.values())
    return RouteTable(tuple(kept), table.diagnostics + found, table.holes + found)


def _by_host(endpoint: Endpoint) -> Diagnostic:
    message = (
        f"{endpoint.pattern} and what stands beside it are served for the host {endpoint.host} alone: "
        "rules over paths hold for this host or for the others, not for both"
    )
    return Diagnostic(
        file=endpoint.file, line=endpoint.line, code="host-routes", severity="warning", message=message
    )


def _route(endpoint: Endpoint, target: Target) -> Route:
    methods = endpoint.methods if endpoint.traits.by_method else None
    return Route(
        order=endpoint.order,
        kind="route",
        framework=endpoint.framework,
        pattern=endpoint.pattern,
        regex=endpoint.regex,
        methods=(WEBSOCKET,) if endpoint.protocol == "websocket" else methods,
        handler=endpoint.handler,
        target=target,
        place=f"{endpoint.file}:{endpoint.line}",
        exact=endpoint.exact,
    )


def _opaque(opaque: OpaqueRoute) -> Route:
    return Route(
        order=opaque.order,
        kind="opaque",
        framework=opaque.framework,
        pattern=opaque.pattern,
        regex=opaque.regex,
        methods=None,
        handler=opaque.what,
        target="monolith",
        place=f"{opaque.file}:{opaque.line}",
        exact=False,
        rest=opaque.rest,
    )


def _anything(opaque: OpaqueRoute) -> Diagnostic:
    return Diagnostic(
        file=opaque.file,
        line=opaque.line,
        code="hole",
        severity="warning",
        message=f"{opaque.what} may answer any URL before the routes that follow it",
    )


def _unsupported(row: Endpoint | OpaqueRoute | Route, target: Target, reason: str) -> Diagnostic:
    where = "stays with the monolith" if target == "service" else "cannot be told from the routes after it"
    if isinstance(row, Route):
        file, _, line = row.place.rpartition(":")
    else:
        file, line = row.file, str(row.line)
    return Diagnostic(
        file=file,
        line=int(line),
        code="route-not-regular",
        severity="error",
        message=f"route {row.pattern!r} {where}: {reason}",
    )


def _completed_by_slash(term: Term) -> Term:
    """The paths that only a slash separates from the route, without those that it takes itself."""
    shorter = without_last(term, "/")
    if shorter is EMPTY or seq(shorter, text("/")) is term:
        return shorter
    try:
        return to_plain(both(shorter, no(term)))
    except RoutingError:
        return shorter


def _redirect(line: Line, term: Term, *, in_order: bool = False) -> Line:
    route = line.route
    methods = route.methods if in_order else None
    values = {name: getattr(route, name) for name in route.__struct_fields__}
    values |= {
        "kind": "slash_redirect",
        "methods": methods,
        "regex": write(term, PYTHON),
        "in_order": in_order,
    }
    return Line(Route(**values), term)


def _with_slash_redirects(lines: list[Line], redirects: Sequence[SlashRedirect]) -> list[Line]:
    """Add the paths that the framework answers with a redirect to a route with or without a last slash.

    Werkzeug decides at the route's own place in its order, but after a route of the same form without the
    slash; the others only when no route takes the path. The redirect belongs to the owner of the route that
    it leads to.
    """
    first: list[Line] = []
    later: list[Line] = []
    patterns = {line.route.pattern for line in lines}
    for line, when in zip(lines, redirects, strict=True):
        first.append(line)
        if when == "never":
            continue
        bare = EMPTY if when == "remove" else _completed_by_slash(line.term)
        if when == "append_in_order":
            if line.route.pattern.endswith("/") and bare is not EMPTY:
                unslashed = line.route.pattern[:-1] in patterns
                (later if unslashed else first).append(_redirect(line, bare, in_order=True))
            continue
        slashed = seq(line.term, text("/")) if when in ("remove", "either") else EMPTY
        found = alt(bare, slashed)
        if found is not EMPTY:
            later.append(_redirect(line, found))
    return first + later
