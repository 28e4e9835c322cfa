"""Declarative bases, registries and imperative mapping: what makes a class a mapped one."""

from __future__ import annotations

from strangler.analyzers.frameworks.sqlalchemy import definitions, expressions, statements, tables
from strangler.analyzers.frameworks.sqlalchemy.names import MAPPED
from strangler.analyzers.frameworks.sqlalchemy.naming import is_mapped, mapped_parent, own_classes
from strangler.analyzers.frameworks.sqlalchemy.state import state_of
from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Class,
    Const,
    Deferred,
    External,
    Frame,
    Interpreter,
    Mapping,
    Object,
    Schema,
    Value,
    is_foreign,
    text_of,
)


def class_made(interp: Interpreter, cls: Class, frame: Frame) -> None:
    """A class body has been run: note whether it is declarative."""
    if MAPPED not in cls.ancestors(interp):
        base = _base_of_library(cls)
        if base is None:
            return
        # A base class of a library that is not known, but columns and a table name: declarative.
        _make_declarative(interp, base, MAPPED if base is cls else "sqlalchemy.DeclarativeBase")
    cls.extra[MAPPED] = True
    if not interp.booting:
        _known_again(interp, cls)
    elif not any(isinstance(base, Deferred) for parent in cls.mro() for base in parent.bases):
        declare_attributes(interp, cls, frame)


def _base_of_library(cls: Class) -> Class | None:
    """Of a lineage that declares a table: the class in it that inherits from what is not known."""
    lineage = cls.mro()
    if not any("__tablename__" in other.namespace for other in lineage):
        return None
    if not any(isinstance(v, definitions.ColumnDefinition) for c in lineage for v in c.namespace.values()):
        return None
    if any(is_foreign(base) for base in cls.bases):
        return cls
    foreign = [other for other in lineage if any(is_foreign(base) for base in other.bases)]
    stated = [other for other in foreign if not _OF_BASES.isdisjoint(other.namespace)]
    return stated[0] if stated else foreign[0] if len(foreign) == 1 else None


_OF_BASES = frozenset({"__abstract__", "metadata", "registry", "type_annotation_map"})
"""What a declarative base states, and a mixin hardly."""


def _make_declarative(interp: Interpreter, base: Class, lineage: str) -> None:
    base.bases.append(interp.external(lineage))
    base.roots = None
    for other in interp.program.classes:
        if other is not base and base in other.mro():
            other.roots = None
            other.extra[MAPPED] = True
    base.extra[MAPPED] = True


def declare_attributes(interp: Interpreter, cls: Class, frame: Frame) -> None:
    """Run the ``declared_attr`` functions that a mapped class gets from its mixins: they may make classes."""
    if is_mapped(interp, cls):
        for other in own_classes(interp, cls):
            for value in list(other.namespace.values()):
                if isinstance(value, definitions.DeclaredAttr):
                    value.of(interp, cls, frame)


def _known_again(interp: Interpreter, cls: Class) -> None:
    """A class made in a function that is run once more: it maps what its first edition mapped."""
    for known in state_of(interp).mapped:
        if known.line == cls.line and known.dotted == cls.dotted:
            entity = interp.state(Schema).of(known)
            if entity is not None:
                interp.state(Schema).alias(cls, entity)
            return


class OwnTable(expressions.Expression):
    """``Model.__table__`` before the schema is there."""

    __slots__ = ("cls",)

    def __init__(self, cls: Class) -> None:
        super().__init__((cls,))
        self.cls = cls

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name in ("select", "insert", "update", "delete"):
            return OwnTableMethod(self.cls, name)
        return super().get(interp, name, frame)


class OwnTableMethod(Value):
    """``Model.__table__.insert()`` and the like."""

    __slots__ = ("cls", "name")

    def __init__(self, cls: Class, name: str) -> None:
        self.cls = cls
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        if self.name == "select":
            return statements.Statement.select(Args([self.cls]), frame)
        return statements.Statement.dml(self.name, Args([self.cls]), frame)


def metadata_for(cls: Class) -> Value:
    """The metadata of a declarative base, made when first asked for."""
    from strangler.analyzers.frameworks.sqlalchemy.naming import is_root

    root = next((c for c in cls.mro() if is_root(c)), cls.mro()[-1])
    made = tables.MetaData()
    root.namespace["metadata"] = made
    return made


