"""``data/README.md``: in which order the files are used; its commands are run as they stand."""

# ruff: noqa: E501

from __future__ import annotations

import shlex
from collections.abc import Iterator

from strangler.extraction.database.sql import table
from strangler.extraction.database.telling import stream
from strangler.extraction.rows import SHOWN, rows
from strangler.extraction.values import OTHER, SIDES, Service, Side
from strangler.plans.data_stage.tables import slug
from strangler.text import code, located, plural, prose


def guide(service: Service) -> str:
    """The whole page."""
    sections = (_head, _settings, _schema, _copy, _cut_over, _back, _end, _clean_up, _limits)
    return "\n".join(line for section in sections for line in (*section(service), "")).rstrip() + "\n"


def _sh(*commands: str) -> Iterator[str]:
    """A block of commands, of which each runs only where the ones before it succeeded."""
    yield "```sh"
    yield " &&\n".join(commands)
    yield "```"


def _head(service: Service) -> Iterator[str]:
    database = service.database
    yield f"# The database of {code(service.context)}"
    yield ""
    yield (
        f"{plural(len(database.of('own')), 'table')} move into a database of the service's own, "
        f"{plural(len(database.of('replica')), 'table')} of others come along as read-only copies. PostgreSQL's own "
        "logical replication carries the rows: while the monolith goes on writing, forward until the cut-over and "
        "back after it, so that there is a way back. Nothing else is installed. Which tables, and why: `../SERVICE.md`."
    )
    yield ""
    yield "Each block is pasted as it stands, in the folder that holds `data` and `service`; each stops at its first error. Practise all of it, the way back included, on restored copies first."


def _settings(service: Service) -> Iterator[str]:
    name = slug(service.context)
    yield "## What is needed"
    yield ""
    uses = plural(1 + bool(service.database.of("replica")), "stream")
    yield f"PostgreSQL 15 or later on both sides, `wal_level = logical` and `max_slot_wal_keep_size` set on both: a slot that nobody reads is then given up before it fills the disk, and the copy is begun again. `wal_receiver_status_interval = 1s` keeps the waiting short. Room for the streams, which all contexts share: in the monolith's server a slot (`max_replication_slots`) and a sender (`max_wal_senders`) for each of {uses} that it sends and for the copying, in the service's a worker (`max_logical_replication_workers`, 4 unless set) and an origin (`max_replication_slots`) for each and one to copy with, within `max_worker_processes`; after the cut-over one more each way. `subscribe.sql` stops where that is too little. An empty database for the service, and a role that it logs in as, which is neither a superuser nor the one that makes the tables. `MONOLITH_DB` and `SERVICE_DB` are connections of an administrator (subscriptions need a superuser); `MONOLITH_LINK` and `SERVICE_LINK` say how the database servers reach one another."
    yield ""
    yield "```sh"
    yield "export MONOLITH_DB=postgresql://postgres@127.0.0.1:5432/monolith"
    yield f"export SERVICE_DB=postgresql://postgres@127.0.0.1:5433/{name}"
    yield "export MONOLITH_LINK='host=127.0.0.1 port=5432 dbname=monolith'"
    yield f"export SERVICE_LINK='host=127.0.0.1 port=5433 dbname={name}'"
    yield f"export SERVICE_ROLE={name}_service"
    yield 'export COPY_PASSWORD="$(openssl rand -hex 24)"'
    yield "```"
    yield ""
    yield "```sh"
    yield 'monolith() { psql -X -q -v ON_ERROR_STOP=1 -f "data/$1" "$MONOLITH_DB"; }'
    yield 'service() { psql -X -q -v ON_ERROR_STOP=1 -f "data/$1" "$SERVICE_DB"; }'
    yield "```"


