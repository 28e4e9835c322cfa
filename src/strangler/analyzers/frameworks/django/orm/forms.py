"""Model forms, form sets and serializers: what validating and saving them reads and writes."""

from __future__ import annotations

from collections.abc import Iterator

from strangler.analyzers.frameworks.django.entities import entity_of, model_of
from strangler.analyzers.frameworks.django.orm import lookups
from strangler.analyzers.frameworks.django.orm.evidence import row_of
from strangler.analyzers.frameworks.django.orm.methods import inserted
from strangler.analyzers.frameworks.django.orm.queries import Manager, QuerySet, queries
from strangler.analyzers.frameworks.django.orm.uniqueness import unique
from strangler.analyzers.plugin import (
    MOST_OPTIONS,
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
    Object,
    Relation,
    Schema,
    Sequence,
    Value,
)
from strangler.model.base import Certainty

FORM = "django.forms.models.BaseModelForm"
FORMSET = "django.forms.models.BaseModelFormSet"
SERIALIZER = "rest_framework.serializers.ModelSerializer"
BASE_SERIALIZER = "rest_framework.serializers.BaseSerializer"
DEEPEST_NESTING = 4
"""Serializers within serializers that are followed."""
_RENDERED = frozenset({FORM, FORMSET, "django.forms.Form", "django.forms.forms.Form"})
_METHODS = (
    "save",
    "is_valid",
    "full_clean",
    "create",
    "update",
    "run_validation",
    "save_m2m",
    "errors",
    "data",
)


