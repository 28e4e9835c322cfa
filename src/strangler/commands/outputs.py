"""Where results go and how they are written; where a verb finds the model that an earlier run wrote."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from strangler import files
from strangler.commands.problems import Exit, UserError
from strangler.written import MODEL, RECORD

if TYPE_CHECKING:
    from strangler.commands.terminal import Terminal
    from strangler.model import Model

DEFAULT = "strangler-out"


def default_directory(root: Path) -> Path:
    """``./strangler-out``; beside the tree as ``NAME-strangler-out`` where that would lie inside the tree."""
    root = root.resolve()
    here = Path.cwd().resolve()
    if here != root and root not in here.parents:
        return Path(DEFAULT)
    if root.parent == root:
        raise UserError("the analysed tree is the whole file system; say where to write with --output DIR")
    return Path(os.path.relpath(root.parent / f"{root.name}-{DEFAULT}", here))


def write(directory: Path, contents: Mapping[str, bytes | Path]) -> None:
    """Write files (bytes, or copies of paths) under ``directory``: the old ones stay or the new are whole.

    Raises:
        UserError: the directory cannot be made or written.
    """
    with writing(directory):
        put(directory, contents)


@contextlib.contextmanager
def writing(directory: Path) -> Iterator[None]:
    """Be the one run that writes into a directory, which is made; what runs that were ended left is removed.

    Raises:
        UserError: the directory cannot be made or written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with files.alone(directory):
            files.sweep(directory)
            yield
    except OSError as error:
        reason = error.strerror or error
        raise UserError(f"cannot write {directory}: {reason}; choose a place with --output DIR") from error


def put(directory: Path, contents: Mapping[str, bytes | Path]) -> None:
    """What `write` does, for one who is `writing` already.

    Raises:
        OSError: a file cannot be written.
    """
    ours: dict[str, bytes | Path] = {".gitignore": b"*\n"} if directory.name.endswith(DEFAULT) else {}
    for folder in sorted({(directory / name).parent for name in contents}):
        folder.mkdir(parents=True, exist_ok=True)
    files.replace(directory, ours | dict(contents))


def write_file(path: Path, content: bytes) -> None:
    """Write one file named by the user, atomically."""
    if path.is_dir():
        raise UserError(f"{path} is a directory; name a file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.sweep(path.parent)
        files.replace(path.parent, {path.name: content})
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror or error}") from error


def find_model(given: Path | None) -> Path:
    """The model.json that ``--model`` names, or the one that ``strangler analyze .`` wrote for this place.

    Raises:
        UserError: there is none.
    """
    if given is not None:
        path = given / MODEL if given.is_dir() else given
        if not path.is_file():
            raise UserError(f"{given}: no such model; write one with `strangler analyze PATH`")
        return path
    here = Path.cwd()
    places = [here / DEFAULT / MODEL, here.parent / f"{here.name}-{DEFAULT}" / MODEL]
    for path in places:
        if path.is_file():
            return path
    raise UserError(f"no {DEFAULT}/{MODEL} here; run `strangler analyze PATH` first or name one with --model")


def read_model(path: Path) -> Model:
    """The model in a file.

    Raises:
        UserError: unreadable, or not a model of this version.
    """
    from strangler.contexts.crossings import crossed
    from strangler.model import ModelError, load

    try:
        return crossed(load(path.read_bytes()))
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}") from error
    except ModelError as error:
        raise UserError(f"{path}: {error}") from error


def settle(directory: Path, files: dict[str, bytes], terminal: Terminal, *, check: bool, force: bool) -> None:
    """Write the files, or with ``check`` say which are out of date.

    Raises:
        UserError: edited or foreign files stand in the way, or the folder cannot be written.
        typer.Exit: with code 1, ``check`` found drift.
    """
    with contextlib.nullcontext() if check else writing(directory):
        _settle(directory, files, terminal, check=check, force=force)


def _settle(
    directory: Path, files: dict[str, bytes], terminal: Terminal, *, check: bool, force: bool
) -> None:
    from strangler.plans import folder

    try:
        files = folder.staged(directory, files)
        found = folder.compare(directory, files)
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read {directory}: {error}") from error
    if check:
        for name in found.drift:
            state = "edited by hand" if name in found.edited else "out of date"
            terminal.result(f"{directory / name}: {state}\n")
        if found.drift:
            terminal.note("run it again without --check, and commit the result")
            raise typer.Exit(Exit.FINDINGS)
        return
    if found.edited and not force:
        names = "\n  ".join(found.edited[:12])
        raise UserError(
            f"{directory}: edited by hand or not written by strangler:\n  {names}\n"
            "nothing was written; choose another place with --output DIR, or overwrite with --force"
        )
    done = folder.record(files)
    if not found.drift and folder.is_recorded(directory, done):
        return
    content = {name: files[name] for name in found.write}
    # first what will be there, beside what is: a run that is ended on the way has left nothing unknown
    put(directory, {RECORD: folder.record(files, folder.recorded(directory))})
    put(directory, content)
    for name in found.gone:
        (directory / name).unlink(missing_ok=True)
    put(directory, {RECORD: done})


def safe_name(name: str) -> str:
    """A file name for a context."""
    kept = "".join(char if char.isascii() and char.isalnum() else "-" for char in name.lower())
    return "-".join(part for part in kept.split("-") if part)[:60] or "context"