def _schema(service: Service) -> Iterator[str]:
    database = service.database
    yield "## 1. Make the tables"
    yield ""
    yield "With the service's code pointed at the empty database as the role that makes its tables"
    if database.named:
        yield f"(its address is named in {', '.join(code(located(place)) for place in database.named[:6])}):"
    else:
        yield "(where its address is named was not found):"
    yield ""
    yield from _sh("cd service", *database.schema, "cd ..")
    yield ""
    if database.undeclared:
        names = ", ".join(map(code, database.undeclared))
        tables = " ".join(f"-t {shlex.quote(table(name))}" for name in database.undeclared)
        yield f"No code of the service makes {names}: made as the monolith's database has them. What is no table of it is left out by `strangler extract ... --without NAME`."
        yield ""
        yield from _sh(
            f'pg_dump --schema-only --no-owner --no-privileges {tables} -f data/undeclared.sql "$MONOLITH_DB"',
            "service undeclared.sql",
        )
        yield ""
    yield "`schema.sql` then drops the foreign keys from and to copies (it names each; columns and indexes stay), closes the copies to every writer but the stream, and gives the service's role what it needs and no more. It is run again whenever a migration has added to these tables. `freeze.sql` refuses writes of the tables that move until the cut-over."
    yield ""
    if database.steps:
        yield f"It also makes what {code(database.steps)} keeps of the calls that follow a commit, so that {code('install')} has to be run for the monolith's database alone."
        yield ""
    yield from _sh("service schema.sql", "service freeze.sql")


def _copy(service: Service) -> Iterator[str]:
    uses = ["move", *(["replicas"] if service.database.of("replica") else [])]
    yield "## 2. Copy while the monolith goes on writing"
    yield ""
    yield "The service's tables are emptied, the rows that are there are copied, changes follow. It can be run again at any time before the cut-over, and begins anew."
    yield ""
    yield from _sh(
        *(f"service stop-{use}.sql" for use in uses),
        "monolith publish.sql",
        "service subscribe.sql",
        "service copied.sql",
    )
    yield ""
    yield "Then both sides are equal. With `live`, one table after the other rests while both sides are asked: whoever writes it waits that long, up to some seconds for a large one."
    yield ""
    yield from _sh(*(f"sh data/compare.sh {which} live" for which in ("moved", "replicas")[: len(uses)]))
    yield ""
    yield "To watch in the monolith's database: `SELECT slot_name, active, wal_status, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)) FROM pg_replication_slots;`. `wal_status` `lost` means: run this part again."


def _cut_over(service: Service) -> Iterator[str]:
    yield "## 3. Cut over"
    yield ""
    yield from _writes(service)
    yield "Writes of the moved tables are refused in the monolith from the first line on (a request that tries gets an error, none is lost); seconds later the service writes. If a line fails before the last one, nothing is lost: the block after this one opens the monolith again, and part 2 begins anew."
    yield ""
    yield from _sh(
        "monolith freeze.sql",
        "monolith caught-up-move.sql",
        "sh data/compare.sh moved",
        "service sequences.sql",
        "service stop-move.sql",
        "service reverse-publish.sql",
        "monolith reverse-subscribe.sql",
        *(f"{side} deletes-{side}.sql" for side in _deleting(service)),
        *(
            line
            for side in _telling(service)
            for line in (f"{side} tell-{side}.sql", f"{OTHER[side]} hear-{OTHER[side]}.sql")
        ),
        "service unfreeze.sql",
    )
    yield ""
    yield from _deletes(service)
    yield from _told(service)
    yield from _undone(service)
    yield "To watch from here on, in both databases, is what part 2 asks: `lost` means that what was written or told since has not arrived, and `sh data/compare.sh moved` says where."
    yield ""
    yield "Start the service on its own database as `SERVICE_ROLE` and send it the requests. What it writes flows back into the monolith's tables, which are only read there. To open the monolith again **instead**, where the block above has failed:"
    yield ""
    yield "```sh when the cut-over has failed"
    yield " &&\n".join(
        [
            "service freeze.sql",
            "monolith stop-reverse.sql",
            "service reverse-end.sql",
            *_ends(service),
            "monolith unfreeze.sql",
        ]
    )
    yield "```"


def _deleting(service: Service) -> list[Side]:
    """The sides on which deletes go on over the boundary."""
    return [side for side in SIDES if any(rule.side == side for rule in service.database.deletes)]


