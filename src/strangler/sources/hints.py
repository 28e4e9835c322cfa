"""Where the project itself says that its import roots lie: manage.py, pyproject.toml, setup.cfg, pytest."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from strangler.sources import walk

MAX_BYTES = 1_000_000
_SETTINGS = re.compile(rb"DJANGO_SETTINGS_MODULE[\"']\s*[,\]]\s*=?\s*[\"']([\w.]+)[\"']")


def roots(root: Path, found: walk.Found) -> set[str]:
    """Directories relative to ``root`` that a file of the project names as import roots."""
    named: set[str] = set()
    for path in found.python:
        if path == "manage.py" or path.endswith("/manage.py"):
            named |= set(_django(root, found, path))
    for path in found.configuration:
        directory, _, name = path.rpartition("/")
        reader = {"pyproject.toml": _pyproject, "setup.cfg": _setup_cfg, "pytest.ini": _ini, "tox.ini": _ini}
        if name in reader:
            try:
                text = walk.read(root, path, MAX_BYTES).decode("utf-8-sig")
                named |= {join(directory, item) for item in reader[name](text)}
            except (OSError, ValueError, RecursionError, AttributeError, TypeError, configparser.Error):
                continue
    return {item for item in named if not item.startswith("..")}


def _django(root: Path, found: walk.Found, path: str) -> Iterator[str]:
    """A manage.py puts its own directory on the path, if the settings that it names are found from there."""
    directory = path.rpartition("/")[0]
    try:
        match = _SETTINGS.search(walk.read(root, path))
    except OSError:
        return
    if match is None:
        return
    target = match[1].decode("ascii", "replace").replace(".", "/")
    module = join(directory, f"{target}.py")
    parent, _, name = module.rpartition("/")
    package = found.directories.get(join(directory, target), ())
    if name in found.directories.get(parent, ()) or "__init__.py" in package:
        yield directory


def _pyproject(text: str) -> Iterator[str]:
    document = tomllib.loads(text)
    tool = document.get("tool", {})
    setuptools = tool.get("setuptools", {})
    yield from setuptools.get("package-dir", {}).values() if "" in setuptools.get("package-dir", {}) else ()
    packages = setuptools.get("packages", {})
    if isinstance(packages, dict):
        yield from packages.get("find", {}).get("where", ())
    for item in tool.get("poetry", {}).get("packages", ()):
        yield item.get("from", "")
    targets = tool.get("hatch", {}).get("build", {}).get("targets", {})
    for item in targets.get("wheel", {}).get("packages", ()):
        yield PurePosixPath(item).parent.as_posix()
    yield from (tool.get("pdm", {}).get("build", {}).get("package-dir"),)
    yield from (tool.get("uv", {}).get("build-backend", {}).get("module-root"),)
    yield from _words(tool.get("pytest", {}).get("ini_options", {}).get("pythonpath", ()))


def _setup_cfg(text: str) -> Iterator[str]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    for line in parser.get("options", "package_dir", fallback="").splitlines():
        key, equals, value = line.partition("=")
        if equals and not key.strip():
            yield value.strip()
    yield parser.get("options.packages.find", "where", fallback="")
    yield from _words(parser.get("tool:pytest", "pythonpath", fallback=""))


def _ini(text: str) -> Iterator[str]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    yield from _words(parser.get("pytest", "pythonpath", fallback=""))


def _words(value: Any) -> list[str]:
    return value.split() if isinstance(value, str) else [item for item in value if isinstance(item, str)]


def join(directory: str, item: str | None) -> str:
    """A path relative to the root; what points above it begins with two dots."""
    parts = directory.split("/") if directory else []
    for part in (item or "").replace("\\", "/").split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
