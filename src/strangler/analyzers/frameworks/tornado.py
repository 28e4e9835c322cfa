"""Tornado: the rules of applications and routers, and the classes that handle them."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from typing import TypeGuard

from strangler.analyzers.plugin import (
    ANY_HOST,
    NONE,
    Args,
    Class,
    Const,
    External,
    Found,
    Frame,
    Framework,
    Interpreter,
    Knowledge,
    Object,
    Place,
    RequestNames,
    RequestReader,
    Sequence,
    SourceTree,
    Text,
    Value,
    is_default,
    numbered,
    only_conditional,
    opaque_route,
    place,
    registering_class,
    run_factories,
    url_expression,
)
from strangler.model import Diagnostic, Endpoint, OpaqueRoute, RouteTraits

APP, ROUTER = "tornado.web.Application", "tornado.routing.RuleRouter"
SPEC, RULE = "tornado.web.URLSpec", "tornado.routing.Rule"
PATHS, HOSTS, ANY = (f"tornado.routing.{name}" for name in ("PathMatches", "HostMatches", "AnyMatches"))
SOCKET, STATIC = "tornado.websocket.WebSocketHandler", "tornado.web.StaticFileHandler"
VERBS = ("get", "head", "post", "delete", "patch", "put", "options")
ANYTHING = ".*"
_DEEPEST = 10


@dataclass
class Rules:
    """A list of rules, and the hosts for which it is asked."""

    rules: Value
    place: Place
    module: str
    host: str = ""
    exact: bool = True
    """False behind an outer rule that takes some of the paths only."""


class Router(Object):
    """An application or a router: lists of rules that are asked one after the other."""

    __slots__ = ("lists", "static")

    def __init__(self, cls: Value, args: Args, frame: Frame) -> None:
        super().__init__(cls, args, frame)
        self.lists: list[Rules] = []
        self.static: list[OpaqueRoute] = []
        """Files that stand before all rules."""

    def key(self) -> Hashable:
        return ("router", id(self))

    def truth(self) -> bool | None:
        return True


class TornadoRequests(RequestReader):
    """``self.request``, and the ways to answer with a status."""

    names = RequestNames(aborts=frozenset({"HTTPError", "send_error", "set_status"}))


class Tornado(Framework):
    """Tornado's web server."""

    name = "tornado"
    packages = ("tornado",)
    requests = TornadoRequests()

    def __init__(self, tree: SourceTree) -> None:
        super().__init__(tree)
        self.made: list[Router] = []
        self.inner: set[int] = set()
        """Routers that a rule of another leads to, by identity."""
        self.asked = 0
        """Rules that were looked at."""
        self.found = Found()

    def teach(self, knowledge: Knowledge) -> None:
        knowledge.aliases |= {"tornado.web.url": SPEC, "tornado.routing.URLSpec": SPEC}
        knowledge.aliases["tornado.routing.ReversibleRuleRouter"] = ROUTER
        registering_class(knowledge, APP, Router, _set_up_application, self.made)
        registering_class(knowledge, ROUTER, Router, _set_up_router, self.made)
        knowledge.methods[f"{APP}.add_handlers"] = _add_handlers
        knowledge.methods[f"{ROUTER}.add_rules"] = _add_rules

    def prepare(self, interp: Interpreter) -> None:
        run_factories(interp, frozenset({APP}))
        tables = [(router, list(self._rows(interp, router))) for router in self.made]
        # Of several applications the largest is the main one: its rules come first.
        outer = [rows for router, rows in tables if id(router) not in self.inner]
        outer.sort(key=lambda rows: -len(rows))
        found, opaque = numbered([row for rows in outer for row in rows])
        self.found.endpoints, self.found.opaque_routes = found, opaque

    def collect(self, interp: Interpreter) -> Found:
        self.found.present = bool(self.made)
        return self.found

    # -- rules ---------------------------------------------------------------------------------------

    def _rows(
        self, interp: Interpreter, router: Router, host: str = "", exact: bool = True, depth: int = 0
    ) -> Iterator[Endpoint | OpaqueRoute]:
        yield from router.static
        # What is added for hosts is asked before what the application was made with.
        for one in sorted(router.lists, key=lambda rules: not rules.host):
            here = replace(one, host=one.host or host, exact=one.exact and exact)
            yield from self._list(interp, here, depth)

    def _list(self, interp: Interpreter, one: Rules, depth: int) -> Iterator[Endpoint | OpaqueRoute]:
        items, complete = one.rules.elements(interp, interp.root_frame)
        for item in items if depth < _DEEPEST else ():
            self.asked += 1
            if self.asked > interp.limits.url_entries:
                limit = interp.limits.named("url_entries")
                self._say(
                    one.place, "url-table-too-long", f"there are too many rules; not all are listed ({limit})"
                )
                yield opaque_route("/", "/.*", "rules behind a limit", self.name, one.place)
                return
            under = (*one.place.under, *interp.log.additions.held_under(one.rules, item))
            for option in item.options():
                yield from self._rule(
                    interp, option, replace(one, place=replace(one.place, under=under)), depth
                )
        if depth >= _DEEPEST or not (complete or only_conditional(interp, one.rules, one.module)):
            self._say(one.place, "unresolved-urls", "/: the list of rules holds more than can be told")
            yield opaque_route("/", "/.*", "rules that cannot be told", self.name, one.place)

    def _rule(
        self, interp: Interpreter, rule: Value, one: Rules, depth: int
    ) -> Iterator[Endpoint | OpaqueRoute]:
        matcher: Value | None = None
        target: Value | None = None
        label: Value | None = None
        if isinstance(rule, Sequence) and len(rule.items) > 1:
            matcher, target = rule.items[:2]
            label = rule.items[3] if len(rule.items) > 3 else None
        elif _is(rule, SPEC, RULE):
            matcher = rule.arg(0, "pattern") or rule.arg(0, "matcher")
            target = rule.arg(1, "handler") or rule.arg(1, "target")
            label = rule.arg(3, "name")
            scope = interp.program.scopes.get(rule.module)
            if scope is not None:
                one = replace(one, place=Place(scope.facts.path, rule.line, one.place.under))
        if matcher is None or target is None:
            self._say(one.place, "unresolved-urls", "/: one of the rules cannot be told")
            yield opaque_route("/", "/.*", "a rule that cannot be told", self.name, one.place)
            return
        pattern, known = ANYTHING, True
        if _is(matcher, HOSTS):
            one = replace(one, host=_host(matcher.arg(0, "host_pattern")))
        elif not _is(matcher, ANY):
            stated = matcher.arg(0, "path_pattern") if _is(matcher, PATHS) else matcher
            pattern, known = _pattern(stated)
            if not known:
                self._say(one.place, "unresolved-prefix", f"part of {pattern} cannot be told")
                one = replace(one, exact=False)
            elif is_default(stated):
                self._say(one.place, "doubtful-prefix", f"the path {pattern} may be another one")
                one = replace(one, exact=False)
        if isinstance(target, Const) and isinstance(target.value, str):
            target = interp.import_by_name(target.value, interp.root_frame)
        exact = one.exact and pattern == ANYTHING
        if isinstance(target, Router):
            self.inner.add(id(target))
            yield from self._rows(interp, target, one.host, exact, depth + 1)
        elif isinstance(target, Sequence):
            yield from self._list(interp, replace(one, rules=target, exact=exact), depth + 1)
        else:
            yield self._row(interp, pattern, target, label, one)

    def _row(
        self, interp: Interpreter, pattern: str, target: Value | None, label: Value | None, one: Rules
    ) -> Endpoint | OpaqueRoute:
        expression = url_expression(pattern)
        path = expression.path if expression.path.startswith("/") else f"/{expression.path}"
        if isinstance(target, External):
            return opaque_route(path, expression.regex, target, self.name, one.place)
        if not isinstance(target, Class):
            self._say(one.place, "unresolved-handler", f"what handles {path} cannot be told")
            return opaque_route(path, expression.regex, "what cannot be told", self.name, one.place)
        socket = SOCKET in target.ancestors(interp)
        verbs = tuple(sorted(verb.upper() for verb in VERBS if target.find(verb) is not None))
        return Endpoint(
            path=path,
            methods=None if socket else verbs or None,
            handler=target.dotted,
            framework=self.name,
            pattern=pattern,
            regex=expression.regex,
            name=label.value if isinstance(label, Const) and isinstance(label.value, str) else None,
            file=one.place.file,
            line=one.place.line,
            order=0,
            exact=one.exact and not one.host,
            condition=" and ".join(interp.log.conditions(one.place.file, one.place.line, one.place.under)),
            traits=RouteTraits(by_method=False),
            protocol="websocket" if socket else "http",
            host=one.host,
        )

    def _say(self, where: Place, code: str, message: str) -> None:
        row = Diagnostic(file=where.file, line=where.line, code=code, severity="warning", message=message)
        if row not in self.found.diagnostics:
            self.found.diagnostics.append(row)


