"""Tables that belong together: what ties them, and the groups that come of it."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from math import sqrt

from strangler.contexts import copies, words
from strangler.contexts.engine import fuse
from strangler.contexts.graph import Edges
from strangler.contexts.ownership import linked
from strangler.contexts.subjects import ANYTHING, Subjects
from strangler.model import System, Table
from strangler.model.lookup import Homes, last

WEIGHTS = {"keys": 1.0, "users": 1.0, "asked": 0.5, "words": 1.0, "begins": 1.5, "beside": 0.5}
"""Total weight of each kind of tie between tables."""
KINDRED = 0.1
"""Least cosine of two tables' users, or of their words, to tie them."""
NEAREST = 5
"""Tables of which each is tied by that."""
KINDS = 3
"""Heads of compounds (``PageLabel``, ``IssueLabel``) from which their last word names a kind of table."""
HALF = 0.5
"""Share of the tables over which a word that their names begin with tells none of them apart."""
NEAR = 3
"""Places in a file over which classes are declared beside each other."""
JOINED = 0.15
"""Mean tie between the tables of two groups from which they are one, for what each table would be tied to the
others of its domain if the domains were as many as the tables in each."""
HUB = 0.15
"""Share of the tables that refer to the root of a domain of its own,"""
ROOT = 5
"""and their number at least."""
FILLERS = frozenset(("and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"))
"""Words that name nothing."""


class Tables:
    """Some tables of a system with the words of their names and the tables that they refer to."""

    def __init__(self, system: System, names: Collection[str]) -> None:
        every = {table.name: table for table in system.tables}
        self.names = sorted(names)
        self.known: dict[str, Table] = {name: every[name] for name in self.names if name in every}
        whole, homes = Subjects(system).own, Homes(system)
        self.own = {name: words.split(self._class(name)) for name in self.names}
        """Words of a table's class, else of its name, in order."""
        self.links = {name: end for name, table in self.known.items() if (end := self._linked(table))}
        """Table that only links others, or keeps the past of one -> the one that it is about."""
        self.telling = [name for name in self.names if name not in self.links]
        """Tables that are tied to each other."""
        self.links |= {name: of for name, of in copies.find(system).items() if name in self.known}
        kinds = self._kinds()
        self.kinds = frozenset(word for word, weight in kinds.items() if weight > HALF)
        """Words for what kind of table one is (``Label``, ``Status``)."""
        self.damp = kinds
        self.carried: dict[str, frozenset[str]] = {}
        """Table -> words of its class and of its packages, those of the whole system aside."""
        for name in self.names:
            table = self.known.get(name)
            model = table.model if table is not None else None
            told = set(self.own[name])
            for part in (homes(model) or "").split(".") if model else ():
                told.update(word for word in words.split(part) if word not in words.GENERAL)
            self.carried[name] = frozenset(told - whole - ANYTHING - FILLERS) or frozenset(told)
        self.referring: dict[str, set[str]] = defaultdict(set)
        """Table -> others of these that refer to it,"""
        self.refers: dict[str, set[str]] = defaultdict(set)
        """and those to which it refers."""
        for name, table in self.known.items():
            for key in table.foreign_keys:
                if key.table in self.own and key.table != name:
                    self.referring[key.table].add(name)
                    self.refers[name].add(key.table)

    def called(self, name: str) -> str:
        """The class that maps a table, else the table, in plain words."""
        return words.plain(self._class(name))

    def about(self, name: str) -> str:
        """The table that one is about in the end: that of a link of which it is a copy, else itself."""
        passed = {name}
        while (name := self.links.get(name, name)) not in passed:
            passed.add(name)
        return name

    def _class(self, name: str) -> str:
        table = self.known.get(name)
        return last((table.model if table is not None else None) or name)

    def _linked(self, table: Table) -> str:
        """The table that one is about that only links others: it has no class, or that is called like two of
        them (``ProjectTaskTypeLink``); empty where it is not of that kind."""
        if table.model is None:
            return linked(table)
        own, ends = self.own[table.name], {key.table for key in table.foreign_keys} - {table.name}
        called = sorted((-len(self.own[end]), end) for end in ends if end in self.own)
        for length, end in called:
            after = own[-length:]
            named = own[:-length] == self.own[end] and any(
                after[:-other] == self.own[to] for other, to in called if to != end
            )
            if named:
                return end
        return ""

    def _kinds(self) -> dict[str, float]:
        """Word -> how much it names a kind of table: the share of its uses at the end, after many others."""
        tails: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
        first: Counter[str] = Counter()
        for name in self.telling:
            own = self.own[name]
            first.update(own[:1])
            for end in range(1, len(own)):
                tails[own[end:]].add(own[:end])
        ending: dict[str, int] = defaultdict(int)
        for tail, heads in tails.items():
            if len(heads) >= KINDS:
                for word in tail:
                    ending[word] = max(ending[word], len(heads))
        return {word: count / (count + first[word] + 1) for word, count in ending.items()}


