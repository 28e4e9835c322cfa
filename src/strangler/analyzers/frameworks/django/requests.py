"""Requests of Django and Django REST framework: view sets, generic views, forms, serializers."""

from __future__ import annotations

import re

from msgspec import structs

from strangler.analyzers.plugin import (
    HTTP_ERRORS,
    Class,
    Const,
    External,
    Function,
    Handled,
    Interpreter,
    Knowledge,
    Object,
    RequestNames,
    RequestReader,
    Schema,
    SchemaLibrary,
    by_names,
    flag_of,
    limits_of,
    meta_of,
    texts_of,
    type_of_field,
)
from strangler.model import Endpoint, Input

VIEWSET = "rest_framework.viewsets.ViewSetMixin"
LIST_ACTIONS = {"GET": "list", "POST": "create"}
ITEM_ACTIONS = {"GET": "retrieve", "PUT": "update", "PATCH": "partial_update", "DELETE": "destroy"}


class DjangoRequests(RequestReader):
    """What the views of Django and REST framework read and answer."""

    names = RequestNames(
        query=frozenset({"GET", "query_params"}),
        form=frozenset({"POST", "FILES"}),
        body=frozenset({"data", "json", "JSON"}),
        aborts=frozenset({"HttpError"}),
        raised={**HTTP_ERRORS, "Http404": 404, "NotAuthenticated": 401, "PermissionDenied": 403},
        called={
            "redirect": 302,
            "get_object_or_404": 404,
            "get_list_or_404": 404,
            "HttpResponseRedirect": 302,
            "HttpResponsePermanentRedirect": 301,
            "HttpResponseForbidden": 403,
            "HttpResponseNotFound": 404,
            "HttpResponseBadRequest": 400,
            "HttpResponseNotAllowed": 405,
            "HttpResponseGone": 410,
        },
        view_schemas={"get_serializer": ("serializer_class", True), "get_form": ("form_class", False)},
        guards=frozenset({"permission_classes", "authentication_classes"}),
    )

    def handled(self, interp: Interpreter, endpoint: Endpoint, handler: Class, method: str) -> Handled:
        if VIEWSET in handler.ancestors(interp):
            action = _action(endpoint, handler, method)
            names = [action, f"perform_{action}".replace("partial_", "")]
            return by_names(interp, handler, names, method, self.names, action)
        names = [method.lower()]
        if any("View" in base for base in handler.ancestors(interp)):
            names += ["form_valid", "form_invalid"] if method in ("POST", "PUT") else []
            names += ["create", "perform_create"] if method == "POST" else []
            names += ["update", "perform_update"] if method in ("PUT", "PATCH") else []
        return by_names(interp, handler, names, method, self.names)

    def schema(self, interp: Interpreter, code: Handled) -> Class | None:
        """The serializer or form that a generic view uses by itself."""
        view = code.view
        if view is None or not (lineage := view.ancestors(interp)):
            return None
        if code.action and code.action not in ("create", "update", "partial_update"):
            return None
        own = code.functions and code.functions[0].name in ("create", "update", "post", "put", "patch")
        if VIEWSET in lineage or any(base.startswith("rest_framework.") for base in lineage):
            found = view.find("serializer_class")
            return found[0] if found is not None and isinstance(found[0], Class) and not own else None
        if any(base.startswith("django.views.generic.edit") for base in lineage):
            found = view.find("form_class")
            if found is not None and isinstance(found[0], Class):
                return found[0]
        return None


def teach(knowledge: Knowledge) -> None:
    """Forms and serializers."""
    schemas = knowledge.shared(SchemaLibrary)
    schemas["django.forms."] = SchemaLibrary("form", booleans_required=True, of_model=model_fields)
    schemas["rest_framework.serializers."] = SchemaLibrary("json", of_model=model_fields)


def _action(endpoint: Endpoint, handler: Class, method: str) -> str:
    """The method of a view set behind a path: an extra action by its last part, else a standard one."""
    path = re.sub(r"\.?\{format\}$", "", endpoint.path.rstrip("/")).rstrip("/")
    last = path.rpartition("/")[2]
    for cls in handler.mro():
        for name, value in cls.namespace.items():
            if isinstance(value, Function) and last == _url_path(value, name):
                return name
    return (ITEM_ACTIONS if last.endswith("}") else LIST_ACTIONS).get(method, method.lower())


def _url_path(function: Function, name: str) -> str | None:
    for decorator in function.decorators:
        library = decorator.cls if isinstance(decorator, Object) else None
        if isinstance(library, External) and library.name.startswith("rest_framework.decorators."):
            path = decorator.arg(None, "url_path") if isinstance(decorator, Object) else None
            return str(path.value) if isinstance(path, Const) else name
    return None


def model_fields(interp: Interpreter, cls: Class, model: Class) -> dict[str, Input | None]:
    """What Django's model forms and model serializers make of a model's fields."""
    outward = set(texts_of(meta_of(cls, "read_only_fields")) or ())
    found: dict[str, Input | None] = {}
    for owner in reversed(model.mro()):
        for name, value in owner.namespace.items():
            if not isinstance(value, Object) or not interp.kind(value).startswith("django.db.models."):
                continue
            kind = interp.kind(value).rpartition(".")[2]
            off = name in outward or flag_of(value, "editable") is False or flag_of(value, "auto_now_add")
            if off or flag_of(value, "auto_now") or kind.endswith("AutoField"):
                continue
            found[name] = _model_field(interp, name, value, owner, kind)
    return found


def _model_field(interp: Interpreter, name: str, value: Object, owner: Class, kind: str) -> Input:
    blank = bool(flag_of(value, "blank"))
    required = not (blank or flag_of(value, "null") or value.arg(None, "default") is not None)
    field = Input(name=name, where="body", file=owner.module.facts.path, line=value.line)
    field = structs.replace(
        field, required=required and kind != "BooleanField", nullable=bool(flag_of(value, "null")),
        **(type_of_field(kind) | limits_of(value)),
    )  # fmt: skip
    if kind in ("ForeignKey", "OneToOneField", "ManyToManyField"):
        entity = interp.state(Schema).of(owner)
        relation = entity.relation(name) if entity is not None else None
        table = relation.target.table if relation is not None and relation.target is not None else ""
        if kind == "ManyToManyField":
            item = Input(name="", where="body", type="integer", refers=table)
            return structs.replace(field, type="array", inputs=(item,), required=not blank)
        return structs.replace(field, type="integer", refers=table)
    return field
