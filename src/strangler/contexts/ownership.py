"""Which context owns a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from strangler.contexts import words
from strangler.model import System
from strangler.model.lookup import Homes, ancestors, last, library_tables, parent

DECLARES, WRITES, READS = 3.0, 1.0, 0.1
NAMED = 1.0


def owners(
    system: System,
    context_of: Mapping[str, str],
    pinned: Mapping[str, str] | None = None,
    never: frozenset[str] = frozenset(),
    platforms: frozenset[str] = frozenset(),
) -> dict[str, str]:
    """table -> context, for every table that some module of a context declares or touches.

    Where packages keep migrations of their own, as apps of Django do, it is the declaring module's: whoever
    writes the rows, the table can only be changed there. Else the declaring module counts 3, each writing
    function 1, each function that reads or whose deletion cascades there 0.1, a context that carries a word
    of the table's name 1; so a table that is declared in one place and written all over another goes to the
    writers.

    Args:
        context_of: module -> context.
        pinned: tables that the user gave to a context.
        never: contexts that own only what no other touches: commands that fill tables, and where all is put
            together.
        platforms: contexts that are one: where there is any, the tables of libraries (``auth_user``,
            ``django_session``) are theirs, whoever touches them most.
    """
    votes: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    migrated = _apps_with_migrations(system)
    at_home: dict[str, str] = {}
    module_at = {module.path: module.name for module in system.modules}
    homes = Homes(system, context_of)
    for table in system.tables:
        module = homes(table.model) or module_at.get(table.path)
        if module is not None and module in context_of:
            votes[table.name][context_of[module]] += DECLARES
            if not migrated.isdisjoint(ancestors(module)):
                at_home[table.name] = context_of[module]
    seen: set[tuple[str, str, str | None, str]] = set()
    for access in system.accesses:
        key = (access.table, access.module, access.function, access.operation)
        if access.module not in context_of or access.for_callers or key in seen:
            continue
        seen.add(key)
        weight = READS if access.operation == "read" or access.via == "cascade" else WRITES
        votes[access.table][context_of[access.module]] += weight
    named = {context: set(words.split(context)) for context in set(context_of.values())}
    there = platforms & named.keys()
    of_libraries = library_tables(system) if there else frozenset()
    result = {}
    for name, ballot in votes.items():
        own = set(words.split(name))
        for context in ballot:
            if own & named[context]:
                ballot[context] += NAMED
        business = {context: weight for context, weight in ballot.items() if context not in never}
        ballot = business or ballot
        if name in of_libraries:
            ballot = {context: ballot.get(context, 0.0) for context in there}
        result[name] = min((-weight, context) for context, weight in ballot.items())[1]
        if at_home.get(name) in ballot:
            result[name] = at_home[name]
    result.update(pinned or {})
    return dict(sorted(result.items()))


def _apps_with_migrations(system: System) -> frozenset[str]:
    """Packages with migrations of their own (``shop.orders`` of ``shop.orders.migrations.0001_initial``);
    none where one place has those of all."""
    folders = {parent(module.name) for module in system.modules if module.role == "migration"}
    found = frozenset(parent(folder) for folder in folders if last(folder) == "migrations") - {""}
    return found if len(found) > 1 else frozenset()
