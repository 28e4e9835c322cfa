"""From a System and a context to a certified routing plan."""

from __future__ import annotations

import re

from strangler.model import BoundedContext, System
from strangler.routing.automaton import Product
from strangler.routing.canonical import canonical_paths
from strangler.routing.errors import RoutingError, TooComplexError
from strangler.routing.overlaps import find_overlaps, noncanonical
from strangler.routing.removal import removal
from strangler.routing.routes import Line, route_table, without_intricate
from strangler.routing.rules import certify, decisions, minimise, tidy, to_rules, with_prefixes
from strangler.routing.values import RoutingPlan, RoutingSettings


def plan_routes(
    system: System, context: BoundedContext, settings: RoutingSettings | None = None
) -> RoutingPlan:
    """The URLs that move with a context, as the fewest rules that send exactly them to the service.

    Raises:
        RoutingError: the context has no route that can move, or the proof failed (never seen: a defect).
    """
    settings = settings or RoutingSettings()
    table = route_table(system, context, settings)
    try:
        product = Product([line.term for line in table.lines], canonical_paths())
    except TooComplexError:
        table = without_intricate(table)
        product = Product([line.term for line in table.lines], canonical_paths())
    lines = table.lines
    if not any(line.route.target == "service" for line in lines):
        raise RoutingError(
            f"no HTTP route of the monolith is served by context {context.name!r}; "
            "nothing to route (check the handlers with `strangler explain`)"
        )
    entries = decisions(lines)
    unclaimed = settings.unclaimed == "service"
    signatures = product.signatures()
    few = tidy(minimise(entries, signatures), lines, signatures)
    rules = with_prefixes(to_rules(few, lines), product, entries, unclaimed=unclaimed)
    certificate = certify(lines, rules, unclaimed=unclaimed, complete=not table.holes)
    return RoutingPlan(
        context=context.name,
        service=slug(context.name),
        settings=settings,
        routes=tuple(line.route for line in lines),
        rules=tuple(rules),
        certificate=certificate,
        overlaps=find_overlaps(lines, product, entries),
        noncanonical=noncanonical(lines),
        diagnostics=table.diagnostics,
        holes=table.holes,
        removal=removal(system, context, lines, entries, product),
    )


def recertify(plan: RoutingPlan) -> None:
    """Prove the rules of a plan again, as read from a file that somebody may have edited.

    Raises:
        MismatchError: with a shortest path that the rules send to the wrong side.
    """
    from strangler.routing.dialect import to_plain
    from strangler.routing.parse import OWN_PATTERN, parse

    lines = [Line(route, to_plain(parse(route.regex, OWN_PATTERN))) for route in plan.routes]
    unclaimed = plan.settings.unclaimed == "service"
    certify(lines, plan.rules, unclaimed=unclaimed, complete=plan.certificate.complete)


def slug(name: str) -> str:
    """A name that every gateway takes as it is: lower-case ASCII letters, digits and ``-``."""
    found = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-")
    return found if found and found not in ("monolith", "service") else f"{found or 'context'}-context"
