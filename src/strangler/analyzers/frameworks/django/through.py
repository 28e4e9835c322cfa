"""The model between two that a field of many relates: ``Order.lines.through``, where Django makes it."""

from __future__ import annotations

from strangler.analyzers.frameworks.django.apps import is_abstract, meta
from strangler.analyzers.frameworks.django.entities import entity_of, model_of
from strangler.analyzers.frameworks.django.fields import field_kind
from strangler.analyzers.frameworks.django.library import MODELS
from strangler.analyzers.frameworks.django.notes import Notes
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Class,
    Const,
    Deferred,
    External,
    Frame,
    Interpreter,
    Object,
    Relation,
    Schema,
    Value,
)

_MODEL = "django.db.models.Model"
_TAGGED = "taggit.models.TaggedItem"
"""The model between what is tagged and its tags, where a manager of tags states none."""


class Betweens:
    """The classes that Django makes."""

    def __init__(self) -> None:
        self.made: dict[tuple[Class, str], Class] = {}
        """By the model that declares the field, and the field's name."""
        self.by_table: dict[str, Class] = {}
        """By the name of the table, once that is known."""


def between(interp: Interpreter, model: Class, field: str) -> Class:
    """The class that Django makes for a field of a model: the same one each time that it is asked for."""
    made = interp.state(Betweens).made
    owner = _owner(interp, model, field)
    if (owner, field) not in made:
        name = f"_{field}"
        cls = Class(owner.module, owner.qualname + name, owner.name + name, owner.line, owner.line)
        cls.bases = [External(_MODEL)]
        made[owner, field] = cls
    return made[owner, field]


def _owner(interp: Interpreter, model: Class, field: str) -> Class:
    """The model whose table is related: that which declares the field, or takes it from an abstract one."""
    lineage = model.mro()
    depth = next((i for i, parent in enumerate(lineage) if field in parent.namespace), -1)
    if depth < 0:  # a library's abstract model brings it along
        depth = max((i for i, parent in enumerate(lineage) if _inherits(interp, parent, field)), default=0)
    return next((parent for parent in reversed(lineage[: depth + 1]) if not is_abstract(parent)), model)


def _inherits(interp: Interpreter, model: Class, field: str) -> bool:
    """Whether a model has a field of many from a library's abstract one: ``User.groups``."""
    return any(
        name in MODELS and MODELS[name].table is None and has_many(name, field)
        for name in model.ancestors(interp)
    )


def has_many(library_model: str, field: str) -> bool:
    """Whether a library's model has a field of many of that name."""
    return any(one.name == field and one.kind == "m2m" for one in MODELS[library_model].fields)


def of_library_field(interp: Interpreter, model: Class | External, field: str) -> Value | None:
    """The class between of a field that a library's model declares; None where it declares none such."""
    if isinstance(model, External):
        return External(f"{model.name}_{field}") if has_many(model.name, field) else None
    return between(interp, model, field) if _inherits(interp, model, field) else None


def table_of_between(interp: Interpreter, cls: Class) -> str | None:
    """The table of a class that Django makes, as it is named while the tables are not known yet."""
    ends = next((key for key, made in interp.state(Betweens).made.items() if made is cls), None)
    find = interp.state(Notes).label
    label = find(interp, ends[0]) if ends is not None and find is not None else None
    if ends is None or not label:
        return None
    stated = meta(ends[0]).get("db_table")
    own = stated.value if isinstance(stated, Const) else f"{label}_{ends[0].name.lower()}"
    return f"{own}_{ends[1]}"


def of_relation(interp: Interpreter, relation: Relation) -> Value:
    """The class of a relation's association table, stated or made."""
    if relation.through_entity is not None:
        return model_of(relation.through_entity, interp)
    table = relation.through or ""
    made = interp.state(Betweens).by_table.get(table)
    return made or model_of(interp.state(Schema).by_table.get(table), interp)


def of_field(interp: Interpreter, model: Class, field: str) -> Value:
    """The class between, by the name of the field; also while the tables are not known yet."""
    entity = entity_of(interp, model)
    relation = entity.relation(field) if entity is not None else None
    if relation is not None:
        return of_relation(interp, relation)
    declared = model.find(field)
    value = declared[0] if declared is not None else None
    stated = value.arg(None, "through") if isinstance(value, Object) else None
    if stated is not None and stated is not NONE:
        return _stated(stated, _owner(interp, model, field))
    if value is not None and field_kind(interp, value) == "tags":
        return External(_TAGGED)
    return between(interp, model, field)


def _stated(through: Value, owner: Class) -> Value:
    """The class that ``through`` means, or what will mean it once all modules have run."""
    if isinstance(through, Const) and isinstance(through.value, str):
        return through if "." in through.value else Deferred(owner.module.name, through.value)
    return through if isinstance(through, (Class, Deferred)) else UNKNOWN


class FieldOptions(Value):
    """``Model._meta.get_field(name)``, and its ``remote_field``."""

    __slots__ = ("field", "model")

    def __init__(self, model: Class, field: str) -> None:
        self.model = model
        self.field = field

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name == "name":
            return Const(self.field)
        if name == "model":
            return self.model
        if name in ("remote_field", "rel"):
            return self
        return of_field(interp, self.model, self.field) if name == "through" else UNKNOWN

    def key(self) -> object:
        return ("field", self.model.key(), self.field)


class ManyAttribute(Value):
    """A field of many, or the way back of one, as an attribute of a class of models."""

    __slots__ = ("between", "field")

    def __init__(self, between: Value, field: Value = UNKNOWN) -> None:
        self.between = between
        self.field = field

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name == "through":
            return self.between
        return self.field if name in ("field", "rel") else UNKNOWN

    def key(self) -> object:
        return ("many", self.between.key(), self.field.key())
