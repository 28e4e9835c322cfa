"""Which libraries a project asks for: the distributions that its files of requirements name."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from strangler.sources import walk

NAME = re.compile(r"\s*([A-Za-z][\w.-]*)")
"""The name at the beginning of a requirement."""
_LINE = re.compile(r"^[^\S\n]*([A-Za-z][^\n]*)", re.MULTILINE)
_REQUIRED = re.compile(r"(?:install_requires|tests_require)\s*=\s*\[(.{0,10000}?)\]\s*[,)]", re.DOTALL)
_EXTRAS = re.compile(r"extras_require\s*=\s*\{(.{0,10000}?)\}\s*[,)]", re.DOTALL)
"""Bounded: where none of the lists is closed, each would be read to the end of the file."""
_QUOTED = re.compile(r"[\"']([A-Za-z][^\"'\n]*)")
_ASIDE = re.compile(r"dev|test|doc|lint|extra|optional")
"""In the name of a file of requirements: what it lists is not always installed."""
_AFFIX = re.compile(r"^(?:django|python|flask|py)_?|_(?:python|py)$")


class Asked(NamedTuple):
    """A distribution that a project asks for."""

    text: str
    """The requirement as the Python package index knows it: ``django[bcrypt]>=5``."""
    optional: bool = False
    """Whether it is one of an extra or of a group for development."""


class Declared(NamedTuple):
    """What the distributions probably bring that a project asks for: first names, in lower case."""

    names: frozenset[str]
    required: frozenset[str]
    """Those that it never goes without, without underscores: no extra, no group or file for development."""


def declared(root: Path, found: walk.Found) -> Declared:
    """What the files of requirements of a tree ask for."""
    names: set[str] = set()
    required: set[str] = set()
    for path in (*found.configuration, *(path for path in found.python if path.endswith("setup.py"))):
        try:
            text = walk.read(root, path).decode("utf-8-sig", "replace")
        except OSError:
            continue
        aside = bool(_ASIDE.search(path.rpartition("/")[2]))
        for one in asked(path, text):
            match = NAME.match(one.text)
            if match is not None:
                brought = (normal(match[1]), probable(match[1]))
                names.update(brought)
                if not (aside or one.optional):
                    required.update(name.replace("_", "") for name in brought)
    return Declared(frozenset(names), frozenset(required))


def normal(distribution: str) -> str:
    """A distribution's name as a module would spell it: ``Flask-Login`` -> ``flask_login``."""
    return re.sub(r"[-.]", "_", distribution.lower())


def probable(distribution: str) -> str:
    """A distribution's name without its ecosystem's affix: ``django-taggit`` -> ``taggit``."""
    return _AFFIX.sub("", normal(distribution))


def asked(path: str, text: str) -> tuple[Asked, ...]:
    """What a file of requirements asks for; nothing where it is none, or cannot be read.

    Args:
        path: decides the format: ``pyproject.toml``, ``Pipfile``, ``setup.cfg``, ``setup.py``, ``*.txt``,
            ``*.in``.
        text: the file.
    """
    name = path.rpartition("/")[2]
    reader = _READERS.get(name, _lines if name.endswith((".in", ".txt")) else None)
    if reader is None:
        return ()
    try:
        return tuple(reader(text))
    except (ValueError, RecursionError, AttributeError, TypeError, configparser.Error):
        return ()


def locked(path: str, text: str) -> dict[str, str]:
    """Distribution -> version of a lock file (``poetry.lock``, ``uv.lock``, ``pdm.lock``, ``Pipfile.lock``);
    those that it gives several versions, one for each platform, are left out."""
    versions: dict[str, set[str]] = {}
    try:
        if path.endswith("Pipfile.lock"):
            for name, entry in json.loads(text)["default"].items():
                versions.setdefault(name, set()).add(str(entry.get("version", "")).removeprefix("=="))
        else:
            for entry in tomllib.loads(text)["package"]:
                versions.setdefault(str(entry["name"]), set()).add(_from_index(entry))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    known = {name: min(found) for name, found in sorted(versions.items()) if len(found) == 1}
    return {name: version for name, version in known.items() if version}


