"""The library's functions that make statements, and how whatever is executed is run."""

from __future__ import annotations

from strangler.analyzers.frameworks.sql import note_sql
from strangler.analyzers.frameworks.sqlalchemy.access import read
from strangler.analyzers.frameworks.sqlalchemy.expressions import Expression, sources_of
from strangler.analyzers.frameworks.sqlalchemy.rows import Result
from strangler.analyzers.frameworks.sqlalchemy.statements import Statement
from strangler.analyzers.frameworks.sqlalchemy.tags import is_guess
from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Const,
    External,
    Frame,
    Interpreter,
    Object,
    Text,
    Value,
    join,
)


def select(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``select(...)``."""
    made = Statement.select(args, frame)
    for key in ("whereclause", "from_obj", "columns"):
        value = args.get(None, key)
        if value is not None:
            made = made.adding(sources_of([value]))
    return made


def dml(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``insert``, ``update``, ``delete``, and the dialects' ``insert``."""
    return Statement.dml(external.name.rpartition(".")[2], args, frame)


def text(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``text("...")``."""
    made = Statement("text", frame)
    made.sql = args.get(0, "text")
    return made


def set_operation(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``union(a, b)`` and its like."""
    made = Statement("select", frame)
    first = args.get(0)
    made.sources = sources_of(args.all())
    if isinstance(first, Statement):
        made.entities = first.entities
    return made


def execute(interp: Interpreter, value: Value | None, frame: Frame, session: Object | None = None) -> Value:
    """Run whatever was passed to ``execute``; the value is one row."""
    rows: list[Value] = []
    for option in value.options() if value is not None else ():
        if isinstance(option, Statement):
            if is_guess(session):
                option = option.copy()
                option.certainty = "inferred"
            rows.append(option.run(interp, frame, True, session))
        elif isinstance(option, (Const, Text)):
            note_sql(interp, frame, option)
        elif isinstance(option, Expression):
            read(interp, frame, option.sources)
        elif option is UNKNOWN:
            interp.log.unresolved_access(frame, "a statement that is put together elsewhere")
    return join(rows)


def result_of(value: Value | None, row: Value) -> Result:
    """The result object of an executed statement."""
    options = value.options() if value is not None else ()
    statement = next((o for o in options if isinstance(o, Statement)), None)
    return Result(row, statement)
