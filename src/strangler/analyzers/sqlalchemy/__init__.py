"""SQLAlchemy 1.x and 2.x, Flask-SQLAlchemy and SQLModel: schema and data access."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.framework import Found, Framework
from strangler.analyzers.python.knowledge import words
from strangler.analyzers.python.values import (
    UNKNOWN,
    Args,
    Class,
    Const,
    External,
    Mapping,
    Method,
    Object,
    Value,
)
from strangler.analyzers.sqlalchemy import definitions, expressions, flask, instances, statements, tables
from strangler.analyzers.sqlalchemy.access import flush_pending
from strangler.analyzers.sqlalchemy.conventions import parameter
from strangler.analyzers.sqlalchemy.mapping import build, class_attribute, describe, mapped_parent
from strangler.analyzers.sqlalchemy.names import MAPPED, teach_names
from strangler.analyzers.sqlalchemy.sessions import QueryProperty, new_session, teach_sessions
from strangler.analyzers.sqlalchemy.state import state_of

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Frame, Interpreter
    from strangler.analyzers.python.knowledge import Knowledge

_COMBINING = words("""
    and_ or_ not_ case cast type_coerce desc asc distinct extract literal_column null nulls_first nulls_last
    nullsfirst nullslast tuple_ between any_ all_ over within_group funcfilter collate bindparam literal
    join outerjoin col true false within values array array_agg aggregate_order_by exists
""")


_OTHER_LOADERS = words("""
    lazyload noload raiseload contains_eager load_only defer undefer undefer_group defaultload Load
    with_loader_criteria
