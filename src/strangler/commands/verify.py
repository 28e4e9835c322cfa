"""``strangler verify``: ask what runs whether it does what was planned."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from strangler.commands import options
from strangler.commands.problems import Exit, UserError
from strangler.commands.terminal import Terminal
from strangler.text import one_line, plural

SHOWN = 20


class Subject(StrEnum):
    """What can be verified."""

    routes = "routes"


def verify(
    subject: Annotated[Subject, typer.Argument(help="What to verify.")],
    directory: Annotated[Path, typer.Argument(help="Directory that `strangler plan` wrote.")],
    gateway_url: Annotated[str, typer.Option("--gateway-url", metavar="URL", help="The running gateway.")],
    samples: Annotated[int, typer.Option("--samples", min=1, metavar="N", help="Requests to send.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Seed of the sample of URLs.")] = 0,
    unsafe: Annotated[
        bool, typer.Option("--unsafe", help="Also send POST, PUT, PATCH, DELETE: never to production.")
    ] = False,
    limit: options.Limit = None,
    output_format: options.OutputFormat = options.Format.text,
    exit_zero: options.ExitZero = False,
    color: options.Color = options.ColorMode.auto,
) -> None:
    """Send sampled URLs through a gateway; exit 1 if the wrong backend answers any.

    \b
    strangler verify routes strangler-out/plan-billing --gateway-url http://127.0.0.1:8080
    strangler verify routes plans/billing --gateway-url http://127.0.0.1:8080 --samples 5000
    """
    from strangler.routing import RoutingError
    from strangler.routing import verify as ask

    patience = options.settings(Path(), options.of_limits(limit), isolated=False).limits.answer_seconds / 2
    folder = directory if (directory / "routes.json").is_file() else directory / "routing"
    terminal = Terminal(color.value)
    try:
        with terminal.working("asking"):
            outcome = ask(folder, gateway_url, samples=samples, seed=seed, unsafe=unsafe, timeout=patience)
    except RoutingError as error:
        raise UserError(str(error)) from error
    if output_format is options.Format.json:
        import msgspec

        document = {
            "checked": outcome.checked,
            "answered": outcome.answered,
            "wrong": outcome.wrong,
            "unsaid": outcome.unsaid,
        }
        terminal.raw(
            msgspec.json.format(msgspec.json.encode(document, order="deterministic"), indent=1) + b"\n"
        )
    else:
        for wrong in outcome.wrong[:SHOWN]:
            place = one_line(f"{wrong.method} {wrong.url}", 90)
            terminal.result(f"{place}: answered by {wrong.answered}, expected {wrong.expected}\n")
        if outcome.wrong[SHOWN:]:
            terminal.result(f"... {len(outcome.wrong) - SHOWN} more; all with --format json\n")
        sides = ", ".join(f"{count:,} by {side}" for side, count in outcome.answered.items())
        terminal.result(
            f"{outcome.checked:,} requests ({sides}), {len(outcome.wrong):,} to the wrong backend\n"
        )
        if outcome.unsaid:
            sockets = plural(outcome.unsaid, "WebSocket")
            terminal.note(f"{sockets} accepted without a word of the side: this gateway cannot mark them")
    if not outcome.checked:
        terminal.note("no URL could be sampled from the routes: nothing was verified")
    if not outcome.ok and not exit_zero:
        raise typer.Exit(Exit.FINDINGS)
