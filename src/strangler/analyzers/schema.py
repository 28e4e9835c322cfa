"""The static schema: which classes map to which tables, and how these refer to each other.

Every ORM fills it in its own ``prepare``; whatever asks "which tables does this attribute, look-up
string or cascade touch" reads it here, the same way for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from strangler.model import Diagnostic
from strangler.model.system import Column, ForeignKey, Table, by_fields

if TYPE_CHECKING:
    from strangler.analyzers.python.entries import Target
    from strangler.analyzers.python.values import Class

RelationKind = Literal["forward", "reverse", "many", "generic"]
"""Where the column of a relation is: see ``Relation``."""


@dataclass(eq=False)
class Relation:
    """An attribute that leads from one entity to another.

    forward: the column is in the owner's table (foreign key, forward one-to-one);
    reverse: the column is in the target's table; many: through an association table;
    generic: by content type, the target's table holds the columns.
    """

    name: str
    kind: RelationKind
    target: Entity | None
    """None where the target is not first-party or not known: see ``target_table``."""
    target_table: str | None = None
    single: bool = False
    """At most one object at the far end (foreign key, one-to-one, uselist=False)."""
    column: str | None = None
    """Forward: the foreign-key column in the owner's table."""
    through: str | None = None
    """Many: the association table."""
    through_entity: Entity | None = None
    on_delete: str | None = None
    """Reverse and many: what deleting the owner does to the far rows (CASCADE, SET_NULL, ...)."""
    query_name: str | None = None
    """The name in look-up strings where it differs from the attribute."""
    eager: bool = False
    """Loaded together with the owner (SQLAlchemy lazy="joined", "selectin", ...)."""


@dataclass(eq=False)
class Entity:
    """A mapped class with its table (or a table without a class)."""

    cls: Class | None
    table: str
    framework: str
    path: str
    line: int
    columns: dict[str, Column] = field(default_factory=dict)
    """Attribute name -> column."""
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    relations: dict[str, Relation] = field(default_factory=dict)
    parents: list[Entity] = field(default_factory=list)
    """Entities whose tables are joined in (multi-table or joined-table inheritance), nearest first."""
    first_party: bool = True
    primary_key: str = "id"
    database: str = ""
    """The one that it lives in; empty: the default one, ``?``: it cannot be told."""
    managed: bool = True
    """False where the framework does not make its table."""

    def relation(self, name: str) -> Relation | None:
        """A relation of the entity or of its parents, by attribute or look-up name."""
        found = self.relations.get(name)
        if found is None:
            found = next((r for r in self.relations.values() if r.query_name == name), None)
        if found is None:
            for parent in self.parents:
                found = parent.relation(name)
                if found is not None:
                    break
        return found

    def _placed(self, key: ForeignKey) -> ForeignKey:
        """A key with the line of the class's attribute that declares it."""
        if key.line or self.cls is None:
            return key
        attributes = [name for name, column in self.columns.items() if column.name == key.column]
        lines = self.cls.extra.get("lines", {})
        for name in (*attributes, key.column, key.column.removesuffix("_id")):
            if name in lines:
                return replace(key, line=lines[name])
        return key

    def row(self) -> Table:
        """The entity as a row of the model."""
        return Table(
            name=self.table,
            model=self.cls.dotted if self.cls is not None else None,
            framework=self.framework,
            path=self.path,
            line=self.line,
            foreign_keys=tuple(sorted({self._placed(key) for key in self.foreign_keys}, key=by_fields)),
            columns=tuple({c.name: c for c in self.columns.values()}.values()),
            database=self.database,
            managed=self.managed,
        )


def _akin(one: Class, other: Class) -> bool:
    return one is other or one in other.mro() or other in one.mro()


def table_of(target: Target) -> str:
    """The table that a fact of the log is about."""
    return target.table if isinstance(target, Entity) else str(target)


def database_of(target: Target) -> str:
    """The database that a fact of the log is about; see ``Entity.database``."""
    return target.database if isinstance(target, Entity) else ""


class Schema:
    """All entities, by class and by table."""

    def __init__(self) -> None:
        self.by_class: dict[Class, Entity] = {}
        self.by_table: dict[str, Entity] = {}
        self.by_external: dict[str, Entity] = {}
        """Dotted name of a library's mapped class -> its entity."""
        self.doubled: dict[Class, tuple[Entity, Entity]] = {}
        """Class -> its entity, and that of another class that has claimed a table of the same name before."""
        self.shadows: set[Class] = set()
        """Classes without a table of their own that use another's (proxies, single-table subclasses)."""

    def add(self, entity: Entity) -> None:
        """Register an entity; the first one to claim a table keeps it, unless the framework makes the table
        of a later one only."""
        known = self.by_table.setdefault(entity.table, entity)
        if entity.cls is not None:
            self.by_class[entity.cls] = entity
        if entity.managed and entity.first_party and not known.managed:
            self.by_table[entity.table], entity, known = entity, known, entity
        if entity.cls is None or known.cls is None or not entity.first_party:
            return
        if not _akin(known.cls, entity.cls):
            self.doubled[entity.cls] = entity, known

    def alias(self, cls: Class, entity: Entity) -> None:
        """``cls`` reads and writes the table of ``entity``."""
        self.by_class[cls] = entity
        self.shadows.add(cls)

    def of(self, cls: Class) -> Entity | None:
        """The entity of a class, or of the nearest mapped class that it descends from."""
        for parent in cls.mro():
            if parent in self.by_class:
                return self.by_class[parent]
        return None

    def diagnostics(self) -> list[Diagnostic]:
        """The tables that stand for those of several classes that have nothing to do with each other."""
        return [
            Diagnostic(
                file=entity.path,
                line=entity.line,
                code="duplicate-table",
                severity="warning",
                message=f"{cls.name} declares the table {entity.table}, as {first.cls.dotted} does: "
                "they count as one, with the columns and keys of the latter; if they lie in two databases, "
                "what touches one is told of both",
            )
            for cls, (entity, first) in self.doubled.items()
            if first.cls is not None and first.framework == entity.framework
        ]

    def platform_tables(self) -> list[Table]:
        """One row a table that a library brings, where its columns are known."""
        rows = (e.row() for e in self.by_table.values() if not e.first_party and e.columns)
        return sorted(rows, key=by_fields)

    def tables(self) -> list[Table]:
        """One row a first-party table."""
        return sorted((e.row() for e in self.by_table.values() if e.first_party), key=by_fields)
