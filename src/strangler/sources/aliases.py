"""What a dotted name means in a file: the same module may have several names, and one name several modules.

A directory on Python's path may lie inside another one (``manage.py`` inside the package): ``core.urls`` and
``boatyard.core.urls`` are then one file. And two services of one repository may have a package of one name:
each means its own. Everything that reads names of modules asks here.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator
from typing import Protocol


class Named(Protocol):
    """A file that is a module; see ``SourceFile``."""

    @property
    def path(self) -> str:
        """Relative to the tree."""

    @property
    def module(self) -> str:
        """Dotted name, unique in the tree."""

    @property
    def prefix(self) -> str:
        """Beginning of the name that Python does not know."""


class Names:
    """The names of the modules of a tree."""

    def __init__(
        self,
        files: Iterable[Named],
        roots: Iterable[str],
        inner: Iterable[str] = (),
        declared: Collection[str] = (),
    ) -> None:
        """Roots are directories relative to the tree; files those that have a module name.

        ``inner`` are packages that are on the path as well, though their modules are named below a root. A
        module of theirs that is called like a library (``shop/celery.py``) does not hide it: ``declared`` are
        first names of those that the project asks for, in lower case.
        """
        self._modules: set[str] = set()
        self._packages: set[str] = set()
        self._homes: dict[str, str] = {}
        self._others: dict[str, list[str]] = {}
        self._aliases: dict[str, str] = {}
        ordered = sorted(set(roots), key=len, reverse=True)
        placed = [(file, next((root for root in ordered if _holds(root, file.path)), "")) for file in files]
        renamed = {root: file.prefix for file, root in placed if file.prefix}
        for file, root in placed:
            self._modules.add(file.module)
            self._packages.update(_parents(file.module))
            self._homes[file.module] = renamed.get(root, "")
        for file, root in placed:
            for outer in ordered:
                if outer != root and _holds(outer, root):
                    self._add(file, outer)
            for directory in inner:
                if _holds(directory, file.path) and not is_library(_first(file.path, directory), declared):
                    self._add(file, directory)

    def _add(self, file: Named, outer: str) -> None:
        relative = file.path[len(outer) + 1 :] if outer else file.path
        parts = relative.removesuffix(".py").split("/")
        if parts[-1] == "__init__":
            parts.pop()
        alias = ".".join(parts)
        if all(map(str.isidentifier, parts)) and alias and alias not in self._modules:
            self._others.setdefault(file.module, []).append(alias)
            self._aliases.setdefault(alias, file.module)
            parents = list(_parents(file.module))
            for index, other in enumerate(_parents(alias)):
                if other in self._modules or other in self._packages:
                    break
                if index < len(parents) and _last(other) == _last(parents[index]):
                    self._aliases.setdefault(other, parents[index])

    def home(self, module: str) -> str:
        """The prefix under which names are looked up first in a module, with its dot; mostly empty."""
        return self._homes.get(module, "")

    def others(self, module: str) -> list[str]:
        """The other names of a module."""
        return self._others.get(module, [])

    def __contains__(self, name: str) -> bool:
        return name in self._modules or name in self._packages or name in self._aliases

    def canonical(self, name: str, importer: str = "") -> str:
        """The one name of the module or package that is called ``name`` in the module ``importer``.

        A name that is none of the tree's comes back as it is.
        """
        home = self._homes.get(importer, "")
        if home and home + name in self:
            name = home + name
        if name in self._modules or name in self._packages:
            return name
        return self._aliases.get(name, name)


def is_library(first: str, declared: Collection[str]) -> bool:
    """Whether the first part of a dotted name is that of a module of Python or of a declared library."""
    return first in sys.stdlib_module_names or first.lower() in declared


def _first(path: str, directory: str) -> str:
    return path[len(directory) + 1 :].partition("/")[0].removesuffix(".py")


def _parents(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _holds(root: str, path: str) -> bool:
    return not root or path == root or path.startswith(f"{root}/")