def groups(system: System, tables: Tables) -> list[list[str]]:
    """The tables by what belongs together, those that only link others or keep the past of one with the one
    that they are about.

    What ties two tables: a foreign key, the less the more tables refer to the same one; functions that use
    both; words of these functions and their modules; words of class and packages, those for a kind of table
    damped; class names that begin with the same word; declarations that stand next to each other. Each kind
    of tie has the same total, or its part of it (``WEIGHTS``). A table that refers to another and is called
    after it is part of it; then the two groups whose tables are tied most in the mean are joined, as long as
    that is enough (``JOINED``).
    """
    place = {name: number for number, name in enumerate(tables.telling)}
    ties = fuse(
        {
            "keys": _keys(tables, place),
            **_users(system, place),
            "words": words.nearest(
                words.vectors(
                    [Counter(sorted(tables.carried[n])) for n in place], damp=tables.damp, most=1.0
                ),
                k=NEAREST,
                least=KINDRED,
            ),
            "begins": _begins(tables, place),
            "beside": _beside(tables, place),
        },
        weights=WEIGHTS,
    )
    roots = _roots(tables, place)
    joined = _joined(len(place), ties, roots, _parts(tables, place, roots))
    every = [[tables.telling[number] for number in own] for own in joined]
    found = [kept for own in every if (kept := [name for name in own if name not in tables.links])]
    home = {name: own for own in found for name in own}
    for link in tables.links:
        end = tables.about(link)
        if end in home:
            home[end].append(link)
        else:
            found.append([link])
    return [sorted(own) for own in found]


def _keys(tables: Tables, place: Mapping[str, int]) -> Edges:
    ties: Edges = {}
    for to, users in tables.referring.items():
        inside = [place[name] for name in sorted(users) if name in place]
        for number in inside if to in place else ():
            pair = _pair(number, place[to])
            ties[pair] = max(ties.get(pair, 0.0), 1 / len(inside))
    return ties


def _users(system: System, place: Mapping[str, int]) -> dict[str, Edges]:
    """Ties by the functions that use both tables, and by the words of these and of their modules."""
    users: dict[int, Counter[tuple[str, str]]] = defaultdict(Counter)
    for access in system.accesses:
        if access.table in place and access.ties:
            row, where = users[place[access.table]], (access.module, access.function or "")
            row[where] = max(row[where], 2 if access.operation == "write" else 1)
    asked: dict[int, Counter[str]] = defaultdict(Counter)
    for number, row in users.items():
        for module, function in row:
            asked[number].update(dict.fromkeys((*words.split(function), *words.split(last(module)))).keys())
    return {
        "users": _alike([users[number] for number in range(len(place))]),
        "asked": _alike([asked[number] for number in range(len(place))]),
    }


