"""The sample monoliths in processes of their own: seeded databases, servers, replayed histories."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from helpers.ports import free_port

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
NAMES = ("django_shop", "fastapi_courier", "flask_clinic")
NOW = "2026-03-10T12:00:00+00:00"
"""Where tests freeze a sample monolith's clock."""


@dataclass(frozen=True)
class Running:
    """A served monolith: where it answers and the database that it writes."""

    name: str
    url: str
    database: Path
    process: subprocess.Popen[bytes]


def run(*command: object, cwd: Path | None = None) -> str:
    """The standard output of a Python program; fails with its errors."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *map(str, command)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-3000:]}"
    return done.stdout


def seed(name: str, database: Path) -> Path:
    """Make a sample monolith's database; the same rows every time."""
    run(FIXTURES / name / "serve.py", "--database", database, "--seed-only")
    return database


def replay(name: str, target: Path) -> Path:
    """Write a sample monolith with its history as a git repository."""
    run(FIXTURES / "replay.py", name, target)
    return target


def wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    """Return as soon as ``/healthz`` answers 200."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise AssertionError(f"{url} did not start:\n{log.read_text(errors='replace')[-3000:]}")


@contextmanager
def serving(
    name: str,
    database: Path,
    *,
    now: str | None = NOW,
    folder: Path | None = None,
    python: Path | str = sys.executable,
) -> Iterator[Running]:
    """Serve a sample monolith (or a changed copy of it in ``folder``) on a free port; stopped at the end."""
    port = free_port()
    log = database.with_name(f"{database.name}.{port}.log")
    command = [str(python), "-W", "ignore", str((folder or FIXTURES / name) / "serve.py")]
    command += ["--port", str(port), "--database", str(database), *(["--now", now] if now else [])]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_healthy(url, process, log)
            yield Running(name, url, database, process)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def copy_of(database: Path, folder: Path) -> Path:
    """A copy of a database that a test may write to."""
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy2(database, folder / database.name))
