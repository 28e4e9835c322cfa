"""The domains within one context: its tables that belong together, and the modules that are about them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from math import log, sqrt
from typing import NamedTuple

from strangler.contexts import words
from strangler.contexts.engine import fuse
from strangler.contexts.graph import Edges, groups, louvain
from strangler.contexts.subjects import ANYTHING, Subjects
from strangler.contexts.views import Landscape, table_use
from strangler.model import System, Table
from strangler.model.contexts import Domain
from strangler.model.lookup import Homes, last

SEED = 0
KINDRED = 0.1
"""Least cosine of two tables' users, or of their words, to tie them."""
HALF = 0.5
"""Share of a domain's tables, and of all that carry a word, over which that names the domain."""
MOSTLY = 0.6
"""Share of what a module is about from which it is about that alone."""
FAIR = 0.2
"""Share of the tables that a module uses, from which it serves their domain."""
ABOVE = 0.5
"""Weight of a word of a package, for each of the file's own."""
LEAST = 2
"""Tables that make a domain,"""
LINKED = 2
"""those aside that have no class and so many foreign keys: they only link others."""
WIDE = 200
"""Tables of one package over which lying there ties no two of them."""
FILLERS = frozenset(("and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"))
"""Words that name nothing."""


class Found(NamedTuple):
    """The domains in a context, and the modules that serve several of them."""

    domains: tuple[Domain, ...]
    to_split: tuple[str, ...]


def find(
    system: System,
    land: Landscape,
    tables: Collection[str],
    modules: Collection[int],
    layers: Collection[int] = (),
) -> Found:
    """The domains that lie together in a context, the one with most tables first; none where there is one.

    Tables belong together that refer to each other, that the same functions use, that one package declares
    (where several do), or that have words in common (of the class and of its packages): the communities of
    these ties, each kind with the same total. A domain has two tables at least, link tables not counted.

    A module is about the domain that has 0.6 of the tables that it uses and of the domains' words in its name
    (words of most of the modules aside). One that declares tables of several domains serves these, and so
    does one that is about none alone and has a fifth of its uses in each of two.

    Args:
        tables: those of the context.
        modules: its modules.
        layers: modules of layers: what of them is about one domain goes with it.
    """
    known = {table.name for table in system.tables}
    names = sorted(known.intersection(tables) or tables)
    carried = _words(system, names)
    links = {t.name for t in system.tables if t.model is None and len(t.foreign_keys) >= LINKED}
    found = louvain(len(names), _ties(system, land, names, carried), 1.0, SEED)
    clusters = [[names[n] for n in group] for group in groups(found)]
    clusters = [own for own in clusters if len(set(own) - links) >= LEAST]
    if len(clusters) < 2:
        return Found((), ())
    clusters.sort(key=lambda own: (-len(own), own))
    home = {table: number for number, own in enumerate(clusters) for table in own}
    telling = [[table for table in own if table not in links] for own in clusters]
    homes = Homes(system, land.index)
    declaring: dict[int, set[int]] = defaultdict(set)
    for table in system.tables:
        where = homes(table.model) if table.name in home else None
        if where is not None:
            declaring[land.index[where]].add(home[table.name])
    uses = {
        number: {t: w for t, w in row.items() if t not in links or t in home}
        for number, row in table_use(system, land.index).items()
    }
    about: dict[int, list[str]] = defaultdict(list)
    several = []
    weights = _word_weights({t: d for t, d in home.items() if t not in links}, carried)
    common = Counter(word for n in modules for word in _path_words(land.modules[n].name))
    weights = {word: every for word, every in weights.items() if common[word] <= HALF * len(modules)}
    spread = Counter(table for row in uses.values() for table in row)
    for number in sorted({*modules, *layers}):
        rare = {
            t: (1 + log(1 + w)) * log((1 + land.size) / spread[t]) for t, w in uses.get(number, {}).items()
        }
        touched = _by_domain(home, rare)
        told = _told(land.modules[number].name, weights)
        score = _shares(touched)
        for domain, weight in told.items():
            score[domain] = score.get(domain, 0.0) + weight
        best = max(sorted(score, key=lambda d: -1 if d is None else d), key=score.__getitem__, default=None)
        apart = len(declaring[number]) < 2
        if apart and best is not None and score[best] >= MOSTLY * sum(score.values()):
            about[best].append(land.modules[number].name)
        elif number in modules and (not apart or _several(touched)):
            several.append(land.modules[number].name)
    domains = tuple(
        Domain(name=name, modules=tuple(about[number]), tables=tuple(own))
        for number, (name, own) in enumerate(zip(_names(system, telling, carried), clusters, strict=True))
    )
    return Found(domains, tuple(several))


def _several(touched: Mapping[int | None, float]) -> bool:
    """Whether two domains at least have a fair part of the tables that a module uses."""
    share = _shares(touched)
    return sum(domain is not None and value >= FAIR for domain, value in share.items()) > 1


def _path_words(name: str) -> set[str]:
    return {word for part in name.split(".") for word in words.split(part)}


