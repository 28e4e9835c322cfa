"""Evidence as separate weighted graphs over the production modules, one a kind of evidence.

calls    imports and uses of names: strength by kind, damped by how many others use the target
data     tables in common: writes and transactions count more, tables that everybody touches count less
history  change coupling: commits that touch both, decayed with age, shared out over a commit's size
names    words of packages and files, without the words that name a layer
words    words of the identifiers inside, against the modules of the same kind (views, models, ...)
traces   calls seen at run time
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import log, sqrt

from strangler.contexts import packages, words
from strangler.contexts.graph import Edges, add
from strangler.contexts.values import ContextSettings
from strangler.model import Access, Changes, Module, System
from strangler.model.lookup import PRODUCTION, Homes, along_only, last
from strangler.model.system import CASCADE

USE = {"call": 1.0, "inheritance": 2.0, "reference": 0.5}
IMPORT = {"runtime": 0.25, "deferred": 0.25, "type_checking": 0.1, "dynamic": 0.25}
LISTED = 0.05
"""Of a module that is loaded because it lies in a directory: it is reached, and nothing of it is used."""
WIDE = 24
"""Tables of which the deletes in one function take rows along, up to which that ties them."""
HALF_LIFE = 3 * 365 * 86400.0
"""Seconds after which a commit counts half."""
SHRINK = 10.0
"""Commits of doubt: pairs with little activity are pulled towards no coupling."""
STRETCHES = 10
"""Parts into which the history is cut for samples and for looking ahead."""


@dataclass(frozen=True, slots=True)
class Landscape:
    """The production modules and the evidence between them."""

    modules: tuple[Module, ...]
    index: Mapping[str, int]
    views: Mapping[str, Edges]
    coverage: Mapping[str, float] = field(default_factory=dict)
    """view -> share of the modules with at least one edge in it."""
    importers: Sequence[frozenset[int]] = ()
    """module -> modules that use it."""
    past: History | None = None
    """The history behind its view; None where that is not used."""
    declaring: frozenset[int] = frozenset()
    """The modules that declare a table."""
    written: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """Table -> modules that write it."""
    layers: frozenset[str] = frozenset()
    """Directories that are a layer of the package above (``packages.layers``)."""
    tables: Mapping[int, int] = field(default_factory=dict)
    """Module -> tables that it declares."""
    referring: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """Module -> modules that declare tables with a foreign key to one of its tables."""

    @property
    def size(self) -> int:
        """Number of modules."""
        return len(self.modules)

    def package(self, number: int) -> str:
        """The directory that a module lies in, the layers of it left out."""
        for folder in packages.folders(self.modules[number].path):
            if folder not in self.layers and not packages.structural(folder):
                return folder
        return ""


def build(system: System, changes: Changes, settings: ContextSettings) -> Landscape:
    """All views asked for by ``settings.views`` (those without any evidence come out empty)."""
    modules = production(system)
    index = {module.name: number for number, module in enumerate(modules)}
    uses = _uses(system, index)
    made: dict[str, Edges] = {}
    past = History((), (), ())
    for name in settings.views:
        if name == "calls":
            made[name] = calls(uses)
        elif name == "data":
            made[name] = data(system, index)
        elif name == "history":
            past = history(changes, index)
            made[name] = past.edges()
        elif name == "names":
            made[name] = names(modules)
        elif name == "words":
            made[name] = vocabulary(system, modules)
        elif name == "traces":
            made[name] = traces(settings, index)
    coverage = {
        name: len({node for edge in edges for node in edge}) / max(len(modules), 1)
        for name, edges in made.items()
    }
    importers: list[set[int]] = [set() for _ in modules]
    for user, used in uses:
        importers[used].add(user)
    written: dict[str, set[int]] = defaultdict(set)
    for access in system.accesses:
        if access.operation == "write" and access.module in index and access.ties:
            written[access.table].add(index[access.module])
    home = Homes(system, index)
    place = {t.name: index[where] for t in system.tables if (where := home(t.model)) is not None}
    tables = Counter(place.values())
    declaring = frozenset(tables)
    referring: dict[int, set[int]] = defaultdict(set)
    for table in system.tables:
        if table.name in place:
            for key in table.foreign_keys:
                if key.table in place:
                    referring[place[key.table]].add(place[table.name])
    return Landscape(
        modules,
        index,
        made,
        coverage,
        tuple(map(frozenset, importers)),
        past if past.together else None,
        declaring,
        {table: frozenset(modules) for table, modules in sorted(written.items())},
        packages.layers(modules, words.layer_words(module.name for module in modules), declaring),
        tables,
        {number: frozenset(others) for number, others in sorted(referring.items())},
    )


def production(system: System) -> tuple[Module, ...]:
    """The modules that contexts are made of, by name; of one name only the first."""
    found: dict[str, Module] = {}
    for module in system.modules:
        if module.role in PRODUCTION:
            found.setdefault(module.name, module)
    return tuple(found[name] for name in sorted(found))


def _uses(system: System, index: Mapping[str, int]) -> dict[tuple[int, int], float]:
    """(user, used) -> strength."""
    strength: dict[tuple[str, str], float] = defaultdict(float)
    for importer, imported, kind, listed in sorted(
        {(i.importer, i.imported, i.kind, i.listed) for i in system.imports}
    ):
        strength[importer, imported] += LISTED if listed else IMPORT[kind]
    for call in system.calls:
        strength[call.module, call.target_module] += USE[call.kind]
    return {
        (index[a], index[b]): weight
        for (a, b), weight in sorted(strength.items())
        if a != b and a in index and b in index
    }


def calls(uses: Mapping[tuple[int, int], float]) -> Edges:
    """``ln(1 + strength) / sqrt(number of users of the target)``, both directions added."""
    users = Counter(used for _, used in uses)
    edges: Edges = {}
    for (user, used), strength in uses.items():
        add(edges, user, used, log(1 + strength) / sqrt(users[used]))
    return edges


def table_use(system: System, index: Mapping[str, int]) -> dict[int, dict[str, float]]:
    """module -> table -> weight of its use: declared 3, written 2, read 0.5, in one transaction 4.

    What a delete takes along counts where that is little; more is the schema, of which the foreign keys tell.
    """
    use: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    home = Homes(system, index)
    for table in system.tables:
        declared = home(table.model)
        if declared is not None:
            use[index[declared]][table.name] += 3.0
    along = along_only(system)
    for access in system.accesses:
        place = access.module, access.function
        if access.module in index and (access.ties or _taken_along(access, along[place])):
            use[index[access.module]][access.table] += 2.0 if access.operation == "write" else 0.5
    for transaction in system.transactions:
        taken = along[transaction.module, transaction.function]
        if transaction.module in index:
            for table_name in transaction.tables_written:
                if len(taken) <= WIDE or table_name not in taken:
                    use[index[transaction.module]][table_name] += 4.0
    return use


def _taken_along(access: Access, taken: Collection[str]) -> bool:
    return access.via == CASCADE and not access.for_callers and len(taken) <= WIDE


def data(system: System, index: Mapping[str, int]) -> Edges:
    """Cosine of the TF-IDF vectors over tables, and foreign keys between the declaring modules."""
    use = table_use(system, index)
    texts: list[dict[str, float]] = [
        dict(sorted(use.get(number, {}).items())) for number in range(len(index))
    ]
    spread = Counter(table for text in texts for table in text)
    users = max(sum(1 for text in texts if text), 1)
    rows = []
    for text in texts:
        row = {t: (1 + log(1 + w)) * log((1 + users) / spread[t]) for t, w in text.items()}
        length = sqrt(sum(value * value for value in row.values()))
        rows.append({t: value / length for t, value in row.items()} if length else {})
    edges = words.nearest(rows, k=10)
    home = Homes(system, index)
    declared = {
        table.name: index[module] for table in system.tables if (module := home(table.model)) is not None
    }
    referred = Counter(key.table for table in system.tables for key in table.foreign_keys)
    for table in system.tables:
        for key in table.foreign_keys:
            if table.name in declared and key.table in declared:
                weight = 0.5 if (key.on_delete or "").upper() == "CASCADE" else 0.25
                add(edges, declared[table.name], declared[key.table], weight / sqrt(referred[key.table]))
    return dict(sorted(edges.items()))


@dataclass(frozen=True, slots=True)
class History:
    """Change coupling in consecutive stretches of history, so that samples of it are cheap to make.

    A commit over n modules, ``age`` old, gives each of its pairs ``2^(-age / HALF_LIFE) / (n - 1)``; the sum
    is divided by ``sqrt(activity a * activity b) + SHRINK`` (a shrunk cosine). Pairs seen together in one
    commit only are left out; the log holds no bulk changes (``history.max-files``).
    """

    together: tuple[Edges, ...]
    activity: tuple[tuple[float, ...], ...]
    kept: tuple[Edges, ...]
    """``together`` without the pairs that are left out."""
    commits: int = 0

    def edges(self, weights: Sequence[float] | None = None) -> Edges:
        """The view; ``weights`` says how often each stretch counts (a bootstrap sample), None: once."""
        weights = [1.0] * len(self.kept) if weights is None else weights
        total: Edges = {}
        for part, weight in zip(self.kept, weights, strict=True):
            if weight:
                for pair, value in part.items():
                    total[pair] = total.get(pair, 0.0) + weight * value
        active = [
            sqrt(sum(w * value for w, value in zip(weights, values, strict=True)))
            for values in zip(*self.activity, strict=True)
        ]
        return {(a, b): value / (active[a] * active[b] + SHRINK) for (a, b), value in total.items()}


def history(changes: Changes, index: Mapping[str, int], stretches: int = STRETCHES) -> History:
    """Read the log in ``stretches`` parts of equally many commits, oldest first."""
    commits = [
        (commit.time, sorted({index[name] for name in commit.modules if name in index}))
        for commit in changes.log
    ]
    commits = [(time, touched) for time, touched in commits if touched]
    now = max((time for time, _ in commits), default=0)
    together: list[Edges] = [{} for _ in range(stretches)]
    activity = [[0.0] * len(index) for _ in range(stretches)]
    seen: set[tuple[int, int]] = set()
    again: set[tuple[int, int]] = set()
    for number, (time, touched) in enumerate(commits):
        part = number * stretches // len(commits)
        weight = 2 ** ((time - now) / HALF_LIFE)
        pairs, active = together[part], activity[part]
        share = weight / (len(touched) - 1) if len(touched) > 1 else 0.0
        for position, a in enumerate(touched):
            active[a] += weight
            for b in touched[position + 1 :]:
                pair = (a, b)
                pairs[pair] = pairs.get(pair, 0.0) + share
                if pair in seen:
                    again.add(pair)
                else:
                    seen.add(pair)
    kept = tuple({pair: value for pair, value in part.items() if pair in again} for part in together)
    return History(tuple(together), tuple(map(tuple, activity)), kept, len(commits))


def name_vectors(modules: Sequence[Module]) -> list[dict[str, float]]:
    """A vector for each module over the words of its package and file, layer words damped."""
    texts = [Counter({w: 1 for part in m.name.split(".") for w in words.split(part)}) for m in modules]
    return words.vectors(texts, words.layer_words(m.name for m in modules))


def names(modules: Sequence[Module]) -> Edges:
    """Cosine of the words of package and file, ten nearest each."""
    return words.nearest(name_vectors(modules), k=10)


def vocabulary(system: System, modules: Sequence[Module]) -> Edges:
    """Cosine of the identifiers' words, minus the mean of the modules with the same file name."""
    texts = [_text(system.vocabulary.get(module.name, {})) for module in modules]
    rows = words.vectors(texts, most=0.3)
    kinds: dict[str, list[int]] = defaultdict(list)
    for number, module in enumerate(modules):
        kinds[last(module.name)].append(number)
    for members in kinds.values():
        if len(members) >= 3:
            _subtract_mean(rows, members)
    return words.nearest([_strongest(row, 30) for row in rows], k=10, postings=200)


