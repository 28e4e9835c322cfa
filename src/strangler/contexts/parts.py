"""God modules: which of their functions and classes belong to which context."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from strangler.contexts import words
from strangler.model import ModulePart, ModuleSplit, System
from strangler.model.lookup import member
from strangler.model.system import ALONG

DEFINITIONS = 8
"""Fewest top-level definitions of a god module."""
PART = 3
"""Fewest definitions of a part that belongs elsewhere."""
NAMED = 2.0
USED = 1.0
TOUCHES = 1.5
CALLS = 0.5


def find(
    system: System,
    context_of: Mapping[str, str],
    owners: Mapping[str, str],
    least: int = PART,
    firm: bool = False,
) -> tuple[ModuleSplit, ...]:
    """Modules whose definitions serve several contexts, and the parts to split them into.

    A class that maps a table goes with it: to its owner, and where nobody owns it, it stays. Every other
    top-level function or class votes: contexts that use it 1 each using module, tables that it touches 1.5
    for their owner, what it calls 0.5, a word of a context's name in its own 2. A module with at least eight
    definitions of which at least ``least`` belong to another context is listed; definitions without a vote,
    and so few of a context that none of them maps a table of it, stay with the module's own. Votes are
    counted twice: the second time what lies in such a module votes for its own part (a data layer under a
    data layer), and a table for those who use its class, unless it is certain whose the tables are
    (``firm``).
    """
    tops: dict[str, list[str]] = defaultdict(list)
    for definition in system.definitions:
        if definition.kind != "method" and definition.module in context_of:
            tops[definition.module].append(definition.name)
    big = {module: sorted(set(names)) for module, names in tops.items() if len(names) >= DEFINITIONS}
    carried = {context: set(words.split(context)) for context in set(context_of.values())}
    first = _count(_votes(system, context_of, owners, big, {}), context_of, big, carried)
    part_of = {key: context for key, (context, _) in first.items()}
    classes = _classes(system, big, owners)
    mapped = {key: owners.get(table, context_of[key[0]]) for table, key in classes.items()}
    if firm:
        part_of |= mapped
        held = owners
    else:
        held = {**owners, **{table: part_of[key] for table, key in classes.items()}}
    votes = _votes(system, context_of, held, big, part_of)
    counted = _count(votes, context_of, big, carried)
    counted |= {key: (context, ["map its tables"]) for key, context in mapped.items()}
    result = []
    for module in sorted(big):
        home = context_of[module]
        groups: dict[str, list[str]] = defaultdict(list)
        why: dict[str, Counter[str]] = defaultdict(Counter)
        for name in big[module]:
            context, reasons = counted[module, name]
            groups[context].append(name)
            why[context].update(reasons)
        holding = {context for (where, _), context in mapped.items() if where == module}
        away = {context: len(names) for context, names in groups.items() if context != home}
        if max(away.values(), default=0) >= least:
            apart = {context for context, size in away.items() if size >= least or context in holding}
            result.append(_split(module, home, groups, apart, why))
    return tuple(result)


def _classes(
    system: System, big: Mapping[str, list[str]], owners: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """Table -> (module, class) that maps it, of those in large modules; what nobody owns comes first."""
    found = {table.name: member(table.model or "", big) for table in system.tables}
    order = sorted(found.items(), key=lambda item: (item[0] in owners, item))
    return {table: (module, name) for table, (module, name) in order if name in big.get(module, ())}


def _count(
    votes: Mapping[tuple[str, str], Mapping[str, float]],
    context_of: Mapping[str, str],
    big: Mapping[str, list[str]],
    carried: Mapping[str, set[str]],
) -> dict[tuple[str, str], tuple[str, list[str]]]:
    """(module, definition) -> the context that wins it, and why."""
    result: dict[tuple[str, str], tuple[str, list[str]]] = {}
    for module, names in big.items():
        home = context_of[module]
        for name in names:
            ballot = dict(votes.get((module, name), {}))
            tied = set(ballot)
            own = set(words.split(name))
            named = {context for context, mine in carried.items() if own & mine}
            for context in named:
                ballot[context] = ballot.get(context, 0.0) + NAMED
            context = min((-w, c != home, c) for c, w in ballot.items())[2] if ballot else home
            reasons = ["carry a word of its name"] if context in named else []
            if context in tied:
                reasons.append("are used by it, use it or touch its tables")
            result[module, name] = context, reasons
    return result


def _split(
    module: str,
    home: str,
    groups: Mapping[str, list[str]],
    away: set[str],
    why: Mapping[str, Counter[str]],
) -> ModuleSplit:
    staying = sorted(name for context, names in groups.items() if context not in away for name in names)
    parts = [
        ModulePart(
            context=context,
            definitions=tuple(groups[context]),
            reasons=tuple(
                f"{count} of its definitions {reason}"
                for reason, count in sorted(why.get(context, Counter()).items(), key=lambda i: (-i[1], i[0]))
            ),
        )
        for context in sorted(away)
    ]
    if staying:
        parts.append(ModulePart(context=home, definitions=tuple(staying)))
    return ModuleSplit(module=module, parts=tuple(sorted(parts)))


def _votes(
    system: System,
    context_of: Mapping[str, str],
    owners: Mapping[str, str],
    big: Mapping[str, list[str]],
    part_of: Mapping[tuple[str, str], str],
) -> dict[tuple[str, str], dict[str, float]]:
    """(module, definition) -> context -> votes; ``part_of`` says where other definitions belong already."""
    votes: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    used: set[tuple[str, str, str, str]] = set()
    for call in system.calls:
        user, target = (call.function or "").split(".")[0], call.target.split(".")[0]
        if call.target_module in big and call.module in context_of:
            context = part_of.get((call.module, user), context_of[call.module])
            key = (call.target_module, target, call.module, context)
            if key not in used:
                used.add(key)
                votes[call.target_module, target][context] += USED
        if call.module in big and user and call.target_module in context_of:
            context = part_of.get((call.target_module, target), context_of[call.target_module])
            votes[call.module, user][context] += CALLS
    for module, function, touched in sorted(
        {(a.module, a.function or "", a.table) for a in system.accesses if a.via not in ALONG}
    ):
        if module in big and function and touched in owners:
            votes[module, function.split(".")[0]][owners[touched]] += TOUCHES
    return votes
