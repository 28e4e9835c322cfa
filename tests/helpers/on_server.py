"""Programs of a small monolith on a test's own database servers, and the page that takes its tables there."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from helpers.blocks import Page
from helpers.monolith import run
from helpers.postgres import Server, servers

MANAGE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")
from django.core.management import execute_from_command_line
if __name__ == "__main__":
    execute_from_command_line(sys.argv)
"""


def write_site(files: Mapping[str, str], root: Path) -> None:
    """Write a Django monolith of the apps ``a`` and ``b`` to ``root/site``, with its migrations, and its
    model, which has a context for each, to ``root/model``."""
    for path, text in {"manage.py": MANAGE, **files}.items():
        (root / "site" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "site" / path).write_text(textwrap.dedent(text))
    program("manage.py makemigrations a b -v 0", root / "site", Server(9), "nobody")
    pinned = ("--config", 'contexts.pin.b=["b"]', "--config", 'contexts.pin.a=["a"]')
    run("-m", "strangler", "analyze", root / "site", "-o", root / "model", "--quiet", *pinned)


def extract_b(root: Path, out: str, *options: str) -> None:
    """Write the service of its app ``b`` to ``root/out``."""
    common = ("--model", root / "model", "--source", root / "site")
    run("-m", "strangler", "extract", "b", *common, "-o", root / out, "-q", *options)


@contextmanager
def two_databases() -> Iterator[tuple[Server, Server]]:
    """The monolith's server and the service's, each with an empty database, its owner and the role of the
    service."""
    with servers(2) as (one, other):
        for server in (one, other):
            server.rows("CREATE ROLE maker LOGIN")
            server.rows("CREATE ROLE mine LOGIN")
            server.rows("CREATE DATABASE data OWNER maker")
        yield one, other


def page_of(out: Path, one: Server, other: Server) -> Page:
    """The page of what was extracted, with the variables of two such servers."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "TEST_PORT": str(other.port),
        "TEST_USER": "maker",
        "MONOLITH_DB": one.url("data"),
        "SERVICE_DB": other.url("data"),
        "MONOLITH_LINK": one.link("data"),
        "SERVICE_LINK": other.link("data"),
        "SERVICE_ROLE": "mine",
        "COPY_PASSWORD": "secret",
    }
    return Page(out / "data" / "README.md", out, environment)


def program(text: str, tree: Path, server: Server, user: str, *arguments: str) -> str:
    """What a program says: the words of a command, or a text in Python that begins with an empty line."""
    environment = {
        **os.environ,
        "TEST_PORT": str(server.port),
        "TEST_USER": user,
        "DJANGO_SETTINGS_MODULE": "site_settings",
        "PYTHONPATH": str(tree),
        "PYTHONWARNINGS": "ignore",
    }
    command = [sys.executable, *(["-c", text] if text.startswith("\n") else text.split()), *arguments]
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
