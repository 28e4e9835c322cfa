"""peewee models as entities: table names, fields, foreign keys, back references, many-to-many tables."""

from __future__ import annotations

import re

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

MODEL, FIELD, FOREIGN, MANY = (
    "peewee.Model",
    "peewee.Field",
    "peewee.ForeignKeyField",
    "peewee.ManyToManyField",
)
_INHERITED = {"schema", "table_function", "legacy_table_names"}
_STEP_ONE, _STEP_TWO = re.compile(r"(?<!_)(.)_*([A-Z][a-z]+)"), re.compile(r"([a-z0-9])_*([A-Z])")


def snake_case(name: str) -> str:
    """peewee's own: ``AuditLog`` -> ``audit_log``."""
    return _STEP_TWO.sub(r"\1_\2", _STEP_ONE.sub(r"\1_\2", name)).lower()


def option(interp: Interpreter, cls: Class, name: str) -> Value | None:
    """An option of ``class Meta``, inherited where peewee inherits it."""
    for owner in cls.mro() if name in _INHERITED else [cls]:
        meta = owner.namespace.get("Meta")
        if isinstance(meta, Class) and name in meta.namespace:
            return meta.namespace[name]
    return None


def table_name(interp: Interpreter, cls: Class) -> str:
    """The table of a model; a doubt of its name is told."""
    name = stated_name(option(interp, cls, "table_name") or option(interp, cls, "db_table"))
    if not name.text and not name.doubt:
        function = option(interp, cls, "table_function")
        made = function.call(interp, Args([cls]), interp.root_frame) if function is not None else None
        name = stated_name(made)
    if not name.text:
        legacy = option(interp, cls, "legacy_table_names")
        plain = legacy is None or legacy.truth() is not False
        made_name = re.sub(r"[^\w]+", "_", cls.name.lower()) if plain else snake_case(cls.name)
        name = StatedName(made_name, name.doubt)
    full = full_name(name, stated_name(option(interp, cls, "schema")))
    tell_doubt(interp, cls.module, cls.line, cls.name, full)
    return full.text


def fields(interp: Interpreter, cls: Class) -> dict[str, Object]:
    """Attribute -> field object, mixins and parents included."""
    return fields_of_class(cls, lambda value: FIELD in interp.lineage(value))


def build(interp: Interpreter) -> list[Class]:
    """Fill the schema; gives the mapped classes in the order of their definition."""
    models = [c for c in interp.program.classes if MODEL in c.ancestors(interp)]
    parents = {p for c in models for p in c.mro()[1:]}
    mapped = [c for c in models if not (c in parents and not fields(interp, c))]
    for cls in mapped:
        entity = Entity(cls, table_name(interp, cls), "peewee", cls.module.facts.path, cls.line)
        for name, field in fields(interp, cls).items():
            if MANY not in interp.lineage(field):
                entity.columns[name] = _column(interp, name, field)
        if not any(c.primary_key for c in entity.columns.values()):
            entity.columns.setdefault("id", Column(name="id", type="AutoField", primary_key=True))
        interp.state(Schema).add(entity)
    for cls in mapped:
        _foreign_keys(interp, cls, mapped)
    for cls in mapped:
        _many_to_many(interp, cls, mapped)
    for cls in interp.program.classes:
        unknown = MODEL not in cls.ancestors(interp) and of_unknown_base(cls)
        if unknown and not interp.subclasses(cls) and fields(interp, cls):
            tell_unlisted(interp, cls)
    return mapped


def _column(interp: Interpreter, name: str, field: Object) -> Column:
    foreign = FOREIGN in interp.lineage(field)
    given = text_of(field.arg(None, "column_name")) or text_of(field.arg(None, "db_column"))
    null, primary = field.arg(None, "null"), field.arg(None, "primary_key")
    kind = interp.kind(field).rpartition(".")[2]
    return Column(
        name=given or (name if not foreign or name.endswith("_id") else f"{name}_id"),
        type=kind,
        nullable=null is not None and null.truth() is True,
        primary_key=(primary is not None and primary.truth() is True)
        or kind in ("AutoField", "BigAutoField"),
        **column_details(Args(keywords=field.given().keywords)),
    )


def _target(interp: Interpreter, cls: Class, field: Object, mapped: list[Class]) -> Class | None:
    value = field.arg(0, "model") or field.arg(None, "rel_model") or field.arg(0, "rel_model_name")
    for one in value.options() if value is not None else ():
        if isinstance(one, Class):
            return one
        text = text_of(one)
        if text == "self":
            return cls
        if text:
            return next((c for c in mapped if c.name == text), None)
    return None


def _foreign_keys(interp: Interpreter, cls: Class, mapped: list[Class]) -> None:
    entity = interp.state(Schema).by_class[cls]
    for name, field in fields(interp, cls).items():
        if FOREIGN not in interp.lineage(field):
            continue
        target_class = _target(interp, cls, field, mapped)
        target = interp.state(Schema).by_class.get(target_class) if target_class is not None else None
        if target is None:
            continue
        rule = text_of(field.arg(None, "on_delete"))
        backref = text_of(field.arg(None, "backref")) or text_of(field.arg(None, "related_name"))
        add_foreign_key(
            entity,
            name,
            target,
            on_delete=rule.upper().replace(" ", "_") if rule else None,
            reverse=backref or f"{cls.name.lower()}_set",
        )


def _many_to_many(interp: Interpreter, cls: Class, mapped: list[Class]) -> None:
    entity = interp.state(Schema).by_class[cls]
    for name, field in fields(interp, cls).items():
        if MANY not in interp.lineage(field):
            continue
        target_class = _target(interp, cls, field, mapped)
        target = interp.state(Schema).by_class.get(target_class) if target_class is not None else None
        if target is None or target_class is None:
            continue
        through = field.arg(None, "through_model")
        through_entity = None
        for one in through.options() if through is not None else ():
            named = (
                one if isinstance(one, Class) else next((c for c in mapped if c.name == text_of(one)), None)
            )
            through_entity = interp.state(Schema).by_class.get(named) if named is not None else None
        if through_entity is None:
            through_entity = _through_table(interp, cls, target_class)
        backref = text_of(field.arg(None, "backref")) or f"{cls.name.lower()}s"
        add_many_to_many(entity, name, target, through_entity, backref)


def _through_table(interp: Interpreter, one: Class, other: Class) -> Entity:
    """The table that peewee makes for a ManyToManyField."""
    first, second = (interp.state(Schema).by_class[cls] for cls in (one, other))
    keys = [
        (cls.name.lower(), f"{cls.name.lower()}_id", entity)
        for cls, entity in ((one, first), (other, second))
    ]
    name = f"{first.table}_{second.table}_through"
    return association_table(interp, name, first, keys, line=one.line)
