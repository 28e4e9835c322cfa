"""The domains within one context: its tables that belong together, and the modules that are about them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from math import log
from typing import NamedTuple

from strangler.contexts import affinity, parts, words
from strangler.contexts.affinity import Tables
from strangler.contexts.views import Landscape, table_use
from strangler.model import System
from strangler.model.contexts import Domain, ModuleSplit
from strangler.model.lookup import Homes
from strangler.text import plural

HALF = 0.5
"""Share of a domain's tables, and of all that carry a word, over which that names the domain."""
MOSTLY = 0.6
"""Share of what a module is about from which it is about that alone."""
FAIR = 0.2
"""Share of the tables that a module uses, from which it serves their domain; an equal part, if that is
less."""
ABOVE = 0.5
"""Weight of a word of a package, for each of the file's own."""
LEAST = 2
"""Tables that make a domain, those aside that only link others."""


class Found(NamedTuple):
    """The domains in a context, the modules that serve several of them, and the parts of the large ones."""

    domains: tuple[Domain, ...] = ()
    to_split: tuple[str, ...] = ()
    splits: tuple[ModuleSplit, ...] = ()


def find(
    system: System,
    land: Landscape,
    tables: Collection[str],
    modules: Collection[int],
    layers: Collection[int] = (),
) -> Found:
    """The domains that lie together in a context, the one with most tables first; none where there is one.

    They are the groups of its tables (``affinity``) with two tables at least, those aside that only link
    others. A module is about the domain that has 0.6 of the tables that it uses and of the domains' words in
    its name (words of most of the modules aside). One that declares tables of several domains serves these,
    and so does one that is about none alone and has a fifth of its uses in each of two; of those with many
    definitions it is told which belong to which domain. One of which no module is and whose tables nothing
    uses is none.

    Args:
        tables: those of the context.
        modules: its modules.
        layers: modules of layers: what of them is about one domain goes with it.
    """
    known = {table.name for table in system.tables}
    told = Tables(system, known.intersection(tables) or tables)
    used = {access.table for access in system.accesses if access.ties}
    clusters = [
        own
        for own in affinity.groups(system, told)
        if len(set(own) - told.links.keys()) >= LEAST and not used.isdisjoint(own)
    ]
    if len(clusters) < LEAST:
        return Found()
    clusters.sort(key=lambda own: (-len(own), own))
    names = _names(told, clusters)
    about, several = _modules(system, land, told, clusters, modules, layers)
    domain_of = {land.modules[n].name: "" for n in sorted({*modules, *layers})}
    domain_of |= {module: names[number] for number, group in about.items() for module in group}
    owners = {table: name for name, own in zip(names, clusters, strict=True) for table in own}
    large = {split.module: split for split in parts.find(system, domain_of, owners, 1, firm=True)}
    splits = [large[name] for name in several if name in large]
    domains = tuple(
        Domain(
            name=name,
            modules=tuple(about[number]),
            tables=tuple(own),
            reasons=tuple(_reasons(system, told, own)),
        )
        for number, (name, own) in enumerate(zip(names, clusters, strict=True))
    )
    lines = {module.name: module.lines for module in land.modules}
    among = {split.module: len(split.parts) for split in splits}

    def rank(name: str) -> tuple[int, int, str]:
        return -among.get(name, 0), -lines[name], name

    return Found(
        domains,
        tuple(sorted(several, key=rank)),
        tuple(sorted(splits, key=lambda split: rank(split.module))),
    )


def _modules(
    system: System,
    land: Landscape,
    tables: Tables,
    clusters: Sequence[Sequence[str]],
    modules: Collection[int],
    layers: Collection[int],
) -> tuple[dict[int, list[str]], list[str]]:
    """Number of a domain -> the modules about it alone; those of ``modules`` that serve several."""
    home = {table: number for number, own in enumerate(clusters) for table in own}
    homes = Homes(system, land.index)
    declaring: dict[int, set[int]] = defaultdict(set)
    for table in system.tables:
        where = homes(table.model) if table.name in home else None
        if where is not None:
            declaring[land.index[where]].add(home[table.name])
    uses = {
        number: {t: w for t, w in row.items() if t not in tables.links or t in home}
        for number, row in table_use(system, land.index).items()
    }
    weights = _word_weights({t: d for t, d in home.items() if t not in tables.links}, tables.carried)
    common = Counter(word for n in modules for word in _path_words(land.modules[n].name))
    weights = {word: every for word, every in weights.items() if common[word] <= HALF * len(modules)}
    spread = Counter(table for row in uses.values() for table in row)
    about: dict[int, list[str]] = defaultdict(list)
    several = []
    for number in sorted({*modules, *layers}):
        rare = {
            t: (1 + log(1 + w)) * log((1 + land.size) / spread[t]) for t, w in uses.get(number, {}).items()
        }
        touched = _by_domain(home, rare)
        score = _shares(touched)
        for domain, weight in _told(land.modules[number].name, weights).items():
            score[domain] = score.get(domain, 0.0) + weight
        best = max(sorted(score, key=lambda d: -1 if d is None else d), key=score.__getitem__, default=None)
        declared = declaring[number]
        if best is not None and declared <= {best} and score[best] >= MOSTLY * sum(score.values()):
            about[best].append(land.modules[number].name)
        elif number in modules and (
            len(declared) >= LEAST or _several(touched, min(FAIR, 1 / len(clusters)))
        ):
            several.append(land.modules[number].name)
    return about, several


