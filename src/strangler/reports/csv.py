"""Tables for spreadsheets and scripts, one file each, UTF-8 with a header line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from strangler.contexts.ranking import Candidate
from strangler.model import Model, Module, Table
from strangler.reports.index import Index
from strangler.reports.options import ReportOptions
from strangler.reports.quoting import csv_cell
from strangler.reports.verdict import verdict

Item = TypeVar("Item")


def files(model: Model, options: ReportOptions) -> dict[str, bytes]:
    """Contexts (best extraction first), modules, tables, crossings with evidence, endpoints, changes."""
    index = Index(model)
    judged = verdict(model, index)
    return {
        "contexts.csv": _contexts(judged.candidates),
        "modules.csv": _modules(model, index),
        "tables.csv": _tables(model, index),
        "crossings.csv": _crossings(model),
        "endpoints.csv": _endpoints(model, index),
        "changes.csv": _changes(model),
    }


def _sheet(columns: Mapping[str, Callable[[Item], object]], items: Iterable[Item]) -> bytes:
    """One line for each item, one column for each function of it."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([csv_cell(value(item)) for value in columns.values()] for item in items)
    return buffer.getvalue().encode()


def _contexts(candidates: Iterable[Candidate]) -> bytes:
    return _sheet(
        {
            "context": lambda c: c.context,
            "modules": lambda c: c.modules,
            "tables": lambda c: c.tables,
            "entry_points": lambda c: c.entries,
            "crossings": lambda c: c.crossings,
            "places": lambda c: c.all_places,
            "places_to_cut": lambda c: c.places,
            "places_per_module": lambda c: round(c.density, 3),
            "data_ties": lambda c: c.knots,
            "transactions": lambda c: c.transactions,
            "foreign_writes": lambda c: c.shared_writes,
            "foreign_keys": lambda c: c.foreign_keys,
            "changes_alone": lambda c: c.independence,
            "confidence": lambda c: c.confidence,
            "not_a_candidate": lambda c: c.excluded,
        },
        candidates,
    )


def _modules(model: Model, index: Index) -> bytes:
    members = {member.module: member for context in model.contexts for member in context.members}

    def member(module: Module, field: str) -> object:
        return getattr(members.get(module.name), field, "")

    return _sheet(
        {
            "module": lambda m: m.name,
            "path": lambda m: m.path,
            "lines": lambda m: m.lines,
            "role": lambda m: m.role,
            "context": lambda m: index.context_of.get(m.name, ""),
            "confidence": lambda m: member(m, "confidence"),
            "alternative": lambda m: member(m, "alternative"),
        },
        model.modules,
    )


def _tables(model: Model, index: Index) -> bytes:
    def count(table: Table, operation: str) -> str:
        return "; ".join(f"{c} {n}" for c, n in sorted(index.accessors(table.name, operation).items()))

    return _sheet(
        {
            "table": lambda t: t.name,
            "model": lambda t: t.model,
            "file": lambda t: t.path,
            "line": lambda t: t.line,
            "owner": lambda t: index.owner_of.get(t.name, ""),
            "writes_by_context": lambda t: count(t, "write"),
            "reads_by_context": lambda t: count(t, "read"),
            "foreign_keys": lambda t: "; ".join(f"{k.column} -> {k.table}" for k in t.foreign_keys),
        },
        model.tables,
    )


def _crossings(model: Model) -> bytes:
    places = [(crossing, place) for crossing in model.crossings for place in crossing.evidence]
    return _sheet(
        {
            "from": lambda row: row[0].source,
            "to": lambda row: row[0].target,
            "kind": lambda row: row[0].kind,
            "subject": lambda row: row[0].subject,
            "count": lambda row: row[0].count,
            "file": lambda row: row[1].file,
            "line": lambda row: row[1].line,
            "symbol": lambda row: row[1].symbol,
            "certainty": lambda row: row[1].certainty,
            "how": lambda row: row[1].how,
            "id": lambda row: row[0].id,
        },
        places,
    )


def _endpoints(model: Model, index: Index) -> bytes:
    return _sheet(
        {
            "path": lambda e: e.path,
            "methods": lambda e: " ".join(e.methods or ()),
            "handler": lambda e: e.handler,
            "context": lambda e: index.context_of_handler(e.handler),
            "framework": lambda e: e.framework,
            "file": lambda e: e.file,
            "line": lambda e: e.line,
        },
        model.endpoints,
    )


def _changes(model: Model) -> bytes:
    return _sheet(
        {
            "a": lambda p: p.a,
            "b": lambda p: p.b,
            "support": lambda p: p.support,
            "confidence": lambda p: p.confidence,
            "lift": lambda p: p.lift,
        },
        model.changes.pairs,
    )
