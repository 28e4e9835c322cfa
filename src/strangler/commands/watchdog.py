"""Ending a run that takes more of the machine than it may."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
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
