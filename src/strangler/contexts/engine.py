"""From views to a partition: concepts first, then what is tied to them, then communities of the rest."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import Literal

from strangler.contexts import concepts, families, packages
from strangler.contexts.graph import Adjacency, Edges, Partition, adjacency, aggregate, louvain, relabel
from strangler.contexts.kernel import OWN
from strangler.contexts.views import Landscape

WEIGHTS = {"calls": 1.0, "data": 1.0, "history": 1.0, "names": 1.0, "words": 0.5, "traces": 1.0}
"""Total weight of each view in the combined graph."""
COVERED = 0.3
"""A view over a smaller share of the modules counts less, in proportion."""
CRUMB = 3
"""A nameless community of at most so many modules is no context."""
CLOSED = 0.45
"""Normalised share of its ties that a context keeps to itself if it is to stand alone, used by others."""
DATA = 0.3
"""The same where it declares tables: those who own the data are used by others."""
LEAF = 0.35
"""A context of whose uses over the border fewer than this share are by others is a leaf."""
GLUE = 0.15
"""Normalised share of its ties under which a group of modules is no context at all, whoever uses it."""
ATTACH = 0.5
"""Share of a module's ties that must go to one concept for it to join."""


@dataclass(frozen=True, slots=True)
class Ties:
    """The combined graph, without and with the names."""

    blind: Adjacency
    full: Adjacency
    edges: Edges
    """``full`` as edges."""


def fuse(
    views: Mapping[str, Edges],
    coverage: Mapping[str, float] | None = None,
    weights: Mapping[str, float] = WEIGHTS,
) -> Edges:
    """Each view scaled to its weight in total, then added: none drowns the others by being dense."""
    result: Edges = {}
    for name, edges in views.items():
        total = sum(edges.values())
        if total > 0:
            known = 1.0 if coverage is None else min(1.0, coverage.get(name, 1.0) / COVERED)
            scale = weights.get(name, 1.0) * known / total
            for edge, weight in edges.items():
                result[edge] = result.get(edge, 0.0) + scale * weight
    return result


def tie(land: Landscape, views: Mapping[str, Edges] | None = None) -> Ties:
    """Combine the landscape's views (or others over the same modules)."""
    views = land.views if views is None else views
    blind = fuse({name: edges for name, edges in views.items() if name != "names"}, land.coverage)
    return _ties(land.size, blind, fuse({"names": views.get("names", {})}, land.coverage))


def _ties(size: int, blind: Edges, names: Edges) -> Ties:
    full = dict(blind)
    for edge, weight in names.items():
        full[edge] = full.get(edge, 0.0) + weight
    return Ties(adjacency(size, blind), adjacency(size, full), full)


Basis = Literal["packages", "subpackages", "concepts"]
"""What a proposal begins with: the directories in large or in small parts, or domain words and packages."""


def hold(land: Landscape, ties: Ties, book: concepts.Lexicon, basis: Basis = "concepts") -> dict[int, str]:
    """module -> what holds it: its package, or the concept whose word it carries or has most ties to."""
    if basis != "concepts":
        resolution, whole = packages.RESOLUTIONS[basis], set(book.families.values())
        return packages.cover(land.modules, ties.blind, book.strangers, resolution, whole)
    owner = concepts.cover(book, ties.blind)
    families.keep_whole(owner, book.families, packages.PACKAGE)
    _attach(ties.full, owner)
    return owner


def cut(
    land: Landscape, ties: Ties, owner: Mapping[int, str], resolution: float, seed: int = 0
) -> tuple[Partition, dict[int, str]]:
    """A partition of the modules, and label -> concept for the communities that a word names.

    Args:
        owner: from ``hold``.
        resolution: of the communities among modules that no concept holds.
    """
    rest = [number for number in range(land.size) if number not in owner]
    position = {number: place for place, number in enumerate(rest)}
    inner = {
        (position[a], position[b]): weight
        for (a, b), weight in ties.edges.items()
        if a in position and b in position
    }
    found = louvain(len(rest), inner, resolution, seed)
    names = {word: label for label, word in enumerate(sorted(set(owner.values())))}
    labels = [
        names[owner[number]] if number in owner else len(names) + found[position[number]]
        for number in range(land.size)
    ]
    labels = _without_crumbs(labels, len(names), ties.full)
    labels = _with_directories(land, _folded(labels, land, ties.blind))
    fresh: dict[int, int] = {}
    result = [fresh.setdefault(label, len(fresh)) for label in labels]
    return result, {fresh[label]: word for word, label in names.items() if label in fresh}


