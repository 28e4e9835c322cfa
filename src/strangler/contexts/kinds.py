"""What is no business context although it is a community: where all is put together, what all stand on.

A composition root names every part and is used by none; a platform is used by nearly all and uses hardly any;
a library uses hardly any and does nothing by itself, however few use it: it has no data, touches no table and
has no way in; operations are the commands and scripts of those who run and fill the system.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence

from strangler.contexts import packages
from strangler.contexts.folding import assembles
from strangler.contexts.kernel import OWN, USERS
from strangler.contexts.views import Landscape
from strangler.model import System
from strangler.model.contexts import ContextKind
from strangler.model.lookup import Homes, ancestors

MANAGEMENT = ".management"
"""The package of Django's commands; what lies in it serves them."""
SPAN = 3
"""Contexts that a module must use to put them together, or that must use a platform."""
LEAN = 0.2
"""Uses of others by a platform, for each use of it."""
MOST = 2 / 3
"""Share of the other contexts that use a platform."""
LARGEST = 0.25
"""Share of the modules over which nothing is a platform: it is the core of the business."""
BESIDE = 0.9
"""Share of a context's modules that must be scripts beside the system."""
HALF = 0.5
"""Share of a context's modules that must be of a kind."""


def find(
    system: System,
    land: Landscape,
    labels: Sequence[int],
    aside: set[int],
    between: Collection[int] = (),
) -> dict[int, ContextKind]:
    """Label -> kind, for the communities that are no business context.

    Args:
        labels: of the modules.
        aside: labels that are something else already (the shared kernel).
        between: labels of what is left of layered code when its domains are taken out: what all stand on,
            however large, if it declares no table and most others use it.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for number, label in enumerate(labels):
        members[label].append(number)
    entered, commanded = _entries(system, land)
    home = Homes(system, land.index)
    acting = {a.module for a in system.accesses} | {home(signal.receiver) for signal in system.signals}
    scripts = _scripts(land, entered)
    top = _top(land)
    users: dict[int, Counter[int]] = defaultdict(Counter)
    """Label -> who uses it, by pairs of modules."""
    uses: Counter[int] = Counter()
    """Label -> pairs in which it uses others; what its commands use says nothing of it."""
    needs: Counter[int] = Counter()
    """The same with what its commands use."""
    spans: dict[int, set[int]] = defaultdict(set)
    for number, by in enumerate(land.importers):
        for user in by:
            if labels[user] != labels[number]:
                users[labels[number]][labels[user]] += 1
                uses[labels[user]] += labels[number] not in aside and user not in commanded
                needs[labels[user]] += 1
                spans[user].add(labels[number])
    found: dict[int, ContextKind] = {}
    for label, group in members.items():
        if label in aside or len(members) - len(aside) < SPAN:
            continue
        outside = users[label].total()
        data = any(number in land.declaring for number in group)
        named = {number for number in group if assembles(land.modules[number])}
        assembling = len(named | {number for number in group if len(spans[number]) >= SPAN})
        commands = len(commanded.intersection(group)) / len(group)
        beside = len(scripts.intersection(group)) / len(group)
        lean = uses[label] <= OWN * outside
        others = len(members) - len(aside) - 1
        served = bool(entered.intersection(group))
        acts = served or any(n in commanded or land.modules[n].name in acting for n in group)
        among = len(top.intersection(group)) > HALF * len(group)
        assembled = len(named) > HALF * len(group) or (
            outside <= uses[label] and assembling > HALF * len(group)
        )
        if not data and (assembled or (among and not served)):
            found[label] = "composition_root"
        elif _operates(commands, outside, needs[label], data, beside):
            found[label] = "operations"
        elif (
            (label in between and not data)
            or (uses[label] <= LEAN * outside and len(group) <= LARGEST * land.size)
        ) and len(users[label].keys() - aside) >= max(SPAN, MOST * others):
            found[label] = "platform" if data or served else "library"
        elif lean and not data and not acts and (entered or outside >= USERS):
            found[label] = "library"
    return found


def _operates(commands: float, outside: int, needs: int, data: bool, scripts: float) -> bool:
    """Whether those who run the system are served: by what none uses, or by commands for the most part, and
    then tables beside them serve them, too."""
    if not data and not outside and commands >= HALF:
        return True
    return (commands > HALF and outside <= needs) or (not data and scripts >= BESIDE)


def _top(land: Landscape) -> set[int]:
    """The modules beside the packages of the system, in a package that holds nearly all of it."""
    below = Counter(folder for module in land.modules for folder in packages.folders(module.path))
    whole = packages.WHOLE * land.size
    found = set()
    for number, module in enumerate(land.modules):
        folder = packages.folders(module.path)[0]
        if folder and below[folder] >= whole:
            found.add(number)
    return found


def _entries(system: System, land: Landscape) -> tuple[set[int], set[int]]:
    """Modules with handlers of endpoints or tasks, and those with commands or of a package of commands."""

    home = Homes(system, land.index)

    def homes(handlers: Iterable[str]) -> set[int]:
        return {land.index[name] for handler in handlers if (name := home(handler)) is not None}

    entered = homes([*(e.handler for e in system.endpoints), *(task.handler for task in system.tasks)])
    commanded = homes(command.handler for command in system.commands)
    packages = {above for n in commanded for above in ancestors(land.modules[n].name) if MANAGEMENT in above}
    return entered, commanded | {land.index[name] for name in packages if name in land.index}


def _scripts(land: Landscape, entered: set[int]) -> set[int]:
    """Modules of trees beside the system: none in them has a handler or is used from another tree, unless by
    files alone that are scripts themselves (a package that none uses may be loaded by name), and they hold
    less than half of all modules."""
    tree = [module.name.partition(".")[0] for module in land.modules]
    sizes = Counter(tree)
    served = {tree[number] for number in entered}
    users: dict[str, set[str]] = {top: set() for top in sizes}
    for number, by in enumerate(land.importers):
        users[tree[number]].update(tree[user] for user in by if tree[user] != tree[number])
    left = {top for top, size in sizes.items() if top not in served and size < HALF * land.size}
    found = {top for top in left if not users[top]}
    files: set[str] = set()
    while more := {top for top in found if sizes[top] == 1} - files:
        files |= more
        found |= {top for top in left if users[top] <= files}
    return {number for number, top in enumerate(tree) if top in found}
