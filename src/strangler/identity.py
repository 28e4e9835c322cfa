"""Which program this is, exactly: whatever it computed is kept only as long as the program is the same."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

import msgspec

from strangler.version import __version__

PLUGINS = "strangler.frameworks"
"""The group of entry points under which other distributions name frameworks that they add."""


@cache
def program_digest() -> str:
    """Changes with strangler's own code, the installed libraries and Python; costs a look at each file."""
    digest = hashlib.sha256(f"{__version__} {sys.version}".encode())
    package = Path(__file__).parent
    for path in sorted(package.rglob("*")):
        if path.suffix != ".pyc" and path.is_file():
            state = path.stat()
            digest.update(f"{path.relative_to(package)} {state.st_size} {state.st_mtime_ns}\n".encode())
    site_packages = Path(msgspec.__file__).parent.parent
    digest.update("".join(sorted(item.name for item in site_packages.glob("*.dist-info"))).encode())
    for point in sorted(entry_points(group=PLUGINS)):
        digest.update(f"{point.name} {point.value}\n".encode())
        digest.update(_state(point.module))
    return digest.hexdigest()


def _state(module: str) -> bytes:
    """Changes with the files of a plug-in: one that is installed in place changes without a new version."""
    try:
        spec = find_spec(module.partition(".")[0])
    except (ImportError, ValueError):
        return b""  # said where it is loaded
    origin = spec.origin if spec is not None else None
    if origin is None or not Path(origin).is_file():
        return b""
    folder = Path(origin).parent
    files = sorted(folder.rglob("*.py")) if Path(origin).name == "__init__.py" else [Path(origin)]
    states = [(path.relative_to(folder), path.stat()) for path in files]
    return "".join(f"{path} {s.st_size} {s.st_mtime_ns}\n" for path, s in states).encode()
