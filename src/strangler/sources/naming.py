"""Module names: what Python calls each file, made unique where several import roots use one name.

Two services of one repository may both have a package ``app``. The one nearest to the top keeps the name;
the other's modules are called by their place (``services.users.app.main``), all of them, and what they
import is looked up under that prefix first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from strangler.model.system import Diagnostic
from strangler.sources.roots import Layout


class Name(NamedTuple):
    """A module's name; without ``prefix`` it is the one that Python uses."""

    module: str
    prefix: str = ""


def name_files(paths: Iterable[str], layout: Layout) -> tuple[dict[str, Name], list[Diagnostic]]:
    """A unique name for each file that can be imported, and what was left out or renamed."""
    groups: dict[tuple[int, str, str], list[str]] = {}
    natural = {path: layout.module(path) for path in paths}
    for path, module in natural.items():
        root = layout.root_of(path)
        groups.setdefault((root.count("/") + bool(root), root, module.partition(".")[0]), []).append(path)
    names: dict[str, Name] = {}
    claimed: dict[str, str] = {}
    diagnostics = []
    for (_, root, top), members in sorted(groups.items()):
        members.sort(key=lambda path: (not path.endswith("/__init__.py"), path.count("/"), path))
        prefix = ""
        other = next((path for path in members if _clashes(path, natural[path], claimed)), None)
        if other is not None:
            prefix = layout.dotted(root)
            diagnostics.append(_renamed(root, top, claimed[natural[other]], members[0], prefix))
        own: dict[str, str] = {}
        for path in members:
            module = prefix + natural[path]
            if module in own or (prefix and module in claimed):
                winner = own.get(module) or claimed[module]
                diagnostics.append(_left_out(path, module, winner))
            elif module in claimed:  # a second __init__.py of a package that is spread over roots
                prefix_here = layout.dotted(root)
                names[path] = Name(prefix_here + module, prefix_here)
            else:
                names[path] = Name(module, prefix)
                own[module] = path
        claimed |= own
    return names, diagnostics


def _clashes(path: str, module: str, claimed: dict[str, str]) -> bool:
    return module in claimed and not ("." not in module and path.endswith("/__init__.py"))


def _renamed(root: str, top: str, winner: str, path: str, prefix: str) -> Diagnostic:
    place = f"{top} below {root or '.'}/"
    return _duplicate(path, f"{place} has the name of another ({winner}): here it is called {prefix}{top}")


def _left_out(path: str, module: str, winner: str) -> Diagnostic:
    return _duplicate(path, f"{module} is also {winner}, which Python prefers; this file is left out")


def _duplicate(path: str, message: str) -> Diagnostic:
    return Diagnostic(file=path, line=None, code="duplicate-module", severity="warning", message=message)
