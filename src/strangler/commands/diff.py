"""``strangler diff``: what changed between two models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strangler.commands import options
from strangler.commands.earlier import read_accepted
from strangler.commands.outputs import find_model, read_model
from strangler.commands.terminal import Terminal
from strangler.text import one_line, plural

if TYPE_CHECKING:
    from strangler.checks import Difference

SHOWN = 12


def diff(
    old: Annotated[Path, typer.Argument(help="model.json before (or its directory).")],
    new: Annotated[Path, typer.Argument(help="model.json after (or its directory).")],
    boundaries: options.Boundaries = None,
    output_format: options.OutputFormat = options.Format.text,
    color: options.Color = options.ColorMode.auto,
) -> None:
    """Say what changed between two models: modules, tables, endpoints, contexts, crossings."""
    import msgspec

    from strangler.checks import difference

    named = read_accepted(Path(), boundaries) if boundaries else None
    held = named.boundaries if named else None
    found = difference(read_model(find_model(old)), read_model(find_model(new)), held)
    terminal = Terminal(color.value)
    if output_format is options.Format.json:
        terminal.raw(msgspec.json.format(msgspec.json.encode(found, order="deterministic"), indent=1) + b"\n")
    else:
        terminal.result(describe(found), headings=True)


def describe(found: Difference) -> str:
    """The difference as text, the first of each kind."""
    lines = [f"From {found.old_revision or 'no revision'} to {found.new_revision or 'no revision'}"]
    for change in found.changes:
        counts = ((change.added, "added"), (change.removed, "removed"))
        told = [f"{_counted(change.what, len(names))} {verb}" for names, verb in counts if names]
        lines.append(f"{change.what.capitalize()}  {', '.join(told)}")
        lines += _some([f"+ {name}" for name in change.added] + [f"- {name}" for name in change.removed])
    if found.moves:
        lines.append(f"Moved  {len(found.moves)} to another context")
        lines += _some([f"{move.name}: {move.before} -> {move.after}" for move in found.moves])
    if found.crossings:
        before = sum(count for _, count, _ in found.crossings)
        after = sum(count for _, _, count in found.crossings)
        pairs = {pair.rpartition(": ")[0] for pair, _, _ in found.crossings}
        between = plural(len(pairs), "pair of contexts", "pairs of contexts")
        more = f"{after - before:+,} {'place' if abs(after - before) == 1 else 'places'}"
        lines.append(f"Crossings  {more} between {between}")
        lines += _some([f"{pair}: {old} -> {new}" for pair, old, new in found.crossings])
    if len(lines) == 1:
        lines.append("Nothing changed")
    return "\n".join(lines) + "\n"


def _counted(what: str, number: int) -> str:
    one = what.removesuffix("s")
    return plural(number, one, what)


def _some(items: list[str]) -> list[str]:
    lines = [f"  {one_line(item, 78)}" for item in items[:SHOWN]]
    return [*lines, f"  ... {len(items) - SHOWN} more; all with --format json"] if items[SHOWN:] else lines
