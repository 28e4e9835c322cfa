"""``strangler serve``: the report live on the tree; its workshop writes the boundaries."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strangler.commands import accept, options, outputs
from strangler.commands.check import BASELINE
from strangler.commands.problems import Exit, UserError
from strangler.commands.terminal import Terminal
from strangler.commands.watchdog import orderly, temporary
from strangler.written import MODEL

if TYPE_CHECKING:
    from strangler.commands.live import Live, LiveServer, Picture
    from strangler.config import Config
    from strangler.model import Model

PAUSE = 1.0
"""Seconds between two looks at the tree; at least, and ten times what a look costs."""


class Told(Terminal):
    """Keeps the notes for the page, beside telling them."""

    def __init__(self, verbosity: int) -> None:
        super().__init__(verbosity=verbosity)
        self.notes: list[str] = []

    def note(self, text: str, *, level: int = 0) -> None:
        """Tell, and keep."""
        if level == 0:
            self.notes.append(text)
        super().note(text, level=level)


def serve(
    path: options.Tree = Path(),
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, metavar="N", help="Default: a free one.")
    ] = 0,
    boundaries: options.Boundaries = None,
    baseline: Annotated[
        Path, typer.Option("--baseline", metavar="FILE", help="Baseline to carry over, if there.")
    ] = BASELINE,
    jobs: options.Jobs = None,
    no_cache: options.NoCache = False,
    config: options.Config = None,
    limit: options.Limit = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
) -> None:
    """Show the report live: it follows the tree, and its workshop writes strangler-boundaries.toml.

    Listens on this machine alone; the address that is printed holds a secret. What `strangler accept` would
    write is all that is written. Ctrl-C ends it.

    \b
    strangler serve
    strangler serve ~/src/shop --port 8700
    """
    from strangler.boundaries import FILE

    gc.enable()  # this one runs for long
    terminal = Terminal(verbosity=-1 if quiet else verbose)
    overrides = [*(config or ()), *options.of_limits(limit)]
    root = path.resolve()
    watched = Watched(path, overrides, boundaries or root / FILE)
    more = [word for value in overrides for word in ("--config", value)]
    more += ["--jobs", str(jobs)] if jobs else []
    more += ["--no-cache"] if no_cache else []
    more += ["--boundaries", str(boundaries)] if boundaries else []
    with temporary() as folder, orderly(), listening(port) as server:
        run = Runs(root, folder, more)
        seen = watched.signature()
        run.first(outputs.default_directory(path), quiet=quiet)
        with suppress(KeyboardInterrupt):
            follow(run, watched, baseline, terminal, server, seen)


class Watched:
    """What a picture is made of: the tree, the settings, the boundaries.

    Args:
        path: the tree, as it was named.
        overrides: what ``--config`` has named: a file, single settings.
        target: the file of boundaries.

    Raises:
        UserError: no such tree, or settings that cannot be used.
    """

    def __init__(self, path: Path, overrides: list[str], target: Path) -> None:
        self._path = path
        self._overrides = overrides
        self._files = [Path(item) for item in overrides if "=" not in item]
        self.target = target
        self.settings = self._read()
        """Those of the last look at which they could be used."""

    def _read(self) -> Config:
        return options.settings(self._path, self._overrides, isolated=False)

    def signature(self) -> tuple[object, ...]:
        """What changes when the tree, its settings, its boundaries or its history do; of contents only the
        settings are read.

        Raises:
            UserError: the tree is gone.
        """
        from strangler.sources.codeowners import PLACES
        from strangler.sources.walk import walk

        with suppress(UserError):  # the analysis says what is wrong with them
            self.settings = self._read()
        root = self._path
        try:
            found = walk(root, self.settings.exclude, self.settings.limits)
        except OSError as error:
            raise UserError(f"{root}: {error.strerror or error}", Exit.USAGE) from error
        files = {*found.python, *found.templates, *found.configuration, *found.catalogs}
        others = ["strangler.toml", "pyproject.toml", ".git/HEAD", ".git/logs/HEAD", *PLACES]
        named = [(str(file), _stamp(file)) for file in (self.target, *self._files)]
        return (*named, *((name, _stamp(root / name)) for name in sorted({*files, *others})))


class Runs:
    """Analyses of the tree, each in a process of its own: its memory is given back, and it can be ended."""

    def __init__(self, root: Path, folder: Path, more: list[str]) -> None:
        self.root = root
        self.model = folder / MODEL
        command = [sys.executable, "-P", "-m", "strangler", "analyze", str(root), "--output", str(folder)]
        self._command = [*command, "--exit-zero", *more]

    def first(self, earlier: Path, *, quiet: bool) -> None:
        """Analyse, with progress on the terminal, and keep to what the last `strangler analyze` proposed.

        Raises:
            typer.Exit: nothing can be analysed; the reason has been told.
        """
        prior = earlier / MODEL
        more = ["--prior", str(prior)] if prior.is_file() else []
        command = [*self._command, *more, *(["--quiet"] if quiet else [])]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise typer.Exit(done.returncode)

    def again(self, wait: Callable[[], None]) -> str:
        """Analyse; why it failed, or nothing.

        Args:
            wait: called until the analysis has ended.
        """
        quiet = subprocess.DEVNULL
        with (self.model.parent / "stderr.txt").open("w+b") as said:
            child = subprocess.Popen([*self._command, "--quiet"], stdin=quiet, stdout=quiet, stderr=said)
            try:
                while child.poll() is None:
                    wait()
            finally:
                child.kill()
                child.wait()
            said.seek(0)
            message = said.read(4000).decode("utf-8", "replace").strip()
        return message or f"it ended with {child.returncode}" if child.returncode else ""


def follow(
    run: Runs,
    watched: Watched,
    baseline: Path,
    terminal: Terminal,
    server: LiveServer,
    seen: tuple[object, ...],
) -> None:
    """Serve the picture of the tree, and a new one whenever the tree has changed and stands still again."""
    from strangler.commands.live import Live

    make = partial(picture, run.model, run.root, watched, baseline, terminal)
    live = Live(make(1))
    with serving(server, live) as url:
        terminal.raw(f"{url}\n".encode())
        terminal.note(f"the report of {run.root}, live; Ctrl-C ends it")
        before, asked = seen, False
        while True:
            began = time.monotonic()
            now = watched.signature()
            cost = time.monotonic() - began
            if now != seen and (asked or now == before):  # while files are being written it waits
                seen = now
                _renew(run, live, make)
            before = now
            asked = live.changed.wait(max(PAUSE, 10 * cost))
            live.changed.clear()


def _renew(run: Runs, live: Live, make: Callable[[int], Picture]) -> None:
    began = time.monotonic()

    def wait() -> None:
        live.note = f"The tree has changed: it is analysed ({time.monotonic() - began:.0f} s)"
        time.sleep(0.2)

    problem = run.again(wait)
    if not problem:
        try:
            live.picture = make(live.picture.number + 1)
        except UserError as error:
            problem = str(error)
    live.note = f"The tree has changed, but its analysis failed: {problem}" if problem else ""


@contextmanager
def listening(port: int) -> Iterator[LiveServer]:
    """The place at which requests will be answered: it is taken before anything is analysed.

    Raises:
        UserError: the port is taken.
    """
    from strangler.commands.live import LiveServer

    try:
        server = LiveServer(port)
    except OSError as error:
        raise UserError(f"--port {port}: {error.strerror or error}; choose another, or none") from error
    with server:
        yield server


@contextmanager
def serving(server: LiveServer, live: Live) -> Iterator[str]:
    """Answer requests meanwhile; gives the address."""
    server.live = live
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True)
    thread.start()
    try:
        yield server.url
    finally:
        server.shutdown()
        thread.join()
        live.finish()


def picture(
    file: Path, root: Path, watched: Watched, baseline: Path, terminal: Terminal, number: int
) -> Picture:
    """The live page of a stored model.

    Raises:
        UserError: the model cannot be read.
    """
    from strangler.commands.live import Picture
    from strangler.commands.trees import text_of
    from strangler.reports import ReportOptions
    from strangler.reports.excerpts import excerpts
    from strangler.reports.html import page
    from strangler.sources.walk import read

    model = outputs.read_model(file)
    settings = watched.settings
    lines = excerpts(model, partial(text_of, partial(read, root))) if settings.excerpts else {}
    drawn = page.page(model, ReportOptions(source_url=settings.source_url, excerpts=lines, live=number))
    return Picture(number, drawn, partial(_accept, model, watched.target, baseline, terminal.verbosity))


def _accept(model: Model, target: Path, baseline: Path, verbosity: int, text: str) -> list[str]:
    """Write down the cut that the page has drawn, as ``strangler accept --from`` does."""
    from strangler.boundaries import BoundariesError, parse
    from strangler.contexts.drawing import Decision

    terminal = Told(verbosity)
    try:
        given, _ = parse(text, "the cut")
    except BoundariesError as error:
        raise UserError(f"{error}\nnothing was written") from error
    available = accept.from_file(model, "the cut", given, terminal)
    accept.write_down(model, available, (), target, terminal, given, Decision(), baseline)
    return terminal.notes


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
