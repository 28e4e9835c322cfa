"""What was noted of tables as rows of the model: accesses, how sure they are, and transactions."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from strangler.analyzers.python.entries import Effect, Location, Target
from strangler.analyzers.python.interpreter import Interpreter
from strangler.analyzers.python.values import Class
from strangler.analyzers.schema import Schema, database_of, table_of
from strangler.model import Access, Transaction
from strangler.model.lookup import DEFAULT_SCHEMAS, RANKS
from strangler.model.system import ALONG


def data_access(interp: Interpreter) -> tuple[tuple[Access, ...], tuple[Transaction, ...]]:
    """The noted accesses by table name, the surest of equal ones; and the transactions around them."""
    best: dict[tuple[Any, ...], tuple[int, bool, str, str]] = {}
    depends = _depends_on_callers(interp)
    of_rows = _of_rows(interp)
    regions: dict[tuple[Any, ...], tuple[set[str], set[str], set[str]]] = {}
    databases: dict[tuple[Any, ...], str] = {}
    ends: dict[tuple[Any, ...], int] = {}
    ways: dict[tuple[Any, ...], tuple[str, ...]] = {}
    for_callers: set[tuple[Any, ...]] = set()
    named: dict[tuple[Any, ...], str] = {}
    spelled = _one_name_each(interp)
    for (module, function, line), target, operation, via, certainty, database in interp.log.accesses:
        table = _spelled(target, spelled)
        effect = Effect(target, operation, database)
        if certainty == "certain" and effect in depends.get((module, function), ()):
            certainty = "inferred"
        key = (module, function, line, table, operation)
        if database:
            named[key] = database
        way = interp.log.ways.get((Location(module, function, line), effect))
        if way is not None:
            ways[key] = way
        if function is not None and (
            effect in interp.log.handed.get((module, function), ())
            or effect in interp.log.told.get((module, function), ())
            or table in of_rows.get((module, function.rpartition(".")[0]), ())
        ):
            for_callers.add(key)
        rank = (RANKS[certainty], via in ALONG, via, certainty)
        if key not in best or rank < best[key]:
            best[key] = rank
    for region, effects in interp.log.transactions.items():
        place = (region.module, region.function, region.line)
        ends[place] = max(region.end_line, ends.get(place, 0))
        databases[place] = region.database
        written, read, elsewhere = regions.setdefault(place, (set(), set(), set()))
        for target, operation, database in effects:
            if _same(region.database, database or database_of(target)):
                (written if operation == "write" else read).add(_spelled(target, spelled))
            elif operation == "write":
                elsewhere.add(_spelled(target, spelled))
    accesses = [
        Access(
            module=module,
            function=function,
            line=line,
            table=table,
            operation=operation,
            via=via,
            certainty=certainty,  # type: ignore[arg-type]
            through=ways.get((module, function, line, table, operation), ())
            if via in ("argument", "method")
            else (),
            for_callers=(module, function, line, table, operation) in for_callers,
            database=named.get((module, function, line, table, operation), ""),
        )
        for (module, function, line, table, operation), (_, _, via, certainty) in best.items()
    ]
    transactions = [
        Transaction(
            module=module,
            function=function,
            line=line,
            tables_written=tuple(sorted(written)),
            tables_read=tuple(sorted(read)),
            end_line=ends[module, function, line],
            database=databases[module, function, line],
            written_elsewhere=tuple(sorted(elsewhere - written)),
        )
        for (module, function, line), (written, read, elsewhere) in regions.items()
    ]
    accesses.sort(key=lambda a: (a.module, a.line, a.table, a.operation, a.function or ""))
    transactions.sort(key=lambda t: (t.module, t.line, t.function or ""))
    return tuple(accesses), tuple(transactions)


def _spelled(target: Target, spelled: dict[str, str]) -> str:
    table = table_of(target)
    return spelled.get(table, table)


def _one_name_each(interp: Interpreter) -> dict[str, str]:
    """Names of tables that no model declares, as SQL spells them -> the one that each is listed under.

    ``public.notes`` is ``notes``, where both are written; ``notes`` is ``crm.notes``, where both are, models
    live in that schema, and no model's table has a bare name: that is where the database looks for it.
    """
    declared = interp.state(Schema).by_table
    schemas = {name.rpartition(".")[0] for name in declared}
    alike: dict[str, dict[str, str]] = defaultdict(dict)
    for name in {table_of(target) for _, target, *_ in interp.log.accesses}.difference(declared):
        schema, _, last = name.rpartition(".")
        alike[last][schema] = name
    found: dict[str, str] = {}
    for last, names in alike.items():
        living = [name for schema, name in names.items() if schema in schemas.difference(DEFAULT_SCHEMAS)]
        by_default = {name: last for schema, name in names.items() if schema in DEFAULT_SCHEMAS}
        if last in names.values():
            found |= by_default
            if len(living) == 1 and not by_default and "" not in schemas:
                found[last] = living[0]
    return found


def _of_rows(interp: Interpreter) -> dict[tuple[str, str], set[str]]:
    """(module, class) -> the tables of the models below it, of a class without one above those of several
    packages: in its methods whoever has the row tells which (``TimeStamped.save``)."""
    below: dict[Class, dict[str, str]] = defaultdict(dict)
    by_class = interp.state(Schema).by_class
    for cls, entity in by_class.items():
        for parent in cls.mro()[1:]:
            if parent not in by_class:
                below[parent][entity.table] = cls.module.name.rpartition(".")[0]
    return {
        (cls.module.name, cls.qualname): set(tables)
        for cls, tables in below.items()
        if len(set(tables.values())) > 1
    }


DEFAULT_DATABASE = "default"
"""Of Django, and of whatever has one alone."""


def _same(one: str, other: str) -> bool:
    """Whether two names may be those of one database."""
    return "?" in (one, other) or (one or DEFAULT_DATABASE) == (other or DEFAULT_DATABASE)


def _depends_on_callers(interp: Interpreter) -> dict[tuple[str, str | None], set[Effect]]:
    """(module, function) -> what it touches for some of its callers only."""
    found: dict[tuple[str, str | None], set[Effect]] = {}
    for function in interp.program.functions:
        runs = [effects for key, effects in function.effects.items() if key != "general"]
        if len(runs) > 1:
            always = set.intersection(*runs)
            sometimes = set.union(*runs) - always
            if sometimes:
                found[function.module.name, function.qualname] = sometimes
    return found
