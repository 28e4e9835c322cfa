"""``strangler plan``: what is needed to move one context behind a façade."""

from __future__ import annotations

import difflib
import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strangler.commands import options, outputs
from strangler.commands.problems import UserError
from strangler.commands.terminal import Terminal, one_line

if TYPE_CHECKING:
    from strangler.model import BoundedContext
    from strangler.model import Model as ModelDocument
    from strangler.routing import RoutingPlan

TOKEN_VARIABLE = "STRANGLER_OVERRIDE_TOKEN"


class Policy(StrEnum):
    """What becomes of ambiguous spellings of a path."""

    reject = "reject"
    monolith = "monolith"
    normalise = "normalise"


def plan(
    context: Annotated[str, typer.Argument(help="Name of the context to extract.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Default: beside the model.")
    ] = None,
    model: options.Model = None,
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
        Policy, typer.Option("--policy", help="What becomes of ambiguous spellings of a path.")
    ] = Policy.reject,
    canary_percent: Annotated[
        int, typer.Option("--canary-percent", min=0, max=100, metavar="N", help="Share of users in a canary.")
    ] = 10,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite what an earlier run did not write.")
    ] = False,
    quiet: options.Quiet = False,
    color: options.Color = options.ColorMode.auto,
) -> None:
    """Write gateway rules that send exactly a context's URLs to the new service.

    The rules are proved against the monolith's own routes before anything is written. A secret for testers
    is read from the environment variable STRANGLER_OVERRIDE_TOKEN.
    """
    from strangler.routing import RoutingError, RoutingSettings, plan_routes, write

    terminal = Terminal(color.value, -1 if quiet else 0)
    source = outputs.find_model(model)
    document = outputs.read_model(source)
    chosen = find_context(document, context)
    settings = RoutingSettings(
        service_url=service_url,
        monolith_url=monolith_url,
        listen=listen,
        policy=policy.value,
        canary_percent=canary_percent,
        override_token=os.environ.get(TOKEN_VARIABLE) or None,
    )
    directory = (output or source.parent / f"plan-{safe_name(chosen.name)}") / "routing"
    try:
        rules = plan_routes(document.system, chosen, settings)
        written = write(rules, directory, gateway or None, force=force)
    except RoutingError as error:
        raise UserError(str(error)) from error
    except OSError as error:
        raise UserError(f"cannot write {directory}: {error.strerror or error}") from error
    terminal.result(describe(rules), headings=True)
    terminal.result(f"Written  {len(written)} files below {directory}; start with README.md\n", headings=True)


def find_context(document: ModelDocument, name: str) -> BoundedContext:
    """The context of that name.

    Raises:
        UserError: there is none; the nearest names are given.
    """
    contexts = {context.name: context for context in document.contexts if context.kind == "context"}
    if name in contexts:
        return contexts[name]
    near = difflib.get_close_matches(name, contexts, n=3, cutoff=0.4) or sorted(contexts)[:8]
    raise UserError(f"no context {name!r}; there are: {', '.join(near) if near else 'none in this model'}")


def safe_name(name: str) -> str:
    """A file name for a context."""
    kept = "".join(char if char.isascii() and char.isalnum() else "-" for char in name.lower())
    return "-".join(part for part in kept.split("-") if part)[:60] or "context"


def describe(rules: RoutingPlan) -> str:
    """What moves, on one screen."""
    routes = [route for route in rules.routes if route.kind == "route"]
    moved = sum(route.target == "service" for route in routes)
    certificate = rules.certificate
    lines = [
        f"Routes  {moved} of {len(routes)} move to {rules.service}",
        f"Rules  {len(rules.rules)}, proved equal to the routes on every canonical path and method",
        f"  {certificate.classes:,} kinds of path told apart in {certificate.states:,} states"
        + ("" if certificate.exact else "; some routes are approximated, see README.md"),
    ]
    for overlap in rules.overlaps[:6]:
        lines.append(f"  {one_line(f'{overlap.kind}: {overlap.example}  {overlap.message}', 78)}")
    if rules.overlaps[6:]:
        lines.append(f"  ... {len(rules.overlaps) - 6} more remarks in README.md")
    if rules.noncanonical.routes:
        lines.append(
            f"Spellings  {rules.noncanonical.routes} routes take ambiguous paths today; "
            f"they become: {rules.settings.policy}"
        )
    return "\n".join(lines) + "\n"
