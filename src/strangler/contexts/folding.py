"""Communities that cannot stand alone join others: what all use, what holds nothing together, crumbs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from strangler.contexts import packages, words
from strangler.contexts.assembly import assembles
from strangler.contexts.graph import Adjacency
from strangler.contexts.kernel import OWN
from strangler.contexts.layering import is_face
from strangler.contexts.packages import folders
from strangler.contexts.views import Landscape
from strangler.model.lookup import ancestors, last, parent

CRUMB = 3
"""A nameless community of at most so many modules is no context."""
CLOSED = 0.45
"""Normalised share of its ties that a context without tables keeps to itself if it is to stand alone, used by
others. Those who own the data are used by others anyway."""
LEAF = 0.35
"""A context of whose uses over the border fewer than this share are by others is a leaf."""
DATA = 0.3
"""The same where it declares tables: those who own the data are used by others. Where layers tie each to all,
it stands with tables unless it is glue."""
GLUE = 0.15
"""Normalised share of its ties under which a group of modules is no context at all, whoever uses it."""
SLIGHT = 5
"""A package of at most so many modules can be a piece of another."""
KNOWN = 0.02
"""Share of the modules that must declare tables for the lack of one to say something,"""
CENTRED = 0.05
"""and for a word of the domain to be no more than a piece without."""
USERS = 3
"""Modules of others that use such a piece, if it has a table."""
DOMAINS = 3
"""Parts that declare tables, from which on something is common to them."""
ALL = 0.5
"""Share of the other parts that use it,"""
UPWARD = 0.75
"""uses of others at most, for each use of it,"""
TABLES = 0.1
"""and tables at most, for each of its modules: what all need knows little of them and keeps little data."""
LARGE, SHARE = 10, 0.03
"""Modules, and share of all, from which a part with tables stands, unless it is glue, once that is out."""
TOLD = 0.1
"""Share of its ties, beyond chance and at least as much again, that lead to another part if what declares
tables is to join that."""


class _Part:
    """One community while those that cannot stand alone are folded into others."""

    __slots__ = (
        "assembly",
        "data",
        "face",
        "inside",
        "large",
        "layered",
        "members",
        "place",
        "referred",
        "tables",
        "ties",
        "used",
        "users",
        "uses",
        "volume",
        "word",
    )

    def __init__(self) -> None:
        self.members: list[int] = []
        self.data = 0
        """Modules that declare tables."""
        self.tables = 0
        """Tables that it declares."""
        self.face = False
        """Whether it is a face of what lies behind, with hardly a table."""
        self.referred = False
        """Whether tables of others refer to one of them."""
        self.large = False
        """Whether it is large without what is common to all, which has been taken out."""
        self.word = False
        """Whether a word of the domain holds it."""
        self.place = False
        """Whether it lies across layers."""
        self.layered = 0
        """Modules in a layer of a package."""
        self.users = 0
        """Modules of others that use it."""
        self.assembly = 0
        """Modules that put the system together."""
        self.volume = 0.0
        self.inside = 0.0
        self.ties: dict[int, float] = {}
        """Other community -> weight to it."""
        self.uses = 0
        self.used = 0
        """Pairs of modules over its border, by direction."""

    def assembles(self) -> bool:
        """Whether most of it puts the system together."""
        return 2 * self.assembly >= len(self.members) and not self.data

    def root(self) -> bool:
        """Whether it does so as a part of its own, tied to all and belonging to none."""
        return 2 * self.assembly > len(self.members) > CRUMB and not self.data

    def crumb(self, closed: float) -> bool:
        """Whether it is a piece of something: few modules, with a table at most, that others use, or
        layers without a table."""
        if closed >= CLOSED or self.data > 1:
            return False
        few = len(self.members) <= SLIGHT and (self.users >= USERS or not (self.data or self.word))
        return few or (not self.data and 2 * self.layered > len(self.members))

    def leaf(self) -> bool:
        """Whether few use it: it can leave, whatever it needs from the rest."""
        return self.used <= LEAF * (self.uses + self.used)

    def library(self) -> bool:
        """Whether it uses hardly anything: it can stay behind."""
        return self.uses <= OWN * self.used

    def enough(self) -> float:
        """How closed it must be if others use it."""
        return (GLUE if self.place or self.large else DATA) if self.data else CLOSED

    def closed(self, total: float) -> float:
        """Share of its ties that stay inside, from 0 at chance to 1."""
        share, size = (self.inside / self.volume, self.volume / total) if self.volume else (0.0, 0.0)
        return (share - size) / (1 - size) if size < 1 else 1.0


def with_pieces(owner: Mapping[int, str], land: Landscape) -> dict[int, str]:
    """module -> what holds it, a few modules inside another part given to that one.

    A package of at most ``SLIGHT`` modules without a table (where tables are known) is a piece of the package
    around it, however little the rest of that uses it: unless that is no part itself, or a place for parts
    (``plugins``).
    """
    if len(land.declaring) < KNOWN * land.size:
        return dict(owner)
    sizes = Counter(owner.values())
    with_data = {owner[number] for number in land.declaring if number in owner}
    around: dict[str, str] = {}
    for name in sorted(sizes):  # outer ones first
        outer = next((above for above in ancestors(parent(name)) if above in sizes), "")
        holds_parts = not packages.CONTAINERS.isdisjoint(words.split(last(outer)))
        if sizes[name] <= SLIGHT and name not in with_data and "." in outer and not holds_parts:
            around[name] = around.get(outer, outer)
    return {number: around.get(name, name) for number, name in owner.items()}


def fold(
    labels: Sequence[int],
    land: Landscape,
    near: Adjacency,
    by_word: Collection[int] = (),
    places: Collection[int] = (),
) -> list[int]:
    """Communities that could not stand alone join others: what others use joins the core, glue its user.

    A community that both uses others and is used by them, and that keeps less than ``CLOSED`` of its ties
    (normalised: 0 at chance, 1 for all), is part of the core: such communities join each other, the least
    closed first. One that keeps less than ``GLUE`` is none at all, and joins the core if others use it, else
    what it is tied to most beyond chance. What others use never joins a leaf, which could leave.
    """
    return _fold(labels, land, near, by_word, places, frozenset(), strict=False)


def fold_apart(
    labels: Sequence[int], land: Landscape, near: Adjacency, by_word: Collection[int] = ()
) -> tuple[list[int], int | None]:
    """``fold`` with what is common to all in a community of its own, and the label of that, if there is any.

    It stands apart where it would otherwise lie in one community with several domains, or be most of the
    community of one: nothing then says of whom it is. Without it there is no core: what cannot stand alone
    joins what it is tied to most.

    Where packages tell the parts and several declare tables, none of these joins another, or a face, that it
    is hardly tied to (``TOLD``), and what declares none joins its like rather than one of them.
    """
    strict = not by_word and len({labels[number] for number in land.declaring}) >= DOMAINS
    plain = fold(labels, land, near, by_word)
    shared = _common(labels, land, near)
    for home in {plain[number] for number, label in enumerate(labels) if label in shared}:
        sizes = Counter(labels[number] for number, label in enumerate(plain) if label == home)
        domains = {labels[n] for n in land.declaring if plain[n] == home} - shared
        inside = sum(size for label, size in sizes.items() if label in shared)
        several = sum(sizes[label] > CRUMB for label in domains) > 1
        if several or (domains and 2 * inside > sizes.total()):
            return _fold(labels, land, near, by_word, (), shared, strict), min(shared)
    plain = _fold(labels, land, near, by_word, (), frozenset(), strict)
    return plain, _gathered(labels, plain, land, near)


def _gathered(labels: Sequence[int], plain: Sequence[int], land: Landscape, near: Adjacency) -> int | None:
    """The community joined from several, without a table, that is common to all."""
    found = _common(plain, land, near)
    bare = found.difference(plain[number] for number in land.declaring)
    joined = (home for home in sorted(bare) if len({labels[n] for n, h in enumerate(plain) if h == home}) > 1)
    return next(joined, None)


def _fold(
    labels: Sequence[int],
    land: Landscape,
    near: Adjacency,
    by_word: Collection[int],
    places: Collection[int],
    shared: frozenset[int],
    strict: bool,
) -> list[int]:
    """The labels with the communities joined; ``shared`` are one, and no domain joins them."""
    parts, uses, roots, total = _parts(labels, land, near, by_word, places)
    known = [len(land.declaring) >= least * land.size for least in (KNOWN, CENTRED)]
    for label in sorted(shared)[1:]:
        _join(parts, label, min(shared), uses)
    common = {min(shared)} if shared else set()
    for part in parts.values():
        size = len(part.members)
        part.large = bool(shared) and size >= max(LARGE, SHARE * land.size) and 2 * part.layered <= size
    stuck: set[int] = set()
    while len(parts) > 1:
        kept = {label: part.closed(total) for label, part in parts.items()}
        core = {
            label
            for label, part in parts.items()
            if label not in roots | common
            and not part.leaf()
            and (kept[label] < GLUE or (kept[label] < part.enough() and not part.library()))
        }
        crumbs = {label for label, part in parts.items() if known[part.word] and part.crumb(kept[label])}
        low = [
            (share, len(parts[label].members), label)
            for label, share in kept.items()
            if label not in stuck | roots | common and (label in core or share < GLUE or label in crumbs)
        ]
        if not low:
            break
        label = min(low)[2]
        target = _target(parts, label, core, total, roots, common, strict)
        if target is None:
            stuck.add(label)
        else:
            _join(parts, label, target, uses)
            stuck.clear()
    result = [0] * len(labels)
    for label, part in parts.items():
        for number in part.members:
            result[number] = label
    return result


def _parts(
    labels: Sequence[int],
    land: Landscape,
    near: Adjacency,
    by_word: Collection[int],
    places: Collection[int],
) -> tuple[dict[int, _Part], dict[tuple[int, int], int], set[int], float]:
    """The communities, how often one uses another, those that put the system together, and all tie weight."""
    parts: dict[int, _Part] = {}
    for number, label in enumerate(labels):
        part = parts.setdefault(label, _Part())
        part.members.append(number)
        part.word = label in by_word
        part.place = label in places
        part.data += number in land.declaring
        part.tables += land.tables.get(number, 0)
        part.referred |= any(labels[other] != label for other in land.referring.get(number, ()))
        part.layered += any(
            folder in land.layers and packages.structural(folder)
            for folder in folders(land.modules[number].path)
        )
        part.assembly += assembles(land.modules[number]) or last(land.modules[number].name) == "urls"
        volume, inside, ties = part.volume, part.inside, part.ties
        for other, weight in near[number]:
            volume += weight
            home = labels[other]
            if home == label:
                inside += weight
            else:
                ties[home] = ties.get(home, 0.0) + weight
        part.volume, part.inside = volume, inside
    for part in parts.values():
        part.face = part.tables <= TABLES * len(part.members) and is_face(land, part.members)
    total = sum([part.volume for part in parts.values()]) or 1.0
    uses: dict[tuple[int, int], int] = Counter(
        (labels[user], labels[number]) for number, users in enumerate(land.importers) for user in users
    )
    around: dict[int, set[int]] = defaultdict(set)
    for number, users in enumerate(land.importers):
        around[labels[number]].update(user for user in users if labels[user] != labels[number])
    roots = {label for label, part in parts.items() if part.root()}
    for (user, used), count in uses.items():
        if user != used and user not in roots:
            parts[user].uses += count
            parts[used].used += count
    for label, outside in around.items():
        parts[label].users = len(outside)
    return parts, uses, roots, total


def _common(labels: Sequence[int], land: Landscape, near: Adjacency) -> frozenset[int]:
    """The labels of what is common to all: used by half of the others, using little of them, not closed, with
    hardly a table and none to which tables of others refer; none where there are no domains to have it in
    common."""
    parts, uses, roots, total = _parts(labels, land, near, (), ())
    if sum(part.data > 0 for part in parts.values()) < DOMAINS:
        return frozenset()
    larger = {label for label, part in parts.items() if len(part.members) > CRUMB}
    users: dict[int, set[int]] = defaultdict(set)
    for user, used in uses:
        if user in larger and user != used:
            users[used].add(user)
    return frozenset(
        label
        for label in larger - roots
        if not parts[label].referred
        and parts[label].tables <= TABLES * len(parts[label].members)
        and parts[label].uses <= UPWARD * parts[label].used
        and parts[label].closed(total) < (DATA if parts[label].data else CLOSED)
        and len(users[label]) >= ALL * (len(larger) - 1)
    )


def _target(
    parts: Mapping[int, _Part],
    label: int,
    core: set[int],
    total: float,
    roots: set[int],
    common: set[int],
    strict: bool,
) -> int | None:
    """The community that one which cannot stand alone joins: the rest of the core, if it is of the core and
    that is not taken apart; else what it is tied to most, beyond what the other's size explains.

    Args:
        strict: whether only a tie that says something joins what declares tables (``TOLD``).
    """
    part = parts[label]
    if part.assembles() and roots:
        return max(roots, key=lambda other: (part.ties.get(other, 0.0), -other))

    def gain(other: int) -> float:
        return part.ties.get(other, 0.0) / part.volume - parts[other].volume / total if part.volume else 0.0

    def told(other: int) -> bool:
        enough = max(TOLD, parts[other].volume / total)
        return not (strict and part.data) or (gain(other) >= enough and not parts[other].face)

    if label in core and len(core) > 1 and not common:
        rest = [other for other in core - {label} if told(other)]
        if strict and not part.data:
            larger = [other for other in rest if len(parts[other].members) >= len(part.members)]
            rest = [o for o in rest if not parts[o].data or gain(o) >= TOLD] or larger
        if rest or not part.data:
            return max(rest, key=lambda other: (gain(other), -other), default=None)
    choices = [
        other
        for other in part.ties
        if other not in roots
        and gain(other) > 0
        and told(other)
        and not (label in core and parts[other].leaf())
        and not (other in common and (part.data or (part.leaf() and len(part.members) > CRUMB)))
    ]
    return max(choices, key=lambda other: (gain(other), -other), default=None)


def _join(parts: dict[int, _Part], label: int, target: int, uses: dict[tuple[int, int], int]) -> None:
    """Make one community part of another."""
    gone, kept = parts.pop(label), parts[target]
    kept.members += gone.members
    kept.data += gone.data
    kept.volume += gone.volume
    kept.inside += gone.inside + 2 * gone.ties.pop(target, 0.0)
    kept.ties.pop(label, None)
    between = uses.pop((label, target), 0), uses.pop((target, label), 0)
    kept.uses += gone.uses - sum(between)
    kept.used += gone.used - sum(between)
    for other, weight in gone.ties.items():
        kept.ties[other] = kept.ties.get(other, 0.0) + weight
        around = parts[other].ties
        around[target] = around.get(target, 0.0) + around.pop(label)
        for old, new in (((label, other), (target, other)), ((other, label), (other, target))):
            if old in uses:
                uses[new] = uses.get(new, 0) + uses.pop(old)