def _is(value: Value, *names: str) -> TypeGuard[Object]:
    return isinstance(value, Object) and isinstance(value.cls, External) and value.cls.name in names


def _pattern(value: Value | None) -> tuple[str, bool]:
    """The expression of a path, of which what is not known takes anything, and whether all of it is known."""
    if isinstance(value, Const) and isinstance(value.value, str):
        return value.value, True
    if isinstance(value, Text):
        return "".join(ANYTHING if part is None else part for part in value.parts), False
    return ANYTHING, False


def _host(value: Value | None) -> str:
    """The expression of a host as ``Endpoint.host`` says it."""
    if isinstance(value, Const) and isinstance(value.value, str):
        return "" if value.value == ".*" else value.value.removesuffix("$")
    return ANY_HOST


def _set_up_application(interp: Interpreter, app: Router, args: Args, frame: Frame) -> None:
    rules = args.get(0, "handlers")
    where = place(frame)
    if rules is not None and not (isinstance(rules, Const) and rules.value is None):
        app.lists.append(Rules(rules, where, frame.module.name))
    if args.get(None, "static_path") is not None:
        prefix = args.text(None, "static_url_prefix") or "/static/"
        handler = args.get(None, "static_handler_class")
        what = handler.dotted if isinstance(handler, Class) else STATIC
        app.static = [
            opaque_route(path, regex, what, "tornado", where)
            for path, regex in (
                ("/robots.txt", r"/robots\.txt"),
                ("/favicon.ico", r"/favicon\.ico"),
                (prefix, re.escape(prefix) + ".*"),
            )
        ]


def _set_up_router(interp: Interpreter, router: Router, args: Args, frame: Frame) -> None:
    rules = args.get(0, "rules")
    if rules is not None:
        router.lists.append(Rules(rules, place(frame), frame.module.name))


def _add_handlers(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    """``app.add_handlers(host, rules)``: asked before the rules that the application was made with."""
    rules = args.get(1, "host_handlers")
    if isinstance(receiver, Router) and rules is not None and interp.registers():
        before = sum(bool(one.host) for one in receiver.lists)
        added = Rules(rules, place(frame), frame.module.name, _host(args.get(0, "host_pattern")))
        receiver.lists.insert(before if added.host else 0, added)
    return NONE


def _add_rules(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    rules = args.get(0, "rules")
    if isinstance(receiver, Router) and rules is not None and interp.registers():
        receiver.lists.append(Rules(rules, place(frame), frame.module.name))
    return NONE
