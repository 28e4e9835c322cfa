"""Flask-Rebar: registries of handlers that ``Rebar.init_app`` puts on an application."""

from __future__ import annotations

from strangler.analyzers.frameworks.flask.app import (
    Applications,
    Registration,
    Scaffold,
    UrlRule,
    prefix_text,
)
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Const,
    Decorator,
    External,
    Frame,
    Interpreter,
    Knowledge,
    Object,
    Sequence,
    Value,
    is_default,
    place,
)

REBAR, REGISTRY = "flask_rebar.Rebar", "flask_rebar.HandlerRegistry"
_PAGES = ("/swagger", "/swagger/ui")


def teach(knowledge: Knowledge, made: Applications) -> None:
    """Add Flask-Rebar to what is known."""
    knowledge.hierarchy[REGISTRY] = ("flask.Blueprint",)
    knowledge.aliases["flask_rebar.rebar.Rebar"] = REBAR

    def create(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        registry = Scaffold(interp.external(REGISTRY), args, frame)
        registry.name = ""
        registry.url_prefix = prefix_text(args.get(0, "prefix"))
        if isinstance(receiver, Object) and interp.registers():
            made.blueprints.append(registry)
            known = receiver.attrs.setdefault("registries", Sequence([]))
            if isinstance(known, Sequence):
                known.items.append(registry)
        return registry

    knowledge.methods[f"{REBAR}.create_handler_registry"] = create
    knowledge.methods[f"{REBAR}.init_app"] = _init_app
    knowledge.methods[f"{REGISTRY}.handles"] = _handles
    knowledge.methods[f"{REGISTRY}.add_handler"] = _add_handler


def _rule(interp: Interpreter, registry: Value, view: Value, given: Args, frame: Frame) -> None:
    """``handles`` and ``add_handler``, whose arguments follow each other alike: rule, method, endpoint."""
    options = {"methods": Sequence([given.get(1, "method") or Const("GET")])}
    endpoint = given.get(2, "endpoint") or NONE
    arguments = Args([given.get(0, "rule") or UNKNOWN, endpoint, view], dict(options))
    interp.call_method(registry, "add_url_rule", arguments, frame)


def _handles(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    def apply(target: Value, inner: Frame) -> Value | None:
        _rule(interp, receiver, target, args, inner)
        return None

    return Decorator(apply)


def _add_handler(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    view = args.get(0, "func")
    if view is not None:
        _rule(interp, receiver, view, Args(args.positional[1:], args.keywords), frame)
    return NONE


def _init_app(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    app = args.get(0, "app")
    known = receiver.attrs.get("registries") if isinstance(receiver, Object) else None
    if isinstance(app, Scaffold) and isinstance(known, Sequence) and interp.registers():
        for registry in known.items:
            if isinstance(registry, Scaffold):
                for page in _PAGES:
                    registry.entries.append(UrlRule(page, page, External(REBAR), None, place(frame)))
                doubtful = is_default(registry.given().get(0, "prefix"))
                app.entries.append(Registration(registry, None, None, place(frame), doubtful))
    return NONE
