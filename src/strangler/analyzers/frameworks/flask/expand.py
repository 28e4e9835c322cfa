"""From what was registered on an application to its endpoints, in Werkzeug's order."""

from __future__ import annotations

from dataclasses import dataclass, replace

from strangler.analyzers.frameworks.flask import jsonapi
from strangler.analyzers.frameworks.flask.app import (
    UNRESOLVED,
    Api,
    Applications,
    Recorded,
    Registration,
    Scaffold,
    SetupState,
    UnknownBlueprint,
    UrlRule,
    host_of,
    join_prefix,
)
from strangler.analyzers.frameworks.flask.converters import Converters
from strangler.analyzers.frameworks.flask.restful import ApiObject, resources
from strangler.analyzers.frameworks.flask.rules import (
    Rule,
    matching_order,
    parse,
)
from strangler.analyzers.plugin import (
    FALSE,
    NONE,
    PLACED_BY,
    Args,
    Bound,
    Class,
    Const,
    External,
    Function,
    Interpreter,
    Mapping,
    Object,
    Place,
    Value,
    ViewFunction,
    http_methods,
    known_strings,
    literal,
    opaque_route,
    unwrapped,
)
from strangler.model import Diagnostic, Endpoint, OpaqueRoute, RouteTraits

HTTP_METHODS = ("get", "post", "head", "options", "delete", "put", "trace", "patch")
FLOATING = "/{unresolved}"
"""Stands for a mount that is not known."""
_DEEPEST = 12


@dataclass
class Flat:
    """One rule of an application with all prefixes joined."""

    rule: str
    endpoint: str | None
    view: Value | None
    methods: tuple[str, ...] | None
    place: Place
    strict: bool | None
    conditional: bool
    static: bool = False
    """Whether it serves the static files of a folder."""
    conditions: tuple[str, ...] = ()
    """What must hold for its blueprint to be registered, where that could not be decided."""
    host: str = ""


WERKZEUG = RouteTraits(slash_redirect="append_in_order")
"""A rule that is matched without its last slash redirects at once; where slashes are not strict, the rule's
expression takes both."""


