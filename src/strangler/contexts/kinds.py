"""What is no business context although it is a community: where all is put together, what all stand on.

A composition root names every part and is used by none; a platform is used by nearly all and uses hardly any;
a library uses hardly any and does nothing by itself, however few use it: it has no data, touches no table and
has no way in; operations are the commands and scripts of those who run and fill the system; a layer
is a face of many domains without data of its own, or helps them (``layering``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

from strangler.contexts import beside, packages
from strangler.contexts.folding import assembles
from strangler.contexts.kernel import OWN, USERS
from strangler.contexts.layering import Layering
from strangler.contexts.views import Landscape
from strangler.model import Module, System
from strangler.model.contexts import ContextKind
from strangler.model.lookup import Homes

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
SETTINGS = frozenset({"conf", "config", "settings"})
"""Directories of what is set where the system is put together."""
HALF = 0.5
"""Share of a context's modules that must be of a kind."""


def find(
    system: System,
    land: Landscape,
    labels: Sequence[int],
    aside: set[int],
    between: Collection[int] = (),
    common: Collection[int] = (),
) -> dict[int, ContextKind]:
    """Label -> kind, for the communities that are no business context.

    Args:
        labels: of the modules.
        aside: labels that are something else already (the shared kernel).
        between: labels of what is left of layered code when its domains are taken out: what all stand on,
            however large, if it declares no table and most others use it.
        common: labels of what all have in common.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for number, label in enumerate(labels):
        members[label].append(number)
    entered, commanded = beside.entries(system, land)
    home = Homes(system, land.index)
    acting = {a.module for a in system.accesses} | {home(signal.receiver) for signal in system.signals}
    scripts = beside.find(land, entered, commanded)
    layers = Layering(system, land, members, entered, commanded)
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
                if labels[number] not in common:
                    spans[user].add(labels[number])
    found: dict[int, ContextKind] = {}
    for label, group in members.items():
        if label in aside or len(members) - len(aside) < SPAN:
            continue
        outside = users[label].total()
        data = any(number in land.declaring for number in group)
        named = {n for n in group if assembles(land.modules[n]) or _configures(land.modules[n])}
        assembling = len(named | {number for number in group if len(spans[number]) >= SPAN})
        commands = len(commanded.intersection(group)) / len(group)
        scripted = len(scripts.intersection(group)) / len(group)
        lean = uses[label] <= OWN * outside
        others = len(members) - len(aside) - 1
        served = bool(entered.intersection(group))
        acts = served or any(n in commanded or land.modules[n].name in acting for n in group)
        among = len(top.intersection(group)) > HALF * len(group)
        assembled = len(named) > HALF * len(group) or (
            outside <= uses[label] and assembling > HALF * len(group)
        )
        if label in common:
            found[label] = "platform" if data or served else "library"
        elif not data and (assembled or (among and not served)):
            found[label] = "composition_root"
        elif _operates(commands, outside, needs[label], data, scripted):
            found[label] = "operations"
        elif (
            (label in between and not data)
            or (uses[label] <= LEAN * outside and len(group) <= LARGEST * land.size)
            or layers.models(label, group)
        ) and len(users[label].keys() - aside) >= max(SPAN, MOST * others):
            found[label] = "platform" if data or served else "library"
        elif lean and not data and not acts and (entered or outside >= USERS):
            found[label] = "library"
        elif layers.layer(label, group):
            found[label] = "layer"
    return found


def _operates(commands: float, outside: int, needs: int, data: bool, scripts: float) -> bool:
    """Whether those who run the system are served: by what none uses, or by commands for the most part, and
    then tables beside them serve them, too."""
    if not data and not outside and commands >= HALF:
        return True
    return (commands > HALF and outside <= needs) or (not data and scripts >= BESIDE)


def _configures(module: Module) -> bool:
    """Whether a module lies in a directory of settings."""
    return not SETTINGS.isdisjoint(module.path.split("/")[:-1])


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