def _attach(near: Adjacency, owner: dict[int, str]) -> None:
    """Modules with most of their ties in one concept join it; repeated as long as that finds more."""
    for _ in range(5):
        joining: dict[int, str] = {}
        for number, row in enumerate(near):
            if number in owner or not row:
                continue
            held: dict[str, float] = {}
            total = 0.0
            for other, weight in row:
                total += weight
                word = owner.get(other)
                if word is not None:
                    held[word] = held.get(word, 0.0) + weight
            if held:
                weight, word = max((weight, word) for word, weight in held.items())
                if weight > ATTACH * total:
                    joining[number] = word
        if not joining:
            return
        owner.update(joining)


def _without_crumbs(labels: list[int], named: int, near: Adjacency) -> list[int]:
    """Nameless communities of a few modules join the community that they are tied to most, if any."""
    members: dict[int, list[int]] = {}
    for number, label in enumerate(labels):
        members.setdefault(label, []).append(number)
    result = list(labels)
    for label, group in sorted(members.items(), key=lambda item: (len(item[1]), item[0])):
        if label < named or len(group) > CRUMB:
            continue
        held: dict[int, float] = {}
        for number in group:
            for other, weight in near[number]:
                if result[other] != label:
                    held[result[other]] = held.get(result[other], 0.0) + weight
        if held:
            target = min((-weight, other) for other, weight in held.items())[1]
            for number in group:
                result[number] = target
    return result


class _Part:
    """One community while those that cannot stand alone are folded into others."""

    __slots__ = ("data", "inside", "members", "ties", "used", "uses", "volume")

    def __init__(self) -> None:
        self.members: list[int] = []
        self.data = False
        """Whether it declares tables."""
        self.volume = 0.0
        self.inside = 0.0
        self.ties: dict[int, float] = {}
        """Other community -> weight to it."""
        self.uses = 0
        self.used = 0
        """Pairs of modules over its border, by direction."""

    def leaf(self) -> bool:
        """Whether few use it: it can leave, whatever it needs from the rest."""
        return self.used <= LEAF * (self.uses + self.used)

    def library(self) -> bool:
        """Whether it uses hardly anything: it can stay behind."""
        return self.uses <= OWN * self.used

    def enough(self) -> float:
        """How closed it must be if others use it."""
        return DATA if self.data else CLOSED

    def closed(self, total: float) -> float:
        """Share of its ties that stay inside, from 0 at chance to 1."""
        share, size = (self.inside / self.volume, self.volume / total) if self.volume else (0.0, 0.0)
        return (share - size) / (1 - size) if size < 1 else 1.0


def _folded(labels: Sequence[int], land: Landscape, near: Adjacency) -> list[int]:
    """Communities that could not stand alone join others: what others use joins the core, glue its user.

    A community that both uses others and is used by them, and that keeps less than ``CLOSED`` of its ties
    (normalised: 0 at chance, 1 for all), is part of the core: such communities join each other, the least
    closed first. One that keeps less than ``GLUE`` is none at all, and joins the core if others use it, else
    what it is tied to most beyond chance. What others use never joins a leaf, which could leave.
    """
    parts: dict[int, _Part] = {}
    for number, label in enumerate(labels):
        part = parts.setdefault(label, _Part())
        part.members.append(number)
        part.data |= number in land.declaring
        for other, weight in near[number]:
            part.volume += weight
            if labels[other] == label:
                part.inside += weight
            else:
                part.ties[labels[other]] = part.ties.get(labels[other], 0.0) + weight
    total = sum([part.volume for part in parts.values()]) or 1.0
    uses: dict[tuple[int, int], int] = Counter(
        (labels[user], labels[number]) for number, users in enumerate(land.importers) for user in users
    )
    for (user, used), count in uses.items():
        if user != used:
            parts[user].uses += count
            parts[used].used += count
    stuck: set[int] = set()
    while len(parts) > 1:
        kept = {label: part.closed(total) for label, part in parts.items()}
        core = {
            label
            for label, part in parts.items()
            if not part.leaf()
            and (kept[label] < GLUE or (kept[label] < part.enough() and not part.library()))
        }
        low = [
            (share, len(parts[label].members), label)
            for label, share in kept.items()
            if label not in stuck and (label in core or share < GLUE)
        ]
        if not low:
            break
        label = min(low)[2]
        target = _target(parts, label, core, total)
        if target is None:
            stuck.add(label)
        else:
            _join(parts, label, target, uses)
            stuck.clear()
    result = [0] * len(labels)
    for label, part in parts.items():
        for number in part.members:
            result[number] = label
    return result


def _target(parts: Mapping[int, _Part], label: int, core: set[int], total: float) -> int | None:
    """The community that one which cannot stand alone joins: the rest of the core, if it is of the core;
    else what it is tied to most, beyond what the other's size explains."""
    part = parts[label]

    def gain(other: int) -> float:
        return part.ties.get(other, 0.0) / part.volume - parts[other].volume / total if part.volume else 0.0

    if label in core and len(core) > 1:
        return max(core - {label}, key=lambda other: (gain(other), -other))
    choices = [
        other for other in part.ties if gain(other) > 0 and not (label in core and parts[other].leaf())
    ]
    return max(choices, key=lambda other: (gain(other), -other), default=None)


