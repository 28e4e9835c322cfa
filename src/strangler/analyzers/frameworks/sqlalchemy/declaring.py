"""Calls that declare Core tables: ``MetaData``, ``Table``, ``table``."""

from __future__ import annotations

from strangler.analyzers.frameworks.sqlalchemy.definitions import ColumnDefinition
from strangler.analyzers.frameworks.sqlalchemy.entities import entity_of_table
from strangler.analyzers.frameworks.sqlalchemy.expressions import Expression
from strangler.analyzers.frameworks.sqlalchemy.state import state_of
from strangler.analyzers.frameworks.sqlalchemy.tables import CoreTable, MetaData, known_part
from strangler.analyzers.plugin import Args, External, Frame, Interpreter, Schema, Value


def metadata(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``MetaData(schema=...)``."""
    return MetaData(args.text(None, "schema"))


def table(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``Table(...)``: declared where it has columns, otherwise a reference."""
    given = args.positional[1:]
    name = args.text(0, "name") or _part_of_name(interp, args, frame)
    if name is None:
        return Expression()
    meta = next((a for a in given if isinstance(a, MetaData)), None)
    schema = args.text(None, "schema") or (meta.schema if meta is not None else None)
    full = f"{schema}.{name}" if schema else name
    if meta is not None and full in meta.tables and not args.get(None, "extend_existing"):
        known = meta.tables[full]
        if not (known.reflected and given):
            return known
    made = CoreTable(name, schema, frame.module.facts.path, frame.line)
    made.add(given)
    made.reflected = not made.columns or any(k.startswith("autoload") for k in args.keywords)
    if meta is not None:
        meta.tables[full] = made
    if not made.reflected:
        declare(interp, made, meta, frame)
    return made


def _part_of_name(interp: Interpreter, args: Args, frame: Frame) -> str | None:
    """What is known of the name of a table that is declared; that it is not all is said."""
    stated = args.get(0, "name")
    if (
        stated is None
        or not interp.booting
        or not any(isinstance(a, ColumnDefinition) for a in args.positional)
    ):
        return None
    name = known_part(stated)
    listed = f"it is listed as {name}" if name else "it is not listed"
    message = f"a part of a table's name cannot be told; {listed}"
    interp.log.failed(frame.module, frame.line, "unresolved-table", message)
    return name or None


def light_table(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``table("name", column("x"))``: a name for use in statements."""
    name = args.text(0, "name")
    schema = args.text(None, "schema")
    return CoreTable(name, schema) if name else Expression()


def declare(interp: Interpreter, table: CoreTable, metadata: MetaData | None, frame: Frame) -> None:
    """A ``Table(...)`` with columns was run."""
    if not interp.booting and frame.callee is not None and frame.callee.per_class:
        return  # it was run for each mapped class already
    schema = metadata.schema if metadata is not None else None
    state_of(interp).tables.append((table, schema))
    if not interp.booting and table.full_name not in interp.state(Schema).by_table:
        interp.state(Schema).add(entity_of_table(interp, table, schema))
