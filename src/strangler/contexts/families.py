"""Families of plug-ins: directories of like shape, side by side, none with data of its own.

Integrations, parsers, payment gateways, workers: each is a few files, as all the others are, and serves what
they all serve. An architect takes them together, however little they are tied to each other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from strangler.model import Module

LEAST = 4
"""Fewest members of a family."""
LIKE = 0.6
"""Share of a member's files that half of its siblings have, too."""
MOST = 0.6
"""Share of the directories beside each other that belong to the family."""


def find(
    modules: Sequence[Module], declaring: frozenset[int], written: Mapping[str, frozenset[int]]
) -> dict[int, str]:
    """module -> the directory of its family, the outermost one.

    A member declares no table and writes none that its siblings leave alone. Where no table is known, that
    says nothing, and there are no families. What lies beside the members belongs to the family unless it has
    data of its own.

    Args:
        modules: in the order of the graph.
        declaring: modules that declare a table.
        written: table -> modules that write it.
    """
    if not declaring:
        return {}
    below: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, module in enumerate(modules):
        folder = module.path.rpartition("/")[0]
        while folder:
            above = folder.rpartition("/")[0]
            below[above][folder].append(number)
            folder = above
    found: dict[int, str] = {}
    for folder in sorted(below, key=lambda folder: (-folder.count("/"), folder)):
        children = below[folder]
        if not folder or len(children) < LEAST:
            continue
        owning = _owning(children, declaring, written)
        if len(_alike(modules, children, owning)) >= max(LEAST, MOST * len(children)):
            inside = {number for child in children.values() for number in child}
            own = {number for child in owning for number in children[child]}
            found |= dict.fromkeys(sorted(inside - own), folder)
    return found


def _owning(
    children: Mapping[str, Sequence[int]], declaring: frozenset[int], written: Mapping[str, frozenset[int]]
) -> set[str]:
    """The directories with data of their own."""
    place = {number: child for child, members in children.items() for number in members}
    result = {place[number] for number in declaring if number in place}
    for writers in written.values():
        here = {place[number] for number in writers if number in place}
        if len(here) == 1:
            result |= here
    return result


def _alike(modules: Sequence[Module], children: Mapping[str, Sequence[int]], owning: set[str]) -> list[str]:
    """The directories without data that have mostly files that half of these have."""
    names = {}
    for child in sorted(children.keys() - owning):
        own = child.rpartition("/")[2]
        files = [modules[number].path[len(child) + 1 :] for number in children[child]]
        names[child] = [file.replace(own, "*") for file in files]
    spread = Counter(name for files in names.values() for name in set(files))
    common = {name for name, count in spread.items() if 2 * count >= len(names)}
    return [
        child for child, files in names.items() if sum(name in common for name in files) >= LIKE * len(files)
    ]


def keep_whole(owner: dict[int, str], family_of: Mapping[int, str], mark: str) -> None:
    """Give each family as a whole to what holds most of it, or make it a part (``mark`` and its name)."""
    members: dict[str, list[int]] = defaultdict(list)
    for number, folder in family_of.items():
        members[folder].append(number)
    for folder, group in members.items():
        votes = Counter(owner[number] for number in group if number in owner)
        holder, count = min(votes.items(), key=lambda item: (-item[1], item[0]), default=("", 0))
        whole = holder if 2 * count > len(group) else mark + folder.replace("/", ".")
        owner.update(dict.fromkeys(group, whole))
