"""Which context is the best first extraction: what is near a cut by counted facts, and four rankings of them.

The one order of the whole product: the report's verdict, the roadmap and the command line all show it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from strangler.contexts.crossings import by_kind, counted, touching
from strangler.contexts.figures import contexts_of_handlers, togetherness, writes
from strangler.contexts.leaving import Packages
from strangler.contexts.ownership import kept_apart
from strangler.contexts.sureness import GUESS, NEAR_SURE
from strangler.model import BoundedContext, Crossing, Model
from strangler.model.contexts import LIBRARIES
from strangler.model.lookup import PRODUCTION, library_tables, production_modules

CODE = frozenset({"import", "call", "inheritance", "template"})
"""Kinds of crossings that a shared library takes along."""

MESSAGES = frozenset({"signal", "task"})

SMALLEST_SHARE = 0.02
"""A context with fewer of them is not worth a service of its own; services that maintainers really
cut out held 2 to 20 % of the modules."""


MIRROR = 10
"""Modules under which a context with a single table only mirrors that table."""

NEAR_PLACES, MOST_PLACES = 8.0, 250
"""Places to cut, for each of its modules and in all, up to which a cut is near: more is a rewrite of its
borders, however large it is."""
NEAR_KNOTS, MOST_KNOTS = 1.0, 25
"""The same of the ties in the data."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A context as something to extract; the lower each cost, the better."""

    context: str
    modules: int
    tables: int
    entries: int
    """Endpoints, tasks and commands that it serves."""
    served: int
    """Those of them that others ask for: endpoints and tasks. Commands are for those who run the system."""
    places_in: Mapping[str, int]
    """Kind of crossing -> places where others need it; code of the shared kernel aside."""
    places_out: Mapping[str, int]
    """Kind of crossing -> places where it needs others; code of the shared kernel aside."""
    independence: float | None
    confidence: float
    partners: tuple[str, ...]
    """Contexts that it needs and that need it."""
    excluded: str = ""
    """Why it is no candidate: the kind that it has (``kernel`` for a shared one) if it is no context, else
    ``rest`` (too large), ``mixed`` (several domains), ``small`` or ``guess``."""
    crossings: int = 0
    """Crossings of its boundary, either way."""
    all_places: int = 0
    """Places that make them: those to cut, the knots, and the code that the shared kernel takes along."""
    transactions: int = 0
    """Transactions over the boundary, each counted once."""
    borrowed: int = 0
    """Those of its tables that a library brings or that are only read, where the system declares others: no
    data of its own."""
    unowned: int = 0
    """Places that write tables of no context, and foreign keys to these: no other context has the data, but a
    service would not have it either. No crossings, and not counted with them."""
    packaged: int = 0
    """Its modules in the package that is most its own; see ``Packages``."""
    accepted: bool = False
    """Whether people decided that it is one."""

    @property
    def carried(self) -> bool:
        """Whether more than a guess says that it is a part: a decision, a package that is its own and holds
        half of it, or evidence by which its modules are more likely right than wrong."""
        packaged = 2 * self.packaged >= self.modules
        return self.accepted or packaged or round(self.confidence, 2) >= NEAR_SURE

    @property
    def own_tables(self) -> int:
        """Tables with data of its own."""
        return self.tables - self.borrowed

    @property
    def places(self) -> int:
        """Places to cut: those to lead through a port, and reads across."""
        return self.ports + self.reads

    @property
    def ports(self) -> int:
        """Places to lead through a port: calls, imports, base classes, templates, signals and tasks; what the
        shared kernel takes along is left out."""
        both = Counter(self.places_in) + Counter(self.places_out)
        return sum(both[kind] for kind in CODE | MESSAGES)

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
    def knots(self) -> int:
        """Data to untangle: transactions, foreign writes and foreign keys over the boundary."""
        return self.transactions + self.shared_writes + self.foreign_keys

    @property
    def mirror(self) -> bool:
        """Whether it is little more than one table with its accessors."""
        return self.own_tables == 1 and self.modules < MIRROR

    @property
    def service(self) -> bool:
        """Whether it has what makes a service: data of its own, more than a table's mirror, and a way in."""
        return bool(self.own_tables and self.served) and not self.mirror

    @property
    def distance(self) -> float:
        """How far its boundary is from a cut: the most by which the places or the data ties exceed what is
        near one; up to 1 neither does."""
        modules = max(1, self.modules)
        places = min(NEAR_PLACES * modules, MOST_PLACES)
        return max(self.places / places, self.knots / min(NEAR_KNOTS * modules, MOST_KNOTS))

    @property
    def near(self) -> bool:
        """Whether its boundary is near enough to a cut to be worth the work."""
        return not self.lacks

    @property
    def lacks(self) -> Literal["", "tables", "entries", "mirror", "coupled", "guess"]:
        """What keeps its boundary from being near a cut, the plainest reason first; empty if nothing does."""
        if self.distance > 1:
            return "coupled"
        if not self.own_tables:
            return "tables"
        if not self.served:
            return "entries"
        if self.mirror:
            return "mirror"
        return "guess" if self.confidence < GUESS else ""


