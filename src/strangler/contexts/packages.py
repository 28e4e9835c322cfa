"""The directories as a cut: the set of packages that the other evidence supports best.

Maintainers have drawn boundaries already, and often good ones. Of all ways to cut a tree of directories into
whole subtrees this finds the one with the highest modularity (Newman and Girvan 2004; with a resolution,
Reichardt and Bornholdt 2006) in the ties that know no names. Modularity is a sum over the parts, so the best
cut follows exactly, from the leaves up, and does not hang on a seed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from strangler.contexts import words
from strangler.contexts.graph import Adjacency
from strangler.model import Module
from strangler.model.lookup import ancestors

PACKAGE = "@"
"""Marks a package among the words that hold modules together."""
PLACE = "~"
"""The same for what lies across layers (``domains``)."""
COMMON = "="
"""The same for what all have in common (``folding``)."""
MARKS = PACKAGE + PLACE + COMMON
RESOLUTIONS = {"packages": 0.7, "subpackages": 2.5, "domains": 0.7}
"""Of the modularity, for cuts into large and into small parts, and of the tree without its layers."""
LARGE = 0.5
"""Share of all ties over which a package is no part: it is most of the system."""
OWN_PLACE = 0.3
"""Normalised share of its ties that a package keeps to itself if it can be a stranger where it lies."""
STRANGE = -0.05
"""Ties of a stranger to the rest of the package above it, normalised: 0 is chance."""
LEAST = 4
"""Fewest modules of a stranger."""
CONTAINERS = frozenset(("app", "contrib", "extension", "module", "package", "plugin"))
"""Packages of these names hold parts."""
PLUGINS = frozenset({"addon", "connector", "driver", "extension", "integration", "plugin", "provider"})
"""Directories of these names hold plug-ins."""
_STRUCTURE = """
admin command constant decorator enum exception fixture form helper management middleware migration mixin
model script serializer setting templatetag testing util view
"""
STRUCTURE = frozenset(_STRUCTURE.split())
"""Packages of these names are a layer even of the whole system."""
WHOLE = 0.75
"""Share of the modules over which a package is the system itself, and its layers are what there is to cut."""
LAYER = 0.85
"""How much a word must name a layer for a package of that name to be one."""


def cover(
    paths: Sequence[str],
    near: Adjacency,
    apart: Mapping[int, str] | None = None,
    resolution: float = RESOLUTIONS["packages"],
    families: Collection[str] = (),
    layers: Collection[str] = (),
) -> dict[int, str]:
    """module -> its package (``@`` and the directory, dotted), for every module.

    Args:
        paths: of the modules in the order of the graph; or those without layers (``domains.places``).
        near: ties that know no names.
        apart: from ``strangers``: these packages are parts of their own.
        resolution: below 1 for larger parts.
        families: directories that stay whole.
        layers: directories that are no part beside the files of the directory above (``layers``).
    """
    apart = apart or {}
    held = {number: _concept(folder) for number, folder in apart.items()}
    return _Tree(paths, near, resolution, held, frozenset(families), frozenset(layers)).best() | held


def layers(
    modules: Sequence[Module], naming: Mapping[str, float], declaring: Collection[int]
) -> frozenset[str]:
    """The directories that are a layer of the package above: named so (``views``), without own tables.

    Args:
        modules: in the order of the graph.
        naming: word -> how much it names a layer (``words.layer_words``).
        declaring: modules that declare a table.
    """
    found: set[str] = set()
    with_data: set[str] = set()
    below: Counter[str] = Counter()
    for number, module in enumerate(modules):
        folder = module.path.rpartition("/")[0]
        while folder:
            below[folder] += 1
            if number in declaring:
                with_data.add(folder)
            if structural(folder) or is_layer(folder.rpartition("/")[2], naming):
                found.add(folder)
            folder = folder.rpartition("/")[0]
    return frozenset(
        folder
        for folder in found - with_data
        if 0 < below[folder.rpartition("/")[0]] <= WHOLE * len(modules)
        or (structural(folder) and "/" in folder)
    )


def is_layer(name: str, naming: Mapping[str, float]) -> bool:
    """Whether all words of a package's name name a layer, and none that it holds parts."""
    own = words.split(name.lstrip(PACKAGE))
    general = all(word in words.GENERAL or naming.get(word, 0.0) > LAYER for word in own)
    return bool(own) and general and not CONTAINERS.intersection(own)


def structural(folder: str) -> bool:
    """Whether a directory is named as a part of any package is: ``templatetags``, ``management``."""
    own = words.split(folder.rpartition("/")[2])
    return bool(own) and STRUCTURE.issuperset(own)


def strangers(modules: Sequence[Module], near: Adjacency) -> dict[int, str]:
    """module -> directory, for the packages that only lie in the one above them.

    Such a package keeps to itself (``OWN_PLACE``), and of its ties to others fewer lead into the package
    above than chance would send there (``STRANGE``): another product under the same ``api``. Packages over
    more than half of all ties are no place to be a stranger in.

    Args:
        modules: in the order of the graph.
        near: ties that know no names.
    """
    tree = _Tree([module.path for module in modules], near, 1.0, {})
    found: dict[int, str] = {}
    tree.find_strangers("", found)
    return found


