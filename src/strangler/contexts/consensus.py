"""How sure a partition is: the same steps over many samples of the evidence."""

from __future__ import annotations

import dataclasses
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import comb

from strangler.contexts import concepts, packages
from strangler.contexts.engine import Basis, Ties, cut, hold, resample, tie
from strangler.contexts.graph import Edges, Partition
from strangler.contexts.views import Landscape
from strangler.model.lookup import last

RESOLUTIONS = (0.5, 1.0, 2.0)
"""Tried for the communities among modules that no concept holds, the usual one first."""
RESTING: Basis = "packages"
"""What a proposal begins with unless another basis foretells more."""
LEADS = 6
"""Samples over which that is averaged: in one run it hangs on chance, and another basis moves much."""
BEATEN: dict[Basis, float] = {"subpackages": 0.01, "domains": 0.01, "concepts": 0.07}
"""By how much each basis must be ahead of those before it; the domains are asked only of layered code. Words
may lie anywhere, so they must be much better; and the cut hangs less on chance along directories."""
IN_SAMPLE = 0.12
"""The same of the concepts where the ties themselves are asked: concepts are made from these."""
LAYERED = 0.5
"""Share of the modules in layers from which the directories say nothing of the domains."""
LAYERS_LEAD = -0.05
"""By how much what lies across layers named so, or the concepts, must be ahead: they may be behind."""
VOTES = 1 / 3
"""Share of the samples in which a concept must hold a module."""
TRIALS = 6
"""Samples on which each resolution is tried."""
WEIGHT = 2.0
"""What foresight counts against stability, which any fine cut of a small system has."""
GAIN = 0.1
"""How much better another resolution than the first must be."""
TEST_COMMITS = 60
"""Fewest commits in the last fifth of the history from which it is asked."""


@dataclass(frozen=True, slots=True)
class Support:
    """What the samples say of a partition."""

    share: tuple[float, ...]
    """module -> share of the samples in which it lands with its community, 0 to 1."""
    other: tuple[int | None, ...]
    """module -> the community that it lands in most often otherwise."""
    stability: float
    """Mean adjusted Rand index between the partition and those of the samples."""


def adjusted_rand(a: Sequence[int], b: Sequence[int]) -> float:
    """Adjusted Rand index (Hubert and Arabie 1985): 1 equal, 0 chance."""
    both = sum(comb(n, 2) for n in Counter(zip(a, b, strict=True)).values())
    in_a = sum(comb(n, 2) for n in Counter(a).values())
    in_b = sum(comb(n, 2) for n in Counter(b).values())
    pairs = comb(len(a), 2)
    if not pairs:
        return 1.0
    expected, mean = in_a * in_b / pairs, (in_a + in_b) / 2
    return (both - expected) / (mean - expected) if mean != expected else 1.0


@dataclass(frozen=True, slots=True)
class Sample:
    """The combined graph with other weights, and the concepts found in it."""

    ties: Ties
    owner: Mapping[int, str]


def samples(land: Landscape, book: concepts.Lexicon, basis: Basis, count: int, seed: int) -> list[Sample]:
    """Samples of the combined graph, each with what holds its modules."""
    return [Sample(ties, hold(land, ties, book, basis)) for ties in resample(land, count, seed)]


def choose_basis(land: Landscape, book: concepts.Lexicon, seed: int, count: int = LEADS) -> Basis:
    """The directories, unless domain concepts foretell the latest commits better by ``BEATEN``.

    The directories can be cut into large or into small parts, the latter where that is better by as much. All
    are made without the last fifth of the history, and asked which of its pairs of modules they hold together
    (``foresight``, the mean over ``count`` samples). Where the history is too short they are asked for the
    ties themselves, without those few commits, and concepts must be ahead by ``IN_SAMPLE``. Directories that
    are mostly layers (``schema``, ``services``) say nothing of the domains: there the tree without its layers
    is what stands; where only their shape says so, it must be ahead.
    """
    early, late = ahead(land)
    known = before(land)
    beaten = BEATEN
    if early is None or known is None:
        beaten = {**BEATEN, "concepts": IN_SAMPLE}
        static = {name: edges for name, edges in land.views.items() if name != "history"}
        known = dataclasses.replace(land, past=None, views=static)
        early = tie(known)
        late = early.edges
    drawn = resample(known, count, seed)

    def foretells(basis: Basis) -> float:
        cuts = (
            cut(land, ties, hold(land, ties, book, basis), RESOLUTIONS[0], seed, apart=False)[0]
            for ties in drawn
        )
        return sum([foresight(labels, late) for labels in cuts]) / count

    resting = hold(land, early, book, RESTING)
    named = {number for number, name in resting.items() if packages.is_layer(last(name), book.layers)}
    shaped = {
        number
        for number, module in enumerate(land.modules)
        if not book.mirrored.isdisjoint(packages.folders(module.path))
    }
    best, score = RESTING, foretells(RESTING)
    if len(named) >= LAYERED * land.size:
        across: tuple[Basis, ...] = ("domains", "concepts")
        return next((b for b in across if foretells(b) > score + LAYERS_LEAD), best)
    for basis, least in beaten.items():
        if basis == "domains" and len(named | shaped) < LAYERED * land.size:
            continue
        other = foretells(basis)
        if other > score + least:
            best, score = basis, other
    return best


