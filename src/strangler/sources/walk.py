"""Walking a directory that may be hostile: no link leads out of it, no loop or odd name stops the walk."""

from __future__ import annotations

import errno
import fnmatch
import os
import re
import stat
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from strangler.limits import DEFAULT, Limits
from strangler.model.system import Diagnostic
from strangler.text import encodable

_SKIPPED = frozenset({"node_modules", "bower_components", "__pycache__", "site-packages", "__pypackages__"})
_ENVIRONMENT = frozenset({"pyvenv.cfg", "conda-meta", ".strangler-files.json"})
"""Marks of directories that are no code of the monolith: virtual environments, and plans kept in the tree."""
_TEMPLATE_SUFFIXES = (".html", ".htm", ".txt", ".jinja", ".jinja2", ".j2", ".xml", ".djhtml", ".mjml")
_TEMPLATE_DIRECTORIES = frozenset({"templates", "jinja2"})
_CONFIGURATION = frozenset(
    {
        "pyproject.toml", "setup.cfg", "tox.ini", "pytest.ini", "alembic.ini", "mypy.ini", ".env.example",
        "Procfile", "Pipfile", "app.json", "docker-compose.yml", "compose.yml", "Makefile", "justfile",
    }
)  # fmt: skip


_LAUNCHING = re.compile(
    r"(?:.+\.)?(?:Dockerfile|Containerfile)(?:[.-].+)?|(?:docker-)?compose.*\.ya?ml|uwsgi.*\.ini"
    r"|requirements.*\.(?:txt|in)"
)
"""Images and requirements: where Python looks for modules, and which of them are libraries."""


@dataclass
class Found:
    """The relative paths of interest, and the Python file names of each directory that has some."""

    python: list[str] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)
    configuration: list[str] = field(default_factory=list)
    catalogs: list[str] = field(default_factory=list)
    sql: list[str] = field(default_factory=list)
    directories: dict[str, frozenset[str]] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def walk(root: Path, exclude: Sequence[str], limits: Limits) -> Found:
    """List the files below ``root``, in no particular order.

    Raises:
        OSError: ``root`` itself cannot be listed.
    """
    found = Found()
    excluded = matcher(exclude)
    base = str(root)
    os.scandir(base).close()
    pending = [("", False)]
    while pending:
        directory, in_templates = pending.pop()
        try:
            with os.scandir(f"{base}/{directory}" if directory else base) as listing:
                entries = list(listing)
        except OSError as error:
            found.diagnostics.append(_problem(directory, "unreadable", f"cannot be listed: {error.strerror}"))
            continue
        if directory and not _ENVIRONMENT.isdisjoint(entry.name for entry in entries):
            continue
        python = []
        for entry in entries:
            name = entry.name
            path = f"{directory}/{name}" if directory else name
            if not _is_text(name):
                shown = encodable(path).encode("unicode_escape").decode()
                if name.endswith(".py") or entry.is_dir(follow_symlinks=False):
                    found.diagnostics.append(_problem(shown, "file-name", _ODD_NAME))
                continue
            if excluded is not None and excluded(path):
                continue
            if entry.is_symlink():
                target = _link(root, path, name, found)
                if target and name.endswith(".py"):
                    python.append(name)
                continue
            if entry.is_dir(follow_symlinks=False):
                if name not in _SKIPPED and not name.startswith(".") and not name.endswith(".egg-info"):
                    pending.append((path, in_templates or name in _TEMPLATE_DIRECTORIES))
            elif (kind := _kind(directory, name, in_templates)) and entry.is_file(follow_symlinks=False):
                size = entry.stat(follow_symlinks=False).st_size
                if size > limits.file_bytes:
                    code = "too-large" if kind == "python" else "text-too-large"
                    found.diagnostics.append(too_large(path, size, limits, code))
                elif kind == "python":
                    python.append(name)
                else:
                    getattr(found, kind).append(path)
            elif not kind and "." not in name.lstrip(".") and _is_script(root, path):
                found.diagnostics.append(_problem(path, "script-not-read", _SCRIPT, "note"))
            elif kind == "python":
                message = "a pipe, socket or device and no regular file; not read"
                found.diagnostics.append(_problem(path, "unreadable", message))
        if python:
            found.directories[directory] = frozenset(python)
            found.python += [f"{directory}/{name}" if directory else name for name in python]
    return found