@lru_cache(maxsize=100_000)
def folders(path: str) -> list[str]:
    """The directory of a file and those above it, nearest first, the root (empty) last."""
    result = []
    while path:
        path = path.rpartition("/")[0]
        result.append(path)
    return result or [""]


def home(paths: Collection[str]) -> str:
    """The deepest directory with more than half of some files; the root (empty) where there is no other."""
    below = Counter(folder for path in paths for folder in folders(path))
    return max((folder for folder, count in below.items() if 2 * count > len(paths)), key=len)


def whole(names: Collection[str]) -> set[str]:
    """The packages that hold nearly all of some modules (``WHOLE``): they tell none of these apart."""
    below = Counter(above for name in names for above in ancestors(name))
    return {name for name, count in below.items() if count >= WHOLE * len(names)}


def holds_plugins(folder: str) -> bool:
    """Whether a directory is called as one of plug-ins is."""
    return not PLUGINS.isdisjoint(words.split(folder.rpartition("/")[2]))


def _concept(folder: str) -> str:
    return PACKAGE + (folder.replace("/", ".") or ".")


class _Part(NamedTuple):
    """A part of the cut, and what it is worth."""

    concept: str
    members: list[int]
    worth: float


class _Tree:
    """The directories with their modules, and what each subtree is worth as one part."""

    def __init__(
        self,
        paths: Sequence[str],
        near: Adjacency,
        resolution: float,
        held: Mapping[int, str],
        families: frozenset[str] = frozenset(),
        layers: frozenset[str] = frozenset(),
    ) -> None:
        self.families = families
        self.layers = layers
        self.near = near
        self.resolution = resolution
        self.degree = [sum([weight for _, weight in row]) for row in near]
        self.total = sum(self.degree) or 1.0
        self.files: dict[str, list[int]] = defaultdict(list)
        self.below: dict[str, set[str]] = defaultdict(set)
        for number, path in enumerate(paths):
            folder = path.rpartition("/")[0]
            if number not in held:
                self.files[folder].append(number)
            while folder:
                above = folder.rpartition("/")[0]
                self.below[above].add(folder)
                folder = above

    def best(self) -> dict[int, str]:
        """The parts of the best cut as module -> concept."""
        return {number: part.concept for part in self._cut("")[0] for number in part.members}

    def _cut(self, folder: str) -> tuple[list[_Part], list[int]]:
        """The parts of the best cut of a subtree, and all its modules."""
        concept = _concept(folder)
        own = list(self.files.get(folder, []))
        everything = list(own)
        parts: list[_Part] = []
        for child in sorted(self.below.get(folder, ())):
            inner, members = self._cut(child)
            everything += members
            for part in inner:
                if child in self.layers and part.concept == _concept(child):
                    own += part.members
                else:
                    parts.append(part)
        divided = bool(parts) and folder not in self.families
        if divided and own:
            parts.insert(0, _Part(concept, own, self._worth(own)))
        divided = divided and len(parts) > 1
        if divided and sum([self.degree[number] for number in everything]) > LARGE * self.total:
            return parts, everything
        worth = self._worth(everything)
        if divided and sum([part.worth for part in parts]) > worth:
            return parts, everything
        return [_Part(concept, everything, worth)], everything

    def _worth(self, members: Sequence[int]) -> float:
        """``inside / total - resolution * (part / total)^2`` of one part."""
        group = set(members)
        part = sum([self.degree[number] for number in members])
        inside = sum([weight for number in members for other, weight in self.near[number] if other in group])
        return inside / self.total - self.resolution * (part / self.total) ** 2

    def find_strangers(self, folder: str, found: dict[int, str]) -> set[int]:
        """Put the strangers below a directory into ``found``; the modules that are none come back."""
        children = {child: self.find_strangers(child, found) for child in sorted(self.below.get(folder, ()))}
        here = set(self.files.get(folder, ())).union(*children.values())
        volume = sum([self.degree[number] for number in sorted(here)])
        if volume > self.total / 2:
            return here
        strange = {
            child: members
            for child, members in children.items()
            if len(members) >= LEAST and self._strange(members, here, volume)
        }
        for child, members in strange.items():
            found.update(dict.fromkeys(sorted(members), child))
        return here.difference(*strange.values())

    def _strange(self, members: set[int], here: set[int], volume: float) -> bool:
        part = inside = near = 0.0
        for number in sorted(members):
            part += self.degree[number]
            for other, weight in self.near[number]:
                if other in members:
                    inside += weight
                elif other in here:
                    near += weight
        if not part or part == inside:
            return False
        closed = _normalised(inside / part, part / self.total)
        bond = _normalised(near / (part - inside), (volume - part) / (self.total - part))
        return closed >= OWN_PLACE and bond <= STRANGE


def _normalised(share: float, chance: float) -> float:
    """A share from 0 at chance to 1. The chance is below 1: a place holds at most half of all ties."""
    return (share - chance) / (1 - chance)
