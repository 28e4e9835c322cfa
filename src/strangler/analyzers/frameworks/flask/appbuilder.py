"""Flask-AppBuilder: views and APIs whose methods are exposed under the route of their class."""

from __future__ import annotations

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
    Sequence,
    Value,
    Wrapper,
    http_methods,
    known_strings,
    place,
)

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
    knowledge.calls["flask_appbuilder.expose"] = _expose
    knowledge.calls[BUILDER] = _make
    knowledge.methods[f"{BUILDER}.init_app"] = _init_app
    for name in ("add_view", "add_view_no_menu", "add_api"):
        knowledge.methods[f"{BUILDER}.{name}"] = _add_view


def _expose(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
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
    return builder


def _init_app(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    app = args.get(0, "app")
    pending = receiver.attrs.get("pending") if isinstance(receiver, Object) else None
    if isinstance(receiver, Object) and isinstance(app, Scaffold) and isinstance(pending, Sequence):
        receiver.attrs["app"] = app
        for cls in pending.items:
            if isinstance(cls, Class):
                _register(interp, app, cls, place(frame))
    return NONE


def _add_view(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    view = args.get(0, "baseview")
    for option in view.options() if view is not None else ():
        cls = option.cls if isinstance(option, Object) else option
        if not isinstance(cls, Class) or not isinstance(receiver, Object) or not interp.booting:
            continue
        app, pending = receiver.attrs.get("app"), receiver.attrs.get("pending")
        if isinstance(app, Scaffold):
            _register(interp, app, cls, place(frame))
        elif isinstance(pending, Sequence):
            pending.items.append(cls)
    return view


def _register(interp: Interpreter, app: Scaffold, cls: Class, where: Place) -> None:
    interp.effects += 1
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
            for url, methods in _urls(function):
                verbs = http_methods(interp, methods, interp.root_frame)
                rule = join_prefix(base, url)
                app.entries.append(UrlRule(rule, f"{cls.name}.{name}", function, verbs or ("GET",), where))


def _urls(value: Value | None) -> list[tuple[str, Value]]:
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
