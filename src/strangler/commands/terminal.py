"""Results on stdout, notes and progress on stderr, colour and motion only on a terminal."""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from types import FrameType
from typing import TYPE_CHECKING, Literal

from strangler.commands.problems import UserError
from strangler.text import visible

if TYPE_CHECKING:
    from strangler.pipeline import Progress

Color = Literal["auto", "always", "never"]
TICK = 0.2
"""Seconds between two pictures of the progress."""


def tell(text: str) -> None:
    """Print on stderr; a stderr that is closed or full is no reason to fail."""
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            print(visible(text), file=sys.stderr)


class Terminal:
    """Writes for one run of one verb."""

    def __init__(self, color: Color = "auto", verbosity: int = 0) -> None:
        self.verbosity = verbosity
        self._color = color

    @property
    def on_screen(self) -> bool:
        """Whether a person sees the results at once: stdout is a terminal."""
        return bool(getattr(sys.stdout, "isatty", bool)())

    @property
    def width(self) -> int | None:
        """Characters of a line of the terminal; None where nothing has to fit one."""
        return max(40, shutil.get_terminal_size().columns) if self.on_screen else None

    def result(self, text: str, *, headings: bool = False) -> None:
        """Print the result on stdout; with ``headings``, unindented first words are bold on a terminal."""
        text = visible(text)
        if headings and self._colored(sys.stdout):
            text = _with_bold_headings(text)
        self.raw(text.encode("utf-8"))

    def raw(self, data: bytes) -> None:
        """Print bytes on stdout as they are."""
        try:
            if sys.stdout is None:
                raise OSError(errno.EBADF, "it is closed")
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise UserError(f"cannot write to the standard output: {error.strerror or error}") from error

    def note(self, text: str, *, level: int = 0) -> None:
        """Tell on stderr; ``level`` 1 needs -v, 2 -vv, and -q silences all."""
        if self.verbosity >= level:
            tell(text)

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A callback (stage, done, total) that draws a bar on a terminal and costs nothing elsewhere."""
        if (
            self.verbosity < 0
            or sys.stderr is None
            or not sys.stderr.isatty()
            or os.environ.get("TERM") == "dumb"
        ):
            yield lambda stage, done, total: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        console = Console(stderr=True, no_color=not self._colored(sys.stderr))
        count = TextColumn("{task.fields[count]}")
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description:<12}"),
            BarColumn(),
            count,
            TimeElapsedColumn(),
        )
        # A thread that redraws is for Windows alone: elsewhere processes are forked while the bar stands.
        by_signal = hasattr(signal, "setitimer")
        with Progress(*columns, console=console, transient=True, auto_refresh=not by_signal) as bars:
            task = bars.add_task("scanning", total=None, count="")
            drawing = False

            def draw() -> None:
                nonlocal drawing
                if drawing:  # a signal came while we were at it
                    return
                drawing = True
                try:
                    bars.refresh()
                finally:
                    drawing = False

            def show(stage: str, done: int, total: int) -> None:
                counted = total > 1  # else a phase of unknown length: the bar runs to and fro
                bars.tasks[task].total = total if counted else None
                bars.update(
                    task, description=stage, completed=done, count=f"{done}/{total}" if counted else ""
                )
                bars.tasks[
                    task
                ].finished_time = None  # a counted phase was done, the run is not: time goes on
                draw()

            with _ticking(draw) if by_signal else nullcontext():
                yield show

    @contextmanager
    def working(self, stage: str) -> Iterator[None]:
        """Show how long a phase takes whose length is not known."""
        with self.progress() as progress:
            progress(stage, 0, 1)
            yield

    def _colored(self, stream: object) -> bool:
        if self._color != "auto":
            return self._color == "always"
        if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            return False
        return bool(os.environ.get("FORCE_COLOR")) or bool(getattr(stream, "isatty", bool)())


@contextmanager
def _ticking(draw: Callable[[], None]) -> Iterator[None]:
    """Draw again a few times a second, between the steps of whatever else the process does.

    A timer, which processes that are forked do not inherit. Signals are the main thread's: on any other,
    nothing is drawn in between.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def tick(number: int, frame: FrameType | None) -> None:
        # What was interrupted may have been writing to the same stream, or the stream is gone: then not now.
        with suppress(OSError, ValueError, RuntimeError):
            draw()

    before = signal.signal(signal.SIGALRM, tick)
    signal.setitimer(signal.ITIMER_REAL, TICK, TICK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _with_bold_headings(text: str) -> str:
    from rich.console import Console
    from rich.text import Text

    styled = Text(text)
    styled.highlight_regex(re.compile(r"^(?! |$).*?(?=\s\s|$)", re.MULTILINE), "bold")
    console = Console(force_terminal=True, color_system="standard", no_color=False)
    with console.capture() as written:
        console.print(styled, end="", soft_wrap=True)
    return written.get()
