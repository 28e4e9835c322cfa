"""Discovery: the first-party Python files below a root, their import names and their roles.

Nothing is imported or executed. Links are not followed into directories and never out of the root; what
cannot be read becomes a diagnostic.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec

from strangler.limits import DEFAULT, Limits
from strangler.model.base import Value
from strangler.model.lookup import UNREAD
from strangler.model.system import Diagnostic, Role
from strangler.sources import codeowners, requirements, submodules, walk
from strangler.sources.aliases import Names
from strangler.sources.hints import ASIDE
from strangler.sources.naming import Name, name_files
from strangler.sources.roles import role_of
from strangler.sources.roots import find_roots
from strangler.sources.statements import shared
from strangler.sources.usage import (
    Mention,
    looks_like_test,
    mentions,
    testing,
    used,
    uses_its_tests,
)

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
    inner_roots: tuple[str, ...] = ()
    """Packages that are on the path too, where their modules have a second, shorter name."""
    templates: tuple[str, ...] = ()
    """Text files below ``templates`` directories."""
    configuration: tuple[str, ...] = ()
    """Project files (pyproject.toml, setup.cfg, alembic.ini, ...)."""
    catalogs: tuple[str, ...] = ()
    """Translations (``locale/de/LC_MESSAGES/django.po``)."""
    sql: tuple[str, ...] = ()
    """Files of SQL."""
    codeowners: str = ""
    """The file that says which teams own which files; empty if there is none."""
    declared: frozenset[str] = frozenset()
    """First names, in lower case, that the distributions probably bring which the project asks for."""
    required: frozenset[str] = frozenset()
    """Those of them that the project never goes without, without underscores."""
    diagnostics: tuple[Diagnostic, ...] = ()
    limits: Limits = DEFAULT
    """How much of it is read, and how far what it says is followed."""

    def read(self, path: str) -> bytes:
        """The bytes of a file of the tree.

        Raises:
            OSError: it is gone, unreadable, or has become a link out of the root.
        """
        return walk.read(self.root, path, self.limits.file_bytes)

    def read_text(self, path: str) -> str:
        """The text of a template or project file; UTF-8, with U+FFFD for stray bytes.

        Empty if it is unreadable or over the limit of a file's bytes.
        """
        try:
            return self.read(path).decode("utf-8-sig", "replace")
        except OSError:
            return ""

    @cached_property
    def names(self) -> Names:
        """What a dotted name means in a file."""
        return Names(self.files, self.roots, self.inner_roots, self.declared)

    @cached_property
    def _places(self) -> dict[str, dict[str, str]]:
        """First name -> the modules and packages that are called so, at whatever place: place -> its path."""
        places: dict[str, dict[str, str]] = {}
        for file in self.files:
            place = file.path.removesuffix("/__init__.py").removesuffix(".py")
            path = file.path
            while place:
                parent, _, name = place.rpartition("/")
                places.setdefault(name, {}).setdefault(place, path)
                place = path = parent
        return places

    def place_of(self, dotted: str, importer: str = "") -> str:
        """The file or directory that a name probably means that no import root explains; empty for none.

        Of several the one that has most of its path in common with the importing file. What a declared
        library may bring is none.
        """
        top, _, rest = dotted.partition(".")
        if dotted in self.names or top.lower() in self.declared:
            return ""
        inside = f"/{rest.replace('.', '/')}" if rest else ""
        ends = self._places.get(dotted.rpartition(".")[2], {})
        found = [
            ends[place + inside]
            for place in self._places.get(top, ())
            if place + inside in ends and ends[place + inside] != importer
        ]
        return min(found, key=lambda path: (-shared(path, importer), path), default="")

    @cached_property
    def digest(self) -> str:
        """SHA-256 over everything that an analysis reads from the tree: names, roles and contents."""
        total = hashlib.sha256()
        for file in self.files:
            total.update(f"{file.path}\0{file.module}\0{file.role}\0{file.digest}\n".encode())
        owners = filter(None, [self.codeowners])
        for path in (*self.templates, *self.configuration, *self.catalogs, *self.sql, *owners):
            total.update(f"{path}\0".encode())
            total.update(hashlib.sha256(self.read_text(path).encode()).digest())
        for item in self.diagnostics:
            total.update(f"{item.file}\0{item.code}\0{item.message}\n".encode())
        return total.hexdigest()


def scan(
    root: Path,
    *,
    roots: Sequence[str] = (),
    exclude: Sequence[str] = (),
    roles: Mapping[str, Role] | None = None,
    limits: Limits = DEFAULT,
) -> SourceTree:
    """Find the Python files below ``root``.

    Args:
        root: an existing directory.
        roots: import roots relative to it; empty: found by themselves.
        exclude: shell patterns of relative paths (of files or directories) to leave out.
        roles: shell patterns of relative paths -> what these files are, whatever they look like; the first
            that matches counts.
        limits: how much is read; what is larger is left out with a diagnostic.

    Raises:
        OSError: ``root`` is not a readable directory.
    """
    root = root.resolve()
    found = walk.walk(root, exclude, limits)
    declared = requirements.declared(root, found)
    layout = find_roots(root, found, roots, declared.names)
    diagnostics = [*found.diagnostics, *submodules.missing(root)]
    files: dict[str, SourceFile] = {}
    seen: dict[str, list[Mention]] = {}
    names, renamed = name_files(sorted(found.python), layout)
    diagnostics += renamed
    for path, name in names.items():
        try:
            data = walk.read(root, path, limits.file_bytes)
        except walk.TooLargeError as error:  # grown since it was listed, or the target of a link
            diagnostics.append(walk.too_large(path, error.filename, limits))
            continue
        except OSError as error:
            diagnostics.append(_unreadable(path, error))
            continue
        seen[path] = mentions(data)
        files[path] = SourceFile(
            path=path,
            module=name.module,
            prefix=name.prefix,
            role=_role(path, found, data),
            is_package=path.rpartition("/")[2] == "__init__.py",
            size=len(data),
            digest=hashlib.sha256(data).hexdigest(),
            blob=hashlib.sha1(b"blob %d\0%b" % (len(data), data), usedforsecurity=False).hexdigest(),
        )
    _correct_roles(root, files, found, seen, names, roles or {}, limits)
    listed = tuple(sorted(files.values(), key=lambda file: file.path))
    return SourceTree(
        root=root,
        name=_project_name(root),
        packages=_top_level(listed),
        files=listed,
        roots=layout.roots,
        inner_roots=layout.inner,
        templates=tuple(sorted(found.templates)),
        configuration=tuple(sorted(found.configuration)),
        catalogs=tuple(sorted(found.catalogs)),
        sql=tuple(sorted(found.sql)),
        codeowners=codeowners.find(root, limits),
        declared=declared.names,
        required=declared.required,
        diagnostics=tuple(sorted(diagnostics, key=Diagnostic.sort_key)),
        limits=limits,
    )


def _role(path: str, found: walk.Found, data: bytes, *, used: bool = False) -> Role:
    directory = path.rpartition("/")[0]
    above = found.directories.get(directory.rpartition("/")[0], frozenset())
    versions_root = "env.py" in above or "manage.py" in above
    return role_of(path, found.directories[directory], versions_root, data, used=used)


def _correct_roles(
    root: Path,
    files: dict[str, SourceFile],
    found: walk.Found,
    seen: Mapping[str, list[Mention]],
    names: Mapping[str, Name],
    wanted: Mapping[str, Role],
    limits: Limits,
) -> None:
    """What tests is a test, what the product uses is none; what the caller says of a file is true."""
    stated: dict[str, Role] = {}
    for pattern, role in wanted.items():
        matches = walk.matcher([pattern])
        for path in files:
            if matches is not None and matches(path):
                stated.setdefault(path, role)
    for path, role in stated.items():
        files[path] = msgspec.structs.replace(files[path], role=role)
    likely = {
        p: seen[p]
        for p, file in files.items()
        if file.role in ("code", "test") and p not in stated and looks_like_test(p)
    }
    sure, beside = testing(likely, names)
    for path in sure | beside:
        files[path] = msgspec.structs.replace(files[path], role="test")
    tests = {p: listed for p, listed in likely.items() if files[p].role == "test"}
    product = {
        p: seen[p]
        for p, file in files.items()
        if file.role in ("code", "entry_point", "settings", "generated")
        and (p in stated or not uses_its_tests(p))
    }
    for path in sorted(used(tests, product, names, sure)):
        try:
            data = walk.read(root, path, limits.file_bytes)
        except OSError:
            continue
        files[path] = msgspec.structs.replace(files[path], role=_role(path, found, data, used=True))


def _unreadable(path: str, error: OSError) -> Diagnostic:
    message = f"cannot be read: {error.strerror or error}"
    return Diagnostic(file=path, line=None, code="unreadable", severity="error", message=message)


def _top_level(files: Iterable[SourceFile]) -> tuple[str, ...]:
    names = {
        file.module.partition(".")[0]
        for file in files
        if file.role not in UNREAD and not any(ASIDE.fullmatch(part) for part in file.path.split("/")[:-1])
    }
    lone = {file.module for file in files if "." not in file.module and not file.is_package}
    return tuple(sorted(name for name in names if name.isidentifier() and name not in lone & _BUILD_FILES))


def _project_name(root: Path) -> str:
    """The distribution's name where pyproject.toml gives one: the directory differs from clone to clone."""
    try:
        document = tomllib.loads(walk.read(root, "pyproject.toml").decode("utf-8-sig"))
        tools = document.get("tool", {})
        name = document.get("project", {}).get("name") or tools.get("poetry", {}).get("name")
    except (OSError, ValueError, RecursionError, AttributeError):
        name = None
    return name if isinstance(name, str) and name.isprintable() else root.name or "monolith"
