"""From declarative classes to entities: table names, columns, foreign keys, inheritance."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from strangler.analyzers.python.expressions import evaluate
from strangler.analyzers.python.values import (
    NONE,
    UNKNOWN,
    Args,
    Class,
    Const,
    External,
    Function,
    Generic,
    Mapping,
    Sequence,
    Value,
    Wrapper,
)
from strangler.analyzers.schema import Entity, Relation
from strangler.analyzers.sqlalchemy.definitions import (
    ColumnDefinition,
    ColumnProperty,
    ConstraintDefinition,
    DeclaredAttr,
    Hybrid,
    Proxy,
    RelationshipDefinition,
    Synonym,
    text_of,
)
from strangler.analyzers.sqlalchemy.expressions import (
    ColumnReference,
    Expression,
    RelationReference,
    sources_of,
)
from strangler.analyzers.sqlalchemy.names import CLASS_LIBRARY_TABLES, MAPPED
from strangler.analyzers.sqlalchemy.state import State, state_of
from strangler.analyzers.sqlalchemy.tables import (
    CoreTable,
    MetaData,
    TableColumn,
    add_constraint,
    entity_of_table,
    foreign_key_target,
    model_column,
)
from strangler.model.system import ForeignKey

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Frame, Interpreter

_ROOTS = {"sqlalchemy.DeclarativeBase", "sqlalchemy.DeclarativeBaseNoMeta"}
_CAMEL = re.compile(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))")
_MAPPED_ANNOTATIONS = {
    "sqlalchemy.Mapped": "",
    "sqlalchemy.WriteOnlyMapped": "write_only",
    "sqlalchemy.DynamicMapped": "dynamic",
}


class ClassMapping:
    """What is declared for one mapped class: by itself and by its mixins and abstract bases."""

    def __init__(self, cls: Class) -> None:
        self.cls = cls
        self.columns: dict[str, ColumnDefinition] = {}
        self.relations: dict[str, tuple[RelationshipDefinition, list[str]]] = {}
        """Attribute -> its definition and the class names in its annotation."""
        self.lists: set[str] = set()
        """Attributes annotated with a collection."""
        self.properties: dict[str, ColumnProperty] = {}
        self.proxies: dict[str, Proxy] = {}
        self.entity: Entity | None = None
        self.single = False
        """Single-table inheritance: the parent's table serves."""


# -- which classes are mapped ------------------------------------------------------------------------


def is_root(cls: Class) -> bool:
    """Whether it is a declarative base rather than a mapped class."""
    return any(isinstance(b, External) and b.name in _ROOTS for b in cls.bases)


def is_abstract(cls: Class) -> bool:
    """``__abstract__ = True`` in the class itself."""
    value = cls.namespace.get("__abstract__")
    return value is not None and value.truth() is True


def is_mapped(ip: Interpreter, cls: Class) -> bool:
    """Whether the class has a mapper (a table, or a part in its parent's)."""
    known = cls.extra.get("sqlalchemy.is_mapped")
    if known is None:
        cls.extra["sqlalchemy.is_mapped"] = False
        known = cls.extra["sqlalchemy.is_mapped"] = _is_mapped(ip, cls)
    return bool(known)


def _is_mapped(ip: Interpreter, cls: Class) -> bool:
    lineage = cls.ancestors(ip)
    if MAPPED not in lineage or is_root(cls) or is_abstract(cls):
        return False
    if "sqlmodel.SQLModel" in lineage:
        table = cls.keywords.get("table")
        return table is not None and table.truth() is True
    if "__table__" in cls.namespace or mapped_parent(ip, cls) is not None:
        return True
    return table_name(ip, cls) is not None


def mapped_parent(ip: Interpreter, cls: Class) -> Class | None:
    """The nearest mapped class that it inherits from."""
    return next((c for c in cls.mro()[1:] if is_mapped(ip, c)), None)


def _own_classes(ip: Interpreter, cls: Class) -> Iterator[Class]:
    """The class, and the mixins and abstract bases that declare for it."""
    yield cls
    parent = mapped_parent(ip, cls)
    theirs = set(parent.mro()) if parent is not None else set()
    for other in cls.mro()[1:]:
        if other not in theirs and not is_mapped(ip, other):
            yield other


# -- names -------------------------------------------------------------------------------------------


