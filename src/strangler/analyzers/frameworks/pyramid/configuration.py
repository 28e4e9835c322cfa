"""The directives of a Configurator: routes, views, includes, and those that an application adds itself."""

from __future__ import annotations

from strangler.analyzers.frameworks.pyramid.site import (
    UNRESOLVED,
    Configurator,
    PrefixContext,
    Registry,
    Route,
    Scan,
    Site,
    View,
    named,
    route_name,
    url_text,
)
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Bound,
    Class,
    Const,
    External,
    Frame,
    Function,
    Hook,
    Interpreter,
    Knowledge,
    Mapping,
    Module,
    Object,
    Value,
    http_methods,
    made_of_default,
    place,
)

CONFIGURATOR, STATIC = "pyramid.config.Configurator", "pyramid.static.static_view"
RENDERER_ALONE = "pyramid.config.views.ViewsConfiguratorMixin.add_view.<locals>.view"
"""What Pyramid runs for a view that is only a template."""
_ROUTE = {"name", "pattern", "path", "factory", "request_method", "accept", "traverse", "pregenerator"}
_ROUTE |= {"use_global_views", "static", "inherit_slash", "request_method"}
_VIEW = {"view", "name", "for_", "permission", "request_type", "route_name", "request_method", "attr"}
_VIEW |= {"renderer", "wrapper", "decorator", "mapper", "http_cache", "require_csrf", "append_slash"}
_VIEW |= {"exception_only", "accept"}
_VIEW_CONDITIONS = {
    "request_param", "containment", "xhr", "header", "path_info", "custom_predicates", "context",
    "effective_principals", "is_authenticated", "match_param", "physical_path",
}  # fmt: skip


def teach(knowledge: Knowledge, sites: list[Site]) -> None:
    """Add the Configurator to what is known; ``sites`` collects the applications."""

    def make(interp: Interpreter, cls: Value, args: Args, frame: Frame) -> Value:
        settings = args.get(None, "settings")
        known = settings if isinstance(settings, Mapping) else Mapping(open=True)
        site = Site(Registry(known))
        if interp.registers():
            sites.append(site)
        prefix = args.get(None, "route_prefix")
        sure = not made_of_default(interp, frame, "prefix", prefix)
        return Configurator(cls, args, frame, site, url_text(prefix).strip("/"), sure)

    knowledge.calls[CONFIGURATOR] = make
    knowledge.instantiations[CONFIGURATOR] = make
    knowledge.aliases["pyramid.configuration.Configurator"] = CONFIGURATOR
    methods = {
        "add_route": _add_route,
        "add_view": _add_view,
        "add_forbidden_view": lambda interp, receiver, args, frame: NONE,
        "add_exception_view": lambda interp, receiver, args, frame: NONE,
        "add_static_view": _add_static,
        "add_directive": _add_directive,
        "add_request_method": _add_request_method,
        "set_request_property": _add_request_method,
        "add_settings": _add_settings,
        "get_settings": _get_settings,
        "action": _action,
        "include": _include,
        "route_prefix_context": _prefix_context,
        "scan": _scan,
        "maybe_dotted": _maybe_dotted,
        "with_package": lambda interp, receiver, args, frame: receiver,
        "commit": lambda interp, receiver, args, frame: NONE,
    }
    for name, handler in methods.items():
        knowledge.methods[f"{CONFIGURATOR}.{name}"] = handler


def attribute(target: Value, args: Args) -> Value:
    """``attr="method"`` of a view class."""
    name = args.text(None, "attr")
    found = target.find(name) if name is not None and isinstance(target, Class) else None
    return found[0] if found is not None else target


def is_conditional(args: Args) -> bool:
    """Whether a view answers some of the requests of its route and method only."""
    return any(name in _VIEW_CONDITIONS for name in args.keywords)


def pattern_below(prefix: str, pattern: str) -> str:
    """The whole pattern of a route that is added by a configurator with a prefix."""
    full = f"{prefix}/{pattern.lstrip('/')}" if prefix else pattern
    return full if full.startswith("/") else f"/{full}"


