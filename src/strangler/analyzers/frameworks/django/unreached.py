"""What no root URLconf leads to: tables that code chooses at run time, and those that nothing includes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.frameworks.django.notes import Notes
from strangler.analyzers.frameworks.django.prefixes import once
from strangler.analyzers.frameworks.django.routers import RouterUrls
from strangler.analyzers.frameworks.django.tables import more_tables, root_tables
from strangler.analyzers.frameworks.django.url_rows import Table, row_of
from strangler.analyzers.frameworks.django.urlconf import Include, LocalePrefix
from strangler.analyzers.frameworks.django.urls import Collector
from strangler.analyzers.frameworks.django.views import dotted
from strangler.analyzers.plugin import Function, Object, Sequence, served
from strangler.model import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from strangler.analyzers.frameworks.django.settings import Settings
    from strangler.analyzers.plugin import Interpreter

MOST_UNREACHED = 200
"""Entries of a URL table that nothing includes, each said."""


_KINDS = (Object, RouterUrls, LocalePrefix)
_Entry = Object | RouterUrls | LocalePrefix


def finish(collector: Collector, settings: Settings) -> Table:
    """The URLconfs that code chooses at run time, and those that nothing reaches."""
    interp = collector.interp
    walked = {table.module for table in root_tables(interp, settings)}
    for table in more_tables(interp):
        if table.module not in walked:
            walked.add(table.module)
            collector.walk(table, settings)
    found = collector.table
    found.diagnostics += _unreached(collector, walked)
    found.diagnostics += _late(interp)
    found.endpoints = once(found.endpoints, lambda row: collector.suffixed.get(row_of(row)))
    return found


def _late(interp: Interpreter) -> Iterable[Diagnostic]:
    """Entries that code makes after the start alone: where it adds them, and for whom, is not known."""
    for (file, line), at_start in interp.state(Notes).entries.items():
        if not at_start:
            message = "an entry of a URL table is made here once the application runs: it is not listed"
            yield Diagnostic(file=file, line=line, code="unreached-urls", severity="note", message=message)


def _with_inner(entries: list[_Entry]) -> list[_Entry]:
    """Entries, with those of the lists that they include in their places."""
    found: list[_Entry] = []
    for entry in entries:
        view = entry.arg(1, "view") if isinstance(entry, Object) and entry.args is not None else None
        inner = view.source if isinstance(view, Include) else view
        below = [one for one in inner.items if isinstance(one, _KINDS)] if isinstance(inner, Sequence) else []
        found += _with_inner(below) if below and len(found) < MOST_UNREACHED else [entry]
    return found


def _unreached(collector: Collector, walked: set[str]) -> Iterable[Diagnostic]:
    """URL tables of first-party modules no entry of which was walked."""
    if not walked:
        return
    for name, scope in sorted(collector.interp.program.scopes.items()):
        table = scope.env.get("urlpatterns")
        if not isinstance(table, Sequence) or name in walked or id(table) in collector.seen:
            continue
        entries = [item for item in table.items if isinstance(item, _KINDS)]
        if any(id(item) in collector.seen for item in entries):
            continue
        for item in _with_inner(entries)[:MOST_UNREACHED]:
            view = item.arg(1, "view") if isinstance(item, Object) and item.args is not None else None
            handler = served(collector.interp, view) if view is not None else None
            what = (dotted(handler) if handler is not None else None) or "an entry"
            if isinstance(handler, Function):
                handler.called = True  # by this entry: it is not told a second time as a view without a route
            yield Diagnostic(
                file=scope.facts.path,
                line=item.line if isinstance(item, Object) and item.module == name else 1,
                code="unreached-urls",
                severity="note",
                message=f"no URLconf that is understood includes {name}: {what} is not listed",
            )
