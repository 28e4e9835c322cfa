"""Stage 3 as files: SQL and Kafka Connect configurations that move the tables of a context, and back.

write(plan, model) -> dict[str, bytes]
    ``data/...``; empty where the context owns no table

PostgreSQL and Debezium 3 are spoken; ``data/README.md`` says what differs elsewhere. Property names follow
the reference documentation of Debezium 3 (connectors for PostgreSQL and JDBC, outbox event router, signals).
"""

from strangler.plans.data_stage.writer import write

__all__ = ["write"]
