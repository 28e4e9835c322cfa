"""Class-based views, view sets and admin classes: the data that the framework touches for them."""

from __future__ import annotations

from strangler.analyzers.frameworks.django.entities import entity_of
from strangler.analyzers.frameworks.django.library import FORM_VIEW, MODEL_ADMIN, VIEW
from strangler.analyzers.frameworks.django.notes import ADMIN_MODEL, Notes
from strangler.analyzers.frameworks.django.orm import lookups
from strangler.analyzers.frameworks.django.orm.cascade import deleted
from strangler.analyzers.frameworks.django.orm.evidence import row_of
from strangler.analyzers.frameworks.django.orm.forms import (
    SERIALIZER,
    model_of_form,
    relations,
)
from strangler.analyzers.frameworks.django.orm.methods import inserted
from strangler.analyzers.frameworks.django.orm.queries import Manager, QuerySet, default_manager, queries
from strangler.analyzers.frameworks.django.orm.shortcuts import REQUEST
from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Class,
    Entity,
    External,
    Frame,
    Function,
    Interpreter,
    Knowledge,
    Mapping,
    Object,
    Schema,
    Sequence,
    Value,
)

ONE = "django.views.generic.detail.SingleObjectMixin"
MANY = "django.views.generic.list.MultipleObjectMixin"
MODEL_FORM_VIEW = "django.views.generic.edit.ModelFormMixin"
DELETION = "django.views.generic.edit.DeletionMixin"
API = "rest_framework.generics.GenericAPIView"
_MIXIN = "rest_framework.mixins."
_WRITERS = {"CreateModelMixin", "UpdateModelMixin"}
_API_WRITERS = ("CreateAPIView", "UpdateAPIView", "ListCreateAPIView", "RetrieveUpdateAPIView",
                "RetrieveUpdateDestroyAPIView")  # fmt: skip


class ViewMethod(Value):
    """A method of a generic view that its class does not override."""

    __slots__ = ("name", "view")

    def __init__(self, view: Object, name: str) -> None:
        self.view = view
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        view, name = self.view, self.name
        if name == "get_queryset":
            return _queryset(interp, view, frame)
        if name == "get_object":
            return _object(interp, view, args, frame)
        if name in ("get_form", "get_form_class", "get_serializer", "get_serializer_class"):
            return _form(interp, view, name, args, frame)
        if name == "get_serializer_context" or name == "get_context_data":
            return Mapping(dict(args.keywords), open=True)
        if name == "filter_queryset" or name == "paginate_queryset":
            return args.get(0) or UNKNOWN
        if name == "form_valid":
            form = args.get(0, "form")
            if form is not None and form is not UNKNOWN and MODEL_FORM_VIEW in interp.lineage(view):
                return form.get(interp, "save", frame).call(interp, Args(), frame)
            return UNKNOWN
        if name in ("perform_create", "perform_update"):
            serializer = args.get(0, "serializer")
            return (
                serializer.get(interp, "save", frame).call(interp, Args(), frame) if serializer else UNKNOWN
            )
        if name in ("perform_destroy", "delete", "destroy"):
            target = args.get(0) if name == "perform_destroy" else _object(interp, view, Args(), frame)
            return target.get(interp, "delete", frame).call(interp, Args(), frame) if target else UNKNOWN
        return UNKNOWN

    def key(self) -> object:
        return ("view method", self.view.key(), self.name)


_METHODS = {
    "get_queryset", "get_object", "get_form", "get_form_class", "get_serializer", "get_serializer_class",
    "get_serializer_context", "get_context_data", "filter_queryset", "paginate_queryset", "form_valid",
    "perform_create", "perform_update", "perform_destroy", "delete", "destroy",
}  # fmt: skip


def _attribute(interp: Interpreter, view: Object, name: str) -> Value:
    found = view.cls.find(name) if isinstance(view.cls, Class) else None
    return found[0] if found is not None else UNKNOWN


