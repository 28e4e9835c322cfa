"""Replacing files: the old ones stay or the new ones are whole, whatever ends the run in between.

New files are written into a draft, a folder beside the old ones that this run holds by a lock, and renamed
from there when all of them are on the disk. A draft that nobody holds was left by a run that was ended.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

PREFIX, SUFFIX = ".strangler-", ".part"
"""Name of a draft."""
LOCK = "lock"
PATIENCE = 30.0
"""Seconds for which a run waits for another one that writes into the same folder."""
STALE = 7 * 86_400
"""Seconds after which a draft is nobody's, where the file system has no locks that tell."""


@contextlib.contextmanager
def draft(directory: Path) -> Iterator[Path]:
    """A new folder in ``directory`` that no other run sweeps away; removed at the end if it is still there.

    Raises:
        OSError: it cannot be made.
    """
    while True:
        place = Path(tempfile.mkdtemp(prefix=PREFIX, suffix=SUFFIX, dir=directory))
        try:
            handle = os.open(place / LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except FileNotFoundError:
            continue  # another run swept it before there was a lock
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
        if _lock(handle) is not False and (place / LOCK).exists():
            break
        os.close(handle)  # another run is sweeping it
    try:
        yield place
    finally:
        os.close(handle)
        shutil.rmtree(place, ignore_errors=True)


def read(path: Path, most: int = -1) -> bytes:
    """The bytes of a file of our own; whatever lies in its place does not make the run wait.

    Args:
        path: the file.
        most: how many of its first bytes; -1: all.

    Raises:
        OSError: it cannot be read, or is no regular file.
    """
    handle = os.open(path, _READ)
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        return stream.read(most)


_READ = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_BINARY", "O_CLOEXEC"):
    _READ |= getattr(os, _flag, 0)


def write(path: Path, content: bytes | Path) -> None:
    """Write a new file, of bytes or as a copy of a file, to the disk.

    Raises:
        OSError: it cannot be written.
    """
    with path.open("xb") as stream:
        if isinstance(content, Path):
            with content.open("rb") as source:
                shutil.copyfileobj(source, stream, 1 << 20)
        else:
            stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def replace(directory: Path, contents: Mapping[str, bytes | Path]) -> None:
    """Put files into the place of those below ``directory``, when all of them are on the disk.

    Args:
        directory: where they stand; it and their folders are there.
        contents: bytes, or a file to be copied, by relative path.

    Raises:
        OSError: one cannot be written. All are as they were, unless a folder stands where a file should.
    """
    with draft(directory) as place:
        for number, content in enumerate(contents.values()):
            write(place / str(number), content)
        for number, name in enumerate(contents):
            (place / str(number)).replace(directory / name)
    for folder in sorted({(directory / name).parent for name in contents}):
        sync(folder)


@contextlib.contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Write while no other run does: what two runs write is not mixed, where the system has locks.

    Another one is waited for, but not for ever: it may have been stopped.
    """
    try:
        handle = os.open(directory, os.O_RDONLY)
    except OSError:  # Windows opens no directories
        yield
        return
    try:
        end = time.monotonic() + PATIENCE
        while _lock(handle) is False and time.monotonic() < end:
            time.sleep(0.02)
        yield
    finally:
        os.close(handle)


def sweep(directory: Path) -> None:
    """Remove what runs that were ended left in a directory; what another run is writing, or another user has
    put there, stays."""
    with contextlib.suppress(OSError):
        for place in directory.glob(f"{PREFIX}*{SUFFIX}"):
            with contextlib.suppress(OSError):
                if _is_own_folder(place):
                    _remove_left(place)


def sync(directory: Path) -> None:
    """Bring the names in a directory to the disk, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _is_own_folder(place: Path) -> bool:
    found = place.lstat()
    return stat.S_ISDIR(found.st_mode) and (not hasattr(os, "getuid") or found.st_uid == os.getuid())


def _remove_left(place: Path) -> None:
    """Remove a draft that nobody holds; the lock is held meanwhile, so that nobody takes it for its own.

    Raises:
        OSError: it is gone, or its run has just begun.
    """
    try:
        handle = os.open(place / LOCK, os.O_RDWR)
    except FileNotFoundError:
        place.rmdir()
        return
    try:
        free = _lock(handle)
        if free:
            shutil.rmtree(place, ignore_errors=True)
    finally:
        os.close(handle)
    if free is None and time.time() - place.stat().st_mtime > STALE:
        shutil.rmtree(place, ignore_errors=True)


def _lock(handle: int) -> bool | None:
    """Lock a file: whether it was free; None where the system or the file system has no locks."""
    try:
        import fcntl
    except ImportError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