def _telling(service: Service) -> list[Side]:
    """The sides that tell the other what they have changed."""
    return [side for side in SIDES if service.database.tells(side)]


def _ends(service: Service) -> Iterator[str]:
    """What carries deletes and changes over the boundary ends."""
    for side in _deleting(service):
        yield f"{side} deletes-end-{side}.sql"
    for side in _telling(service):
        yield from _silent(side)


def _silent(side: Side) -> Iterator[str]:
    yield f"{OTHER[side]} stop-{stream(side)}.sql"
    yield f"{side} tell-end-{side}.sql"


def _arrive(service: Service, side: Side) -> Iterator[str]:
    """Nothing is changed any more by the side that does not own, and all that it told has arrived."""
    if service.database.tells(side):
        yield f"{side} close-{side}.sql"
        yield f"{side} caught-up-{stream(side)}.sql"


def _writes(service: Service) -> Iterator[str]:
    """Which code writes what the other side owns, and what becomes of it."""
    database = service.database
    told = {(item.side, item.table, place) for item in database.told for place in item.changes}
    fails = [
        f"{code(name)} in {code(located(place))}"
        for name, place in database.writers
        if ("monolith", name, place) not in told
    ]
    if fails:
        yield f"**First**: these {plural(len(fails), 'place')} of code that stays in the monolith write what moves, and fail from here on where they make a row. Each must ask the service instead (a seam), or be switched off, before the cut-over:"
        yield ""
        yield from rows(fails)
    written = [
        (copy.name, place)
        for copy in database.of("replica")
        for place in copy.written
        if ("service", copy.name, place) not in told
    ]
    if written:
        yield f"**And**: {plural(len(written), 'place')} of the service's code write copies, and fail in the service where they make a row; what is asked for comes to {len(database.refused):,} of them. `../SERVICE.md` lists them."
        yield ""


def _told(service: Service) -> Iterator[str]:
    database = service.database
    if not database.told:
        return
    yield "Code that changes or deletes rows which the other side owns goes on doing so: the change is made in its own copy, written down in the same transaction, and done at the owner's, once, a moment later. These places do:"
    yield ""
    places = [
        f"{code(item.table)} in {code(located(place))}, in the {item.side}"
        for item in database.told
        for place in item.changes
    ]
    yield from rows(places)
    added = sorted({f"{item.table}.{name}" for item in database.told for name in item.added})
    if added:
        yield f"Of {', '.join(map(code, added))}, which this code only counts up or down, the difference is told, so that both sides may count at once. Any other column gets the new value where the owner's is still the old one."
    else:
        yield "A column gets the new value where the owner's is still the old one."
    yield ""
    yield "Keys, columns that are unique, credentials that the copy does not have, and tables without a primary key are not changed so: that fails, as a new row does."
    yield ""
    yield "The owner's code is not asked: no validation, no signal, no hook of it runs. A check of a copy that lags behind (enough in stock? still open?) may be wrong: where that matters, ask the owner by a seam."
    yield ""


def _undone(service: Service) -> Iterator[str]:
    sides = {*_deleting(service), *(OTHER[side] for side in _telling(service))}
    if not sides:
        return
    yield "What arrived and could not be done is listed; nothing should be, on either side:"
    yield ""
    yield from _sh(
        *(
            f'psql -X -q -c "SELECT * FROM strangler_{slug(service.context)}_kept" "${side.upper()}_DB"'
            for side in SIDES
            if side in sides
        )
    )
    yield ""


def _deletes(service: Service) -> Iterator[str]:
    if not _deleting(service):
        return
    yield "A delete goes on over the boundary, as the code declares it (`../SERVICE.md` lists the rules): what refers to a row that the other side has deleted goes, or its column is emptied, in the transaction in which the delete arrives, once. Here it is done at once, and the copies' rows may be deleted with a row of one's own, for no other reason."
    yield ""
    yield "A delete that rows forbid (`PROTECT`, `RESTRICT`) is asked of the rows that are there, those of the other side as the copy has them. What was written there a moment ago is not seen: then the row that the other side has deleted is kept, as it is still referred to, and both are told. When nothing refers to it any more, `SET session_replication_role = replica; SET strangler.arrives = on; DELETE FROM ...` in that database deletes it as if it arrived."
    yield ""


