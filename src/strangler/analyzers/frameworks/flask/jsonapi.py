"""Flask-REST-JSONAPI and Flask-COMBO-JSONAPI: resources an ``Api`` puts on a blueprint or application."""

from __future__ import annotations

from strangler.analyzers.frameworks.flask.app import Scaffold
from strangler.analyzers.plugin import (
    NONE,
    Args,
    Class,
    Const,
    Frame,
    Interpreter,
    Knowledge,
    Mapping,
    Object,
    Sequence,
    Value,
    ViewFunction,
)

LIBRARY = "flask_rest_jsonapi"
API = f"{LIBRARY}.Api"
METHODS = {
    f"{LIBRARY}.ResourceList": ("get", "post"),
    f"{LIBRARY}.ResourceDetail": ("get", "patch", "delete"),
    f"{LIBRARY}.ResourceRelationship": ("get", "post", "patch", "delete"),
}
"""The HTTP methods that the library's resources have of their own."""
_WAITING = "<waiting>"
"""Attribute of an ``Api``: what is put on nothing before ``init_app`` says on what."""


def teach(knowledge: Knowledge) -> None:
    """Add the libraries to what is known."""
    knowledge.aliases["flask_combo_jsonapi"] = LIBRARY
    knowledge.aliases[f"{LIBRARY}.api.Api"] = API
    knowledge.hierarchy[f"{LIBRARY}.Resource"] = ("flask.views.MethodView",)
    for name in METHODS:
        knowledge.aliases[name.replace(LIBRARY, f"{LIBRARY}.resource")] = name
        knowledge.hierarchy[name] = (f"{LIBRARY}.Resource",)
    knowledge.aliases[f"{LIBRARY}.resource.Resource"] = f"{LIBRARY}.Resource"
    knowledge.registrars.add(API)
    knowledge.methods[f"{API}.route"] = _route
    knowledge.methods[f"{API}.init_app"] = _init_app


def _on(api: Object) -> Value | None:
    """What an ``Api`` puts its resources on: its blueprint, else its application."""
    for index, name in ((1, "blueprint"), (0, "app")):
        value = api.attrs.get(name) or api.arg(index, name)
        if value is not None and not (isinstance(value, Const) and value.value is None):
            return value
    return None


def _route(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    resource = args.get(0, "resource")
    if not isinstance(receiver, Object) or resource is None or not interp.registers():
        return NONE
    view = ViewFunction(resource, args.text(1, "view"))
    options = args.get(None, "url_rule_options")
    target = _on(receiver)
    for url in args.positional[2:]:
        if target is not None:
            _add(interp, target, url, view, options, frame)
            continue
        waiting = receiver.attrs.setdefault(_WAITING, Sequence([]))
        if isinstance(waiting, Sequence):
            waiting.items.append(Sequence([url, view, options or NONE]))
    return NONE


def _add(
    interp: Interpreter, target: Value, url: Value, view: Value, options: Value | None, frame: Frame
) -> None:
    given = options.items if isinstance(options, Mapping) else {}
    name = Const(view.name) if isinstance(view, ViewFunction) else NONE
    rule = Args([url, name, view], {key: value for key, value in given.items() if isinstance(key, str)})
    interp.call_method(target, "add_url_rule", rule, frame)


def _init_app(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if not isinstance(receiver, Object) or not interp.registers():
        return NONE
    for index, name in ((0, "app"), (1, "blueprint")):
        value = args.get(index, name)
        if value is not None:
            receiver.attrs[name] = value
    target = _on(receiver)
    waiting = receiver.attrs.pop(_WAITING, None)
    for item in waiting.items if isinstance(waiting, Sequence) else ():
        if target is not None and isinstance(item, Sequence):
            url, view, options = item.items
            _add(interp, target, url, view, options, frame)
    app = receiver.attrs.get("app") or receiver.arg(0, "app")
    if app is not None and isinstance(target, Scaffold) and target is not app:
        interp.call_method(app, "register_blueprint", Args([target]), frame)
    return NONE


def own_methods(interp: Interpreter, cls: Class) -> set[str]:
    """The HTTP methods that a resource inherits from the library."""
    above = cls.ancestors(interp)
    return {method for name, methods in METHODS.items() if name in above for method in methods}
