"""Core: tables, metadata and the text of statements."""

from __future__ import annotations

from collections.abc import Hashable

from strangler.analyzers.frameworks.sqlalchemy.definitions import (
    ColumnDefinition,
    ConstraintDefinition,
)
from strangler.analyzers.frameworks.sqlalchemy.expressions import Expression, sources_of
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Const,
    Doubt,
    Frame,
    Interpreter,
    Sequence,
    Value,
    stated_name,
    text_of,
)


class CoreTable(Expression):
    """``Table("name", metadata, Column(...), ...)``, or a table known by its name alone."""

    __slots__ = ("columns", "constraints", "doubt", "line", "name", "path", "reflected", "schema")

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
        self.doubt: Doubt = ""
        """Of its name."""
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
        if self.name == "alias":
            return self.table
        if self.name in ("append_column", "append_constraint"):
            if interp.registers():
                self.table.add(args.positional or list(args.keywords.values()))
            return NONE
        given = Args([self.table, *args.positional], args.keywords, args.open)
        if self.name in ("join", "outerjoin"):
            return Expression((self.table, *sources_of(args.all())))
        function = "select" if self.name == "count" else self.name
        return interp.external(f"sqlalchemy.{function}").call(interp, given, frame)


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

    __slots__ = ("stated", "tables")

    def __init__(self, schema: Value | None = None) -> None:
        self.stated = stated_name(schema)
        self.tables: dict[str, CoreTable] = {}

    @property
    def schema(self) -> str | None:
        """That of the tables that state none."""
        return self.stated.text or None

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name == "tables":
            return Tables(self)
        if name == "schema":
            return Const(self.schema)
        if name == "reflect":
            return Reflecting()
        if name == "sorted_tables":
            return Sequence(list(self.tables.values()), "list", True)
        return UNKNOWN

    def store(self, interp: Interpreter, name: str, value: Value, frame: Frame) -> None:
        if name == "schema":
            self.stated = stated_name(value)

    def truth(self) -> bool | None:
        return True

    def key(self) -> Hashable:
        return ("metadata", id(self))


class Reflecting(Value):
    """``metadata.reflect``, ``prepare`` of an automapped base: tables by what the database holds."""

    __slots__ = ()

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        message = "tables are declared by what the database holds: those that no code names are not known"
        interp.log.failed(frame.module, frame.line, "unlisted-model", message)
        return NONE

    def key(self) -> Hashable:
        return "reflecting"


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
