"""Results on stdout, notes and progress on stderr, colour and motion only on a terminal."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Literal

from strangler.commands.problems import UserError
from strangler.text import visible

if TYPE_CHECKING:
    from strangler.pipeline import Progress

Color = Literal["auto", "always", "never"]


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
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        console = Console(stderr=True, no_color=not self._colored(sys.stderr))
        label = TextColumn("{task.description:<12}")
        columns = label, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        # No thread that redraws: processes are forked while the bar stands.
        with Progress(*columns, console=console, transient=True, auto_refresh=False) as bars:
            task = bars.add_task("scanning", total=None)

            def show(stage: str, done: int, total: int) -> None:
                bars.update(task, description=stage, completed=done, total=total, refresh=True)

            yield show

    def _colored(self, stream: object) -> bool:
        if self._color != "auto":
            return self._color == "always"
        if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            return False
        return bool(os.environ.get("FORCE_COLOR")) or bool(getattr(stream, "isatty", bool)())


def _with_bold_headings(text: str) -> str:
    from rich.console import Console
    from rich.text import Text

    styled = Text(text)
    styled.highlight_regex(re.compile(r"^(?! |$).*?(?=\s\s|$)", re.MULTILINE), "bold")
    console = Console(force_terminal=True, color_system="standard", no_color=False)
    with console.capture() as written:
        console.print(styled, end="", soft_wrap=True)
    return written.get()
