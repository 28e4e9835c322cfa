"""``strangler plan``: the extraction of one context, or the order of all."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strangler.commands import beside, options, outputs, trees
from strangler.commands.earlier import current_model
from strangler.commands.problems import UserError
from strangler.commands.terminal import Terminal
from strangler.files import read
from strangler.text import one_line, plural, remark_lines
from strangler.written import PLAN, REPORT

if TYPE_CHECKING:
    from strangler.contracts.operations import Operations
    from strangler.contracts.seams import Seams
    from strangler.model import BoundedContext
    from strangler.model import Model as ModelDocument
    from strangler.plans import ExtractionPlan, Roadmap
    from strangler.plans.contract_parts import Patcher
    from strangler.routing import RoutingPlan, RoutingSettings
    from strangler.routing.values import Route

ROADMAP_SHOWN = 18
HOLES_SHOWN = 5
TOKEN_VARIABLE = "STRANGLER_OVERRIDE_TOKEN"


class Policy(StrEnum):
    """How to treat ambiguous spellings of a path."""

    reject = "reject"
    monolith = "monolith"
    normalise = "normalise"


def plan(
    context: Annotated[str | None, options.A_CONTEXT] = None,
    every: Annotated[bool, typer.Option("--all", help="Order all contexts: a roadmap.")] = False,
    output: options.BesideModel = None,
    model: options.Model = None,
    tree: options.Source = None,
    check: options.UpToDate = False,
    summary: Annotated[
        bool, typer.Option("--summary", help="Print Markdown for a pull request comment on stdout.")
    ] = False,
    gateway: Annotated[
        list[str] | None, typer.Option("--gateway", metavar="NAME", help="Repeatable; default: all.")
    ] = None,
    service_url: Annotated[
        str, typer.Option("--service-url", metavar="URL", help="Where the new service answers.")
    ] = "http://127.0.0.1:8001",
    monolith_url: Annotated[
        str, typer.Option("--monolith-url", metavar="URL", help="Where the monolith answers.")
    ] = "http://127.0.0.1:8000",
    listen: Annotated[int, typer.Option("--listen", metavar="PORT", help="Port of the façade.")] = 8080,
    policy: Annotated[
        Policy, typer.Option("--policy", help="How to treat ambiguous spellings of a path.")
    ] = Policy.reject,
    canary_percent: Annotated[
        int, typer.Option("--canary-percent", min=0, max=100, metavar="N", help="Share of users in a canary.")
    ] = 10,
    force: options.Force = False,
    quiet: options.Quiet = False,
    color: options.Color = options.ColorMode.auto,
) -> None:
    """Write the plan for a context: PLAN.md, plan.html, plan.json, gateway rules, contract tests.

    The gateway rules are proved against the monolith's own routes before anything is written. A secret for
    testers is read from the environment variable STRANGLER_OVERRIDE_TOKEN. Files that were edited by hand
    are left alone unless --force is given.

    \b
    strangler plan billing
    strangler plan billing --gateway nginx --service-url http://billing:8000
    strangler plan --all
    """
    terminal = Terminal(color.value, -1 if quiet else 0)
    if every == (context is not None):
        raise UserError("name one context to plan its extraction, or ask for the order of all with --all")
    source = outputs.find_model(model)
    document = current_model(source, terminal, tree)
    if context is None:
        directory = output or source.parent / "roadmap"
        if check:
            document = as_of(document, directory / "roadmap.json")
        _roadmap(document, directory, terminal, check=check, force=force, summary=summary)
        return
    import msgspec

    from strangler.commands.texts import texts
    from strangler.contexts.consistency import ensure
    from strangler.plans import (
        UnknownContextError,
        contradictions,
        find_context,
        generate,
        plan_extraction,
        plan_files,
    )
    from strangler.routing import RoutingSettings

    try:
        chosen = find_context(document, context)
    except UnknownContextError as error:
        raise UserError(str(error)) from error
    _warn_if_it_stays(document, chosen, terminal)
    settings = RoutingSettings(
        service_url=service_url,
        monolith_url=monolith_url,
        listen=listen,
        policy=policy.value,
        canary_percent=canary_percent,
        override_token=os.environ.get(TOKEN_VARIABLE) or None,
    )
    directory = output or source.parent / f"plan-{outputs.safe_name(chosen.name)}"
    if check:
        document = as_of(document, directory / PLAN)
    root = trees.of_context(source, document, chosen, tree)
    if root is not None:
        trees.warn_of_another_revision(document, root, terminal)
    else:
        terminal.note(
            "the analysed tree was not found: the plan has no seams, no consumer contracts and no search for "
            "mentions; name the tree with --source DIR"
        )
    with terminal.working("planning"):
        found = plan_extraction(document, chosen.name, texts(root) if root is not None else None)
    addresses = {"MONOLITH": monolith_url, "SERVICE": service_url, "FACADE": f"http://127.0.0.1:{listen}"}
    # Elsewhere the ways to the model and its report depend on the machine.
    near = directory.resolve().parent == source.resolve().parent
    places = {"MODEL": ".."} if near else {}
    if near and root is not None:
        places["SOURCE"] = os.path.relpath(root.resolve(), directory.resolve())
    found = msgspec.structs.replace(found, variables=found.variables | places | addresses)
    rules = None
    with terminal.working("writing"):
        found, files = generate(found, document, patcher(document, root) if root is not None else None)
        ensure(contradictions(found, document))
        if found.moves.endpoints:
            rules, routing = route(document, chosen, settings, gateway)
            files |= {f"routing/{name}": content for name, content in routing.items()}
    progress = beside.progress_beside(source.parent) if near else ""
    files |= plan_files(found, f"../{REPORT}" if near else "", progress and f".{progress}")
    outputs.settle(directory, files, terminal, check=check, force=force)
    if summary:
        terminal.raw(files["SUMMARY.md"])
    else:
        terminal.result(describe_plan(found) + (describe(rules) if rules else ""), headings=True)
    if not check:
        terminal.note(f"{plural(len(files), 'file')} in {directory}; start with PLAN.md")
        if near:
            beside.tell_of_the_report(source.parent, terminal)


def _warn_if_it_stays(document: ModelDocument, chosen: BoundedContext, terminal: Terminal) -> None:
    """Say so where the order of extraction leaves the context out."""
    from strangler.contexts.ranking import EXCLUSIONS, rank_contexts

    own = next(c for c in rank_contexts(document) if c.context == chosen.name)
    if own.excluded:
        reason = EXCLUSIONS[own.excluded]
        terminal.note(f"{chosen.name} is no candidate in the order of extraction: {reason}")


def patcher(document: ModelDocument, root: Path) -> Patcher:
    """What writes seams into the tree: its files are looked up when there is something to patch."""

    def patch(operations: Operations) -> Seams:
        from strangler.contracts.seams import build_seams

        return build_seams(document, trees.scan(root), operations)

    return patch


def _roadmap(
    document: ModelDocument,
    directory: Path,
    terminal: Terminal,
    *,
    check: bool,
    force: bool,
    summary: bool,
) -> None:
    from strangler.plans import plan_roadmap, roadmap_files

    found = plan_roadmap(document)
    files = roadmap_files(found)
    outputs.settle(directory, files, terminal, check=check, force=force)
    if summary:
        terminal.raw(files["ROADMAP.md"])
    else:
        terminal.result(describe_roadmap(found), headings=True)
    if not check:
        terminal.note(f"{plural(len(files), 'file')} in {directory}; start with ROADMAP.md")


def as_of(document: ModelDocument, stored: Path) -> ModelDocument:
    """The model with the revision that a stored plan names: a commit that changes no fact is no drift."""
    import msgspec

    from strangler.model.document import NOT_JSON

    class Stored(msgspec.Struct):
        revision: str | None = None

    try:
        revision = msgspec.json.decode(read(stored), type=Stored).revision
    except (OSError, *NOT_JSON):
        return document  # nothing there to compare with: all of it is drift
    monolith = msgspec.structs.replace(document.monolith, revision=revision)
    return msgspec.structs.replace(document, monolith=monolith)


def route(
    document: ModelDocument, chosen: BoundedContext, settings: RoutingSettings, gateways: list[str] | None
) -> tuple[RoutingPlan, dict[str, bytes]]:
    """The certified rules, and the files of the routing folder.

    Raises:
        UserError: the routes cannot be planned, or a gateway cannot hold them.
    """
    from strangler.routing import RoutingError, plan_routes, render

    try:
        rules = plan_routes(document.system, chosen, settings)
        return rules, render(rules, gateways or None)
    except RoutingError as error:
        raise UserError(str(error)) from error


def describe_plan(found: ExtractionPlan) -> str:
    """The plan on half a screen."""
    from collections import Counter

    from strangler.plans.layout import crossings, keys_to_break, moved, transactions
    from strangler.plans.values import REMEDIES, outside

    remedies = Counter(cut.remedy for cut in found.cuts)
    edits, mentions = outside(found.edits)
    states = Counter(item.state for item in found.readiness)
    lines = [
        f"Moves  {', '.join(moved(found.moves))}",
        f"Boundary  {crossings(found.figures)}",
        *(f"  {count:4}  {REMEDIES[name]}" for name, count in remedies.most_common()),
        f"Data  {keys_to_break(found.figures)}, {transactions(found.figures)}",
        f"Outside  {plural(edits, 'file')} to edit, "
        f"{plural(mentions, 'more that mentions', 'more that mention')} the context",
        f"Readiness  {states['ready']} of {len(found.readiness)} ready, "
        f"{plural(states['work'], 'needs', 'need')} work, {states['ask']} open",
    ]
    return "\n".join(lines) + "\n"


def describe_roadmap(found: Roadmap) -> str:
    """The order on one screen: a context a line with the figures that decide."""
    lines = [f"Roadmap  {plural(len(found.candidates), 'context')}, the best first extraction first"]
    if found.candidates:
        lines[0] = f"{lines[0]:<60}"
        lines.append(f"      {'':<28}{'places':>8}{'a module':>10}{'data':>6}{'alone':>7}{'sure':>6}")
    for item in found.candidates[:ROADMAP_SHOWN]:
        alone = "" if item.independence is None else f"{item.independence:.0%}"
        density = item.places / max(1, item.modules)
        lines.append(
            f"  {item.position:2}. {one_line(item.context, 26):<28}{item.places:>8,}{density:>10.1f}"
            f"{item.data_ties:>6,}{alone:>7}{item.confidence:>6.2f}"
        )
    if found.candidates[ROADMAP_SHOWN:]:
        lines.append(f"  ... {len(found.candidates) - ROADMAP_SHOWN} more in ROADMAP.md")
    if found.stay:
        names = ", ".join(item.context for item in found.stay)
        lines.append(one_line(f"Stay  {len(found.stay)}: {names}", 79))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _incomplete(rules: RoutingPlan) -> list[str]:
    """The holes of the route table, before the certificate that rests on it."""
    if rules.certificate.complete:
        return []
    holes = plural(len(rules.holes), "hole")
    lines = [f"Incomplete  the route table has {holes}: URLs that it lacks may be served"]
    for hole in rules.holes[:HOLES_SHOWN]:
        lines += remark_lines(f"{hole.file}:{hole.line} {hole.message}")
    if rules.holes[HOLES_SHOWN:]:
        lines.append(f"  ... {len(rules.holes) - HOLES_SHOWN} more in routing/README.md")
    return lines


def describe(rules: RoutingPlan) -> str:
    """What moves behind the gateway, on half a screen."""
    from strangler.routing.canonical import POLICIES

    moved, every = rules.moved()
    certificate = rules.certificate
    known = "routes" if certificate.complete else "known routes"
    lines = [
        f"Routes  {moved} of {every} move to {rules.service}",
        *_incomplete(rules),
        f"Rules  {len(rules.rules)}, proved equal to the {known} on every canonical path and method",
        f"  {certificate.classes:,} kinds of path told apart in {certificate.states:,} states"
        + ("" if certificate.exact else "; some routes are approximated, see README.md"),
    ]
    after = rules.removal
    if after.ok:
        lines.append("After the code is out  what stays is answered as today, and no name is missing")
    else:
        routes, names = len(after.lost), len({name.name for name in after.names})
        lost = [plural(routes, "route that stays", "routes that stay")] if routes else []
        lost += [plural(names, "name that is asked for", "names that are asked for")] if names else []
        lines.append(f"After the code is out  lost: {' and '.join(lost)}; see routing/README.md")
    for overlap in rules.overlaps[:6]:
        patterns = " before ".join(_pattern(rules.routes[number]) for number in overlap.routes[:2])
        lines.append(f"  {overlap.kind.replace('_', ' ')}: {one_line(overlap.example, 24)}  {patterns}")
    if rules.overlaps[6:]:
        lines.append(f"  ... {len(rules.overlaps) - 6} more remarks in routing/README.md")
    if rules.noncanonical.routes < 0:
        lines.append("Spellings  not counted: the automaton of today's routes is too large for it")
    elif rules.noncanonical.routes:
        routes_of = plural(rules.noncanonical.routes, "route accepts", "routes accept")
        lines.append(
            f"Spellings  {routes_of} ambiguous path spellings today; "
            f"they will be {POLICIES[rules.settings.policy]}"
        )
    return "\n".join(lines) + "\n"


def _pattern(route: Route) -> str:
    redirect = "the redirect to " if route.kind == "slash_redirect" else ""
    return redirect + one_line(repr(route.pattern), 24)
