"""Which libraries a project asks for: the distributions that its files of requirements name."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from strangler.sources import walk

_REQUIREMENT = re.compile(r"^\s*([A-Za-z][\w.-]*)", re.MULTILINE)
_SETUP = re.compile(
    r"(?:install_requires|tests_require)\s*=\s*\[(.{0,10000}?)\]\s*[,)]"
    r"|extras_require\s*=\s*\{(.{0,10000}?)\}\s*[,)]",
    re.DOTALL,
)
"""Bounded: where none of the lists is closed, each would be read to the end of the file."""
_QUOTED = re.compile(r"[\"']([A-Za-z][\w.-]*)")
_AFFIX = re.compile(r"^(?:django|python|flask|py)_?|_(?:python|py)$")


def declared(root: Path, found: walk.Found) -> frozenset[str]:
    """The first names, in lower case, that the distributions probably bring which the project asks for."""
    names: set[str] = set()
    for path in (*found.configuration, *(path for path in found.python if path.endswith("setup.py"))):
        name = path.rpartition("/")[2]
        reader = _READERS.get(name, _lines if name.endswith((".in", ".txt")) else None)
        if reader is not None:
            try:
                text = walk.read(root, path).decode("utf-8-sig", "replace")
                for one in reader(text):
                    normal = re.sub(r"[-.]", "_", one.lower())
                    names.update((normal, _AFFIX.sub("", normal)))
            except (OSError, ValueError, RecursionError, AttributeError, TypeError, configparser.Error):
                continue
    return frozenset(names)


def _lines(text: str) -> Iterator[str]:
    yield from _REQUIREMENT.findall(text)


def _pyproject(text: str) -> Iterator[str]:
    document = tomllib.loads(text)
    project, poetry = document.get("project", {}), document.get("tool", {}).get("poetry", {})
    yield from _first_words(project.get("dependencies", ()))
    for listed in (
        *project.get("optional-dependencies", {}).values(),
        *document.get("dependency-groups", {}).values(),
    ):
        yield from _first_words(listed)
    for table in (poetry, *poetry.get("group", {}).values()):
        yield from table.get("dependencies", {})
        yield from table.get("dev-dependencies", {})


def _pipfile(text: str) -> Iterator[str]:
    document = tomllib.loads(text)
    yield from document.get("packages", {})
    yield from document.get("dev-packages", {})


def _setup_cfg(text: str) -> Iterator[str]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    yield from _lines(parser.get("options", "install_requires", fallback=""))
    if parser.has_section("options.extras_require"):
        for _, listed in parser.items("options.extras_require"):
            yield from _lines(listed)


def _setup_py(text: str) -> Iterator[str]:
    for blocks in _SETUP.findall(text):
        yield from _QUOTED.findall("".join(blocks))


def _first_words(listed: Iterable[object]) -> Iterator[str]:
    for one in listed:
        if isinstance(one, str):
            yield from _REQUIREMENT.findall(one)


_READERS = {
    "pyproject.toml": _pyproject,
    "Pipfile": _pipfile,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
}
