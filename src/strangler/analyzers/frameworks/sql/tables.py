"""From names in SQL to the tables of the schema, and the accesses of a string noted."""

from __future__ import annotations

from strangler.analyzers.frameworks.sql.statement import read_sql
from strangler.analyzers.plugin import UNKNOWN, Frame, Interpreter, Schema, Value
from strangler.model.system import Certainty


def resolve_table(schema: Schema, name: str) -> str:
    """The schema's own spelling of a table that SQL names: case, default schema and quotes set aside."""
    if name in schema.by_table:
        return name
    lowered = name.lower()
    short = lowered.rpartition(".")[2]
    for known in schema.by_table:
        if known.lower() == lowered:
            return known
    matches = [known for known in schema.by_table if known.lower().rpartition(".")[2] == short]
    if "." in name and lowered.partition(".")[0] not in ("public", "main", "dbo"):
        return name
    return matches[0] if len(matches) == 1 else name


def note_sql(
    interp: Interpreter,
    frame: Frame,
    sql: Value | None,
    dialect: str | None = None,
    certainty: Certainty = "certain",
) -> bool:
    """Note the tables of an SQL string at ``frame.line``; where one cannot be told, say so.

    Returns whether the value was SQL at all (or unknown).
    """
    if sql is None:
        return False
    options = list(sql.options())
    for option in options:
        statement = read_sql(option, dialect) if option is not UNKNOWN else None
        if statement is None:
            interp.log.unresolved_access(frame, "SQL that is put together at run time")
            continue
        sure = certainty if statement.parsed else "inferred"
        for table, operation in statement.tables:
            name = resolve_table(interp.schema, table)
            if not statement.parsed and name not in interp.schema.by_table:
                continue  # a name behind FROM in text that no dialect parses may be prose
            interp.log.access(frame, name, operation, "sql", "possible" if len(options) > 1 else sure)
        if not statement.complete:
            interp.log.unresolved_access(frame, "SQL of which a table's name is put together at run time")
    return True