def _reasons(system: System, tables: Tables, own: Sequence[str]) -> Iterator[str]:
    """Why the tables of a domain belong together."""
    inside = set(own)
    telling = [table for table in own if table not in tables.links]
    root = min(telling, key=lambda table: _rank(tables, table, own))
    referring = len(tables.referring[root] & inside)
    if referring:
        yield f"{referring} of its {plural(len(own), 'table')} refer{'s' * (referring == 1)} to {root}"
    first = Counter(tables.called(table).partition("-")[0] for table in telling)
    word, count = min(first.items(), key=lambda item: (-item[1], item[0]))
    if count >= LEAST:
        yield f"{count} of {len(telling)} are called {word} ..."
    users: dict[tuple[str, str], set[str]] = defaultdict(set)
    for access in system.accesses:
        if access.table in inside and access.ties and access.function:
            users[access.module, access.function].add(access.table)
    together = sum(len(used) >= LEAST for used in users.values())
    if together:
        yield f"{plural(together, 'function')} use{'s' * (together == 1)} several of them"
    elif not users:
        yield "no function was found that uses them"


def _several(touched: Mapping[int | None, float], fair: float) -> bool:
    """Whether two domains at least have a fair part of the tables that a module uses."""
    share = _shares(touched)
    return sum(domain is not None and value >= fair for domain, value in share.items()) > 1


def _path_words(name: str) -> set[str]:
    return {word for part in name.split(".") for word in words.split(part)}


def _word_weights(home: Mapping[str, int], carried: Mapping[str, frozenset[str]]) -> dict[str, Counter[int]]:
    """Word -> how many tables of each domain carry it."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for table, domain in home.items():
        for word in carried[table]:
            found[word][domain] += 1
    return found


def _told(module: str, weights: Mapping[str, Counter[int]]) -> dict[int | None, float]:
    """Domain -> what the words of a module's name say of it, but for those that say of what kind it is: that
    name a layer above it, or with which the name of such a layer ends (``templatetags.sharing_tags``)."""
    found: dict[int | None, float] = defaultdict(float)
    parts = [words.split(part) for part in reversed(module.split("."))]
    layers = tuple(word for own in parts[1:] if words.GENERAL.issuperset(own) for word in own)
    for place, own in enumerate(parts):
        for word in own:
            if (place and word in words.GENERAL) or any(layer.endswith(word) for layer in layers):
                continue
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


def _names(tables: Tables, clusters: Sequence[Sequence[str]]) -> list[str]:
    """A name for each domain: the words that most of its tables carry and mostly they, in the order in which
    a table does, unless the one to which most refer carries none of these: then that one."""
    apart = [[table for table in own if table not in tables.links] for own in clusters]
    every = Counter(word for own in apart for table in own for word in tables.carried[table])
    result: list[str] = []
    for own, telling in zip(clusters, apart, strict=True):
        inside = Counter(word for table in telling for word in tables.carried[table])
        worth = {
            word: count * count / every[word]
            for word, count in inside.items()
            if count > HALF * len(telling) and count > HALF * every[word] and word not in tables.kinds
        }
        told = {word for word, value in worth.items() if value == max(worth.values())}
        root = min(telling, key=lambda table: _rank(tables, table, own))
        called = tables.called(root)
        if told and (told & tables.carried[root] or tables.referring[root].isdisjoint(own)):
            name = _told_together(tables, telling, told) or called
        else:
            name = called
        while name in result:
            name = f"{name}-{called}"
        result.append(name)
    return result


def _told_together(tables: Tables, telling: Sequence[str], told: Collection[str]) -> str:
    """The words that name a domain, in the order in which a table has them, with the one that follows in all
    that have them (``pull-request``)."""
    in_order = [[word for word in tables.own[table] if word in told] for table in telling]
    most = max(in_order, key=len)
    longest = list(dict.fromkeys(most))
    following: set[str] = set()
    for own in (tables.own[table] for table in telling):
        if longest and longest[-1] in own:
            following.update(own[own.index(longest[-1]) + 1 :][:1] or ("",))
    if len(following) == 1 and len(telling) > 1:
        longest += following
    return "-".join(word for word in longest if word)


def _rank(tables: Tables, table: str, own: Sequence[str]) -> tuple[int, int, str]:
    """The rank of a table to name a domain: by those that refer to it, its own counted three times."""
    referring = tables.referring[table]
    return -2 * len(referring.intersection(own)) - len(referring), len(tables.own[table]), table
