"""From names in SQL to the tables of the schema, and the accesses of a string noted."""

from __future__ import annotations

from strangler.analyzers.frameworks.sql.statement import Statement, read_sql
from strangler.analyzers.plugin import UNKNOWN, Frame, Interpreter, Schema, Value
from strangler.model.base import Certainty
from strangler.model.lookup import DEFAULT_SCHEMAS, weakest


def resolve_table(schema: Schema, name: str) -> str:
    """The schema's own spelling of a table that SQL names: case, default schema and quotes set aside."""
    found = _candidates(schema, name)
    return found[0] if len(found) == 1 else name


def _candidates(schema: Schema, name: str) -> list[str]:
    """The tables that SQL may mean: several where it leaves out the schema and several have one so called."""
    if name in schema.by_table:
        return [name]
    lowered = name.lower()
    short = lowered.rpartition(".")[2]
    for known in schema.by_table:
        if known.lower() == lowered:
            return [known]
    if "." in name and lowered.partition(".")[0] not in DEFAULT_SCHEMAS:
        return []
    return [known for known in schema.by_table if known.lower().rpartition(".")[2] == short]


def note_sql(
    interp: Interpreter,
    frame: Frame,
    sql: Value | None,
    dialect: str | None = None,
    certainty: Certainty = "certain",
) -> bool:
    """Note the tables of an SQL string at ``frame.line``; where one cannot be told, say so.

    Args:
        interp: the run.
        frame: who runs it.
        sql: the value that is run.
        dialect: sqlglot's name of the dialect that is tried first.
        certainty: ``certain`` where it is known that a database runs it; less where that is a guess.

    Returns:
        Whether the value was SQL at all (or unknown); False while nothing of it is kept.
    """
    if sql is None or not interp.log.open:
        return False
    options = list(sql.options())
    for option in options:
        if option is UNKNOWN:
            interp.log.unresolved_access(frame, "SQL that is put together at run time")
            continue
        statement = read_sql(option, dialect, run=certainty == "certain")
        _note(interp, frame, statement, "possible" if len(options) > 1 else certainty, certainty == "certain")
    return True


class Temporary:
    """The temporary tables of a run: they are no tables of the monolith."""

    def __init__(self) -> None:
        self.tables: set[str] = set()


def _note(interp: Interpreter, frame: Frame, statement: Statement, certainty: Certainty, run: bool) -> None:
    temporary = interp.state(Temporary).tables
    temporary.update(name.lower() for name in statement.temporary)
    for table, operation in statement.tables:
        found = _candidates(interp.state(Schema), table)
        sure = certainty
        if table in statement.skimmed:
            if not found and not run:
                continue  # a name behind FROM in text that no dialect parses may be prose
            sure = weakest(certainty, "inferred" if found else "possible")
        if len(found) > 1:  # in which schema it is looked for is decided when it runs
            sure = "possible"
        if table.lower() not in temporary:
            for name in found or [table]:
                interp.log.access(frame, name, operation, "sql", sure)
    for routine in statement.routines:
        interp.log.unresolved_access(frame, f"what the procedure {routine} touches cannot be told")
    if not statement.complete:
        interp.log.unresolved_access(frame, "SQL of which a table's name is put together at run time")
    elif not statement.parsed and run:
        interp.log.unresolved_access(frame, "SQL that is read in part: no dialect parses it")
