"""Pyramid: routes of a Configurator, the views that are configured for them, and what a scan finds."""

from __future__ import annotations

from collections.abc import Iterator

from strangler.analyzers.frameworks.pyramid.configuration import (
    CONFIGURATOR,
    attribute,
    is_conditional,
    request_member,
    teach,
)
from strangler.analyzers.frameworks.pyramid.cornice import Services
from strangler.analyzers.frameworks.pyramid.patterns import compile_pattern
from strangler.analyzers.frameworks.pyramid.rpc import Procedures
from strangler.analyzers.frameworks.pyramid.scanning import SCANNER, Attachments
from strangler.analyzers.frameworks.pyramid.site import Configurator, Route, Site, View, route_name
from strangler.analyzers.plugin import (
    HTTP_ERRORS,
    HTTP_EXCEPTIONS,
    Args,
    Class,
    Decorator,
    External,
    Found,
    Frame,
    Framework,
    Function,
    Interpreter,
    Knowledge,
    Object,
    RequestNames,
    RequestReader,
    SourceTree,
    Value,
    http_methods,
    numbered,
    place,
    run_factories,
    run_hooks,
    unwrapped,
)
from strangler.model import Diagnostic, Endpoint, RouteTraits
from strangler.model.routes import SlashRedirect
from strangler.model.system import Severity

REQUEST = "pyramid.request.Request"


class PyramidRequests(RequestReader):
    """The request of WebOb."""

    names = RequestNames(
        query=frozenset({"GET", "params"}),
        form=frozenset({"POST"}),
        body=frozenset({"json", "json_body"}),
        raised={**HTTP_ERRORS, **HTTP_EXCEPTIONS},
        called=HTTP_EXCEPTIONS,
    )