class Expansion:
    """Turns registrations into endpoints; remembers which blueprints were reached."""

    def __init__(self, interp: Interpreter) -> None:
        self.interp = interp
        self.reached: set[int] = set()
        self._count = 0
        self.problems: list[Diagnostic] = []

    def floating(self, made: Applications) -> set[int]:
        """Of several applications those that may be served elsewhere: what is not known puts them there."""
        found = {id(app): by for app in made.apps if (by := PLACED_BY.of(app)) is not None}
        for by in found.values():
            scope = self.interp.program.scopes.get(by.module)
            where = Place(scope.facts.path if scope else "", by.line)
            name = by.cls.name if isinstance(by.cls, External) else "a library"
            message = f"where the routes of the application that {name} is given here are served is not known"
            self._problem(where, "unresolved-mount", message)
        for where in made.elsewhere.values():
            message = "below which prefix an application is served here is not known"
            self._problem(where, "unresolved-mount", message)
        placed = set(found)
        if any(id(app) not in made.elsewhere for app in made.apps):  # else one dispatches to itself
            placed |= made.elsewhere.keys()
        if not made.dispatched:
            return placed
        # What a module makes is served for itself, one at least; what functions make may be dispatched to.
        own = [app for app in made.apps if app.function is None and not app.mount] or made.apps[:1]
        rest = [app for app in made.apps if app not in own and not app.mount]
        for app in rest:
            scope = self.interp.program.scopes.get(app.module)
            at = ", ".join(dict.fromkeys(f"{one.file}:{one.line}" for one in made.dispatched))
            message = f"where this application is served is not known: it may be dispatched to at {at}"
            where = Place(scope.facts.path if scope else "", app.line)
            self._problem(where, "unresolved-mount", message)
        return {*placed, *map(id, rest)}

    def rows(self, app: Scaffold, floating: bool = False) -> list[Endpoint | OpaqueRoute]:
        """The route table of an application.

        Args:
            floating: where it is served is not known.
        """
        self.app = app
        if floating:
            app.mount = FLOATING
        self.unknown: list[OpaqueRoute] = []
        strict = _flag(app, "strict_slashes", True)
        functions = app.attrs.get("view_functions")
        parsed: list[tuple[Rule, tuple[Flat, Function | Class | None]]] = []
        every = self._flat(app, None, "", 0, None)
        known = {(flat.place.file, flat.place.line) for flat in every if UNRESOLVED not in flat.rule}
        for flat in every:
            if flat.rule.endswith(f"/{UNRESOLVED}") and (flat.place.file, flat.place.line) in known:
                # A line that registers several: what is not known of it is said, and is no route of its own.
                self._problem(flat.place, "unresolved-prefix", "further rules of this line cannot be told")
                continue
            if flat.view is None and isinstance(functions, Mapping):
                flat.view = functions.items.get(flat.endpoint)
            handler = unwrapped(self.interp, flat.view)
            if UNRESOLVED in flat.rule:
                self._problem(flat.place, "unresolved-prefix", f"the prefix of {flat.rule} cannot be told")
            if handler is None and not flat.static and not isinstance(flat.view, External):
                message = f"the view of {flat.rule} cannot be told"
                self._problem(flat.place, "unresolved-handler", message)
            find = Converters(self.interp, app).find
            rule = parse(flat.rule, find, strict if flat.strict is None else flat.strict)
            if rule is None:
                self._problem(flat.place, "malformed-rule", f"{flat.rule!r} is no URL rule")
                continue
            parsed.append((rule, (flat, handler)))
        listed = [self._endpoint(rule, *rest, app.mount) for rule, rest in matching_order(parsed)]
        return [*self.unknown, *listed]

    def _endpoint(
        self, rule: Rule, flat: Flat, handler: Function | Class | None, mount: str
    ) -> Endpoint | OpaqueRoute:
        compiled = rule.compiled
        if handler is None:
            regex = _below(mount) + compiled.regex
            what = "static files" if flat.static else flat.view or ""
            return opaque_route(mount + compiled.pattern, regex, what, "flask", flat.place)
        methods = flat.methods or view_methods(self.interp, flat.view) or ("GET",)
        return Endpoint(
            path=mount + compiled.path,
            methods=tuple(m for m in methods if m not in ("HEAD", "OPTIONS") or m in (flat.methods or ())),
            handler=handler.dotted,
            framework="flask",
            pattern=mount + compiled.pattern,
            regex=_below(mount) + compiled.regex,
            name=flat.endpoint,
            file=flat.place.file,
            line=flat.place.line,
            order=0,
            exact=compiled.exact and not flat.conditional and not flat.host and mount != FLOATING,
            condition=" and ".join(dict.fromkeys((*flat.conditions, *self._conditions(flat.place)))),
            traits=WERKZEUG,
            host=flat.host,
        )

    def _conditions(self, place: Place) -> list[str]:
        return self.interp.log.conditions(place.file, place.line, place.under)

    # -- prefixes --------------------------------------------------------------------------------

    def _flat(
        self, scaffold: Scaffold, prefix: str | None, names: str, depth: int, state: SetupState | None
    ) -> list[Flat]:
        self.reached.add(id(scaffold))
        found: list[Flat] = []
        if depth > _DEEPEST:
            return found
        if (folder := static_rule(scaffold, prefix, is_app=depth == 0)) is not None:
            where = Place(self.interp.program.scopes[scaffold.module].facts.path, scaffold.line)
            found.append(Flat(folder, names + "static", None, None, where, None, False, static=True))
        for entry in scaffold.entries:  # a callback may add to them on the way
            self._count += 1
            limits = self.interp.limits
            if self._count > limits.url_entries:
                if self._count == limits.url_entries + 1:
                    message = "an application has too many entries; those behind are not listed"
                    message += f" ({limits.named('url_entries')})"
                    where = Place(self.interp.program.scopes[scaffold.module].facts.path, scaffold.line)
                    self._problem(where, "url-table-too-long", message)
                break
            if isinstance(entry, UrlRule):
                found += self._through(entry, state, names) or [self._own(entry, prefix, names)]
            elif isinstance(entry, Recorded):
                found += self._recorded(entry, scaffold, prefix, names)
            elif isinstance(entry, Registration):
                found += self._below(entry, prefix, names, depth)
            elif isinstance(entry, UnknownBlueprint):
                self._not_known(entry, prefix)
            elif isinstance(entry, Api) and isinstance(entry.api, ApiObject):
                found += self._resources(entry.api, prefix, names)
        return found

    def _own(self, entry: UrlRule, prefix: str | None, names: str) -> Flat:
        rule = join_prefix(prefix, entry.rule)
        self._doubt(entry.rule, entry.default, entry.place)
        return Flat(
            rule if rule.startswith("/") else f"/{rule}",
            names + (entry.endpoint or _view_name(self.interp, entry.view)),
            entry.view,
            entry.methods,
            entry.place,
            entry.strict_slashes,
            entry.conditional or entry.default,
            host=entry.host,
        )

    def _doubt(self, rule: str, default: bool, place: Place) -> None:
        """Say that a rule may be another one, if it may."""
        if default and UNRESOLVED not in rule:
            self._problem(place, "doubtful-prefix", f"the rule {rule or '/'} may be another one")

    def _below(self, entry: Registration, prefix: str | None, names: str, depth: int) -> list[Flat]:
        own = entry.url_prefix if entry.url_prefix is not None else entry.blueprint.url_prefix
        if prefix is not None and own is not None:
            own = prefix.rstrip("/") + "/" + own.lstrip("/")
        elif own is None:
            own = prefix
        name = entry.name or entry.blueprint.name or ""
        cls = entry.blueprint.cls
        custom = isinstance(cls, Class) and cls.find("make_setup_state") is not None
        state = self._state(entry.blueprint, own) if custom else None
        found = self._flat(entry.blueprint, own, f"{names}{name}.", depth + 1, state)
        if entry.doubtful:
            message = f"the prefix of blueprint {name} may be another one than {own or '/'}"
            self._problem(entry.place, "doubtful-prefix", message)
        here = self._conditions(entry.place)
        for flat in found:
            flat.conditional = flat.conditional or entry.doubtful
            flat.host = flat.host or entry.host
            flat.conditions = tuple(dict.fromkeys((*here, *flat.conditions)))
        return found

    def _not_known(self, entry: UnknownBlueprint, prefix: str | None) -> None:
        """A blueprint of which nothing is known may answer anything below its prefix, and comes first."""
        own = (prefix or "").rstrip("/") + (f"/{entry.url_prefix.strip('/')}" if entry.url_prefix else "")
        regex = f"{literal(own)}(?:/.*)?" if own else "/.*"
        self.unknown.append(opaque_route(own or "/", regex, entry.blueprint, "flask", entry.place))

    def _state(self, blueprint: Scaffold, prefix: str | None) -> SetupState | None:
        """What Flask hands to the callbacks of a blueprint; the application may have its own class."""
        options = Mapping({"url_prefix": Const(prefix)})
        given = Args([self.app, options, FALSE])
        state = self.interp.call_method(blueprint, "make_setup_state", given, self.interp.root_frame)
        return state if isinstance(state, SetupState) else None

    def _through(self, entry: UrlRule, state: SetupState | None, names: str) -> list[Flat]:
        """A rule that passes through a setup state of the application's own."""
        if state is None:
            return []
        endpoint = Const(entry.endpoint)
        state.collected.clear()
        given = Args([Const(entry.rule), endpoint, entry.view or NONE])
        self.interp.call_method(state, "add_url_rule", given, self.interp.root_frame)
        return [self._own(replace(entry, rule=rule), None, names) for rule, _ in state.collected]

    def _recorded(self, entry: Recorded, scaffold: Scaffold, prefix: str | None, names: str) -> list[Flat]:
        state = self._state(scaffold, prefix)
        if state is None:
            return []
        entry.function.call(self.interp, Args([state]), self.interp.root_frame)
        found = []
        for rule, args in state.collected:
            methods = http_methods(self.interp, args.get(None, "methods"), self.interp.root_frame)
            where = Place(self.interp.program.scopes[scaffold.module].facts.path, scaffold.line)
            own = UrlRule(
                rule, args.text(1, "endpoint"), args.get(2, "view_func"), methods, where, host=host_of(args)
            )
            found.append(self._own(own, None, names))
        return found

    def _resources(self, api: ApiObject, prefix: str | None, names: str) -> list[Flat]:
        found = []
        for url, resource, sure in resources(api):
            cls = resource.cls
            name = resource.endpoint or (cls.name.lower() if isinstance(cls, Class) else "")
            view = ViewFunction(cls, name)
            for own in resource.urls:
                rule = (prefix or "") + api.prefix + url + own
                rule = rule if rule.startswith("/") else f"/{rule}"
                self._doubt(own, resource.default, resource.place)
                doubtful = not (sure and api.sure)
                found.append(Flat(rule, names + name, view, None, resource.place, None, doubtful))
        return found

    # -- what is not reached -----------------------------------------------------------------------

    def _problem(self, place: Place, code: str, message: str) -> None:
        self.problems.append(
            Diagnostic(file=place.file, line=place.line, code=code, severity="warning", message=message)
        )

    def diagnostics(self, blueprints: list[Scaffold]) -> list[Diagnostic]:
        """What could not be told, and the blueprints with routes that no application registers."""
        for blueprint in blueprints:
            if id(blueprint) not in self.reached and blueprint.entries:
                path = self.interp.program.scopes[blueprint.module].facts.path if blueprint.module else ""
                message = f"blueprint {blueprint.name or ''} is not registered on any application found"
                self._problem(Place(path, blueprint.line), "unregistered-routes", message)
        return list(dict.fromkeys(self.problems))


