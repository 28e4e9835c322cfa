"""Which program this is, exactly: whatever it computed is kept only as long as the program is the same."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from pathlib import Path

import msgspec

import strangler


@cache
def program_digest() -> str:
    """Changes with strangler's own code, the installed libraries and Python; costs a look at each file."""
    digest = hashlib.sha256(f"{strangler.__version__} {sys.version}".encode())
    package = Path(strangler.__file__).parent
    for path in sorted(package.rglob("*")):
        if path.suffix != ".pyc" and path.is_file():
            state = path.stat()
            digest.update(f"{path.relative_to(package)} {state.st_size} {state.st_mtime_ns}\n".encode())
    site_packages = Path(msgspec.__file__).parent.parent
    digest.update("".join(sorted(item.name for item in site_packages.glob("*.dist-info"))).encode())
    return digest.hexdigest()