def _queryset(interp: Interpreter, view: Object, frame: Frame) -> Value:
    stated = _attribute(interp, view, "queryset")
    if isinstance(stated, QuerySet) and stated.steps:
        return stated.realised(interp, frame)
    if isinstance(stated, (QuerySet, Manager)):
        model: Value = stated.model
        return default_manager(interp, model).query(interp, frame) if isinstance(model, Class) else stated
    model = _attribute(interp, view, "model")
    found = queries(model, interp, frame)
    return found[0] if found else UNKNOWN


def _object(interp: Interpreter, view: Object, args: Args, frame: Frame) -> Value:
    query = args.get(0, "queryset")
    if query is None:
        query = view.get(interp, "get_queryset", frame).call(interp, Args(), frame)
    for option in query.options():
        if isinstance(option, QuerySet):
            option.unordered().consume(interp, frame)
            return option.row(frame)
    return row_of(_attribute(interp, view, "model"))


def _form(interp: Interpreter, view: Object, name: str, args: Args, frame: Frame) -> Value:
    cls = _attribute(interp, view, "form_class" if "form" in name else "serializer_class")
    if name.endswith("_class"):
        return cls
    if cls is UNKNOWN and "form" in name:
        getter = view.get(interp, "get_form_class", frame)
        cls = getter.call(interp, Args(), frame)
    return cls.call(interp, args, frame) if cls is not UNKNOWN else UNKNOWN


def member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    """An attribute that a generic view gives its methods."""
    if name == "request":
        return Object(External(REQUEST), None, None)
    if name in ("object", "object_list"):
        assigned = interp.assigned(obj.cls, name) if isinstance(obj.cls, Class) else UNKNOWN
        if assigned is not UNKNOWN:
            return assigned
        query = obj.get(interp, "get_queryset", frame)
        result = query.call(interp, Args(), frame) if query is not UNKNOWN else UNKNOWN
        for option in result.options():
            if isinstance(option, QuerySet):
                return option if name == "object_list" else option.row()
        return row_of(_attribute(interp, obj, "model"))
    if name in _METHODS:
        return ViewMethod(obj, name)
    return None


# -- what the framework does by itself -------------------------------------------------------------------


def finish(interp: Interpreter) -> None:
    """Note the accesses that no first-party statement makes: at the class attribute that causes them."""
    for cls in interp.classes:
        lineage = cls.ancestors(interp)
        if SERIALIZER in lineage:
            _serializer(interp, cls)
        elif API in lineage:
            _api_view(interp, cls, lineage)
        elif VIEW in lineage:
            _view(interp, cls, lineage)
        elif MODEL_ADMIN in lineage:
            _admin(interp, cls)
    for place, model, owner in interp.state(Notes).boot_queries:
        if owner is not None and owner.ancestors(interp) & {API, VIEW}:
            continue  # noted above, where the view really queries
        entity = entity_of(interp, model)
        if entity is not None:
            interp.log.access(interp.root_frame, entity, "read", "orm", "inferred", place)


def _frame(interp: Interpreter, cls: Class, attribute: str) -> Frame | None:
    """A frame that stands at a class attribute."""

    line = cls.extra.get("lines", {}).get(attribute)
    if line is None:
        return None
    frame = Frame(cls.module, cls.qualname, {}, None)
    frame.function = None
    frame.line = line
    return frame


def _serializer(interp: Interpreter, cls: Class) -> None:
    model = model_of_form(interp, cls)
    entity = entity_of(interp, model)
    inner = cls.namespace.get("Meta")
    if entity is None:
        return
    frame = _frame(interp, inner, "fields") if isinstance(inner, Class) else None
    if frame is not None:
        for relation in relations(interp, entity, cls, listed_only=True):
            if (
                relation.kind != "forward"
                and relation.target is not None
                and relation.name not in cls.namespace
            ):
                interp.log.access(frame, relation.target, "read", "serializer")
                if relation.through is not None:
                    through = interp.state(Schema).by_table.get(relation.through, relation.through)
                    interp.log.access(frame, through, "read", "serializer")
    for name, value in cls.namespace.items():
        if isinstance(value, Object) and value.args is not None:
            _serializer_field(interp, cls, entity, name, value)