def _below(mount: str) -> str:
    """The expression of where an application is mounted."""
    return "(?:/.*)?" if mount == FLOATING else literal(mount)


def _flag(app: Scaffold, name: str, default: bool) -> bool:
    url_map = app.attrs.get("url_map")
    value = url_map.attrs.get(name) if isinstance(url_map, Object) else None
    return value.value if isinstance(value, Const) and isinstance(value.value, bool) else default


def _view_name(interp: Interpreter, view: Value | None) -> str:
    """``view.__name__``: that of the innermost function, as ``functools.wraps`` hands it on."""
    while isinstance(view, Function) and view.wrapped is not None:
        view = view.wrapped
    if isinstance(view, ViewFunction):
        return view.name or ""
    handler = unwrapped(interp, view)
    return handler.name if handler is not None else ""


def view_methods(interp: Interpreter, view: Value | None) -> tuple[str, ...] | None:
    """The methods that a view function or class brings along; None where it says nothing."""
    while isinstance(view, (Function, Bound)):
        own = view.attrs.get("methods") if isinstance(view, Function) else None
        if own is not None:
            return tuple(sorted(m.upper() for m in known_strings(interp, own, interp.root_frame))) or None
        handler = unwrapped(interp, view)
        if isinstance(handler, Class):
            view = handler
            break
        return None
    cls = view.cls if isinstance(view, ViewFunction) else view
    return class_methods(interp, cls) if isinstance(cls, Class) else None


