"""Flask-AppBuilder: views and APIs whose methods are exposed under the route of their class."""

from __future__ import annotations

from typing import NamedTuple

from strangler.analyzers.frameworks.flask.app import Scaffold, UrlRule, join_prefix, prefix_text
from strangler.analyzers.plugin import (
    NONE,
    Args,
    Class,
    Const,
    Decorator,
    External,
    Frame,
    Function,
    Interpreter,
    Knowledge,
    Object,
    Place,
    Schema,
    Sequence,
    Value,
    Wrapper,
    http_methods,
    known_strings,
    place,
)
from strangler.model.system import Operation

BUILDER, VIEW, API = (
    "flask_appbuilder.AppBuilder",
    "flask_appbuilder.BaseView",
    "flask_appbuilder.api.BaseApi",
)
VIEWS = (
    "ModelView", "SimpleFormView", "PublicFormView", "RestCRUDView", "MasterDetailView", "MultipleView",
    "CompactCRUDMixin", "IndexView",
)  # fmt: skip
URLS = "<urls>"

_READ: tuple[Operation, ...] = ("read",)
_WRITE: tuple[Operation, ...] = ("write",)
_CHANGE: tuple[Operation, ...] = ("read", "write")


class Inherited(NamedTuple):
    """A view that a class of the library brings along."""

    name: str
    url: str
    methods: tuple[str, ...]
    operations: tuple[Operation, ...]
    """What it does to the table of ``datamodel``."""


_FORM = ("GET", "POST")
INHERITED: dict[str, tuple[Inherited, ...]] = {
    "flask_appbuilder.api.ModelRestApi": (
        Inherited("info", "/_info", ("GET",), _READ),
        Inherited("get_list", "/", ("GET",), _READ),
        Inherited("post", "/", ("POST",), _WRITE),
        Inherited("get", "/<pk>", ("GET",), _READ),
        Inherited("put", "/<pk>", ("PUT",), _CHANGE),
        Inherited("delete", "/<pk>", ("DELETE",), _CHANGE),
    ),
    "flask_appbuilder.ModelView": (
        Inherited("list", "/list/", ("GET",), _READ),
        Inherited("show", "/show/<pk>", ("GET",), _READ),
        Inherited("add", "/add", _FORM, _CHANGE),
        Inherited("edit", "/edit/<pk>", _FORM, _CHANGE),
        Inherited("delete", "/delete/<pk>", _FORM, _CHANGE),
        Inherited("download", "/download/<string:filename>", ("GET",), ()),
        Inherited("action", "/action/<string:name>/<pk>", _FORM, _READ),
        Inherited("action_post", "/action_post", ("POST",), _READ),
        Inherited("api", "/api", ("GET",), _READ),
        Inherited("api_read", "/api/read", ("GET",), _READ),
        Inherited("api_get", "/api/get/<pk>", ("GET",), _READ),
        Inherited("api_create", "/api/create", ("POST",), _WRITE),
        Inherited("api_update", "/api/update/<pk>", ("PUT",), _CHANGE),
        Inherited("api_delete", "/api/delete/<pk>", ("DELETE",), _CHANGE),
        Inherited("api_readvalues", "/api/readvalues", ("GET",), _READ),
        Inherited("api_column_add", "/api/column/add/<col_name>", ("GET",), _READ),
        Inherited("api_column_edit", "/api/column/edit/<col_name>", ("GET",), _READ),
    ),
    "flask_appbuilder.MultipleView": (Inherited("list", "/list/", ("GET",), ()),),
    "flask_appbuilder.SimpleFormView": (
        Inherited("form_get", "/form", ("GET",), ()),
        Inherited("form_post", "/form", ("POST",), ()),
    ),
    "flask_appbuilder.IndexView": (Inherited("index", "/", ("GET",), ()),),
}
_OWN_VIEWS = {
    "/": "flask_appbuilder.IndexView",
    "/back": "flask_appbuilder.views.UtilView",
    "/lang/<string:locale>": "flask_appbuilder.babel.views.LocaleView",
    "/login/": "flask_appbuilder.security.views.AuthView",
    "/logout/": "flask_appbuilder.security.views.AuthView",
    "/users/<path:rest>": "flask_appbuilder.security.views.UserModelView",
    "/roles/<path:rest>": "flask_appbuilder.security.views.RoleModelView",
    "/registerusers/<path:rest>": "flask_appbuilder.security.views.RegisterUserModelView",
    "/api/v1/security/<path:rest>": "flask_appbuilder.security.api.SecurityApi",
    "/api/v1/menu/": "flask_appbuilder.menu.MenuApi",
    "/api/<version>/_openapi": "flask_appbuilder.api.manager.OpenApi",
    "/swagger/<version>": "flask_appbuilder.api.manager.SwaggerView",
}
"""What an ``AppBuilder`` registers itself, behind what the application adds."""


