"""Tortoise models as entities: tables, columns, relations and the tables of many-to-many fields."""

from __future__ import annotations

from strangler.analyzers.plugin import (
    Args,
    Class,
    Entity,
    Interpreter,
    Object,
    Schema,
    StatedName,
    Value,
    add_foreign_key,
    add_many_to_many,
    association_table,
    column_details,
    fields_of_class,
    full_name,
    of_unknown_base,
    stated_name,
    tell_doubt,
    tell_unlisted,
    text_of,
)
from strangler.model.system import Column

MODEL = "tortoise.Model"
FIELD = "tortoise.fields.Field"
FOREIGN, ONE, MANY = (
    "tortoise.fields.ForeignKeyField",
    "tortoise.fields.OneToOneField",
    "tortoise.fields.ManyToManyField",
)


def _meta(cls: Class, name: str) -> Value | None:
    """An option of the class's own ``Meta``."""
    meta = cls.namespace.get("Meta")
    if not isinstance(meta, Class):
        return None
    found = meta.find(name)
    return found[0] if found is not None else None


def _abstract(cls: Class) -> bool:
    meta = cls.namespace.get("Meta")
    value = meta.namespace.get("abstract") if isinstance(meta, Class) else None
    return value is not None and value.truth() is True


def _is_field(interp: Interpreter, value: Object) -> bool:
    return interp.kind(value).startswith("tortoise.") or FIELD in interp.lineage(value)


def fields(interp: Interpreter, cls: Class) -> dict[str, Object]:
    """Attribute -> field object, those of parents and mixins included."""
    return fields_of_class(cls, lambda value: _is_field(interp, value))


def build(interp: Interpreter) -> list[Class]:
    """Fill the schema; gives the mapped classes in the order of their definition."""
    mapped = [c for c in interp.program.classes if MODEL in c.ancestors(interp) and not _abstract(c)]
    for cls in mapped:
        stated = stated_name(_meta(cls, "table"))
        name = stated if stated.text else StatedName(cls.name.lower(), stated.doubt)
        full = full_name(name, stated_name(_meta(cls, "schema")))
        tell_doubt(interp, cls.module, cls.line, cls.name, full)
        entity = Entity(cls, full.text, "tortoise", cls.module.facts.path, cls.line)
        for attribute, field in fields(interp, cls).items():
            if MANY not in interp.lineage(field):
                entity.columns[attribute] = _column(interp, attribute, field)
        if not any(c.primary_key for c in entity.columns.values()):
            entity.columns.setdefault("id", Column(name="id", type="IntField", primary_key=True))
        interp.state(Schema).add(entity)
    for cls in mapped:
        _relations(interp, cls, mapped)
    for cls in interp.program.classes:
        unknown = MODEL not in cls.ancestors(interp) and of_unknown_base(cls)
        if unknown and not interp.subclasses(cls) and fields(interp, cls):
            tell_unlisted(interp, cls)
    return mapped


def _column(interp: Interpreter, attribute: str, field: Object) -> Column:
    lineage = interp.lineage(field)
    foreign = FOREIGN in lineage or ONE in lineage
    null = field.arg(None, "null")
    primary = field.arg(None, "primary_key") or field.arg(None, "pk")
    given = text_of(field.arg(None, "source_field")) or text_of(field.arg(None, "db_column"))
    return Column(
        name=given or (f"{attribute}_id" if foreign else attribute),
        type=interp.kind(field).rpartition(".")[2],
        nullable=null is not None and null.truth() is True,
        primary_key=primary is not None and primary.truth() is True,
        **column_details(Args(keywords=field.given().keywords)),
    )


def _target(interp: Interpreter, cls: Class, field: Object, mapped: list[Class]) -> Class | None:
    value = field.arg(0, "to") or field.arg(None, "model_name") or field.arg(0, "model_name")
    for one in value.options() if value is not None else ():
        if isinstance(one, Class):
            return one
        text = text_of(one)
        if text:
            name = text.rpartition(".")[2]
            options = [c for c in mapped if c.name == name]
            near = [c for c in options if c.module is cls.module]
            found = next(iter(near or options), None)
            if found is not None:
                return found
    return None


def _relations(interp: Interpreter, cls: Class, mapped: list[Class]) -> None:
    entity = interp.state(Schema).by_class[cls]
    for name, field in fields(interp, cls).items():
        lineage = interp.lineage(field)
        if not lineage & {FOREIGN, ONE, MANY}:
            continue
        target_class = _target(interp, cls, field, mapped)
        target = interp.state(Schema).by_class.get(target_class) if target_class is not None else None
        if target is None:
            continue
        if MANY in lineage:
            _many(interp, entity, target, name, field)
        else:
            _forward(entity, target, name, field, ONE in lineage)


def _forward(entity: Entity, target: Entity, name: str, field: Object, one: bool) -> None:
    rule = field.arg(None, "on_delete")
    on_delete = getattr(rule, "name", "").rpartition(".")[2] or text_of(rule) or "CASCADE"
    related = field.arg(None, "related_name")
    reverse = text_of(related) or (entity.table if one else f"{entity.table}s")
    if related is not None and related.truth() is False:
        add_foreign_key(entity, name, target, on_delete=on_delete)
    else:
        add_foreign_key(entity, name, target, on_delete=on_delete, reverse=reverse, single=one)


def _many(interp: Interpreter, entity: Entity, target: Entity, name: str, field: Object) -> None:
    schema, _, own = entity.table.rpartition(".")
    other = target.table.rpartition(".")[2]
    backward = text_of(field.arg(None, "backward_key")) or f"{own}_id"
    forward = text_of(field.arg(None, "forward_key")) or f"{other}_id"
    if backward == forward:
        backward = f"{own}_rel_id"
    keys = [(backward, backward, entity), (forward, forward, target)]
    table = text_of(field.arg(None, "through")) or f"{own}_{other}"
    table = f"{schema}.{table}" if schema else table
    through = association_table(interp, table, entity, keys, line=field.line, on_delete="CASCADE")
    reverse = text_of(field.arg(None, "related_name")) or f"{entity.table}s"
    add_many_to_many(entity, name, target, through, reverse)
