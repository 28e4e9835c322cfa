"""The folder of a plan: what was written by us, what was edited since, what would differ now.

``.strangler-files.json`` holds the SHA-256 of every file as it was written. A file that has another content
now was edited by hand, one that is not listed is somebody else's; neither is overwritten without force.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from strangler import files
from strangler.written import RECORD

THEIRS = frozenset({"contracts/states.py"})
"""Files of the team: written where they are missing, left alone for ever after."""


@dataclass(frozen=True)
class Comparison:
    """What writing would do to a folder."""

    write: tuple[str, ...]
    """Files that are new or have another content now."""
    edited: tuple[str, ...]
    """Files that differ from what an earlier run wrote, or that no run wrote."""
    gone: tuple[str, ...]
    """Files of an earlier run, unedited, that no longer belong to the plan."""

    @property
    def drift(self) -> tuple[str, ...]:
        """Everything that is not as the plan would write it."""
        return tuple(sorted({*self.write, *self.edited, *self.gone}))


def digest(content: bytes) -> str:
    """Name of a content."""
    return hashlib.sha256(content).hexdigest()


def staged(folder: Path, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files, where a gateway was switched as it is told to (``cp stages/full.conf stage.conf``) with that
    stage as it is now: what the gateway does is its operator's choice.

    Raises:
        ValueError: a path leads out of the folder through a link.
    """
    known = recorded(folder)
    chosen = {name: _stage(folder, name, known) for name in files}
    return {name: files.get(chosen[name] or name, content) for name, content in files.items()}


def _stage(folder: Path, name: str, known: Mapping[str, frozenset[str]]) -> str | None:
    """The stage beside a file that somebody has copied over it."""
    found = _content(folder, name) if name in known else None
    if found is None or digest(found) in known[name]:
        return None
    beside = f"{name.rpartition('/')[0]}/stages/"
    return next(
        (one for one in sorted(known) if one.startswith(beside) and digest(found) in known[one]), None
    )


def compare(folder: Path, files: Mapping[str, bytes]) -> Comparison:
    """Compare a folder with what it should hold.

    Raises:
        ValueError: a path leads out of the folder through a link.
    """
    known = recorded(folder)
    write, edited = [], []
    for name, content in sorted(files.items()):
        found = _content(folder, name)
        if found == content or (found is not None and name in THEIRS):
            continue
        write.append(name)
        if found is None or digest(found) in known.get(name, ()):
            continue
        if _stage(folder, name, known) is None:
            edited.append(name)
    gone = []
    for name, written in sorted(known.items()):
        if name not in files:
            found = _content(folder, name)
            if found is not None and digest(found) in written:
                gone.append(name)
    return Comparison(tuple(write), tuple(edited), tuple(gone))


def record(files: Mapping[str, bytes], before: Mapping[str, frozenset[str]] | None = None) -> bytes:
    """The content of the record.

    Args:
        before: what the record held, while the files are on their way: each is the one or the other.
    """
    known = dict(before or {})
    hashes = {
        name: sorted(known.get(name, frozenset()) | ({digest(files[name])} if name in files else set()))
        for name in sorted({*files, *known})
    }
    plain = {name: found[0] if len(found) == 1 else found for name, found in hashes.items()}
    return (json.dumps(plain, indent=1) + "\n").encode()


def recorded(folder: Path) -> dict[str, frozenset[str]]:
    """Digests that an earlier run may have written under each name; nothing where the record is odd."""
    try:
        found = json.loads(files.read(folder / RECORD))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    digests = {name: [value] if isinstance(value, str) else value for name, value in found.items()}
    return {
        name: frozenset(one for one in value if isinstance(one, str))
        for name, value in digests.items()
        if isinstance(value, list) and _local(name)
    }


def is_recorded(folder: Path, record: bytes) -> bool:
    """Whether the record says just that: of a run that was ended it says more."""
    try:
        return files.read(folder / RECORD) == record
    except OSError:
        return False


def _local(name: str) -> bool:
    return not Path(name).is_absolute() and ".." not in Path(name).parts


def _content(folder: Path, name: str) -> bytes | None:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{path} leads out of {folder} through a link; remove it")
    try:
        return files.read(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
