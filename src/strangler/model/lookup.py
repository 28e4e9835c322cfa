"""Questions about rows that several stages ask, answered in one place.

Names are taken apart here and nowhere else after the analysis: a fact has one name, as the linking gave it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator

from strangler.model.base import Certainty
from strangler.model.document import Model
from strangler.model.history import Activity
from strangler.model.owners import ContextTeams
from strangler.model.system import ALONG, References, Role, System

PRODUCTION: frozenset[Role] = frozenset({"code", "settings", "entry_point"})
"""Roles of the modules that contexts are made of and that a plan moves and counts."""
UNREAD: frozenset[Role] = frozenset({"test", "migration", "vendored"})
"""Roles of files that are not interpreted: their lines are counted and their imports read, no more."""
CERTAINTIES: tuple[Certainty, ...] = ("certain", "inferred", "possible")
"""From the surest to the least sure."""
TABLE = "table:"
"""Stands before the name of a table where modules are named too."""
DEFAULT_SCHEMAS = frozenset({"public", "main", "dbo"})
"""Where databases look for a table that is named without a schema."""
RANKS: dict[Certainty, int] = {certainty: rank for rank, certainty in enumerate(CERTAINTIES)}


def weakest(*certainties: Certainty) -> Certainty:
    """The least sure of several: what rests on all of them is no surer."""
    return max(certainties, key=RANKS.__getitem__)


def resolved_share(references: Iterable[References]) -> float | None:
    """Resolved references of all kinds over all references; None where there are none."""
    counts = [(item.resolved, item.unresolved) for item in references]
    total = sum(resolved + unresolved for resolved, unresolved in counts)
    return sum(resolved for resolved, _ in counts) / total if total else None


def production_modules(system: System) -> frozenset[str]:
    """The modules that run in production."""
    return frozenset(module.name for module in system.modules if module.role in PRODUCTION)


def unread_files(system: System) -> frozenset[str]:
    """Files of which nothing could be read: each has a diagnostic that is an error."""
    return frozenset(item.file for item in system.diagnostics if item.severity == "error")


def all_tables(system: System) -> tuple[str, ...]:
    """The tables that the code declares or touches, those of libraries and of raw SQL among them; sorted."""
    touched = {access.table for access in system.accesses}
    return tuple(sorted(touched.union(table.name for table in system.tables)))


def tables_read(model: Model) -> bool:
    """Whether any table is known: where none is, that a part has none says nothing of it."""
    return any(context.tables for context in model.contexts) or bool(all_tables(model.system))


def library_tables(system: System) -> frozenset[str]:
    """Tables that no file of the tree declares and that not only SQL text names: those of libraries."""
    declared = {table.name for table in system.tables}
    return frozenset(a.table for a in system.accesses if a.via != "sql" and a.table not in declared)


def along_only(system: System) -> defaultdict[tuple[str, str | None], set[str]]:
    """(module, function) -> tables that it writes only along with rows that it deletes."""
    along: dict[tuple[str, str | None], set[str]] = defaultdict(set)
    asked: dict[tuple[str, str | None], set[str]] = defaultdict(set)
    for access in system.accesses:
        if access.operation == "write":
            (along if access.via in ALONG else asked)[access.module, access.function].add(access.table)
    return defaultdict(set, {place: tables - asked[place] for place, tables in along.items()})


def parent(dotted: str) -> str:
    """A dotted name without its last part: the package of a module, the class of a method; or nothing."""
    return dotted.rpartition(".")[0]


def last(dotted: str) -> str:
    """The last part of a dotted name."""
    return dotted.rpartition(".")[2]


def ancestors(dotted: str) -> Iterator[str]:
    """A dotted name and all that it lies in, the nearest first: ``a.b.c``, ``a.b``, ``a``."""
    while dotted:
        yield dotted
        dotted = parent(dotted)


def home(dotted: str, modules: Container[str]) -> str | None:
    """The module in which a dotted name lies: its longest prefix that is one, None for names of others.

    ``package.module:name``, as entry points are written, is read as ``package.module.name``.
    """
    return next((name for name in ancestors(dotted.replace(":", ".")) if name in modules), None)


class Homes:
    """Where dotted names lie: looked up among *all* modules of a system, answered for some of them.

    Asked among some alone, a name in a module that is left out (a model of a test) would be placed with the
    package around it.
    """

    def __init__(self, system: System, among: Container[str] | None = None) -> None:
        """Look names up in ``system``; ``among`` holds the modules to answer with, None for all."""
        self._every = frozenset(module.name for module in system.modules)
        self._among = self._every if among is None else among

    def __call__(self, dotted: str | None) -> str | None:
        """The module in which a name lies; None for names of others, of what is left out, and for none."""
        found = home(dotted or "", self._every)
        return found if found is not None and found in self._among else None


def member(dotted: str, modules: Container[str]) -> tuple[str, str]:
    """(module, qualified name inside it) of a dotted name; ``("", dotted)`` for names of others."""
    module = home(dotted, modules)
    return (module, dotted.replace(":", ".")[len(module) + 1 :]) if module else ("", dotted)


def teams_of(activity: Activity, context: str) -> ContextTeams | None:
    """Who owns and who changes a context; None in a model that does not say."""
    return next((row for row in activity.teams if row.context == context), None)