def _ties(
    system: System, land: Landscape, names: Sequence[str], carried: Mapping[str, frozenset[str]]
) -> Edges:
    place = {name: number for number, name in enumerate(names)}
    referred = Counter(key.table for table in system.tables for key in table.foreign_keys)
    keys: Edges = {}
    for table in system.tables:
        for key in table.foreign_keys if table.name in place else ():
            if key.table in place and key.table != table.name:
                a, b = sorted((place[table.name], place[key.table]))
                part = table.model is None or (key.on_delete or "").upper() == "CASCADE"
                keys[a, b] = keys.get((a, b), 0.0) + (1.0 if part else 0.5) / sqrt(referred[key.table])
    users: dict[str, Counter[str]] = defaultdict(Counter)
    for access in system.accesses:
        if access.table in place and access.ties:
            where = f"{access.module}:{access.function}"
            weight = 2 if access.operation == "write" else 1
            users[access.table][where] = max(users[access.table][where], weight)
    used = words.nearest(words.vectors([users[name] for name in names], most=1.0), least=KINDRED)
    alike = words.nearest(words.vectors([Counter(carried[name]) for name in names], most=1.0), least=KINDRED)
    views = {"keys": keys, "users": used, "words": alike, "packages": _beside(system, land, place)}
    return fuse(views, weights=dict.fromkeys(views, 1.0))


def _beside(system: System, land: Landscape, place: Mapping[str, int]) -> Edges:
    """Ties between the tables of one package, where there are several with tables."""
    homes = Homes(system, land.index)
    beside: dict[str, list[int]] = defaultdict(list)
    for table in system.tables:
        module = homes(table.model) if table.name in place else None
        if module is not None:
            beside[land.package(land.index[module])].append(place[table.name])
    if len(beside) < 2:
        return {}
    return {
        pair: 1 / (len(own) - 1)
        for own in beside.values()
        if len(own) <= WIDE
        for pair in combinations(sorted(own), 2)
    }


def _words(system: System, names: Sequence[str]) -> dict[str, frozenset[str]]:
    """Table -> the words of its class and of its packages, those of the whole system aside."""
    whole = Subjects(system).own
    models: dict[str, Table] = {table.name: table for table in system.tables}
    homes = Homes(system)
    found = {}
    for name in names:
        table = models.get(name)
        model = table.model if table is not None else None
        own = set(words.split(last(model or name)))
        for part in (homes(model) or "").split(".") if model else ():
            own.update(word for word in words.split(part) if word not in words.GENERAL)
        found[name] = frozenset(own - whole - ANYTHING - FILLERS) or frozenset(own)
    return found


def _word_weights(home: Mapping[str, int], carried: Mapping[str, frozenset[str]]) -> dict[str, Counter[int]]:
    """Word -> how many tables of each domain carry it."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for table, domain in home.items():
        for word in carried[table]:
            found[word][domain] += 1
    return found


def _told(module: str, weights: Mapping[str, Counter[int]]) -> dict[int | None, float]:
    """Domain -> what the words of a module's name say of it."""
    found: dict[int | None, float] = defaultdict(float)
    for place, part in enumerate(reversed(module.split("."))):
        for word in words.split(part):
            every = weights.get(word, Counter())
            for domain, count in every.items():
                found[domain] += (ABOVE if place else 1.0) * count / every.total()
    return found


def _by_domain(home: Mapping[str, int], uses: Mapping[str, float]) -> dict[int | None, float]:
    """Domain -> weight of the uses of its tables; None for those of others."""
    found: dict[int | None, float] = defaultdict(float)
    for table, weight in uses.items():
        found[home.get(table)] += weight
    return found


def _shares(weights: Mapping[int | None, float]) -> dict[int | None, float]:
    total = sum(weights.values())
    return {domain: weight / total for domain, weight in weights.items()} if total else {}


def _names(
    system: System, clusters: Sequence[Sequence[str]], carried: Mapping[str, frozenset[str]]
) -> list[str]:
    """A name for each domain: the words that most of its tables carry and mostly they, in the order in which
    a table does, else the table to which most refer."""
    models = {table.name: last(table.model) for table in system.tables if table.model}
    every = Counter(word for own in clusters for table in own for word in carried[table])
    referred = Counter(
        to for table in system.tables if table.model for to in {key.table for key in table.foreign_keys}
    )
    result: list[str] = []
    for own in clusters:
        inside = Counter(word for table in own for word in carried[table])
        worth = {
            word: count * count / every[word]
            for word, count in inside.items()
            if count > HALF * len(own) and count > HALF * every[word]
        }
        told = {word for word, value in worth.items() if value == max(worth.values())}
        in_order = [tuple(w for w in words.split(models.get(t, t)) if w in told) for t in sorted(own)]
        root = min(own, key=lambda table: (-referred[table], table not in models, len(table), table))
        called = words.plain(models.get(root, last(root)))
        longest = max(in_order, key=len)
        name = "-".join(dict.fromkeys(longest)) or called
        while name in result:
            name = f"{name}-{called}"
        result.append(name)
    return result
