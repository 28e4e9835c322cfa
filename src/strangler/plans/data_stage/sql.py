"""The SQL of the data stage, for PostgreSQL; every name is quoted."""

# ruff: noqa: E501

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from strangler.literals import sql_name, sql_text
from strangler.plans.data_stage import catalog
from strangler.plans.data_stage.connectors import signals, slot
from strangler.plans.data_stage.tables import DataPlan, DataTable, Side

STOP = "\\set ON_ERROR_STOP on"
"""First line of each file that psql runs: after an error nothing follows."""
GUARD = """\
-- A forgotten slot keeps WAL: without a bound it fills the disk of the monolith's database.
DO $$ BEGIN
  IF current_setting('wal_level') <> 'logical' THEN
    RAISE EXCEPTION 'set wal_level = logical and restart the server';
  END IF;
  IF current_setting('max_slot_wal_keep_size') = '-1' THEN
    RAISE EXCEPTION 'set max_slot_wal_keep_size: a slot that nobody reads would fill the disk';
  END IF;
END $$;"""
HEARTBEATS = """\
-- Heartbeats let the connector confirm its position while the captured tables are quiet: no disk fills with WAL.
CREATE TABLE IF NOT EXISTS public.debezium_heartbeat (
  id varchar(63) PRIMARY KEY,
  beat timestamptz NOT NULL
);
"""


def before(
    plan: DataPlan, streams: Sequence[tuple[str, Sequence[DataTable]]], outbox: Side | None = None
) -> str:
    """What a database needs before its changes can be captured; run by the owner of the tables.

    Args:
        plan: whose names are used.
        streams: (use, its tables), one publication each.
        outbox: the side that this is, where it publishes events.
    """
    lines = [
        "-- :capture is the role of the connector (LOGIN REPLICATION): psql -v capture=NAME -f THIS_FILE",
        STOP,
        GUARD,
        "BEGIN;",
        HEARTBEATS,
    ]
    grant = 'TO :"capture";'
    for use, tables in streams:
        signal = f"public.{sql_name(signals(plan, use))}"
        lines += [_signal_table(signal), *(_replica_identity(table) for table in tables)]
        published = [f"{table.sql}{_columns(table, use)}" for table in tables]
        lines.append(_publication(slot(plan, use), [*published, signal]))
        lines += [f"GRANT SELECT{_columns(table, use)} ON {table.sql} {grant}" for table in tables]
        lines += [f"GRANT SELECT, INSERT, UPDATE, DELETE ON {signal} {grant}", ""]
    if outbox:
        lines += [_outbox_table(plan), _publication(slot(plan, f"outbox_{outbox}"), [_outbox_name(plan)])]
        lines += [f"GRANT SELECT ON {_outbox_name(plan)} {grant}", ""]
    lines += [f"GRANT SELECT, INSERT, UPDATE ON public.debezium_heartbeat {grant}", "COMMIT;"]
    return "\n".join(lines) + "\n"


def _columns(table: DataTable, use: str) -> str:
    """The columns of a copy for readers, where others hold credentials: the role of the connector cannot read those."""
    secret = set(table.secret_columns) if use == "replicas" else set()
    if not secret or not table.columns or not table.keys or table.long:
        return ""
    return f" ({', '.join(sql_name(column) for column in table.columns if column not in secret)})"


def _signal_table(name: str) -> str:
    return (
        "-- Signals start a backfill; the connector writes its watermarks there too.\n"
        f"CREATE TABLE IF NOT EXISTS {name} (\n"
        "  id varchar(42) PRIMARY KEY,\n  type varchar(32) NOT NULL,\n  data varchar(2048)\n);"
    )


def _outbox_name(plan: DataPlan) -> str:
    return f"public.{sql_name(f'{plan.slug}_outbox')}"


def _outbox_table(plan: DataPlan) -> str:
    return (
        "-- Written in the transaction of the change that it tells of, never updated; delete old rows by a job.\n"
        f"CREATE TABLE IF NOT EXISTS {_outbox_name(plan)} (\n"
        "  id uuid PRIMARY KEY,\n"
        "  aggregatetype varchar(255) NOT NULL,\n"
        "  aggregateid varchar(255) NOT NULL,\n"
        "  type varchar(255) NOT NULL,\n"
        "  payload jsonb NOT NULL\n"
        ");"
    )


def _publication(name: str, tables: Iterable[str]) -> str:
    return (
        f"CREATE PUBLICATION {sql_name(name)} FOR TABLE {', '.join([*tables, 'public.debezium_heartbeat'])};"
    )


def _replica_identity(table: DataTable) -> str:
    if not table.keys:
        return (
            f"ALTER TABLE {table.sql} REPLICA IDENTITY FULL; -- no primary key was found: give it one first"
        )
    if table.long:
        return (
            f"ALTER TABLE {table.sql} REPLICA IDENTITY FULL; "
            "-- long values that did not change would come as a placeholder"
        )
    return f"-- {table.sql}: its primary key is enough to follow updates and deletes"


