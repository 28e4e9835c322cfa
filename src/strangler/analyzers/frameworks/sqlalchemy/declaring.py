"""Calls that declare Core tables: ``MetaData``, ``Table``, ``table``."""

from __future__ import annotations

from strangler.analyzers.frameworks.sqlalchemy.definitions import ColumnDefinition
from strangler.analyzers.frameworks.sqlalchemy.entities import entity_of_table
from strangler.analyzers.frameworks.sqlalchemy.expressions import Expression
from strangler.analyzers.frameworks.sqlalchemy.state import state_of
from strangler.analyzers.frameworks.sqlalchemy.tables import CoreTable, MetaData
from strangler.analyzers.plugin import (
    Args,
    Doubt,
    External,
    Frame,
    Interpreter,
    Schema,
    Value,
    full_name,
    stated_name,
    tell_doubt,
)


def metadata(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``MetaData(schema=...)``."""
    return MetaData(args.get(None, "schema"))


def table(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``Table(...)``: declared where it has columns, otherwise a reference."""
    given = args.positional[1:]
    meta = next((a for a in given if isinstance(a, MetaData)), None)
    name, schema, doubt = _name(interp, args, meta, frame)
    if not name:
        if doubt and interp.booting:
            state_of(interp).made_at.setdefault((frame.module.facts.path, frame.line), interp.booting)
        return Expression()
    full = f"{schema}.{name}" if schema else name
    if meta is not None and full in meta.tables and not args.get(None, "extend_existing"):
        known = meta.tables[full]
        if not (known.reflected and given):
            return known
    made = CoreTable(name, schema, frame.module.facts.path, frame.line)
    made.doubt = doubt
    made.add(given)
    if interp.booting or doubt != "unresolved-table":
        state_of(interp).made_at.setdefault((frame.module.facts.path, frame.line), interp.booting)
    made.reflected = not (made.columns or args.open) or any(k.startswith("autoload") for k in args.keywords)
    if meta is not None:
        meta.tables[full] = made
    if not made.reflected:
        declare(interp, made, meta, frame)
    return made


def _name(
    interp: Interpreter, args: Args, meta: MetaData | None, frame: Frame
) -> tuple[str, str | None, Doubt]:
    """Name and schema of a table that is declared, and what is in doubt of them, which is said."""
    stated = stated_name(args.get(0, "name"))
    own = args.get(None, "schema")
    schema = stated_name(own) if own is not None or meta is None else meta.stated
    declared = args.open or any(isinstance(a, ColumnDefinition) for a in args.positional)
    if not declared:
        return "" if stated.doubt == "unresolved-table" else stated.text, schema.text or None, ""
    full = full_name(stated, schema)
    if full.doubt == "unresolved-table" and frame.callee is not None:
        stated = full = full._replace(text="")  # a function of which the callers give the name
    if interp.booting:
        tell_doubt(interp, frame.module, frame.line, "Table(...)", full)
    return stated.text, schema.text or None, full.doubt


def light_table(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``table("name", column("x"))``: a name for use in statements."""
    name = args.text(0, "name")
    schema = args.text(None, "schema")
    return CoreTable(name, schema) if name else Expression()


def declare(interp: Interpreter, table: CoreTable, metadata: MetaData | None, frame: Frame) -> None:
    """A ``Table(...)`` with columns was run."""
    if not interp.booting and frame.callee is not None and frame.callee.per_class:
        return  # it was run for each mapped class already
    if not interp.booting:
        known = state_of(interp).made_at.get((frame.module.facts.path, frame.line))
        if known is not False:  # those that it makes are known, or their names are not
            return
    schema = metadata.schema if metadata is not None else None
    state_of(interp).tables.append((table, schema))
    if not interp.booting and table.full_name not in interp.state(Schema).by_table:
        interp.state(Schema).add(entity_of_table(interp, table, schema))