def vote(size: int, drawn: Sequence[Sample]) -> dict[int, str]:
    """module -> the concept that holds it in most samples, and in at least a third of them.

    One run decides much by a hair: whether a package stands as a whole or in parts, which of two words is
    taken first. Over many samples such decisions cancel out (consensus clustering, Strehl and Ghosh 2002).
    """
    result: dict[int, str] = {}
    for number in range(size):
        ballot = Counter(sample.owner[number] for sample in drawn if number in sample.owner)
        if ballot:
            count, word = min((-count, word) for word, count in ballot.items())
            if -count >= VOTES * len(drawn):
                result[number] = word
    return result


def choose_resolution(
    land: Landscape, book: concepts.Lexicon, basis: Basis, seed: int, drawn: Sequence[Sample]
) -> float:
    """The resolution with the most stable partition that also foretells the latest commits best.

    Stability is the mean adjusted Rand index between samples; ``foresight`` is asked of a partition found
    without the last fifth of the history, and only where there are enough commits in it. Ties go to the
    coarsest.
    """
    if basis != "concepts":
        return RESOLUTIONS[0]  # directories hold every module
    early, late = ahead(land)
    foretold = hold(land, early, book, basis) if early is not None else {}
    best, best_score = RESOLUTIONS[0], -1.0
    for resolution in RESOLUTIONS:
        found = [
            cut(land, sample.ties, sample.owner, resolution, seed + number)[0]
            for number, sample in enumerate(drawn[:TRIALS])
        ]
        score = sum(adjusted_rand(a, b) for a, b in pairwise(found)) / max(len(found) - 1, 1)
        if early is not None:
            score += WEIGHT * foresight(cut(land, early, foretold, resolution, seed)[0], late)
        if score > best_score + GAIN:
            best, best_score = resolution, score
    return best


def before(land: Landscape) -> Landscape | None:
    """The landscape without the last fifth of its history; None where that is too short."""
    if land.past is None:
        return None
    parts = len(land.past.together)
    last = parts - parts // 5
    if land.past.commits * (parts - last) / parts < TEST_COMMITS:
        return None
    past = dataclasses.replace(
        land.past,
        together=land.past.together[:last],
        activity=land.past.activity[:last],
        kept=land.past.kept[:last],
    )
    return dataclasses.replace(land, past=past, views={**land.views, "history": past.edges()})


def ahead(land: Landscape) -> tuple[Ties | None, Edges]:
    """The ties without the last fifth of the history, and the co-change in it; None where it is too short."""
    known = before(land)
    if known is None or known.past is None or land.past is None:
        return None, {}
    after: Edges = {}
    for part in land.past.together[len(known.past.together) :]:
        for pair, weight in part.items():
            after[pair] = after.get(pair, 0.0) + weight
    return tie(known), after


def foretold(
    land: Landscape, book: concepts.Lexicon, basis: Basis, resolution: float, seed: int
) -> tuple[Partition | None, Edges]:
    """The cut that comes out without the last fifth of the history, and the co-change in that fifth.

    None where the history is too short. The basis and the resolution were chosen in knowledge of that fifth.
    """
    early, late = ahead(land)
    if early is None:
        return None, late
    return cut(land, early, hold(land, early, book, basis), resolution, seed)[0], late


def foresight(labels: Sequence[int], later: Edges) -> float:
    """Share of later co-change inside communities minus the share that shuffled labels would have."""
    if not sum(later.values()):
        return 0.0
    pairs = sum(n * (n - 1) for n in Counter(labels).values())
    return inside(labels, later) - pairs / (len(labels) * (len(labels) - 1))


def inside(labels: Sequence[int], later: Edges) -> float:
    """Share of co-change inside communities, 0 without any."""
    total = sum(later.values())
    held = sum([weight for (a, b), weight in later.items() if labels[a] == labels[b]])
    return held / total if total else 0.0


def support(
    land: Landscape,
    labels: Sequence[int],
    resolution: float,
    seed: int,
    drawn: Sequence[Sample],
) -> Support:
    """Repeat the cut on every sample, each at another resolution around the usual one, and count."""
    landed = [0] * land.size
    other: list[Counter[int]] = [Counter() for _ in range(land.size)]
    agreement = 0.0
    for number, sample in enumerate(drawn):
        value = resolution * 2 ** random.Random(seed * 7919 + number).uniform(-1, 1)
        found, _ = cut(land, sample.ties, sample.owner, value, seed + number)
        agreement += adjusted_rand(labels, found)
        home, reverse = _match(labels, found)
        for node in range(land.size):
            if home[labels[node]] == found[node]:
                landed[node] += 1
            elif reverse[found[node]] != labels[node]:
                other[node][reverse[found[node]]] += 1
    count = max(len(drawn), 1)
    return Support(
        tuple(value / count for value in landed) if drawn else (1.0,) * land.size,
        tuple(_most(c) for c in other),
        agreement / count if drawn else 1.0,
    )


def _most(votes: Counter[int]) -> int | None:
    return min((-count, label) for label, count in votes.items())[1] if votes else None


def _match(labels: Sequence[int], found: Partition) -> tuple[dict[int, int], dict[int, int]]:
    """Each community's best counterpart (by F1) in the other partition, both ways."""
    cells = Counter(zip(labels, found, strict=True))
    a, b = Counter(labels), Counter(found)
    home: dict[int, tuple[float, int]] = {}
    back: dict[int, tuple[float, int]] = {}
    for (x, y), n in sorted(cells.items()):
        score = 2 * n / (a[x] + b[y])
        if x not in home or score > home[x][0]:
            home[x] = (score, y)
        if y not in back or score > back[y][0]:
            back[y] = (score, x)
    return {x: y for x, (_, y) in home.items()}, {y: x for y, (_, x) in back.items()}
