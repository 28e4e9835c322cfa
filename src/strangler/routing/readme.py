"""The README of a routing folder: apply, test, shift, roll back."""

# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Mapping, Sequence

from strangler.routing.canonical import POLICIES
from strangler.routing.gateways import Gateway
from strangler.routing.gateways._common import OVERRIDE
from strangler.routing.values import RoutingPlan
from strangler.text import code, plural

_SHOWN = 20


def readme(plan: RoutingPlan, gateways: Sequence[Gateway], refused: Mapping[str, str]) -> str:
    """The whole text, Markdown."""
    return "\n".join(
        [
            f"# Routing: {plan.service}",
            "",
            *_summary(plan),
            *_rules(plan),
            *_removal(plan),
            *_overlaps(plan),
            *_policy(plan),
            *_steps(plan),
            "## Gateways",
            "",
            *(line for gateway in gateways for line in gateway_section(plan, gateway)),
            *(f"### {name}: not written\n\n{code(reason)}\n" for name, reason in sorted(refused.items())),
        ]
    )


def _summary(plan: RoutingPlan) -> list[str]:
    moved, total = plan.moved()
    proof = plan.certificate
    move, do = "moves" if moved == 1 else "move", "does" if len(plan.rules) == 1 else "do"
    lines = [
        f"{moved:,} of the monolith's {plural(total, 'route')} {move} to {code(plan.settings.service_url)}; everything else "
        f"stays with {code(plan.settings.monolith_url)}. {plural(len(plan.rules), 'rule')} {do} it.",
        "",
        *_holes(plan),
        "**Certificate.** Routes and rules were compared on every canonical path and every method by a product "
        f"automaton ({proof.states:,} states, {proof.classes:,} kinds of path): they agree.",
        "",
    ]
    if not proof.exact or plan.diagnostics:
        lines += ["**Not exact:** some routes are approximated or could not be followed; see below.", ""]
    lines += [f"- {d.severity}: {code(f'{d.file}:{d.line}')} {code(d.message)}" for d in plan.diagnostics]
    return [*lines, ""] if plan.diagnostics else lines


def _holes(plan: RoutingPlan) -> list[str]:
    """What the certificate rests on and that is not known, before the certificate itself."""
    if plan.certificate.complete:
        return []
    shown = [f"- {code(f'{d.file}:{d.line}')} {code(d.message)}" for d in plan.holes[:_SHOWN]]
    more = len(plan.holes) - len(shown)
    tail = [f"- and {more} more in `routes.json`"] if more else []
    places = plural(len(plan.holes), "place")
    head = f"**The monolith's route table is not complete:** {places} may serve URLs that are not in it."
    return [head, "What is proved below holds for the routes that were found.", "", *shown, *tail, ""]


def _rules(plan: RoutingPlan) -> list[str]:
    rows = [
        f"| {n} | {rule.kind} | {code(rule.value)} | {', '.join(rule.methods or ('any',))} | {rule.target} |"
        for n, rule in enumerate(plan.rules, 1)
    ]
    head = ["## Rules", "", "The first that matches decides; what none takes goes to the monolith.", ""]
    return [*head, "| | kind | path | methods | to |", "|---|---|---|---|---|", *rows, ""]


def _overlaps(plan: RoutingPlan) -> list[str]:
    if not plan.overlaps:
        return []
    shown = [f"- {o.kind.replace('_', ' ')}: {code(o.message)}" for o in plan.overlaps[:_SHOWN]]
    more = len(plan.overlaps) - len(shown)
    tail = [f"- and {more} more in `routes.json`"] if more else []
    return ["## Overlaps: what prefixes or another order would get wrong", "", *shown, *tail, ""]


