"""Tortoise models as entities: tables, columns, relations and the tables of many-to-many fields."""

from __future__ import annotations

from strangler.analyzers.plugin import (
    Args,
    Class,
    Const,
    Entity,
    Interpreter,
    Object,
    Relation,
    Value,
    column_details,
)
from strangler.model.system import Column, ForeignKey

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


def _text(value: Value | None) -> str | None:
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None


def _abstract(cls: Class) -> bool:
    meta = cls.namespace.get("Meta")
    value = meta.namespace.get("abstract") if isinstance(meta, Class) else None
    return value is not None and value.truth() is True


def _is_field(interp: Interpreter, value: Object) -> bool:
    return interp.kind(value).startswith("tortoise.") or FIELD in interp.lineage(value)


def fields(interp: Interpreter, cls: Class) -> dict[str, Object]:
    """Attribute -> field object, those of parents and mixins included."""
    found: dict[str, Object] = {}
    for owner in reversed(cls.mro()):
        for name, value in owner.namespace.items():
            if isinstance(value, Object) and _is_field(interp, value):
                found[name] = value
    return found


def build(interp: Interpreter) -> list[Class]:
    """Fill the schema; gives the mapped classes in the order of their definition."""
    mapped = [c for c in interp.program.classes if MODEL in c.ancestors(interp) and not _abstract(c)]
    for cls in mapped:
        name = _text(_meta(cls, "table")) or cls.name.lower()
        schema = _text(_meta(cls, "schema"))
        entity = Entity(
            cls, f"{schema}.{name}" if schema else name, "tortoise", cls.module.facts.path, cls.line
        )
        for attribute, field in fields(interp, cls).items():
            if MANY not in interp.lineage(field):
                entity.columns[attribute] = _column(interp, attribute, field)
        if not any(c.primary_key for c in entity.columns.values()):
            entity.columns.setdefault("id", Column(name="id", type="IntField", primary_key=True))
        interp.schema.add(entity)
    for cls in mapped:
        _relations(interp, cls, mapped)
    return mapped


def _column(interp: Interpreter, attribute: str, field: Object) -> Column:
    lineage = interp.lineage(field)
    foreign = FOREIGN in lineage or ONE in lineage
    null = field.arg(None, "null")
    primary = field.arg(None, "primary_key") or field.arg(None, "pk")
    given = _text(field.arg(None, "source_field")) or _text(field.arg(None, "db_column"))
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
        text = _text(one)
        if text:
            name = text.rpartition(".")[2]
            options = [c for c in mapped if c.name == name]
            near = [c for c in options if c.module is cls.module]
            found = next(iter(near or options), None)
            if found is not None:
                return found
    return None


def _relations(interp: Interpreter, cls: Class, mapped: list[Class]) -> None:
    entity = interp.schema.by_class[cls]
    for name, field in fields(interp, cls).items():
        lineage = interp.lineage(field)
        if not lineage & {FOREIGN, ONE, MANY}:
            continue
        target_class = _target(interp, cls, field, mapped)
        target = interp.schema.by_class.get(target_class) if target_class is not None else None
        if target is None:
            continue
        if MANY in lineage:
            _many(interp, entity, target, name, field)
        else:
            _forward(entity, target, name, field, ONE in lineage)


def _forward(entity: Entity, target: Entity, name: str, field: Object, one: bool) -> None:
    column = entity.columns[name].name
    rule = field.arg(None, "on_delete")
    on_delete = getattr(rule, "name", "").rpartition(".")[2] or _text(rule)
    entity.foreign_keys.append(
        ForeignKey(column=column, table=target.table, on_delete=on_delete or "CASCADE")
    )
    entity.relations[name] = Relation(name=name, kind="forward", target=target, single=True, column=column)
    related = field.arg(None, "related_name")
    if related is not None and related.truth() is False:
        return
    reverse = _text(related) or (entity.table if one else f"{entity.table}s")
    target.relations.setdefault(
        reverse, Relation(name=reverse, kind="reverse", target=entity, single=one, column=column)
    )


def _many(interp: Interpreter, entity: Entity, target: Entity, name: str, field: Object) -> None:
    through = _text(field.arg(None, "through")) or f"{entity.table}_{target.table}"
    known = interp.schema.by_table.get(through)
    if known is None:
        known = Entity(None, through, "tortoise", entity.path, field.line)
        keys = [
            (_text(field.arg(None, "backward_key")) or f"{entity.table}_id", entity),
            (_text(field.arg(None, "forward_key")) or f"{target.table}_id", target),
        ]
        if keys[0][0] == keys[1][0]:
            keys[0] = (f"{entity.table}_rel_id", entity)
        for column, far in keys:
            known.columns[column] = Column(name=column, type="ForeignKeyField")
            known.foreign_keys.append(ForeignKey(column=column, table=far.table, on_delete="CASCADE"))
        interp.schema.add(known)
    entity.relations[name] = Relation(
        name=name, kind="many", target=target, through=through, through_entity=known
    )
    reverse = _text(field.arg(None, "related_name")) or f"{entity.table}s"
    target.relations.setdefault(
        reverse, Relation(name=reverse, kind="many", target=entity, through=through, through_entity=known)
    )
