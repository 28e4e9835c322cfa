"""Replacing files: the old one stays or the new one is whole, whatever ends the run in between."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

PREFIX, SUFFIX = ".strangler-", ".part"
"""Name of a file on its way; one that nobody holds was left by a run that was ended."""


def replace(target: Path, content: bytes | Path) -> None:
    """Write bytes, or a copy of a file, to the disk, and put it in the place of ``target``.

    Raises:
        OSError: it cannot be written; ``target`` is as it was.
    """
    handle, name = tempfile.mkstemp(prefix=PREFIX, suffix=SUFFIX, dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            _hold(stream.fileno())
            if isinstance(content, Path):
                with content.open("rb") as source:
                    shutil.copyfileobj(source, stream, 1 << 20)
            else:
                stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def sweep(directory: Path) -> None:
    """Remove what runs that were ended left in a directory of ours; what another run is writing stays."""
    with contextlib.suppress(OSError):
        for path in directory.glob(f"{PREFIX}*{SUFFIX}"):
            with contextlib.suppress(OSError), path.open("rb") as stream:
                _hold(stream.fileno())
                path.unlink()


def sync(directory: Path) -> None:
    """Bring the names in a directory to the disk, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _hold(handle: int) -> None:
    """Lock a file that is being written; on Windows an open file cannot be removed anyway.

    Raises:
        OSError: another run holds it.
    """
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