def teach(knowledge: Knowledge) -> None:
    """Add Flask-AppBuilder to what is known."""
    knowledge.aliases |= {
        "flask_appbuilder.baseviews": "flask_appbuilder",
        "flask_appbuilder.views": "flask_appbuilder",
        "flask_appbuilder.base.AppBuilder": BUILDER,
        "flask_appbuilder.api.expose": "flask_appbuilder.expose",
        "flask_appbuilder.BaseApi": API,
        "flask_appbuilder.ModelRestApi": "flask_appbuilder.api.ModelRestApi",
    }
    knowledge.hierarchy |= {f"flask_appbuilder.{name}": (VIEW,) for name in VIEWS}
    knowledge.hierarchy["flask_appbuilder.api.ModelRestApi"] = (API,)
    knowledge.calls["flask_appbuilder.expose"] = expose
    knowledge.calls[BUILDER] = _make
    knowledge.methods[f"{BUILDER}.init_app"] = _init_app
    for name in ("add_view", "add_view_no_menu", "add_api"):
        knowledge.methods[f"{BUILDER}.{name}"] = _add_view


def expose(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    """``@expose(url, methods)``: noted on the function; see ``exposed_urls``."""
    url = prefix_text(args.get(0, "url")) or "/"
    methods = args.get(1, "methods")

    def apply(target: Value, inner: Frame) -> Value | None:
        if isinstance(target, Function):
            known = target.attrs.setdefault(URLS, Sequence([]))
            if isinstance(known, Sequence):
                known.items.append(Sequence([Const(url), methods or NONE], "tuple"))
        return None

    return Decorator(apply)


def _make(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    builder = Object(external, args, frame)
    builder.attrs["pending"] = Sequence([])
    app = args.get(0, "app")
    if isinstance(app, Scaffold):
        builder.attrs["app"] = app
        _register_own(interp, app, args, place(frame))
    return builder


def _register_own(interp: Interpreter, app: Scaffold, args: Args, where: Place) -> None:
    if interp.registers():
        index = args.get(None, "indexview")
        for rule, name in _OWN_VIEWS.items():
            if rule == "/" and isinstance(index, Class):
                _register(interp, app, index, where)
            else:
                app.entries.append(UrlRule(rule, f"{name}{rule}", External(name), None, where))


def _init_app(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    app = args.get(0, "app")
    pending = receiver.attrs.get("pending") if isinstance(receiver, Object) else None
    if isinstance(receiver, Object) and isinstance(app, Scaffold) and isinstance(pending, Sequence):
        receiver.attrs["app"] = app
        _register_own(interp, app, receiver.given(), place(frame))
        for cls in pending.items:
            if isinstance(cls, Class):
                _register(interp, app, cls, place(frame))
    return NONE


def _add_view(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    view = args.get(0, "baseview")
    for option in view.options() if view is not None else ():
        cls = option.cls if isinstance(option, Object) else option
        if not isinstance(cls, Class) or not isinstance(receiver, Object) or not interp.registers():
            continue
        app, pending = receiver.attrs.get("app"), receiver.attrs.get("pending")
        if isinstance(app, Scaffold):
            _register(interp, app, cls, place(frame))
        elif isinstance(pending, Sequence):
            pending.items.append(cls)
    return view


def _register(interp: Interpreter, app: Scaffold, cls: Class, where: Place) -> None:
    base = _base(interp, cls)
    included, excluded = (
        _names(interp, cls, "include_route_methods"),
        _names(interp, cls, "exclude_route_methods"),
    )
    seen: set[str] = set(excluded or ())
    for parent in cls.mro():
        for name, member in parent.namespace.items():
            if name in seen or (included is not None and name not in included):
                continue
            seen.add(name)
            function = member.function if isinstance(member, Wrapper) else member
            for url, methods in exposed_urls(function):
                verbs = http_methods(interp, methods, interp.root_frame)
                rule = join_prefix(base, url)
                app.entries.append(UrlRule(rule, f"{cls.name}.{name}", function, verbs or ("GET",), where))
    for view in _inherited(interp, cls):
        if view.name not in seen and (included is None or view.name in included):
            seen.add(view.name)
            function = _method(cls, view.name)
            rule = join_prefix(base, view.url)
            app.entries.append(UrlRule(rule, f"{cls.name}.{view.name}", function, view.methods, where))
            interp.state(InheritedViews).found.append((cls, view, _model(cls)))


def _inherited(interp: Interpreter, cls: Class) -> list[Inherited]:
    bases = cls.ancestors(interp)
    return [view for library, views in INHERITED.items() if library in bases for view in views]


def _model(cls: Class) -> Value | None:
    found = cls.find("datamodel")
    return found[0].arg(0, "obj") if found is not None and isinstance(found[0], Object) else None


def _method(cls: Class, name: str) -> Function:
    """A method that a class has from the library, as a definition of the class."""
    frame = Frame(cls.module, None, {}, None)
    method = Function(
        cls.module, f"{cls.qualname}.{name}", name, [], b"", None, frame, cls.line, cls.end_line
    )
    method.owner = cls
    return method


class InheritedViews:
    """The library's own views that the classes of a run inherit."""

    def __init__(self) -> None:
        self.found: list[tuple[Class, Inherited, Value | None]] = []


def note_inherited(interp: Interpreter) -> None:
    """What the views of the library do to the tables of the models that their classes name."""
    for cls, view, model in interp.state(InheritedViews).found:
        entity = interp.state(Schema).of(model) if isinstance(model, Class) else None
        frame = Frame(cls.module, f"{cls.qualname}.{view.name}", {}, None)
        frame.line = cls.line
        for operation in view.operations:
            if entity is not None:
                interp.log.access(frame, entity, operation, "view", "inferred")
            else:
                interp.log.unresolved_access(frame, "a view of the library whose model cannot be told")


def exposed_urls(value: Value | None) -> list[tuple[str, Value]]:
    """What ``expose`` noted on a function, also behind decorators."""
    while isinstance(value, Function):
        noted = value.attrs.get(URLS)
        if isinstance(noted, Sequence):
            rows = [row.items for row in noted.items if isinstance(row, Sequence)]
            return [(str(url.value), methods) for url, methods in rows if isinstance(url, Const)]
        value = value.wrapped
    return []


def _base(interp: Interpreter, cls: Class) -> str:
    """``route_base``; by default the class's name, for an API its version and resource."""
    stated = _text(cls, "route_base")
    if stated is not None:
        return stated
    if "flask_appbuilder.IndexView" in cls.ancestors(interp):
        return ""
    if API in cls.ancestors(interp):
        resource = _text(cls, "resource_name") or cls.name.lower()
        version = _text(cls, "version") or "v1"
        return f"/api/{version}/{resource}"
    return f"/{cls.name.lower()}"


def _names(interp: Interpreter, cls: Class, attribute: str) -> list[str] | None:
    found = cls.find(attribute)
    return known_strings(interp, found[0], interp.root_frame) or None if found is not None else None


def _text(cls: Class, name: str) -> str | None:
    found = cls.find(name)
    value = found[0] if found is not None else None
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None
