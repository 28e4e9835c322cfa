"""From declarative classes to entities: table names, columns, foreign keys, inheritance."""

from __future__ import annotations

from strangler.analyzers.frameworks.sqlalchemy.annotations import annotated
from strangler.analyzers.frameworks.sqlalchemy.definitions import (
    ColumnDefinition,
    ColumnProperty,
    ConstraintDefinition,
    DeclaredAttr,
    Proxy,
    RelationshipDefinition,
)
from strangler.analyzers.frameworks.sqlalchemy.entities import (
    add_constraint,
    entity_of_table,
    foreign_key_target,
    model_column,
)
from strangler.analyzers.frameworks.sqlalchemy.mixins import mixin_columns
from strangler.analyzers.frameworks.sqlalchemy.names import MAPPED
from strangler.analyzers.frameworks.sqlalchemy.naming import (
    full_table_name,
    is_mapped,
    mapped_parent,
    metadata_of,
    own_classes,
    table_name,
    table_rules,
)
from strangler.analyzers.frameworks.sqlalchemy.relations import build_relations
from strangler.analyzers.frameworks.sqlalchemy.state import ClassMapping, State, state_of
from strangler.analyzers.frameworks.sqlalchemy.tables import CoreTable
from strangler.analyzers.plugin import (
    Class,
    Entity,
    Exhausted,
    Interpreter,
    Mapping,
    Schema,
    Value,
    tell_doubt,
)
from strangler.model.system import ForeignKey

MOST_MADE = 5_000
"""Classes that the declarations of others make; beyond, the rest is left out and said."""


def build(interp: Interpreter) -> None:
    """Fill the schema from everything that the module bodies declared."""
    state = state_of(interp)
    claimed: set[CoreTable] = set()
    mapped: set[Class] = set()
    known = len(interp.program.classes)
    for cls in interp.program.classes:  # what is declared for one may make others
        if MAPPED not in cls.ancestors(interp) or not is_mapped(interp, cls):
            continue
        interp.budget.begin("module_steps")
        reason = ""
        try:
            if len(interp.program.classes) > known + MOST_MADE:
                reason = f"declarations make more than {MOST_MADE:,} classes"
            else:
                _map(interp, cls, mapped, claimed)
        except (Exhausted, RecursionError) as error:
            reason = interp.reason(error)
        if reason:
            message = f"what {cls.name} declares takes too much: its table may be incomplete ({reason})"
            interp.log.failed(cls.module, cls.line, "too-complex", message)
    defaults = dict(state.tables)
    for cls, table, properties in state.imperative:
        entity = entity_of_table(interp, table, defaults.get(table))
        entity.cls, entity.path, entity.line = cls, cls.module.facts.path, cls.line
        interp.state(Schema).by_class[cls] = entity
        claimed.add(table)
        _register(interp, entity)
        mapping = state.mappings[cls] = ClassMapping(cls)
        mapping.entity = entity
        mapping.relations = {
            k: (v, []) for k, v in properties.items() if isinstance(v, RelationshipDefinition)
        }
        state.mapped.append(cls)
    for table, schema in state.tables:
        if table not in claimed and table.full_name not in interp.state(Schema).by_table:
            interp.state(Schema).add(entity_of_table(interp, table, schema))
    build_relations(interp, state)
    for cls in state.mapped:
        _with_subclasses(interp, cls, state)


def _register(interp: Interpreter, entity: Entity) -> None:
    """Add it, taking the place of a class-less table of the same name."""
    known = interp.state(Schema).by_table.get(entity.table)
    if known is not None and known.cls is None and entity.cls is not None:
        del interp.state(Schema).by_table[entity.table]
    interp.state(Schema).add(entity)


