"""From a few modules or words to the set that belongs with them, with reasons."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import log

from strangler.contexts import concepts, engine, packages, views, words
from strangler.contexts.graph import adjacency, pagerank
from strangler.contexts.members import PHRASES
from strangler.contexts.values import ContextSettings
from strangler.model import Changes, Evidence, System
from strangler.model.base import Value
from strangler.model.lookup import TABLE, Homes, all_tables
from strangler.spelling import told_nearest
from strangler.text import plural

DEPTH = 7.0
"""Natural logarithm of the range of ranks that counts: below e^-7 of the best there is no difference."""


class UnknownSeedError(ValueError):
    """A seed that is no module, package, table or word of a path; the message lists near ones."""


class Suggestion(Value, frozen=True, kw_only=True):
    """A module that may belong to what the user wants to extract."""

    module: str
    path: str
    score: float
    """0 to 1; the best suggestion has 1."""
    seed: bool = False
    reasons: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


def suggest(
    system: System, changes: Changes, seeds: Sequence[str], settings: ContextSettings | None = None
) -> tuple[Suggestion, ...]:
    """All production modules, those that belong to the seeds first (the seeds themselves at the top).

    The score of a module is the sum of two parts, each scaled to 0..1: the logarithm of its personalised
    PageRank over the views (calls, history, names, words, data, traces) started at the seeds; and the words
    that its path shares with the seeds, each counted by the squared share of the seeds that carry it, by how
    rare it is, and little if it names a layer.

    Args:
        seeds: modules, packages, files, ``table:NAME`` or words (all modules with them in the path).

    Raises:
        UnknownSeedError: a seed that matches nothing.
    """
    settings = settings or ContextSettings()
    land = views.build(system, changes, settings)
    book = concepts.lexicon(land.modules, largest=1.0)
    start: dict[int, float] = {}
    for seed in seeds:
        found = resolve(system, land, book, seed)
        for number in found:
            start[number] = max(start.get(number, 0.0), 1.0 / len(found) ** 0.5)
    near = adjacency(land.size, engine.fuse(land.views, land.coverage))
    walked = _logarithmic(pagerank(near, start, rounds=20), set(start))
    shared, carried = _shared_words(land, book, start)
    score = [a + b for a, b in zip(walked, shared, strict=True)]
    best = max((value for n, value in enumerate(score) if n not in start), default=0.0) or 1.0
    reasons = _Reasons(land, start, carried, system, changes)
    order = sorted(range(land.size), key=lambda n: (n not in start, -score[n], land.modules[n].name))
    return tuple(
        Suggestion(
            module=land.modules[n].name,
            path=land.modules[n].path,
            score=1.0 if n in start else round(min(score[n] / best, 1.0), 4),
            seed=n in start,
            reasons=("a seed",) if n in start else reasons.of(n) if place < SHOWN else (),
            evidence=() if n in start or place >= SHOWN else reasons.places(n),
        )
        for place, n in enumerate(order)
    )


SHOWN = 200
"""Suggestions that come with reasons; further down nobody reads them."""


def resolve(system: System, land: views.Landscape, book: concepts.Lexicon, seed: str) -> list[int]:
    """Numbers of the modules that a seed stands for: a module or package, a file, a table, or a word.

    Raises:
        UnknownSeedError: it stands for none.
    """
    if seed in land.index:
        package = [n for n, m in enumerate(land.modules) if m.name.startswith(seed + ".")]
        return [land.index[seed], *package]
    by_path = [n for n, m in enumerate(land.modules) if m.path == seed]
    if by_path:
        return by_path
    inside = [n for n, m in enumerate(land.modules) if m.name.startswith(seed + ".")]
    if inside:
        return inside
    table = seed.removeprefix(TABLE)
    home = Homes(system, land.index)
    declared = [home(t.model) for t in system.tables if t.name == table]
    homes = [land.index[name] for name in declared if name]
    if homes:
        return homes
    use = {n: tables for n, tables in views.table_use(system, land.index).items() if table in tables}
    if use:
        most = max(tables[table] for tables in use.values())
        return sorted(n for n, tables in use.items() if tables[table] >= most / 2)
    if seed.startswith(TABLE):
        raise UnknownSeedError(f"no table {table!r}{told_nearest(table, all_tables(system))}")
    wanted = words.split(seed)
    carriers = [book.carriers.get(word, frozenset[int]()) for word in wanted]
    if carriers and all(carriers):
        return sorted(frozenset.intersection(*carriers)) or sorted(carriers[0])
    single = [n for n, m in enumerate(land.modules) if set(wanted) & set(words.split(m.name)) and wanted]
    if single:
        return single
    raise UnknownSeedError(
        f"{seed!r} is no module, package, file, table or word of a path{_near(seed, land, book)}"
    )


def _near(seed: str, land: views.Landscape, book: concepts.Lexicon) -> str:
    known = [*land.index, *(w for w in book.carriers if not w.startswith(packages.PACKAGE))]
    return told_nearest(seed, known)


def _logarithmic(rank: Sequence[float], seeds: set[int]) -> list[float]:
    """Ranks on a logarithmic scale, 1 for the best module that is no seed, 0 at ``e^-DEPTH`` of it."""
    top = max((value for n, value in enumerate(rank) if n not in seeds), default=0.0)
    if top <= 0:
        return [0.0] * len(rank)
    return [max(0.0, 1 + log(value / top) / DEPTH) if value > 0 else 0.0 for value in rank]


def _shared_words(
    land: views.Landscape, book: concepts.Lexicon, seeds: dict[int, float]
) -> tuple[list[float], dict[int, list[tuple[float, str]]]]:
    """Score of each module (0..1), and the words that made it."""
    score = [0.0] * land.size
    carried: dict[int, list[tuple[float, str]]] = defaultdict(list)
    for word, members in book.carriers.items():
        if word.startswith(packages.PACKAGE) or len(members) > land.size / 2:
            continue
        held = sum(1 for number in seeds if number in members) / max(len(seeds), 1)
        weight = held**2 * log(land.size / len(members)) * (1 - book.layers.get(word, 0.0))
        if weight > 0:
            for number in members:
                score[number] += weight
                carried[number].append((weight, word))
    best = max(score, default=0.0) or 1.0
    return [value / best for value in score], carried


class _Reasons:
    """Why a module is suggested: its strongest ties to the seeds, kind by kind."""

    def __init__(
        self,
        land: views.Landscape,
        seeds: dict[int, float],
        carried: dict[int, list[tuple[float, str]]],
        system: System,
        changes: Changes,
    ) -> None:
        self.land, self.carried = land, carried
        self.seeds = {land.modules[n].name for n in seeds}
        self.ties: dict[int, dict[str, tuple[float, int]]] = defaultdict(dict)
        for name, edges in land.views.items():
            if name == "names":
                continue
            for (a, b), weight in edges.items():
                for one, other in ((a, b), (b, a)):
                    if other in seeds and weight > self.ties[one].get(name, (0.0, 0))[0]:
                        self.ties[one][name] = (weight, other)
        self.lines: dict[str, list[Evidence]] = defaultdict(list)
        path_of = {module.name: module.path for module in system.modules}
        for item in system.imports:
            place = Evidence(file=path_of.get(item.importer, ""), line=item.line, symbol=item.imported)
            if item.imported in self.seeds:
                self.lines[item.importer].append(place)
            if item.importer in self.seeds:
                self.lines[item.imported].append(place)
        self.commits: Counter[str] = Counter()
        for commit in changes.log:
            if len(commit.modules) > 1 and self.seeds.intersection(commit.modules):
                self.commits.update(commit.modules)

    def of(self, number: int) -> tuple[str, ...]:
        """Phrases, strongest kinds of evidence first."""
        name = self.land.modules[number].name
        reasons = []
        words_held = [word for _, word in sorted(self.carried.get(number, ()), reverse=True)[:3]]
        if words_held:
            reasons.append(f"shares the words {', '.join(words_held)}")
        for kind, (_, seed) in sorted(self.ties.get(number, {}).items()):
            text = f"{PHRASES[kind]} with {self.land.modules[seed].name}"
            if kind == "history":
                text += f" ({plural(self.commits[name], 'commit')} with a seed)"
            reasons.append(text)
        return tuple(reasons) or ("tied to the seeds through other modules only",)

    def places(self, number: int) -> tuple[Evidence, ...]:
        """Import lines between the module and the seeds."""
        return tuple(sorted(set(self.lines.get(self.land.modules[number].name, ())))[:5])
