"""``strangler explain``: a module, context, table or URL, or what couples two of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from strangler.commands import completion, options, outputs
from strangler.commands.answers import explained
from strangler.commands.earlier import current_model
from strangler.commands.terminal import Terminal
from strangler.text import one_line, remark_lines

if TYPE_CHECKING:
    from strangler.contexts import Coupling, Explanation


def explain(
    subject: Annotated[
        str,
        typer.Argument(help="Module, file, context, table or URL path.", autocompletion=completion.subjects),
    ],
    other: Annotated[
        str | None,
        typer.Argument(help="A second one: what couples the two?", autocompletion=completion.subjects),
    ] = None,
    model: options.Model = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, metavar="N", help="Places listed of each kind.")
    ] = 8,
    output_format: options.OutputFormat = options.Format.text,
    color: options.Color = options.ColorMode.auto,
) -> None:
    """Explain why a module is in its context, what a context, table or URL is tied to, or what couples two.

    \b
    strangler explain shop.orders.services shop.billing.services
    strangler explain billing
    strangler explain table:orders_order
    strangler explain /orders/7/
    """
    import msgspec

    terminal = Terminal(color.value)
    document = current_model(outputs.find_model(model), terminal)
    found = explained(document, subject, other)
    if output_format is options.Format.json:
        terminal.raw(msgspec.json.format(msgspec.json.encode(found, order="deterministic"), indent=1) + b"\n")
    else:
        terminal.result(describe(found, limit, terminal.width), headings=True)


def describe(found: Explanation, limit: int, width: int | None = None) -> str:
    """The explanation as text, ``limit`` places of each kind, in lines of at most ``width`` characters."""
    lines = [
        one_line(found.subject, width and width - 10)
        + (f"  in context {one_line(found.context)}" if found.context else "")
    ]
    if found.confidence is not None:
        alternative = f"; next best: {one_line(found.alternative)}" if found.alternative else ""
        lines[0] += f" (confidence {found.confidence:.2f}{alternative})"
    if found.other is None:
        for reason in found.reasons:
            lines += _fitted(f"  {one_line(reason)}", width)
    elif not found.couplings:
        lines.append(
            f"Nothing couples it to {one_line(found.other)}: no import, call, table or commit in common"
        )
    for coupling in found.couplings:
        lines += _coupling(coupling, limit, width)
    return "\n".join(lines) + "\n"


def _coupling(coupling: Coupling, limit: int, width: int | None) -> list[str]:
    kind = one_line(coupling.kind if " " in coupling.kind else coupling.kind.capitalize())
    lines = _fitted(f"{kind}  {one_line(coupling.statement)}", width)
    places = [f"{place.file}:{place.line}  {place.symbol}".rstrip() for place in coupling.evidence]
    rows = [*places, *coupling.commits]
    for row in rows[:limit]:
        lines += _fitted(f"  {one_line(row)}", width)
    return [*lines, f"  ... {len(rows) - limit} more (--limit {len(rows)})"] if rows[limit:] else lines


def _fitted(line: str, width: int | None) -> list[str]:
    """The line, going on below itself where it is longer than ``width``: a path can be copied whole."""
    indent = " " * (len(line) - len(line.lstrip()))
    return remark_lines(line.lstrip(), width, indent, f"{indent}  ") if width else [line]