TOLERANCE = 0.05
"""Difference of two confidences that says nothing: they are calibrated no better."""
CRITERIA: Mapping[str, Callable[[Candidate], float | None]] = {
    "to_cut": lambda candidate: candidate.places,
    "knots": lambda candidate: candidate.knots,
    "independence": lambda candidate: None if candidate.independence is None else -candidate.independence,
    "confidence": lambda candidate: -round(candidate.confidence / TOLERANCE),
}
"""Criterion -> the cost by which it ranks, None where it is not known; see ``rank``."""

EXCLUSIONS = {
    "kernel": "shared code, which all of them install",
    "unassigned": "too small, with a table at most, or parts that hardly use each other: they stay",
    "composition_root": "where all is put together: each service gets one of its own",
    "operations": "commands for those who run it, or what nothing leads into: they go with their data",
    "layer": "a face of many domains or what helps them, no domain itself: each part goes with one",
    "rest": "most of the code or of the tables, or much of them that most others need: it is what stays",
    "platform": "what others stand on: their models, settings or code, or the record of what all do",
    "mixed": "several domains lie together in it: to decide what goes with what first",
    "small": "under 2 % of the modules: not worth a service of its own",
    "guess": "hardly more than a guess, and nothing leads into it",
    "library": "hardly uses others and declares no table: a library",
}
"""Why a context is no candidate."""


def rank_contexts(model: Model) -> tuple[Candidate, ...]:
    """All contexts, the best first extraction first, those that are none at the end.

    Places are those of the model's crossings; commits those of its history.
    """
    entries, served = _entries(model), _served(model)
    libraries = {context.name for context in model.contexts if context.kind in LIBRARIES}
    history = togetherness(model)
    crossings = counted(model.crossings)
    borrowed = _borrowed(model)
    unowned = _unowned(model)
    roles = {module.name: module.role for module in model.modules}
    production = production_modules(model.system)
    packages = Packages(production)
    every = []
    for context in model.contexts:
        name = context.name
        over = touching(crossings, name)
        kinds = by_kind(over)
        into = [crossing for crossing in over if crossing.target == name]
        out = [crossing for crossing in over if crossing.source == name]
        both = {crossing.source for crossing in into} & {crossing.target for crossing in out}
        own = sum(roles.get(module, "code") in PRODUCTION for module in context.modules)
        every.append(
            Candidate(
                context=name,
                modules=own,
                tables=len(context.tables),
                borrowed=len(borrowed.intersection(context.tables)),
                unowned=unowned[name],
                entries=entries[name],
                served=served[name],
                crossings=len(over),
                all_places=kinds.total(),
                transactions=kinds["transaction"],
                places_in=_kinds(into, libraries),
                places_out=_kinds(out, libraries),
                independence=history.independence(name),
                confidence=context.confidence,
                partners=tuple(sorted(both - libraries)),
                packaged=packages.own(production.intersection(context.modules)),
                accepted=context.accepted,
                excluded=_excluded(context, own, len(production)),
            )
        )
    if _doors_tell(every):
        every = [replace(c, excluded="guess") if _shut(c) else c for c in every]
    apart = [c for c in every if c.excluded]
    return (*rank([c for c in every if not c.excluded], apart), *apart)


def _shut(candidate: Candidate) -> bool:
    """Whether nothing leads into a boundary that is hardly more than a guess."""
    return not candidate.excluded and not candidate.served and candidate.confidence < GUESS