def _map(interp: Interpreter, cls: Class, mapped: set[Class], claimed: set[CoreTable]) -> None:
    if cls in mapped:
        return
    mapped.add(cls)
    parent = mapped_parent(interp, cls)
    if parent is not None:
        _map(interp, parent, mapped, claimed)
    state = state_of(interp)
    state.mapped.append(cls)
    mapping = state.mappings[cls] = ClassMapping(cls)
    _declarations(interp, mapping)
    own_table = cls.namespace.get("__table__")
    if own_table is None:
        found = cls.find("__table__")
        own_table = found[0] if found is not None and parent is None else None
    if isinstance(own_table, DeclaredAttr):
        own_table = own_table.of(interp, cls, interp.root_frame)
    parent_entity = interp.state(Schema).by_class.get(parent) if parent is not None else None
    if isinstance(own_table, CoreTable):
        claimed.add(own_table)
        meta = metadata_of(cls)
        entity = entity_of_table(interp, own_table, meta.schema if meta else None)
        entity.cls, entity.path, entity.line = cls, cls.module.facts.path, cls.line
    else:
        name = table_name(interp, cls)
        primary = any(c.is_primary() for c in mapping.columns.values()) or _has_primary_rule(interp, cls)
        if parent_entity is not None and (name is None or not primary):
            mapping.single = True
            mapping.entity = parent_entity
            interp.state(Schema).alias(cls, parent_entity)
            _columns(interp, mapping, parent_entity)
            return
        if name is None:
            return
        stated = full_table_name(interp, cls)
        if stated.doubt == "unresolved-table" and "<locals>" in cls.qualname:
            return  # a function makes it, of which the callers give the name: told with what has no table
        tell_doubt(interp, cls.module, cls.line, cls.name, stated)
        entity = Entity(cls, stated.text, "sqlalchemy", cls.module.facts.path, cls.line)
    if cls.find("__mapper_cls__") is not None:
        message = f"{cls.name} makes its mapper itself: what that maps besides, as its history, is not known"
        interp.log.failed(cls.module, cls.line, "unlisted-model", message)
    if parent_entity is not None and not _is_concrete(cls):
        entity.parents.append(parent_entity)
    mapping.entity = entity
    _columns(interp, mapping, entity)
    interp.state(Schema).by_class[cls] = entity
    _register(interp, entity)


def _with_subclasses(interp: Interpreter, cls: Class, state: State) -> None:
    """``with_polymorphic`` of a parent, ``polymorphic_load`` of a child."""
    entity, parent = interp.state(Schema).by_class.get(cls), mapped_parent(interp, cls)
    if entity is None or parent is None or entity.cls is not cls:
        return
    inline = _mapper_argument(cls, "polymorphic_load")
    while parent is not None:
        base = interp.state(Schema).by_class.get(parent)
        all_of_them = _mapper_argument(parent, "with_polymorphic")
        if base is not None and base is not entity and (inline is not None or all_of_them is not None):
            state.with_subclasses.setdefault(base, []).append(entity)
        parent = mapped_parent(interp, parent)


def _mapper_argument(cls: Class, name: str) -> Value | None:
    value = cls.namespace.get("__mapper_args__")
    return value.items.get(name) if isinstance(value, Mapping) else None


def _is_concrete(cls: Class) -> bool:
    concrete = _mapper_argument(cls, "concrete")
    return concrete is not None and concrete.truth() is True


def _has_primary_rule(interp: Interpreter, cls: Class) -> bool:
    rules = table_rules(interp, cls)
    return any(isinstance(r, ConstraintDefinition) and r.kind == "PrimaryKeyConstraint" for r in rules)


def _declarations(interp: Interpreter, mapping: ClassMapping) -> None:
    cls = mapping.cls
    mapping.columns.update(mixin_columns(interp, cls))
    for other in reversed(list(own_classes(interp, cls))):
        for name, (node, frame) in other.annotations.items():
            annotated(interp, mapping, other, name, node, frame)
        for name, value in list(other.namespace.items()):
            if isinstance(value, DeclaredAttr):
                value = value.of(interp, cls, interp.root_frame)
            _declared(mapping, name, value)


def _declared(mapping: ClassMapping, name: str, value: Value) -> None:
    if isinstance(value, ColumnDefinition):
        mapping.columns[name] = value
    elif isinstance(value, RelationshipDefinition):
        known = mapping.relations.get(name)
        mapping.relations[name] = (value, known[1] if known else [])
    elif isinstance(value, ColumnProperty):
        mapping.properties[name] = value
    elif isinstance(value, Proxy):
        mapping.proxies[name] = value


def _columns(interp: Interpreter, mapping: ClassMapping, entity: Entity) -> None:
    state = state_of(interp)
    meta = metadata_of(mapping.cls)
    default_schema = meta.schema if meta is not None else None
    for attribute, definition in mapping.columns.items():
        name = definition.given_name() or attribute
        column = model_column(name, definition, definition.kind or "", definition.optional)
        entity.columns.setdefault(attribute, column)
        if definition.is_primary():
            entity.primary_key = attribute
        state.owners.setdefault(definition, []).append((entity, name))
        for key in definition.foreign_keys():
            target = foreign_key_target(key, interp, default_schema)
            if target:
                entity.foreign_keys.append(
                    ForeignKey(column=name, table=target, to=key.to(), on_delete=key.on_delete())
                )
    for rule in table_rules(interp, mapping.cls):
        if isinstance(rule, ConstraintDefinition):
            add_constraint(interp, entity, rule, default_schema)