def _serializer_field(interp: Interpreter, cls: Class, entity: Entity, name: str, value: Object) -> None:
    frame = _frame(interp, cls, name)
    if frame is None:
        return
    source = value.args.text(None, "source") if value.args is not None else None
    nested = SERIALIZER in interp.lineage(value)
    path = (source or name).replace(".", "__")
    if nested or source is not None:
        for target in lookups.joined(entity, path, whole=nested):
            interp.log.access(frame, target, "read", "serializer", "inferred")


def _view_model(interp: Interpreter, cls: Class) -> tuple[Value, str]:
    """The model of a view, and the attribute that says so."""
    for name in ("queryset", "model"):
        found = cls.find(name)
        if found is None:
            continue
        value = found[0]
        if isinstance(value, (QuerySet, Manager)):
            return value.model, name
        if isinstance(value, Class) and entity_of(interp, value) is not None:
            return value, name
    for name in ("form_class", "serializer_class"):
        found = cls.find(name)
        if found is not None and isinstance(found[0], Class):
            model = model_of_form(interp, found[0])
            if entity_of(interp, model) is not None:
                return model, name
    return UNKNOWN, ""


def _view(interp: Interpreter, cls: Class, lineage: frozenset[str]) -> None:
    model, attribute = _view_model(interp, cls)
    entity = entity_of(interp, model)
    frame = _frame(interp, cls, attribute)
    if entity is None or frame is None:
        return
    if lineage & {ONE, MANY} and attribute in ("model", "queryset") and cls.find("get_queryset") is None:
        _reads(interp, cls, entity, frame)
    writes = MODEL_FORM_VIEW in lineage and DELETION not in lineage
    if writes and cls.find("form_valid") is None:
        inserted(interp, entity, frame)
    if DELETION in lineage and cls.find("delete") is None and cls.find("form_valid") is None:
        deleted(interp, entity, frame, loaded=True)


def _reads(interp: Interpreter, cls: Class, entity: Entity, frame: Frame) -> None:
    """The tables of the class attribute ``queryset`` or ``model``, what it loads along included."""
    interp.log.access(frame, entity, "read", "view")
    stated = cls.find("queryset")
    if stated is not None and isinstance(stated[0], QuerySet):
        for read in stated[0].realised(interp, frame).reads:
            interp.log.access(frame, read.target, "read", "view", read.sure)


def _api_view(interp: Interpreter, cls: Class, lineage: frozenset[str]) -> None:
    model, attribute = _view_model(interp, cls)
    entity = entity_of(interp, model)
    found = cls.namespace.get("serializer_class")
    if isinstance(found, Class):
        saved = entity_of(interp, model_of_form(interp, found))
        frame = _frame(interp, cls, "serializer_class")
        creates = _MIXIN + "CreateModelMixin" in lineage or any(
            f"rest_framework.generics.{n}" in lineage for n in _API_WRITERS
        )
        updates = _MIXIN + "UpdateModelMixin" in lineage
        if saved is not None and frame is not None and (creates or updates):
            for relation in relations(interp, saved, found):
                if relation.kind == "forward" and relation.target is not None:
                    interp.log.access(frame, relation.target, "read", "serializer", "inferred")
            own = cls.find("perform_create") is None and cls.find("create") is None
            if own or (updates and cls.find("perform_update") is None and cls.find("update") is None):
                inserted(interp, saved, frame)
    frame = _frame(interp, cls, attribute)
    if entity is None or frame is None:
        return
    creates_only = "rest_framework.generics.CreateAPIView" in lineage
    if attribute == "queryset" and not creates_only:
        _reads(interp, cls, entity, frame)
    if (
        _MIXIN + "DestroyModelMixin" in lineage
        and cls.find("perform_destroy") is None
        and cls.find("destroy") is None
    ):
        deleted(interp, entity, frame, loaded=True)


