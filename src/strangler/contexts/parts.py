"""God modules: which of their functions and classes belong to which context."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from strangler.contexts import words
from strangler.model import ModulePart, ModuleSplit, System

DEFINITIONS = 8
"""Fewest top-level definitions of a god module."""
PART = 3
"""Fewest definitions of a part that belongs elsewhere."""
NAMED = 2.0
USED = 1.0
TOUCHES = 1.5
CALLS = 0.5


def find(system: System, context_of: Mapping[str, str], owners: Mapping[str, str]) -> tuple[ModuleSplit, ...]:
    """Modules whose definitions serve several contexts, and the parts to split them into.

    Each top-level function or class votes: contexts that use it 1 each using module, tables that it touches
    1.5 for their owner, what it calls 0.5, a word of a context's name in its own 2. A module with at least
    eight definitions of which at least three belong to another context is listed; definitions without a vote
    stay with the module's own context.
    """
    tops: dict[str, list[str]] = defaultdict(list)
    for definition in system.definitions:
        if definition.kind != "method" and definition.module in context_of:
            tops[definition.module].append(definition.name)
    big = {module for module, names in tops.items() if len(names) >= DEFINITIONS}
    votes = _votes(system, context_of, owners, big)
    carried = {context: set(words.split(context)) for context in set(context_of.values())}
    result = []
    for module in sorted(big):
        groups: dict[str, list[str]] = defaultdict(list)
        why: dict[str, Counter[str]] = defaultdict(Counter)
        for name in sorted(set(tops[module])):
            ballot = dict(votes.get((module, name), {}))
            own = set(words.split(name))
            for context, mine in carried.items():
                if own & mine:
                    ballot[context] = ballot.get(context, 0.0) + NAMED
                    why[context]["carry a word of its name"] += 1
            home = context_of[module]
            context = min((-w, c != home, c) for c, w in ballot.items())[2] if ballot else home
            groups[context].append(name)
            if (module, name) in votes and context in votes[module, name]:
                why[context]["are used by it, use it or touch its tables"] += 1
        away = [
            context
            for context, names in groups.items()
            if context != context_of[module] and len(names) >= PART
        ]
        if away:
            result.append(_split(module, context_of[module], groups, set(away), why))
    return tuple(result)


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
    system: System, context_of: Mapping[str, str], owners: Mapping[str, str], big: set[str]
) -> dict[tuple[str, str], dict[str, float]]:
    votes: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    used: set[tuple[str, str, str]] = set()
    for call in system.calls:
        target = call.target.split(".")[0]
        key = (call.target_module, target, call.module)
        if call.target_module in big and call.module in context_of and key not in used:
            used.add(key)
            votes[call.target_module, target][context_of[call.module]] += USED
        if call.module in big and call.function and call.target_module in context_of:
            votes[call.module, call.function.split(".")[0]][context_of[call.target_module]] += CALLS
    for access in system.accesses:
        if access.module in big and access.function and access.table in owners:
            votes[access.module, access.function.split(".")[0]][owners[access.table]] += TOUCHES
    return votes
