"""``strangler analyze --what-if``: what a move would change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.commands.problems import UserError
from strangler.commands.terminal import Terminal
from strangler.text import one_line, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from strangler.contexts import Change, WhatIf
    from strangler.model import Model

SHOWN = 6
WITHIN = "commits within one context"


def show(model: Model, moves: Sequence[str], terminal: Terminal, *, as_json: bool) -> None:
    """Print what the moves change; as JSON with every metric.

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
    """The figures before and after, whose tables change, and the crossings that come and go."""
    lines = [f"Moved  {plural(len(found.moves), 'module')}"]
    lines.append(f"{'Figure':<36}{'before':>12}{'after':>12}")
    for change in found.figures:
        lines.append(f"  {change.metric:<34}{_number(change)}{_judged(change)}")
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
    lines.append("All metrics: --format json")
    return "\n".join(lines) + "\n"


def _number(change: Change) -> str:
    values = (change.before, change.after)
    if change.metric == WITHIN:
        return "".join(f"{'-' if value is None else f'{value:.1%}':>12}" for value in values)
    return "".join(f"{value or 0:>12,.0f}" for value in values)


def _judged(change: Change) -> str:
    """Whether a figure became better; the number of contexts is a choice."""
    if change.before == change.after or change.metric == "contexts":
        return ""
    more = (change.after or 0) > (change.before or 0)
    return "  better" if more == (change.metric == WITHIN) else "  worse"
