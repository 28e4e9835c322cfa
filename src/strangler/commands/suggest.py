"""``strangler suggest``: what belongs to what the team already knows that it wants to extract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from strangler.commands import completion, options, outputs
from strangler.commands.earlier import current_model
from strangler.commands.problems import UserError
from strangler.commands.terminal import Terminal
from strangler.text import one_line

if TYPE_CHECKING:
    from strangler.contexts import Suggestion


def suggest(
    seeds: Annotated[
        list[str],
        typer.Argument(
            help="Words, modules, packages, files or table:NAME to start from.",
            autocompletion=completion.subjects,
        ),
    ],
    model: options.Model = None,
    top: Annotated[int, typer.Option("--top", min=1, metavar="N", help="Modules to list.")] = 20,
    output_format: options.OutputFormat = options.Format.text,
    color: options.Color = options.ColorMode.auto,
) -> None:
    """Rank the modules by how much they belong to the seeds, with reasons.

    \b
    strangler suggest billing
    strangler suggest table:orders_order shop.orders.services --top 20
    """
    import msgspec

    from strangler import contexts

    terminal = Terminal(color.value)
    document = current_model(outputs.find_model(model), terminal)
    try:
        ranked = contexts.suggest(document.system, document.changes, seeds)
    except contexts.UnknownSeedError as error:
        raise UserError(str(error)) from error
    if output_format is options.Format.json:
        data = msgspec.json.encode(ranked[:top], order="deterministic")
        terminal.raw(msgspec.json.format(data, indent=1) + b"\n")
        return
    own = {module: context.name for context in document.contexts for module in context.modules}
    terminal.result(f"{'score':>5}  {'module':<42}  context now\n", headings=True)
    for item in ranked[:top]:
        terminal.result(describe(item, own.get(item.module, ""), terminal.width))
    if ranked[top:]:
        terminal.result(f"... {len(ranked) - top} more with --top N\n")


def describe(item: Suggestion, context: str, width: int | None = None) -> str:
    """A suggestion on two lines: where it stands, and why it is here, in at most ``width`` characters."""
    line = f"{item.score:5.2f}  {one_line(item.module, 42):<42}  {one_line(context, 28)}".rstrip()
    if item.seed:
        return f"{line}\n"
    return f"{line}\n       {one_line('; '.join(item.reasons), width and width - 7)}\n"
