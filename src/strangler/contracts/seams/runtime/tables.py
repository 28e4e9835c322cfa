"""The tables by which each side of a saga knows what was called, and what was done."""

from __future__ import annotations

TABLES = {
    "strangler_saga": """CREATE TABLE strangler_saga (
        step VARCHAR(120) PRIMARY KEY, saga VARCHAR(64) NOT NULL, context VARCHAR(64) NOT NULL,
        operation VARCHAR(120) NOT NULL, state VARCHAR(10) NOT NULL, body TEXT NOT NULL,
        attempts INTEGER NOT NULL, due DOUBLE PRECISION NOT NULL, created DOUBLE PRECISION NOT NULL,
        error TEXT NOT NULL)""",
    "strangler_inbox": """CREATE TABLE strangler_inbox (
        step VARCHAR(120) PRIMARY KEY, caller VARCHAR(64) NOT NULL, context VARCHAR(64) NOT NULL,
        operation VARCHAR(120) NOT NULL, state VARCHAR(10) NOT NULL, body TEXT NOT NULL, answer TEXT NOT NULL,
        due DOUBLE PRECISION NOT NULL, created DOUBLE PRECISION NOT NULL)""",
}
INDEXES = (
    "CREATE INDEX strangler_saga_due ON strangler_saga (state, due)",
    "CREATE INDEX strangler_inbox_open ON strangler_inbox (state, due)",
)