class FormMethod(Value):
    """A method of the library's own on a form, form set or serializer."""

    __slots__ = ("form", "name")

    def __init__(self, form: Object, name: str) -> None:
        self.form = form
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        model = model_of_form(interp, self.form)
        entity = entity_of(interp, model)
        if entity is None and not interp.booting:
            return self._of_subclasses(interp, args, frame)
        if entity is None:
            return UNKNOWN
        if self.name in ("is_valid", "full_clean", "run_validation", "errors"):
            validated(interp, entity, self.form, frame)
            return UNKNOWN
        if self.name == "data":
            _serialized(interp, entity, self.form, frame)
            return UNKNOWN
        commit = args.get(0, "commit") if self.name == "save" else None
        if isinstance(commit, Const) and commit.value is False:
            return row_of(model)
        if self.name != "save_m2m":
            inserted(interp, entity, frame)
        for relation in relations(interp, entity, self.form.cls, listed_only=True):
            if relation.kind == "many" and relation.through is not None:
                through = interp.state(Schema).by_table.get(relation.through, relation.through)
                interp.log.access(frame, through, "write", "form", "inferred")  # only what differs is written
        many = FORMSET in interp.lineage(self.form)
        return Sequence([row_of(model)], "list", True) if many else row_of(model)

    def _of_subclasses(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        """A base class without a model: what its subclasses would do, one of several."""
        cls = self.form.cls
        if self.form.args is not None or not isinstance(cls, Class):
            return UNKNOWN
        for one in interp.subclasses(cls)[:MOST_OPTIONS]:
            entity = entity_of(interp, model_of_form(interp, one))
            if entity is not None and self.name in ("is_valid", "full_clean", "run_validation", "errors"):
                validated(interp, entity, Object(one, None, None), frame, "possible")
            elif entity is not None and self.name in ("save", "create", "update"):
                inserted(interp, entity, frame, "possible")
        return UNKNOWN

    def key(self) -> object:
        return ("form method", self.form.key(), self.name)


def meta_of(cls: Value) -> Class | None:
    """The ``Meta`` of a form or serializer class."""
    found = cls.find("Meta") if isinstance(cls, Class) else None
    return found[0] if found is not None and isinstance(found[0], Class) else None


def model_of_form(interp: Interpreter, form: Object | Class) -> Value:
    """The model that a form, form set or serializer saves."""
    cls = form.cls if isinstance(form, Object) else form
    inner = meta_of(cls)
    found = inner.find("model") if inner is not None else None
    if found is None and isinstance(cls, Class):
        found = cls.find("model")
    return found[0] if found is not None else UNKNOWN


def field_names(cls: Value) -> list[str] | None:
    """The fields that Meta lists; None for all."""
    inner = meta_of(cls)
    found = inner.find("fields") if inner is not None else None
    if found is None or not isinstance(found[0], Sequence):
        return None
    return [str(i.value) for i in found[0].items if isinstance(i, Const)]


def relations(
    interp: Interpreter, entity: Entity, cls: Value, listed_only: bool = False
) -> Iterator[Relation]:
    """The relations among the fields of a form or serializer."""
    names = field_names(cls)
    if names is None and listed_only:
        return
    for name, relation in entity.relations.items():
        if names is None and relation.kind == "reverse":
            continue
        if names is None or name in names:
            yield relation


def validated(
    interp: Interpreter, entity: Entity, form: Object, frame: Frame, sure: Certainty = "inferred"
) -> None:
    """Validation looks up the rows that foreign keys name, and the table itself where a field is unique."""
    for relation in relations(interp, entity, form.cls):
        target = relation.target if relation.kind in ("forward", "many") else None
        if target is not None and target not in entity.parents:
            interp.log.access(frame, target, "read", "form", sure)
    offered(interp, form.cls, frame)
    names = field_names(form.cls)
    if unique(entity, names):
        interp.log.access(frame, entity, "read", "form", sure)


def offered(interp: Interpreter, cls: Value, frame: Frame) -> None:
    """Read what ``ModelChoiceField(queryset=...)`` and its like of a form offer."""
    for parent in cls.mro() if isinstance(cls, Class) else []:
        for value in parent.namespace.values():
            query = value.arg(0, "queryset") if isinstance(value, Object) and value.args is not None else None
            if isinstance(query, (QuerySet, Manager)):
                entity = entity_of(interp, query.model)
                if entity is not None:
                    interp.log.access(frame, entity, "read", "form", "inferred")


def rendered(interp: Interpreter, form: Object, frame: Frame) -> None:
    """A form is shown: every field that offers rows to choose from reads them."""
    entity = entity_of(interp, model_of_form(interp, form))
    for relation in relations(interp, entity, form.cls) if entity is not None else ():
        target = relation.target if relation.kind in ("forward", "many") else None
        if target is not None and entity is not None and target not in entity.parents:
            interp.log.access(frame, target, "read", "form", "inferred")
    offered(interp, form.cls, frame)


def shown(interp: Interpreter, value: Value, frame: Frame) -> None:
    """A template names a value: if it is a form, it is rendered."""
    for option in value.options():
        if isinstance(option, Object) and not _RENDERED.isdisjoint(interp.lineage(option)):
            rendered(interp, option, frame)


def _made(interp: Interpreter, form: Object, args: Args, frame: Frame) -> Value | None:
    """A model form of a row starts with the rows at the far ends of its many-to-many fields."""
    entity = entity_of(interp, model_of_form(interp, form))
    given = args.open or args.get(None, "instance") is not None
    if entity is None or not given:
        return None
    for relation in relations(interp, entity, form.cls, listed_only=True):
        if relation.kind == "many" and relation.through is not None and relation.target is not None:
            through = interp.state(Schema).by_table.get(relation.through, relation.through)
            interp.log.access(frame, through, "read", "form", "inferred")
            interp.log.access(frame, relation.target, "read", "form", "inferred")
    return None


def _inherited_init(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    return _made(interp, receiver, args, frame) if isinstance(receiver, Object) else None


def _instantiated(interp: Interpreter, cls: Class, args: Args, frame: Frame) -> Value | None:
    if cls.find("__init__") is None:
        _made(interp, Object(cls, args, frame), args, frame)
    return None


def _serialized(interp: Interpreter, entity: Entity, form: Object, frame: Frame) -> None:
    for relation in relations(interp, entity, form.cls, listed_only=True):
        if relation.kind != "forward" and relation.target is not None:
            interp.log.access(frame, relation.target, "read", "serializer", "inferred")
            if relation.through is not None:
                through = interp.state(Schema).by_table.get(relation.through, relation.through)
                interp.log.access(frame, through, "read", "serializer", "inferred")


def member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    """An attribute that the library gives forms and serializers."""
    model = model_of_form(interp, obj)
    if name == "instance":
        given = obj.arg(None, "instance")
        return given if given is not None and given is not UNKNOWN else row_of(model)
    if name in ("cleaned_data", "validated_data"):
        return _cleaned(interp, model)
    if name == "data":
        _shown_rows(interp, obj, frame)
    if name in ("errors", "data"):
        return FormMethod(obj, name).call(interp, Args(), frame)
    if name in _METHODS:
        return FormMethod(obj, name)
    if name == "queryset" and model is not UNKNOWN:
        found = queries(model, interp, frame)
        return found[0] if found else UNKNOWN
    return None


def _shown_rows(interp: Interpreter, serializer: Object, frame: Frame) -> None:
    """``Serializer(query, many=True).data`` runs the query, and those of the serializers inside."""
    given = serializer.arg(0, "instance")
    for query in queries(given, interp, frame) if given is not None and not isinstance(given, Class) else ():
        query.consume(interp, frame)
        entity = entity_of(interp, query.model)
        if entity is not None:
            _nested_rows(interp, entity, serializer.cls, frame, 0)


def _nested_rows(interp: Interpreter, entity: Entity, cls: Value, frame: Frame, depth: int) -> None:
    """What the serializers that are fields of a serializer read."""
    for parent in cls.mro() if isinstance(cls, Class) and depth < DEEPEST_NESTING else []:
        for name, value in parent.namespace.items():
            if isinstance(value, Object) and BASE_SERIALIZER in interp.lineage(value):
                path = (value.args.text(None, "source") if value.args is not None else None) or name
                for target in lookups.joined(entity, path.replace(".", "__"), whole=True):
                    interp.log.access(frame, target, "read", "serializer", "inferred")
                    if isinstance(target, Entity):
                        _nested_rows(interp, target, value.cls, frame, depth + 1)


def _data(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    """``data`` of a serializer that is no model's."""
    if name == "data" and obj.args is not None:
        _shown_rows(interp, obj, frame)
    return None


def _cleaned(interp: Interpreter, model: Value) -> Value:
    entity = entity_of(interp, model)
    values: dict[object, Value] = {}
    for name, relation in entity.relations.items() if entity is not None else ():
        if relation.kind == "forward":
            values[name] = row_of(model_of(relation.target, interp))
    return Mapping(values, open=True)


def _made_class(
    interp: Interpreter, frame: Frame, base: str, model: Value | None, form: Value | None
) -> Class:
    """The class that a factory makes."""
    cls = Class(frame.module, "MadeForm", "MadeForm", frame.line, frame.line)
    cls.bases = [form if isinstance(form, Class) else External(base), External(base)]
    inner = Class(frame.module, "MadeForm.Meta", "Meta", frame.line, frame.line)
    inner.namespace["model"] = model or UNKNOWN
    cls.namespace["Meta"] = inner
    return cls


def _factory(base: str, position: int, form: str):  # type: ignore[no-untyped-def]
    def handler(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        made = _made_class(interp, frame, base, args.get(position, "model"), args.get(None, form))
        fields = args.get(None, "fields")
        if fields is not None:
            made.namespace["Meta"].namespace["fields"] = fields  # type: ignore[attr-defined]
        return made

    return handler


def teach(knowledge: Knowledge) -> None:
    """Forms of Django, serializers of Django REST framework."""
    for prefix in ("django.forms.", "django.forms.models."):
        knowledge.hierarchy[f"{prefix}ModelForm"] = (FORM,)
        knowledge.hierarchy[f"{prefix}BaseInlineFormSet"] = (FORMSET,)
        knowledge.calls[f"{prefix}modelform_factory"] = _factory(FORM, 0, "form")
        knowledge.calls[f"{prefix}modelformset_factory"] = _factory(FORMSET, 0, "formset")
        knowledge.calls[f"{prefix}inlineformset_factory"] = _factory(FORMSET, 1, "formset")
    knowledge.aliases["django.forms.BaseModelForm"] = FORM
    knowledge.aliases["django.forms.BaseModelFormSet"] = FORMSET
    knowledge.hierarchy["rest_framework.serializers.HyperlinkedModelSerializer"] = (SERIALIZER,)
    knowledge.hierarchy["rest_framework.serializers.Serializer"] = (BASE_SERIALIZER,)
    knowledge.hierarchy["rest_framework.serializers.ListSerializer"] = (BASE_SERIALIZER,)
    knowledge.hierarchy[SERIALIZER] = ("rest_framework.serializers.Serializer",)
    knowledge.methods[f"{FORM}.__init__"] = _inherited_init
    knowledge.instantiations[FORM] = _instantiated
    for base in (FORM, FORMSET, SERIALIZER):
        knowledge.instance_members[base] = member
    knowledge.instance_members[BASE_SERIALIZER] = _data
