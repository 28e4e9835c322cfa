"""``strangler progress``: the same boundaries over several models, oldest first."""

from __future__ import annotations

import contextlib
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strangler.commands import options
from strangler.commands.beside import tell_of_the_report
from strangler.commands.check import read_baseline
from strangler.commands.earlier import read_accepted
from strangler.commands.outputs import find_model, read_model, write_file
from strangler.commands.problems import UserError
from strangler.commands.terminal import Terminal
from strangler.written import PROGRESS, REPORT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from strangler.checks import Step


class ProgressFormat(StrEnum):
    """Form of the figures."""

    text = "text"
    json = "json"
    html = "html"


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
    output_format: Annotated[
        ProgressFormat, typer.Option("--output-format", "--format", help="Form of the result.")
    ] = ProgressFormat.text,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="File to write; default: stdout."),
    ] = None,
    color: options.Color = options.ColorMode.auto,
) -> None:
    """Show how crossings, cycles and endpoints developed, on one and the same cut.

    \b
    strangler progress january february strangler-out
    strangler progress january strangler-out --format html -o strangler-out/progress.html
    """
    import msgspec

    from strangler import checks

    documents = [read_model(find_model(path)) for path in models]
    last = documents[-1]
    cut = read_baseline(baseline) if baseline else checks.cut_of(last)
    named = read_accepted(Path(), boundaries) if boundaries else None
    steps = checks.progress(documents, cut, named.boundaries if named else last.boundaries)
    terminal = Terminal(color.value)
    if output_format is ProgressFormat.text and output is None:
        terminal.result(describe(steps), headings=True)
        return
    if output_format is ProgressFormat.text:
        content = describe(steps).encode()
    elif output_format is ProgressFormat.json:
        content = msgspec.json.format(msgspec.json.encode(steps, order="deterministic"), indent=1) + b"\n"
    else:
        content = drawn(last.monolith.name, steps, output)
    if output is None:
        terminal.raw(content)
        return
    write_file(output, content)
    terminal.note(f"wrote {output}")
    if output.name == PROGRESS:
        tell_of_the_report(output.parent, terminal)


def drawn(name: str, steps: Sequence[Step], output: Path | None) -> bytes:
    """The page; it leads to the report and the plans that lie beside it."""
    from strangler.commands.beside import stored_plans
    from strangler.reports.html.progress import Point, page

    points = [
        Point(
            revision=step.revision or "",
            date=step.date or "",
            figures=(
                *(step.crossings, step.places, step.cycles, step.unresolved),
                *(step.modules, step.tables, step.endpoints),
            ),
        )
        for step in steps
    ]
    links = []
    if output is not None:
        if (output.parent / REPORT).is_file():
            links.append(("Report", f"./{REPORT}"))
        with contextlib.suppress(UserError):  # plans of another version are no reason to have no page
            links += [
                (f"Plan: {plan.context}", plan.href) for plan in stored_plans([output.parent], output.parent)
            ]
    return page(name, points, changed_kinds(steps), links)


def changed_kinds(steps: Sequence[Step]) -> list[tuple[str, int, int]]:
    """(kind, places in the first model, places in the last), where they differ."""
    first, last = dict(steps[0].by_kind), dict(steps[-1].by_kind)
    return [
        (kind.replace("_", " "), first.get(kind, 0), last.get(kind, 0))
        for kind in sorted(first | last)
        if first.get(kind, 0) != last.get(kind, 0)
    ]


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
    lines += [f"  {kind:<19}{before:>11,} -> {after:,}" for kind, before, after in changed_kinds(steps)]
    return "\n".join(lines) + "\n"