def _doors_tell(every: Sequence[Candidate]) -> bool:
    """Whether ways in are known, no more than half of them in layers, the faces of the domains."""
    served = sum(candidate.served for candidate in every)
    faced = sum(candidate.served for candidate in every if candidate.excluded == "layer")
    return served > 0 and 2 * faced <= served


def reached(every: Sequence[Candidate]) -> bool:
    """Whether it says something that a candidate serves no endpoint and no task: some serve any, and no more
    than half of all are in layers."""
    return _doors_tell(every) and any(c.served for c in every if not c.excluded)


def rank(every: Sequence[Candidate], apart: Sequence[Candidate] = ()) -> list[Candidate]:
    """Order by what each lacks, then by how far it is from a cut; those near one by the sum of their
    positions in the four rankings (Borda count); those of equal sums by how near they are, then by name.

    A context with tables and entry points of its own precedes one without, which would add a network hop and
    move no data, or has no way in, and one that only mirrors a table; a boundary that is hardly more than a
    guess follows surer ones. So whatever is near a cut comes first.
    Equal values share a position, so a criterion on which all are equal (no history) decides nothing; a value
    that is not known stands in the middle.

    Args:
        every: the candidates.
        apart: what is none.
    """
    points: dict[str, Fraction] = defaultdict(Fraction)
    for cost in CRITERIA.values():
        costs = {candidate.context: cost(candidate) for candidate in every}
        known = sorted(value for value in costs.values() if value is not None)
        scale = max(1, len(known) - 1)
        for name, value in costs.items():
            points[name] += Fraction(1, 2) if value is None else Fraction(bisect_left(known, value), scale)

    telling = reached([*every, *apart])

    def place(candidate: Candidate) -> tuple[int, bool, float, Fraction, float, str]:
        name = candidate.context
        lacks = 2 * (not candidate.own_tables) + (candidate.mirror or (telling and not candidate.served))
        far = max(1.0, candidate.distance)
        return (lacks, candidate.confidence < GUESS, far, points[name], candidate.distance, name)

    return sorted(every, key=place)


def _borrowed(model: Model) -> frozenset[str]:
    """Tables that are nobody's data here where others are declared: a library's, and those only read."""
    declared = {table.name for table in model.tables}
    if not declared:
        return frozenset()
    touched = {access.table for access in model.accesses}
    written = {access.table for access in model.accesses if access.operation == "write"}
    return library_tables(model.system) | (touched - written - declared)


def _unowned(model: Model) -> Counter[str]:
    """Context -> ties to tables that no context owns, those that a framework or a database keeps for itself
    left out."""
    context_of = {module: context.name for context in model.contexts for module in context.modules}
    owner_of = {table: context.name for context in model.contexts for table in context.tables}
    written = {
        (context_of[access.module], access.table, access.module, access.line)
        for access in writes(model.system)
        if access.module in context_of
    }
    keys = {
        (owner_of[table.name], key.table, table.name, key.column)
        for table in model.tables
        for key in table.foreign_keys
        if table.name in owner_of
    }
    return Counter(
        name for name, table, *_ in (*written, *keys) if table not in owner_of and not kept_apart(table)
    )


def _excluded(context: BoundedContext, own: int, production: int) -> str:
    if context.rest:
        return "rest"
    if not context.proper:
        return "kernel" if context.kind == "shared_kernel" else context.kind
    if context.domains:
        return "mixed"
    return "small" if own < SMALLEST_SHARE * production else ""


def _kinds(found: Sequence[Crossing], libraries: set[str]) -> Mapping[str, int]:
    """Places by kind; those in code to shared code are left out, since it goes along as a library."""
    return by_kind(
        crossing
        for crossing in found
        if crossing.kind not in CODE or not {crossing.source, crossing.target} & libraries
    )


def _entries(model: Model) -> Counter[str]:
    """Context -> endpoints, tasks and commands; empty where none of the whole system is known."""
    commands = contexts_of_handlers(model, [command.handler for command in model.commands])
    return _served(model) + Counter(name for name in commands if name is not None)


def _served(model: Model) -> Counter[str]:
    """Context -> endpoints and tasks."""
    handlers = [endpoint.handler for endpoint in model.endpoints] + [task.handler for task in model.tasks]
    return Counter(name for name in contexts_of_handlers(model, handlers) if name is not None)
