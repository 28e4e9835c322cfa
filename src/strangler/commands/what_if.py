"""``strangler analyze --what-if``: what a move would change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.commands.problems import UserError
from strangler.commands.terminal import Terminal
from strangler.text import one_line, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from strangler.contexts import WhatIf
    from strangler.model import Model

SHOWN = 6


def show(model: Model, moves: Sequence[str], terminal: Terminal, *, as_json: bool) -> None:
    """Print every metric before and after the moves.

    Raises:
        UserError: a move that cannot be made.
    """
    import msgspec

    from strangler import contexts

    try:
        found = contexts.what_if(model.system, model.changes, model.contexts, moves)
    except contexts.MoveError as error:
        raise UserError(str(error)) from error
    if as_json:
        terminal.raw(msgspec.json.format(msgspec.json.encode(found, order="deterministic"), indent=1) + b"\n")
    else:
        terminal.result(describe(found), headings=True)


def describe(found: WhatIf) -> str:
    """The consequences as a table, what changes first."""
    lines = [f"Moved  {plural(len(found.moves), 'module')}"]
    lines.append(f"{'Metric':<36}{'before':>12}{'after':>12}")
    for change in sorted(found.changes, key=lambda item: (item.before == item.after, item.metric)):
        same = "  =" if change.before == change.after else ""
        lines.append(
            f"  {one_line(change.metric, 32):<34}{_number(change.before)}{_number(change.after)}{same}"
        )
    for table, before, after in found.tables:
        lines.append(f"Table  {one_line(table, 40)}: {before or 'nobody'} -> {after or 'nobody'}")
    for word, crossings in (("appear", found.appeared), ("vanish", found.vanished)):
        lines.append(f"Crossings  {len(crossings)} {word}")
        for crossing in crossings[:SHOWN]:
            ends = f"{crossing.source} -> {crossing.target}"
            subject = f" {crossing.subject}" if crossing.subject else ""
            lines.append(f"  {one_line(f'{ends}: {crossing.kind}{subject}', 78)}")
        if crossings[SHOWN:]:
            lines.append(f"  ... {len(crossings) - SHOWN} more with --format json")
    return "\n".join(lines) + "\n"


def _number(value: float | None) -> str:
    return f"{'-' if value is None else f'{value:,.4g}':>12}"
