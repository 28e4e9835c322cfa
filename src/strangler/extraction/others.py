"""Files of a service that are no modules: templates, fixtures, translations, pictures, requirements."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from strangler.extraction.reader import Reader
from strangler.plans.view import View

_PROJECT = re.compile(
    r"^(requirements[^/]*\.(txt|in)|requirements/[^/]+\.(txt|in)|pyproject\.toml|setup\.cfg|Pipfile(\.lock)?"
    r"|poetry\.lock|uv\.lock|alembic\.ini|Procfile|runtime\.txt|\.python-version)$"
)
"""Files at the root that say what has to be installed and how it is started."""
_QUOTED = re.compile(rb"""(?=["']([^"'\n]{1,200})["'])""")
"""What stands between any two quotes: an apostrophe in prose must not hide the name after it."""
_TRANSLATION = re.compile(r"(?:^|(.*)/)(?:locale|translations)/[^/]+/LC_MESSAGES/[^/]+\.(?:mo|po)$")
_SEARCHED = 2_000_000
"""Bytes of a file in which names of others are looked for; a larger one is data."""


def others(
    view: View, reader: Reader, python: dict[str, bytes], files: Iterable[str]
) -> Iterator[tuple[str, bytes]]:
    """Path and content of the files that the service's code needs, sorted by path.

    Args:
        view: the context.
        reader: the monolith's files.
        python: the service's modules.
        files: paths of all files of the tree that are no modules.
    """
    available = set(files) - python.keys()
    own = _folders(view, reader)
    held = {str(folder) for path in python for folder in PurePosixPath(path).parents}
    queue = [
        path
        for path in sorted(available)
        if _PROJECT.match(path)
        or _beside(path, own)
        or ((match := _TRANSLATION.match(path)) and (match[1] or ".") in held)
    ]
    by_name: dict[bytes, list[str]] = defaultdict(list)
    for path in available:
        for name in _spellings(path):
            by_name[name].append(path)
    taken: dict[str, bytes] = {}
    texts = list(python.values())
    while texts or queue:
        if texts:
            named = {name for name in _QUOTED.findall(texts.pop()) if name in by_name}
            queue += [path for name in sorted(named) for path in by_name.pop(name)]
            continue
        path = queue.pop()
        if path in taken:
            continue
        try:
            taken[path] = reader.tree.read(path)
        except OSError:
            continue
        if len(taken[path]) <= _SEARCHED:
            texts.append(taken[path])
    yield from sorted(taken.items())


def _folders(view: View, reader: Reader) -> frozenset[str]:
    """Folders of packages that are the context's."""
    paths = [reader.modules[name].path for name in view.inside if name in reader.modules]
    return frozenset(str(PurePosixPath(path).parent) for path in paths if path.endswith("/__init__.py"))


def _beside(path: str, folders: frozenset[str]) -> bool:
    """Whether a file lies in one of the folders, or in a folder of templates that is named after it: generic
    views put the names of their templates together."""
    if any(str(folder) in folders for folder in PurePosixPath(path).parents):
        return True
    _, mark, below = f"/{path}".rpartition("/templates/")
    top, slash, _ = below.partition("/")
    return bool(mark and slash) and any(PurePosixPath(folder).name == top for folder in folders)


def _spellings(path: str) -> list[bytes]:
    """How code may name a file: by its path below any folder; in templates, below that folder alone."""
    parts = path.split("/")
    tails = ["/".join(parts[number:]) for number in range(max(1, len(parts) - 1))]
    for folder in ("templates", "jinja2", "static"):
        if folder in parts[:-1]:
            tails.append("/".join(parts[parts.index(folder) + 1 :]))
    return [tail.encode("utf-8", "surrogateescape") for tail in dict.fromkeys(tails)]
