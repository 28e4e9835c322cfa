"""Flask-Admin: views under one prefix, whose exposed methods are routes; those of the library stay opaque."""

from __future__ import annotations

from strangler.analyzers.frameworks.flask.app import Scaffold, UrlRule, join_prefix, prefix_text
from strangler.analyzers.frameworks.flask.appbuilder import (
    Inherited,
    InheritedViews,
    expose,
    exposed_urls,
)
from strangler.analyzers.plugin import (
    NONE,
    Args,
    Class,
    Const,
    External,
    Frame,
    Interpreter,
    Knowledge,
    Object,
    Place,
    Sequence,
    Value,
    Wrapper,
    http_methods,
    place,
)

ADMIN, VIEW, INDEX, MODEL = (
    "flask_admin.Admin",
    "flask_admin.BaseView",
    "flask_admin.AdminIndexView",
    "flask_admin.model.BaseModelView",
)
FILES = "flask_admin.contrib.fileadmin.FileAdmin"
_STORES = ("sqla", "peewee", "mongoengine", "pymongo", "geoa", "appengine")
_FORM = ("GET", "POST")
_INHERITED = (
    Inherited("index_view", "/", ("GET",), ("read",)),
    Inherited("create_view", "/new/", _FORM, ("read", "write")),
    Inherited("edit_view", "/edit/", _FORM, ("read", "write")),
    Inherited("details_view", "/details/", ("GET",), ("read",)),
    Inherited("delete_view", "/delete/", ("POST",), ("read", "write")),
    Inherited("action_view", "/action/", ("POST",), ("read",)),
    Inherited("export", "/export/<export_type>/", ("GET",), ("read",)),
    Inherited("ajax_lookup", "/ajax/lookup/", ("GET",), ("read",)),
    Inherited("ajax_update", "/ajax/update/", ("POST",), ("read", "write")),
)
"""The views of a model that every ``ModelView`` brings along."""


def teach(knowledge: Knowledge) -> None:
    """Add Flask-Admin to what is known."""
    knowledge.aliases |= {
        "flask_admin.base": "flask_admin",
        "flask_admin.model.base.BaseModelView": MODEL,
        "flask_admin.contrib.sqlamodel": "flask_admin.contrib.sqla",
        **{f"flask_admin.contrib.{store}.view": f"flask_admin.contrib.{store}" for store in _STORES},
    }
    knowledge.hierarchy |= {
        INDEX: (VIEW,),
        MODEL: (VIEW,),
        "flask_admin.contrib.fileadmin.FileAdmin": (VIEW,),
    }
    knowledge.hierarchy |= {f"flask_admin.contrib.{store}.ModelView": (MODEL,) for store in _STORES}
    knowledge.calls["flask_admin.expose"] = expose
    knowledge.calls[ADMIN] = _make
    knowledge.methods[f"{ADMIN}.init_app"] = _init_app
    knowledge.methods[f"{ADMIN}.add_view"] = _add_view
    knowledge.methods[f"{ADMIN}.add_views"] = _add_views


def _make(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    admin = Object(external, args, frame)
    admin.attrs["views"] = Sequence([])
    app = args.get(0, "app")
    if isinstance(app, Scaffold):
        _start(interp, admin, app, args, place(frame))
    return admin


def _init_app(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    app = args.get(0, "app")
    if isinstance(receiver, Object) and isinstance(app, Scaffold) and "app" not in receiver.attrs:
        _start(interp, receiver, app, args, place(frame))
    return NONE


def _start(interp: Interpreter, admin: Object, app: Scaffold, args: Args, where: Place) -> None:
    """The index view is registered first, then what was added before there was an application."""
    own = admin.given()
    index = args.get(None, "index_view") or own.get(None, "index_view")
    stated = args.get(None, "url") or own.get(None, "url")
    if index is None or (isinstance(index, Const) and index.value is None):
        index = Object(External(INDEX), Args(), interp.root_frame)
    if stated is None and isinstance(index, Object):
        stated = index.given().get(None, "url")
    admin.attrs["app"] = app
    admin.attrs["base"] = Const((prefix_text(stated) or "/admin").rstrip("/"))
    _register(interp, admin, index, where)
    views = admin.attrs.get("views")
    for view in views.items if isinstance(views, Sequence) else []:
        _register(interp, admin, view, where)


def _add_view(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    view = args.get(0, "view")
    if isinstance(receiver, Object) and view is not None:
        views = receiver.attrs.get("views")
        if isinstance(receiver.attrs.get("app"), Scaffold):
            _register(interp, receiver, view, place(frame))
        elif isinstance(views, Sequence):
            views.items.append(view)
    return NONE


def _add_views(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    for view in args.positional:
        _add_view(interp, receiver, Args([view]), frame)
    return NONE


def _register(interp: Interpreter, admin: Object, view: Value, where: Place) -> None:
    app = admin.attrs.get("app")
    if not isinstance(app, Scaffold) or not interp.registers():
        return
    for option in view.options():
        if not isinstance(option, Object):
            continue
        base, endpoint = _prefix(interp, admin, option)
        cls = option.cls
        seen = _exposed(interp, app, cls, base, endpoint, where) if isinstance(cls, Class) else set()
        if MODEL in interp.lineage(option):
            _of_model(interp, app, option, seen, base, where)
        elif not isinstance(cls, Class) or not seen:
            name = cls.dotted if isinstance(cls, Class) else cls.name if isinstance(cls, External) else VIEW
            app.entries.append(UrlRule(join_prefix(base, "/"), endpoint, External(name), None, where))


def _exposed(
    interp: Interpreter, app: Scaffold, cls: Class, base: str, endpoint: str, where: Place
) -> set[str]:
    """List the methods that the class exposes; the names that it has, empty where none is a route."""
    seen: set[str] = set()
    shown = False
    for parent in cls.mro():
        for name, member in parent.namespace.items():
            function = member.function if isinstance(member, Wrapper) else member
            for url, methods in exposed_urls(function) if name not in seen else ():
                verbs = http_methods(interp, methods, interp.root_frame) or ("GET",)
                rule = join_prefix(base, url)
                app.entries.append(UrlRule(rule, f"{endpoint}.{name}", function, verbs, where))
                shown = True
            seen.add(name)
    return seen if shown else set()


def _of_model(
    interp: Interpreter, app: Scaffold, view: Object, seen: set[str], base: str, where: Place
) -> None:
    cls = view.cls
    name = cls.dotted if isinstance(cls, Class) else MODEL
    for inherited in _INHERITED:
        if inherited.name not in seen:
            rule = join_prefix(base, inherited.url)
            app.entries.append(UrlRule(rule, f"{name}.{inherited.name}", External(name), None, where))
            if isinstance(cls, Class):
                interp.state(InheritedViews).found.append((cls, inherited, view.given().get(0, "model")))


def _prefix(interp: Interpreter, admin: Object, view: Object) -> tuple[str, str]:
    """Where a view lies, and its endpoint: by its arguments, its model or its class."""
    given = view.given()
    lineage = interp.lineage(view)
    model = given.get(0, "model") if MODEL in lineage else None
    named = model if isinstance(model, Class) else view.cls
    default = "admin" if INDEX in lineage else named.name.lower() if isinstance(named, Class) else "view"
    endpoint = given.text(None, "endpoint") or default
    base = admin.attrs.get("base")
    root = str(base.value) if isinstance(base, Const) else ""
    url = prefix_text(given.get(None, "url"))
    if INDEX in lineage and url is None:
        return root, endpoint
    if url is None:
        return f"{root}/{endpoint}", endpoint
    return url if url.startswith("/") else f"{root}/{url}", endpoint