def _kind(directory: str, name: str, in_templates: bool) -> str:
    """The list of `Found` in which a file of that name stands; empty if in none."""
    if name.endswith(".py"):
        return "python"
    if in_templates and name.endswith(_TEMPLATE_SUFFIXES):
        return "templates"
    if name.endswith(".po") and directory.endswith("/LC_MESSAGES"):
        return "catalogs"
    if name.endswith(".sql"):
        return "sql"
    if name in _CONFIGURATION or _LAUNCHING.fullmatch(name) or _is_requirements(directory, name):
        return "configuration"
    return ""


_SHEBANG = re.compile(rb"#!\s*/[^\n]*\bpython[\d.]*\b")
_SCRIPT = "a Python script without the suffix .py: what it does is not read"


def _is_script(root: Path, path: str) -> bool:
    """Whether a file without a suffix says that Python runs it."""
    try:
        with os.fdopen(os.open(f"{root}/{path}", _READ), "rb", buffering=0) as file:
            regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            return regular and _SHEBANG.match(file.read(128)) is not None
    except OSError:
        return False


class TooLargeError(OSError):
    """A file has more bytes than are read."""


def read(root: Path, path: str, limit: int = DEFAULT.file_bytes) -> bytes:
    """The bytes of a regular file below ``root``; a link is followed only to a place below ``root``.

    Raises:
        TooLargeError: it has, or gives, more than ``limit`` bytes; its third argument says how many.
        OSError: not readable, not a regular file, or a link out of the root.
    """
    name = f"{root}/{path}"
    if _leads_out(root, path):
        raise OSError(errno.EINVAL, "leads out of the tree", path)
    try:
        handle = os.open(name, _READ)
    except OSError:
        real = os.path.realpath(name)
        if not Path(name).is_symlink() or not _inside(root, real):
            raise
        handle = os.open(real, _READ)
    with os.fdopen(handle, "rb", buffering=0) as file:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
        parts, left = [], limit + 1 if state.st_size <= limit else 0
        while left > 0 and (part := file.read(min(left, max(state.st_size + 1, 65_536)))):
            parts.append(part)
            left -= len(part)
        if left <= 0:  # what grows, and files of the system, say less than they give
            raise TooLargeError(errno.EFBIG, "too large", max(state.st_size, limit + 1))
        return b"".join(parts)


_READ = os.O_RDONLY
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC"):  # a pipe must not make us wait
    _READ |= getattr(os, _flag, 0)


def too_large(path: str, size: int, limits: Limits, code: str = "too-large") -> Diagnostic:
    """The diagnostic of a file over the size limit."""
    return Diagnostic(
        file=path,
        line=None,
        code=code,
        severity="warning",
        message=f"{size:,} bytes: not analysed ({limits.named('file_bytes')})",
    )


def _link(root: Path, path: str, name: str, found: Found) -> bool:
    """Whether a link stands for a Python file of the tree; a diagnostic where something is left out."""
    full = f"{root}/{path}"
    real = os.path.realpath(full)
    if name.endswith(".py"):
        if Path(real).is_file() and _inside(root, real):
            return True
        message = "a link to no regular file inside the analysed tree; not followed"
    elif Path(real).is_dir() and not _inside(root, real):
        message = "a link to a directory outside the analysed tree; not followed"
    else:
        return False  # a directory of the tree is read at its own place
    found.diagnostics.append(_problem(path, "link", message, "note"))
    return False


def _leads_out(root: Path, path: str) -> bool:
    """Whether the folder of a file is none below the root: a link in the way, or ``..``."""
    parts = path.split("/")
    if ".." in parts:
        return True
    folders = ["/".join((str(root), *parts[:number])) for number in range(1, len(parts))]
    return any(map(os.path.islink, folders)) and not _inside(root, os.path.realpath(folders[-1]))


def _inside(root: Path, real: str) -> bool:
    return real.startswith(f"{root}{os.sep}") if str(root) != os.sep else True


def _is_requirements(directory: str, name: str) -> bool:
    return directory.rpartition("/")[2] == "requirements" and name.endswith((".txt", ".in"))


def _is_text(name: str) -> bool:
    if name.isascii():
        return name.isprintable()
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return not _CONTROL.search(name)


_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ODD_NAME = "the name is not UTF-8 text or holds control characters; skipped"


def _problem(path: str, code: str, message: str, severity: str = "warning") -> Diagnostic:
    return Diagnostic(file=path, line=None, code=code, severity=severity, message=message)  # type: ignore[arg-type]


def matcher(patterns: Iterable[str]) -> Callable[[str], object] | None:
    """Whether a relative path matches one of some shell patterns; None where there are none."""
    cleaned = [pattern.strip("/") for pattern in patterns if pattern.strip("/")]
    if not cleaned:
        return None
    return re.compile("|".join(fnmatch.translate(pattern) for pattern in cleaned)).match
