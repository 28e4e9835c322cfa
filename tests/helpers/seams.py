"""Sample monoliths with seams in them, and their own tests over a provider in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from helpers.monolith import FIXTURES
from helpers.planted import planted
from helpers.ports import free_port
from strangler.contracts.operations import Operations, find_operations
from strangler.contracts.seams import Seams, build_seams
from strangler.model import Model
from strangler.sources import scan

MOVED = {"flask_clinic": {"diary": {"clinic.appointments.slots"}, "figures": {"clinic.helpers"}}}
"""Modules that the tests put into contexts of their own, so that plain calls cross a boundary."""
TOKEN = "only-for-tests"


@dataclass(frozen=True)
class Patched:
    """A copy of a sample monolith with its seams."""

    name: str
    folder: Path
    operations: Operations
    seams: Seams


def model_of(name: str) -> Model:
    """The model of a sample monolith, its contexts planted, some modules moved."""
    model = planted(name)
    moved = MOVED.get(name, {})
    gone = {module for modules in moved.values() for module in modules}
    contexts = [
        msgspec.structs.replace(found, modules=tuple(item for item in found.modules if item not in gone))
        for found in model.contexts
    ]
    contexts += [
        msgspec.structs.replace(contexts[0], name=context, kind="context", modules=tuple(modules), tables=())
        for context, modules in sorted(moved.items())
    ]
    return msgspec.structs.replace(model, contexts=tuple(contexts))


def patched(name: str, folder: Path) -> Patched:
    """A copy of a sample monolith into which git has applied its seams."""
    shutil.copytree(FIXTURES / name, folder, ignore=shutil.ignore_patterns("__pycache__", "*.sqlite3"))
    model, tree = model_of(name), scan(FIXTURES / name)
    operations = find_operations(model)
    seams = build_seams(model, tree, operations)
    apply(folder, seams.patch)
    return Patched(name, folder, operations, seams)


def apply(folder: Path, patch: bytes) -> None:
    """``git apply`` a patch in a folder that is no repository."""
    subprocess.run(["git", "apply", "--whitespace=error", "-"], cwd=folder, input=patch, check=True)


def own_tests(found: Patched, **environment: str) -> str:
    """Run the sample's own tests; what they wrote."""
    command = ["manage.py", "test"] if (found.folder / "manage.py").exists() else ["-m", "unittest"]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *command],
        cwd=found.folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout + done.stderr


@contextmanager
def provider(found: Patched, program: str, **environment: str) -> Iterator[tuple[str, Path]]:
    """Run a program that serves ``application`` in the monolith's folder; its URL and its log of calls."""
    port, log = free_port(), found.folder / "calls.log"
    path = found.folder / "provider.py"
    path.write_text(f"{program}\n{_SERVE}")
    command = [sys.executable, "-W", "ignore", str(path), str(port), str(log)]
    with subprocess.Popen(
        command, cwd=found.folder, env=os.environ | environment | {"SEAM_TOKEN": TOKEN}
    ) as process:
        try:
            deadline = time.monotonic() + 60
            while not log.exists():
                assert process.poll() is None, "the provider ended"
                assert time.monotonic() < deadline, "the provider did not start"
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}", log
        finally:
            process.kill()


_SERVE = """
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class Handler(WSGIRequestHandler):
    def log_message(self, *arguments):
        with open(sys.argv[2], "a") as log:
            log.write(" ".join(map(str, arguments)) + "\\n")


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


server = make_server("127.0.0.1", int(sys.argv[1]), application, Server, Handler)
open(sys.argv[2], "w").close()
server.serve_forever()
"""
