"""Core: tables, metadata and the text of statements."""

from __future__ import annotations

from collections.abc import Hashable

from msgspec.structs import replace

from strangler.analyzers.frameworks.sqlalchemy.definitions import (
    ColumnDefinition,
    ConstraintDefinition,
    ForeignKeyDefinition,
    type_name,
)
from strangler.analyzers.frameworks.sqlalchemy.expressions import Expression
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Const,
    Entity,
    External,
    Frame,
    Interpreter,
    Object,
    Sequence,
    Text,
    Value,
    sql_column_details,
    text_of,
)
from strangler.model.system import Column, ForeignKey


class CoreTable(Expression):
    """``Table("name", metadata, Column(...), ...)``, or a table known by its name alone."""

    __slots__ = ("columns", "constraints", "line", "name", "path", "reflected", "schema")

    def __init__(
        self, name: str, schema: str | None, path: str = "", line: int = 0, reflected: bool = True
    ) -> None:
        super().__init__()
        self.sources = (self,)
        self.name = name
        self.schema = schema
        self.path = path
        self.line = line
        self.reflected = reflected
        self.columns: dict[str, ColumnDefinition] = {}
        self.constraints: list[ConstraintDefinition] = []

    @property
    def full_name(self) -> str:
        """``schema.name``."""
        return f"{self.schema}.{self.name}" if self.schema else self.name

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name in ("c", "columns"):
            return Columns(self)
        if name in ("name", "fullname", "key"):
            return Const(self.name if name == "name" else self.full_name)
        if name in ("select", "insert", "update", "delete", "join", "outerjoin", "count"):
            return TableMethod(self, name)
        if name in ("append_column", "append_constraint"):
            return TableMethod(self, name)
        if name in ("alias", "tometadata", "to_metadata"):
            return TableMethod(self, "alias")
        return super().get(interp, name, frame)

    def key(self) -> Hashable:
        return ("table", self.full_name)

    def add(self, parts: list[Value]) -> None:
        """Columns and constraints of its own."""
        for part in parts:
            if isinstance(part, ColumnDefinition):
                column_name = part.given_name()
                if column_name:
                    self.columns[column_name] = part
            elif isinstance(part, ConstraintDefinition):
                self.constraints.append(part)

    def __repr__(self) -> str:
        return f"<table {self.full_name}>"


class TableMethod(Value):
    """``table.insert()`` and the like."""

    __slots__ = ("name", "table")

    def __init__(self, table: CoreTable, name: str) -> None:
        self.table = table
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        from strangler.analyzers.frameworks.sqlalchemy.statements import Statement

        if self.name == "alias":
            return self.table
        if self.name in ("append_column", "append_constraint"):
            if interp.registers():
                self.table.add(args.positional or list(args.keywords.values()))
            return NONE
        given = Args([self.table, *args.positional], args.keywords, args.open)
        if self.name in ("join", "outerjoin"):
            return Expression((self.table, *Expression(()).sources, *_sources(args)))
        if self.name in ("select", "count"):
            return Statement.select(given, frame)
        return Statement.dml(self.name, given, frame)


def _sources(args: Args) -> tuple[object, ...]:
    from strangler.analyzers.frameworks.sqlalchemy.expressions import sources_of

    return sources_of(args.all())


class Columns(Value):
    """``table.c``."""

    __slots__ = ("of",)

    def __init__(self, of: Expression) -> None:
        self.of = of

    @property
    def sources(self) -> tuple[object, ...]:
        """The table."""
        return self.of.sources

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name in ("get", "values", "items", "keys"):
            return self
        return TableColumn(self.of, name)

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return Expression(self.of.sources)

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        name = text_of(key)
        return TableColumn(self.of, name) if name else Expression(self.of.sources)

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        return [Expression(self.of.sources)], False

    def key(self) -> Hashable:
        return ("c", self.of.key())


class TableColumn(Expression):
    """``table.c.name``."""

    __slots__ = ("name", "of")

    def __init__(self, of: Expression, name: str) -> None:
        super().__init__(of.sources)
        self.of = of
        self.name = name


class MetaData(Value):
    """``MetaData()``: tables by name."""

    __slots__ = ("schema", "tables")

    def __init__(self, schema: str | None = None) -> None:
        self.schema = schema
        self.tables: dict[str, CoreTable] = {}

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name == "tables":
            return Tables(self)
        if name == "schema":
            return Const(self.schema)
        if name == "sorted_tables":
            return Sequence(list(self.tables.values()), "list", True)
        return UNKNOWN

    def store(self, interp: Interpreter, name: str, value: Value, frame: Frame) -> None:
        if name == "schema":
            self.schema = text_of(value)

    def truth(self) -> bool | None:
        return True

    def key(self) -> Hashable:
        return ("metadata", id(self))


class Tables(Value):
    """``metadata.tables``: a table by its name, declared or reflected."""

    __slots__ = ("metadata",)

    def __init__(self, metadata: MetaData) -> None:
        self.metadata = metadata

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        name = text_of(key)
        if not name:
            return UNKNOWN
        return self.metadata.tables.get(name) or reference(name)

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return _TablesMethod(self) if name == "get" else UNKNOWN


class _TablesMethod(Value):
    __slots__ = ("tables",)

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        key = args.get(0)
        return self.tables.item(interp, key, frame) if key is not None else UNKNOWN


def reference(name: str) -> CoreTable:
    """A table of which only the name is known."""
    schema, _, last = name.rpartition(".")
    return CoreTable(last, schema or None)


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
        from strangler.analyzers.frameworks.sqlalchemy.state import state_of

        state_of(interp).declare(interp, made, meta, frame)
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


def known_part(name: Value) -> str:
    """What is known of the name of a table that is put together."""
    parts = [part for one in name.options() if isinstance(one, Text) for part in one.parts if part]
    return "".join(parts).strip("_.")


def light_table(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``table("name", column("x"))``: a name for use in statements."""
    name = args.text(0, "name")
    schema = args.text(None, "schema")
    return CoreTable(name, schema) if name else Expression()


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
    text = text_of(value)
    if text is not None:
        name = text.rpartition(".")[0] or text
        return f"{schema}.{name}" if schema and "." not in name else name
    if value is None:
        return None
    from strangler.analyzers.frameworks.sqlalchemy.mapping import table_of_column

    return table_of_column(interp, value)


def entity_of_table(interp: Interpreter, table: CoreTable, default_schema: str | None) -> Entity:
    """A Core table as an entity without a class."""
    entity = Entity(None, table.full_name, "sqlalchemy", table.path, table.line)
    for name, definition in table.columns.items():
        entity.columns[name] = model_column(name, definition)
        for key in definition.foreign_keys():
            target = foreign_key_target(key, interp, default_schema)
            if target:
                row = ForeignKey(column=name, table=target, on_delete=key.on_delete(), line=definition.line)
                entity.foreign_keys.append(row)
    for rule in table.constraints:
        add_constraint(interp, entity, rule, default_schema)
    return entity


def column_name(interp: Interpreter, value: Value) -> str | None:
    """The name of a column that a constraint is given by name or as an object."""
    if isinstance(value, ColumnDefinition):
        from strangler.analyzers.frameworks.sqlalchemy.state import state_of

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
            entity.foreign_keys.append(ForeignKey(column=name, table=table_name, on_delete=rule_text))
