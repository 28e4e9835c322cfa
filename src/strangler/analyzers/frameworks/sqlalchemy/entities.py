"""Core tables as entities of the schema: their columns, keys and constraints."""

from __future__ import annotations

from msgspec.structs import replace

from strangler.analyzers.frameworks.sqlalchemy.definitions import (
    ColumnDefinition,
    ConstraintDefinition,
    ForeignKeyDefinition,
    type_name,
)
from strangler.analyzers.frameworks.sqlalchemy.expressions import ColumnReference, sources_of
from strangler.analyzers.frameworks.sqlalchemy.names import MAPPED
from strangler.analyzers.frameworks.sqlalchemy.naming import full_table_name, is_mapped, mapped_parent
from strangler.analyzers.frameworks.sqlalchemy.state import state_of
from strangler.analyzers.frameworks.sqlalchemy.tables import CoreTable, TableColumn
from strangler.analyzers.plugin import (
    Args,
    Class,
    Entity,
    External,
    Interpreter,
    Object,
    Schema,
    Sequence,
    Value,
    sql_column_details,
    stated_name,
    text_of,
)
from strangler.model.system import Column, ForeignKey


def model_column(
    name: str, definition: ColumnDefinition, kind: str = "", nullable: bool | None = None
) -> Column:
    """The column of the model that a definition gives."""
    parts = definition.parts()
    given = definition.args.get(None, "nullable")
    primary = definition.is_primary()
    if given is not None and given.truth() is not None:
        nullable = bool(given.truth())
    elif nullable is None:
        nullable = not primary
    types = [type_name(part) for part in parts if isinstance(part, (External, Object))]
    explicit = definition.args.get(None, "type_") or definition.args.get(None, "sa_type")
    return Column(
        name=name,
        type=type_name(explicit) or next((t for t in types if t not in _NOT_TYPES), "") or kind,
        nullable=nullable and not primary,
        primary_key=primary,
        **sql_column_details(definition.args, parts),
    )


_NOT_TYPES = {"Sequence", "Identity", "Computed", "FetchedValue", "DefaultClause", "CheckConstraint", ""}


def foreign_key_target(
    definition: ForeignKeyDefinition, interp: Interpreter, schema: str | None
) -> str | None:
    """The table that a foreign key refers to; ``schema`` is the default one of its metadata."""
    value = definition.args.get(0, "column")
    text = stated_name(value).text  # of a table of which a part cannot be told, the rest
    if "." in text or text_of(value) is not None:
        name = text.rpartition(".")[0] or text
        return f"{schema}.{name}" if schema and "." not in name else name
    if value is None:
        return None
    return table_of_column(interp, value)


def entity_of_table(interp: Interpreter, table: CoreTable, default_schema: str | None) -> Entity:
    """A Core table as an entity without a class."""
    entity = Entity(None, table.full_name, "sqlalchemy", table.path, table.line)
    for name, definition in table.columns.items():
        entity.columns[name] = model_column(name, definition)
        for key in definition.foreign_keys():
            target = foreign_key_target(key, interp, default_schema)
            if target:
                row = ForeignKey(
                    column=name, table=target, to=key.to(), on_delete=key.on_delete(), line=definition.line
                )
                entity.foreign_keys.append(row)
    for rule in table.constraints:
        add_constraint(interp, entity, rule, default_schema)
    return entity


def column_name(interp: Interpreter, value: Value) -> str | None:
    """The name of a column that a constraint is given by name or as an object."""
    if isinstance(value, ColumnDefinition):
        owners = state_of(interp).owners.get(value)
        return owners[-1][1] if owners else value.given_name()
    return text_of(value) or getattr(value, "name", None)


def add_constraint(
    interp: Interpreter, entity: Entity, rule: ConstraintDefinition, schema: str | None
) -> None:
    """The foreign keys of a ``ForeignKeyConstraint``, the key of a ``PrimaryKeyConstraint``."""
    if rule.kind == "PrimaryKeyConstraint":
        names = {column_name(interp, part) for part in rule.args.positional}
        for attribute, known in entity.columns.items():
            if known.name in names:
                entity.columns[attribute] = replace(known, primary_key=True, nullable=False)
    if rule.kind != "ForeignKeyConstraint":
        return
    columns, targets = rule.args.get(0, "columns"), rule.args.get(1, "refcolumns")
    if not isinstance(columns, Sequence) or not isinstance(targets, Sequence):
        return
    on_delete = rule.args.text(None, "ondelete")
    for column, target in zip(columns.items, targets.items, strict=False):
        name = column_name(interp, column)
        key = ForeignKeyDefinition(Args([target]))
        table_name = foreign_key_target(key, interp, schema)
        if name and table_name:
            rule_text = on_delete.upper().replace(" ", "_") if on_delete else None
            entity.foreign_keys.append(
                ForeignKey(column=name, table=table_name, to=key.to(), on_delete=rule_text)
            )


def table_of_column(interp: Interpreter, value: Value) -> str | None:
    """The table of a column object in ``ForeignKey(User.id)``."""
    if isinstance(value, TableColumn):
        table = value.of
        if isinstance(table, CoreTable):
            return table.full_name
    if isinstance(value, ColumnReference):
        for cls in value.cls.mro():
            if is_mapped(interp, cls) and (value.name in cls.namespace or value.name in cls.annotations):
                return _full_table_name(interp, cls)
        return _full_table_name(interp, value.cls)
    if isinstance(value, ColumnDefinition):
        for cls in interp.program.classes:
            if MAPPED in cls.extra and value in cls.namespace.values():
                return _full_table_name(interp, cls)
    sources = sources_of([value])  # ``Order.__table__.c.id``
    if len(sources) == 1 and isinstance(sources[0], Class):
        return _full_table_name(interp, sources[0])
    return None


def _full_table_name(interp: Interpreter, cls: Class) -> str | None:
    entity = interp.state(Schema).by_class.get(cls)
    if entity is not None:
        return entity.table
    own = cls.namespace.get("__table__")
    if isinstance(own, CoreTable):
        return own.full_name
    name = full_table_name(interp, cls).text
    parent = mapped_parent(interp, cls)
    if not name:
        return _full_table_name(interp, parent) if parent is not None else None
    return name
