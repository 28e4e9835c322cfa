"""What lies beside the system: scripts, documentation, examples, helpers of tests; it is of no domain."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence

from strangler.contexts import packages
from strangler.contexts.assembly import assembles
from strangler.contexts.views import Landscape
from strangler.model import System
from strangler.model.lookup import Homes, ancestors
from strangler.model.system import IN_PROCESS

MANAGEMENT = ".management"
"""The package of Django's commands; what lies in it serves them."""
NAME = "scripts"
SETUP = "setup.py"
"""Lies on top of what is published."""
HALF = 0.5
"""Share of all modules under which a tree can be beside the system."""
_DEVELOPMENT = """
behave benchmark benchmarks demo doc docs example examples fake fakes mock mocks sample samples script scripts
stubs testing
"""
DEVELOPMENT = frozenset(_DEVELOPMENT.split())
"""Directories for those who build the system,"""
TOOLS = frozenset({"ci", "hack", "tool", "tools"})
"""and those that are on top of the tree only."""
_BUILDING = "conftest.py dodo.py fabfile.py locustfile.py noxfile.py setup.py toxfile.py"
BUILDING = frozenset(_BUILDING.split())
"""Files by which a system is packaged, tried and built."""


def set_apart(system: System, land: Landscape, labels: Sequence[int]) -> tuple[list[int], int | None]:
    """The labels with what is beside the system out of the communities of others, and its label."""
    scripts = find(system, land, *entries(system, land))
    sizes = Counter(labels)
    inside = Counter(labels[number] for number in scripts)
    moved = {
        number
        for number in scripts
        if inside[labels[number]] < sizes[labels[number]]
        # a file on top may be what starts the system
        and ("/" in land.modules[number].path or land.modules[number].path in BUILDING)
        and not assembles(land.modules[number])
    }
    if not moved:
        return list(labels), None
    there = Counter(
        labels[number]
        for number in scripts - moved
        if not DEVELOPMENT.isdisjoint(land.modules[number].path.split("/")[:1])
    )
    apart = min(there, key=lambda label: (-there[label], label), default=max(labels) + 1)
    return [apart if number in moved else label for number, label in enumerate(labels)], apart


def find(system: System, land: Landscape, entered: Collection[int], commanded: Collection[int]) -> set[int]:
    """The modules that are no part of the system: trees of scripts beside it, and what is for development and
    nothing else imports (what patches classes of the system is used by these), directories and single files,
    without a table or a way in but commands and threads of their own."""
    serving = land.declaring | (set(entered) - threads(system, land))
    taken = {folder for number in serving for folder in packages.folders(land.modules[number].path)}
    building = {
        number
        for number, module in enumerate(land.modules)
        for folder in packages.folders(module.path)
        if (folder.rpartition("/")[2] in DEVELOPMENT or folder in TOOLS) and folder not in taken
    }
    paths = {module.path for module in land.modules}
    building |= {
        number
        for number, module in enumerate(land.modules)
        if module.path.rpartition("/")[2] in BUILDING and number not in serving
        if f"{module.path.rpartition('/')[0]}/__init__.py" not in paths  # in a package it is a part of that
    }
    importers = _importers(system, land)
    while used := {number for number in building if not importers[number] <= building}:
        building -= used
    return building | _scripts(land, set(entered), set(commanded))


def threads(system: System, land: Landscape) -> set[int]:
    """Modules that nothing but threads of their own process enters."""
    home = Homes(system, land.index)
    started = {home(task.handler) for task in system.tasks if task.framework == IN_PROCESS}
    served = {home(task.handler) for task in system.tasks if task.framework != IN_PROCESS}
    served |= {home(endpoint.handler) for endpoint in system.endpoints}
    return {land.index[name] for name in started - served if name is not None}


def distributions(system: System, land: Landscape) -> list[set[int]]:
    """The modules of each directory below the top that is published on its own (``setup.py``) and uses
    nothing of the rest: a client or a library that lies in the same repository."""
    importers = _importers(system, land)
    found = []
    for module in system.modules:
        folder, _, file = module.path.rpartition("/")
        if file == SETUP and folder:
            below = {n for n, one in enumerate(land.modules) if one.path.startswith(f"{folder}/")}
            used = {n for n, users in importers.items() if not users.isdisjoint(below)}
            if below and len(below) < HALF * land.size and used <= below:
                found.append(below)
    return found


def _importers(system: System, land: Landscape) -> dict[int, set[int]]:
    """Module -> those that import it; those that use it where no import is known."""
    if not system.imports:
        return dict(enumerate(map(set, land.importers)))
    found: dict[int, set[int]] = defaultdict(set)
    for row in system.imports:
        if row.importer in land.index and row.imported in land.index:
            found[land.index[row.imported]].add(land.index[row.importer])
    return found


def _scripts(land: Landscape, entered: set[int], commanded: set[int]) -> set[int]:
    """Modules of trees beside the system.

    None in them has a handler or is used from another tree, unless by commands or by files alone that are
    scripts themselves (a package that none uses may be loaded by name), and they hold less than half of all
    modules. A package in a directory of plug-ins is loaded by name.
    """
    tree = [module.name.partition(".")[0] for module in land.modules]
    sizes = Counter(tree)
    served = {tree[number] for number in entered}
    users: dict[str, set[str]] = {top: set() for top in sizes}
    for number, by in enumerate(land.importers):
        others = by - commanded
        users[tree[number]].update(tree[user] for user in others if tree[user] != tree[number])
    loaded = {
        module.name
        for module in land.modules
        if module.path.endswith("/__init__.py")
        and any(map(packages.holds_plugins, packages.folders(module.path)[1:]))
    }
    left = {top for top, size in sizes.items() if top not in served | loaded and size < HALF * land.size}
    found = {top for top in left if not users[top]}
    files: set[str] = set()
    while more := {top for top in found if sizes[top] == 1} - files:
        files |= more
        found |= {top for top in left if users[top] <= files}
    return {number for number, top in enumerate(tree) if top in found}


def entries(system: System, land: Landscape) -> tuple[set[int], set[int]]:
    """Modules with handlers of endpoints or tasks, and those with commands or of a package of commands."""

    home = Homes(system, land.index)

    def homes(handlers: Iterable[str]) -> set[int]:
        return {land.index[name] for handler in handlers if (name := home(handler)) is not None}

    entered = homes([*(e.handler for e in system.endpoints), *(task.handler for task in system.tasks)])
    commanded = homes(command.handler for command in system.commands)
    packages = {above for n in commanded for above in ancestors(land.modules[n].name) if MANAGEMENT in above}
    return entered, commanded | {land.index[name] for name in packages if name in land.index}
