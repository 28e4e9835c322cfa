"""First-party classes as shapes: ORM rows, enums, records, exceptions, and what their attributes hold."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from strangler.analyzers.python import syntax
from strangler.analyzers.python.values import Class, Const, External, Generic, Object, Sequence
from strangler.analyzers.signatures.annotations import Annotations, constant
from strangler.analyzers.signatures.knowledge import words
from strangler.analyzers.signatures.names import Names, Scope, Target
from strangler.analyzers.signatures.tree import dotted
from strangler.model import Column, Table
from strangler.model.columns import COLUMNS
from strangler.model.shapes import RECORDS, UNKNOWN, Field, Kind, Record, Shape, make, nullable

_ENUMS = words("Enum IntEnum StrEnum TextChoices IntegerChoices")
_RECORDS: tuple[tuple[Kind, frozenset[str]], ...] = (
    (
        "pydantic",
        words("pydantic.BaseModel pydantic.main.BaseModel sqlmodel.SQLModel sqlmodel.main.SQLModel"),
    ),
    ("namedtuple", words("typing.NamedTuple")),
    ("typeddict", words("typing.TypedDict typing_extensions.TypedDict")),
)
_DATACLASSES = words(
    "dataclasses.dataclass attr.s attr.define attr.frozen attrs.define attrs.frozen attr.dataclass"
)
_DJANGO_MODEL = words("django.db.models.Model django.db.models.base.Model")
_REQUESTS = words("django.http.HttpRequest django.http.request.HttpRequest")
_LIBRARY_ROWS = words(
    "django.contrib.auth.models.User django.contrib.auth.models.AbstractUser django.db.models.Model"
)


class Classes:
    """What a class stands for."""

    def __init__(self, names: Names, tables: Iterable[Table]) -> None:
        self.names = names
        self._tables: dict[str, Table] = {table.model: table for table in tables if table.model}
        self._row_of = {table.name: table.model for table in self._tables.values()}
        self.framework_of = {name: table.framework for name, table in self._tables.items()}
        called: dict[str, list[str]] = {}
        for name in sorted(self._tables):
            called.setdefault(name.rpartition(".")[2].lower(), []).append(name)
        self._called = {name: found[0] for name, found in called.items() if len(found) == 1}
        self._known: dict[Target, Shape] = {}
        self.records: dict[str, Record] = {}
        """Records that were asked for, by name."""

    def annotations(self, scope: Scope) -> Annotations:
        """A reader for annotations in a function or a module."""

        def resolve(written: str) -> str:
            return self.names.resolved(written, scope) or written

        return Annotations(resolve, self.named)

    def table(self, shape: Shape) -> Table | None:
        """The table of which a value is a row."""
        return self._tables.get(shape.name.replace(":", ".")) if shape.kind == "row" else None

    def all_tables(self) -> Iterable[Table]:
        """The tables of mapped classes."""
        return self._tables.values()

    def mapped(self, target: Target | None) -> Table | None:
        """The table of a mapped class."""
        return self._tables.get(target.dotted) if target is not None else None

    def have(self, attributes: frozenset[str]) -> bool:
        """Whether there are rows that have all of these attributes."""
        return any(attributes <= members for members in self._members)

    @cached_property
    def _members(self) -> list[frozenset[str]]:
        """Of each mapped class what its rows have."""
        found = []
        for name, table in self._tables.items():
            columns = {column.name for column in table.columns}
            columns |= {column.removesuffix("_id") for column in columns} | {"pk", "id"}
            target = self.names.find(name)
            cls = self.names.classes.get(target) if target is not None else None
            for one in cls.mro() if cls is not None else ():
                columns |= set(one.namespace)
            found.append(frozenset(columns))
        return found

    @cached_property
    def _bases(self) -> frozenset[Target]:
        """Classes that mapped ones are made of and that have no table themselves."""
        mapped = (
            self.names.classes.get(target) for name in self._tables if (target := self.names.find(name))
        )
        return frozenset(
            Target(one.module.name, one.qualname)
            for cls in mapped
            if cls is not None
            for one in cls.mro()
            if one.dotted not in self._tables
        )

    def row_called(self, name: str) -> Shape | None:
        """The row of the one mapped class of that name (``order_line`` of ``OrderLine``)."""
        found = self._called.get(name.replace("_", "").lower())
        return self._row(found) if found else None

    def _row(self, name: str) -> Shape:
        found = self.names.find(name)
        module, _, cls = name.rpartition(".")
        return Shape(kind="row", name=found.name if found else f"{module}:{cls}")

    def named(self, name: str) -> Shape:
        """The shape of an instance of the class of that full dotted name."""
        if name in self._tables or name in _LIBRARY_ROWS:
            return self._row(name)
        target = self.names.find(name)
        if target is None:
            library = "." in name and not name.startswith("builtins.")
            return make("object", name=f":{name}") if library else UNKNOWN
        return self.of(target)

    def of(self, target: Target) -> Shape:
        """The same for a definition; ``unknown`` where it is no class."""
        if target.dotted in self._tables:
            return self._row(target.dotted)
        if target not in self._known:
            self._known[target] = make("object", name=target.name)  # while it is read
            self._known[target] = self._read(target)
        return self._known[target]

    def _read(self, target: Target) -> Shape:
        cls = self.names.classes.get(target)
        if cls is None:
            return self._alias(target)
        ancestors = cls.ancestors(self.names.interp)
        if ancestors & _DJANGO_MODEL or any(one.dotted in self._tables for one in cls.mro()):
            return Shape(kind="row", name=target.name)
        if ancestors & _REQUESTS:
            return make("request")
        if any(name.rpartition(".")[2] in _ENUMS for name in ancestors):
            return _enum(cls, target.name)
        kind = next((kind for kind, bases in _RECORDS if ancestors & bases), None)
        if kind is None and any(_decorator(item) in _DATACLASSES for item in cls.decorators):
            kind = "dataclass"
        if kind is None:
            return make("row" if target in self._bases else "object", name=target.name)
        self._known[target] = found = Shape(kind=kind, name=target.name)  # it may be a field of itself
        self.records[target.name] = Record(name=target.name, kind=kind)
        self.records[target.name] = Record(name=target.name, kind=kind, fields=self._fields(cls))
        return found

    def _alias(self, target: Target) -> Shape:
        """A name that stands for a type."""
        module = self.names.program.scopes.get(target.module)
        if module is None:
            return UNKNOWN
        found = self.names.assigned(module).get(target.qualname, [])
        values = [value for _, value in found if value is not None]
        return self.annotations(Scope(module, None)).shape(values[0]) if len(values) == 1 else UNKNOWN

    def _fields(self, cls: Class) -> tuple[Field, ...]:
        found: dict[str, Field] = {}
        for one in reversed(cls.mro()):
            reader = self.annotations(Scope(one.module, None))
            for name, (annotation, _) in one.annotations.items():
                outer = annotation.value if isinstance(annotation, syntax.Subscript) else annotation
                mark = (dotted(outer) or "").rpartition(".")[2]
                if mark == "ClassVar" or name == "model_config":
                    continue
                optional = name in one.namespace or mark == "NotRequired"
                found[name] = Field(name=name, shape=reader.shape(annotation), required=not optional)
        return tuple(found.values())

    def fields(self, shape: Shape) -> tuple[Field, ...]:
        """The fields of a record or of a dict display."""
        if shape.kind in RECORDS and shape.name in self.records:
            return self.records[shape.name].fields
        return shape.fields

    def column(self, shape: Shape, attribute: str) -> Shape:
        """What an attribute of an ORM row holds."""
        table = self.table(shape)
        if table is None:
            return UNKNOWN
        if attribute == "pk":
            keys = [column for column in table.columns if column.primary_key]
            return self._column(keys[0]) if len(keys) == 1 else UNKNOWN
        columns = {column.name: column for column in table.columns}
        for key in table.foreign_keys:
            if key.column in (f"{attribute}_id", attribute) and attribute not in columns:
                there = self._row_of.get(key.table)
                nulls = key.column in columns and columns[key.column].nullable
                found = self._row(there) if there else make("row")
                return nullable(found) if nulls else found
            if key.column == attribute:
                return self._reference(key.table, columns.get(attribute))
        return self._column(columns[attribute]) if attribute in columns else UNKNOWN

    def _reference(self, name: str, column: Column | None) -> Shape:
        table = self._tables.get(self._row_of.get(name) or "")
        keys = [item for item in table.columns if item.primary_key] if table else []
        found = self._column(keys[0]) if len(keys) == 1 else UNKNOWN
        return nullable(found) if column is not None and column.nullable else found

    def _column(self, column: Column) -> Shape:
        found = COLUMNS.get(column.type, UNKNOWN)
        return nullable(found) if column.nullable else found

    def attribute(self, shape: Shape, name: str) -> Shape:
        """What an attribute of a row, record or enum member, or a key of a dict display, holds."""
        if shape.kind == "row":
            return self.column(shape, name)
        if shape.kind == "enum":
            if name == "name":
                return constant("")
            return constant(shape.values[0]) if name == "value" and shape.values else UNKNOWN
        return next((field.shape for field in self.fields(shape) if field.name == name), UNKNOWN)

    def is_manager(self, owner: Shape) -> bool:
        """Whether an object asks for the rows of the class that holds it."""
        module, _, qualname = owner.name.partition(":")
        cls = self.names.classes.get(Target(module, qualname))
        return cls is not None and "django.db.models.Manager" in cls.ancestors(self.names.interp)

    def method(self, owner: Shape, name: str) -> Target | None:
        """The definition of a method of a row, record or object, across bases."""
        module, _, qualname = owner.name.partition(":")
        return self.names.method(Target(module, qualname), name) if module and qualname else None


def _decorator(value: object) -> str:
    if isinstance(value, Object):
        value = value.cls
    if isinstance(value, Generic):
        value = value.origin
    return value.name if isinstance(value, External) else ""


def _enum(cls: Class, name: str) -> Shape:
    values: list[str | int] = []
    for key, value in cls.namespace.items():
        if key.startswith("_"):
            continue
        if isinstance(value, Sequence) and value.items:
            value = value.items[0]
        if isinstance(value, Object):
            return make("object", name=name)  # auto(): the values are not in the source
        if isinstance(value, Const) and isinstance(value.value, str | int):
            values.append(value.value)
    return Shape(kind="enum", name=name, values=tuple(values)) if values else make("object", name=name)
