"""Flask-RESTful, Flask-RESTX (Flask-RESTPlus) and Flask-Smorest: APIs of resource classes."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from strangler.analyzers.frameworks.flask.app import Api, Scaffold, prefix_text
from strangler.analyzers.plugin import (
    NONE,
    Args,
    Class,
    Decorator,
    External,
    Frame,
    Interpreter,
    Knowledge,
    Object,
    Place,
    Value,
    each_way,
    is_default,
    made_of_default,
    place,
    run_own_constructor,
)

RESTFUL, API, NAMESPACE = "flask_restful.Api", "flask_restx.Api", "flask_restx.Namespace"
SMOREST = "flask_smorest.Api"
RESOURCES = ("flask_restful.Resource", "flask_restx.Resource")

ALIASES = {
    "flask_restplus": "flask_restx",
    "flask_restx.api.Api": API,
    "flask_restx.namespace.Namespace": NAMESPACE,
    "flask_restx.resource.Resource": "flask_restx.Resource",
    "flask_restful.views.Resource": "flask_restful.Resource",
}


@dataclass
class Resource:
    """``add_resource``."""

    cls: Value
    urls: list[str]
    endpoint: str | None
    place: Place
    default: bool = False
    """As ``UrlRule.default``, of any of its URLs."""


class ApiObject(Object):
    """An ``Api`` or a ``Namespace``: resources, and the namespaces below with their paths."""

    __slots__ = ("children", "name", "own", "path", "prefix", "resources", "sure")

    def __init__(self, cls: Value, args: Args, frame: Frame) -> None:
        super().__init__(cls, args, frame)
        self.resources: list[Resource] = []
        self.children: list[tuple[ApiObject, str | None, bool]] = []
        """(namespace, path, whether the path can be no other one)"""
        self.sure = True
        """Its own prefix or path can be no other one."""
        self.prefix = ""
        self.name: str | None = None
        self.path: str | None = None

    def key(self) -> Hashable:
        return ("api", id(self))

    def truth(self) -> bool | None:
        return True


def teach(knowledge: Knowledge) -> None:
    """Add the libraries to what is known."""
    knowledge.aliases.update(ALIASES)
    for resource in RESOURCES:
        knowledge.hierarchy[resource] = ("flask.views.MethodView",)
    knowledge.registrars |= {RESTFUL, API, NAMESPACE}
    for name in (RESTFUL, API, NAMESPACE):
        knowledge.calls[name] = _make
        knowledge.instantiations[name] = _instantiate
        knowledge.methods[f"{name}.__init__"] = _initialise
        knowledge.methods[f"{name}.init_app"] = _init_app
        knowledge.methods[f"{name}.add_resource"] = _add_resource
        knowledge.methods[f"{name}.resource"] = _resource
        knowledge.methods[f"{name}.route"] = _resource
    knowledge.methods[f"{API}.add_namespace"] = _add_namespace
    knowledge.methods[f"{API}.namespace"] = _new_namespace
    knowledge.calls[SMOREST] = _smorest
    knowledge.methods[f"{SMOREST}.init_app"] = _smorest_init
    knowledge.methods[f"{SMOREST}.register_blueprint"] = _smorest_register


def _make(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    api = ApiObject(external, args, frame)
    _set_up(interp, api, external.name, args, frame)
    return api


def _instantiate(interp: Interpreter, cls: Class, args: Args, frame: Frame) -> Value | None:
    api = ApiObject(cls, args, frame)
    if not run_own_constructor(interp, api, args, frame):
        _initialise(interp, api, args, frame)
    return api


def _initialise(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if isinstance(receiver, ApiObject):
        kind = NAMESPACE if NAMESPACE in interp.lineage(receiver) else API
        _set_up(interp, receiver, kind if RESTFUL not in interp.lineage(receiver) else RESTFUL, args, frame)
    return NONE


def _set_up(interp: Interpreter, api: ApiObject, kind: str, args: Args, frame: Frame) -> None:
    if kind == NAMESPACE:
        api.name = args.text(0, "name")
        api.path = prefix_text(args.get(2, "path"))
        api.sure = not made_of_default(interp, frame, "path", args.get(2, "path"))
        return
    # The prefix is the second argument of RESTful, and named in RESTX.
    prefix = args.get(1 if kind == RESTFUL else None, "prefix")
    api.prefix = prefix_text(prefix) or ""
    api.sure = not made_of_default(interp, frame, "prefix", prefix)
    _attach(interp, api, args.get(0, "app"))


def _attach(interp: Interpreter, api: ApiObject, target: Value | None) -> None:
    for option in target.options() if target is not None else ():
        if isinstance(option, Scaffold) and interp.registers():
            option.entries.append(Api(api))


def _init_app(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if isinstance(receiver, ApiObject):
        _attach(interp, receiver, args.get(0, "app"))
    return NONE


def _add(
    interp: Interpreter, api: ApiObject, cls: Value, given: Sequence[Value], args: Args, frame: Frame
) -> None:
    if interp.registers():
        urls = [text for value in given if (text := prefix_text(value)) is not None]
        default = any(map(is_default, given))
        api.resources.append(Resource(cls, urls, args.text(None, "endpoint"), place(frame), default))


def _add_resource(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    urls = tuple((position, "url") for position in range(1, len(args.positional)))
    if isinstance(receiver, ApiObject) and args.positional:
        for way in each_way(interp, args, frame, urls, ((0, "resource"),)):
            _add(interp, receiver, way.positional[0], way.positional[1:], way, frame)
    return NONE


def _resource(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    def apply(target: Value, inner: Frame) -> Value | None:
        if isinstance(receiver, ApiObject):
            _add(interp, receiver, target, args.positional, args, inner)
        return None

    return Decorator(apply)


def _add_namespace(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    namespace = args.get(0, "ns")
    path = prefix_text(args.get(1, "path"))
    for option in namespace.options() if namespace is not None else ():
        if isinstance(receiver, ApiObject) and isinstance(option, ApiObject) and interp.registers():
            sure = not made_of_default(interp, frame, "path", args.get(1, "path"))
            receiver.children.append((option, path, sure))
    return NONE


def _new_namespace(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    namespace = ApiObject(interp.external(NAMESPACE), args, frame)
    _set_up(interp, namespace, NAMESPACE, args, frame)
    if isinstance(receiver, ApiObject) and interp.registers():
        receiver.children.append((namespace, None, True))
    return namespace


def resources(api: ApiObject) -> list[tuple[str, Resource, bool]]:
    """Every resource of an API, with the path of its namespace, and whether that can be no other one."""
    found = [("", resource, not resource.default) for resource in api.resources]
    for child, path, known in api.children:
        own = child.path if child.path is not None else f"/{child.name or ''}"
        prefix, sure = (own.rstrip("/"), child.sure) if path is None else (path, known)
        found += [(prefix + below, resource, sure and inner) for below, resource, inner in resources(child)]
    return found


# -- Flask-Smorest -----------------------------------------------------------------------------------


def _smorest(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    api = Object(external, args, frame)
    app = args.get(0, "app")
    if isinstance(app, Scaffold):
        api.attrs["app"] = app
    return api


def _smorest_init(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    app = args.get(0, "app")
    if isinstance(receiver, Object) and isinstance(app, Scaffold):
        interp.registered()
        receiver.attrs["app"] = app
    return NONE


def _smorest_register(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    app = receiver.attrs.get("app") if isinstance(receiver, Object) else None
    if app is not None:
        interp.call_method(app, "register_blueprint", args, frame)
    return NONE
