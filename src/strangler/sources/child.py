"""Starting a helper process in which a library may crash, hang or eat memory without harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHILDREN = Path(__file__).parent / "children"


def run(
    name: str, payload: dict[str, Any], *, timeout: float, memory: int, outside: Path | None
) -> list[Any]:
    """The documents that a program of ``children`` printed before it ended or was ended.

    Args:
        name: file name of the program without its suffix.
        payload: given to it as JSON.
        timeout: wall and CPU seconds.
        memory: bytes of address space.
        outside: a directory from which nothing may be imported (the analysed tree).
    """
    bounds = {"seconds": int(timeout) + 1, "memory": memory, "parent": os.getpid()}
    payload = payload | {"path": list(_import_path(outside))} | bounds
    command = [sys.executable, "-I", "-S", "-X", "utf8", str(CHILDREN / f"{name}.py")]
    quiet = subprocess.DEVNULL
    try:
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=quiet, cwd=CHILDREN
        )
    except OSError:
        return []
    with child:
        try:
            output, _ = child.communicate(json.dumps(payload).encode(), timeout)
        except subprocess.TimeoutExpired:
            child.kill()
            output, _ = child.communicate()
        except BaseException:
            child.kill()
            raise
    return list(_documents(output))


def _documents(output: bytes) -> Iterator[Any]:
    for line in output.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            return  # cut off where the process died


def _import_path(outside: Path | None) -> Iterator[str]:
    for entry in sys.path:
        path = Path(entry)
        if (
            entry
            and path.is_absolute()
            and not (outside and path.resolve().is_relative_to(outside.resolve()))
        ):
            yield entry
