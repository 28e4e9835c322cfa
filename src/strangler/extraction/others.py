"""Files of a service that are no modules: templates, fixtures, translations, pictures, requirements."""

from __future__ import annotations

import fnmatch
import glob
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import PurePosixPath

from strangler.extraction.conventions.alembic import environments
from strangler.extraction.dependencies import LISTS, asks, project
from strangler.extraction.reader import Reader
from strangler.plans.view import View
from strangler.sources import walk
from strangler.text import plural

LARGEST = 10_000_000
"""Bytes; a larger file is data of its own."""
_PROJECT = re.compile(
    r"^(Procfile|pytest\.ini|tox\.ini|runtime\.txt|\.python-version|(.*/)?(alembic\.ini|script\.py\.mako))$"
)
"""Files that say how the program is started and how its schema is changed."""
_FURTHER = re.compile(rb"^[^\S\n]*(?:-[rc]|--requirement|--constraint)[ =]?\s*([\w./-]+)", re.MULTILINE)
"""A list of requirements or constraints that another one names."""
_QUOTED = re.compile(rb"""(?=["']([^"'\n]{1,200})["'])""")
"""What stands between any two quotes: an apostrophe in prose must not hide the name after it."""
_TRANSLATION = re.compile(r"(?:^|(.*)/)(?:locale|translations)/[^/]+/LC_MESSAGES/[^/]+\.(?:mo|po)$")
_TEMPLATE = re.compile(rb"[\w./{}%:!-]+\.(?:html?|jinja2?|j2|djhtml|mjml)")
_GAP = re.compile(rb"\{[^{}]*\}|%[sd]")
"""What is put into a name at run time."""
_SHEETS = frozenset({".css", ".scss", ".sass", ".less", ".js", ".mjs", ".ts"})
_SEARCHED = 2_000_000
"""Bytes of a file in which names of others are looked for; a larger one is data."""