def table_name(ip: Interpreter, cls: Class) -> str | None:
    """The name of the table that the class declares; None where it uses its parent's or has none."""
    for other in cls.mro():
        value = other.namespace.get("__tablename__")
        if value is None:
            continue
        if isinstance(value, (Function, Wrapper)):
            value = DeclaredAttr(value.function if isinstance(value, Wrapper) else value)
        if isinstance(value, DeclaredAttr):
            if other is cls or not is_mapped(ip, other):
                value = value.of(ip, cls, ip.root_frame)
            else:
                continue
        elif other is not cls and is_mapped(ip, other):
            break  # a parent's own table: this class gets a name by convention, or shares it
        return next((o.value for o in value.options() if text_of(o)), None)  # type: ignore[attr-defined]
    return _by_convention(ip, cls)


def _by_convention(ip: Interpreter, cls: Class) -> str | None:
    lineage = cls.ancestors(ip)
    if "sqlmodel.SQLModel" in lineage:
        return cls.name.lower()
    if "flask_sqlalchemy.Model" in lineage:
        return snake_case(cls.name)
    for library, name in CLASS_LIBRARY_TABLES.items():
        if library in lineage:
            return name
    if any(root.startswith("advanced_alchemy.base.") for root in lineage):
        return snake_case(cls.name)
    return None


def snake_case(name: str) -> str:
    """Flask-SQLAlchemy's name for a class: ``BlogPost`` -> ``blog_post``."""
    return _CAMEL.sub(r"_\1", name).lower()


def metadata_of(cls: Class) -> MetaData | None:
    """The metadata that the class's tables belong to."""
    for other in cls.mro():
        value = other.namespace.get("metadata")
        if isinstance(value, MetaData):
            return value
    return None


def _schema(ip: Interpreter, cls: Class) -> str | None:
    arguments = _table_arguments(ip, cls)
    if isinstance(arguments, Sequence) and arguments.items:
        arguments = arguments.items[-1]
    if isinstance(arguments, Mapping) and "schema" in arguments.items:
        return text_of(arguments.items["schema"])
    meta = metadata_of(cls)
    return meta.schema if meta is not None else None


def _table_arguments(ip: Interpreter, cls: Class) -> Value | None:
    for other in _own_classes(ip, cls):
        value = other.namespace.get("__table_args__")
        if isinstance(value, DeclaredAttr):
            value = value.of(ip, cls, ip.root_frame)
        if value is not None:
            return value
    return None


# -- building ----------------------------------------------------------------------------------------


def build(ip: Interpreter) -> None:
    """Fill the schema from everything that the module bodies declared."""
    from strangler.analyzers.sqlalchemy.relations import build_relations

    state = state_of(ip)
    classes = [c for c in ip.program.classes if MAPPED in c.ancestors(ip) and is_mapped(ip, c)]
    claimed: set[CoreTable] = set()
    defaults = dict(state.tables)
    mapped: set[Class] = set()
    for cls in classes:
        _map(ip, cls, mapped, claimed)
    for cls, table, properties in state.imperative:
        entity = entity_of_table(ip, table, defaults.get(table))
        entity.cls, entity.path, entity.line = cls, cls.module.facts.path, cls.line
        ip.schema.by_class[cls] = entity
        claimed.add(table)
        _register(ip, entity)
        mapping = state.mappings[cls] = ClassMapping(cls)
        mapping.entity = entity
        mapping.relations = {
            k: (v, []) for k, v in properties.items() if isinstance(v, RelationshipDefinition)
        }
        state.mapped.append(cls)
    for table, schema in state.tables:
        if table not in claimed and table.full_name not in ip.schema.by_table:
            ip.schema.add(entity_of_table(ip, table, schema))
    build_relations(ip, state)
    for cls in state.mapped:
        _with_subclasses(ip, cls, state)


def _register(ip: Interpreter, entity: Entity) -> None:
    """Add it, taking the place of a class-less table of the same name."""
    known = ip.schema.by_table.get(entity.table)
    if known is not None and known.cls is None and entity.cls is not None:
        del ip.schema.by_table[entity.table]
    ip.schema.add(entity)