""")


class SqlAlchemy(Framework):
    """SQLAlchemy and what is built on it."""

    name = "sqlalchemy"
    packages = ("sqlalchemy", "flask_sqlalchemy", "sqlmodel", "flask_appbuilder")

    def teach(self, knowledge: Knowledge) -> None:
        teach_names(knowledge)
        teach_sessions(knowledge)
        knowledge.parameters.append(parameter)
        flask.teach_flask(knowledge)
        _teach_definitions(knowledge)
        _teach_statements(knowledge)
        _teach_classes(knowledge)

    def prepare(self, ip: Interpreter) -> None:
        build(ip)
        state = state_of(ip)
        ip.extensions["sqlalchemy.used"] = bool(ip.schema.by_table) and bool(state.mapped or state.tables)
        ip.booting, booting = False, ip.booting
        flush_pending(ip, state)
        ip.booting = booting

    def collect(self, ip: Interpreter) -> Found:
        state = state_of(ip)
        settle_unresolved(ip)
        return Found(present=bool(state.mapped or state.tables))


def settle_unresolved(ip: Interpreter) -> None:
    """Where some call told the table, the general look at the function need not say that it is unknown."""
    paths = {scope.name: scope.facts.path for scope in ip.program.scopes.values()}
    known = {(paths.get(note[0]), note[2]) for note in ip.notes.get("access", {})}
    unresolved = ip.notes.get("unresolved", {})
    for note in [note for note in unresolved if (note[0], note[1]) in known]:
        del unresolved[note]


def _teach_definitions(knowledge: Knowledge) -> None:
    calls = knowledge.calls
    for name in ("Column", "mapped_column"):
        calls[f"sqlalchemy.{name}"] = definitions.column
        knowledge.instantiations[f"sqlalchemy.{name}"] = lambda ip, cls, args, frame: (
            definitions.ColumnDefinition(args, frame)
        )
    calls["sqlalchemy.deferred"] = definitions.deferred
    calls["sqlalchemy.query_expression"] = definitions.deferred
    calls["sqlalchemy.column_property"] = definitions.column_property
    calls["sqlalchemy.ForeignKey"] = definitions.foreign_key
    calls["sqlalchemy.ForeignKeyConstraint"] = definitions.constraint
    calls["sqlalchemy.PrimaryKeyConstraint"] = definitions.constraint
    for name in ("relationship", "dynamic_loader", "relation"):
        calls[f"sqlalchemy.{name}"] = definitions.relationship
    calls["sqlmodel.Relationship"] = _sqlmodel_relationship
    calls["sqlmodel.Field"] = lambda ip, external, args, frame: definitions.ColumnDefinition(
        args, frame, True
    )
    calls["sqlalchemy.backref"] = definitions.backref
    for name in ("synonym", "composite"):
        calls[f"sqlalchemy.{name}"] = definitions.synonym
    calls["sqlalchemy.association_proxy"] = definitions.association_proxy
    for name in (
        "declared_attr",
        "declared_attr.directive",
        "declared_attr.cascading",
        "declared_attr.with_default",
    ):
        calls[f"sqlalchemy.{name}"] = definitions.declared_attr
    for name in ("hybrid_property", "hybrid_method"):
        calls[f"sqlalchemy.{name}"] = definitions.hybrid
    for name in ("validates", "reconstructor"):
        calls[f"sqlalchemy.{name}"] = definitions.decorator_that_keeps
    calls["sqlalchemy.MetaData"] = tables.metadata
    calls["sqlalchemy.Table"] = tables.table
    calls["sqlalchemy.table"] = tables.light_table
    for name in ("declarative_base", "as_declarative", "automap_base", "declarative_base_"):
        calls[f"sqlalchemy.{name}"] = _declarative_base
    calls["sqlalchemy.has_inherited_table"] = _has_inherited_table
    for name in ("registry", "registry.generate_base", "registry.mapped", "registry.map_imperatively"):
        knowledge.hierarchy.setdefault(f"sqlalchemy.{name}", ())
    knowledge.methods["sqlalchemy.registry.generate_base"] = _registry_base
    knowledge.methods["sqlalchemy.registry.mapped"] = _registry_mapped
    knowledge.methods["sqlalchemy.registry.mapped_as_dataclass"] = _registry_mapped
    knowledge.methods["sqlalchemy.registry.map_imperatively"] = _registry_imperative
    knowledge.methods["sqlalchemy.registry.map_declaratively"] = _registry_mapped
    knowledge.instance_members["sqlalchemy.registry"] = _registry_member
    calls["sqlalchemy.mapper"] = _mapper


def _teach_statements(knowledge: Knowledge) -> None:
    calls = knowledge.calls
    for name in _COMBINING:
        calls[f"sqlalchemy.{name}"] = expressions.combining
    for name in ("aliased", "alias", "with_polymorphic", "lateral", "subquery"):
        calls[f"sqlalchemy.{name}"] = expressions.aliased
    calls["sqlalchemy.select"] = statements.select
    for name in ("insert", "update", "delete"):
        calls[f"sqlalchemy.{name}"] = statements.dml
    calls["sqlalchemy.text"] = statements.text
    for name in ("union", "union_all", "intersect", "except_", "intersect_all", "except_all"):
        calls[f"sqlalchemy.{name}"] = statements.set_operation
    for name in (*statements.LOADERS, *_OTHER_LOADERS):
        calls[f"sqlalchemy.{name}"] = statements.load_option
    knowledge.attributes["sqlalchemy.func"] = lambda ip, external, name, frame: (
        expressions.FunctionNamespace()
    )
    calls["sqlalchemy.Query"] = _query_object
    knowledge.instantiations["sqlalchemy.Query"] = lambda ip, cls, args, frame: _query_object(
        ip, ip.external("sqlalchemy.Query"), args, frame
    )
    calls["sqlalchemy.inspect"] = lambda ip, external, args, frame: UNKNOWN


def _teach_classes(knowledge: Knowledge) -> None:
    knowledge.carriers.add(MAPPED)
    knowledge.descriptors[MAPPED] = _through_class
    knowledge.class_members[MAPPED] = _class_member
    knowledge.instance_descriptors[MAPPED] = instances.described
    knowledge.instance_members[MAPPED] = instances.member
    knowledge.stores[MAPPED] = instances.stored
    knowledge.instantiations[MAPPED] = instances.instantiated
    knowledge.class_hooks.append(_class_made)
    knowledge.methods["sqlmodel.SQLModel.sqlmodel_update"] = _sqlmodel_update
    for name in ("model_validate", "from_orm", "parse_obj", "model_construct"):
        knowledge.methods[f"sqlmodel.SQLModel.{name}"] = lambda ip, receiver, args, frame: (
            Object(receiver, Args(), frame) if isinstance(receiver, Class) else None
        )


# -- classes -----------------------------------------------------------------------------------------


def _class_made(ip: Interpreter, cls: Class, frame: Frame) -> None:
    """A class body has been run: note whether it is declarative."""
    if MAPPED not in cls.ancestors(ip):
        declared = any(isinstance(v, definitions.ColumnDefinition) for v in cls.namespace.values())
        foreign = any(b is UNKNOWN or isinstance(b, (External, Object)) for b in cls.bases)
        if not (declared and foreign and "__tablename__" in cls.namespace):
            return
        # A base class of a library that is not known, but columns and a table name: declarative.
        cls.bases.append(ip.external(MAPPED))
        cls.roots = None
    cls.extra[MAPPED] = True
    if not ip.booting:
        _known_again(ip, cls)


def _known_again(ip: Interpreter, cls: Class) -> None:
    """A class made in a function that is run once more: it maps what its first edition mapped."""
    for known in state_of(ip).mapped:
        if known.line == cls.line and known.dotted == cls.dotted:
            entity = ip.schema.of(known)
            if entity is not None:
                ip.schema.alias(cls, entity)
            return


def _through_class(ip: Interpreter, cls: Class, name: str, value: Value, frame: Frame) -> Value | None:
    if isinstance(value, QueryProperty):
        return value.of(cls, frame)
    if name == "metadata" or (name.startswith("__") and name != "__table__"):
        return value.of(ip, cls, frame) if isinstance(value, definitions.DeclaredAttr) else None
    return describe(ip, cls, name, value, frame)


def _class_member(ip: Interpreter, cls: Class, name: str, frame: Frame) -> Value | None:
    if name == "query":
        found = flask.class_query(ip, cls, frame)
        if found is not None:
            return found
    if name == "__table__":
        entity = ip.schema.of(cls)
        return tables.reference(entity.table) if entity is not None else _OwnTable(cls)
    if name == "metadata":
        return _metadata(cls)
    if name == "registry":
        return Object(ip.external("sqlalchemy.registry"), None, None)
    if name == "__mapper__":
        return UNKNOWN
    if name in ("c", "columns"):
        return expressions.Expression((cls,))
    return class_attribute(ip, cls, name, frame)


class _OwnTable(expressions.Expression):
    """``Model.__table__`` before the schema is there."""

    __slots__ = ("cls",)

    def __init__(self, cls: Class) -> None:
        super().__init__((cls,))
        self.cls = cls

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        if name in ("select", "insert", "update", "delete"):
            return _OwnTableMethod(self.cls, name)
        return super().get(ip, name, frame)


class _OwnTableMethod(Value):
    __slots__ = ("cls", "name")

    def __init__(self, cls: Class, name: str) -> None:
        self.cls = cls
        self.name = name

    def call(self, ip: Interpreter, args: Args, frame: Frame) -> Value:
        if self.name == "select":
            return statements.Statement.select(Args([self.cls]), frame)
        return statements.Statement.dml(self.name, Args([self.cls]), frame)


def _metadata(cls: Class) -> Value:
    """The metadata of a declarative base, made when first asked for."""
    from strangler.analyzers.sqlalchemy.mapping import is_root

    root = next((c for c in cls.mro() if is_root(c)), cls.mro()[-1])
    made = tables.MetaData()
    root.namespace["metadata"] = made
    return made


def _declarative_base(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    """``declarative_base(cls=...)``: a class to inherit from; ``as_declarative`` decorates one."""
    name = external.name.rpartition(".")[2]
    if name == "automap_base":
        return _Automap()
    if name == "as_declarative":
        return _AsDeclarative(args)
    made = Class(frame.module, "Base", "Base", frame.line, frame.line)
    given = [o for o in (args.get(None, "cls") or UNKNOWN).options() if isinstance(o, Class)]
    made.bases = [*given, ip.external("sqlalchemy.DeclarativeBase")]
    made.extra[MAPPED] = True
    meta = args.get(None, "metadata")
    if isinstance(meta, tables.MetaData):
        made.namespace["metadata"] = meta
    return made


class _AsDeclarative(Value):
    __slots__ = ("args",)

    def __init__(self, args: Args) -> None:
        self.args = args

    def call(self, ip: Interpreter, args: Args, frame: Frame) -> Value:
        cls = args.get(0)
        if isinstance(cls, Class):
            cls.bases.append(ip.external("sqlalchemy.DeclarativeBase"))
            cls.roots = None
            cls.extra[MAPPED] = True
        return cls or UNKNOWN


class _Automap(Value):
    """``automap_base()``: classes by the names of reflected tables."""

    __slots__ = ()

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        return _AutomapClasses() if name == "classes" else Method(self, name)

    def key(self) -> object:
        return "automap"


class _AutomapClasses(Value):
    __slots__ = ()

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        return tables.reference(name)

    def item(self, ip: Interpreter, key: Value, frame: Frame) -> Value:
        name = definitions.text_of(key)
        return tables.reference(name) if name else UNKNOWN


def _has_inherited_table(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    cls = args.get(0)
    return Const(mapped_parent(ip, cls) is not None) if isinstance(cls, Class) else UNKNOWN


def _registry_base(ip: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    meta = _registry_metadata(receiver)
    given = Args([], {**args.keywords, **({"metadata": meta} if meta is not None else {})})
    return _declarative_base(ip, ip.external("sqlalchemy.declarative_base"), given, frame)


def _registry_metadata(receiver: Value) -> tables.MetaData | None:
    if not isinstance(receiver, Object):
        return None
    known = receiver.attrs.get("metadata") or receiver.arg(None, "metadata")
    if not isinstance(known, tables.MetaData):
        known = receiver.attrs["metadata"] = tables.MetaData()
    return known if isinstance(known, tables.MetaData) else None


def _registry_member(ip: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    if name == "metadata":
        return _registry_metadata(obj)
    if name == "mappers":
        return UNKNOWN
    return None


def _registry_mapped(ip: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    cls = args.get(0)
    if not isinstance(cls, Class):
        return receiver_decorator(receiver)
    cls.bases.append(ip.external(MAPPED))
    cls.roots = None
    cls.extra[MAPPED] = True
    meta = _registry_metadata(receiver)
    if meta is not None:
        cls.namespace.setdefault("metadata", meta)
    return cls


class receiver_decorator(Value):  # noqa: N801
    """``@registry.mapped_as_dataclass(...)`` with options."""

    __slots__ = ("receiver",)

    def __init__(self, receiver: Value) -> None:
        self.receiver = receiver

    def call(self, ip: Interpreter, args: Args, frame: Frame) -> Value:
        return _registry_mapped(ip, self.receiver, args, frame) or UNKNOWN


def _registry_imperative(ip: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    return _imperative(ip, args)


def _mapper(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    return _imperative(ip, args)


def _imperative(ip: Interpreter, args: Args) -> Value:
    """``map_imperatively(Class, table, properties={...})``."""
    cls, table = args.get(0, "class_"), args.get(1, "local_table")
    properties = args.get(None, "properties")
    if isinstance(cls, Class) and isinstance(table, tables.CoreTable):
        given = properties.items if isinstance(properties, Mapping) else {}
        cls.bases.append(ip.external(MAPPED))
        for other in ip.program.classes:
            if cls in other.mro():
                other.roots = None
                other.extra[MAPPED] = True
        cls.roots = None
        cls.extra[MAPPED] = True
        state_of(ip).imperative.append((cls, table, dict(given)))
    return UNKNOWN


# -- SQLModel ----------------------------------------------------------------------------------------


def _sqlmodel_relationship(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    explicit = args.get(None, "sa_relationship")
    if isinstance(explicit, definitions.RelationshipDefinition):
        return explicit
    keywords = dict(args.keywords)
    more = keywords.get("sa_relationship_kwargs")
    if isinstance(more, Mapping):
        keywords.update({k: v for k, v in more.items.items() if isinstance(k, str)})
    if "passive_deletes" in keywords and keywords["passive_deletes"].truth() is False:
        del keywords["passive_deletes"]
    return definitions.RelationshipDefinition(Args([], keywords), frame)


def _sqlmodel_update(ip: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    if isinstance(receiver, statements.Loaded):
        receiver.updated = True  # written when it is added to the session again
    elif isinstance(receiver, Object):
        instances.stored(ip, receiver, "*", UNKNOWN, frame)
    return receiver


def _query_object(ip: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    made = statements.Statement("query", frame)
    made.session = new_session(ip)
    given = args.get(0, "entities") or UNKNOWN
    return made.selecting([given])
