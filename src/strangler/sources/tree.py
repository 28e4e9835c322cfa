"""Discovery: the first-party Python files below a root, their import names and their roles.

Nothing is imported or executed. Links are not followed into directories and never out of the root; what
cannot be read becomes a diagnostic.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from strangler.model.system import Diagnostic, Role, Value
from strangler.sources import walk
from strangler.sources.naming import name_files
from strangler.sources.roles import role_of
from strangler.sources.roots import ASIDE, find_roots

MAX_BYTES = 1_000_000
"""Larger Python files are data or generated, and cost up to 200 times their size to parse."""
_BUILD_FILES = frozenset({"setup", "manage", "conftest", "noxfile", "fabfile", "tasks", "dev"})


class SourceFile(Value, frozen=True, kw_only=True):
    """A Python file of the monolith."""

    path: str
    """Relative to the root, with forward slashes."""
    module: str
    """Dotted name under which Python imports it; unique in the tree."""
    role: Role
    is_package: bool
    """An ``__init__.py``."""
    size: int
    """Bytes."""
    digest: str = ""
    """SHA-256 of the content, in hexadecimal."""
    blob: str = ""
    """Name of the content as a git object (SHA-1)."""
    prefix: str = ""
    """Beginning of ``module`` that Python does not know: another import root has the same package.
    What the file imports is looked up with the prefix first."""


@dataclass(frozen=True)
class SourceTree:
    """What was found below a root, sorted by path."""

    root: Path
    name: str
    packages: tuple[str, ...]
    """First-party top-level names, as imported."""
    files: tuple[SourceFile, ...]
    roots: tuple[str, ...] = ("",)
    """Directories that stand on Python's path, relative to the root."""
    templates: tuple[str, ...] = ()
    """Text files below ``templates`` directories."""
    configuration: tuple[str, ...] = ()
    """Project files (pyproject.toml, setup.cfg, alembic.ini, ...)."""
    diagnostics: tuple[Diagnostic, ...] = ()

    def read(self, path: str) -> bytes:
        """The bytes of a file of the tree.

        Raises:
            OSError: it is gone, unreadable, or has become a link out of the root.
        """
        return walk.read(self.root, path)

    def read_text(self, path: str) -> str:
        """The text of a template or project file; UTF-8, with U+FFFD for stray bytes.

        Empty if it is unreadable or over a million bytes.
        """
        try:
            return walk.read(self.root, path, MAX_BYTES).decode("utf-8-sig", "replace")
        except OSError:
            return ""

    @cached_property
    def digest(self) -> str:
        """SHA-256 over everything that an analysis reads from the tree: names, roles and contents."""
        total = hashlib.sha256()
        for file in self.files:
            total.update(f"{file.path}\0{file.module}\0{file.role}\0{file.digest}\n".encode())
        for path in (*self.templates, *self.configuration):
            total.update(f"{path}\0".encode())
            total.update(hashlib.sha256(self.read_text(path).encode()).digest())
        for item in self.diagnostics:
            total.update(f"{item.file}\0{item.code}\0{item.message}\n".encode())
        return total.hexdigest()


def scan(
    root: Path, *, roots: Sequence[str] = (), exclude: Sequence[str] = (), max_bytes: int = MAX_BYTES
) -> SourceTree:
    """Find the Python files below ``root``.

    Args:
        root: an existing directory.
        roots: import roots relative to it; empty: found by themselves.
        exclude: shell patterns of relative paths (of files or directories) to leave out.
        max_bytes: larger Python files are left out with a diagnostic.

    Raises:
        OSError: ``root`` is not a readable directory.
    """
    root = root.resolve()
    found = walk.walk(root, exclude, max_bytes)
    layout = find_roots(root, found, roots)
    diagnostics = list(found.diagnostics)
    files: list[SourceFile] = []
    names, renamed = name_files(sorted(found.python), layout)
    diagnostics += renamed
    for path, name in names.items():
        directory, _, base = path.rpartition("/")
        try:
            data = walk.read(root, path)
        except OSError as error:
            diagnostics.append(_unreadable(path, error))
            continue
        if len(data) > max_bytes:  # grown since it was listed, or the target of a link
            diagnostics.append(walk.too_large(path, len(data), max_bytes))
            continue
        above = found.directories.get(directory.rpartition("/")[0], frozenset())
        file = SourceFile(
            path=path,
            module=name.module,
            prefix=name.prefix,
            role=role_of(path, found.directories[directory], "env.py" in above or "manage.py" in above, data),
            is_package=base == "__init__.py",
            size=len(data),
            digest=hashlib.sha256(data).hexdigest(),
            blob=hashlib.sha1(b"blob %d\0%b" % (len(data), data), usedforsecurity=False).hexdigest(),
        )
        files.append(file)
    listed = tuple(sorted(files, key=lambda file: file.path))
    return SourceTree(
        root=root,
        name=_project_name(root),
        packages=_top_level(listed),
        files=listed,
        roots=layout.roots,
        templates=tuple(sorted(found.templates)),
        configuration=tuple(sorted(found.configuration)),
        diagnostics=tuple(sorted(diagnostics, key=Diagnostic.sort_key)),
    )


def _unreadable(path: str, error: OSError) -> Diagnostic:
    message = f"cannot be read: {error.strerror or error}"
    return Diagnostic(file=path, line=None, code="unreadable", severity="error", message=message)


def _top_level(files: Iterable[SourceFile]) -> tuple[str, ...]:
    names = {
        file.module.partition(".")[0]
        for file in files
        if file.role not in ("test", "migration", "vendored")
        and not any(ASIDE.fullmatch(part) for part in file.path.split("/")[:-1])
    }
    lone = {file.module for file in files if "." not in file.module and not file.is_package}
    return tuple(sorted(name for name in names if name.isidentifier() and name not in lone & _BUILD_FILES))


def _project_name(root: Path) -> str:
    """The distribution's name where pyproject.toml gives one: the directory differs from clone to clone."""
    try:
        document = tomllib.loads(walk.read(root, "pyproject.toml", MAX_BYTES).decode("utf-8-sig"))
        tools = document.get("tool", {})
        name = document.get("project", {}).get("name") or tools.get("poetry", {}).get("name")
    except (OSError, ValueError, RecursionError, AttributeError):
        name = None
    return name if isinstance(name, str) and name.isprintable() else root.name or "monolith"
