"""Programs of a small Django monolith on a test's own database server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from helpers.postgres import Server


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
