"""Why a module is where it is, and what couples two modules."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from msgspec import structs

from strangler.contexts.crossings import find
from strangler.model import BoundedContext, Changes, Crossing, Evidence, System
from strangler.model.base import Value
from strangler.model.lookup import Homes, all_tables
from strangler.model.system import ALONG
from strangler.spelling import told_nearest
from strangler.text import plural


class UnknownModuleError(ValueError):
    """No module, file or context of that name; the message lists near ones."""


class Coupling(Value, frozen=True, kw_only=True):
    """One kind of evidence between two modules, or between a module and a context."""

    kind: str
    """import, chain, call, inheritance, reference, table, transaction, commit, word."""
    statement: str
    evidence: tuple[Evidence, ...] = ()
    commits: tuple[str, ...] = ()
    """``sha subject`` of commits that touch both, latest first."""


class Explanation(Value, frozen=True, kw_only=True):
    """The answer to ``explain A`` (``other`` is None) or ``explain A B``."""

    subject: str
    other: str | None
    context: str | None
    confidence: float | None
    alternative: str | None
    reasons: tuple[str, ...]
    couplings: tuple[Coupling, ...]


def explain(
    system: System,
    changes: Changes,
    contexts: Sequence[BoundedContext],
    subject: str,
    other: str | None = None,
) -> Explanation:
    """Why ``subject`` is in its context (couplings to each other context, strongest first), or what couples
    it to ``other``: every line, table and commit.

    Args:
        subject: module name or file path.
        other: a second module; None to explain the membership.

    Raises:
        UnknownModuleError: one of them is not a module of the system.
    """
    first = _module(system, contexts, subject)
    member = {m.module: (context, m) for context in contexts for m in context.members}
    context, own = member.get(first, (None, None))
    if other is not None:
        second = _module(system, contexts, other)
        couplings = [
            *_between(system, changes, {first}, {second}, first, second),
            *_chains(system, first, second),
        ]
    else:
        second = None
        couplings = []
        for candidate in sorted(contexts, key=lambda c: (c is not context, c.name)):
            rest = set(candidate.modules) - {first}
            found = _between(system, changes, {first}, rest, first, candidate.name)
            inside = candidate is context or (own is not None and candidate.name == own.alternative)
            if inside:
                couplings.extend(found)
    return Explanation(
        subject=first,
        other=second,
        context=context.name if context else None,
        confidence=own.confidence if own else None,
        alternative=own.alternative if own else None,
        reasons=own.reasons if own else (),
        couplings=tuple(couplings),
    )


def _module(system: System, contexts: Sequence[BoundedContext], text: str) -> str:
    for module in system.modules:
        if text in (module.name, module.path):
            return module.name
    names = (context.name for context in contexts)
    known = dict.fromkeys([*names, *(module.name for module in system.modules), *all_tables(system)])
    hint = told_nearest(text, known)
    raise UnknownModuleError(f"{text!r} is no module, file, context, table or URL path of this model{hint}")


def _between(
    system: System, changes: Changes, left: set[str], right: set[str], a: str, b: str
) -> list[Coupling]:
    """All evidence between two sets of modules."""
    path_of = {module.name: module.path for module in system.modules}
    lines: dict[str, list[Evidence]] = {}
    for crossing in _crossings(system, left, right):
        lines.setdefault(crossing.kind, []).extend(
            structs.replace(place, symbol=crossing.subject) for place in crossing.evidence
        )
    couplings = [
        Coupling(
            kind=kind,
            statement=f"{plural(len(set(places)), 'place')} between {a} and {b}",
            evidence=tuple(sorted(set(places))),
        )
        for kind, places in sorted(lines.items())
    ]
    return [*couplings, *_tables(system, left, right, path_of), *_commits(changes, left, right, a, b)]


def _chains(system: System, a: str, b: str) -> list[Coupling]:
    """The shortest chain of imports each way between two modules of which neither imports the other."""
    from grimp import ImportGraph

    rows = {(item.importer, item.imported): item for item in sorted(system.imports, reverse=True)}
    if (a, b) in rows or (b, a) in rows:
        return []
    graph = ImportGraph()
    for module in system.modules:
        graph.add_module(module.name)
    for importer, imported in sorted(rows):
        graph.add_import(importer=importer, imported=imported)
    path_of = {module.name: module.path for module in system.modules}
    couplings = []
    for one, other in ((a, b), (b, a)):
        chain = graph.find_shortest_chain(one, other) if one != other else None
        if chain:
            steps = [rows[step] for step in pairwise(chain)]
            couplings.append(
                Coupling(
                    kind="chain",
                    statement=f"{one} reaches {other} over {plural(len(steps), 'import')}",
                    evidence=tuple(
                        Evidence(file=path_of[step.importer], line=step.line, symbol=step.imported)
                        for step in steps
                    ),
                )
            )
    return couplings


def _crossings(system: System, left: set[str], right: set[str]) -> tuple[Crossing, ...]:
    """What crosses between two sets of modules, as if each were a context that owns the tables it maps."""
    side = dict.fromkeys(right, "right") | dict.fromkeys(left, "left")
    home = Homes(system, side)
    homes = {table.name: home(table.model) for table in system.tables}
    return find(system, side, {table: side[module] for table, module in homes.items() if module})


def _tables(system: System, left: set[str], right: set[str], path_of: dict[str, str]) -> list[Coupling]:
    use: dict[str, tuple[list[Evidence], list[Evidence]]] = {}
    for access in system.accesses:
        side = 0 if access.module in left else 1 if access.module in right else None
        if side is not None and access.via not in ALONG:
            place = Evidence(
                file=path_of[access.module], line=access.line, symbol=access.function or access.operation
            )
            use.setdefault(access.table, ([], []))[side].append(place)
    return [
        Coupling(
            kind="table",
            statement=f"both use the table {table} "
            f"(in {len(set(ours))} and {plural(len(set(theirs)), 'place')})",
            evidence=tuple(sorted({*ours, *theirs})),
        )
        for table, (ours, theirs) in sorted(use.items())
        if ours and theirs
    ]


def _commits(changes: Changes, left: set[str], right: set[str], a: str, b: str) -> list[Coupling]:
    both = [
        c for c in reversed(changes.log) if left.intersection(c.modules) and right.intersection(c.modules)
    ]
    if not both:
        return []
    return [
        Coupling(
            kind="commit",
            statement=f"{plural(len(both), 'commit touches', 'commits touch')} {a} and {b}",
            commits=tuple(f"{commit.sha[:10]} {commit.subject}" for commit in both[:50]),
        )
    ]
