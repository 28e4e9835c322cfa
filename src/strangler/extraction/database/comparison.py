"""The SQL that compares the tables of two databases."""

# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Sequence

from strangler.extraction.database.sql import HEAD, Names, table
from strangler.extraction.database.streams import arrival
from strangler.extraction.values import StoredTable
from strangler.literals import sql_text

_STABLE = "SET TIME ZONE 'UTC';\nSET IntervalStyle = 'iso_8601';\nSET bytea_output = 'hex';\n"
"""Values are spelled alike on both sides."""


def compare(items: Sequence[StoredTable]) -> str:
    """Rows and an order-free checksum of each table, left-out columns apart."""
    return HEAD + _STABLE + "\nUNION ALL\n".join(map(_sum, items)) + "\nORDER BY table_name;\n"


def _sum(item: StoredTable) -> str:
    return (
        f"SELECT {sql_text(item.name)} AS table_name, count(*) AS rows,\n"
        f"  coalesce(sum(hashtextextended((to_jsonb(t){_without(item)})::text, 0)::numeric), 0) AS checksum\n"
        f"FROM {table(item.name)} AS t"
    )


def compare_live(names: Names, use: str, items: Sequence[StoredTable]) -> str:
    """The same while the source is written: each table rests for the moment in which both sides are asked."""
    parts = [HEAD, _STABLE]
    for item in items:
        parts += [
            f"BEGIN;\nSET LOCAL lock_timeout = '5s';\nLOCK TABLE {table(item.name)} IN SHARE MODE;\n",
            f"{_sum(item)};\n",
            arrival(names, use),
            f"\\set question {_psql_text(_sum(item))}\n\\setenv QUESTION :question\n",
            # psql 15 does not tell how a shell command ended: what failed must leave nothing behind
            '\\! psql -X -q -A -t -v ON_ERROR_STOP=1 -c "$STABLE" -c "$QUESTION" "$SERVICE_DB" >>"$ANSWERS" || rm -f "$ANSWERS"\n',
            "COMMIT;\n",
        ]
    return "".join(parts)


def _psql_text(text: str) -> str:
    """A value of psql's ``\\set``."""
    return "'" + " ".join(text.replace("\\", "\\\\").replace("'", "''").split("\n")) + "'"


def _without(item: StoredTable) -> str:
    return "".join(f" - {sql_text(column)}" for column in item.left_out)
