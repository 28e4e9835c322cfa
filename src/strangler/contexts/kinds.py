"""What is no business context although it is a community: where all is put together, what all stand on.

A composition root names every part and is used by none; a platform is used by nearly all and uses hardly any;
a library uses hardly any and does nothing by itself, however few use it: it has no data, touches no table and
has no way in; operations are the commands and scripts of those who run and fill the system; a layer
is a face of many domains without data of its own, or helps them (``layering``).

``find`` says what the code alone tells, ``judge`` the rest once it is known who owns the tables. The ranking,
the plans and the reports read the kind that comes of it and decide nothing themselves.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from strangler.contexts import assembly, beside, holdings, ownership, packages, words
from strangler.contexts.assembly import assembles, configures
from strangler.contexts.holdings import LEAN, Part
from strangler.contexts.kernel import OWN, USERS
from strangler.contexts.layering import Layering, is_face
from strangler.contexts.loose import collected
from strangler.contexts.placing import Placed
from strangler.contexts.views import Landscape
from strangler.model import System
from strangler.model.contexts import ContextKind
from strangler.model.lookup import Homes, library_tables

SPAN = 3
"""Contexts that a module must use to put them together, or that must use a platform."""
MOST = 2 / 3
"""Share of the other contexts that use a platform."""
LARGEST = 0.25
"""Share of the modules over which nothing is a platform: it is the core of the business."""
BESIDE = 0.9
"""Share of a context's modules that must be scripts beside the system."""
HALF = 0.5
"""Share of a context's modules that must be of a kind."""
SOME = 1 / 3
"""Share of the other contexts, and two at least, that use what is set for all of them."""
DOORS = 0.05
"""Share of the modules with ways in that may lie in what is set for all."""
ONE = 0.6
"""Share of the tables of others touched by a face up to which one of them may own them."""
OWNED = 0.25
"""Share of all tables touched by a face up to which they may be its own."""
DENSE = 0.1
"""Tables of its own that a face may have, for each of its modules."""
TAGS = "templatetags"
"""The package of what templates load by name."""
RECORDS = frozenset({"audit", "history", "journal", "log"})
"""Words for the record of what all do."""


