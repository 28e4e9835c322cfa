"""The directories of layered code with the layers folded away: what lies across them are the domains.

Where a tree is cut by kind first (``routes``, ``services``, ``schema``), the domains are the names that recur
below: ``routes/households``, ``services/household_services`` and ``repos/repository_households.py`` are one
place. Maintainers have drawn those boundaries, too, only on the other side of the tree.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePosixPath

from strangler.contexts import packages, words
from strangler.model import Module
from strangler.text import identifier_pieces

Name = tuple[str, ...]
"""Words of a directory or file, those at its edges that name a kind left out."""


def places(
    modules: Sequence[Module],
    naming: Mapping[str, float],
    whole: Mapping[int, str],
    mirrored: Collection[str] = (),
) -> list[str]:
    """For each module the path that it would have without layers.

    A directory that is a layer by its name or shape vanishes, and directories of like name that come to lie
    in the same place are one: the words compared are singular, without those at the end that name a kind
    (``household_services``).
    Files in layers that are called alike are a place as well, and a file in a layer goes into the place
    beside it whose name is in its own, the longest first (``repository_meal_plan_rules`` into ``meal_plan``).

    Args:
        modules: in the order of the graph.
        naming: word -> how much it names a layer (``words.layer_words``).
        whole: module -> directory of a family, of which nothing below is a place.
        mirrored: directories that are layers by their shape (``mirrors.find``).
    """
    folders = [_folder(number, module, whole) for number, module in enumerate(modules)]
    split = [_without_layers(folder, naming, mirrored) for folder in folders]
    spelled: dict[tuple[Name, ...], Counter[str]] = defaultdict(Counter)
    for keys, kept, _ in split:
        for depth in range(1, len(keys) + 1):
            spelled[keys[:depth]][kept[depth - 1]] += 1
    files = [PurePosixPath(module.path) for module in modules]
    recurring: dict[tuple[Name, ...], set[str]] = defaultdict(set)
    for file, (keys, _, layered) in zip(files, split, strict=True):
        if layered and (own := core(file.stem, naming)):
            recurring[*keys, own].add(str(file.parent))
    for place, found in recurring.items():
        if len(found) > 1:
            spelled.setdefault(place, Counter({"_".join(place[-1]): 1}))
    result = []
    for file, (keys, _, layered) in zip(files, split, strict=True):
        here = (_inside(keys, words.split(file.stem), spelled) or keys) if layered else keys
        spelling = [_most(spelled[here[: depth + 1]]) for depth in range(len(here))]
        result.append("/".join([*spelling, file.name]))
    return result


def between(concepts: Mapping[int, str]) -> set[int]:
    """The labels of what lies in no place below the top: layered code without its domains."""
    return {label for label, name in concepts.items() if name.startswith(packages.PLACE) and "." not in name}


def common(concepts: Mapping[int, str]) -> set[int]:
    """The labels of what all parts have in common."""
    return {label for label, name in concepts.items() if name.startswith(packages.COMMON)}


def _folder(number: int, module: Module, whole: Mapping[int, str]) -> list[str]:
    folder = whole.get(number, module.path.rpartition("/")[0])
    return folder.split("/") if folder else []


def _without_layers(
    folder: Sequence[str], naming: Mapping[str, float], mirrored: Collection[str]
) -> tuple[tuple[Name, ...], list[str], bool]:
    """The directories that are no layers, as words and as spelled, and whether the last one is a layer. The
    top one is the system."""
    keys: list[Name] = []
    kept: list[str] = []
    layered = False
    for depth, name in enumerate(folder):
        layered = depth > 0 and (packages.is_layer(name, naming) or "/".join(folder[: depth + 1]) in mirrored)
        if not layered:
            own = _own(name, naming) if depth else (name,)
            keys.append(own)
            kept.append("_".join(identifier_pieces(name)[: len(own)]) if depth else name)
    return tuple(keys), kept, layered


def _own(name: str, naming: Mapping[str, float]) -> Name:
    """The words of a directory without those at the end that name a kind."""
    own = words.split(name)
    end = len(own)
    while end > 1 and _kind(own[end - 1], naming):
        end -= 1
    return own[:end]


def core(name: str, naming: Mapping[str, float]) -> Name:
    """The words of a file without those at both ends that name a kind: none where all do."""
    own = words.split(name)
    kinds = [_kind(word, naming) for word in own]
    if all(kinds):
        return ()
    return own[kinds.index(False) : len(own) - kinds[::-1].index(False)]


def _kind(word: str, naming: Mapping[str, float]) -> bool:
    return word in words.GENERAL or naming.get(word, 0.0) > packages.LAYER


def _inside(
    keys: tuple[Name, ...], file: Name, spelled: Mapping[tuple[Name, ...], object]
) -> tuple[Name, ...] | None:
    """The directory beside a file whose name is in the file's, the longest, the first."""
    for length in range(len(file), 0, -1):
        for start in range(len(file) - length + 1):
            if (*keys, file[start : start + length]) in spelled:
                return (*keys, file[start : start + length])
    return None


def _most(votes: Counter[str]) -> str:
    """How a name is mostly written: the shortest of the most frequent."""
    return min(votes, key=lambda name: (-votes[name], len(name), name))
