"""The verdict: what to take out first and why, what stands in the way, and how sure that is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from strangler.contexts.figures import Figures, Togetherness, of_cut, togetherness, within_one
from strangler.contexts.leaving import leave_whole
from strangler.contexts.ranking import Candidate, rank_contexts
from strangler.contexts.sureness import EITHER
from strangler.model import Model
from strangler.model.coverage import Measure, measures, unread
from strangler.model.lookup import production_modules, tables_read
from strangler.reports.index import Index
from strangler.reports.needs import Need, needs

GOOD_FIT = 0.85
"""Agreement from which on the present packages count as the same cut; see ``package_fit``."""
AS_GOOD = 0.05
"""How much smaller the share of commits within one package may be than that within one context."""

SMALL_SYSTEM = 45
"""Production modules under which a system is too small to be worth a second service."""

Outcome = Literal["empty", "small", "whole", "leave", "no_candidate", "far", "prepare", "ready"]
"""From nothing to judge to a cut that nothing blocks: *leave* is nothing that is worth a cut, *no_candidate*
nothing yet, *far* nothing near a cut, *prepare* worth it once its crossings are cut."""


@dataclass(frozen=True, slots=True)
class PackageFit:
    """How well the present packages agree with the contexts."""

    agreement: float
    """Mean best-match F1 of the contexts against the packages, weighted by modules; 1 is the same cut."""
    packages: tuple[str, ...]
    within: float | None
    """Share of the commits to these packages that stay inside one; None without commits."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything that the first view says, as values."""

    outcome: Outcome
    candidates: tuple[Candidate, ...]
    figures: Figures
    needs: tuple[Need, ...]
    history: Togetherness
    fit: PackageFit | None
    coverage: tuple[Measure, ...]
    """How complete the rows are known to be."""
    unread: tuple[str, ...]
    """Libraries that bring such rows and are not read."""
    modules: int
    """Production modules."""
    tables_read: bool
    """Whether any table is known."""
    undecided: int
    """Modules of the best first extraction whose place is uncertain."""

    @property
    def nothing_read(self) -> frozenset[str]:
        """Of tables and entries (endpoints and tasks) those of which the whole model has none: of a part it
        says nothing that it has none either."""
        served = any(candidate.served for candidate in self.candidates)
        found = {"tables": self.tables_read, "entries": served}
        return frozenset(name for name, read in found.items() if not read)

    @property
    def packages_are_good(self) -> bool:
        """The present packages are nearly the same cut, and the team changes them as much one by one.

        Where most of the system stays in one piece, it agrees with its package because nothing cuts it: that
        makes no cut a good one.
        """
        if self.fit is None or self.fit.agreement < GOOD_FIT:
            return False
        if any(c.excluded == "rest" and 2 * c.modules > self.modules for c in self.candidates):
            return False
        return (self.fit.within or 0.0) >= (self.figures.within or 0.0) - AS_GOOD

    @property
    def best(self) -> Candidate | None:
        """The best first extraction."""
        return next((c for c in self.candidates if not c.excluded), None)


def verdict(model: Model, index: Index) -> Verdict:
    """Judge a model."""
    found = needs(model.crossings)
    history = togetherness(model)
    proper = [context for context in model.contexts if context.proper]
    ranked = rank_contexts(model)
    best = next((c for c in ranked if not c.excluded), None)
    return Verdict(
        outcome=_outcome(model, ranked),
        candidates=ranked,
        figures=of_cut(model.system, model.changes, model.contexts, model.crossings),
        needs=tuple(found),
        history=history,
        fit=package_fit(model),
        coverage=measures(model.system),
        modules=len(production_modules(model.system)),
        tables_read=tables_read(model),
        unread=tuple(library.name for library in unread(model.system)),
        undecided=sum(
            member.confidence < EITHER
            for context in proper
            if best is not None and context.name == best.context
            for member in context.members
        ),
    )


def package_fit(model: Model) -> PackageFit | None:
    """Compare the contexts with the packages at the depth that agrees best (1 to 4 parts of the name)."""
    production = production_modules(model.system)
    contexts = [production.intersection(context.modules) for context in model.contexts if context.proper]
    contexts = [modules for modules in contexts if modules]
    if len(contexts) < 2:
        return None
    fits = [_fit(model, contexts, depth) for depth in range(1, 5)]
    return max(fits, key=lambda fit: fit.agreement)


def _fit(model: Model, contexts: list[frozenset[str]], depth: int) -> PackageFit:
    packages: dict[str, set[str]] = defaultdict(set)
    for modules in contexts:
        for name in modules:
            packages[".".join(name.split(".")[:depth])].add(name)
    home = {name: package for package, modules in packages.items() for name in modules}
    weighted = 0.0
    for modules in contexts:
        overlap = Counter(home[name] for name in modules)
        weighted += len(modules) * max(
            2 * both / (len(modules) + len(packages[package])) for package, both in overlap.items()
        )
    return PackageFit(
        weighted / sum(map(len, contexts)), tuple(sorted(packages)), within_one(model.changes, home)
    )


def _outcome(model: Model, ranked: Sequence[Candidate]) -> Outcome:
    if not model.modules:
        return "empty"
    if sum(context.proper or context.kind == "layer" for context in model.contexts) < 2:
        return "whole"
    if len(production_modules(model.system)) < SMALL_SYSTEM:
        return "small"
    served = any(candidate.served for candidate in ranked)
    if tables_read(model) and served and leave_whole(ranked):
        return "leave"
    best = next((c for c in ranked if not c.excluded), None)
    if best is None:
        return "no_candidate"
    if not best.near:
        return "far"
    return "prepare" if best.knots or best.partners else "ready"
