"""First-party classes as shapes: ORM rows, enums, records, and what their attributes hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from strangler.contracts.operations.annotations import Annotations, constant
from strangler.contracts.operations.knowledge import COLUMNS, words
from strangler.contracts.operations.shapes import UNKNOWN, make, nullable
from strangler.contracts.operations.source import Code, Sources, Target, dotted_name, top_level
from strangler.contracts.operations.values import Field, Kind, Shape
from strangler.model import Column, Model, Table

_ENUMS = words(
    "enum.Enum enum.IntEnum enum.StrEnum django.db.models.TextChoices django.db.models.IntegerChoices"
)
_MODELS = frozenset({"pydantic.BaseModel", "sqlmodel.SQLModel"})
_TUPLES = frozenset({"typing.NamedTuple"})
_DICTS = frozenset({"typing.TypedDict", "typing_extensions.TypedDict"})
_DATACLASSES = frozenset(
    {"dataclasses.dataclass", "attr.s", "attr.define", "attrs.define", "attrs.frozen", "attr.dataclass"}
)
_EXTERNAL_USERS = frozenset(
    {"django.contrib.auth.models.User", "django.contrib.auth.models.AbstractUser", "django.db.models.Model"}
)
_DEPTH = 6


class Types:
    """What a dotted name of a class stands for."""

    def __init__(self, model: Model, sources: Sources) -> None:
        self.sources = sources
        self._tables: dict[str, Table] = {table.model: table for table in model.tables if table.model}
        self._row_of = {table.name: table.model for table in model.tables if table.model}
        called: dict[str, list[str]] = {}
        for name in sorted(self._tables):
            called.setdefault(name.rpartition(".")[2].lower(), []).append(name)
        self._called = {name: found[0] for name, found in called.items() if len(found) == 1}
        self.framework_of = {table.model: table.framework for table in model.tables if table.model}
        self._named: dict[str, Shape] = {}
        self.settings = sorted(module.name for module in model.modules if module.role == "settings")

    def annotations(self, code: Code, local: dict[str, str] | None = None) -> Annotations:
        """A reader for annotations in a module; ``local`` are imports of the function around them."""

        def resolve(written: str) -> str:
            head, _, tail = written.partition(".")
            known = (local or {}).get(head) or code.imports.get(head)
            if known is None and head in code.definitions:
                known = f"{code.module}.{head}"
            if known is None:
                known = next(
                    (f"{star}.{head}" for star in code.stars if self._known(code, f"{star}.{head}")), head
                )
            return f"{known}.{tail}" if tail else known

        def named(dotted: str) -> Shape:
            return self.named(dotted, code)

        return Annotations(resolve, named)

    def row_called(self, name: str) -> Shape | None:
        """The row of the one mapped class of that name (``order_line`` of ``OrderLine``)."""
        found = self._called.get(name.replace("_", "").lower())
        return row(found, self.sources) if found else None

    def _known(self, code: Code, dotted: str) -> bool:
        return self.sources.find_from(code, dotted) is not None

    def named(self, dotted: str, code: Code | None = None) -> Shape:
        """The shape of an instance of the class of that name."""
        if dotted in self._tables or dotted in _EXTERNAL_USERS:
            return row(dotted, self.sources)
        target = self.sources.find_from(code, dotted) if code else self.sources.find(dotted)
        if target is None:
            return make("object", name=f":{dotted}") if "." in dotted else UNKNOWN
        return self.of(target)

    def of(self, target: Target) -> Shape:
        """The same for a definition; ``unknown`` where it is no class (a type alias is followed)."""
        dotted = target.dotted
        if dotted in self._tables:
            return row(dotted, self.sources)
        if dotted not in self._named:
            self._named[dotted] = make(
                "object", name=f"{target.module}:{target.qualname}"
            )  # while it is read
            self._named[dotted] = self._read(target)
        return self._named[dotted]

    def _read(self, target: Target) -> Shape:
        code, node = self.sources.load(target.module), self.sources.definition(target)
        if code is None:
            return UNKNOWN
        if not isinstance(node, ast.ClassDef):
            values = code.constants.get(target.qualname, [])
            return self.annotations(code).shape(values[0]) if len(values) == 1 else UNKNOWN
        name = f"{target.module}:{target.qualname}"
        bases = list(self.bases(target))
        if any(base in self._tables or base == "django.db.models.Model" for base in bases):
            return Shape(kind="row", name=name)
        if any(base in _ENUMS for base in bases):
            return self._enum(node, name)
        record: Kind | None = None
        if any(base in _MODELS for base in bases):
            record = "pydantic"
        elif any(base in _TUPLES for base in bases):
            record = "namedtuple"
        elif any(base in _DICTS for base in bases):
            record = "typeddict"
        elif self._is_dataclass(code, node):
            record = "dataclass"
        if record is None:
            return make("object", name=name)
        return Shape(kind=record, name=name, fields=self._fields(target))

    def bases(self, target: Target, depth: int = 0) -> Iterator[str]:
        """Dotted names of all bases that can be followed, nearest first."""
        code, node = self.sources.load(target.module), self.sources.definition(target)
        if code is None or not isinstance(node, ast.ClassDef) or depth > _DEPTH:
            return
        reader = self.annotations(code)
        for base in node.bases:
            dotted = reader.name(base.value if isinstance(base, ast.Subscript) else base)
            if dotted is None:
                continue
            written = dotted_name(base) or ""
            full = f"typing.{dotted}" if dotted in ("NamedTuple", "TypedDict") else dotted
            found = self.sources.find_from(code, dotted)
            yield found.dotted if found else full
            if found and written != target.qualname:
                yield from self.bases(found, depth + 1)

    def _is_dataclass(self, code: Code, node: ast.ClassDef) -> bool:
        reader = self.annotations(code)
        for item in node.decorator_list:
            name = reader.name(item.func if isinstance(item, ast.Call) else item)
            if name in _DATACLASSES:
                return True
        return False

    def _enum(self, node: ast.ClassDef, name: str) -> Shape:
        values: list[str | int] = []
        for item in node.body:
            if isinstance(item, ast.Assign):
                value = (
                    item.value.elts[0]
                    if isinstance(item.value, ast.Tuple) and item.value.elts
                    else item.value
                )
                if isinstance(value, ast.Call):
                    return make("object", name=name)  # auto(): the values are not in the source
                if isinstance(value, ast.Constant) and isinstance(value.value, str | int):
                    values.append(value.value)
        return Shape(kind="enum", name=name, values=tuple(values)) if values else make("object", name=name)

    def _fields(self, target: Target) -> tuple[Field, ...]:
        found: dict[str, Field] = {}
        chain = [target.dotted, *self.bases(target)]
        for dotted in reversed(chain):
            owner = self.sources.find(dotted)
            code = self.sources.load(owner.module) if owner else None
            node = self.sources.definition(owner) if owner else None
            if code is None or not isinstance(node, ast.ClassDef):
                continue
            reader = self.annotations(code)
            for item in top_level(node.body):
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                    written = ast.unparse(item.annotation)
                    if "ClassVar" in written or item.target.id == "model_config":
                        continue
                    shape = reader.shape(item.annotation)
                    optional = item.value is not None or "NotRequired" in written
                    found[item.target.id] = Field(name=item.target.id, shape=shape, required=not optional)
        return tuple(found.values())

    def column(self, shape: Shape, attribute: str) -> Shape:
        """What an attribute of an ORM row holds."""
        table = self._tables.get(shape.name.replace(":", "."))
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
                found = row(there, self.sources) if there else make("row")
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
        """What an attribute of a row, record or enum member holds."""
        if shape.kind == "row":
            return self.column(shape, name)
        if shape.kind == "enum":
            if name == "name":
                return constant("")
            return constant(shape.values[0]) if name == "value" and shape.values else UNKNOWN
        return next((field.shape for field in shape.fields if field.name == name), UNKNOWN)


def row(dotted: str, sources: Sources) -> Shape:
    """The shape of an instance of a mapped class."""
    found = sources.find(dotted)
    module, _, name = dotted.rpartition(".")
    return Shape(kind="row", name=f"{found.module}:{found.qualname}" if found else f"{module}:{name}")