def find(
    system: System,
    land: Landscape,
    labels: Sequence[int],
    aside: set[int],
    between: Collection[int] = (),
    common: Collection[int] = (),
) -> dict[int, ContextKind]:
    """Label -> kind, for the communities that are no business context.

    Args:
        labels: of the modules.
        aside: labels that are something else already (the shared kernel).
        between: labels of what is left of layered code when its domains are taken out: what all stand on,
            however large, if it declares no table and most others use it.
        common: labels of what all have in common.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for number, label in enumerate(labels):
        members[label].append(number)
    entered, commanded = beside.entries(system, land)
    home = Homes(system, land.index)
    acting = {a.module for a in system.accesses} | {home(signal.receiver) for signal in system.signals}
    scripts = beside.find(system, land, entered, commanded)
    published = beside.distributions(system, land)
    doors = entered - beside.threads(system, land)
    layers = Layering(system, land, members, entered, commanded)
    top = _top(land)
    rooted = assembly.root(system, land)
    users: dict[int, Counter[int]] = defaultdict(Counter)
    """Label -> who uses it, by pairs of modules."""
    uses: Counter[int] = Counter()
    """Label -> pairs in which it uses others; what its commands use says nothing of it."""
    needs: Counter[int] = Counter()
    """The same with what its commands use."""
    spans: dict[int, set[int]] = defaultdict(set)
    for number, by in enumerate(land.importers):
        for user in by:
            if labels[user] != labels[number]:
                users[labels[number]][labels[user]] += 1
                uses[labels[user]] += labels[number] not in aside and user not in commanded
                needs[labels[user]] += 1
                if labels[number] not in common:
                    spans[user].add(labels[number])
    found: dict[int, ContextKind] = {}
    for label, group in members.items():
        if label in aside or len(members) - len(aside) < SPAN:
            continue
        outside = users[label].total()
        data = any(number in land.declaring for number in group)
        named = rooted.intersection(group)
        named |= {n for n in group if assembles(land.modules[n]) or configures(land.modules[n])}
        assembling = len(named | {number for number in group if len(spans[number]) >= SPAN})
        commands = len(commanded.intersection(group)) / len(group)
        scripted = len(scripts.intersection(group)) / len(group)
        lean = uses[label] <= OWN * outside
        others = len(members) - len(aside) - 1
        served = bool(entered.intersection(group))
        acts = served or any(n in commanded or land.modules[n].name in acting for n in group)
        among = len(top.intersection(group)) > HALF * len(group)
        assembled = len(named) > HALF * len(group) or (
            outside <= uses[label] and assembling > HALF * len(group)
        )
        if label in common:
            found[label] = "platform" if data or served else "library"
        elif not data and doors.isdisjoint(group) and any(_mostly(group, below) for below in published):
            found[label] = "library"
        elif _numbered(land, group) and outside <= needs[label]:
            found[label] = "operations"
        elif not data and (assembled or (among and not served)):
            found[label] = "composition_root"
        elif _operates(commands, outside, needs[label], data, scripted):
            found[label] = "operations"
        elif (
            (label in between and not data)
            or (uses[label] <= LEAN * outside and len(group) <= LARGEST * land.size)
            or layers.models(label, group)
        ) and len(users[label].keys() - aside) >= max(SPAN, MOST * others):
            found[label] = "platform" if data or served else "library"
        elif lean and not data and not acts and (entered or outside >= USERS):
            found[label] = "library"
        elif layers.layer(label, group):
            found[label] = "layer"
    return found


def _mostly(group: Collection[int], among: Collection[int]) -> bool:
    return sum(number in among for number in group) >= BESIDE * len(group)


def _operates(commands: float, outside: int, needs: int, data: bool, scripts: float) -> bool:
    """Whether those who run the system are served: by what none uses, or by commands for the most part, and
    then tables beside them serve them, too."""
    if not data and not outside and commands >= HALF:
        return True
    return (commands > HALF and outside <= needs) or (not data and scripts >= BESIDE)


def _numbered(land: Landscape, group: Sequence[int]) -> bool:
    """Whether most of its files are numbered steps, as migrations are."""
    names = (land.modules[number].path.rpartition("/")[2] for number in group)
    return sum(name[:1].isdigit() for name in names) > HALF * len(group)


def _top(land: Landscape) -> set[int]:
    """The modules beside the packages of the system, in a package that holds nearly all of it."""
    below = Counter(folder for module in land.modules for folder in packages.folders(module.path))
    whole = packages.WHOLE * land.size
    found = set()
    for number, module in enumerate(land.modules):
        folder = packages.folders(module.path)[0]
        if folder and below[folder] >= whole:
            found.add(number)
    return found


def judge(
    system: System,
    land: Landscape,
    labels: Sequence[int],
    other: Mapping[int, ContextKind],
    owners: Mapping[str, int],
    placed: bool = True,
) -> dict[int, ContextKind]:
    """Label -> kind, of those that are no business context by the tables that they own and touch.

    Nothing is said where no table is declared or few contexts serve anything: there the lack says nothing,
    but of directories of parts that have nothing to do with each other. Where the data is in libraries that
    are not read, a few modules are no context.

    Args:
        labels: of the modules.
        other: the kind of what is something else already.
        owners: table -> label.
        placed: whether a piece or a face that is still there goes with no context.
    """
    entered, commanded = beside.entries(system, land)
    parts = holdings.find(system, land, labels, owners, entered, commanded)
    proper = set(labels).difference(other)
    if holdings.unread(system):
        lone = Placed(system, land, labels, parts, proper)
        return {label: "unassigned" for label in sorted(proper) if placed and lone.few(label)}
    found: dict[int, ContextKind] = {}
    if placed and land.declaring:
        bare = sorted(proper.difference(owners.values()))
        found |= {
            label: "unassigned" for label in bare if collected(land, sorted(parts[label].modules), entered)
        }
        proper -= found.keys()
    if not holdings.telling(land, parts, other) or len(proper) < SPAN - 1:
        return found
    lone = Placed(system, land, labels, parts, proper)
    stores = [len(parts[label].tables) for label, kind in sorted(other.items()) if kind == "platform"]
    central = max(stores, default=0) > HALF * sum(len(part.tables) for part in parts.values())
    every = sum(part.doors for part in parts.values())
    label_of = {module.name: label for module, label in zip(land.modules, labels, strict=True)}
    alone = ownership.written_alone(system.accesses, label_of)
    brought = library_tables(system)
    for label in sorted(proper):
        part = parts[label]
        part.users &= proper
        spread = _spread({owner: count for owner, count in part.foreign.items() if owner in proper})
        own = any(alone.get(table) == label for table in part.tables)
        if placed and _over_all(lone, label, every, own):
            kind: ContextKind | None = "layer"
        elif part.tables:
            kind = _with_tables(land, labels, part, len(proper) - 1, DOORS * len(entered), spread)
        else:
            kind = _without_tables(part, spread or central)
            kept = {t for t, by in alone.items() if by == label == owners.get(t) and t not in brought}
            if kind == "layer" and len(kept) >= SPAN - 1:  # tables that only SQL names are data of its own
                kind = None
        if placed and kind is None and lone.face_of(label) is not None:
            kind = "layer"
        if placed and kind is None and lone.piece(label):
            kind = "unassigned"
        if kind is not None:
            found[label] = kind
    return found


def _over_all(cut: Placed, label: int, doors: int, own: bool) -> bool:
    """Whether it serves most of the ``doors`` or writes several tables, none of which it writes alone for the
    most part (``own``), and declares none, where another part declares more than half of all: the pages or
    the services of every domain."""
    most = max((len(models) for other, models in cut.models.items() if other != label), default=0)
    part = cut.parts[label]
    central = most >= SPAN and most > HALF * sum(map(len, cut.models.values()))
    much = part.doors > HALF * doors or (len(part.tables) >= SPAN and not own)
    return central and much and not cut.models.get(label)


def _with_tables(
    land: Landscape, labels: Sequence[int], part: Part, others: int, doors: float, spread: bool
) -> ContextKind | None:
    """What has data but no business: what is set for all, what all write down, what nothing asks for; a face
    with hardly any data of its own."""
    most = _most(land, part)
    named = sum(assembles(land.modules[n]) or configures(land.modules[n]) for n in part.modules)
    if named > HALF * len(part.modules) and len(part.tables) <= max(1, DENSE * len(part.modules)):
        return "platform"
    quiet = part.apart and part.served <= doors
    if (
        (quiet or (not part.referred and _general(most)))
        and part.lean
        and len(part.modules) <= LARGEST * land.size
        and len(part.users) >= max(SPAN - 1, SOME * others)
    ):
        return "platform"
    if not part.referred and len(part.users) >= max(SPAN, MOST * others) and _records(land, part):
        return "platform"
    if part.apart and not part.served and not part.users:
        shown = any(TAGS in land.modules[number].path.split("/") for number in part.modules)
        return "platform" if shown else "operations"
    hardly = part.own <= OWNED * (part.own + part.foreign.total())
    whole = _holds_most(land, labels, part.modules, most)
    thin = len(part.tables) <= DENSE * len(part.modules)
    face = is_face(land, part.modules) and whole and thin and (spread or _spread(part.packages))
    helper = not part.served and land.declaring.isdisjoint(part.modules)
    return "layer" if hardly and (face or helper) else None


def _without_tables(part: Part, face: bool) -> ContextKind | None:
    """What has no data: a library, if it hardly uses others, else a piece of those whose data it touches.

    Args:
        face: whether these are many, or all have their data in one place.
    """
    if part.lean and (part.idle or not (part.uses or part.writes)):
        return "library"
    return "layer" if face or not part.served else None


def _spread(found: Mapping[int, int] | Mapping[str, int]) -> bool:
    """Whether accesses go to many, and to none of them for the most part."""
    return len(found) >= SPAN and max(found.values()) <= ONE * sum(found.values())


def _most(land: Landscape, part: Part) -> str:
    """The deepest directory with more than half of its modules."""
    return packages.home([land.modules[number].path for number in part.modules])


def _holds_most(land: Landscape, labels: Sequence[int], group: Sequence[int], folder: str) -> bool:
    """Whether a part holds more of a directory than any other: slices of a face are with their domains."""
    inside = Counter(
        labels[number]
        for number, module in enumerate(land.modules)
        if folder in packages.folders(module.path)
    )
    return inside[labels[group[0]]] == max(inside.values())


def _general(folder: str) -> bool:
    """Whether a directory is called like anything (``core``, ``common``)."""
    own = words.split(folder.rpartition("/")[2])
    return bool(own) and words.GENERAL.issuperset(own)


def _records(land: Landscape, part: Part) -> bool:
    """Whether most of its modules lie in a directory named after what is written down."""
    named = sum(
        not RECORDS.isdisjoint(words.split(land.modules[number].path.rpartition("/")[0]))
        for number in part.modules
    )
    return named > HALF * len(part.modules)
