"""Which functions answer one method of an endpoint, and what guards them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from strangler.analyzers.frameworks.fastapi.dependencies import GUARD
from strangler.analyzers.plugin.requests import schemas
from strangler.analyzers.plugin.requests.bodies import Draft, read
from strangler.analyzers.python.values import (
    Bound,
    Class,
    Const,
    External,
    Function,
    Generic,
    Object,
    Sequence,
    Value,
)
from strangler.model import Endpoint

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter

READS = ("GET", "HEAD", "OPTIONS", "TRACE")
VIEWSET = "rest_framework.viewsets.ViewSetMixin"
LIST_ACTIONS = {"GET": "list", "POST": "create"}
ITEM_ACTIONS = {"GET": "retrieve", "PUT": "update", "PATCH": "partial_update", "DELETE": "destroy"}
FORM_VIEW = "django.views.generic.edit.FormMixin"
NO_GUARD = re.compile(
    r"require_(http_methods|get|post|safe)|csrf|AllowAny|allow_any|OrReadOnlyAny", re.IGNORECASE
)


@dataclass
class Handled:
    """The code behind one method of an endpoint."""

    functions: list[Function] = field(default_factory=list)
    view: Class | None = None
    action: str = ""
    partial: bool = False
    """Whether fields may be left out: PATCH."""
    guards: tuple[str, ...] = ()


def requests_methods(interp: Interpreter, endpoint: Endpoint, handler: Function | Class) -> tuple[str, ...]:
    """The methods to look at; a function that takes any method and reads a body takes POST."""
    if endpoint.methods is not None:
        return tuple(m for m in endpoint.methods if m not in ("HEAD", "OPTIONS"))
    if isinstance(handler, Function):
        draft = Draft()
        read(interp, handler, draft)
        others = draft.methods - {"GET"} or ({"POST"} if draft.posted else set())
        return ("GET", *sorted(others))
    return ("GET",)


def handled(interp: Interpreter, endpoint: Endpoint, handler: Function | Class, method: str) -> Handled:
    """The functions of the monolith that answer."""
    if isinstance(handler, Function):
        return Handled([handler], handler.owner, "", method == "PATCH", guards_of(handler.decorators))
    names = [method.lower()]
    action = ""
    if VIEWSET in handler.ancestors(interp):
        action = _action(endpoint, handler, method)
        names = [action, f"perform_{action}".replace("partial_", "")]
    elif FORM_VIEW in handler.ancestors(interp) or any("View" in base for base in handler.ancestors(interp)):
        names += ["form_valid", "form_invalid"] if method in ("POST", "PUT") else []
        names += ["create", "perform_create"] if method == "POST" else []
        names += ["update", "perform_update"] if method in ("PUT", "PATCH") else []
    functions = [f for name in names if (f := _function(handler, name)) is not None]
    decorators = [d for f in functions for d in f.decorators] + handler.decorators
    for attribute in ("permission_classes", "decorators", "method_decorators", "authentication_classes"):
        found = handler.find(attribute)
        if found is not None and isinstance(found[0], Sequence):
            decorators += found[0].items
    mixins: list[Value] = [
        External(base) for base in sorted(handler.ancestors(interp)) if base.endswith("Mixin")
    ]
    return Handled(functions, handler, action, method == "PATCH", guards_of([*decorators, *mixins]))


def _function(cls: Class, name: str) -> Function | None:
    found = cls.find(name)
    value = found[0] if found is not None else None
    if isinstance(value, Bound):
        value = value.function
    while isinstance(value, Function) and isinstance(value.wrapped, Function):
        value = value.wrapped
    return value if isinstance(value, Function) else None


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


def generic_schema(interp: Interpreter, code: Handled) -> Class | None:
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


def decorated_schema(interp: Interpreter, functions: list[Function]) -> Class | None:
    """The schema that a decorator loads the body with: the first one that it is given."""
    for decorator in (d for f in functions for d in f.decorators):
        given: list[Value] = []
        if isinstance(decorator, Object) and decorator.args is not None:
            given = list(decorator.args.all())
        elif isinstance(decorator, Function) and decorator.scope.callee is not None:
            names = [name for name, *_ in decorator.scope.callee.params]
            given = [decorator.scope.locals[name] for name in names if name in decorator.scope.locals]
        for value in given:
            cls = value.cls if isinstance(value, Object) else value
            if isinstance(cls, Class) and schemas.is_schema(interp, cls):
                return cls
            if isinstance(value, Const) and value.value is None:
                break
    return None


def guards_of(decorators: list[Value]) -> tuple[str, ...]:
    """Dotted names of the decorators and classes that, by name, let only some callers in."""
    found = []
    for decorator in decorators:
        name = _dotted(decorator)
        last = name.replace(".<locals>", "").rpartition(".")[2] if "<locals>" not in name else name
        if name and GUARD.search(last) and not NO_GUARD.search(last):
            found.append(name.partition(".<locals>")[0])
    return tuple(dict.fromkeys(found))


def _dotted(value: Value) -> str:
    if isinstance(value, (Function, Class)):
        return value.dotted
    if isinstance(value, External):
        return value.name
    if isinstance(value, (Object, Generic)):
        return _dotted(value.cls if isinstance(value, Object) else value.origin)
    return ""
