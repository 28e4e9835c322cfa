"""What the files of a tree import, as their text shows it before anything is parsed.

Dotted names in strings are imports as well where a file installs apps or includes URL tables:
``INSTALLED_APPS = ["shop.orders"]``, ``include("shop.urls")``.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from strangler.sources import walk

_FROM = re.compile(rb"^[ \t]*from[ \t]+([A-Za-z_][\w.]*)[ \t]+import[ \t(]+(\w+)", re.MULTILINE)
_IMPORT = re.compile(rb"^[ \t]*import[ \t]+([A-Za-z_][\w.]*)", re.MULTILINE)
_QUOTED = re.compile(rb"[\"']([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)[\"']")
_SETTINGS = re.compile(rb"^[ \t]*(?:INSTALLED_APPS|ROOT_URLCONF)\b[^\n=]*=", re.MULTILINE)
_NAMED = re.compile(
    rb"(?:\binclude\(\s*\(?\s*|DJANGO_SETTINGS_MODULE[\"']\s*[,\]]\s*=?\s*)[\"']([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)[\"']"
)
_HEAD = 16_000
"""Bytes of each file: most imports stand at the top."""
_STRINGS = 100_000
"""The same of files that name modules in strings."""


class Statement(NamedTuple):
    """One absolute import of a file, or a string that names a module."""

    path: str
    """Of the file."""
    module: str
    """Dotted."""
    name: str = ""
    """The first of what is imported from it: a submodule perhaps."""
    quoted: bool = False
    """A string; its last words may be a class or function."""


class Statements:
    """All absolute imports of a tree that are not Python's own library, each once a file."""

    def __init__(self, root: Path, found: walk.Found) -> None:
        """Read the Python files of a tree."""
        self._root = root
        self._texts: dict[str, bytes] = {}
        self.all: list[Statement] = []
        self.places: set[str] = set()
        """Paths of all modules and packages of the tree, without ``.py``."""
        self._total: Counter[str] = Counter()
        self._local: dict[str, Counter[str]] = {}
        for path in found.python:
            self.places.add(path.removesuffix("/__init__.py").removesuffix(".py"))
        for directory in found.directories:
            while directory and directory not in self.places:
                self.places.add(directory)
                directory = directory.rpartition("/")[0]
        for path in sorted(found.python):
            try:
                data = walk.read(root, path)
            except OSError:
                continue
            self._add(path, data)

    def _add(self, path: str, data: bytes) -> None:
        head = data[:_HEAD]
        listed = {
            Statement(path, module.decode("ascii", "replace"), name.decode("ascii", "replace"))
            for module, name in _FROM.findall(head)
        }
        listed |= {Statement(path, module.decode("ascii", "replace")) for module in _IMPORT.findall(head)}
        if b"include(" in data or b"DJANGO_" in data or b"INSTALLED_APPS" in data:
            data = data[:_STRINGS]
            named = (_QUOTED if _SETTINGS.search(data) else _NAMED).findall(data)
            listed |= {Statement(path, text.decode("ascii", "replace"), quoted=True) for text in named}
        local = self._local.setdefault(path.rpartition("/")[0], Counter())
        beginnings: set[str] = set()
        for one in sorted(listed):
            top = one.module.partition(".")[0]
            if top not in sys.stdlib_module_names:
                self.all.append(one)
                beginnings.update(_beginnings(one.module))
        self._total.update(beginnings)
        local.update(beginnings)

    def names_place(self, directory: str, dotted: str) -> bool:
        """Whether there is a module or package of that name below a directory."""
        place = dotted.replace(".", "/")
        return (f"{directory}/{place}" if directory else place) in self.places

    def explains(self, directory: str, one: Statement) -> bool:
        """Whether the module that a statement names lies below a directory."""
        module = one.module
        while not self.names_place(directory, module):
            module = module.rpartition(".")[0]
            if not one.quoted or "." not in module:
                return False
        return True

    def has(self, directory: str, module: str, name: str) -> bool | None:
        """Whether the file of a module defines a name; None where it may have it from elsewhere."""
        place = f"{directory}/{module.replace('.', '/')}".lstrip("/")
        if place not in self._texts:
            self._texts[place] = b""
            for path in (f"{place}.py", f"{place}/__init__.py"):
                try:
                    self._texts[place] = walk.read(self._root, path)[:_STRINGS]
                    break
                except OSError:
                    continue
        text, word = self._texts[place], re.escape(name.encode())
        if re.search(rb"^(?:(?:async +)?def +|class +)?%b\s*[(:=]" % word, text, re.MULTILINE):
            return True
        return None if re.search(rb"\b%b\b|import +\*|__getattr__" % word, text) else False

    def of_package(self, directory: str, roots: Iterable[str]) -> int:
        """How many files name a directory as the package that it is below one of the roots."""
        names = {
            directory[len(root) + 1 :] if root else directory
            for root in roots
            if root != directory and holds(root, directory)
        }
        return sum(self._total[name.replace("/", ".")] for name in names)

    def count(self, dotted: str, directory: str, *, local: bool) -> int:
        """How many files name ``dotted``: in the tree, or in the directory alone (a script's own path)."""
        if local:
            return self._local.get(directory, Counter())[dotted]
        return self._total[dotted]


def _beginnings(dotted: str) -> Iterator[str]:
    end = dotted.find(".")
    while end > 0:
        yield dotted[:end]
        end = dotted.find(".", end + 1)
    yield dotted


def holds(root: str, path: str) -> bool:
    """Whether a path lies below a directory; both relative to the tree, whose own top is empty."""
    return not root or path.startswith(f"{root}/")


def shared(place: str, other: str) -> int:
    """How many directories two paths have in common from the top."""
    pairs = zip(place.split("/"), other.split("/"), strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
