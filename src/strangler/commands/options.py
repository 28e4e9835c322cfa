"""Arguments and options that several verbs share, named as ruff names them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strangler.commands import completion
from strangler.commands.problems import UserError

if TYPE_CHECKING:
    from strangler.config import Config as Settings


class ColorMode(StrEnum):
    """When to colour."""

    auto = "auto"
    always = "always"
    never = "never"


class Format(StrEnum):
    """Text for people or JSON for scripts."""

    text = "text"
    json = "json"


A_CONTEXT = typer.Argument(help="Name of the context to extract.", autocompletion=completion.contexts)
Tree = Annotated[Path, typer.Argument(help="Directory of the monolith.", show_default=True)]
Model = Annotated[
    Path | None,
    typer.Option(
        "--model",
        metavar="FILE",
        help="model.json or the directory that holds it; default: where `strangler analyze .` puts it.",
    ),
]
Config = Annotated[
    list[str] | None,
    typer.Option(
        "--config", metavar="FILE|KEY=VALUE", help="Configuration file, or one setting; repeatable."
    ),
]
Boundaries = Annotated[
    Path | None,
    typer.Option(
        "--boundaries",
        metavar="FILE",
        help="Accepted boundaries; default: strangler-boundaries.toml of the tree.",
    ),
]
Isolated = Annotated[bool, typer.Option("--isolated", help="Ignore the configuration files of the tree.")]
ShowSettings = Annotated[bool, typer.Option("--show-settings", help="Print the settings in force and stop.")]
Limit = Annotated[
    list[str] | None,
    typer.Option("--limit", metavar="NAME=NUMBER", help="Set a limit of the work; repeatable."),
]
ShowLimits = Annotated[
    bool, typer.Option("--limits", help="Print the limits in force, what each guards, and stop.")
]
OutputFormat = Annotated[
    Format, typer.Option("--output-format", "--format", help="Form of the result on stdout.")
]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="DIR", help="Directory to write to.")]
Source = Annotated[
    Path | None,
    typer.Option("--source", metavar="DIR", help="The analysed tree; default: found by the model."),
]
BesideModel = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="DIR", help="Default: beside the model.")
]
UpToDate = Annotated[
    bool, typer.Option("--check", help="Write nothing; exit 1 where the files are out of date.")
]
Force = Annotated[
    bool, typer.Option("--force", help="Overwrite files that were edited by hand or are not ours.")
]
ExitZero = Annotated[bool, typer.Option("--exit-zero", help="Exit 0 even with findings.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No notes and no progress on stderr.")]
Verbose = Annotated[
    int,
    typer.Option(
        "--verbose", "-v", count=True, show_default=False, help="More notes on stderr; twice: tracebacks too."
    ),
]
Color = Annotated[ColorMode, typer.Option("--color", help="When to colour the output.")]
Jobs = Annotated[
    int | None, typer.Option("--jobs", "-j", min=1, metavar="N", help="Processes; default: all cores.")
]
NoCache = Annotated[bool, typer.Option("--no-cache", "-n", help="Neither read nor write the cache.")]


def of_limits(given: list[str] | None) -> list[str]:
    """``--limit`` as settings.

    Raises:
        UserError: another form.
    """
    for item in given or ():
        if "=" not in item:
            raise UserError(
                f"--limit {item}: write NAME=NUMBER; `strangler analyze --limits` lists the names"
            )
    return [f"limits.{item.strip()}" for item in given or ()]


def settings(path: Path, overrides: list[str], *, isolated: bool) -> Settings:
    """The configuration for the tree at ``path``.

    Raises:
        UserError: no such directory, or a configuration that cannot be used.
    """
    from strangler.config import ConfigError, load

    try:
        if not path.exists():
            raise UserError(f"{path}: no such directory")
        if not path.is_dir():
            raise UserError(f"{path}: not a directory; name the directory that holds the code base")
        return load(path, overrides, isolated=isolated)
    except ConfigError as error:
        raise UserError(str(error)) from error
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}") from error
