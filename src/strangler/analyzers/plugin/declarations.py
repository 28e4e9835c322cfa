"""What a project declares in pyproject.toml, setup.cfg or setup.py: its entry points and scripts."""

from __future__ import annotations

import ast
import configparser
import tomllib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from strangler.sources.python import parse

if TYPE_CHECKING:
    from strangler.sources.tree import SourceTree

EntryPoints = dict[str, dict[str, str]]
"""group -> name -> ``package.module:attribute``."""

SCRIPTS = ("console_scripts", "gui_scripts")
"""The groups of entry points that are commands of a shell."""


def declared_entry_points(tree: SourceTree) -> EntryPoints:
    """All entry points that the tree declares; where two files name the same one, the first stays."""
    found: EntryPoints = {}
    scripts = [file.path for file in tree.files if file.path.rpartition("/")[2] == "setup.py"]
    for path in sorted([*tree.configuration, *scripts], key=lambda p: (p.count("/"), p)):
        read = _READERS.get(path.rpartition("/")[2])
        if read is None:
            continue
        try:
            groups = read(tree.read_text(path))
        except (ValueError, SyntaxError, configparser.Error, RecursionError, MemoryError, AttributeError):
            continue  # what is wrong with the file is reported where it is read as source
        for group, points in groups.items():
            for key, value in points.items():
                found.setdefault(group, {}).setdefault(key, value)
    return found


def _cleaned(points: object) -> dict[str, str]:
    if not isinstance(points, dict):
        return {}
    result = {}
    for name, value in points.items():
        if isinstance(value, dict):  # Poetry: {callable = "..."}
            value = value.get("callable") or value.get("reference")
        if isinstance(value, str):
            result[str(name)] = value.partition("[")[0].replace(" ", "")
    return result


def pyproject(text: str) -> EntryPoints:
    """PEP 621's tables, and Poetry's."""
    data: dict[str, Any] = tomllib.loads(text)
    project = data.get("project", {})
    poetry = data.get("tool", {}).get("poetry", {}) if isinstance(data.get("tool"), dict) else {}
    found: EntryPoints = {}
    for source, groups_key in ((project, "entry-points"), (poetry, "plugins")):
        if not isinstance(source, dict):
            continue
        groups = source.get(groups_key, {})
        for group, points in groups.items() if isinstance(groups, dict) else ():
            found.setdefault(group, {}).update(_cleaned(points))
        found.setdefault("console_scripts", {}).update(_cleaned(source.get("scripts")))
        found.setdefault("gui_scripts", {}).update(_cleaned(source.get("gui-scripts")))
    return {group: points for group, points in found.items() if points}


def _lines(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return _cleaned({name.strip(): value.strip() for name, _, value in pairs})


def setup_cfg(text: str) -> EntryPoints:
    """``[options.entry_points]`` or ``[entry_points]`` (pbr)."""
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    parser.read_string(text)
    found: EntryPoints = {}
    for section in ("options.entry_points", "entry_points"):
        if parser.has_section(section):
            for group, value in parser.items(section):
                found.setdefault(group, {}).update(_lines(value))
    return found


def setup_py(text: str) -> EntryPoints:
    """The ``entry_points`` argument of ``setup()``, where it is written out."""
    found: EntryPoints = {}
    tree = parse(text.encode("utf-8", "replace"), "setup.py").tree
    for value in _entry_point_arguments(tree) if tree is not None else ():
        if isinstance(value, str):
            parser = configparser.RawConfigParser(strict=False)
            parser.optionxform = str  # type: ignore[method-assign,assignment]
            parser.read_string(value)
            value = {section: [f"{k}={v}" for k, v in parser.items(section)] for section in parser.sections()}
        for group, lines in value.items() if isinstance(value, dict) else ():
            text = "\n".join(lines) if isinstance(lines, (list, tuple)) else str(lines)
            found.setdefault(str(group), {}).update(_lines(text))
    return found


def _entry_point_arguments(tree: ast.Module) -> Iterator[Any]:
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "entry_points":
                    value = keyword.value
                    if isinstance(value, ast.Name) and value.id in constants:
                        value = constants[value.id]
                    try:
                        yield ast.literal_eval(value)
                    except ValueError:
                        continue


_READERS: dict[str, Callable[[str], EntryPoints]] = {
    "pyproject.toml": pyproject,
    "setup.cfg": setup_cfg,
    "setup.py": setup_py,
}