def declarative_base(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    """``declarative_base(cls=...)``: a class to inherit from; ``as_declarative`` decorates one."""
    name = external.name.rpartition(".")[2]
    if name == "as_declarative":
        return _AsDeclarative(args)
    made = Class(frame.module, "Base", "Base", frame.line, frame.line)
    given = [o for o in (args.get(None, "cls") or UNKNOWN).options() if isinstance(o, Class)]
    made.bases = [*given, interp.external("sqlalchemy.DeclarativeBase")]
    made.extra[MAPPED] = True
    metaclass = args.get(None, "metaclass")
    if isinstance(metaclass, Class):
        made.keywords["metaclass"] = metaclass
    meta = args.get(None, "metadata")
    if isinstance(meta, tables.MetaData):
        made.namespace["metadata"] = meta
    if name == "automap_base":
        made.namespace.update(classes=_AutomapClasses(), prepare=tables.Reflecting())
    return made


class _AsDeclarative(Value):
    __slots__ = ("args",)

    def __init__(self, args: Args) -> None:
        self.args = args

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        cls = args.get(0)
        if isinstance(cls, Class):
            cls.bases.append(interp.external("sqlalchemy.DeclarativeBase"))
            cls.roots = None
            cls.extra[MAPPED] = True
        return cls or UNKNOWN


class _AutomapClasses(Value):
    __slots__ = ()

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return tables.reference(name)

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        name = text_of(key)
        return tables.reference(name) if name else UNKNOWN


def has_inherited_table(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``has_inherited_table(cls)``."""
    cls = args.get(0)
    return Const(mapped_parent(interp, cls) is not None) if isinstance(cls, Class) else UNKNOWN


def registry_base(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    """``registry.generate_base()``."""
    meta = _registry_metadata(receiver)
    given = Args([], {**args.keywords, **({"metadata": meta} if meta is not None else {})})
    return declarative_base(interp, interp.external("sqlalchemy.declarative_base"), given, frame)


def _registry_metadata(receiver: Value) -> tables.MetaData | None:
    if not isinstance(receiver, Object):
        return None
    known = receiver.attrs.get("metadata") or receiver.arg(None, "metadata")
    if not isinstance(known, tables.MetaData):
        known = receiver.attrs["metadata"] = tables.MetaData()
    return known if isinstance(known, tables.MetaData) else None


def registry_member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    """Attributes of a registry: its metadata; its mappers are not told apart."""
    if name == "metadata":
        return _registry_metadata(obj)
    if name == "mappers":
        return UNKNOWN
    return None


def registry_mapped(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    """``@registry.mapped`` and its variants, bare or with options."""
    cls = args.get(0)
    if not isinstance(cls, Class):
        return _MappedDecorator(receiver)
    cls.bases.append(interp.external(MAPPED))
    cls.roots = None
    cls.extra[MAPPED] = True
    meta = _registry_metadata(receiver)
    if meta is not None:
        cls.namespace.setdefault("metadata", meta)
    return cls


class _MappedDecorator(Value):
    """``@registry.mapped_as_dataclass(...)`` with options."""

    __slots__ = ("receiver",)

    def __init__(self, receiver: Value) -> None:
        self.receiver = receiver

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return registry_mapped(interp, self.receiver, args, frame) or UNKNOWN


def registry_imperative(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    """``registry.map_imperatively(Class, table)``."""
    return _imperative(interp, args)


def mapper(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    """``mapper(Class, table)`` of the 1.x series."""
    return _imperative(interp, args)


def _imperative(interp: Interpreter, args: Args) -> Value:
    """``map_imperatively(Class, table, properties={...})``."""
    cls, table = args.get(0, "class_"), args.get(1, "local_table")
    properties = args.get(None, "properties")
    if isinstance(cls, Class) and isinstance(table, tables.CoreTable):
        given = properties.items if isinstance(properties, Mapping) else {}
        _make_declarative(interp, cls, MAPPED)
        state_of(interp).imperative.append((cls, table, dict(given)))
    return UNKNOWN
