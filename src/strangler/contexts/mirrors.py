"""Layers by their shape: directories whose parts have namesakes beside them, and belong to these.

``plugins/editor.py`` and ``widgets/editor/``, ``hooks/bigquery.py`` and ``operators/bigquery.py``: no word
says that these are layers, but each holds the same subjects as the other, and a module is tied to its
namesake more than to those that it lies with.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from strangler.contexts import domains
from strangler.contexts.graph import Adjacency
from strangler.model import Module

LEAST = 4
"""Fewest parts of a layer with a namesake in a directory beside it,"""
SHARE = 0.25
"""and their least share of its parts."""
CLOSER = 2.0
"""How many times denser the ties to namesakes must be than those inside the directory."""


def find(modules: Sequence[Module], near: Adjacency, naming: Mapping[str, float]) -> frozenset[str]:
    """The directories that are layers by their shape; the top ones are systems and none.

    The parts of a directory are its files and directories by the words of their names that name no kind
    (``household_services`` is a ``household``). The density of ties is their weight over what the degrees of
    the two sides let expect.

    Args:
        modules: in the order of the graph.
        near: ties that know no names.
        naming: word -> how much it names a layer (``words.layer_words``).
    """
    parts: dict[str, dict[domains.Name, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, module in enumerate(modules):
        path = PurePosixPath(module.path).with_suffix("")
        for place in (path, *path.parents):
            name = domains.core(place.name, naming)
            if name and place.name != "__init__":
                parts[str(place.parent)][name].append(number)
    beside: dict[str, list[str]] = defaultdict(list)
    for folder in sorted(parts):
        if "/" in folder:
            beside[folder.rpartition("/")[0]].append(folder)
    degree = [sum([weight for _, weight in row]) for row in near]
    return frozenset(
        folder
        for siblings in beside.values()
        if len(siblings) > 1
        for folder in _layers({folder: parts[folder] for folder in siblings}, near, degree)
    )


def _layers(
    siblings: Mapping[str, Mapping[domains.Name, Sequence[int]]], near: Adjacency, degree: Sequence[float]
) -> list[str]:
    """Those of the directories beside each other that are layers."""
    home = {
        number: (folder, name)
        for folder, parts in siblings.items()
        for name, members in parts.items()
        for number in members
    }
    volume = {
        folder: {name: sum([degree[number] for number in members]) for name, members in parts.items()}
        for folder, parts in siblings.items()
    }
    holders = Counter(name for parts in siblings.values() for name in parts)
    everywhere: dict[domains.Name, float] = defaultdict(float)
    for own in volume.values():
        for name, value in own.items():
            everywhere[name] += value
    found = []
    for folder, parts in siblings.items():
        mirrored = [name for name in parts if holders[name] > 1]
        if len(mirrored) < max(LEAST, SHARE * len(parts)):
            continue
        across = inside = 0.0
        for name, members in parts.items():
            for number in members:
                for other, weight in near[number]:
                    where, called = home.get(other, ("", name))
                    inside += weight * (where == folder and called != name)
                    across += weight * (where not in ("", folder) and called == name)
        own = volume[folder]
        chance_across = sum([own[name] * (everywhere[name] - own[name]) for name in mirrored])
        chance_inside = sum(own.values()) ** 2 - sum([value**2 for value in own.values()])
        if across * chance_inside > CLOSER * inside * chance_across:
            found.append(folder)
    return found
