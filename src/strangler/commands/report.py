"""``strangler report``: another form of a model that is there already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strangler.commands import beside, options, outputs, trees
from strangler.commands.earlier import current_model
from strangler.commands.problems import UserError
from strangler.commands.terminal import Terminal

if TYPE_CHECKING:
    from strangler.model import Model
    from strangler.reports import PlanLink
    from strangler.reports.excerpts import Excerpts


def report(
    model: Annotated[
        Path | None, typer.Argument(help="model.json or its directory; default: that of the last analyze.")
    ] = None,
    output_format: Annotated[
        str,
        typer.Option("--output-format", "--format", help="html, or another form: --format help lists them."),
    ] = "html",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="PATH", help="File, or directory for several; '-' is stdout."),
    ] = None,
    source_url: Annotated[
        str | None,
        typer.Option("--source-url", metavar="URL", help="Link to lines: .../{revision}/{path}#L{line}."),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--source", metavar="DIR", help="The tree, for source lines as they stand there now."),
    ] = None,
    plans: Annotated[
        list[Path] | None,
        typer.Option("--plans", metavar="DIR", help="Folders of plans to link; default: beside the model."),
    ] = None,
    quiet: options.Quiet = False,
) -> None:
    """Write a report from a model: on another machine, in another form, without the code.

    \b
    strangler report --format markdown -o boundaries.md
    strangler report out/model.json --format sarif -o strangler.sarif
    """
    from strangler.reports import FORMATS, ReportError, ReportOptions, render

    terminal = Terminal(verbosity=-1 if quiet else 0)
    if output_format == "help":
        terminal.result("\n".join(FORMATS) + "\n")
        return
    model_file = outputs.find_model(model)
    stdout = output is not None and str(output) == "-"
    target = model_file.parent if output is None or stdout else output if output.is_dir() else output.parent
    links: tuple[PlanLink, ...] = ()
    if plans:
        links = beside.stored_plans(plans, target)
    elif output_format == "html":
        links = beside.found_beside(model_file.parent, target, terminal)
    try:
        read = current_model(model_file, terminal)
        lines = _excerpts(model_file, read, source) if source and output_format == "html" else {}
        progress = beside.progress_beside(target)
        chosen = ReportOptions(source_url=source_url, plans=links, excerpts=lines, progress=progress)
        with terminal.working("report"):
            files = render(read, output_format, chosen)
    except ReportError as error:
        raise UserError(str(error)) from error
    if stdout:
        for content in files.values():
            terminal.raw(content)
        return
    if len(files) == 1 and output is not None and not output.is_dir():
        outputs.write_file(output, next(iter(files.values())))
        terminal.note(f"wrote {output}")
        return
    directory = output or model_file.parent
    outputs.write(directory, files)
    for name in files:
        terminal.note(f"wrote {directory / name}")


def _excerpts(model_file: Path, model: Model, source: Path) -> Excerpts:
    from functools import partial

    from strangler.reports.excerpts import excerpts
    from strangler.sources.walk import read

    root = trees.of_model(model_file, model, source)
    return excerpts(model, partial(trees.text_of, partial(read, root))) if root else {}
