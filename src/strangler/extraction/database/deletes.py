"""What a delete does over the boundary: which rules of foreign keys each of the two databases has to keep.

Where a row is deleted in the database that writes it, the stream carries that delete alone; what refers to
it on the other side has to follow there, by the rule that the code declares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from strangler.extraction.values import DeleteRule, Deletes, Side
from strangler.model import Evidence, ForeignKey, Model, Table
from strangler.model.lookup import last
from strangler.text import located

_DOES: dict[str, Deletes] = {
    "cascade": "delete",
    "set_null": "clear",
    "protect": "refuse",
    "no_action": "refuse",
    "restrict": "restrict",
}
"""By the rule that the code declares."""


def does(key: ForeignKey, table: Table, referred: Table) -> Deletes | None:
    """What a delete of the row that a key names does; None where it cannot be told or done by SQL alone."""
    if not _named(key, referred):
        return None
    if key.on_delete is None:
        return None if table.framework == "django" else "refuse"
    return _DOES.get(last(key.on_delete.lower()).replace(" ", "_").removeprefix("db_"))


def rules(tables: Iterable[Table], side: Side, copies: frozenset[str]) -> Iterator[DeleteRule]:
    """The rules that one database has to keep by itself.

    Args:
        tables: that it has.
        side: the database.
        copies: the tables of it that the other side writes.
    """
    known = {table.name: table for table in tables}
    found = []
    for table, key in _keys(known):
        if (action := does(key, table, known[key.table])) is not None:
            found.append(
                DeleteRule(
                    side=side,
                    references=key.table,
                    table=table.name,
                    column=key.column,
                    to=_named(key, known[key.table]),
                    does=action,
                    place=_place(table, key),
                )
            )
    reached = {rule.references for rule in found if (rule.table in copies) != (rule.references in copies)}
    size = -1
    while size != len(reached):
        size = len(reached)
        reached |= {rule.table for rule in found if rule.references in reached and rule.does == "delete"}
    for rule in found:
        if rule.references in reached:
            yield rule


def untold(tables: Iterable[Table], own: frozenset[str]) -> Iterator[str]:
    """Foreign keys over the boundary whose rule is kept by nobody."""
    known = {table.name: table for table in tables}
    for table, key in _keys(known):
        if (table.name in own) == (key.table in own) or does(key, table, known[key.table]) is not None:
            continue
        rule = key.on_delete or "no rule"
        yield (
            f"{located(_place(table, key))}: {table.name}.{key.column} has {rule} for the delete of a row of "
            f"{key.table}, which no file here does on the other side: see to these rows by hand"
        )


def unheard(model: Model, found: Iterable[DeleteRule]) -> Iterator[str]:
    """Receivers that do not hear of rows that follow a delete."""
    follow = {rule.table for rule in found if rule.does == "delete"}
    for row in sorted(model.signals, key=lambda row: (row.table, row.receiver)):
        if row.table in follow and row.change == "deleted":
            yield (
                f"{row.receiver} hears {last(row.signal)} of {row.table}, and not of rows that go "
                "since a row of the other side has gone: the database deletes these"
            )


def _keys(known: dict[str, Table]) -> Iterator[tuple[Table, ForeignKey]]:
    for _, table in sorted(known.items()):
        for key in table.foreign_keys:
            if key.table in known:
                yield table, key


def _named(key: ForeignKey, referred: Table) -> str:
    """The column by which a key names one row of a table; empty where no single one is known."""
    keys = [column.name for column in referred.columns if column.primary_key]
    return (key.to or keys[0]) if len(keys) == 1 else ""


def _place(table: Table, key: ForeignKey) -> Evidence:
    return Evidence(file=table.path, line=key.line or table.line, symbol=table.model or "")
