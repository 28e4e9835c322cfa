"""From views to a partition: concepts first, then what is tied to them, then communities of the rest."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Literal

from strangler.contexts import concepts, families, packages, slices, words
from strangler.contexts.folding import CRUMB, fold, fold_apart, with_pieces
from strangler.contexts.graph import Adjacency, Edges, Partition, adjacency, aggregate, louvain, relabel
from strangler.contexts.packages import folders
from strangler.contexts.views import Landscape
from strangler.model.lookup import last

WEIGHTS = {"calls": 1.0, "data": 1.0, "history": 1.0, "names": 1.0, "words": 0.5, "traces": 1.0}
"""Total weight of each view in the combined graph."""
COVERED = 0.3
"""A view over a smaller share of the modules counts less, in proportion."""
NAMING = 0.2
"""Share of a community that a concept must hold to name it."""
ANYTHING = frozenset({"base", "common", "core", "main", "shared"})
VAGUE = 0.8
"""What such a name counts against another."""
LOOSE = 0.25
"""Share of the modules that nothing may hold where what is common to all is told apart: communities of the
rest are no domains to have it in common."""
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


def firm(land: Landscape) -> Adjacency:
    """The combined graph without what names and words tell."""
    told = {name: edges for name, edges in land.views.items() if name not in ("names", "words")}
    return adjacency(land.size, fuse(told, land.coverage))


def _ties(size: int, blind: Edges, names: Edges) -> Ties:
    full = dict(blind)
    for edge, weight in names.items():
        full[edge] = full.get(edge, 0.0) + weight
    return Ties(adjacency(size, blind), adjacency(size, full), full)


Basis = Literal["packages", "subpackages", "domains", "concepts"]
"""What a proposal begins with: the directories in large or in small parts or without their layers, or domain
words and packages."""


def hold(land: Landscape, ties: Ties, book: concepts.Lexicon, basis: Basis = "concepts") -> dict[int, str]:
    """module -> what holds it: its package, or the concept whose word it carries or has most ties to."""
    if basis != "concepts":
        resolution, whole = packages.RESOLUTIONS[basis], set(book.families.values())
        if basis == "domains":
            found = packages.cover(book.places, ties.blind, book.strangers, resolution, whole)
            return {number: packages.PLACE + part[1:] for number, part in found.items()}
        paths = slices.placed(land.modules, book.slices)
        return packages.cover(paths, ties.blind, book.strangers, resolution, whole, land.layers)
    owner = concepts.cover(book, ties.blind)
    families.keep_whole(owner, book.families, packages.PACKAGE)
    _attach(ties.full, owner)
    return owner


def cut(
    land: Landscape,
    ties: Ties,
    owner: Mapping[int, str],
    resolution: float,
    seed: int = 0,
    apart: bool = True,
) -> tuple[Partition, dict[int, str]]:
    """A partition of the modules, and label -> concept for the communities that a word names.

    Args:
        owner: from ``hold``.
        resolution: of the communities among modules that no concept holds.
        apart: whether what is common to all stands apart, where packages and words hold nearly all.
    """
    owner = with_pieces(owner, land)
    rest = [number for number in range(land.size) if number not in owner]
    position = {number: place for place, number in enumerate(rest)}
    between = ties.edges.items() if rest else ()
    inner = {
        (position[a], position[b]): weight for (a, b), weight in between if a in position and b in position
    }
    found = louvain(len(rest), inner, resolution, seed)
    names = {word: label for label, word in enumerate(sorted(set(owner.values())))}
    labels = [
        names[owner[number]] if number in owner else len(names) + found[position[number]]
        for number in range(land.size)
    ]
    labels = _without_crumbs(labels, len(names), ties.full)
    by_word = {
        label for word, label in names.items() if not word.startswith((packages.PACKAGE, packages.PLACE))
    }
    places = {label for word, label in names.items() if word.startswith(packages.PLACE)}
    common: int | None = None
    if apart and not places and len(rest) <= LOOSE * land.size:
        labels, common = fold_apart(labels, land, ties.blind, by_word)
    else:
        labels = fold(labels, land, ties.blind, by_word, places)
    labels = _with_directories(land, labels)
    fresh: dict[int, int] = {}
    result = [fresh.setdefault(label, len(fresh)) for label in labels]
    named = _concepts(result, owner)
    if common in fresh:
        most = Counter(word for number, word in owner.items() if result[number] == fresh[common])
        named[fresh[common]] = packages.COMMON + max(sorted(most), key=most.__getitem__, default=".").lstrip(
            packages.MARKS
        )
    return result, named


def _concepts(labels: Sequence[int], owner: Mapping[int, str]) -> dict[int, str]:
    """label -> the concept of most of its modules (a fifth at least), where most of its own are: what was
    folded into a community does not name it."""
    sizes = Counter(labels)
    inside = Counter((labels[number], word) for number, word in owner.items())
    everywhere = Counter(owner.values())
    best: dict[int, tuple[float, str]] = {}
    for (label, word), count in inside.items():
        if 2 * count > everywhere[word] and count >= NAMING * sizes[label]:
            best[label] = min(best.get(label, (0.0, "")), (-count * _telling(word), word))
    return {label: word for label, (_, word) in sorted(best.items())}


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


def _telling(concept: str) -> float:
    """How much a concept says as a name: less where it is the name of anything (``core``)."""
    return VAGUE if ANYTHING.issuperset(words.split(last(concept).lstrip(packages.MARKS))) else 1.0


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
