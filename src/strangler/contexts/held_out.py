"""Held-out change: what a cut made without the latest commits would have kept together of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from math import comb
from operator import sub

from strangler.contexts.views import STRETCHES, Landscape
from strangler.model import Changes

DEPTHS = range(1, 5)
"""Parts of a module's name that make a package."""
PREFIX = "held_out_"
"""Before the names of these figures among the metrics of a model."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Of the commits in the last fifth of the history that touch several modules, the shares within one part.

    A cut into few or into large parts has it easy: a share says something beside that which parts of the same
    sizes hold of the same commits if the modules are dealt out to them at random.
    """

    commits: int
    """How many commits there are."""
    within: float
    """Share within one context of a cut made without them."""
    random: float
    """Share that contexts of the same sizes drawn at random hold in the mean."""
    packages: int
    """Present packages, at the depth at which they are furthest ahead of chance."""
    within_packages: float
    """Share within one of them."""
    random_packages: float
    """Share that packages of the same sizes drawn at random hold in the mean."""

    @property
    def corrected(self) -> float:
        """Of the commits that chance would have split, the share that the contexts keep together."""
        return beyond(self.within, self.random)

    @property
    def corrected_packages(self) -> float:
        """The same of the packages."""
        return beyond(self.within_packages, self.random_packages)

    @property
    def ahead(self) -> bool:
        """Whether the contexts keep more of what chance would have split than the packages."""
        return self.corrected > self.corrected_packages


def beyond(share: float, random: float) -> float:
    """What a share is more than chance, of all that it could be more: 1 for all, 0 for chance."""
    return (share - random) / (1 - random) if random < 1 else 0.0


def held_out(land: Landscape, changes: Changes, foretold: Sequence[int] | None) -> dict[str, float | None]:
    """The figures of ``HeldOut`` by name; None where the history is too short.

    Args:
        foretold: a cut made without that fifth; the accepted boundaries may be in it.
    """
    commits = latest(land, changes)
    if foretold is None or not commits:
        return {PREFIX + field.name: None for field in fields(HeldOut)}

    def shares(cut: Sequence[object]) -> tuple[float, float]:
        return _within(commits, cut), _by_chance(commits, cut)

    cuts = [[".".join(module.name.split(".")[:depth]) for module in land.modules] for depth in DEPTHS]
    # not corrected: where one package holds nearly every module, one commit makes all that chance leaves over
    packages = max(cuts, key=lambda cut: sub(*shares(cut)))
    found = HeldOut(len(commits), *shares(foretold), len(set(packages)), *shares(packages))
    return {PREFIX + name: round(float(figure), 6) for name, figure in asdict(found).items()}


def told(metrics: Mapping[str, float | None]) -> HeldOut | None:
    """The held-out change of a model, from its metrics; None where it is not known."""
    found = {field.name: metrics.get(PREFIX + field.name) for field in fields(HeldOut)}
    known = {name: value for name, value in found.items() if value is not None}
    if len(known) < len(found):
        return None
    return HeldOut(
        commits=round(known["commits"]),
        within=known["within"],
        random=known["random"],
        packages=round(known["packages"]),
        within_packages=known["within_packages"],
        random_packages=known["random_packages"],
    )


def latest(land: Landscape, changes: Changes) -> list[list[int]]:
    """The modules of each commit over several in the last fifth of the history (see ``views.history``)."""
    touched = [[land.index[name] for name in c.modules if name in land.index] for c in changes.log]
    touched = [modules for modules in touched if modules]
    first = STRETCHES - STRETCHES // 5
    return [
        modules
        for number, modules in enumerate(touched)
        if number * STRETCHES // len(touched) >= first and len(modules) > 1
    ]


def _within(commits: Sequence[Sequence[int]], cut: Sequence[object]) -> float:
    return sum(len({cut[n] for n in modules}) == 1 for modules in commits) / len(commits)


def _by_chance(commits: Sequence[Sequence[int]], cut: Sequence[object]) -> float:
    """The mean of ``_within`` over all ways to deal the modules out to parts of these sizes: that k modules
    drawn without putting back lie in one (hypergeometric)."""
    sizes = Counter(Counter(cut).values())
    each = Counter(len(modules) for modules in commits)
    held = [
        count * sum(parts * comb(size, k) for size, parts in sizes.items()) / comb(len(cut), k)
        for k, count in sorted(each.items())
    ]
    return sum(held) / len(commits)
