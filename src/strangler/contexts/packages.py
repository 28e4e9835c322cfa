"""The directories as a cut: the set of packages that the other evidence supports best.

Maintainers have drawn boundaries already, and often good ones. Of all ways to cut a tree of directories into
whole subtrees this finds the one with the highest modularity (Newman and Girvan 2004; with a resolution,
Reichardt and Bornholdt 2006) in the ties that know no names. Modularity is a sum over the parts, so the best
cut follows exactly, from the leaves up, and does not hang on a seed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from strangler.contexts.graph import Adjacency
from strangler.model import Module

PACKAGE = "@"
"""Marks a package among the words that hold modules together."""
RESOLUTIONS = {"packages": 0.7, "subpackages": 2.5}
"""Of the modularity, for cuts into large and into small parts."""
LARGE = 0.5
"""Share of all ties over which a package is no part: it is most of the system."""
OWN_PLACE = 0.3
"""Normalised share of its ties that a package keeps to itself if it can be a stranger where it lies."""
STRANGE = -0.05
"""Ties of a stranger to the rest of the package above it, normalised: 0 is chance."""
LEAST = 4
"""Fewest modules of a stranger."""


def cover(
    modules: Sequence[Module],
    near: Adjacency,
    apart: Mapping[int, str] | None = None,
    resolution: float = RESOLUTIONS["packages"],
    families: Collection[str] = (),
) -> dict[int, str]:
    """module -> its package (``@`` and the directory, dotted), for every module.

    Args:
        modules: in the order of the graph.
        near: ties that know no names.
        apart: from ``strangers``: these packages are parts of their own.
        resolution: below 1 for larger parts.
        families: directories that stay whole.
    """
    apart = apart or {}
    held = {number: _concept(folder) for number, folder in apart.items()}
    return _Tree(modules, near, resolution, held, frozenset(families)).best() | held


def strangers(modules: Sequence[Module], near: Adjacency) -> dict[int, str]:
    """module -> directory, for the packages that only lie in the one above them.

    Such a package keeps to itself (``OWN_PLACE``), and of its ties to others fewer lead into the package
    above than chance would send there (``STRANGE``): another product under the same ``api``. Packages over
    more than half of all ties are no place to be a stranger in.

    Args:
        modules: in the order of the graph.
        near: ties that know no names.
    """
    tree = _Tree(modules, near, 1.0, {})
    found: dict[int, str] = {}
    tree.find_strangers("", found)
    return found


def _concept(folder: str) -> str:
    return PACKAGE + (folder.replace("/", ".") or ".")


class _Tree:
    """The directories with their modules, and what each subtree is worth as one part."""

    def __init__(
        self,
        modules: Sequence[Module],
        near: Adjacency,
        resolution: float,
        held: Mapping[int, str],
        families: frozenset[str] = frozenset(),
    ) -> None:
        self.families = families
        self.near = near
        self.resolution = resolution
        self.degree = [sum([weight for _, weight in row]) for row in near]
        self.total = sum(self.degree) or 1.0
        self.files: dict[str, list[int]] = defaultdict(list)
        self.below: dict[str, set[str]] = defaultdict(set)
        for number, module in enumerate(modules):
            folder = module.path.rpartition("/")[0]
            if number not in held:
                self.files[folder].append(number)
            while folder:
                above = folder.rpartition("/")[0]
                self.below[above].add(folder)
                folder = above

    def best(self) -> dict[int, str]:
        """The parts of the best cut as module -> concept."""
        _, parts, _ = self._cut("")
        return {number: concept for concept, members in parts for number in members}

    def _cut(self, folder: str) -> tuple[float, list[tuple[str, list[int]]], list[int]]:
        """What the best cut of a subtree is worth, its parts, and all modules of the subtree."""
        concept = _concept(folder)
        own = self.files.get(folder, [])
        worth = self._worth(own) if own else 0.0
        parts = [(concept, own)] if own else []
        everything = list(own)
        for child in sorted(self.below.get(folder, ())):
            more, inner, members = self._cut(child)
            worth += more
            parts += inner
            everything += members
        whole = self._worth(everything)
        large = sum([self.degree[number] for number in everything]) > LARGE * self.total
        split = (worth > whole or large) and folder not in self.families and len(parts) > 1
        return (worth, parts, everything) if split else (whole, [(concept, everything)], everything)

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
            if len(members) >= LEAST and len(members) < len(here) and self._strange(members, here, volume)
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
    """A share from 0 at chance to 1."""
    return (share - chance) / (1 - chance) if chance < 1 else 1.0