def target(tables: Sequence[DataTable]) -> str:
    """What the other database needs before rows are applied to it."""
    return "\n".join(
        [
            "-- The tables must be there: run the migrations of the code that moves, against this database, first.",
            "-- :apply is the role of the sink (LOGIN): psql -v apply=NAME -f THIS_FILE, as a superuser.",
            STOP,
            "BEGIN;",
            "-- Topics arrive in no order between tables: foreign keys and triggers must not fire for this role alone.",
            'ALTER ROLE :"apply" SET session_replication_role = replica;',
            "-- Where that is not allowed (managed databases): drop the foreign keys here, add them back after the copy.",
            *(f'GRANT SELECT, INSERT, UPDATE, DELETE ON {table.sql} TO :"apply";' for table in tables),
            "COMMIT;",
            "",
        ]
    )


def backfill(plan: DataPlan, tables: Sequence[DataTable], use: str) -> str:
    """Signals for incremental snapshots: existing rows are copied while changes go on."""
    lines = [
        "-- One signal a table, parents first where keys matter. Progress: the connector's metrics, or its topics.",
        "-- To stop one: the same insert with type 'stop-snapshot'. Sent again, they copy again: rows are brought up to date.",
        STOP,
    ]
    for table in tables:
        if not table.keys:
            lines.append(
                f"-- {table.sql} has no primary key that was found: an incremental snapshot needs one"
            )
            continue
        data = json.dumps({"data-collections": [table.pattern], "type": "incremental"})
        lines.append(
            f"INSERT INTO public.{sql_name(signals(plan, use))} (id, type, data) VALUES "
            f"(gen_random_uuid()::text, 'execute-snapshot', {sql_text(data)});"
        )
    return "\n".join(lines) + "\n"


def compare(tables: Sequence[DataTable]) -> str:
    """Rows and an order-free checksum of each table; run on both databases, the outputs must be equal."""
    rows = [
        f"SELECT {sql_text(table.name)} AS table_name, count(*) AS rows,\n"
        "  coalesce(sum(hashtextextended(to_jsonb(t)::text, 0)::numeric), 0) AS checksum\n"
        f"FROM {table.sql} AS t"
        for table in tables
    ]
    head = "-- psql -X -A -f compare.sql, on both databases, while nothing writes; then diff. Needs PostgreSQL 11.\n"
    return head + "\nUNION ALL\n".join(rows) + "\nORDER BY table_name;\n"


def sequences(tables: Sequence[DataTable]) -> str:
    """Counters of new keys, which replication does not copy, set behind the highest key."""
    return catalog.counters(table.sql for table in tables)


def clean_up(
    plan: DataPlan,
    streams: Sequence[tuple[str, Sequence[DataTable]]],
    outbox: Side | None,
    applied: Sequence[DataTable],
) -> str:
    """Take away what the streams of one side have made there; their connectors must be gone first.

    Args:
        plan: whose names are used.
        streams: (use, its tables) that are captured on this side.
        outbox: this side, where it publishes events; the table of the outbox stays, for what is not yet sent.
        applied: tables that a stream from the other side writes here.
    """
    lines = [
        "-- After DELETE /connectors/NAME for each: a slot in use is not dropped, and this stops there.",
        "-- psql -v capture=NAME -v apply=NAME -f THIS_FILE, with the roles that the other files were given.",
        STOP,
    ]
    names = [slot(plan, use) for use, _ in streams] + ([slot(plan, f"outbox_{outbox}")] if outbox else [])
    for name in names:
        lines.append(
            f"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = {sql_text(name)};"
        )
        lines.append(f"DROP PUBLICATION IF EXISTS {sql_name(name)};")
    lines += [f"DROP TABLE IF EXISTS public.{sql_name(signals(plan, use))};" for use, _ in streams]
    captured = [table for _, tables in streams for table in tables]
    for table in captured:
        lines.append(_as_role("capture", f"REVOKE SELECT ON {table.sql} FROM"))
        if not table.keys or table.long:
            lines.append(f"ALTER TABLE IF EXISTS {table.sql} REPLICA IDENTITY DEFAULT;")
    lines += [_as_role("apply", f"REVOKE ALL ON {table.sql} FROM") for table in applied]
    if applied:
        lines.append(
            "SELECT format('ALTER ROLE %I RESET session_replication_role', rolname) FROM pg_roles "
            "WHERE rolname = :'apply' \\gexec"
        )
    if names:
        lines += [
            "-- Heartbeats are shared with the streams of other contexts: the last one takes the table away.",
            "DO $$ BEGIN",
            "  IF NOT EXISTS (SELECT FROM pg_publication_tables WHERE schemaname = 'public' AND tablename = 'debezium_heartbeat') THEN",
            "    DROP TABLE IF EXISTS public.debezium_heartbeat;",
            "  END IF;",
            "END $$;",
        ]
    return "\n".join(lines) + "\n"


def _as_role(variable: str, statement: str) -> str:
    """A statement that ends with a role, run where that role is there."""
    return (
        f"SELECT format({sql_text(statement.replace('%', '%%') + ' %I')}, rolname) FROM pg_roles "
        f"WHERE rolname = :'{variable}' \\gexec"
    )
