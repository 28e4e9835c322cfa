"""Held-out change: what a cut made without the latest commits would have kept together of them."""

from __future__ import annotations

from collections.abc import Sequence

from strangler.contexts.views import STRETCHES, Landscape
from strangler.model import Changes

DEPTHS = range(1, 5)
"""Parts of a module's name that make a package."""


def held_out(land: Landscape, changes: Changes, foretold: Sequence[int] | None) -> dict[str, float | None]:
    """Of the commits in the last fifth of the history that touch several modules, the share within one part.

    held_out_commits: how many there are; held_out_within: the share by the foretold cut;
    held_out_within_packages: by the present packages, at the depth at which their number is nearest to that
    of the contexts (a cut into few parts has it easy); held_out_packages: their number. None where the
    history is too short.

    Args:
        foretold: a cut made without that fifth; the accepted boundaries may be in it.
    """
    names = ("held_out_commits", "held_out_within", "held_out_within_packages", "held_out_packages")
    commits = latest(land, changes)
    if foretold is None or not commits:
        return dict.fromkeys(names)
    cuts = [[".".join(module.name.split(".")[:depth]) for module in land.modules] for depth in DEPTHS]
    packages = min(cuts, key=lambda cut: abs(len(set(cut)) - len(set(foretold))))
    figures = (len(commits), _within(commits, foretold), _within(commits, packages), len(set(packages)))
    return dict(zip(names, (round(float(figure), 6) for figure in figures), strict=True))


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