def _map(ip: Interpreter, cls: Class, mapped: set[Class], claimed: set[CoreTable]) -> None:
    if cls in mapped:
        return
    mapped.add(cls)
    parent = mapped_parent(ip, cls)
    if parent is not None:
        _map(ip, parent, mapped, claimed)
    state = state_of(ip)
    state.mapped.append(cls)
    mapping = state.mappings[cls] = ClassMapping(cls)
    _declarations(ip, mapping)
    own_table = cls.namespace.get("__table__")
    if own_table is None:
        found = cls.find("__table__")
        own_table = found[0] if found is not None and parent is None else None
    if isinstance(own_table, DeclaredAttr):
        own_table = own_table.of(ip, cls, ip.root_frame)
    parent_entity = ip.schema.by_class.get(parent) if parent is not None else None
    if isinstance(own_table, CoreTable):
        claimed.add(own_table)
        meta = metadata_of(cls)
        entity = entity_of_table(ip, own_table, meta.schema if meta else None)
        entity.cls, entity.path, entity.line = cls, cls.module.facts.path, cls.line
    else:
        name = table_name(ip, cls)
        primary = any(c.is_primary() for c in mapping.columns.values()) or _has_primary_rule(ip, cls)
        if parent_entity is not None and (name is None or not primary):
            mapping.single = True
            mapping.entity = parent_entity
            ip.schema.alias(cls, parent_entity)
            _columns(ip, mapping, parent_entity)
            return
        if name is None:
            return
        schema = _schema(ip, cls)
        table = f"{schema}.{name}" if schema else name
        entity = Entity(cls, table, "sqlalchemy", cls.module.facts.path, cls.line)
    if parent_entity is not None and not _is_concrete(cls):
        entity.parents.append(parent_entity)
    mapping.entity = entity
    _columns(ip, mapping, entity)
    ip.schema.by_class[cls] = entity
    _register(ip, entity)


def _with_subclasses(ip: Interpreter, cls: Class, state: State) -> None:
    """``with_polymorphic`` of a parent, ``polymorphic_load`` of a child."""
    entity, parent = ip.schema.by_class.get(cls), mapped_parent(ip, cls)
    if entity is None or parent is None or entity.cls is not cls:
        return
    inline = _mapper_argument(cls, "polymorphic_load")
    while parent is not None:
        base = ip.schema.by_class.get(parent)
        all_of_them = _mapper_argument(parent, "with_polymorphic")
        if base is not None and base is not entity and (inline is not None or all_of_them is not None):
            state.with_subclasses.setdefault(base, []).append(entity)
        parent = mapped_parent(ip, parent)


def _mapper_argument(cls: Class, name: str) -> Value | None:
    value = cls.namespace.get("__mapper_args__")
    return value.items.get(name) if isinstance(value, Mapping) else None


def _is_concrete(cls: Class) -> bool:
    concrete = _mapper_argument(cls, "concrete")
    return concrete is not None and concrete.truth() is True


def _has_primary_rule(ip: Interpreter, cls: Class) -> bool:
    arguments = _table_arguments(ip, cls)
    rules = arguments.items if isinstance(arguments, Sequence) else []
    return any(isinstance(r, ConstraintDefinition) and r.kind == "PrimaryKeyConstraint" for r in rules)


def _declarations(ip: Interpreter, mapping: ClassMapping) -> None:
    cls = mapping.cls
    for other in reversed(list(_own_classes(ip, cls))):
        for name, (node, frame) in other.annotations.items():
            _annotated(ip, mapping, other, name, node, frame)
        for name, value in list(other.namespace.items()):
            if isinstance(value, DeclaredAttr):
                value = value.of(ip, cls, ip.root_frame)
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


def _annotated(
    ip: Interpreter, mapping: ClassMapping, owner: Class, name: str, node: list[object], frame: Frame
) -> None:
    """An annotation of the class body: ``Mapped[...]``, or a field of a SQLModel."""
    value = evaluate(ip, node, frame)
    if isinstance(value, Const) and isinstance(value.value, str):
        from strangler.analyzers.python.annotated import parse_expression

        parsed = parse_expression(value.value)
        if parsed is not None:
            node, value = parsed, evaluate(ip, parsed, frame)
    origin = value.origin.name if isinstance(value, Generic) and isinstance(value.origin, External) else ""
    given = owner.namespace.get(name)
    names = class_names(node)
    if isinstance(given, RelationshipDefinition):
        given.mode = given.mode or _MAPPED_ANNOTATIONS.get(origin, "")
        mapping.relations[name] = (given, names)
        if _is_collection(names):
            mapping.lists.add(name)
        return
    kind, optional = _scalar(names)
    if origin in _MAPPED_ANNOTATIONS:
        inner = _pep593(value)
        if given is None:
            given = inner or ColumnDefinition(Args())
        elif isinstance(given, ColumnDefinition) and inner is not None and "merged" not in given.attrs:
            given.args = Args(
                [*given.args.positional, *inner.args.positional],
                {**inner.args.keywords, **given.args.keywords},
            )
            given.attrs["merged"] = NONE
        if isinstance(given, ColumnDefinition):
            mapping.columns[name] = _typed(given, kind, optional)
    elif _is_sqlmodel_field(ip, mapping.cls, name, given, origin):
        column = given if isinstance(given, ColumnDefinition) else ColumnDefinition(Args(), None, True)
        explicit = column.args.get(None, "sa_column")
        mapping.columns[name] = _typed(
            explicit if isinstance(explicit, ColumnDefinition) else column, kind, optional
        )


