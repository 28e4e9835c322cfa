"""Domain concepts: words of the paths that the other evidence confirms.

Maintainers name what they will cut out: a word such as *volume* or *billing* recurs in packages and file
names over all layers. So does *view*. The difference shows in the evidence that knows no names (imports,
calls, tables, commits, vocabulary): the modules that carry a domain word are tied to each other many times
more than chance; those of a layer word are not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from strangler.contexts import domains, words
from strangler.contexts.graph import Adjacency, aggregate, groups, louvain
from strangler.contexts.packages import PACKAGE
from strangler.model import Module
from strangler.model.lookup import ancestors, parent

SMALL = 16.0
"""Modules for each unit of lift: where few contexts have room, none can be many times above chance."""
LEAST_LIFT = 1.5
INNER = 3
MOSTLY = 0.8
WORLDS = 0.5
"""Least ratio to chance of the ties between two parts of one concept."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a word counts as a concept."""

    share: float = 0.2
    """Least share of its modules' tie weight that stays among them."""
    lift: float = 4.0
    """Least ratio of that share to the share expected by chance (their part of all weight)."""
    layer: float = 0.85
    """A word that names a layer more than this is left out."""
    package: float = 0.5
    """Least share for a package as such: one that keeps most ties to itself stays whole."""
    remaining: float = 0.4
    """Share of a word's modules that stronger concepts must have left over."""
    closed: float = 0.4
    """Least normalised share, ``(share - part) / (1 - part)``, for a package of any size: lift cannot exceed
    one over its part, however closed it is."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Which modules carry which word, and which lie in which package (``@`` and its dotted name).

    Independent of any tie, so made once.
    """

    carriers: Mapping[str, frozenset[int]]
    layers: Mapping[str, float]
    strangers: Mapping[int, str] = field(default_factory=dict)
    """module -> directory, of packages that only lie where they do (``packages.strangers``)."""
    families: Mapping[int, str] = field(default_factory=dict)
    """module -> directory of the plug-ins that stay together (``families.find``)."""
    mirrored: frozenset[str] = frozenset()
    """Directories that are layers by their shape (``mirrors.find``)."""
    slices: Mapping[int, str] = field(default_factory=dict)
    """module -> directory of the domain that it is a slice of, in a face of many (``slices.find``)."""
    places: Sequence[str] = ()
    """module -> the path that it would have without layers (``domains.places``)."""


def lexicon(
    modules: Sequence[Module],
    largest: float = 1 / 3,
    strangers: Mapping[int, str] | None = None,
    families: Mapping[int, str] | None = None,
    mirrored: frozenset[str] = frozenset(),
    slices: Mapping[int, str] | None = None,
) -> Lexicon:
    """Words of at least two letters that at least two modules carry, and at most that share of them: a word
    over more is not one context. A package does not carry the strangers below it, a plug-in no word of its
    own."""
    carriers: dict[str, set[int]] = defaultdict(set)
    for number, module in enumerate(modules):
        parts = module.name.split(".")
        family = (families or {}).get(number)
        if family is not None:
            parts = parts[: max(len(parts) - _below(module, family), 0)]
        for part in parts:
            for word in words.split(part):
                carriers[word].add(number)
        package = module.name if module.path.endswith("__init__.py") else parent(module.name)
        depth = _own_depth(module, package, (strangers or {}).get(number))
        for name in ancestors(package):
            if name.count(".") >= depth and (family is None or name.count(".") < len(parts)):
                carriers[PACKAGE + name].add(number)
    limit = max(2.0, largest * len(modules))
    kept = {
        word: frozenset(members)
        for word, members in sorted(carriers.items())
        if (3 if word.startswith(PACKAGE) else 2) <= len(members) <= limit and len(word) > 1
    }
    naming = words.layer_words(module.name for module in modules)
    places = domains.places(modules, naming, families or {}, mirrored)
    return Lexicon(kept, naming, strangers or {}, families or {}, mirrored, slices or {}, places)


def _below(module: Module, folder: str) -> int:
    """Parts of a module's name below a directory."""
    return module.path.count("/") - folder.count("/") - module.path.endswith("/__init__.py")


def _own_depth(module: Module, package: str, stranger: str | None) -> int:
    """Dots in the name of the outermost package that holds a module: the stranger that it is in, if any."""
    if stranger is None:
        return 0
    below = module.path.rpartition("/")[0].count("/") - stranger.count("/")
    return max(package.count(".") - below, 0)


