"""Which context owns a table."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

from strangler.contexts import packages, words
from strangler.model import Access, System, Table
from strangler.model.lookup import Homes, ancestors, last, library_tables, parent
from strangler.model.system import ALONG

DECLARES, WRITES, READS = 3.0, 1.0, 0.1
NAMED = 1.0
BROAD = 3
"""Other contexts in whose tables one writes from which on its writes there say little: it edits, fills or
imports what is theirs."""
ALL = 0.5
"""Share of the tables over which the context that declares them holds the models of all."""
MOSTLY = 0.75
"""Share of the votes with which one context has a table of a library for its own in spite of a platform."""
SEVERAL, MOST = 2, 0.5
"""Tables that a context alone writes, and their share of all that it writes, from which they are its own
though they are declared where those of all are."""
LINKED = 2
"""Foreign keys of a table that only links others."""
_Part = TypeVar("_Part")
_IDENTITY = (
    "account auth authentication credential identity login permission person profile session token user"
)
IDENTITY = frozenset(_IDENTITY.split())
"""Words of the tables of libraries that are about those who use the system."""
USERS = frozenset({"account", "auth", "customer", "identity", "people", "person", "user"})
"""Last words of the directories of those who keep them."""
CATALOGUES = frozenset({"information", "pg", "sqlite"})
"""First words of the tables that a database keeps for itself,"""
FRAMEWORKS = frozenset(
    {"alembic_version", "django_admin_log", "django_content_type", "django_migrations", "django_site"}
)
"""and those of frameworks."""


def owners(
    system: System,
    context_of: Mapping[str, str],
    pinned: Mapping[str, str] | None = None,
    never: frozenset[str] = frozenset(),
    platforms: frozenset[str] = frozenset(),
) -> dict[str, str]:
    """table -> context, for each table that a module of one declares or touches, unless it is nobody's.

    Where packages keep migrations of their own, as apps of Django do, it is the declaring module's: whoever
    writes the rows, the table can only be changed there. Else the declaring module counts 3, each writing
    function 1, each function that reads 0.1, a context that carries a word of the table's name 1; what a
    deletion takes along, and what is put around every answer, votes where nothing else does. So a table that
    is declared in one place and written all over another goes to the writers. But who writes in the tables of
    three others (an admin, an import) counts there a third or less; and where models are declared all over,
    who declares none is no owner of what others declare. A table that only links others, declared beside all
    packages, goes to the owner of the one that its name says first.

    Tables of libraries go to the platform, if there is one, unless one context has three quarters of the
    votes and they are about neither users nor the framework. Without one those of users (``auth_user``,
    ``django_session``) go to who keeps the users, those that the framework or the database keeps for itself
    to nobody; the others go as the writes do.

    Args:
        context_of: module -> context.
        pinned: tables that the user gave to a context.
        never: contexts that own only what no other touches, or what they declare with migrations beside it
            and have most votes for: commands that fill tables, and where all is put together.
        platforms: contexts that are one: where there is any, tables of libraries such as ``auth_user`` and
            ``django_session`` are theirs, whoever touches them most.
    """
    declared, at_home = _declared(system, context_of)
    named = {context: set(words.split(context)) for context in set(context_of.values())}
    votes: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for table, context in declared.items():
        votes[table][context] += DECLARES
    accesses = list(_accesses(system, context_of))
    broad = _broad(accesses, context_of, declared)
    for access in accesses:
        context = context_of[access.module]
        weight = READS if access.operation == "read" or access.via in ALONG else WRITES
        own = declared.get(access.table, context) == context or named[context] & set(
            words.split(access.table)
        )
        votes[access.table][context] += weight if own else weight / broad.get(context, 1)
    there = platforms & named.keys()
    of_libraries = library_tables(system)
    holders = Counter(declared.values())
    central = {context for context, count in holders.items() if count > ALL * len(declared)} - never
    keeping = written_alone(accesses, context_of)
    users = _keeps_users(system, context_of, never)
    result = {}
    for name, ballot in votes.items():
        about = set(words.split(name))
        for context in ballot:
            if about & named[context]:
                ballot[context] += NAMED
        if name in of_libraries and there:
            first = _first(ballot)
            alone = ballot[first] >= MOSTLY * sum(ballot.values()) and first not in never
            kept = kept_apart(name)
            if about & IDENTITY or kept or not alone:
                first = _first({context: ballot.get(context, 0.0) for context in there})
            result[name] = first
            continue
        if name in of_libraries and about & IDENTITY:
            if users is not None:
                result[name] = users
            continue
        if name not in declared and kept_apart(name):
            continue
        home = declared.get(name)
        if home is not None and home not in never and home not in central:
            ballot = {context: weight for context, weight in ballot.items() if holders[context]}
        writer = keeping.get(name) if home in central and name not in at_home else None
        if writer is not None and writer not in (home, *never):
            result[name] = writer
            continue
        if home in central and name not in at_home:
            ballot[home] += sum(weight for context, weight in ballot.items() if context in never)
        result[name] = _first({c: w for c, w in ballot.items() if c not in never} or ballot)
        if at_home.get(name, "") in votes[name] and (
            at_home[name] not in never or _first(votes[name]) == at_home[name]
        ):
            result[name] = at_home[name]
    below = Counter(folder for module in system.modules for folder in packages.folders(module.path))
    for link in system.tables:
        beside = below[link.path.rpartition("/")[0]] >= packages.WHOLE * len(system.modules)
        if beside and link.name in result and link.name not in at_home:
            end = result.get(linked(link), "")
            if end not in ("", *never):
                result[link.name] = end
    result.update(pinned or {})
    return dict(sorted(result.items()))


def keepers(system: System, platforms: Mapping[str, Collection[str]]) -> frozenset[str]:
    """Of platforms those to which the tables of libraries belong: who owns one of them, else all.

    Args:
        platforms: platform -> its tables.
    """
    of_libraries = library_tables(system)
    holding = {name for name, tables in platforms.items() if not of_libraries.isdisjoint(tables)}
    return frozenset(holding or platforms)


def kept_apart(table: str) -> bool:
    """Whether a framework or the database keeps a table for itself."""
    return table in FRAMEWORKS or CATALOGUES.issuperset(words.split(table)[:1])


def _first(ballot: Mapping[str, float]) -> str:
    """The context with most votes, the first by name among equals."""
    return min((-weight, context) for context, weight in ballot.items())[1]


def linked(table: Table) -> str:
    """The table that one without a model of its own is about: of those that it links the one whose name comes
    first in its own, else the first; empty where it is not of that kind."""
    ends = [key.table for key in table.foreign_keys]
    if table.model is not None or len(ends) < LINKED:
        return ""

    def place(end: str) -> int:
        found = table.name.find(last(end).removesuffix("s"))
        return found if found >= 0 else len(table.name)

    return min(ends, key=place)


def _declared(system: System, context_of: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """table -> the context whose module declares it; the same of those with migrations beside the model."""
    migrated = _apps_with_migrations(system)
    module_at = {module.path: module.name for module in system.modules}
    homes = Homes(system, context_of)
    declared: dict[str, str] = {}
    at_home: dict[str, str] = {}
    for table in system.tables:
        module = homes(table.model) or module_at.get(table.path)
        if module is not None and module in context_of:
            declared[table.name] = context_of[module]
            if not migrated.isdisjoint(ancestors(module)):
                at_home[table.name] = context_of[module]
    return declared, at_home


def _accesses(system: System, context_of: Mapping[str, str]) -> Iterable[Access]:
    """The accesses that vote: one for each function, table and operation."""
    seen: set[tuple[str, str, str | None, str]] = set()
    known = {table.name for table in system.tables}
    known |= {access.table for access in system.accesses if access.ties and access.module in context_of}
    for access in system.accesses:
        key = (access.table, access.module, access.function, access.operation)
        asks = access.ties or (access.table not in known and not access.for_callers)
        if access.module in context_of and asks and key not in seen:
            seen.add(key)
            yield access


def written_alone(accesses: Iterable[Access], context_of: Mapping[str, _Part]) -> dict[str, _Part]:
    """Table -> the context that alone writes it, of those for which that is half of all that they write, two
    tables at least."""
    writers: dict[str, set[_Part]] = defaultdict(set)
    for access in accesses:
        if access.operation == "write" and access.via not in ALONG and access.module in context_of:
            writers[access.table].add(context_of[access.module])
    written = Counter(context for found in writers.values() for context in found)
    alone = {table: next(iter(found)) for table, found in writers.items() if len(found) == 1}
    own = Counter(alone.values())
    return {
        table: context
        for table, context in alone.items()
        if own[context] >= max(SEVERAL, MOST * written[context])
    }


def _broad(
    accesses: Iterable[Access], context_of: Mapping[str, str], declared: Mapping[str, str]
) -> dict[str, int]:
    """Context -> others with tables in which it writes, of those that write in many."""
    reach: dict[str, set[str]] = defaultdict(set)
    for access in accesses:
        context, home = context_of[access.module], declared.get(access.table)
        if access.operation == "write" and access.via not in ALONG and home not in (None, context):
            reach[context].add(home)
    return {context: len(found) for context, found in reach.items() if len(found) >= BROAD}


def _keeps_users(system: System, context_of: Mapping[str, str], never: frozenset[str]) -> str | None:
    """The context with most modules in a package for users that declares a table."""
    homes = Homes(system, context_of)
    declaring = {where for table in system.tables if (where := homes(table.model)) is not None}
    kept = {
        package
        for where in declaring
        for package in ancestors(parent(where))
        if not USERS.isdisjoint(words.split(last(package))[-1:])
    }
    told = Counter(
        context
        for module, context in context_of.items()
        if context not in never and not kept.isdisjoint(ancestors(module))
    )
    return min(told, key=lambda context: (-told[context], context), default=None)


def _apps_with_migrations(system: System) -> frozenset[str]:
    """Packages with migrations of their own (``shop.orders`` of ``shop.orders.migrations.0001_initial``);
    none where one place has those of all."""
    folders = {parent(module.name) for module in system.modules if module.role == "migration"}
    found = frozenset(parent(folder) for folder in folders if last(folder) == "migrations") - {""}
    return found if len(found) > 1 else frozenset()
