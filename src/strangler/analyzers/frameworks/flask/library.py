"""How Flask's own callables behave: applications, blueprints, routes, registration."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from strangler.analyzers.frameworks.flask.app import (
    Applications,
    Recorded,
    Registration,
    Scaffold,
    SetupState,
    UnknownBlueprint,
    UrlRule,
    doubtful_prefix,
    host_of,
    join_prefix,
    prefix_text,
    set_up_app,
    set_up_blueprint,
    set_up_state,
)
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Class,
    Const,
    Decorator,
    External,
    Frame,
    Hook,
    Interpreter,
    Knowledge,
    Mapping,
    Object,
    Place,
    Text,
    Value,
    ViewFunction,
    each_way,
    http_methods,
    is_default,
    place,
    put,
    registering_class,
    run_own_constructor,
)

APP, BLUEPRINT, SCAFFOLD = "flask.Flask", "flask.Blueprint", "flask.Scaffold"
STATE = "flask.blueprints.BlueprintSetupState"

ALIASES = {
    "flask.app.Flask": APP,
    "flask.blueprints.Blueprint": BLUEPRINT,
    "flask.sansio.app.App": APP,
    "flask.globals.current_app": "flask.current_app",
    "flask.globals.g": "flask.g",
    "quart.Quart": APP,
    "quart.app.Quart": APP,
    "quart.Blueprint": BLUEPRINT,
    "quart.blueprints.Blueprint": BLUEPRINT,
    "quart.current_app": "flask.current_app",
    "quart.views": "flask.views",
    "apiflask.APIFlask": APP,
    "apiflask.APIBlueprint": BLUEPRINT,
    "apiflask.views": "flask.views",
    "flask_openapi3.OpenAPI": APP,
    "flask_openapi3.APIBlueprint": BLUEPRINT,
    "flask_smorest.Blueprint": BLUEPRINT,
    "flask_smorest.blueprint.Blueprint": BLUEPRINT,
    "connexion.FlaskApp": "connexion.App",
}

_VERBS = ("get", "post", "put", "delete", "patch")
_STARTS = ("before_first_request", "before_app_first_request", "before_serving", "while_serving")
_OPTIONS = ("url_prefix", "name", "subdomain")


def teach(knowledge: Knowledge, made: Applications) -> None:
    """Add Flask to what is known."""
    knowledge.aliases.update(ALIASES)
    knowledge.hierarchy |= {
        APP: (SCAFFOLD,),
        BLUEPRINT: (SCAFFOLD,),
        "flask.views.MethodView": ("flask.views.View",),
    }
    for name, set_up, register in (
        (APP, set_up_app, made.apps),
        (BLUEPRINT, set_up_blueprint, made.blueprints),
    ):
        registering_class(knowledge, name, Scaffold, set_up, register)
    knowledge.methods |= {
        f"{SCAFFOLD}.route": _route(None),
        f"{SCAFFOLD}.add_url_rule": _add_url_rule,
        f"{SCAFFOLD}.endpoint": _endpoint,
        f"{SCAFFOLD}.register_blueprint": _register_blueprint,
        f"{SCAFFOLD}.register_api": _register_blueprint,
        f"{BLUEPRINT}.register": _blueprint_register,
        f"{BLUEPRINT}.record": _record,
        f"{BLUEPRINT}.record_once": _record,
        f"{BLUEPRINT}.make_setup_state": _make_state,
        f"{STATE}.__init__": _state_init,
        f"{STATE}.add_url_rule": _state_rule,
        f"{APP}.app_context": lambda interp, receiver, args, frame: Context(receiver),
        f"{APP}.test_request_context": lambda interp, receiver, args, frame: Context(receiver),
        "flask.views.View.as_view": _as_view,
    }
    knowledge.registrars |= {SCAFFOLD, STATE}
    knowledge.applications |= {APP, "quart.Quart"}
    knowledge.callable_makers.add("as_view")
    for name in _STARTS:
        knowledge.methods[f"{SCAFFOLD}.{name}"] = _starts
    for verb in _VERBS:
        knowledge.methods[f"{SCAFFOLD}.{verb}"] = _route(verb.upper())
    knowledge.instantiations[STATE] = _instantiate_state
    knowledge.calls[STATE] = _instantiate_state
    knowledge.instance_members[APP] = _app_member
    knowledge.attributes["flask.current_app"] = lambda interp, external, name, frame: _current(
        interp, made, name, frame
    )
    for dispatcher in (
        "werkzeug.middleware.dispatcher.DispatcherMiddleware",
        "werkzeug.wsgi.DispatcherMiddleware",
    ):
        knowledge.calls[dispatcher] = partial(_dispatcher, made)


class Context(Value):
    """``app.app_context()``."""

    __slots__ = ("app",)

    def __init__(self, app: Value) -> None:
        self.app = app

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return self.app if name == "app" else UNKNOWN

    def key(self) -> object:
        return ("context", self.app.key())


def _current(interp: Interpreter, made: Applications, name: str, frame: Frame) -> Value | None:
    app = made.current()
    if app is None:
        return None
    return app if name == "_get_current_object" else app.get(interp, name, frame)


def _app_member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    config = obj.attrs.get("config")
    if name in ("debug", "testing") and isinstance(config, Mapping):
        return config.items.get(name.upper(), UNKNOWN)
    if name == "root_path" and isinstance(obj, Scaffold) and obj.import_name is not None:
        return interp.program.directory(obj.import_name)
    if name in ("config", "view_functions", "extensions") and not isinstance(obj, Scaffold):
        return Mapping(open=True)
    return None


# -- rules -------------------------------------------------------------------------------------------


def _route(verb: str | None) -> Callable[[Interpreter, Value, Args, Frame], Value | None]:
    def route(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        if not isinstance(receiver, Scaffold):
            return Decorator(lambda target, inner: target)

        def apply(target: Value, inner: Frame) -> Value | None:
            options = {k: v for k, v in args.keywords.items() if k not in ("rule", "endpoint")}
            if verb is not None:
                options["methods"] = Const(verb)
            rule = args.get(0, "rule") or UNKNOWN
            endpoint = args.keywords.get("endpoint", NONE)
            view = target
            if isinstance(target, Class) and "flask.views.View" in target.ancestors(interp):  # Flask-Smorest
                view = ViewFunction(target, target.name)
            interp.call_method(receiver, "add_url_rule", Args([rule, endpoint, view], options), inner)
            return None

        return Decorator(apply)

    return route


def _add_url_rule(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if not isinstance(receiver, Scaffold) or not interp.registers():
        return NONE
    built = args.get(None, "build_only")
    if built is not None and built.truth() is True:
        return NONE  # for ``url_for`` alone: no request is ever matched by it
    for way in each_way(interp, args, frame, ((0, "rule"),), ((2, "view_func"),)):
        _add_rules(interp, receiver, way, frame)
    return NONE


def _add_rules(interp: Interpreter, receiver: Scaffold, args: Args, frame: Frame) -> None:
    view = args.get(2, "view_func")
    if isinstance(view, Const) and view.value is None:
        view = None
    if isinstance(view, Class) and "flask.views.View" in view.ancestors(interp):
        view = ViewFunction(view, view.name)
    strict = args.get(None, "strict_slashes")
    given = args.get(0, "rule")
    # Of several rules that are not all known, one that is known may not be there; a default may be another.
    options = list(given.options()) if given is not None else []
    conditional = len(options) > 1 and not all(isinstance(option, Const) for option in options)
    for rule in _rules(given):
        receiver.entries.append(
            UrlRule(
                rule,
                args.text(1, "endpoint"),
                view,
                http_methods(interp, args.get(None, "methods"), frame),
                _place(receiver, frame),
                strict.value if isinstance(strict, Const) else None,
                conditional,
                is_default(given),
                host_of(args),
            )
        )


def _place(receiver: Scaffold, frame: Frame) -> Place:
    """The line that registers: outside the classes of the application's own that pass it on."""
    owner = frame.owner
    if owner is not None and isinstance(receiver.cls, Class) and owner in receiver.cls.mro():
        return receiver.called_from or place(frame)
    return place(frame)