def _back(service: Service) -> Iterator[str]:
    yield "## 4. The way back"
    yield ""
    yield "Open as long as the stream back runs. What the service has written comes along."
    yield ""
    if service.database.steps:
        yield f"Calls that are still to be made are in the service's database: let {code(f'python -m {service.database.steps} work')} go on until {code(f'python -m {service.database.steps} status')} shows nothing {code('waiting')} or {code('open')}, on both sides."
        yield ""
    yield from _sh(
        *_arrive(service, "monolith"),
        "service freeze.sql",
        *_arrive(service, "service"),
        "service caught-up-reverse.sql",
        "sh data/compare.sh moved",
        "monolith sequences.sql",
        "monolith stop-reverse.sql",
        "service reverse-end.sql",
        *_ends(service),
        "monolith unfreeze.sql",
    )
    yield ""
    yield "Send the requests to the monolith again, or start the service on the monolith's database. The next try begins with part 2."


def _end(service: Service) -> Iterator[str]:
    yield "## 5. The end of the way back"
    yield ""
    yield "When nobody will go back: the stream back ends. The monolith's tables stay closed to writers until its own migration drops them; after that only a backup leads back. The copies go on being fed."
    yield ""
    if service.database.tells("monolith"):
        yield "What the monolith's code changes in them fails from here on: each of these places has to ask the service by then."
        yield ""
    yield from _readers(service)
    yield "```sh when nobody will go back"
    yield " &&\n".join(
        [
            *_arrive(service, "monolith"),
            "monolith stop-reverse.sql",
            "service reverse-end.sql",
            *(line for side in _telling(service) if side == "monolith" for line in _silent(side)),
        ]
    )
    yield "```"


def _readers(service: Service) -> Iterator[str]:
    """What stops the monolith from losing the tables."""
    found = service.database.readers
    if not found:
        return
    yield f"**First**: these {plural(len(found), 'place')} of code that stays in the monolith read the tables, which the stream back feeds. Without it they read what was there when it ended, and without the tables they fail. Each must ask the service by then:"
    yield ""
    yield from rows([f"{code(name)} in {code(located(place))}" for name, place in found])


def _clean_up(service: Service) -> Iterator[str]:
    uses = ["move", *(["replicas"] if service.database.of("replica") else [])]
    yield "## 6. Clean up"
    yield ""
    yield "After the way back, where the service is given up, or when it reads no copy any more. It takes away every stream, role and trigger that the files here have made, on both sides, and fails where something is left. Not while the monolith still has tables that the service writes: it would write them again."
    yield ""
    yield from _sh(
        *(f"service stop-{use}.sql" for use in uses),
        "monolith stop-reverse.sql",
        *(f"{OTHER[side]} stop-{stream(side)}.sql" for side in _telling(service)),
        "monolith clean-up-monolith.sql",
        "service clean-up-service.sql",
    )


def _limits(service: Service) -> Iterator[str]:
    yield "## What to know"
    yield ""
    if service.database.notes:
        yield from (f"- {prose(note)}" for note in service.database.notes[:SHOWN])
    told = ", and after the cut-over `tell-service.sql`" if service.database.tells("service") else ""
    yield f"- Changes of the schema do not travel: add columns on the side that receives first, then on the one that sends; take them away in the other order. Run `schema.sql` again after them{told}."
    yield "- Counters that belong to no column (`CREATE SEQUENCE`), large objects and files that columns only name are not carried."
    yield "- A write of a copy that is not foreseen fails with `is not written here`, a table that is not listed with `permission denied`: both say what was not foreseen, where it happens."
    yield "- **Other databases**: the plan's `data` folder has the same for Debezium and Kafka Connect."
