"""Where a system is put together: its settings, what serves it, its root URLs; they are of no domain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from strangler.contexts.views import Landscape
from strangler.model import Module, System
from strangler.model.contexts import ContextKind
from strangler.model.lookup import last, parent

NAME = "composition-root"
ASSEMBLY = frozenset({"asgi", "celery", "manage", "wsgi"})
"""File names under which frameworks put a system together."""
SETTINGS = frozenset({"conf", "config", "settings", "urls"})
"""Directories of what is set, and of URL roots."""
_ROUTES = frozenset({"routing", "urls"})
"""Names of the modules with the root of all routes,"""
_AROUND = frozenset({"checks", "middleware"})
"""and of what settings put around each request and check at the start, in the package of a project."""


def assembles(module: Module) -> bool:
    """Whether a module puts the system together, by its role or by its name."""
    return module.role in ("settings", "entry_point") or last(module.name) in ASSEMBLY


def configures(module: Module) -> bool:
    """Whether a module lies in a directory of settings or of URL roots."""
    return not SETTINGS.isdisjoint(module.path.split("/")[:-1])


def root(system: System, land: Landscape) -> set[int]:
    """The modules that put the whole system together and touch none of its tables.

    These are the root URLs that settings name, settings and entry points on top, and in the package of a
    project (with its settings or root URLs and what serves it) the same, what they put around each request,
    and the package itself.
    """
    role = {module.name: module.role for module in system.modules}
    routes = {
        row.imported
        for row in system.imports
        if row.kind == "dynamic" and role.get(row.importer) == "settings" and last(row.imported) in _ROUTES
    }
    names = {module.name for module in land.modules}
    serving = {parent(module.name) for module in land.modules if _serves(module)}
    setting = {parent(name) for name in routes}
    for module in land.modules:
        if module.role == "settings" and "settings" in (last(module.name), last(parent(module.name))):
            own = module.name if last(module.name) == "settings" else parent(module.name)
            setting.add(parent(own))
    projects = (serving & setting) - {""}
    known = {table.name for table in system.tables}
    touching = {access.module for access in system.accesses if access.ties and access.table in known}
    found = set()
    for number, module in enumerate(land.modules):
        if number in land.declaring or module.name in touching:
            continue
        above, own = parent(module.name), last(module.name)
        top = not above and module.role in ("settings", "entry_point")
        inside = above in projects and (assembles(module) or own in _ROUTES | _AROUND | {"settings"})
        set_there = last(above) == "settings" and parent(above) in projects
        if module.name in routes & names or top or inside or set_there or module.name in projects:
            found.add(number)
    return found


def _serves(module: Module) -> bool:
    return last(module.name) in ASSEMBLY - {"manage"} and "." in module.name


def set_apart(
    land: Landscape,
    labels: Sequence[int],
    rooted: set[int],
    kinds: Mapping[int, ContextKind],
    fixed: Collection[int],
) -> tuple[list[int], int | None]:
    """The labels with what puts the system together out of the contexts, and the label of a new part of it;
    it joins the composition root that is there.

    Args:
        rooted: the modules that do so.
        kinds: label -> kind, of those that are no context.
        fixed: modules that stay where they are.
    """
    moved = {number for number in rooted if labels[number] not in kinds and number not in fixed}
    moved -= _alone(labels, moved)
    if not moved:
        return list(labels), None
    there = Counter(labels[n] for n in rooted - moved if kinds.get(labels[n]) == "composition_root")
    new = max(labels) + 1
    apart = min(there, key=lambda label: (-there[label], label), default=new)
    after = [apart if number in moved else label for number, label in enumerate(labels)]
    return after, new if apart == new else None


def _alone(labels: Sequence[int], moved: set[int]) -> set[int]:
    """Those of parts that hold nothing else: such a part stays as it is, for none is left empty."""
    left = {label for number, label in enumerate(labels) if number not in moved}
    return {number for number in moved if labels[number] not in left}
