"""SQLAlchemy 1.x and 2.x, Flask-SQLAlchemy and SQLModel: schema and data access."""

from __future__ import annotations

from strangler.analyzers.frameworks.sqlalchemy import (
    declaring,
    definitions,
    executing,
    expressions,
    flask,
    instances,
    loading,
    rows,
    statements,
    tables,
    unlisted,
    versions,
)
from strangler.analyzers.frameworks.sqlalchemy.access import flush_pending
from strangler.analyzers.frameworks.sqlalchemy.conventions import keyed, of_request, parameter
from strangler.analyzers.frameworks.sqlalchemy.declarative import (
    OwnTable,
    class_made,
    declarative_base,
    has_inherited_table,
    mapper,
    metadata_for,
    registry_base,
    registry_imperative,
    registry_mapped,
    registry_member,
)
from strangler.analyzers.frameworks.sqlalchemy.factories import QueryProperty, new_session
from strangler.analyzers.frameworks.sqlalchemy.mapping import build
from strangler.analyzers.frameworks.sqlalchemy.names import MAPPED, teach_names
from strangler.analyzers.frameworks.sqlalchemy.references import class_attribute, describe
from strangler.analyzers.frameworks.sqlalchemy.sessions import teach_sessions
from strangler.analyzers.frameworks.sqlalchemy.state import state_of
from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Class,
    External,
    Found,
    Frame,
    Framework,
    Interpreter,
    Knowledge,
    Mapping,
    Object,
    Schema,
    Value,
    words,
)

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
    packages = (
        "sqlalchemy",
        "flask_sqlalchemy",
        "flask_sqlalchemy_lite",
        "quart_sqlalchemy",
        "sqlalchemy_continuum",
        "sqlmodel",
        "flask_appbuilder",
    )
    partly = ("flask_login", "flask_security", "geoalchemy2")

    def teach(self, knowledge: Knowledge) -> None:
        teach_names(knowledge)
        teach_sessions(knowledge)
        knowledge.parameters.append(parameter)
        knowledge.keys.append(keyed)
        knowledge.attributes["flask.g"] = of_request
        flask.teach_flask(knowledge)
        versions.teach(knowledge)
        knowledge.handed.append(unlisted.tell_makers)
        _teach_definitions(knowledge)
        _teach_statements(knowledge)
        _teach_classes(knowledge)

    def prepare(self, interp: Interpreter) -> None:
        build(interp)
        versions.add(interp)
        unlisted.tell_classes(interp)
        state = state_of(interp)
        state.used = bool(interp.state(Schema).by_table) and bool(state.mapped or state.tables)
        with interp.phase(booting=False):
            flush_pending(interp, state)

    def collect(self, interp: Interpreter) -> Found:
        state = state_of(interp)
        settle_unresolved(interp)
        unlisted.tell_functions(interp)
        return Found(present=bool(state.mapped or state.tables))


def settle_unresolved(interp: Interpreter) -> None:
    """Where some call told the table, the general look at the function need not say that it is unknown."""
    known = {(access.place.module, access.place.line) for access in interp.log.accesses}
    for row in list(interp.log.unresolved):
        if (row.place.module, row.place.line) in known and "statement" in row.what:
            del interp.log.unresolved[row]


def _teach_definitions(knowledge: Knowledge) -> None:
    calls = knowledge.calls
    for name in ("Column", "mapped_column"):
        calls[f"sqlalchemy.{name}"] = definitions.column
        knowledge.instantiations[f"sqlalchemy.{name}"] = definitions.of_subclass(definitions.column)
    calls["sqlalchemy.deferred"] = definitions.deferred
    calls["sqlalchemy.query_expression"] = definitions.deferred
    calls["sqlalchemy.column_property"] = definitions.column_property
    calls["sqlalchemy.ForeignKey"] = definitions.foreign_key
    calls["sqlalchemy.ForeignKeyConstraint"] = definitions.constraint
    calls["sqlalchemy.PrimaryKeyConstraint"] = definitions.constraint
    for name in ("ForeignKey", "ForeignKeyConstraint", "PrimaryKeyConstraint"):
        knowledge.instantiations[f"sqlalchemy.{name}"] = definitions.of_subclass(calls[f"sqlalchemy.{name}"])
    for name in ("relationship", "dynamic_loader", "relation"):
        calls[f"sqlalchemy.{name}"] = definitions.relationship
    calls["sqlmodel.Relationship"] = _sqlmodel_relationship
    calls["sqlmodel.Field"] = definitions.field
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
    calls["sqlalchemy.MetaData"] = declaring.metadata
    calls["sqlalchemy.Table"] = declaring.table
    knowledge.instantiations["sqlalchemy.Table"] = definitions.of_subclass(declaring.table)
    calls["sqlalchemy.table"] = declaring.light_table
    for name in ("declarative_base", "as_declarative", "automap_base", "declarative_base_"):
        calls[f"sqlalchemy.{name}"] = declarative_base
    calls["sqlalchemy.has_inherited_table"] = has_inherited_table
    for name in ("registry", "registry.generate_base", "registry.mapped", "registry.map_imperatively"):
        knowledge.hierarchy.setdefault(f"sqlalchemy.{name}", ())
    knowledge.methods["sqlalchemy.registry.generate_base"] = registry_base
    knowledge.methods["sqlalchemy.registry.mapped"] = registry_mapped
    knowledge.methods["sqlalchemy.registry.mapped_as_dataclass"] = registry_mapped
    knowledge.methods["sqlalchemy.registry.map_imperatively"] = registry_imperative
    knowledge.methods["sqlalchemy.registry.map_declaratively"] = registry_mapped
    knowledge.instance_members["sqlalchemy.registry"] = registry_member
    calls["sqlalchemy.mapper"] = mapper


