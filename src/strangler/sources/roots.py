"""Import roots: the directories that stand on Python's path when the monolith runs.

Sure signs come first (the caller's wish, a Django manage.py whose settings module lies beside it, project
files). For a directory without ``__init__.py`` that could be either a root or a namespace package, the
monolith's own import statements decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from strangler.sources import hints, walk
from strangler.sources.aliases import is_library
from strangler.sources.explained import explaining
from strangler.sources.hints import ASIDE
from strangler.sources.statements import Statements, holds

_USUAL_ROOTS = frozenset({"src", "lib", "python", "source"})


@dataclass(frozen=True)
class Layout:
    """The import roots of a tree."""

    roots: tuple[str, ...]
    inner: tuple[str, ...] = ()
    """Packages that are on the path as well, but whose modules the code names with the package."""
    prefix: str = ""
    """Dotted name of the analysed directory itself, where it lies inside a package."""

    def root_of(self, path: str) -> str:
        """The innermost import root above a file."""
        return max((root for root in self.roots if holds(root, path)), key=len, default="")

    def module(self, path: str) -> str:
        """The name under which Python imports a file."""
        root = self.root_of(path)
        if path == f"{root}/__init__.py":  # the directory is on the path itself and a package as well
            root = self.root_of(root)
        return self._dotted(path[len(root) + 1 :] if root else path, self.prefix if not root else "")

    def dotted(self, directory: str) -> str:
        """A directory as the beginning of a module name, with its dot."""
        parts = [self.prefix, *directory.replace(".", "_").split("/")]
        return "".join(f"{part}." for part in parts if part)

    def _dotted(self, relative: str, prefix: str) -> str:
        parts = [part.replace(".", "_") for part in relative[:-3].split("/")]
        if parts[-1] == "__init__" and (len(parts) > 1 or prefix):
            parts.pop()
        return ".".join([prefix, *parts] if prefix else parts)


def find_roots(
    root: Path, found: walk.Found, wanted: Sequence[str] = (), declared: Collection[str] = ()
) -> Layout:
    """The import roots of the files found below ``root``; ``declared`` are first names of libraries."""
    if wanted:
        return Layout(tuple(sorted({"", *(hints.join("", item) for item in wanted)})))
    packages = {directory for directory, names in found.directories.items() if "__init__.py" in names}
    votes = Statements(root, found)
    sure = {item for item in hints.roots(root, found) if _has_python(item, found)}
    inner = {
        item for item in sure if _named_by_its_package(item, found, packages, sure - {item}, votes, declared)
    }
    sure -= inner
    roots = {"", *sure}
    units = _units(found, packages, roots)
    if any(units):
        for directory in sorted(units, key=lambda item: (item.count("/"), item)):
            roots.add(_decide(directory, units[directory], votes, roots, sure))
    more = explaining(votes, {*roots, *inner}, packages, hints.spoken_of(root, found), declared)
    return Layout(tuple(sorted(roots | more.roots)), tuple(sorted(inner | more.inner)), _prefix(root, found))


def _named_by_its_package(
    directory: str,
    found: walk.Found,
    packages: set[str],
    roots: set[str],
    votes: Statements,
    declared: Collection[str],
) -> bool:
    """Whether a package that is put on the path is still the one that most imports name.

    The usual template of large projects has ``sys.path.append(BASE / "shop")`` and imports ``shop.orders``.
    """
    if directory not in packages or "manage.py" in found.directories[directory]:
        return False
    below = [item[len(directory) + 1 :] for item in found.directories if item.startswith(f"{directory}/")]
    children = {item for item in below if "/" not in item}
    children.update(name[:-3] for name in found.directories[directory] if name != "__init__.py")
    own = [child for child in children if not is_library(child, declared)]
    direct = sum(votes.count(child, directory, local=False) for child in own)
    return votes.of_package(directory, {"", *roots}) > direct


def _units(found: walk.Found, packages: set[str], roots: set[str]) -> dict[str, list[tuple[str, bool]]]:
    """Directory outside every package -> the modules and packages directly in it (name, is a package)."""
    units: dict[str, list[tuple[str, bool]]] = {}
    for directory, names in found.directories.items():
        parent, _, name = directory.rpartition("/")
        if directory in packages:
            if parent and not _in_package(parent, packages):
                units.setdefault(parent, []).append((name, True))
        elif directory and not _in_package(directory, packages):
            units.setdefault(directory, []).extend((item[:-3], False) for item in sorted(names))
    return {directory: sorted(items) for directory, items in units.items() if directory not in roots}


def _decide(
    directory: str, units: Iterable[tuple[str, bool]], votes: Statements, roots: set[str], sure: set[str]
) -> str:
    """The import root for what lies directly in a directory that is no package."""
    parts = directory.split("/")
    nearest = max((root for root in roots if holds(root, f"{directory}/")), key=len)
    depth = len(nearest.split("/")) if nearest else 0
    tally: Counter[int] = Counter()
    for name, is_package in units:
        for level in range(depth, len(parts) + 1):
            dotted = ".".join([*parts[level:], name])
            tally[level] += votes.count(dotted, directory, local=level == len(parts) and not is_package)
    if any(tally.values()):
        best = max(tally, key=lambda level: (tally[level], -level))
        return "/".join(parts[:best])
    if nearest and nearest in sure:
        return nearest  # a namespace package of what the project file speaks of
    aside = any(ASIDE.fullmatch(part) for part in parts)
    if parts[-1] in _USUAL_ROOTS or (any(is_package for _, is_package in units) and not aside):
        return directory
    return nearest


def _prefix(root: Path, found: walk.Found) -> str:
    """The package that the analysed directory is, or lies in; empty for the top of a project."""
    if "__init__.py" not in found.directories.get("", ()):
        return ""
    if any(
        (root / name).exists() for name in (".git", "pyproject.toml", "setup.py", "setup.cfg", "manage.py")
    ):
        return ""
    parts: list[str] = []
    here = root
    while (here / "__init__.py").is_file() and here.name.isidentifier():
        parts.append(here.name)
        here = here.parent
    return ".".join(reversed(parts))


def _in_package(directory: str, packages: set[str]) -> bool:
    while directory:
        if directory in packages:
            return True
        directory = directory.rpartition("/")[0]
    return False


def _has_python(directory: str, found: walk.Found) -> bool:
    return any(holds(directory, f"{other}/") for other in found.directories)
