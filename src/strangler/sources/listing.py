"""Running a program whose list may have no end: what it prints is bounded, as is its time."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

PIECE = 1 << 20
"""Bytes read at once."""
ERRORS = 4_000
"""Bytes kept of what a program says on stderr: its last lines tell why it failed."""


class TooLongError(Exception):
    """The program printed more than it may."""


class Done(NamedTuple):
    """What a program left."""

    code: int
    output: bytes
    errors: bytes


def run(
    command: Sequence[str],
    stdin: bytes,
    *,
    cwd: Path,
    env: Mapping[str, str],
    seconds: float,
    most: int,
    memory: int,
) -> Done:
    """Run a program to its end.

    Args:
        seconds: of wall time, after which it is ended.
        most: bytes of output, after which it is ended.
        memory: bytes that it may ask of the system; files that it maps are not counted. On Linux alone.

    Raises:
        TimeoutError: it took longer.
        TooLongError: it printed more.
        OSError: it cannot be started.
    """
    pipe = subprocess.PIPE
    child = subprocess.Popen(command, cwd=cwd, env=env, stdin=pipe, stdout=pipe, stderr=pipe)
    _bound(child.pid, memory)
    late = threading.Event()

    def end() -> None:
        late.set()
        child.kill()

    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    errors: list[bytes] = []
    timer = threading.Timer(seconds, end)
    helpers = [
        timer,
        threading.Thread(target=_last, args=(child.stderr, errors)),
        threading.Thread(target=_feed, args=(child.stdin, stdin)),
    ]
    try:
        for helper in helpers:
            helper.daemon = True
            helper.start()
        pieces, size = [], 0
        while piece := child.stdout.read(PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > most:
                raise TooLongError
        child.wait()
    finally:
        timer.cancel()
        if child.poll() is None:
            child.kill()
        for helper in helpers:
            if helper.ident:  # else the run was interrupted before it was started
                helper.join()
        child.stdout.close()
        child.wait()
    if late.is_set():
        raise TimeoutError
    return Done(child.returncode, b"".join(pieces), b"".join(errors))


def _bound(pid: int, memory: int) -> None:
    try:
        import resource

        resource.prlimit(pid, resource.RLIMIT_DATA, (memory, memory))
    except (ImportError, AttributeError, OSError, ValueError):
        pass  # another system, a lower limit already, or the program has ended


def _feed(pipe: IO[bytes], content: bytes) -> None:
    try:
        with pipe:
            pipe.write(content)
    except OSError:
        pass  # the program has ended before it has read all


def _last(pipe: IO[bytes], kept: list[bytes]) -> None:
    with pipe:
        while piece := pipe.read(ERRORS):
            kept[:] = [*kept[-1:], piece]