def _removal(plan: RoutingPlan) -> list[str]:
    """The monolith's table once the code is out."""
    found = plan.removal
    lines = ["## After the code is out", ""]
    if found.ok:
        lines.append(
            f"The deletion removes {plural(found.removed, 'route')}, and the rules send all of them to the service. "
            "Every path and method that stays is answered by the route that answers it today, and no name that "
            "is asked for is gone."
        )
    else:
        lines.append(
            f"The deletion removes {plural(found.removed, 'route')}. **What stays is not whole then:**"
        )
    lines.append("")
    for lost in found.lost[:_SHOWN]:
        then = "nobody (404)" if lost.answered_by is None else _place(plan, lost.answered_by)
        text = f"{_place(plan, lost.route)} is registered in what is deleted: {lost.method} {lost.example!r} then goes to {then}"
        lines.append(f"- register it elsewhere first: {code(text)}")
    lines += _more(found.lost)
    lines += [
        f"- the URL of {code(name.name)} is asked for at {code(name.place)}: write it out, or keep the name"
        for name in found.names[:_SHOWN]
    ]
    lines += _more(found.names)
    for caught in found.uncovered[:_SHOWN]:
        text = f"{caught.example!r} would be answered by {_place(plan, caught.by)}"
        lines.append(
            f"- no 404, should a request reach the monolith after all ({plural(len(caught.routes), 'route')}): {code(text)}"
        )
    return [*lines, *_more(found.uncovered), ""]


def _place(plan: RoutingPlan, number: int) -> str:
    route = plan.routes[number]
    return f"{route.pattern!r} ({route.place})"


def _more(rows: Sequence[object]) -> list[str]:
    return [f"- and {len(rows) - _SHOWN} more in `routes.json`"] if len(rows) > _SHOWN else []


def _policy(plan: RoutingPlan) -> list[str]:
    found = plan.noncanonical
    count = (
        "The number of routes that this changes could not be found within the automaton's limit."
        if found.routes < 0
        else f"{found.routes} of the monolith's routes take some such path today"
        + (", for example " + ", ".join(map(code, found.examples)) if found.examples else "")
        + " (decoded)."
    )
    return [
        "## Non-canonical paths",
        "",
        f"Policy `{plan.settings.policy}`: paths with an empty or `.` segment, `%2F`, a backslash, a control "
        f"character or bytes that are not UTF-8 are {POLICIES[plan.settings.policy]}, on every gateway. "
        "A `..` segment, a bad `%` and `%00` are answered with 400 always. `%6F` for `o` and the case of "
        "hexadecimal digits make no difference; the case of letters does.",
        "",
        count,
        "",
    ]


def _steps(plan: RoutingPlan) -> list[str]:
    writes = (
        "Unsafe methods take part, too."
        if plan.settings.canary_writes
        else "Unsafe methods stay with the monolith until the data has moved."
    )
    override = (
        f"Testers choose a side with the header `{OVERRIDE}: service-TOKEN` (or `monolith-TOKEN`), TOKEN being "
        "`override_token` of the settings; any other value is dropped, and no backend sees the header."
        if plan.settings.override_token
        else "Set `override_token` to let testers choose a side by header."
    )
    return [
        "## From rollback to full",
        "",
        "1. Start: everything goes to the monolith. Check with `strangler verify routes` after step 4.",
        "2. `shadow` (where the gateway can): GET and HEAD of the moving paths are copied to the service, whose "
        "answers are thrown away. Nothing else is ever copied.",
        f"3. `canary`: {plan.settings.canary_percent} % of users, each kept on one side by the cookie "
        f"{code(plan.settings.cookie)}. {writes}",
        "4. `full`: every request of the moving paths goes to the service. "
        "`strangler verify routes . --gateway-url URL` asks sampled URLs and says who answered.",
        "5. `rollback`: one command, below, at any time.",
        "",
        override,
        "",
        "Host, `X-Forwarded-*`, WebSocket upgrades, request IDs and trace context pass. These headers are dropped "
        f"when they come from outside: {', '.join(map(code, plan.settings.identity_headers))}. Both backends must "
        "trust `X-Forwarded-*` from the façade only.",
        "",
    ]


def gateway_section(plan: RoutingPlan, gateway: Gateway) -> list[str]:
    """How a gateway is started, checked and switched with the written files; lines of Markdown."""
    mark = {
        "run": "**run**: tested on the real gateway",
        "schema": "**schema**: validated against the vendor's schema only, never run by us",
    }[gateway.tested]
    lines = [f"### {gateway.title}", "", mark + ".", "", f"In `{gateway.name}/`:", "", "```sh"]
    lines += [f"{gateway.check}", f"{gateway.start}"]
    lines += [f"{gateway.command(plan, stage)}  # {stage}" for stage in gateway.stages]
    lines += ["```", "", f"Effect of a switch: {gateway.effect}", ""]
    return [*lines, *(f"- {note}" for note in gateway.notes), *([""] if gateway.notes else [])]