def class_methods(interp: Interpreter, cls: Class) -> tuple[str, ...] | None:
    """``View.methods``; a ``MethodView`` answers to the methods that it defines."""
    if "flask.views.MethodView" not in cls.ancestors(interp):
        found = cls.find("methods")
        return (
            tuple(sorted(m.upper() for m in known_strings(interp, found[0], interp.root_frame)))
            if found
            else None
        )
    if "methods" in cls.namespace:
        return tuple(
            sorted(m.upper() for m in known_strings(interp, cls.namespace["methods"], interp.root_frame))
        )
    names = {name for name in HTTP_METHODS if cls.find(name) is not None} | jsonapi.own_methods(interp, cls)
    for parent in cls.mro():
        if "methods" in parent.namespace:
            names |= set(known_strings(interp, parent.namespace["methods"], interp.root_frame))
    return tuple(sorted(name.upper() for name in names)) or None


def static_rule(scaffold: Scaffold, prefix: str | None, *, is_app: bool) -> str | None:
    """The rule of the static files of an application or blueprint; None where it has none.

    An application serves the folder ``static`` unless told otherwise, a blueprint only one that it names.
    """
    folder = scaffold.arg(None, "static_folder")
    path = scaffold.arg(None, "static_url_path")
    if (folder is None and not is_app) or (isinstance(folder, Const) and folder.value is None):
        return None
    text = path.value if isinstance(path, Const) else None
    if text is None:
        named = folder.value if isinstance(folder, Const) else "static"
        text = "/" + str(named).rstrip("/").rpartition("/")[2]
    if not isinstance(text, str):
        return None
    return join_prefix(prefix, text.rstrip("/") + "/<path:filename>")