def _is_sqlmodel_field(ip: Interpreter, cls: Class, name: str, given: Value | None, origin: str) -> bool:
    if "sqlmodel.SQLModel" not in cls.ancestors(ip) or origin == "typing.ClassVar":
        return False
    if isinstance(given, Hybrid) or name.startswith("_"):
        return False
    return name not in ("model_config", "metadata")


def _typed(column: ColumnDefinition, kind: str, optional: bool) -> ColumnDefinition:
    column.attrs.setdefault("annotated type", Const(kind))
    column.attrs.setdefault("annotated optional", Const(optional))
    return column


def _pep593(value: Value) -> ColumnDefinition | None:
    """``Mapped[intpk]`` where ``intpk = Annotated[int, mapped_column(primary_key=True)]``."""
    for option in value.argument.options() if isinstance(value, Generic) else ():
        if isinstance(option, Generic) and isinstance(option.argument, Sequence):
            for part in option.argument.items:
                if isinstance(part, ColumnDefinition):
                    return ColumnDefinition(part.args)
    return None


def _columns(ip: Interpreter, mapping: ClassMapping, entity: Entity) -> None:
    state = state_of(ip)
    meta = metadata_of(mapping.cls)
    default_schema = meta.schema if meta is not None else None
    for attribute, definition in mapping.columns.items():
        name = definition.given_name() or attribute
        kind = text_of(definition.attrs.get("annotated type")) or ""
        optional = definition.attrs.get("annotated optional")
        nullable = optional.truth() if optional is not None else None
        entity.columns.setdefault(attribute, model_column(name, definition, kind, nullable))
        if definition.is_primary():
            entity.primary_key = attribute
        state.owners.setdefault(definition, []).append((entity, name))
        for key in definition.foreign_keys():
            target = foreign_key_target(key, ip, default_schema)
            if target:
                entity.foreign_keys.append(ForeignKey(column=name, table=target, on_delete=key.on_delete()))
    arguments = _table_arguments(ip, mapping.cls)
    for rule in arguments.items if isinstance(arguments, Sequence) else []:
        if isinstance(rule, ConstraintDefinition):
            add_constraint(ip, entity, rule, default_schema)


# -- annotations as written --------------------------------------------------------------------------

_COLLECTIONS = {
    "list",
    "List",
    "set",
    "Set",
    "dict",
    "Dict",
    "Sequence",
    "Collection",
    "Iterable",
    "frozenset",
}


def class_names(node: object) -> list[str]:
    """Every name in an annotation, outermost first, strings parsed: ``Mapped[list["Order"]]``."""
    from strangler.analyzers.python import ir

    found: list[str] = []

    def walk(part: object) -> None:
        if not isinstance(part, list) or not part:
            return
        kind = part[0]
        if kind == ir.NAME:
            found.append(part[2])
        elif kind == ir.ATTR:
            found.append(part[3])
        elif kind == ir.CONST:
            if isinstance(part[2], str):
                found.extend(re.findall(r"[A-Za-z_]\w*", part[2])[:12])
            elif part[2] is None:
                found.append("None")
        else:
            for child in part[2:]:
                if isinstance(child, list):
                    for inner in [child] if child and isinstance(child[0], int) else child:
                        walk(inner)

    walk(node)
    return found


def _is_collection(names: list[str]) -> bool:
    return any(n in _COLLECTIONS for n in names)


