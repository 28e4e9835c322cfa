"""``strangler diff``: what changed between two models."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strangler.commands import options
from strangler.commands.earlier import read_accepted
from strangler.commands.outputs import find_model, read_model
from strangler.commands.terminal import Terminal
from strangler.text import capitalised, code, markdown_table, one_line, plural

if TYPE_CHECKING:
    from strangler.checks import Difference
    from strangler.checks.difference import Change

SHOWN = 12


class DiffFormat(StrEnum):
    """Form of the difference."""

    text = "text"
    json = "json"
    markdown = "markdown"


def diff(
    old: Annotated[Path, typer.Argument(help="model.json before (or its directory).")],
    new: Annotated[Path, typer.Argument(help="model.json after (or its directory).")],
    boundaries: options.Boundaries = None,
    output_format: Annotated[
        DiffFormat,
        typer.Option("--output-format", "--format", help="Form of the result; markdown: for a pull request."),
    ] = DiffFormat.text,
    color: options.Color = options.ColorMode.auto,
) -> None:
    """Say what changed between two models: modules, tables, endpoints, contexts, crossings.

    \b
    strangler diff january strangler-out
    strangler diff january strangler-out --format markdown
    """
    import msgspec

    from strangler.checks import difference

    named = read_accepted(Path(), boundaries) if boundaries else None
    held = named.boundaries if named else None
    found = difference(read_model(find_model(old)), read_model(find_model(new)), held)
    terminal = Terminal(color.value)
    if output_format is DiffFormat.json:
        terminal.raw(msgspec.json.format(msgspec.json.encode(found, order="deterministic"), indent=1) + b"\n")
    elif output_format is DiffFormat.markdown:
        terminal.raw(as_markdown(found).encode())
    else:
        terminal.result(describe(found), headings=True)


def describe(found: Difference) -> str:
    """The difference as text, the first of each kind."""
    lines = [f"From {found.old_revision or 'no revision'} to {found.new_revision or 'no revision'}"]
    for change in found.changes:
        lines.append(f"{capitalised(change.what)}  {', '.join(told for told, _ in _told(change))}")
        lines += _some([f"+ {name}" for name in change.added] + [f"- {name}" for name in change.removed])
    if found.moves:
        lines.append(f"Moved  {len(found.moves)} to another context")
        lines += _some([f"{move.name}: {move.before} -> {move.after}" for move in found.moves])
    if found.crossings:
        lines.append(f"Crossings  {_crossed(found)}")
        lines += _some([f"{pair}: {old} -> {new}" for pair, old, new in found.crossings])
    if len(lines) == 1:
        lines.append("Nothing changed")
    return "\n".join(lines) + "\n"


def as_markdown(found: Difference) -> str:
    """The difference for a pull request comment: crossings as a table, then what came and went."""
    revisions = [code(one[:12]) if one else "no revision" for one in (found.old_revision, found.new_revision)]
    lines = [f"### Boundaries from {revisions[0]} to {revisions[1]}", ""]
    if found.crossings:
        lines += [f"**Crossings**: {_crossed(found)}", ""]
        rows = [(code(pair), f"{old:,}", f"{new:,}") for pair, old, new in found.crossings[:SHOWN]]
        lines += [*markdown_table(("Crossing", "places before", "after"), rows), ""]
        if found.crossings[SHOWN:]:
            lines += [f"and {len(found.crossings) - SHOWN:,} more", ""]
    items = [(told, list(map(code, names))) for change in found.changes for told, names in _told(change)]
    if found.moves:
        moves = [f"{code(move.name)} ({code(move.before)} → {code(move.after)})" for move in found.moves]
        items.append((f"{len(moves):,} moved to another context", moves))
    for told, names in items:
        more = f" and {len(names) - SHOWN:,} more" if names[SHOWN:] else ""
        lines.append(f"- {told}: {', '.join(names[:SHOWN])}{more}")
    if not found.crossings and not items:
        lines.append("Nothing changed")
    return "\n".join(lines).rstrip() + "\n"


def _told(change: Change) -> list[tuple[str, tuple[str, ...]]]:
    """``2 modules added``, with the names; what there is of both."""
    counts = ((change.added, "added"), (change.removed, "removed"))
    return [(f"{_counted(change.what, len(names))} {verb}", names) for names, verb in counts if names]


def _crossed(found: Difference) -> str:
    """``+3 places between 2 pairs of contexts``."""
    before = sum(count for _, count, _ in found.crossings)
    after = sum(count for _, _, count in found.crossings)
    pairs = {pair.rpartition(": ")[0] for pair, _, _ in found.crossings}
    between = plural(len(pairs), "pair of contexts", "pairs of contexts")
    return f"{after - before:+,} {'place' if abs(after - before) == 1 else 'places'} between {between}"


def _counted(what: str, number: int) -> str:
    one = what.removesuffix("s")
    return plural(number, one, what)


def _some(items: list[str]) -> list[str]:
    lines = [f"  {one_line(item, 78)}" for item in items[:SHOWN]]
    return [*lines, f"  ... {len(items) - SHOWN} more; all with --format json"] if items[SHOWN:] else lines
