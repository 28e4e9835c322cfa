"""Ending a run that takes more of the machine than it may."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from strangler.commands.problems import Exit, UserError

if TYPE_CHECKING:
    from strangler.limits import Limits


class _EndedError(BaseException):
    """Raised from outside: what guards a unit of work against errors of its own must let it pass."""


@contextlib.contextmanager
def bounded(limits: Limits) -> Iterator[None]:
    """End what takes more CPU than its limit, with all that it began; without effect on Windows.

    Raises:
        UserError: it took more.
    """
    if not limits.cpu_seconds or not hasattr(signal, "setitimer"):
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        raise _EndedError

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, limits.cpu_seconds)
    try:
        yield
    except _EndedError:
        raise UserError(
            f"the analysis did not end in time ({limits.named('cpu_seconds')}); nothing was written. Leave "
            "out what is not yours with the setting `exclude`, or allow more with --limit cpu-seconds=N",
            Exit.INCOMPLETE,
        ) from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextlib.contextmanager
def orderly() -> Iterator[None]:
    """What ends the process from outside lets it clear up first."""
    if threading.current_thread() is not threading.main_thread():  # signals are not for others
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)  # clearing up is not interrupted
        raise SystemExit(128 + number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = [(number, signal.getsignal(number)) for number in numbers]
    for number, handler in before:
        if handler == signal.SIG_DFL:  # else somebody wants otherwise: nohup, or an embedding program
            signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before:
            if handler == signal.SIG_DFL:
                signal.signal(number, handler)


@contextlib.contextmanager
def temporary() -> Iterator[Path]:
    """A folder that is gone afterwards; those of runs that were killed go, too."""
    import tempfile

    from strangler import files

    place = Path(tempfile.gettempdir())
    files.sweep(place)
    with files.draft(place) as folder:
        yield folder
