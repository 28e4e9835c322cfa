"""The section of ``SERVICE.md`` on the service's own database."""

from __future__ import annotations

from collections.abc import Iterator

from strangler.extraction.rows import SHOWN, rows
from strangler.extraction.values import Database, Service
from strangler.text import code, listed, located, plural, prose


def database_section(service: Service) -> Iterator[str]:
    """The section: each table with what becomes of it, credentials, foreign keys, and writes of others'."""
    database = service.database
    if not database.of("own"):
        yield "## Its own database"
        yield ""
        if database.known:
            yield f"{code(service.context)} owns no table: there is nothing to move."
        else:
            yield "No table of the monolith was read: find what data it owns, and move that here."
        yield ""
        return
    yield f"## Its own database: {plural(len(database.tables), 'table')}"
    yield ""
    yield (
        "`data/README.md` moves it there, command by command, and back. **own** moves; **replica** is a "
        "read-only copy of another owner's rows, fed by a stream; **local** is a log that the service only "
        "appends to, in a table of its own whose lines stay here."
    )
    yield ""
    yield "| table | as | owner | why | where |"
    yield "|---|---|---|---|---|"
    order = {"own": 0, "replica": 1, "local": 2}
    for table in sorted(database.tables, key=lambda table: order[table.store])[:SHOWN]:
        where = code(located(table.place)) if table.place else ""
        owner = code(table.owner) if table.owner else ""
        yield f"| {code(table.name)} | {table.store} | {owner} | {prose(table.because)} | {where} |"
    if database.tables[SHOWN:]:
        yield f"| {len(database.tables) - SHOWN:,} more in `service.json` | | | | |"
    yield ""
    yield from _credentials(database)
    yield from _keys(database)
    written = [(table.name, place) for table in database.of("replica") for place in table.written]
    if written:
        told = {(item.table, place) for item in database.tells("service") for place in item.changes}
        yield f"### What it writes of others: {plural(len(written), 'place')}"
        yield ""
        yield (
            "The service's code writes tables of others here. On its own database a change of a row that is "
            "there, or its delete, is told to the owner (`data/README.md`); a new row fails: it needs a seam "
            "to the owner, or an event, unless no request that moves comes there."
        )
        yield ""
        yield from _refused(database)
        yield from rows(
            [
                f"{code(name)} at {code(located(place))}: "
                + ("told" if (name, place) in told else "fails where it makes a row")
                for name, place in written
            ]
        )
    if database.notes:
        yield from rows([prose(note) for note in database.notes])


def _refused(database: Database) -> Iterator[str]:
    """Of these places, those that something comes to that is asked for."""
    if not database.refused:
        yield "No request, task or command of the context was seen to come to one that fails."
        yield ""
        return
    yield "Of those that may fail, by all that its code calls, what is asked for comes to:"
    yield ""
    yield from rows(
        [
            f"{code(item.table)} at {code(located(item.place))}: {listed(map(code, item.asked), 4)}, by "
            f"{listed(map(code, item.by), 3)}"
            for item in database.refused
        ]
    )
    yield "All of them:"
    yield ""


def _credentials(database: Database) -> Iterator[str]:
    left_out = [f"{code(f'{table.name}.{column}')}" for table in database.tables for column in table.left_out]
    if left_out:
        yield f"Credentials that stay with their owner: {', '.join(left_out)}."
        yield ""
    for table in database.tables:
        for column, place in table.kept:
            where = code(located(place).removeprefix(":0 "))
            name = code(f"{table.name}.{column}")
            yield f"{name} looks like a credential and is copied, since {where} asks for it."
            yield ""


def _keys(database: Database) -> Iterator[str]:
    if not database.keys:
        return
    yield f"### Foreign keys that become plain columns: {len(database.keys):,}"
    yield ""
    yield (
        "Name, type and index stay; the database no longer checks that the other row is there. "
        "`data/deletes-*.sql` carry a delete on to the other side, as it is said here."
    )
    yield ""
    yield "| column | refers to | on delete | on the other side | declared |"
    yield "|---|---|---|---|---|"
    told = {"delete": "goes too", "clear": "is emptied", "refuse": "forbids it", "restrict": "forbids it"}
    carried = {(rule.table, rule.column): told[rule.does] for rule in database.deletes}
    for key in database.keys[:SHOWN]:
        where = code(located(key.place))
        does = carried.get((key.table, key.column), "by hand")
        column = code(f"{key.table}.{key.column}")
        yield f"| {column} | {code(key.references)} | {prose(key.on_delete)} | {does} | {where} |"
    if database.keys[SHOWN:]:
        yield f"| {len(database.keys) - SHOWN:,} more in `service.json` | | | | |"
    yield ""
