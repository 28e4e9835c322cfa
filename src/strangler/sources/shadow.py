"""Import edges by grimp, over a shadow of the monolith: links to its clean files, laid out by module name.

grimp asks Python's import system for packages (which can run code), gives up on the first bad file, drops
directories without ``__init__.py`` and can be crashed by a hostile file. So it gets only its scanner called,
in a process of its own, on a temporary tree in which each module lies where its name says.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from strangler.sources import child
from strangler.sources.tree import SourceTree

Edge = tuple[str, str, int]
"""Importer, imported, line."""

TIMEOUT = 120.0
MEMORY = 8 << 30
_CHUNK = 32
_ATTEMPTS = 30
"""Processes started at most; what is unread then is left to the caller."""


def scan_imports(
    tree: SourceTree, modules: Mapping[str, str | bytes], packages: Iterable[str]
) -> tuple[list[Edge], list[str]]:
    """The import edges between the modules of a tree, as grimp finds them.

    Args:
        tree: where the files are.
        modules: module name -> its path in the tree, or its text in UTF-8 if the file is encoded otherwise.
        packages: those of the modules that are packages.

    Returns:
        The edges, sorted, and the modules that grimp could not read, sorted.
    """
    known = set(packages)
    with tempfile.TemporaryDirectory(prefix="strangler-", dir=_memory()) as base:
        places = {name: _place(name, name in known or "." not in name) for name in modules}
        made: set[str] = set()
        for name, content in modules.items():
            _put(base, places[name], content, tree.root, made)
        return _scan(base, {path: name for name, path in places.items()}, tree.root)


def _memory() -> str | None:
    """A directory in memory where there is one: making thousands of links on a disk can cost seconds."""
    place = "/dev/shm"
    return place if os.access(place, os.W_OK | os.X_OK) else None


def _scan(base: str, module_of: dict[str, str], outside: Path) -> tuple[list[Edge], list[str]]:
    """Scan all at once; where the process dies, in chunks; where it dies again, file by file."""
    edges: set[Edge] = set()
    unread: set[str] = set()
    waiting = sorted(module_of.values())
    for attempt in range(_ATTEMPTS):
        if not waiting:
            break
        size = (len(waiting), _CHUNK, 1)[min(attempt, 2)]
        chunks = [waiting[start : start + size] for start in range(0, len(waiting), size)]
        payload = {"base": base, "modules": module_of, "chunks": chunks}
        answered: set[int] = set()
        for answer in child.run("scan_imports", payload, timeout=TIMEOUT, memory=MEMORY, outside=outside):
            answered.add(answer["chunk"])
            edges.update((importer, imported, line) for importer, imported, line in answer["edges"])
            unread.update(answer["failed"])
        missing = [chunk for number, chunk in enumerate(chunks) if number not in answered]
        if size == 1 and missing:  # the first of them ended the process
            unread.update(missing.pop(0))
        waiting = [name for chunk in missing for name in chunk]
    return sorted(edges), sorted(unread.union(waiting))


def _place(module: str, is_package: bool) -> str:
    path = module.replace(".", "/")
    return f"{path}/__init__.py" if is_package else f"{path}.py"


def _put(base: str, place: str, content: str | bytes, root: Path, made: set[str]) -> None:
    target = f"{base}/{place}"
    directory = target.rpartition("/")[0]
    if directory not in made:
        os.makedirs(directory, exist_ok=True)  # noqa: PTH103 (called thousands of times)
        made.add(directory)
    if isinstance(content, bytes):
        Path(target).write_bytes(content)
        return
    source = f"{root}/{content}"
    try:
        os.symlink(os.path.realpath(source) if Path(source).is_symlink() else source, target)  # noqa: PTH211
    except OSError:  # links need a privilege on some platforms
        shutil.copyfile(source, target)
