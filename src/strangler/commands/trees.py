"""The analysed tree: where it is, and what is in it now."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from strangler import files
from strangler.commands import options
from strangler.commands.outputs import DEFAULT
from strangler.commands.problems import UserError
from strangler.written import TREE

if TYPE_CHECKING:
    from strangler.commands.terminal import Terminal
    from strangler.config import Config
    from strangler.model import BoundedContext, Model
    from strangler.sources import SourceTree

SAMPLE = 50
"""Modules whose files must be in a tree for it to be the model's."""


def scan(path: Path, settings: Config | None = None) -> SourceTree:
    """The tree at ``path``.

    Args:
        path: its root.
        settings: those in force; None: the tree's own.

    Raises:
        UserError: unreadable, or nothing in it to analyse.
    """
    from strangler import pipeline

    try:
        tree = pipeline.scan(path, settings or options.settings(path, [], isolated=False))
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}") from error
    if not tree.files:
        raise UserError(f"{path}: no Python files here; name the directory that holds the code base")
    return tree


def text_of(read: Callable[[str], bytes], path: str) -> str:
    """The text of a file as the analysis saw it, by what reads its bytes; empty where there is none."""
    from strangler.sources.decoding import EncodingError, decode

    try:
        data = read(path)
        return decode(data) if path.endswith(".py") else data.decode("utf-8", "replace")
    except (OSError, EncodingError):
        return ""


def beside(model: Path) -> list[Path]:
    """Where the tree of a model is looked for when nobody names it: where it was, then places around it."""
    folder = model.resolve().parent
    named = [found] if (found := _remembered(folder)) is not None else []
    return [*named, folder.parent, folder.with_name(folder.name.removesuffix(f"-{DEFAULT}")), Path.cwd()]


def remember(root: Path, directory: Path) -> dict[str, bytes]:
    """A file to be written beside a model, by which later verbs find its tree: the way there."""
    try:
        return {TREE: os.fsencode(os.path.relpath(root.resolve(), directory.resolve()))}
    except ValueError:  # another drive: no way leads there
        return {TREE: os.fsencode(root.resolve())}


def _remembered(folder: Path) -> Path | None:
    try:
        return (folder / os.fsdecode(files.read(folder / TREE))).resolve()
    except (OSError, ValueError, RuntimeError):  # none, or one that was changed by hand
        return None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a way that no file system can hold
        return False


def find_source(model: Path, names: Sequence[str], given: Path | None = None) -> Path | None:
    """The root of the analysed tree: the one given, or the place that the model was written for.

    Args:
        model: the model.json.
        names: paths of files in the tree that must be there.
        given: the folder that the user named.

    Raises:
        UserError: the folder that was given does not hold the files.
    """
    for root in [given] if given is not None else beside(model):
        missing = next((name for name in names if not _is_file(root / name)), None)
        if names and missing is None:
            return root
        if given is not None:
            raise UserError(f"{given}: not the tree of this model, {missing or 'its files'} not found")
    return None


def of_model(path: Path, model: Model, given: Path | None = None) -> Path | None:
    """``find_source`` by some of the model's files."""
    return find_source(path, [module.path for module in model.modules[:SAMPLE]], given)


def of_context(path: Path, model: Model, chosen: BoundedContext, given: Path | None = None) -> Path | None:
    """``find_source`` by the files of a context, which are to be worked on."""
    inside = set(chosen.modules)
    return find_source(path, sorted(one.path for one in model.modules if one.name in inside), given)


def warn_of_another_revision(document: Model, root: Path, terminal: Terminal) -> None:
    """Say where the tree is at another commit than the model."""
    from strangler.sources.git import revision

    analysed = (document.monolith.revision or "").removesuffix("+dirty")
    here = revision(root)
    if here and analysed and here != analysed:
        terminal.note(
            f"{root} is at {here[:12]}, the model is of {analysed[:12]}: lines may be off; "
            "run `strangler analyze` again"
        )