def cover(book: Lexicon, near: Adjacency, limits: Limits | None = None) -> dict[int, str]:
    """module -> its concept; modules without one are left out.

    Greedy: the concept that explains most weight beyond chance first, ``p (s - p)`` with p its part of all
    weight and s the share of it that stays inside; each next one is judged on the modules that are left. A
    module that carries several accepted words then goes to the one that it is tied to most.

    Args:
        near: ties that know no names.
    """
    limits = limits or Limits()
    degree = [sum([w for _, w in row]) for row in near]
    total = sum(degree) or 1.0

    def judge(members: frozenset[int] | set[int]) -> tuple[float, float, float]:
        part = sum([degree[i] for i in members])
        inside = sum([w for i in members for j, w in near[i] if j in members])
        return (part / total, inside / part, inside / part / (part / total)) if part else (0.0, 0.0, 0.0)

    enough = min(limits.lift, max(LEAST_LIFT, len(near) / SMALL))
    judged = {word: judge(members) for word, members in book.carriers.items()}
    closed = {
        word: members
        for word, members in book.carriers.items()
        if word.startswith(PACKAGE) and _normalised(*judged[word][:2]) >= limits.closed
    }
    heap: list[tuple[float, str, int]] = []
    for word, members in book.carriers.items():
        part, share, lift = judged[word]
        if word.startswith(PACKAGE):
            good = (share >= limits.package and lift >= enough) or (
                word in closed and not _layered(word, book, limits)
            )
        else:
            good = share >= limits.share and lift >= enough and not _inner_layer(members, closed)
        if good and book.layers.get(word, 0.0) <= limits.layer:
            heap.append((-part * (share - part), word, 0))
    heapify(heap)
    owner: dict[int, str] = {}
    accepted: dict[str, frozenset[int]] = {}
    while heap:
        _, word, seen = heappop(heap)
        left = {i for i in book.carriers[word] if i not in owner}
        if len(left) < max(2, limits.remaining * len(book.carriers[word])):
            continue
        if seen < len(accepted):
            part, share, _ = judge(left)
            if share >= limits.share:
                heappush(heap, (-part * (share - part), word, len(accepted)))
            continue
        # A package is one place by itself; only a word can turn up in two products.
        together = left if word.startswith(PACKAGE) else _one_world(left, near, degree, total)
        accepted[word] = book.carriers[word] - (left - together)
        owner.update(dict.fromkeys(together, word))
    _settle(near, degree, total, accepted, owner)
    return owner


def _normalised(part: float, share: float) -> float:
    """The share of its ties that stays inside, from 0 at chance to 1, whatever the size."""
    return (share - part) / (1 - part) if part < 1 else 1.0


def _layered(package: str, book: Lexicon, limits: Limits) -> bool:
    """Whether a word of a package's name names a layer."""
    return any(
        book.layers.get(word, 0.0) > limits.layer
        for name in package.removeprefix(PACKAGE).split(".")
        for word in words.split(name)
    )


def _inner_layer(members: frozenset[int], closed: Mapping[str, frozenset[int]]) -> bool:
    """Whether a word is a layer inside several packages that keep to themselves: ``graphql``, ``tables``.

    It recurs in at least two of them, in at least three modules but less than four fifths of each, and these
    hold half of its modules.
    """
    inside = [(len(members & package), word) for word, package in closed.items()]
    found: list[str] = []
    covered: set[int] = set()
    for count, word in sorted(inside, key=lambda item: (-item[0], item[1])):
        if count < INNER or count >= MOSTLY * len(closed[word]):
            continue
        if not any(word.startswith(other + ".") or other.startswith(word + ".") for other in found):
            found.append(word)
            covered |= members & closed[word]
    return len(found) > 1 and len(covered) >= len(members) / 2


def _one_world(members: set[int], near: Adjacency, degree: Sequence[float], total: float) -> set[int]:
    """The modules of a word that belong together; two products' ``api`` are two worlds, and one is kept.

    The communities among the members are joined wherever the weight between two of them reaches half of what
    chance would give them (``WORLDS``); of what stays apart the largest is the word's. Members without any
    tie among them stay.
    """
    order = sorted(members)
    place = {number: index for index, number in enumerate(order)}
    inner = {(place[a], place[b]): w for a in order for b, w in near[a] if a < b and b in place}
    found = louvain(len(order), inner, WORLDS)
    parts = groups(found)
    if sum(1 for part in parts if len(part) > 1) < 2:
        return members
    volume = [sum([degree[order[index]] for index in part]) for part in parts]
    world = list(range(len(parts)))

    def root(part: int) -> int:
        while world[part] != part:
            part = world[part]
        return part

    for (a, b), weight in sorted(aggregate(found, inner)[0].items()):
        if weight * total >= WORLDS * volume[a] * volume[b]:
            world[root(a)] = root(b)
    united: dict[int, list[int]] = defaultdict(list)
    for label, part in enumerate(parts):
        united[root(label)] += part
    # Ties at random make no pair: a module alone is no world of its own.
    largest = max(united.values(), key=lambda group: (len(group), [-i for i in group]))
    return {order[i] for group in united.values() if group is largest or len(group) == 1 for i in group}


def _settle(
    near: Adjacency,
    degree: Sequence[float],
    total: float,
    accepted: Mapping[str, frozenset[int]],
    owner: dict[int, str],
) -> None:
    """Modules with several accepted words go where their ties are, beyond what size explains."""
    mine: dict[int, list[str]] = defaultdict(list)
    for word, members in accepted.items():
        for number in sorted(members):
            if number in owner:
                mine[number].append(word)
    volume: dict[str, float] = defaultdict(float)
    for number, word in owner.items():
        volume[word] += degree[number]
    for _ in range(3):
        moved = False
        for number, choices in sorted(mine.items()):
            if len(choices) < 2 or not degree[number]:
                continue
            here = owner[number]
            ties: dict[str, float] = defaultdict(float)
            for other, weight in near[number]:
                if other in owner:
                    ties[owner[other]] += weight
            volume[here] -= degree[number]
            best = max(choices, key=lambda w: (ties[w] / degree[number] - volume[w] / total, w))
            volume[best] += degree[number]
            if best != here:
                owner[number] = best
                moved = True
        if not moved:
            return
