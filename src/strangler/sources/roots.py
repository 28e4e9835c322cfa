"""Import roots: the directories that stand on Python's path when the monolith runs.

Sure signs come first (the caller's wish, a Django manage.py whose settings module lies beside it, project
files). For a directory without ``__init__.py`` that could be either a root or a namespace package, the
monolith's own import statements decide.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from strangler.sources import hints, walk
from strangler.sources.hints import ASIDE

_IMPORT = re.compile(rb"^[ \t]*(?:from|import)[ \t]+([A-Za-z_][\w.]*)", re.MULTILINE)
_FROM = re.compile(rb"^[ \t]*from[ \t]+([A-Za-z_][\w.]*)[ \t]+import[ \t(]+(\w+)", re.MULTILINE)
_SAMPLE = 40
"""Files read per candidate: enough for a clear majority, little enough to cost nothing."""
_HEAD = 8_000
"""Bytes of each: most imports stand at the top."""
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
        return max((root for root in self.roots if _holds(root, path)), key=len, default="")

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


def find_roots(root: Path, found: walk.Found, wanted: Sequence[str] = ()) -> Layout:
    """The import roots of the files found below ``root``."""
    if wanted:
        return Layout(tuple(sorted({"", *(hints.join("", item) for item in wanted)})))
    packages = {directory for directory, names in found.directories.items() if "__init__.py" in names}
    votes = _Votes(root, found)
    sure = {item for item in hints.roots(root, found) if _has_python(item, found)}
    inner = {item for item in sure if _named_by_its_package(item, found, packages, sure - {item}, votes)}
    sure -= inner
    roots = {"", *sure}
    units = _units(found, packages, roots)
    if any(units):
        for directory in sorted(units, key=lambda item: (item.count("/"), item)):
            roots.add(_decide(directory, units[directory], votes, roots, sure))
    roots |= _packages_on_path(found, packages, roots, votes)
    return Layout(tuple(sorted(roots)), tuple(sorted(inner)), _prefix(root, found))


def _named_by_its_package(
    directory: str, found: walk.Found, packages: set[str], roots: set[str], votes: _Votes
) -> bool:
    """Whether a package that is put on the path is still the one that most imports name.

    The usual template of large projects has ``sys.path.append(BASE / "shop")`` and imports ``shop.orders``.
    """
    if directory not in packages or "manage.py" in found.directories[directory]:
        return False
    below = [item[len(directory) + 1 :] for item in found.directories if item.startswith(f"{directory}/")]
    children = {item for item in below if "/" not in item}
    children.update(name[:-3] for name in found.directories[directory] if name != "__init__.py")
    direct = sum(votes.count(child, directory, local=False) for child in children)
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
    directory: str, units: Iterable[tuple[str, bool]], votes: _Votes, roots: set[str], sure: set[str]
) -> str:
    """The import root for what lies directly in a directory that is no package."""
    parts = directory.split("/")
    nearest = max((root for root in roots if _holds(root, f"{directory}/")), key=len)
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


def _packages_on_path(found: walk.Found, packages: set[str], roots: set[str], votes: _Votes) -> set[str]:
    """Packages that are on the path themselves: code names what lies in them without naming them.

    A directory counts that alone explains imports like ``services.sms`` (for a file below it, or in the whole
    tree), more often than it is imported as a package itself.
    """
    places: dict[str, set[str]] = {}
    for directory, names in found.directories.items():
        parent, _, name = directory.rpartition("/")
        for child in names:
            places.setdefault(f"{name}.{child[:-3]}", set()).add(parent)
        above, _, package = parent.rpartition("/")
        if package:
            places.setdefault(f"{package}.{name}", set()).add(above)
    explained: Counter[tuple[str, str]] = Counter()
    foreign: Counter[str] = Counter()
    for path, dotted in votes.statements:
        homes = places.get(dotted, set())
        top = dotted.partition(".")[0]
        if not homes:
            foreign[top] += 1
        elif not homes & roots:
            near = [home for home in homes if _holds(home, path)]
            if near or len(homes) == 1:
                explained[max(near, key=len) if near else min(homes), top] += 1
    tally: Counter[str] = Counter()
    for (directory, top), count in explained.items():
        if count > foreign[top]:  # else a library's name: most of what is imported from it lies elsewhere
            tally[directory] += count
    return {
        directory
        for directory, count in tally.items()
        if _in_package(directory, packages)
        and count >= (1 if "manage.py" in found.directories.get(directory, ()) else 3)
        and count > votes.of_package(directory, roots)
        and not any(ASIDE.fullmatch(part) for part in directory.split("/"))
    }


class _Votes:
    """How often the monolith's import statements begin with a dotted name."""

    def __init__(self, root: Path, found: walk.Found) -> None:
        self._local: dict[str, Counter[str]] = {}
        self._all: Counter[str] = Counter()
        self.statements: list[tuple[str, str]] = []
        """(path, the first two parts of what the file imports)."""
        by_directory: dict[str, list[str]] = {}
        for path in sorted(found.python):
            by_directory.setdefault("/".join(path.split("/")[:2]), []).append(path)
        for paths in by_directory.values():
            step = max(1, len(paths) // _SAMPLE)
            for path in paths[::step][:_SAMPLE]:
                self._add(root, path)
        for directory, names in found.directories.items():
            if "__init__.py" not in names:
                for name in sorted(names)[:_SAMPLE]:
                    self._add(root, f"{directory}/{name}" if directory else name)

    def _add(self, root: Path, path: str) -> None:
        if path in self._local.setdefault("\0", Counter()):
            return
        self._local["\0"][path] = 1
        try:
            data = walk.read(root, path)
        except OSError:
            return
        head = data[:_HEAD]
        for module, name in set(_FROM.findall(head)):
            dotted = f"{module.decode('ascii', 'replace')}.{name.decode('ascii', 'replace')}".split(".")
            if dotted[0] not in sys.stdlib_module_names:
                self.statements.append((path, ".".join(dotted[:2])))
        local = self._local.setdefault(path.rpartition("/")[0], Counter())
        for match in set(_IMPORT.findall(head)):
            parts = match.decode("ascii", "replace").split(".")
            if parts[0] in sys.stdlib_module_names:
                continue
            for end in range(1, len(parts) + 1):
                name = ".".join(parts[:end])
                self._all[name] += 1
                local[name] += 1

    def of_package(self, directory: str, roots: Iterable[str]) -> int:
        """How often a directory is imported as the package that it is below one of the roots."""
        names = {
            directory[len(root) + 1 :] if root else directory for root in roots if _holds(root, directory)
        }
        return sum(self._all[name.replace("/", ".")] for name in names)

    def count(self, dotted: str, directory: str, *, local: bool) -> int:
        """Statements for ``dotted``: everywhere, or only in files of the directory (a script's own path)."""
        if local:
            return self._local.get(directory, Counter())[dotted]
        return self._all[dotted]


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
    return any(_holds(directory, f"{other}/") for other in found.directories)


def _holds(root: str, path: str) -> bool:
    return not root or path.startswith(f"{root}/")