def _text(counts: Mapping[str, int]) -> Counter[str]:
    text: Counter[str] = Counter()
    for word, count in counts.items():
        if len(word) > 2:
            text[words.stem(word)] += count
    return text


def _strongest(row: dict[str, float], most: int) -> dict[str, float]:
    """The heaviest words of a vector: its tail costs time and says nothing."""
    if len(row) <= most:
        return row
    return dict(sorted(row.items(), key=lambda item: (-item[1], item[0]))[:most])


def _subtract_mean(rows: list[dict[str, float]], members: Sequence[int]) -> None:
    mean: dict[str, float] = defaultdict(float)
    for number in members:
        for word, value in rows[number].items():
            mean[word] += value / len(members)
    for number in members:
        row = {word: value - mean[word] for word, value in rows[number].items() if value > mean[word]}
        length = sqrt(sum(value * value for value in row.values()))
        rows[number] = {word: value / length for word, value in row.items()} if length else {}


def traces(settings: ContextSettings, index: Mapping[str, int]) -> Edges:
    """``ln(1 + calls seen)`` between two modules, damped by the square root of the target's callers."""
    seen = [t for t in settings.traffic if t.source in index and t.target in index and t.source != t.target]
    callers = Counter(call.target for call in seen)
    edges: Edges = {}
    for call in sorted(seen):
        add(edges, index[call.source], index[call.target], log(1 + call.count) / sqrt(callers[call.target]))
    return edges