def _from_index(entry: dict[str, Any]) -> str:
    """The version of a locked package; empty where it is the project itself or comes from a repository."""
    source = entry.get("source")
    elsewhere = isinstance(source, dict) and (
        source.get("type", "legacy") not in ("legacy", "") or not source.keys().isdisjoint(_NO_INDEX)
    )
    return "" if elsewhere else str(entry.get("version", ""))


_NO_INDEX = frozenset({"git", "path", "directory", "editable", "virtual", "url"})


def _lines(text: str) -> Iterator[Asked]:
    for line in _LINE.findall(text):
        yield Asked(line.strip())


def _pyproject(text: str) -> Iterator[Asked]:
    document = tomllib.loads(text)
    project, poetry = document.get("project", {}), document.get("tool", {}).get("poetry", {})
    yield from _texts(project.get("dependencies", ()))
    for listed in (
        *project.get("optional-dependencies", {}).values(),
        *document.get("dependency-groups", {}).values(),
    ):
        yield from _texts(listed, optional=True)
    yield from _tables(poetry.get("dependencies", {}))
    for table in (poetry, *poetry.get("group", {}).values()):
        yield from _tables(table.get("dev-dependencies", {}), optional=True)
        if table is not poetry:
            yield from _tables(table.get("dependencies", {}), optional=True)


def _pipfile(text: str) -> Iterator[Asked]:
    document = tomllib.loads(text)
    yield from _tables(document.get("packages", {}))
    yield from _tables(document.get("dev-packages", {}), optional=True)


def _setup_cfg(text: str) -> Iterator[Asked]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    yield from _lines(parser.get("options", "install_requires", fallback=""))
    if parser.has_section("options.extras_require"):
        for _, listed in parser.items("options.extras_require"):
            yield from (Asked(one.text, True) for one in _lines(listed))


def _setup_py(text: str) -> Iterator[Asked]:
    yield from _texts(_QUOTED.findall("".join(_REQUIRED.findall(text))))
    yield from _texts(_QUOTED.findall("".join(_EXTRAS.findall(text))), optional=True)


def _texts(listed: Iterable[object], *, optional: bool = False) -> Iterator[Asked]:
    for one in listed:
        if isinstance(one, str) and NAME.match(one):
            yield Asked(one.strip(), optional)


def _tables(table: dict[str, Any], *, optional: bool = False) -> Iterator[Asked]:
    """Poetry's and Pipenv's tables: name -> version, or a table with the version, extras and a repository."""
    for name, value in table.items():
        if name.lower() != "python":
            one = value[0] if isinstance(value, list) and value else value
            entry = one if isinstance(one, dict) else {"version": one}
            yield Asked(name + _specified(entry), optional or bool(entry.get("optional")))


def _specified(entry: dict[str, Any]) -> str:
    """``[extra]>=1.2,<2`` or `` @ git+https://...@v1`` of an entry of such a table."""
    extras = ",".join(map(str, entry.get("extras", ())))
    head = f"[{extras}]" if extras else ""
    if isinstance(entry.get("git"), str):
        revision = next((str(entry[key]) for key in ("rev", "tag", "branch", "ref") if key in entry), "")
        return f"{head} @ git+{entry['git']}" + (f"@{revision}" if revision else "")
    if isinstance(entry.get("url"), str):
        return f"{head} @ {entry['url']}"
    version = str(entry.get("version", "*"))
    return head + ",".join(filter(None, (_standard(part.strip()) for part in version.split(","))))


def _standard(version: str) -> str:
    """Poetry's ``^1.2``, ``~1.2``, ``1.2`` and ``*`` as the standard (PEP 440) writes them."""
    if version in ("", "*"):
        return ""
    mark, number = (version[0], version[1:].strip()) if version[0] in "^~" else ("", version)
    parts = number.split(".")
    if not mark or version.startswith("~=") or not all(part.isdigit() for part in parts):
        return version if re.match(r"[<>=!~]", version) and mark != "^" else f"=={number}"
    if mark == "^":
        at = next((place for place, part in enumerate(parts) if part != "0"), len(parts) - 1)
    else:
        at = min(1, len(parts) - 1)
    upper = ".".join([*parts[:at], str(int(parts[at]) + 1)])
    return f">={number},<{upper}"


_READERS = {
    "pyproject.toml": _pyproject,
    "Pipfile": _pipfile,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
}