class Pyramid(Framework):
    """Pyramid's URL dispatch, its directives, and the decorators that venusian attaches."""

    name = "pyramid"
    packages = ("pyramid", "pyramid_rpc", "venusian", "cornice")
    requests = PyramidRequests()

    def __init__(self, tree: SourceTree) -> None:
        super().__init__(tree)
        self.sites: list[Site] = []
        self.views: list[View] = []
        """Those of decorators."""
        self.defaults: dict[Class, Args] = {}
        self.attachments = Attachments()
        self.procedures = Procedures()
        self.services = Services()
        self.slash: SlashRedirect = "never"
        self.found = Found()

    def teach(self, knowledge: Knowledge) -> None:
        teach(knowledge, self.sites)
        self.attachments.teach(knowledge)
        self.procedures.teach(knowledge)
        self.services.teach(knowledge)
        knowledge.calls["pyramid.view.view_config"] = self._view_config
        knowledge.calls["pyramid.view.notfound_view_config"] = self._notfound
        knowledge.methods[f"{CONFIGURATOR}.add_notfound_view"] = self._add_notfound
        knowledge.calls["pyramid.view.view_defaults"] = self._view_defaults
        knowledge.instance_members[REQUEST] = lambda interp, obj, name, frame: request_member(
            self.sites, interp, obj, name, frame
        )
        knowledge.parameters.append(self._request)

    def _request(self, interp: Interpreter, function: Function, index: int, name: str) -> Value | None:
        """A parameter called ``request``, where requests have methods of the application's own."""
        if name != "request" or not any(site.request_methods for site in self.sites):
            return None
        return Object(interp.external(REQUEST), None, None)

    # -- decorators --------------------------------------------------------------------------------

    def _view_config(self, interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
        def apply(target: Value, inner: Frame) -> Value | None:
            methods = http_methods(interp, args.get(None, "request_method"), inner)
            owner = inner.owner if inner.callee is None else None
            view = View(
                route_name(args.get(None, "route_name")),
                attribute(target, args),
                methods,
                owner,
                place(inner),
                inner.module.name,
                conditional=is_conditional(args),
                context=args.get(None, "context"),
            )
            if owner is None and isinstance(target, Class):
                view.owner = target
            self.views.append(view)
            return None

        return Decorator(apply)

    def _view_defaults(
        self, interp: Interpreter, external: External, args: Args, frame: Frame
    ) -> Value | None:
        def apply(target: Value, inner: Frame) -> Value | None:
            if isinstance(target, Class):
                self.defaults[target] = args
            return None

        return Decorator(apply)

    def _notfound(self, interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
        """``append_slash=True`` of a not-found view, given by a decorator or a call."""
        append = args.get(None, "append_slash")
        if append is not None and append.truth() is not False:
            self.slash = "append"
        return Decorator(lambda target, inner: None)

    def _add_notfound(self, interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        return self._notfound(interp, interp.external("pyramid.view.notfound_view_config"), args, frame)

    # -- endpoints -----------------------------------------------------------------------------------

    def prepare(self, interp: Interpreter) -> None:
        run_factories(interp, frozenset({CONFIGURATOR}))
        for site in self.sites:
            run_hooks(interp, [hook for _, hook in sorted(site.actions, key=lambda row: row[0])])
            config = Configurator(interp.external(CONFIGURATOR), Args(), interp.root_frame, site)
            scanner = Object(interp.external(SCANNER), Args(), interp.root_frame)
            scanner.attrs["config"] = config
            self.attachments.run(interp, scanner)
            self.services.place_on(interp, site)
        decorated = [*self.views, *self.procedures.views, *self.services.views()]
        decorated += [lifted for view in decorated for lifted in self._lifted(view)]
        endpoints = [endpoint for site in self.sites for endpoint in self._endpoints(interp, site, decorated)]
        self.found.endpoints, self.found.opaque_routes = numbered(endpoints)
        self._unplaced(interp, decorated)
        for view in self.procedures.views:
            message = (
                "pyramid_rpc: the body decides which procedure of the URL is meant; they are not told apart"
            )
            self._say(view, "unlisted-operations", "note", message)

    def _endpoints(self, interp: Interpreter, site: Site, decorated: list[View]) -> Iterator[Endpoint]:
        alone = len(self.sites) == 1
        views = [view for view in decorated if alone or site.takes(view.module)] + site.views
        by_route: dict[str, list[View]] = {}
        for view in views:
            name = self._route_of(view)
            if name is not None:
                by_route.setdefault(name, []).append(view)
        for route in site.routes:
            for view in by_route.get(route.name, ()):
                handler = view.handler.name if isinstance(view.handler, External) else None
                found = unwrapped(interp, view.handler)
                if found is not None:
                    handler = f"{view.owner.dotted}.{view.attribute}" if view.owner and view.attribute else ""
                    handler = handler or found.dotted
                if handler is None:
                    message = f"the function that serves {route.pattern} cannot be told"
                    self._say(view, "unresolved-handler", "warning", message)
                else:
                    methods = view.methods or self._methods(interp, view)
                    places = (route.place, view.place)
                    behind = [interp.log.conditions(one.file, one.line, one.under) for one in places]
                    condition = " and ".join(dict.fromkeys(text for texts in behind for text in texts))
                    yield _endpoint(route, view, methods, handler, self.slash, condition)

    def _lifted(self, view: View) -> Iterator[View]:
        """The views that a class under ``venusian.lift`` takes over from a parent."""
        for cls in self.attachments.lifted:
            name = getattr(view.handler, "name", "")
            if view.owner in cls.mro()[1:] and name and isinstance(view.handler, Function):
                yield View(
                    view.route, view.handler, view.methods, cls, view.place, cls.module.name, name,
                    view.conditional,
                )  # fmt: skip

    def _defaults_of(self, view: View) -> Args | None:
        owner = view.owner
        return next((self.defaults[c] for c in owner.mro() if c in self.defaults), None) if owner else None

    def _route_of(self, view: View) -> str | None:
        if view.route is not None:
            return view.route
        defaults = self._defaults_of(view)
        return route_name(defaults.get(None, "route_name")) if defaults is not None else None

    def _methods(self, interp: Interpreter, view: View) -> tuple[str, ...] | None:
        defaults = self._defaults_of(view)
        given = defaults.get(None, "request_method") if defaults is not None else None
        return http_methods(interp, given, interp.root_frame)

    def _unplaced(self, interp: Interpreter, decorated: list[View]) -> None:
        """Views of a route that no configuration adds, and those of what a traversal finds."""
        known = {route.name for site in self.sites for route in site.routes}
        for view in [*decorated, *(view for site in self.sites for view in site.views)]:
            name = self._route_of(view)
            if name is not None and name not in known:
                message = f"no configuration found adds the route {name} of this view"
                self._say(view, "unregistered-routes", "warning", message)
            elif name is None and not _is_of_exception(interp, view):
                message = "a view of no known route: the URLs of what a traversal finds are not read"
                self._say(view, "unlisted-view", "note", message)

    def _say(self, view: View, code: str, severity: Severity, message: str) -> None:
        self.found.diagnostics.append(
            Diagnostic(
                file=view.place.file, line=view.place.line, code=code, severity=severity, message=message
            )
        )

    def collect(self, interp: Interpreter) -> Found:
        self.found.present = any(site.routes for site in self.sites)
        return self.found


def _is_of_exception(interp: Interpreter, view: View) -> bool:
    """Whether a view answers for an exception, and so at no URL of its own."""
    names = interp.lineage(view.context) if view.context is not None else ()
    return any(
        name.startswith("pyramid.httpexceptions.") or name.endswith(("Exception", "Error")) for name in names
    )


def _endpoint(
    route: Route,
    view: View,
    methods: tuple[str, ...] | None,
    handler: str,
    slash: SlashRedirect,
    condition: str,
) -> Endpoint:
    compiled = compile_pattern(route.pattern)
    return Endpoint(
        path=compiled.path,
        methods=methods or route.methods,
        handler=handler,
        framework="pyramid",
        pattern=compiled.pattern,
        regex=compiled.regex,
        name=route.name,
        file=route.place.file,
        line=route.place.line,
        order=0,
        exact=not (route.conditional or view.conditional),
        condition=condition,
        traits=RouteTraits(slash_redirect=slash),
    )