def _scalar(names: list[str]) -> tuple[str, bool]:
    """The Python type that a column's annotation names, and whether it may be None."""
    optional = "Optional" in names or "None" in names
    skip = {"Mapped", "Optional", "Union", "None", "Annotated", "Final", "orm", "so", "t", "typing"}
    return next((n for n in names if n not in skip), ""), optional


# -- look-ups ----------------------------------------------------------------------------------------


def relation_of(ip: Interpreter, cls: Class, name: str) -> Relation | None:
    """The relation that an attribute of a class stands for."""
    entity = ip.schema.of(cls)
    return entity.relation(name) if entity is not None else None


def class_attribute(ip: Interpreter, cls: Class, name: str, frame: Frame) -> Value | None:
    """``Model.name`` where the name is declared by the ORM; None where it is not."""
    found = cls.find(name)
    if found is not None:
        return describe(ip, cls, name, found[0], frame)
    entity = ip.schema.of(cls)
    if entity is not None:
        if entity.relation(name) is not None:
            return RelationReference(cls, name)
        if any(name in e.columns for e in (entity, *entity.parents)):
            return ColumnReference(cls, name)
    if any(name in other.annotations for other in cls.mro()):
        return ColumnReference(cls, name)
    return None


def describe(ip: Interpreter, cls: Class, name: str, value: Value, frame: Frame) -> Value | None:
    """A class attribute as it is seen through the class."""
    if isinstance(value, DeclaredAttr):
        value = value.of(ip, cls, frame)
        if name.startswith("__"):
            return value
    if isinstance(value, (ColumnDefinition, Synonym)):
        return ColumnReference(cls, name)
    if isinstance(value, RelationshipDefinition):
        return RelationReference(cls, name)
    if isinstance(value, ColumnProperty):
        return Expression((cls, *sources_of(value.args.all())))
    if isinstance(value, Hybrid):
        function = value.expression or value.function
        if value.is_method:
            from strangler.analyzers.python.values import Bound

            return Bound(function, cls)
        result = function.call(ip, Args([cls]), frame)
        return (
            result if sources_of([result]) else Expression(tuple(dict.fromkeys((cls, *sources_of([result])))))
        )
    if isinstance(value, Proxy):
        first = text_of(value.args.get(0, "target_collection"))
        return _proxied(ip, cls, first, text_of(value.args.get(1, "attr")))
    if value is NONE and any(name in other.annotations for other in cls.mro()):
        return ColumnReference(cls, name)  # a SQLModel field with a default
    if isinstance(value, Const) and "sqlmodel.SQLModel" in cls.ancestors(ip) and not name.startswith("_"):
        return ColumnReference(cls, name)
    return None


def _proxied(ip: Interpreter, cls: Class, first: str | None, second: str | None) -> Value:
    if first is None:
        return UNKNOWN
    reference = RelationReference(cls, first)
    sources: list[object] = [cls, *reference.target(ip)]
    relation = relation_of(ip, cls, first)
    if relation is not None and relation.target is not None and relation.target.cls is not None and second:
        further = relation_of(ip, relation.target.cls, second)
        if further is not None:
            sources += RelationReference(relation.target.cls, second).target(ip)
    return Expression(tuple(dict.fromkeys(sources)))


def table_of_column(ip: Interpreter, value: Value) -> str | None:
    """The table of a column object in ``ForeignKey(User.id)``."""
    if isinstance(value, TableColumn):
        table = value.of
        return table.full_name if isinstance(table, CoreTable) else None
    if isinstance(value, ColumnReference):
        for cls in value.cls.mro():
            if is_mapped(ip, cls) and (value.name in cls.namespace or value.name in cls.annotations):
                return _full_table_name(ip, cls)
        return _full_table_name(ip, value.cls)
    if isinstance(value, ColumnDefinition):
        for cls in ip.program.classes:
            if MAPPED in cls.extra and value in cls.namespace.values():
                return _full_table_name(ip, cls)
    return None


def _full_table_name(ip: Interpreter, cls: Class) -> str | None:
    entity = ip.schema.by_class.get(cls)
    if entity is not None:
        return entity.table
    own = cls.namespace.get("__table__")
    if isinstance(own, CoreTable):
        return own.full_name
    name = table_name(ip, cls)
    parent = mapped_parent(ip, cls)
    if name is None:
        return _full_table_name(ip, parent) if parent is not None else None
    schema = _schema(ip, cls)
    return f"{schema}.{name}" if schema else name
