"""``strangler progress``: the same boundaries over several models, oldest first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strangler.commands import options
from strangler.commands.check import read_baseline
from strangler.commands.earlier import read_accepted
from strangler.commands.outputs import find_model, read_model
from strangler.commands.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from strangler.checks import Step


def progress(
    models: Annotated[
        list[Path], typer.Argument(help="model.json files or their directories, oldest first.")
    ],
    baseline: Annotated[
        Path | None,
        typer.Option(
            "--baseline", metavar="FILE", help="Whose contexts to count by; default: the last model's."
        ),
    ] = None,
    boundaries: options.Boundaries = None,
    output_format: options.OutputFormat = options.Format.text,
    color: options.Color = options.ColorMode.auto,
) -> None:
    """Show how crossings, cycles and endpoints developed, on one and the same cut."""
    import msgspec

    from strangler import checks

    documents = [read_model(find_model(path)) for path in models]
    last = documents[-1]
    cut = read_baseline(baseline) if baseline else checks.cut_of(last)
    named = read_accepted(Path(), boundaries) if boundaries else None
    steps = checks.progress(documents, cut, named.boundaries if named else last.boundaries)
    terminal = Terminal(color.value)
    if output_format is options.Format.json:
        terminal.raw(msgspec.json.format(msgspec.json.encode(steps, order="deterministic"), indent=1) + b"\n")
    else:
        terminal.result(describe(steps), headings=True)


def describe(steps: Sequence[Step]) -> str:
    """One line a model, and the change from the first to the last by kind."""
    names = ("crossings", "places", "in cycles", "unresolved", "modules", "tables", "endpoints")
    lines = [f"{'Commit':<9}{'date':<12}" + "".join(f"{name:>11}" for name in names)]
    for step in steps:
        figures = (
            step.crossings,
            step.places,
            step.cycles,
            step.unresolved,
            step.modules,
            step.tables,
            step.endpoints,
        )
        revision = (step.revision or "-")[:7]
        lines.append(f" {revision:<8}{step.date or '-':<12}" + "".join(f"{value:>11,}" for value in figures))
    first, last = dict(steps[0].by_kind), dict(steps[-1].by_kind)
    changed = [kind for kind in sorted(first | last) if first.get(kind, 0) != last.get(kind, 0)]
    for kind in changed:
        before, after = first.get(kind, 0), last.get(kind, 0)
        lines.append(f"  {kind.replace('_', ' '):<19}{before:>11,} -> {after:,}")
    return "\n".join(lines) + "\n"