def _join(parts: dict[int, _Part], label: int, target: int, uses: dict[tuple[int, int], int]) -> None:
    """Make one community part of another."""
    gone, kept = parts.pop(label), parts[target]
    kept.members += gone.members
    kept.data |= gone.data
    kept.volume += gone.volume
    kept.inside += gone.inside + 2 * gone.ties.pop(target, 0.0)
    kept.ties.pop(label, None)
    between = uses.pop((label, target), 0), uses.pop((target, label), 0)
    kept.uses += gone.uses - sum(between)
    kept.used += gone.used - sum(between)
    for other, weight in gone.ties.items():
        kept.ties[other] = kept.ties.get(other, 0.0) + weight
        around = parts[other].ties
        around[target] = around.get(target, 0.0) + around.pop(label)
        for old, new in (((label, other), (target, other)), ((other, label), (other, target))):
            if old in uses:
                uses[new] = uses.get(new, 0) + uses.pop(old)


def _with_directories(land: Landscape, labels: Sequence[int]) -> Partition:
    """Modules alone go to the majority of their directory, or of the nearest directory above."""
    sizes = Counter(labels)
    if all(size > 1 for size in sizes.values()):
        return list(labels)
    here: dict[str, Counter[int]] = {}
    for number, module in enumerate(land.modules):
        if sizes[labels[number]] > 1:
            for folder in folders(module.path):
                here.setdefault(folder, Counter())[labels[number]] += 1
    result = list(labels)
    for number, module in enumerate(land.modules):
        if sizes[labels[number]] > 1:
            continue
        votes = next((here[folder] for folder in folders(module.path) if folder in here), None)
        if votes:
            result[number] = min(votes, key=lambda label: (-votes[label], label))
    return result


@lru_cache(maxsize=100_000)
def folders(path: str) -> list[str]:
    """The directory of a file and those above it, nearest first, the root (empty) last."""
    result = []
    while path:
        path = path.rpartition("/")[0]
        result.append(path)
    return result or [""]


def merge_level(size: int, labels: Sequence[int], edges: Edges, resolution: float, seed: int) -> Partition:
    """Communities of the communities: a coarser cut that keeps each of ``labels`` whole."""
    between, inside = aggregate(labels, edges)
    upper = louvain(len(inside), between, resolution, seed, inside)
    return relabel([upper[label] for label in labels])


def split_level(labels: Sequence[int], ties: Ties, seed: int, least: int = 4) -> Partition:
    """Communities inside each community: a finer cut.

    Each is judged by its own ties (resolution 1 on its subgraph), so the scale follows from the community
    itself; those under ``least`` modules stay whole, and modules alone stay with the largest part.
    """
    members: dict[int, list[int]] = {}
    for number, label in enumerate(labels):
        members.setdefault(label, []).append(number)
    result = list(labels)
    free = len(members)
    for group in members.values():
        if len(group) < least:
            continue
        place = {number: index for index, number in enumerate(group)}
        inner = {
            (place[a], place[b]): weight for a in group for b, weight in ties.full[a] if a < b and b in place
        }
        parts = louvain(len(group), inner, 1.0, seed)
        sizes = Counter(parts)
        biggest = min(sizes, key=lambda part: (-sizes[part], part))
        for number, part in zip(group, parts, strict=True):
            if part != biggest and sizes[part] > 1:
                result[number] = free + part
        free += len(sizes)
    return relabel(result)


def resample(land: Landscape, count: int, seed: int) -> list[Ties]:
    """Samples of the combined graph: modules, and stretches of history, weighted by chance.

    A tie gets the product of the weights of its two modules, each between 0.5 and 1.5: no module loses all
    its ties, and ties of one module vary together as they do in reality. Stretches of history get exponential
    weights (the Bayesian bootstrap, Rubin 1981), because the commits in one belong together. A module's
    weight depends on its place alone, so a few more ties leave the samples what they were.
    """
    still = {name: edges for name, edges in land.views.items() if name not in ("names", "history")}
    static = fuse(still, land.coverage)
    names = fuse({"names": land.views.get("names", {})}, land.coverage)
    result = []
    for number in range(count):
        draw = random.Random(seed * 1000 + number).random
        weight = [0.5 + draw() for _ in range(land.size)]
        blind = dict(static)
        past = land.views.get("history", {})
        if land.past is not None:
            past = land.past.edges([-log(1.0 - draw()) for _ in land.past.together])
        for edge, value in fuse({"history": past}, land.coverage).items():
            blind[edge] = blind.get(edge, 0.0) + value
        result.append(
            _ties(
                land.size,
                {(a, b): value * weight[a] * weight[b] for (a, b), value in blind.items()},
                {(a, b): value * weight[a] * weight[b] for (a, b), value in names.items()},
            )
        )
    return result
