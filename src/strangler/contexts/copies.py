"""Tables that keep the past of another: copies of its rows, which libraries and triggers write with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from strangler.contexts import words
from strangler.model import System, Table
from strangler.model.lookup import last

BEFORE = frozenset(words.split("archive_archived_audit_historical_history_old_past_previous"))
"""Words that the name of a copy begins with,"""
AFTER = BEFORE.union(words.split("aud_event_log_revision_shadow_snapshot_version"))
"""and ends with."""
MOST = 2 / 3
"""Share of the columns of a table over which they recur in a copy."""
LEAST = 2
"""Columns of a table of which there can be one."""


def find(system: System) -> dict[str, str]:
    """Table -> the one whose past it keeps: it is called after that one, with a word for the past, and most
    columns of that one recur in it. Neither says it alone: a log of calls is no copy of the calls."""
    columns = {table.name: _columns(table) for table in system.tables}
    called: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for table in system.tables:
        for name in ((table.name,), *_names(table)):
            called[name].add(table.name)
    found = {}
    for table in system.tables:
        of = {other for name in _originals(table) for other in called.get(name, ())} - {table.name}
        shares = [
            (-len(columns[table.name] & columns[other]) / len(columns[other]), other)
            for other in of
            if len(columns[other]) >= LEAST
        ]
        if shares and -min(shares)[0] > MOST:
            found[table.name] = min(shares)[1]
    return found


def _names(table: Table) -> set[tuple[str, ...]]:
    """The words of its class and of its own name."""
    return {words.split(last(table.model or table.name)), words.split(table.name)}


def _originals(table: Table) -> Iterator[tuple[str, ...]]:
    """What the table may be called whose past it keeps; as it is spelled, too (``tagsevent`` of ``tags``)."""
    for name in _names(table):
        if name[-1:] and name[-1] in AFTER:
            yield name[:-1]
        if name[:1] and name[0] in BEFORE:
            yield name[1:]
    for word in AFTER:
        if table.name.endswith(word):
            yield (table.name.removesuffix(word).rstrip("_"),)


def _columns(table: Table) -> frozenset[str]:
    return frozenset(column.name.removesuffix("_id") for column in table.columns)
