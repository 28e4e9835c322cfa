"""``strangler report``: another form of a model that is there already."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from strangler.commands import options, outputs
from strangler.commands.problems import UserError
from strangler.commands.terminal import Terminal


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
    quiet: options.Quiet = False,
) -> None:
    """Write a report from a model, without the code: on another machine, in another form."""
    from strangler.reports import FORMATS, ReportError, ReportOptions, render

    terminal = Terminal(verbosity=-1 if quiet else 0)
    if output_format == "help":
        terminal.result("\n".join(FORMATS) + "\n")
        return
    source = outputs.find_model(model)
    try:
        files = render(outputs.read_model(source), output_format, ReportOptions(source_url=source_url))
    except ReportError as error:
        raise UserError(str(error)) from error
    if output is not None and str(output) == "-":
        for content in files.values():
            terminal.raw(content)
        return
    if len(files) == 1 and output is not None and not output.is_dir():
        outputs.write_file(output, next(iter(files.values())))
        terminal.note(f"wrote {output}")
        return
    directory = output or source.parent
    outputs.write(directory, files)
    for name in files:
        terminal.note(f"wrote {directory / name}")