def _teach_statements(knowledge: Knowledge) -> None:
    calls = knowledge.calls
    for name in _COMBINING:
        calls[f"sqlalchemy.{name}"] = expressions.combining
    for name in ("aliased", "alias", "with_polymorphic", "lateral", "subquery"):
        calls[f"sqlalchemy.{name}"] = expressions.aliased
    calls["sqlalchemy.select"] = executing.select
    for name in ("insert", "update", "delete"):
        calls[f"sqlalchemy.{name}"] = executing.dml
    calls["sqlalchemy.text"] = executing.text
    for name in ("union", "union_all", "intersect", "except_", "intersect_all", "except_all"):
        calls[f"sqlalchemy.{name}"] = executing.set_operation
    for name in (*loading.LOADERS, *_OTHER_LOADERS):
        calls[f"sqlalchemy.{name}"] = loading.load_option
    knowledge.attributes["sqlalchemy.func"] = lambda interp, external, name, frame: (
        expressions.FunctionNamespace()
    )
    calls["sqlalchemy.Query"] = _query_object
    knowledge.instantiations["sqlalchemy.Query"] = lambda interp, cls, args, frame: _query_object(
        interp, interp.external("sqlalchemy.Query"), args, frame
    )
    calls["sqlalchemy.inspect"] = lambda interp, external, args, frame: UNKNOWN


def _teach_classes(knowledge: Knowledge) -> None:
    knowledge.carriers.add(MAPPED)
    knowledge.descriptors[MAPPED] = _through_class
    knowledge.class_members[MAPPED] = _class_member
    knowledge.instance_descriptors[MAPPED] = instances.described
    knowledge.instance_members[MAPPED] = instances.member
    knowledge.stores[MAPPED] = instances.stored
    knowledge.instantiations[MAPPED] = instances.instantiated
    knowledge.class_hooks.append(class_made)
    knowledge.methods["sqlmodel.SQLModel.sqlmodel_update"] = _sqlmodel_update
    for name in ("model_validate", "from_orm", "parse_obj", "model_construct"):
        knowledge.methods[f"sqlmodel.SQLModel.{name}"] = lambda interp, receiver, args, frame: (
            Object(receiver, Args(), frame) if isinstance(receiver, Class) else None
        )


# -- classes -----------------------------------------------------------------------------------------


def _through_class(interp: Interpreter, cls: Class, name: str, value: Value, frame: Frame) -> Value | None:
    if isinstance(value, QueryProperty):
        return value.of(cls, frame)
    if name == "metadata" or (name.startswith("__") and name != "__table__"):
        return value.of(interp, cls, frame) if isinstance(value, definitions.DeclaredAttr) else None
    return describe(interp, cls, name, value, frame)


def _class_member(interp: Interpreter, cls: Class, name: str, frame: Frame) -> Value | None:
    if name == "query":
        found = flask.class_query(interp, cls, frame)
        if found is not None:
            return found
    if name == "__table__":
        entity = interp.state(Schema).of(cls)
        return tables.reference(entity.table) if entity is not None else OwnTable(cls)
    if name == "metadata":
        return metadata_for(cls)
    if name == "registry":
        return Object(interp.external("sqlalchemy.registry"), None, None)
    if name == "__mapper__":
        return UNKNOWN
    if name in ("c", "columns", "*"):
        return expressions.Expression((cls,))
    return class_attribute(interp, cls, name, frame)


# -- SQLModel ----------------------------------------------------------------------------------------


def _sqlmodel_relationship(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
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


def _sqlmodel_update(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    if isinstance(receiver, rows.Loaded):
        receiver.updated = True  # written when it is added to the session again
    elif isinstance(receiver, Object):
        instances.stored(interp, receiver, "*", UNKNOWN, frame)
    return receiver


def _query_object(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    made = statements.Statement("query", frame)
    made.session = new_session(interp)
    given = args.get(0, "entities") or UNKNOWN
    return made.selecting([given])