def _rules(value: Value | None) -> list[str]:
    """The rule as a string; each possibility where there are several."""
    rules = []
    for option in value.options() if value is not None else ():
        if isinstance(option, (Const, Text)):
            text = prefix_text(option)
            if text is not None:
                rules.append(text)
    if not rules and value is not None:
        rules = [text for text in [prefix_text(Text([None]))] if text is not None]
    return rules


def _is_none(value: Value | None) -> bool:
    return value is None or (isinstance(value, Const) and value.value is None)


def _endpoint(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    name = args.text(0, "endpoint")

    def apply(target: Value, inner: Frame) -> Value | None:
        functions = receiver.get(interp, "view_functions", inner)
        if isinstance(functions, Mapping) and name is not None:
            functions.items[name] = target
        return None

    return Decorator(apply)


def _starts(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    function = args.get(0, "f") or args.get(None, "func")
    if isinstance(receiver, Scaffold) and function is not None and interp.registers():
        receiver.hooks.append(Hook.at(frame, function))
    return function


# -- registration ------------------------------------------------------------------------------------


def _register_blueprint(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    given = args.get(0, "blueprint")
    if not isinstance(receiver, Scaffold) or given is None or not interp.registers():
        return NONE
    for way in each_way(interp, args, frame, ((None, "url_prefix"),), ((0, "blueprint"),)):
        _register(interp, receiver, way, frame)
    return NONE


def _register(interp: Interpreter, receiver: Scaffold, args: Args, frame: Frame) -> None:
    given = args.get(0, "blueprint") or UNKNOWN
    for blueprint in given.options():
        if not isinstance(blueprint, Scaffold):
            receiver.entries.append(UnknownBlueprint(blueprint, args.text(None, "url_prefix"), place(frame)))
            continue
        if blueprint in receiver.registering:
            continue
        if isinstance(blueprint.cls, Class) and blueprint.cls.find("register") is not None:
            options: dict[object, Value] = {k: v for k, v in args.keywords.items() if k != "blueprint"}
            receiver.registering.append(blueprint)
            interp.call_method(blueprint, "register", Args([receiver, Mapping(options)]), frame)
            receiver.registering.remove(blueprint)
        else:
            _include(interp, receiver, blueprint, args.keywords, frame)


def _blueprint_register(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    app, options = args.get(0, "app"), args.get(1, "options")
    given = dict(args.keywords)
    if isinstance(options, Mapping):
        given.update({k: v for k, v in options.items.items() if isinstance(k, str)})
    if isinstance(app, Scaffold) and isinstance(receiver, Scaffold) and interp.registers():
        _include(interp, app, receiver, given, frame)
    return NONE


def _include(
    interp: Interpreter, parent: Scaffold, blueprint: Scaffold, options: dict[str, Value], frame: Frame
) -> None:
    name = options.get("name")
    known = parent.attrs.get("blueprints")
    if isinstance(known, Mapping):
        put(known, name or Const(blueprint.name), blueprint)
    own = blueprint.attrs.get("url_prefix")
    if _is_none(options.get("url_prefix")) and own is not None:
        options = {**options, "url_prefix": own}
    for way in each_way(interp, Args([], options), frame, ((None, "url_prefix"),)):
        prefix = way.get(None, "url_prefix")
        parent.entries.append(
            Registration(
                blueprint,
                None if _is_none(prefix) else prefix_text(prefix),
                name.value if isinstance(name, Const) and isinstance(name.value, str) else None,
                place(frame),
                doubtful_prefix(prefix),
                host_of(Args([], options)) or host_of(blueprint.given()),
            )
        )


def _record(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    function = args.get(0, "func")
    if isinstance(receiver, Scaffold) and function is not None and interp.registers():
        receiver.entries.append(Recorded(function))
    return NONE


def _make_state(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    state = SetupState(interp.external(STATE), args, frame)
    set_up_state(interp, state, Args([receiver, *args.positional]), frame)
    return state


def _instantiate_state(interp: Interpreter, cls: Value, args: Args, frame: Frame) -> Value | None:
    state = SetupState(cls, args, frame)
    if not run_own_constructor(interp, state, args, frame):
        set_up_state(interp, state, args, frame)
    return state


def _state_init(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if isinstance(receiver, SetupState):
        set_up_state(interp, receiver, args, frame)
    return NONE


def _state_rule(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if isinstance(receiver, SetupState):
        interp.registered()
        prefix = receiver.attrs.get("url_prefix")
        text = None if _is_none(prefix) else prefix_text(prefix)
        for rule in _rules(args.get(0, "rule")):
            receiver.collected.append((join_prefix(text, rule), args))
    return NONE


def _dispatcher(
    made: Applications, interp: Interpreter, external: External, args: Args, frame: Frame
) -> Value | None:
    mounts = args.get(1, "mounts")
    others = mounts.others if isinstance(mounts, Mapping) else []
    known = isinstance(mounts, Mapping) and (not mounts.open or bool(others))
    for app in others:
        known = known and isinstance(app, Scaffold)
        if isinstance(app, Scaffold) and interp.registers():
            made.elsewhere.setdefault(id(app), place(frame))
    for prefix, app in mounts.items.items() if isinstance(mounts, Mapping) else ():
        if isinstance(prefix, str) and isinstance(app, Scaffold):
            app.mount = prefix.rstrip("/")
        known = known and app.truth() is not None
    if not known and interp.registers():
        made.dispatched.append(place(frame))
    return None


def _as_view(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    return ViewFunction(receiver, args.text(0, "name"))