def _alike(rows: Sequence[Counter]) -> Edges:  # type: ignore[type-arg]
    return words.nearest(words.vectors(rows, most=1.0), k=NEAREST, least=KINDRED)


def _begins(tables: Tables, place: Mapping[str, int]) -> Edges:
    """Ties of tables that are called alike at the beginning."""
    alike: dict[str, list[int]] = defaultdict(list)
    for name, number in place.items():
        first = next((word for word in tables.own[name] if word in tables.carried[name]), None)
        if first is not None:
            alike[first].append(number)
    rare = (own for own in alike.values() if len(own) <= max(2, HALF * len(place)))
    return {_pair(a, b): 1.0 for own in rare for a, b in combinations(own, 2)}


def _beside(tables: Tables, place: Mapping[str, int]) -> Edges:
    """Ties of tables that are declared next to each other in one file."""
    files: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for name, number in place.items():
        table = tables.known.get(name)
        if table is not None and table.model:
            files[table.path].append((table.line, number))
    ties: Edges = {}
    for rows in files.values():
        order = [number for _, number in sorted(rows)]
        for apart in range(1, NEAR + 1):
            ties |= {_pair(a, b): 1 / apart for a, b in zip(order, order[apart:], strict=False)}
    return ties


def _roots(tables: Tables, place: Mapping[str, int]) -> frozenset[int]:
    """The tables to which so many refer that no two of them are of one domain."""
    count = {name: len(tables.referring[name] & place.keys()) for name in place}
    return frozenset(place[name] for name, users in count.items() if users >= max(ROOT, HUB * len(place)))


def _pair(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _parts(tables: Tables, place: Mapping[str, int], roots: Collection[int]) -> dict[int, int]:
    """Table -> the one of which it is a part: it refers to it and is called after it (``PostAttachment``).
    After the root of a domain half a system may be called."""
    found = {}
    for name, number in place.items():
        own = tables.own[name]
        ends = [
            (-len(called), to)
            for to in place.keys() & tables.refers[name]
            if place[to] not in roots
            and len(called := tables.own[to]) < len(own)
            and own[: len(called)] == called
        ]
        if ends:
            found[number] = place[min(ends)[1]]
    return found


def _joined(size: int, ties: Edges, roots: Collection[int], parts: Mapping[int, int]) -> list[list[int]]:
    """Groups of numbers: parts with the whole, then the two that are tied most in the mean are joined first
    (average linkage), with one of ``roots`` at most."""
    near: dict[int, dict[int, float]] = {number: {} for number in range(size)}
    for (a, b), weight in ties.items():
        near[a][b] = near[b][a] = weight
    total = sum(weight for row in near.values() for weight in row.values()) or 1.0
    members = {number: [number] for number in range(size)}
    rooted = set(roots)
    queue: list[tuple[float, int, int, int, int]] = []

    def ask(a: int, b: int) -> None:
        a, b = _pair(a, b)
        pairs = len(members[a]) * len(members[b])
        mean = near[a][b] / pairs * size * sqrt(size) / total
        if mean >= JOINED and not (a in rooted and b in rooted):
            heapq.heappush(queue, (-mean, a, b, len(members[a]), len(members[b])))

    def join(a: int, b: int) -> None:
        if b in rooted:
            rooted.add(a)
        members[a] += members.pop(b)
        for other, weight in near.pop(b).items():
            del near[other][b]
            if other != a:
                near[a][other] = near[other][a] = near[a].get(other, 0.0) + weight

    for part, whole in sorted(parts.items()):
        a, b = (next(n for n in members if number in members[n]) for number in (whole, part))
        if a != b:
            join(a, b)
    for a, row in near.items():
        for b in row:
            if a < b:
                ask(a, b)
    while queue:
        _, a, b, here, there = heapq.heappop(queue)
        if len(members.get(a, ())) == here and len(members.get(b, ())) == there:  # as when it was asked
            join(a, b)
            for other in near[a]:
                ask(a, other)
    return [sorted(own) for own in members.values()]
