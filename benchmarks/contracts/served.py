"""A real application in a process: seeded, served, and put back to what it was."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from helpers.monolith import free_port

IDENTITY = re.compile(r"\w+=[\w-]+: .+")
"""A line of the seed's output that names an identity."""


@dataclass
class App:
    """A checkout that can be seeded, served and put back."""

    name: str
    folder: Path
    seed: list[str]
    serve: list[str]
    state: list[Path]
    env: dict[str, str] = field(default_factory=dict)
    ready: str = "/"
    contexts: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)

    def run(self, command: list[str]) -> str:
        environment = {**os.environ, "PYTHONPATH": ".", **self.env}
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{self.name}: {' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-3000:]}")
        return done.stdout

    def make(self, snapshot: Path) -> list[str]:
        """Seed, start once (servers make tables, too) and keep the state; the identities as options."""
        for path in self.state:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        lines = [line for line in self.run(self.seed).splitlines() if IDENTITY.fullmatch(line)]
        server = Server(self, snapshot)
        server.start()
        server.stop()
        for number, path in enumerate(self.state):
            copy(path, snapshot / str(number))
        return [word for line in [*lines, *self.people] for word in ("--as", line)]

    def restore(self, snapshot: Path) -> None:
        for number, path in enumerate(self.state):
            copy(snapshot / str(number), path)

    @contextmanager
    def running(self, snapshot: Path) -> Iterator[tuple[str, str]]:
        """Served from the snapshot; addresses of the application and of what puts it back."""
        server = Server(self, snapshot)
        self.restore(snapshot)
        server.start()

        class Control(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                server.restart() if self.path == "/restart" else server.app.restore(snapshot)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *arguments: Any) -> None:
                pass

        control = ThreadingHTTPServer(("127.0.0.1", 0), Control)
        Thread(target=control.serve_forever, daemon=True).start()
        try:
            yield server.url, f"http://127.0.0.1:{control.server_port}"
        finally:
            control.shutdown()
            server.stop()


class Server:
    """The application in a process, on one port however often it is started."""

    def __init__(self, app: App, snapshot: Path) -> None:
        self.app, self._snapshot, self._port = app, snapshot, free_port()
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        log = self._snapshot / "server.log"
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [word.format(port=self._port) for word in self.app.serve],
                cwd=self.app.folder,
                env={**os.environ, "PYTHONPATH": ".", **self.app.env},
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        wait(self.url + self.app.ready, self._process, log)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def restart(self) -> None:
        self.stop()
        self.app.restore(self._snapshot)
        self.start()


def copy(source: Path, target: Path) -> None:
    """Put a file or folder in place of another, also below a running server."""
    if source.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)
    elif source.exists() and source.read_bytes()[:15] == b"SQLite format 3":
        with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target, timeout=60)) as two:
            one.backup(two)
    elif source.exists():
        shutil.copy2(source, target)


def wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until it answers below 500."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=10).close()
            return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit(f"{url} did not start:\n{log.read_text(errors='replace')[-3000:]}")
