"""Import edges by grimp, without Python's import system and whatever the files hold.

grimp asks Python's import system for packages (which can run code), gives up on the first bad file, drops
directories without ``__init__.py`` and can be crashed by a hostile file. So only its scanner is called, in a
process of its own, with the modules that discovery found. Files that do not lie where their module name says
get a place in a temporary shadow tree that does.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from strangler.sources import child
from strangler.sources.tree import SourceFile, SourceTree

Edge = tuple[str, str, int]
"""Importer, imported, line."""

TIMEOUT = 120.0
MEMORY = 8 << 30
_CHUNK = 32
_ATTEMPTS = 30
"""Processes started at most; what is unread then is left to the caller."""


def scan_imports(tree: SourceTree, contents: Mapping[str, str | None]) -> tuple[list[Edge], list[str]]:
    """The import edges from some modules of a tree to all of them, as grimp finds them.

    Args:
        tree: the modules and their files.
        contents: the modules to scan -> None, or the text of a file that grimp would decode otherwise.

    Returns:
        The edges, sorted, and the modules that grimp could not read, sorted.
    """
    with tempfile.TemporaryDirectory(prefix="strangler-") as base:
        packages: dict[tuple[str, str], list[str]] = {}
        files: dict[str, str] = {}
        for file in tree.files:
            top = file.module.partition(".")[0]
            place = _place(file.module, file.is_package)
            text = contents.get(file.module)
            parent = base
            if text is None and _lies_there(tree, file, place):
                parent = f"{tree.root}/{file.path[: -len(place)]}".rstrip("/")
            elif file.module in contents:
                _put(f"{base}/{place}", text, Path(tree.root, file.path))
            packages.setdefault((top, f"{parent}/{top}"), []).append(file.module)
            files[f"{parent}/{place}"] = file.module
        payload = {
            "packages": [[top, place, names] for (top, place), names in packages.items()],
            "files": files,
        }
        return _scan(payload, sorted(contents), tree.root)


def _scan(payload: Mapping[str, object], waiting: list[str], outside: Path) -> tuple[list[Edge], list[str]]:
    """Scan all at once; where the process dies, in chunks; where it dies again, file by file."""
    edges: set[Edge] = set()
    unread: set[str] = set()
    for attempt in range(_ATTEMPTS):
        if not waiting:
            break
        size = (len(waiting), _CHUNK, 1)[min(attempt, 2)]
        chunks = [waiting[start : start + size] for start in range(0, len(waiting), size)]
        answered: set[str] = set()
        ready = False
        request = {**payload, "chunks": chunks}
        for answer in child.run("scan_imports", request, timeout=TIMEOUT, memory=MEMORY, outside=outside):
            ready = True
            answered.update(answer["read"], answer["failed"])
            unread.update(answer["failed"])
            edges.update((importer, imported, line) for importer, imported, line in answer["edges"])
        if not ready:
            break  # grimp cannot be imported there
        waiting = [name for name in waiting if name not in answered]
        if size == 1:  # the first one left ended the process
            unread.update(waiting[:1])
            del waiting[:1]
    return sorted(edges), sorted(unread.union(waiting))


def _lies_there(tree: SourceTree, file: SourceFile, place: str) -> bool:
    """Whether grimp finds the file at its place in the monolith, and no other: a package beats ``x.py``."""
    if not f"/{file.path}".endswith(f"/{place}"):
        return False
    return not (file.is_package and Path(tree.root, f"{file.path[: -len('/__init__.py')]}.py").exists())


def _place(module: str, is_package: bool) -> str:
    """Where grimp looks for a module, below the directory that holds its top-level package."""
    path = module.replace(".", "/")
    return f"{path}/__init__.py" if is_package or "." not in module else f"{path}.py"


def _put(target: str, text: str | None, source: Path) -> None:
    place = Path(target)
    place.parent.mkdir(parents=True, exist_ok=True)
    if text is not None:
        place.write_bytes(text.encode("utf-8", "replace"))
        return
    try:
        place.symlink_to(source.resolve())
    except OSError:  # links need a privilege on some platforms
        shutil.copyfile(source, place)
