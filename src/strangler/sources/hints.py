"""Where the project itself says that its import roots lie: manage.py, ``sys.path``, project files, pytest."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from strangler.sources import walk

_SETTINGS = re.compile(rb"DJANGO_SETTINGS_MODULE[\"']\s*[,\]]\s*(?:=\s*)?[\"']([\w.]+)[\"']")

ASIDE = re.compile(r"tests?|.+_tests?|tests?_.+|docs?|examples?|samples?|scripts?|tools?|benchmarks?|bin")
"""Directories beside the product: their files are analysed, but are no package of it."""
_STARTS = re.compile(
    r"(?:manage|wsgi|asgi|main|app|run|server|celery|__init__|base|settings\w*|\w*_settings)\.py"
)
"""Files that put directories on Python's path before anything else runs."""
_PATH = re.compile(r"sys\.path\.(?:insert|append|extend)\(((?:[^\n]{0,300}\n){0,3}?[^\n]{0,300}\))")
_LITERAL = re.compile(r"[\"']([^\"'\n]+)[\"']")


def roots(root: Path, found: walk.Found) -> set[str]:
    """Directories relative to ``root`` that a file of the project names as import roots."""
    named: set[str] = set()
    for path in found.python:
        directory, _, name = path.rpartition("/")
        if name == "manage.py":
            named |= set(_django(root, found, path))
        elif name == "setup.py":
            named |= {join(directory, item) for item in _setup_py(_text(root, path))}
        if _STARTS.fullmatch(name) and not any(ASIDE.fullmatch(part) for part in directory.split("/")):
            named |= set(_put_on_path(_text(root, path), directory, found))
    for path in found.configuration:
        directory, _, name = path.rpartition("/")
        reader = {"pyproject.toml": _pyproject, "setup.cfg": _setup_cfg, "pytest.ini": _ini, "tox.ini": _ini}
        if name in reader:
            try:
                text = walk.read(root, path).decode("utf-8-sig")
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


def _text(root: Path, path: str) -> str:
    try:
        return walk.read(root, path).decode("utf-8", "replace")
    except OSError:
        return ""


def _put_on_path(text: str, directory: str, found: walk.Found) -> Iterator[str]:
    """``sys.path.insert(0, os.path.join(BASE_DIR, "apps"))``: the nearest of the places that it may mean."""
    for match in _PATH.finditer(text):
        words = [word for word in _LITERAL.findall(match[1]) if not word.startswith("/")]
        here = directory
        if "__file__" in match[1] and not words:
            for _ in range(match[1].count("dirname") + match[1].count(".parent") - 1):
                here = here.rpartition("/")[0]
            yield here
        while words:
            place = join(here, "/".join(words))
            if place and not place.startswith("..") and _is_directory(place, found):
                yield place
                break
            if not here:
                break
            here = here.rpartition("/")[0]


_CHANGES_PATH = re.compile(rb"sys\.path|addsitedir|PYTHONPATH|pythonpath")
_ABOUT_PATHS = re.compile(r"(?i)path|dir|root|base|site")
_PYTHONPATH = re.compile(r"(?i)\b(?:PYTHONPATH|WORKDIR|chdir)\b[\"']?[ \t]*(?:[:=][ \t]*)?[\"']?([^\s\"']+)")


def spoken_of(root: Path, found: walk.Found) -> set[str]:
    """Directories whose names stand where the path is changed: in Python code, or as ``PYTHONPATH`` and
    ``WORKDIR`` of an image.
    """
    places = set(found.directories)
    for directory in found.directories:
        places.update(_above(directory))
    ends: dict[str, list[str]] = {}
    for place in sorted(places):
        ends.setdefault(place.rpartition("/")[2], []).append(place)
    named: set[str] = set()
    for path in found.python:
        if not any(ASIDE.fullmatch(part) for part in path.split("/")[:-1]):
            try:
                data = walk.read(root, path)
            except OSError:
                continue
            if _CHANGES_PATH.search(data):
                for word in _path_words(data.decode("utf-8", "replace")):
                    named.update(p for p in ends.get(word.rpartition("/")[2], ()) if _ends(p, word))
    for path in found.configuration:
        for match in _PYTHONPATH.finditer(_text(root, path)):
            for item in match[1].split(":"):
                named.update(_nearest(item, path.rpartition("/")[0], places))
    return named - {""}


def _above(directory: str) -> Iterator[str]:
    while directory:
        directory = directory.rpartition("/")[0]
        yield directory


def _path_words(text: str) -> Iterator[str]:
    """The literals of the lines of a file that speak of paths."""
    for line in text.splitlines():
        if _ABOUT_PATHS.search(line):
            yield from (join("", word) for word in _LITERAL.findall(line) if not word.startswith(".."))


def _ends(place: str, word: str) -> bool:
    return bool(word) and (place == word or place.endswith(f"/{word}"))


def _nearest(item: str, directory: str, places: set[str]) -> list[str]:
    """The place that a path of an image may be: the longest end of it that there is."""
    parts = [part for part in item.split("/") if part and not part.startswith((".", "$"))]
    for start in range(len(parts)):
        tail = "/".join(parts[start:])
        for place in (join(directory, tail), tail):
            if place in places:
                return [place]
    return []


def _is_directory(directory: str, found: walk.Found) -> bool:
    return any(other == directory or other.startswith(f"{directory}/") for other in found.directories)


def _setup_py(text: str) -> Iterator[str]:
    """Where a ``setup.py`` looks for packages, as it is written."""
    where = re.findall(r"package_dir\s*=\s*\{\s*[\"'][\"']\s*:\s*[\"']([^\"']+)", text)
    where += re.findall(r"find_(?:namespace_)?packages\(\s*(?:where\s*=\s*)?[\"']([^\"']+)", text)
    if where:
        yield from where
    elif re.search(r"\b(?:packages|py_modules)\s*=", text):
        yield ""


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
