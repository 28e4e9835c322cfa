"""The user's decisions, laid over a proposed partition. They always win over the evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from strangler.contexts.engine import Ties
from strangler.contexts.graph import Partition, aggregate, louvain
from strangler.contexts.values import ContextSettings
from strangler.contexts.views import Landscape
from strangler.model import Diagnostic, System
from strangler.model.lookup import TABLE, Homes
from strangler.text import plural


class Decisions:
    """Selectors resolved to modules, with a diagnostic for each that matches nothing or contradicts."""

    def __init__(self, system: System, land: Landscape, settings: ContextSettings) -> None:
        self.land = land
        self.diagnostics: list[Diagnostic] = []
        home = Homes(system, land.index)
        self.home = {table.name: home(table.model) or "" for table in system.tables if table.model}
        self.tables = {table.name for table in system.tables} | {item.table for item in system.accesses}
        self.pinned: dict[int, str] = {}
        self.exact: set[int] = set()
        self.table_owner: dict[str, str] = {}
        for context, selectors in sorted(settings.pin.items()):
            for selector in selectors:
                self._pin(context, selector)
        self.shared = {
            i for s in settings.shared for i in self.select(s, "contexts.shared") if i not in self.pinned
        }
        self.join = [
            self.select(a, "contexts.join") | self.select(b, "contexts.join") for a, b in settings.join
        ]
        self.apart = [
            (self.select(a, "contexts.apart"), self.select(b, "contexts.apart")) for a, b in settings.apart
        ]
        self.fixed = set(self.pinned) | self.shared | {i for group in self.join for i in group}

    def _pin(self, context: str, selector: str) -> None:
        if selector.startswith(TABLE) and selector[len(TABLE) :] in self.tables:
            self.table_owner[selector[len(TABLE) :]] = context
            return
        exact = self.land.index.get(selector)
        for number in sorted(self.select(selector, f"contexts.pin.{context}")):
            other = self.pinned.get(number)
            if other is None or (number == exact and number not in self.exact):
                self.pinned[number] = context
            elif other != context and (number == exact or number not in self.exact):
                name = self.land.modules[number].name
                self._note(
                    "contexts-contradiction", f"{name} is pinned to {other} and to {context}; {other} holds"
                )
        if exact is not None:
            self.exact.add(exact)

    def select(self, selector: str, key: str) -> set[int]:
        """Numbers of the modules that a selector names; a diagnostic where there are none."""
        if selector.startswith(TABLE):
            selector = self.home.get(selector[len(TABLE) :], selector)
        found = {
            number
            for number, module in enumerate(self.land.modules)
            if module.name == selector or module.name.startswith(selector + ".")
        }
        if not found:
            self._note(
                "contexts-selector",
                f"[tool.strangler] {key}: {selector!r} names no production module, package or table",
            )
        return found

    def contradicts(self, message: str) -> None:
        """Tell that two decisions cannot both hold."""
        self._note("contexts-contradiction", message)

    def _note(self, code: str, message: str) -> None:
        self.diagnostics.append(
            Diagnostic(file="", line=None, code=code, severity="warning", message=message)
        )

    def apply(self, labels: Sequence[int]) -> tuple[Partition, dict[int, str]]:
        """The partition with joins, pins and separations, and label -> name given by a pin.

        A pinned context is the proposed one that already holds most of its modules, where no other pin has a
        better claim; otherwise a new one.
        """
        result = list(labels)
        for group in self.join:
            if group:
                votes = Counter(result[i] for i in group)
                target = min(votes, key=lambda label: (-votes[label], label))
                for i in group:
                    result[i] = target
        named = self._pins(result)
        self._separate(result)
        return result, {label: name for name, label in named.items()}

    def _pins(self, result: list[int]) -> dict[str, int]:
        wanted: dict[str, list[int]] = {}
        for number, context in sorted(self.pinned.items()):
            wanted.setdefault(context, []).append(number)
        claims = sorted(
            (-count, context, label)
            for context, members in wanted.items()
            for label, count in Counter(result[i] for i in members).items()
        )
        named: dict[str, int] = {}
        for _, context, label in claims:
            if context not in named and label not in named.values():
                named[context] = label
        fresh = max(result, default=-1) + 1
        for context, members in sorted(wanted.items()):
            if context not in named:
                named[context] = fresh
                fresh += 1
            for number in members:
                result[number] = named[context]
        return named

    def _separate(self, result: list[int]) -> None:
        for left, right in self.apart:
            if left & right:
                self._note("contexts-contradiction", "contexts.apart: the two selectors overlap")
                continue
            for label in sorted({result[i] for i in left} & {result[i] for i in right}):
                side = [i for i in sorted(right) if result[i] == label]
                if any(i in self.pinned for i in side):
                    side = [i for i in sorted(left) if result[i] == label]
                if any(i in self.pinned for i in side):
                    self._note(
                        "contexts-contradiction", "contexts.apart: both sides are pinned to one context"
                    )
                    continue
                fresh = max(result) + 1
                for i in side:
                    result[i] = fresh

    def came_out(self, number: int, reached: int, file: str) -> None:
        """Say so where another number of contexts came out than was asked for, and what held.

        Args:
            file: of the accepted boundaries; empty without any.
        """
        if reached == number:
            return
        why = "no cut was found with as many that could be services"
        if file:
            why = f"the boundaries accepted in {file} hold"
        elif self.apart or self.fixed:
            why = "pins, contexts.join, contexts.apart and contexts.shared hold"
        asked = plural(number, "context was", "contexts were")
        self.diagnostics.append(
            Diagnostic(
                file="",
                line=None,
                code="contexts-count",
                severity="warning",
                message=f"{asked} asked for and {reached} came out: {why}",
            )
        )

    def may_merge(self, a: Iterable[int], b: Iterable[int]) -> bool:
        """Whether two groups of modules may become one context."""
        first, second = set(a), set(b)
        pins = {self.pinned[i] for i in first | second if i in self.pinned}
        return len(pins) < 2 and not any(
            (first & left and second & right) or (first & right and second & left)
            for left, right in self.apart
        )


def resize(
    labels: Sequence[int], ties: Ties, decisions: Decisions, count: int, aside: frozenset[int], seed: int
) -> Partition:
    """Merge or split contexts until there are ``count``.

    Merging takes the communities of the contexts at the lowest resolution that still leaves enough of them,
    then the pairs that gain (or lose least) modularity, one by one (Clauset, Newman and Moore 2004);
    splitting takes the largest context that can be divided without breaking a decision.

    Args:
        aside: modules that are in no context (the shared kernel) and do not count.
    """
    inner = [n for n in range(len(labels)) if n not in aside]
    place = {number: index for index, number in enumerate(inner)}
    result = _merge_most(list(labels), ties, decisions, inner, place, count, seed)
    while len({result[n] for n in inner}) > count and _merge_once(result, ties, decisions, inner, place):
        pass
    while len({result[n] for n in inner}) < count and _split_once(result, ties, decisions, inner, seed):
        pass
    return result


def _members(labels: Sequence[int], inner: Sequence[int]) -> dict[int, list[int]]:
    members: dict[int, list[int]] = {}
    for number in inner:
        members.setdefault(labels[number], []).append(number)
    return members


STEPS = tuple(2.0 * 0.7**step for step in range(14))
"""Resolutions, from 2 down to 0.02, at which communities of contexts are tried."""


def _merge_most(
    labels: list[int],
    ties: Ties,
    decisions: Decisions,
    inner: Sequence[int],
    place: dict[int, int],
    count: int,
    seed: int,
) -> list[int]:
    order: dict[int, int] = {}
    own = [order.setdefault(labels[number], len(order)) for number in inner]
    if len(order) <= count:
        return labels
    edges = {(place[a], place[b]): w for (a, b), w in ties.edges.items() if a in place and b in place}
    between, inside = aggregate(own, edges)
    held: list[list[int]] = [[] for _ in order]
    for number, label in zip(inner, own, strict=True):
        held[label].append(number)
    best = list(range(len(order)))
    for resolution in STEPS:
        found = louvain(len(order), between, resolution, seed, inside)
        unions: dict[int, list[int]] = {}
        for label, union in enumerate(found):
            unions.setdefault(union, []).append(label)
        if len(unions) < count:
            break
        if all(
            decisions.may_merge(held[a], held[b])
            for union in unions.values()
            for position, a in enumerate(union)
            for b in union[position + 1 :]
        ):
            best = found
    back = list(order)
    head: dict[int, int] = {}
    for label in sorted(
        range(len(back)), key=lambda i: (not any(n in decisions.pinned for n in held[i]), -len(held[i]), i)
    ):
        head.setdefault(best[label], back[label])
    result = list(labels)
    for number, label in zip(inner, own, strict=True):
        result[number] = head[best[label]]
    return result


def _merge_once(
    result: list[int], ties: Ties, decisions: Decisions, inner: Sequence[int], place: dict[int, int]
) -> bool:
    members = _members(result, inner)
    order = {label: position for position, label in enumerate(members)}
    edges = {(place[a], place[b]): w for (a, b), w in ties.edges.items() if a in place and b in place}
    between, inside = aggregate([order[result[number]] for number in inner], edges)
    volume = [2 * weight for weight in inside]
    for (a, b), weight in between.items():
        volume[a] += weight
        volume[b] += weight
    back = list(members)
    total = sum(volume) or 1.0
    ranked = sorted((volume[a] * volume[b] / total - w, a, b) for (a, b), w in between.items())
    loose = sorted(range(len(back)), key=lambda i: (len(members[back[i]]), i))
    ranked += [(0.0, a, b) for position, a in enumerate(loose) for b in loose[position + 1 :]]
    for _, a, b in ranked:
        if decisions.may_merge(members[back[a]], members[back[b]]):
            if any(number in decisions.pinned for number in members[back[b]]):
                a, b = b, a
            for number in members[back[b]]:
                result[number] = back[a]
            return True
    return False


def _split_once(result: list[int], ties: Ties, decisions: Decisions, inner: Sequence[int], seed: int) -> bool:
    members = _members(result, inner)
    for label in sorted(members, key=lambda label: (-len(members[label]), label)):
        group = [number for number in members[label] if number not in decisions.fixed]
        if len(group) < 2:
            continue
        place = {number: index for index, number in enumerate(group)}
        edges = {
            (place[a], place[b]): weight for a in group for b, weight in ties.full[a] if a < b and b in place
        }
        parts = louvain(len(group), edges, 1.0, seed)
        sizes = Counter(parts)
        if len(sizes) == 1 and len(group) == len(members[label]):
            parts = [0] + [1] * (len(group) - 1)
            sizes = Counter(parts)
        ranked = sorted(sizes, key=lambda part: (-sizes[part], part))
        leaving = ranked[1] if len(ranked) > 1 else ranked[0]
        fresh = max(result) + 1
        for number, part in zip(group, parts, strict=True):
            if part == leaving:
                result[number] = fresh
        return True
    return False