def _admin(interp: Interpreter, cls: Class) -> None:
    model = ADMIN_MODEL.of(cls)
    entity = entity_of(interp, model) if isinstance(model, (Class, External)) else None
    if entity is None:
        return
    for attribute, whole in (("list_select_related", True), ("list_display", False), ("list_filter", False),
                             ("search_fields", False), ("ordering", False)):  # fmt: skip
        value, frame = cls.namespace.get(attribute), _frame(interp, cls, attribute)
        if frame is None or not isinstance(value, Sequence):
            continue
        for path in lookups.strings(value.items):
            if isinstance(path, str):
                for target in lookups.joined(entity, path.lstrip("^=@"), whole):
                    interp.log.access(frame, target, "read", "admin", "inferred")


def _instantiated(interp: Interpreter, cls: Class, args: Args, frame: Frame) -> Value | None:
    model = args.get(0, "model")
    entity = entity_of(interp, model) if model is not None else None
    if model is not None and entity is not None:
        ADMIN_MODEL.put(cls, model)
        interp.log.access(frame, entity, "read", "admin", "inferred")
    return None


def _admin_member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    model = ADMIN_MODEL.of(obj.cls)
    if name == "model":
        return model or UNKNOWN
    if name == "admin_site":
        return Object(External("django.contrib.admin.AdminSite"), None, None)
    if name == "get_queryset" and isinstance(model, Class):
        return _AdminQuery(model)
    return None


class _AdminQuery(Value):
    """``super().get_queryset(request)`` of an admin class."""

    __slots__ = ("model",)

    def __init__(self, model: Class) -> None:
        self.model = model

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return default_manager(interp, self.model).query(interp, frame)


def _parameter(interp: Interpreter, function: Function, index: int, name: str) -> Value | None:
    """``form`` and ``serializer`` in the methods of a view are instances of its form or serializer class."""
    if function.owner is None or name not in ("form", "serializer") or interp.booting:
        return None
    found = function.owner.find("form_class" if name == "form" else "serializer_class")
    return Object(found[0], None, None) if found is not None and isinstance(found[0], Class) else None


def _serves(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    """``super().dispatch(request)``: the library's part of a generic view, for whichever method was asked."""
    cls = receiver.cls if isinstance(receiver, Object) else None
    if not isinstance(cls, Class):
        return None
    entity, lineage = entity_of(interp, _view_model(interp, cls)[0]), cls.ancestors(interp)
    if entity is None:
        return None
    if lineage & {ONE, MANY, API}:
        interp.log.access(frame, entity, "read", "view", "possible")
    if MODEL_FORM_VIEW in lineage and DELETION not in lineage:
        inserted(interp, entity, frame, "possible")
    if DELETION in lineage:
        deleted(interp, entity, frame, loaded=True, certainty="possible")
    return None


def teach(knowledge: Knowledge) -> None:
    """Views and admin."""
    for name in ("dispatch", "get", "post"):
        knowledge.methods[f"{VIEW}.{name}"] = _serves
    knowledge.parameters.append(_parameter)
    for base in (VIEW, API, ONE, MANY, FORM_VIEW):
        knowledge.instance_members[base] = member
    for inline in ("TabularInline", "StackedInline"):
        knowledge.hierarchy[f"django.contrib.admin.{inline}"] = ()
    for name in ("options.ModelAdmin", "UserAdmin"):
        knowledge.aliases[f"django.contrib.admin.{name}"] = MODEL_ADMIN
    knowledge.hierarchy["django.contrib.auth.admin.UserAdmin"] = (MODEL_ADMIN,)
    knowledge.instantiations[MODEL_ADMIN] = _instantiated
    knowledge.instance_members[MODEL_ADMIN] = _admin_member
