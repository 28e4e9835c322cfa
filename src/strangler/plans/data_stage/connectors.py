"""Configurations for Kafka Connect, as ``PUT /connectors/NAME/config`` takes them: flat, all strings."""

from __future__ import annotations

from collections.abc import Sequence

from strangler.plans.data_stage.tables import DataPlan, DataTable, Side

Config = dict[str, str]

BEAT = (
    "INSERT INTO public.debezium_heartbeat (id, beat) VALUES ('{slot}', now()) "
    "ON CONFLICT (id) DO UPDATE SET beat = EXCLUDED.beat"
)


def prefix(plan: DataPlan, use: str) -> str:
    """Prefix of the topics of one stream."""
    return f"strangler.{plan.slug}.{use}"


def slot(plan: DataPlan, use: str) -> str:
    """Name of the replication slot and of the publication of one stream."""
    return f"strangler_{plan.slug}_{use}"


def signals(plan: DataPlan, use: str) -> str:
    """Name of the signal table of one stream: streams must not take each other's watermarks for their own."""
    return f"{slot(plan, use)}_signal"


def capture(plan: DataPlan, use: str, side: Side, tables: Sequence[DataTable]) -> Config:
    """Follow the rows of tables from now on; what is there already comes by a signal (``backfill.sql``)."""
    secrets = [column for table in tables for column in table.secrets] if use == "replicas" else []
    return {
        **_source(plan, use, side),
        "table.include.list": ",".join(table.pattern for table in tables),
        **({"column.exclude.list": ",".join(secrets)} if secrets else {}),
        "signal.data.collection": f"public.{signals(plan, use)}",
        "signal.enabled.channels": "source",
        "incremental.snapshot.chunk.size": "1024",
        # The sink needs exact numbers; long values that did not change come along by the replica identity.
        "decimal.handling.mode": "precise",
        "tombstones.on.delete": "true",
    }


def apply(plan: DataPlan, use: str, side: Side, tables: Sequence[DataTable]) -> Config:
    """Write the rows of one stream into the other database, safe to repeat."""
    topics = "|".join(table.pattern for table in tables)
    return {
        "connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector",
        "tasks.max": "1",
        "topics.regex": prefix(plan, use).replace(".", r"\.") + rf"\.({topics})",
        "connection.url": f"${{env:{side.upper()}_JDBC_URL}}",
        "connection.username": f"${{env:{side.upper()}_APPLY_USER}}",
        "connection.password": f"${{env:{side.upper()}_APPLY_PASSWORD}}",
        "insert.mode": "upsert",
        "delete.enabled": "true",
        "primary.key.mode": "record_key",
        "schema.evolution": "none",
        "quote.identifiers": "true",
        "collection.name.format": "${source.schema}.${source.table}",
        "errors.tolerance": "none",
    }


def outbox(plan: DataPlan, side: Side) -> Config:
    """Publish the rows of the outbox table as events: topic by ``aggregatetype``, key by ``aggregateid``."""
    use = f"outbox_{side}"
    return {
        **_source(plan, use, side),
        "table.include.list": rf"public\.{plan.slug}_outbox",
        "tombstones.on.delete": "false",
        "transforms": "outbox",
        "transforms.outbox.type": "io.debezium.transforms.outbox.EventRouter",
        # Heartbeats pass through the transformation too, and are no rows of the outbox.
        "transforms.outbox.predicate": "isOutbox",
        "transforms.outbox.table.field.event.id": "id",
        "transforms.outbox.table.field.event.key": "aggregateid",
        "transforms.outbox.table.field.event.payload": "payload",
        "transforms.outbox.table.expand.json.payload": "true",
        "transforms.outbox.table.fields.additional.placement": "type:header:eventType",
        "transforms.outbox.route.by.field": "aggregatetype",
        "transforms.outbox.route.topic.replacement": "events.${routedByValue}",
        "predicates": "isOutbox",
        "predicates.isOutbox.type": "org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
        "predicates.isOutbox.pattern": prefix(plan, use).replace(".", r"\.")
        + rf"\.public\.{plan.slug}_outbox",
        "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "value.converter": "org.apache.kafka.connect.json.JsonConverter",
        "value.converter.schemas.enable": "false",
    }


def _source(plan: DataPlan, use: str, side: Side) -> Config:
    env = side.upper()
    name = slot(plan, use)
    return {
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
        "tasks.max": "1",
        "plugin.name": "pgoutput",
        "database.hostname": f"${{env:{env}_DB_HOST}}",
        "database.port": f"${{env:{env}_DB_PORT}}",
        "database.user": f"${{env:{env}_CAPTURE_USER}}",
        "database.password": f"${{env:{env}_CAPTURE_PASSWORD}}",
        "database.dbname": f"${{env:{env}_DB_NAME}}",
        "topic.prefix": prefix(plan, use),
        "slot.name": name,
        "publication.name": name,
        # Made in before-*.sql by the owner of the tables: the capture user needs no more rights.
        "publication.autocreate.mode": "disabled",
        "snapshot.mode": "no_data",
        "heartbeat.interval.ms": "10000",
        "heartbeat.action.query": BEAT.format(slot=name),
    }