def _add_route(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    name, given_pattern = route_name(args.get(0, "name")), args.get(1, "pattern") or args.get(None, "path")
    pattern = url_text(given_pattern)
    absent = given_pattern is None or (isinstance(given_pattern, Const) and given_pattern.value is None)
    if isinstance(receiver, Configurator) and name is not None and not absent and interp.registers():
        full = pattern_below(receiver.prefix, pattern)
        methods = http_methods(interp, args.get(None, "request_method"), frame)
        given = {k for k, v in args.keywords.items() if not (isinstance(v, Const) and v.value is None)}
        vague = UNRESOLVED in full
        if vague:
            message = f"part of {full.replace(UNRESOLVED, '{unresolved}')} cannot be told"
            interp.log.failed(frame.module, frame.line, "unresolved-prefix", message)
        default = made_of_default(interp, frame, "path", given_pattern) or not receiver.sure
        conditional = vague or default or bool(given - _ROUTE)
        receiver.site.routes.append(Route(name, full, methods, place(frame), conditional))
    return NONE


def _add_view(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if not isinstance(receiver, Configurator) or not interp.registers():
        return NONE
    view = named(interp, args.get(0, "view"), receiver.package, frame)
    name = route_name(args.get(None, "route_name"))
    if (view is None or (isinstance(view, Const) and view.value is None)) and args.get(None, "renderer"):
        view = External(RENDERER_ALONE)
    if view is not None:
        methods = http_methods(interp, args.get(None, "request_method"), frame)
        where = place(frame)
        row = View(name, attribute(view, args), methods, None, where, frame.module.name)
        row.context = args.get(None, "context")
        row.conditional = is_conditional(args)
        receiver.site.views.append(row)
    return NONE


def _add_static(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    name = args.text(0, "name")
    if isinstance(receiver, Configurator) and name is not None and "//" not in name and interp.registers():
        path = "/".join(part for part in (receiver.prefix, name.strip("/")) if part)
        route = Route(f"__{name}/", f"/{path}/*subpath", None, place(frame))
        receiver.site.routes.append(route)
        receiver.site.views.append(
            View(route.name, External(STATIC), None, None, route.place, frame.module.name)
        )
    return NONE


def _add_directive(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    name = args.text(0, "name")
    if isinstance(receiver, Configurator) and name is not None:
        directive = named(interp, args.get(1, "directive"), receiver.package, frame)
        if directive is not None:
            interp.registered()
            receiver.site.directives[name] = directive
    return NONE


def _add_request_method(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if not isinstance(receiver, Configurator):
        return NONE
    function = named(interp, args.get(0, "callable"), receiver.package, frame)
    name = args.text(1, "name") or getattr(function, "name", None)
    if function is not None and isinstance(name, str):
        interp.registered()
        flags = [args.get(None, "property"), args.get(None, "reify")]
        is_property = any(flag is not None and flag.truth() is True for flag in flags)
        receiver.site.request_methods[name] = (function, is_property)
    return NONE


def _add_settings(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if isinstance(receiver, Configurator):
        interp.registered()
        settings = receiver.site.registry.attrs["settings"]
        settings.get(interp, "update", frame).call(interp, args, frame)
    return NONE


def _get_settings(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    return receiver.site.registry.attrs["settings"] if isinstance(receiver, Configurator) else None


def _action(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    function, order = args.get(1, "callable"), args.get(4, "order")
    if isinstance(receiver, Configurator) and function is not None and interp.registers():
        given, named_ones = args.get(2, "args"), args.get(3, "kw")
        positional = given.elements(interp, frame)[0] if given is not None else []
        keywords = named_ones.items if isinstance(named_ones, Mapping) else {}
        rank = order.value if isinstance(order, Const) and isinstance(order.value, int) else 0
        texts = {k: v for k, v in keywords.items() if isinstance(k, str)}
        receiver.site.actions.append((rank, Hook(function, Args(positional, texts), frame, frame.line)))
    return NONE


def _include(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if not isinstance(receiver, Configurator):
        return NONE
    target = named(interp, args.get(0, "callable"), frame.module.package, frame)
    if isinstance(target, Module):
        target = target.get(interp, "includeme", frame)
    if not isinstance(target, (Function, Bound, Class, Object)) and interp.registers():
        _unread(interp, target, args.text(0, "callable"), frame)
    if target is not None:
        given = args.get(1, "route_prefix")
        sure = not made_of_default(interp, frame, "prefix", given) and receiver.sure
        prefix = receiver.below(url_text(given))
        inner = Configurator(receiver.cls, Args(), frame, receiver.site, prefix, sure)
        inner.package = getattr(getattr(target, "module", None), "package", inner.package)
        interp.registered()
        target.call(interp, Args([inner]), frame)
    return NONE


def _unread(interp: Interpreter, target: Value | None, name: str | None, frame: Frame) -> None:
    """What is included is a library's, or cannot be told."""
    name = target.name if isinstance(target, External) else name
    if name:
        interp.log.extended.setdefault(name, (frame.module.facts.path, frame.line))
    else:
        message = "what is included here cannot be told: its routes are not listed"
        interp.log.failed(frame.module, frame.line, "unresolved-urls", message)


def _prefix_context(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if not isinstance(receiver, Configurator):
        return None
    prefix = args.get(0, "route_prefix")
    sure = not made_of_default(interp, frame, "prefix", prefix)
    return PrefixContext(receiver, url_text(prefix), sure)


def _scan(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if isinstance(receiver, Configurator) and interp.registers():
        site, package = receiver.site, args.get(0, "package")
        if package is None or (isinstance(package, Const) and package.value is None):
            site.scans.append(Scan(receiver.package, receiver.prefix, len(site.routes), receiver.sure))
            return NONE
        for option in package.options():
            found = named(interp, option, receiver.package, frame)
            # What cannot be told may be everything.
            name = found.name if isinstance(found, Module) else ""
            site.scans.append(Scan(name, receiver.prefix, len(site.routes), receiver.sure))
    return NONE


def _maybe_dotted(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    package = receiver.package if isinstance(receiver, Configurator) else ""
    return named(interp, args.get(0, "dotted"), package, frame)


def request_member(
    sites: list[Site], interp: Interpreter, obj: Object, name: str, frame: Frame
) -> Value | None:
    """An attribute of a request: what ``add_request_method`` put there."""
    for site in sites:
        if name in site.request_methods:
            function, is_property = site.request_methods[name]
            if is_property:
                return function.call(interp, Args([obj]), frame)
            return Bound(function, obj)
        if name == "registry":
            return site.registry
    return UNKNOWN if name in ("matchdict", "params", "POST", "GET") else None