def others(
    view: View, reader: Reader, python: dict[str, bytes], files: Iterable[str]
) -> tuple[dict[str, bytes], list[str]]:
    """The files that the service's code needs, by path; and what is missing: names of templates that lead to
    no file, files that are too large to be copied.

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
        or (asks(path) and project(path) in held)
        or _beside(path, own)
        or ((match := _TRANSLATION.match(path)) and (match[1] or ".") in held)
    ]
    queue += _unnamed(reader, available, held)
    names = _Names(available)
    taken: dict[str, bytes] = {}
    seen: set[str] = set()
    left, left_out, notes = reader.tree.limits.extract_bytes, [], []
    missing: dict[str, str] = {}
    texts = sorted(python.items(), reverse=True)
    while texts or queue:
        if texts:
            path, text = texts.pop()
            if LISTS.match(path):
                folder = PurePosixPath(path).parent
                further = (posixpath.normpath(folder / name.decode()) for name in _FURTHER.findall(text))
                queue += sorted(available.intersection(further))
                continue
            located = b"__file__" in text
            for name in sorted(set(_QUOTED.findall(text))):
                found = names.meant(name, path) or (names.alone(name) if located else [])
                queue += found
                if not found and _TEMPLATE.fullmatch(name):
                    missing.setdefault(name.decode("utf-8", "replace"), path)
            continue
        path = queue.pop()
        if path in seen:
            continue
        seen.add(path)
        try:
            content = walk.read(reader.tree.root, path, LARGEST)
        except walk.TooLargeError as error:
            notes.append(f"{path} is not copied: it has more than {LARGEST:,} bytes ({error.filename:,})")
            continue
        except OSError as error:
            notes.append(f"{path} is not copied: {error.strerror or 'unreadable'}")
            continue
        if len(content) > left:
            left_out.append(path)
            continue
        left -= len(content)
        taken[path] = content
        if len(content) <= _SEARCHED:
            texts.append((path, content))
    notes.sort()
    if left_out:
        limit = reader.tree.limits.named("extract_bytes")
        notes.append(f"{plural(len(left_out), 'file')} not copied ({limit}), {min(left_out)} among them")
    notes += [f"{path} names {name}, which is no file of the tree" for name, path in sorted(missing.items())]
    return dict(sorted(taken.items())), notes


def _unnamed(reader: Reader, available: set[str], held: set[str]) -> Iterator[str]:
    """Templates that no file of the monolith names: a framework or a library asks for them by a name of its
    own (``404.html``, ``registration/login.html``). Those in a folder called like a package that stays are
    left: generic views put such names together."""
    templates = [path for path in sorted(available) if "/templates/" in f"/{path}"]
    if not templates:
        return
    named: set[bytes] = set()
    for module in reader.modules:
        source = reader.source(module)
        named.update(_QUOTED.findall(source.data) if source is not None else ())
    for path in templates:
        with suppress(OSError):
            named.update(_QUOTED.findall(reader.tree.read(path)[:_SEARCHED]))
    packages = {PurePosixPath(module.path).parent for module in reader.modules.values()}
    staying = {folder.name for folder in packages if str(folder) not in held}
    for path in templates:
        top, slash, _ = f"/{path}".rpartition("/templates/")[2].partition("/")
        if not (slash and top in staying) and named.isdisjoint(_spellings(path)):
            yield path


class _Names:
    """Files by the names under which code may ask for them."""

    def __init__(self, files: Iterable[str]) -> None:
        self._files = set(files)
        self._by_spelling: dict[bytes, list[str]] = defaultdict(list)
        self._templates: dict[bytes, list[str]] = defaultdict(list)
        self._by_name: dict[bytes, list[str]] = defaultdict(list)
        for path in sorted(self._files):
            self._by_name[path.rpartition("/")[2].encode("utf-8", "surrogateescape")].append(path)
            for name in _spellings(path):
                self._by_spelling[name].append(path)
            if "/templates/" in path:
                self._templates[path.rpartition("/")[2].encode("utf-8", "surrogateescape")].append(path)

    def meant(self, name: bytes, by: str) -> list[str]:
        """The files that a quoted name in the file ``by`` may mean."""
        suffix = PurePosixPath(by).suffix
        if suffix in _SHEETS and (found := self._beside_sheet(name, PurePosixPath(by))):
            return found
        if name in self._by_spelling:
            return self._by_spelling[name]
        if b"." in name and b"/" not in name:
            beside = str(PurePosixPath(by).parent / name.decode("utf-8", "replace"))
            if beside in self._files:
                return [beside]
        if not _TEMPLATE.fullmatch(name):
            return []
        if _GAP.search(name):
            return self._like(name)
        # a theme or a loader's prefix may stand before the path: any template of that name may be meant
        return self._templates.get(name.rpartition(b"/")[2], [])

    def alone(self, name: bytes) -> list[str]:
        """The file of that name, where there is one: its folder may be put together of several parts."""
        found = self._by_name.get(name, [])
        return found if len(found) == 1 and b"." in name.strip(b".") else []

    def _beside_sheet(self, name: bytes, by: PurePosixPath) -> list[str]:
        """What a style sheet or a script imports, by its own folder; Sass leaves out ``_`` and the suffix."""
        path = PurePosixPath(posixpath.normpath(by.parent / name.decode("utf-8", "replace")))
        spelled = (path.name, f"{path.name}{by.suffix}", f"_{path.name}", f"_{path.name}{by.suffix}")
        return [str(path.parent / one) for one in spelled if str(path.parent / one) in self._files]

    def _like(self, name: bytes) -> list[str]:
        """The templates that a name with gaps may mean; none where it could mean any."""
        parts = _GAP.split(name.lstrip(b"/"))
        if not any(re.search(rb"\w", part) for part in (*parts[:-1], parts[-1].rpartition(b".")[0])):
            return []
        wanted = b"*".join(glob.escape(part) for part in parts).split(b"/")
        paths = sorted(path for found in self._templates.values() for path in found)
        return [path for path in paths if _ends_like(path.encode("utf-8", "surrogateescape"), wanted)]


def _ends_like(path: bytes, wanted: list[bytes]) -> bool:
    """Whether the last parts of a path are like the patterns; in time that grows with their length alone."""
    parts = path.split(b"/")[-len(wanted) :]
    return len(parts) == len(wanted) and all(map(fnmatch.fnmatchcase, parts, wanted))


def _folders(view: View, reader: Reader) -> frozenset[str]:
    """Folders of packages that are the context's, and those of the schema's history."""
    paths = [reader.modules[name].path for name in view.inside if name in reader.modules]
    own = frozenset(str(PurePosixPath(path).parent) for path in paths if path.endswith("/__init__.py"))
    return own | environments(reader)


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
