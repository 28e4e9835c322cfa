"""Why each module is where it is, and how sure that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import sqrt

from strangler.contexts import words
from strangler.contexts.consensus import Support
from strangler.contexts.engine import Ties
from strangler.contexts.graph import adjacency
from strangler.contexts.views import Landscape
from strangler.model import Member
from strangler.model.lookup import last

NAMELESS = 0.7
"""Factor for a community that no word of the domain and no cohesive package holds together."""
RIGHT = ((0.0, 0.3), (0.3, 0.42), (0.6, 0.5), (0.7, 0.7), (0.8, 0.84), (1.0, 0.92))
"""Evidence -> share of the modules with so much that were right, rising: isotonic regression (Zadrozny and
Elkan 2002) over the modules of twenty-one real splits, each weighing the root of its size."""
NAMED = 0.8
"""Confidence from which no alternative is named."""
PHRASES = {
    "calls": "imports and calls",
    "data": "shared tables",
    "history": "changes together",
    "names": "names",
    "words": "vocabulary",
    "traces": "run-time calls",
}


def describe(
    land: Landscape,
    ties: Ties,
    labels: Sequence[int],
    concepts: Mapping[int, str],
    kernel: int | None,
    names: Sequence[str],
    support: Support,
    first: Sequence[int],
) -> list[Member]:
    """One Member a module, in the order of the landscape.

    Args:
        first: the partition that ``support`` speaks of (before the kernel and the user's decisions).
    """
    near = {name: adjacency(land.size, edges) for name, edges in land.views.items() if edges}
    now_of = _translate(first, labels)
    sizes = Counter(labels)
    result = []
    for number, module in enumerate(land.modules):
        here = labels[number]
        held = _by_label(ties.full[number], labels)
        own = held.pop(here, 0.0)
        following = max(held.values(), default=0.0)
        margin = own / (own + following) if own + following else 0.25
        landed = support.share[number] * (1.0 if here in concepts or here == kernel else NAMELESS)
        confidence = sureness(landed, margin, sizes[here], land.size)
        other = support.other[number]
        rival = now_of.get(other) if other is not None else None
        if rival is None or rival == here:
            rival = min(((-w, label) for label, w in held.items()), default=(0.0, None))[1]
        result.append(
            Member(
                module=module.name,
                confidence=round(confidence, 4),
                alternative=names[rival] if rival is not None and confidence < NAMED else None,
                reasons=tuple(_reasons(number, land, near, labels, concepts)),
            )
        )
    return result


def sureness(landed: float, margin: float, size: int, modules: int) -> float:
    """How sure it is that a module would leave with its context and the context is whole, 0 to 1.

    ``e = landed * sqrt(margin) * size / (size + sqrt(modules) / 2)``, then what was right with so much
    evidence (``RIGHT``), straight between its points. The last factor of e is there because a context of few
    modules is often only a piece of what leaves.

    Args:
        landed: share of the samples in which the module was with its context (less without a name for it).
        margin: ``own / (own + next)``, tie weight into its context and into the strongest other one.
        size: modules in the context.
        modules: modules in the system.
    """
    evidence = landed * sqrt(margin) * size / (size + sqrt(modules) / 2)
    for (low, least), (high, most) in pairwise(RIGHT):
        if evidence <= high:
            return least + (most - least) * (evidence - low) / (high - low)
    return RIGHT[-1][1]


def _by_label(row: Sequence[tuple[int, float]], labels: Sequence[int]) -> dict[int, float]:
    held: dict[int, float] = {}
    for other, weight in row:
        label = labels[other]
        held[label] = held.get(label, 0.0) + weight
    return held


def _translate(first: Sequence[int], labels: Sequence[int]) -> dict[int, int]:
    """Label of the first partition -> the final label that most of its modules have."""
    votes: dict[int, dict[int, int]] = {}
    for old, new in zip(first, labels, strict=True):
        ballot = votes.setdefault(old, {})
        ballot[new] = ballot.get(new, 0) + 1
    return {old: min((-n, new) for new, n in ballot.items())[1] for old, ballot in votes.items()}


def _reasons(
    number: int,
    land: Landscape,
    near: Mapping[str, Sequence[Sequence[tuple[int, float]]]],
    labels: Sequence[int],
    concepts: Mapping[int, str],
) -> list[str]:
    here = labels[number]
    module = land.modules[number]
    reasons = []
    concept = concepts.get(here)
    if concept is not None:
        if concept.startswith("@") and (module.name + ".").startswith(concept[1:] + "."):
            reasons.append(f"lies in the cohesive package {concept[1:]}")
        elif concept.startswith("~"):
            reasons.append(f"lies with {last(concept[1:])} across the layers")
        elif any(concept in words.split(part) for part in module.name.split(".")):
            reasons.append(f"its path carries the word {concept}")
    for name, rows in near.items():
        row = rows[number]
        total = sum([weight for _, weight in row])
        if not total:
            continue
        inside = [(weight, -other) for other, weight in row if labels[other] == here]
        share = sum([weight for weight, _ in inside]) / total
        text = f"{PHRASES[name]}: {share:.0%} of the weight stays in the context"
        if inside:
            text += f", most with {land.modules[-max(inside)[1]].name}"
        reasons.append(text)
    if not reasons:
        reasons.append("no ties found: placed with the modules of its directory")
    return reasons


def of_context(
    land: Landscape, ties: Ties, labels: Sequence[int], label: int, group: Sequence[int]
) -> dict[str, float | None]:
    """Size, lines, and cohesion (share of its tie weight that stays inside) of one context."""
    total = inside = 0.0
    for number in group:
        for other, weight in ties.full[number]:
            total += weight
            if labels[other] == label:
                inside += weight
    return {
        "modules": float(len(group)),
        "lines": float(sum(land.modules[number].lines for number in group)),
        "cohesion": round(inside / total, 6) if total else None,
    }
