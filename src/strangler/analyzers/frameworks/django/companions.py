"""Tables that libraries put beside those of a model: its history, its events, its tags, its translations.

django-simple-history copies a model into ``HistoricalModel``, django-pghistory into ``ModelEvent``;
django-tagulous gives each tag field a model of its own; django-parler keeps translated fields in
``ModelTranslation``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Class,
    Const,
    Entity,
    External,
    Frame,
    Interpreter,
    Knowledge,
    Mapping,
    ModuleScope,
    Object,
    Schema,
    Sequence,
    Value,
)
from strangler.model import Column, ForeignKey

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.django.models import SchemaBuilder

HISTORY = "simple_history.models.HistoricalRecords"
TRANSLATED = frozenset(("parler.models.TranslatedFields", "parler.fields.TranslatedFields"))
_TRACK = ("pghistory.track", "pghistory.core.track")
_REGISTER = ("simple_history.register", "simple_history.utils.register")


class Tracked(NamedTuple):
    """A model whose rows a library copies, with the arguments that say how."""

    model: Value
    args: Args
    library: str
    module: str
    line: int


@dataclass
class Companions:
    """What was registered by calls while modules ran."""

    tracked: list[Tracked] = field(default_factory=list)


class _Track(Value):
    """``pghistory.track(...)``: a class decorator."""

    __slots__ = ("args",)

    def __init__(self, args: Args) -> None:
        self.args = args

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        model = args.get(0, "model_class") or UNKNOWN
        _note(interp, Tracked(model, self.args, "pghistory", frame.module.name, frame.line))
        return model


def _note(interp: Interpreter, tracked: Tracked) -> None:
    known = interp.state(Companions).tracked
    if not any(one.model is tracked.model and one.library == tracked.library for one in known):
        known.append(tracked)


def _register(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    model = args.get(0, "model") or UNKNOWN
    _note(interp, Tracked(model, Args([], args.keywords), "simple_history", frame.module.name, frame.line))
    return None


def teach(knowledge: Knowledge) -> None:
    """The calls that register models."""
    for name in _TRACK:
        knowledge.calls[name] = lambda interp, external, args, frame: _Track(args)
    for name in _REGISTER:
        knowledge.calls[name] = _register


def add(builder: SchemaBuilder, models: list[tuple[Class, str]]) -> None:
    """Add the tables beside those of all models."""
    interp = builder.interp
    for cls, label in models:
        entity = interp.state(Schema).by_class.get(cls)
        records = _records(interp, cls)
        if entity is not None and records is not None and cls not in interp.state(Schema).shadows:
            _history(builder, cls, label, entity, records.given())
        translated = _translated(interp, cls)
        if entity is not None and translated is not None and cls not in interp.state(Schema).shadows:
            _translations(interp, cls, entity, translated.given())
    for one in interp.state(Companions).tracked:
        target = one.model
        if not isinstance(target, Class):
            _unknown(builder, one)
            continue
        entity, stated = interp.state(Schema).of(target), builder.references.labels.get(target)
        if entity is None or stated is None:
            _unknown(builder, one)
        elif one.library == "pghistory":
            _events(builder, target, stated, entity, one.args)
        else:
            _history(builder, target, stated, entity, one.args)


def _records(interp: Interpreter, cls: Class) -> Object | None:
    """The ``HistoricalRecords`` of a model: its own, or inherited where they say so."""
    for parent in cls.mro():
        for value in parent.namespace.values():
            if isinstance(value, Object) and HISTORY in interp.lineage(value):
                inherit = value.arg(None, "inherit")
                if parent is cls or (inherit is not None and inherit.truth() is True):
                    return value
    return None


def _translated(interp: Interpreter, cls: Class) -> Object | None:
    """The ``TranslatedFields`` of a model: its own, or those of an abstract parent."""
    for parent in cls.mro():
        if parent is cls or interp.state(Schema).by_class.get(parent) is None:
            for value in parent.namespace.values():
                if isinstance(value, Object) and not TRANSLATED.isdisjoint(interp.lineage(value)):
                    return value
    return None


def _translations(interp: Interpreter, cls: Class, entity: Entity, args: Args) -> None:
    """One row a language for each row of the model, with the fields that are translated."""
    name = f"{cls.name}Translation"
    stated = args.get(None, "meta")
    table = stated.items.get("db_table") if isinstance(stated, Mapping) else None
    model = Class(cls.module, name, name, cls.line, cls.line)
    place = str(table.value) if isinstance(table, Const) else f"{entity.table}_translation"
    copy = Entity(model, place, "django", cls.module.facts.path, cls.line)
    copy.columns["id"] = Column(name="id", type="AutoField", primary_key=True)
    copy.columns["language_code"] = Column(name="language_code", type="CharField")
    copy.primary_key = "id"
    for field_name, value in args.keywords.items():
        maker = value.cls if isinstance(value, Object) else None
        kind = maker.name.rpartition(".")[2] if isinstance(maker, (External, Class)) else ""
        if kind.endswith("Field"):
            copy.columns[field_name] = Column(name=field_name, type=kind)
    _key(copy, "master_id", entity.table, "CASCADE")
    interp.state(Schema).add(copy)


def _history(builder: SchemaBuilder, cls: Class, label: str, entity: Entity, args: Args) -> None:
    name = args.text(None, "custom_model_name") or f"Historical{cls.name}"
    label = args.text(None, "app") or label
    app = builder.registry.of_module(builder.interp, cls.module.name)
    home = app.module if app is not None and cls.module.name != f"{label}.models" else cls.module.name
    table = args.text(None, "table_name") or f"{label}_{name}".lower()
    copy = _copy(builder, entity, table, _model(builder, cls, name, home), args, "excluded_fields")
    copy.columns["history_id"] = Column(name="history_id", type="AutoField", primary_key=True)
    copy.primary_key = "history_id"
    for column, kind in (
        ("history_date", "DateTimeField"),
        ("history_change_reason", "CharField"),
        ("history_type", "CharField"),
    ):
        copy.columns[column] = Column(name=column, type=kind)
    if args.get(None, "history_user_id_field") is None:
        stated = args.get(None, "user_model") or Const(builder.references.user)
        user = builder.references.target(stated, cls)
        if user is not None:
            _key(copy, "history_user_id", user.table, "SET_NULL")
    if args.get(None, "related_name") is not None:
        _key(copy, "history_relation_id", entity.table, "DO_NOTHING")


def _events(builder: SchemaBuilder, cls: Class, label: str, entity: Entity, args: Args) -> None:
    name = args.text(None, "model_name") or f"{cls.name}Event"
    label = args.text(None, "app_label") or label
    app = next((a for a in builder.registry.apps(builder.interp) if a.label == label), None)
    home = f"{app.module}.models" if app is not None else cls.module.name
    meta = args.get(None, "meta")
    stated = meta.items.get("db_table") if isinstance(meta, Mapping) else None
    table = str(stated.value) if isinstance(stated, Const) else f"{label}_{name}".lower()
    copy = _copy(builder, entity, table, _model(builder, cls, name, home), args, "exclude")
    copy.columns["pgh_id"] = Column(name="pgh_id", type="BigAutoField", primary_key=True)
    copy.primary_key = "pgh_id"
    for column, kind in (("pgh_created_at", "DateTimeField"), ("pgh_label", "TextField")):
        copy.columns[column] = Column(name=column, type=kind)
    if not _is_none(args.get(None, "obj_field")):
        _key(copy, "pgh_obj_id", entity.table, "DO_NOTHING")
    if not _is_none(args.get(None, "context_field")):
        _key(
            copy, "pgh_context_id", builder.references.library_entity("pghistory.Context").table, "DO_NOTHING"
        )


def _unknown(builder: SchemaBuilder, one: Tracked) -> None:
    scope = builder.interp.program.scopes.get(one.module)
    if scope is not None:
        message = f"{one.library}: which model it copies cannot be told; a table is missing"
        builder.interp.log.failed(scope, one.line, "unresolved-model", message)


def _copy(
    builder: SchemaBuilder, entity: Entity, table: str, model: Class, args: Args, exclude: str
) -> Entity:
    """The columns and keys of a model, without its constraints, in another table."""
    listed, wanted = args.get(None, exclude), args.get(None, "fields")
    left_out = _strings(listed)
    kept = _strings(wanted) if wanted is not None else None
    copy = Entity(model, table, "django", entity.path, entity.line)
    for source in reversed([entity, *entity.parents]):
        for name, column in source.columns.items():
            field_name = name.removesuffix("_id")
            if {name, field_name} & left_out or (kept is not None and not {name, field_name} & kept):
                continue
            copy.columns[name] = Column(name=column.name, type=column.type, nullable=column.nullable)
            for key in source.foreign_keys:
                if key.column == column.name:
                    copy.foreign_keys.append(
                        ForeignKey(column=key.column, table=key.table, on_delete="DO_NOTHING")
                    )
    builder.interp.state(Schema).add(copy)
    return copy


def _strings(value: Value | None) -> set[str]:
    items = value.items if isinstance(value, Sequence) else []
    return {str(item.value) for item in items if isinstance(item, Const)}


def _is_none(value: Value | None) -> bool:
    return isinstance(value, Const) and value.value is None


def _key(entity: Entity, column: str, table: str, on_delete: str) -> None:
    entity.columns[column] = Column(name=column, type="ForeignKey", nullable=True)
    entity.foreign_keys.append(ForeignKey(column=column, table=table, on_delete=on_delete))


def _model(builder: SchemaBuilder, cls: Class, name: str, home: str) -> Class:
    scope: ModuleScope = builder.interp.program.scopes.get(home) or cls.module
    return Class(scope, name, name, cls.line, cls.line)


def tag_entity(interp: Interpreter, cls: Class, label: str, name: str) -> Class:
    """django-tagulous: the model that holds the tags of one field, with its table."""
    title = f"Tagulous_{cls.name}_{name}"
    model = Class(cls.module, title, title, cls.line, cls.line)
    entity = Entity(model, f"{label}_{title}".lower(), "django", cls.module.facts.path, cls.line)
    kinds = (("id", "AutoField"), ("name", "CharField"), ("slug", "SlugField"), ("count", "IntegerField"),
             ("protected", "BooleanField"))  # fmt: skip
    entity.columns = {n: Column(name=n, type=kind, primary_key=n == "id") for n, kind in kinds}
    interp.state(Schema).add(entity)
    return model
