"""The directories as a cut: the set of packages that the other evidence supports best.

Maintainers have drawn boundaries already, and often good ones. Of all ways to cut a tree of directories into
whole subtrees this finds the one with the highest modularity (Newman and Girvan 2004; with a resolution,
Reichardt and Bornholdt 2006) in the ties that know no names. Modularity is a sum over the parts, so the best
cut follows exactly, from the leaves up, and does not hang on a seed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from strangler.contexts.graph import Adjacency
from strangler.model import Module

PACKAGE = "@"
"""Marks a package among the words that hold modules together."""
RESOLUTION = 0.7


def cover(modules: Sequence[Module], near: Adjacency, resolution: float = RESOLUTION) -> dict[int, str]:
    """module -> its package (``@`` and the directory, dotted), for every module.

    Args:
        modules: in the order of the graph.
        near: ties that know no names.
        resolution: below 1 for larger parts.
    """
    return _Tree(modules, near, resolution).best()


class _Tree:
    """The directories with their modules, and what each subtree is worth as one part."""

    def __init__(self, modules: Sequence[Module], near: Adjacency, resolution: float) -> None:
        self.near = near
        self.resolution = resolution
        self.degree = [sum([weight for _, weight in row]) for row in near]
        self.total = sum(self.degree) or 1.0
        self.files: dict[str, list[int]] = defaultdict(list)
        self.below: dict[str, set[str]] = defaultdict(set)
        for number, module in enumerate(modules):
            folder = module.path.rpartition("/")[0]
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
        concept = PACKAGE + (folder.replace("/", ".") or ".")
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
        return (worth, parts, everything) if worth > whole else (whole, [(concept, everything)], everything)

    def _worth(self, members: Sequence[int]) -> float:
        """``inside / total - resolution * (part / total)^2`` of one part."""
        group = set(members)
        part = sum([self.degree[number] for number in members])
        inside = sum([weight for number in members for other, weight in self.near[number] if other in group])
        return inside / self.total - self.resolution * (part / self.total) ** 2
