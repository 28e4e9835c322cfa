"""Which context is the best first extraction: four rankings of counted facts, and their sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from strangler.model import BoundedContext, Model
from strangler.reports.index import PRODUCTION_ROLES, Index
from strangler.reports.ties import GROUPS, Tie, Togetherness

LARGEST_SHARE = 0.5
"""A context with more of the production modules than this is the rest of the monolith, not an extraction."""

SMALLEST_SHARE = 0.02
"""A context with fewer of them is not worth a service of its own; services that maintainers really
cut out held 2 to 20 % of the modules."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A context as something to extract; the lower each cost, the better."""

    context: str
    modules: int
    tables: int
    entries: int
    """Endpoints, tasks and commands that it serves."""
    places_in: Mapping[str, int]
    """Kind of crossing -> places where others need it."""
    places_out: Mapping[str, int]
    """Kind of crossing -> places where it needs others."""
    independence: float | None
    confidence: float
    partners: tuple[str, ...]
    """Contexts that it needs and that need it."""
    excluded: str = ""
    """Why it is no candidate: ``kernel``, ``unassigned``, ``rest`` (too large), ``small`` or ``library`` (no
    way in)."""

    @property
    def places(self) -> int:
        """Places to cut: calls, imports, base classes, templates, signals, tasks, and reads across."""
        return self.code_places + self.reads

    @property
    def code_places(self) -> int:
        """Those in code: all but the reads."""
        return self._sum("code") + self._sum("message")

    @property
    def reads(self) -> int:
        """Places that read a table across the boundary, in either direction."""
        return self.places_in.get("read", 0) + self.places_out.get("read", 0)

    @property
    def density(self) -> float:
        """Places to cut for each of its own modules."""
        return self.places / max(1, self.modules)

    @property
    def shared_writes(self) -> int:
        """Places that write a table across the boundary, in either direction."""
        return self.places_in.get("write", 0) + self.places_out.get("write", 0)

    @property
    def foreign_keys(self) -> int:
        """Foreign keys across the boundary."""
        return self.places_in.get("foreign_key", 0) + self.places_out.get("foreign_key", 0)

    @property
    def transactions(self) -> int:
        """Transactions over the boundary."""
        return self.places_in.get("transaction", 0) + self.places_out.get("transaction", 0)

    @property
    def knots(self) -> int:
        """Data to untangle: transactions, foreign writes and foreign keys over the boundary."""
        return self.transactions + self.shared_writes + self.foreign_keys

    def _sum(self, group: str) -> int:
        both = Counter(self.places_in) + Counter(self.places_out)
        return sum(count for kind, count in both.items() if GROUPS[kind] == group)


CRITERIA: Mapping[str, Callable[[Candidate], float]] = {
    "density": lambda candidate: candidate.density,
    "knots": lambda candidate: candidate.knots,
    "independence": lambda candidate: -(candidate.independence or 0.0),
    "confidence": lambda candidate: -candidate.confidence,
}
"""Criterion -> the cost by which it ranks; see ``rank``."""


def candidates(model: Model, index: Index, found: list[Tie], history: Togetherness) -> list[Candidate]:
    """All contexts, the best first extraction first, those that are none at the end."""
    entries = _entries(model, index)
    roles = {module.name: module.role for module in model.modules}
    production = sum(role in PRODUCTION_ROLES for role in roles.values())
    libraries = {context.name for context in model.contexts if context.kind == "shared_kernel"}
    every = []
    for context in model.contexts:
        into = [tie for tie in found if tie.target == context.name]
        out = [tie for tie in found if tie.source == context.name]
        both = {tie.source for tie in into} & {tie.target for tie in out}
        own = sum(roles.get(name, "code") in PRODUCTION_ROLES for name in context.modules)
        every.append(
            Candidate(
                context=context.name,
                modules=own,
                tables=len(context.tables),
                entries=entries[context.name],
                places_in=_kinds(into, libraries),
                places_out=_kinds(out, libraries),
                independence=history.independence(context.name),
                confidence=context.confidence,
                partners=tuple(sorted(both - libraries)),
                excluded=_excluded(context, own, production, entries[context.name]),
            )
        )
    return rank([c for c in every if not c.excluded]) + [c for c in every if c.excluded]


def rank(every: Sequence[Candidate]) -> list[Candidate]:
    """Order by the sum of the positions in the four rankings (Borda count), then by name.

    One thing comes before any ranking: a context with tables of its own precedes one without, which would
    add a network hop and move no data.
    Equal values share a position, so a criterion on which all are equal (no history) decides nothing.
    """
    points: Counter[str] = Counter()
    for cost in CRITERIA.values():
        costs = sorted({cost(candidate) for candidate in every})
        position = {value: place for place, value in enumerate(costs)}
        scale = max(1, len(costs) - 1)
        for candidate in every:
            points[candidate.context] += round(1000 * position[cost(candidate)] / scale)

    def place(candidate: Candidate) -> tuple[bool, int, str]:
        return (not candidate.tables, points[candidate.context], candidate.context)

    return sorted(every, key=place)


def _excluded(context: BoundedContext, own: int, production: int, entries: int) -> str:
    if context.kind != "context":
        return "kernel" if context.kind == "shared_kernel" else "unassigned"
    if own > LARGEST_SHARE * production:
        return "rest"
    if own < SMALLEST_SHARE * production:
        return "small"
    return "" if entries or context.tables else "library"


def _kinds(found: list[Tie], libraries: set[str]) -> Mapping[str, int]:
    """Places by kind; those in code to shared code stay what they are, since it goes along as a library."""
    counts: Counter[str] = Counter()
    for tie in found:
        shared = tie.source in libraries or tie.target in libraries
        counts.update({k: n for k, n in tie.kinds.items() if not (shared and GROUPS[k] == "code")})
    return dict(sorted(counts.items()))


def _entries(model: Model, index: Index) -> Counter[str]:
    counts: Counter[str] = Counter()
    handlers = [e.handler for e in model.endpoints] + [x.handler for x in model.tasks]
    for handler in handlers + [c.handler for c in model.commands]:
        context = index.context_of_handler(handler)
        if context is not None:
            counts[context] += 1
    return counts
