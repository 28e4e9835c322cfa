"""Cornice: services and resource classes that a scan, or a directive, puts on an application."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from strangler.analyzers.frameworks.pyramid.configuration import CONFIGURATOR, is_conditional, pattern_below
from strangler.analyzers.frameworks.pyramid.site import Configurator, Route, Site, View, route_name, url_text
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
    Value,
    made_of_default,
    place,
    registering_class,
    several,
)

SERVICE = "cornice.service.Service"
_VERBS = ("get", "post", "put", "delete", "options", "patch")


class Service(Object):
    """A service: a path, or the name of a route that is there already, and views by method."""

    __slots__ = ("home", "name", "pattern", "put_on", "sure", "views", "where")

    def __init__(self, cls: Value, args: Args, frame: Frame) -> None:
        super().__init__(cls, args, frame)
        self.name: str | None = None
        self.pattern: str | None = None
        self.sure = True
        """The pattern can be no other one."""
        self.home = frame.module.name
        self.where = place(frame)
        self.views: list[View] = []
        self.put_on: list[Site] = []
        """Where a directive has added it, whatever is scanned."""

    def key(self) -> Hashable:
        return ("service", id(self))

    def truth(self) -> bool | None:
        return True

    def serve(self, handler: Value, methods: tuple[str, ...], where: Place, args: Args) -> View:
        """A further view; what already serves gets the further methods."""
        _asks(args)
        for view in self.views:
            if view.handler is handler:
                view.methods = tuple(sorted({*(view.methods or ()), *methods}))
                return view
        view = View(self.name, handler, methods, None, where, self.home, conditional=is_conditional(args))
        self.views.append(view)
        return view


class Services:
    """All services that are made, and those of resource classes."""

    def __init__(self) -> None:
        self.made: list[Service] = []
        self.resources: dict[Class, list[Service]] = {}

    def teach(self, knowledge: Knowledge) -> None:
        """Add Cornice to what is known."""
        registering_class(knowledge, SERVICE, Service, _set_up, self.made)
        knowledge.aliases["cornice.Service"] = SERVICE
        for verb in (*_VERBS, "head"):
            knowledge.methods[f"{SERVICE}.{verb}"] = _verb(verb.upper())
        knowledge.methods[f"{SERVICE}.decorator"] = _decorator
        knowledge.methods[f"{SERVICE}.add_view"] = _add_view
        knowledge.calls["cornice.resource.resource"] = self._resource
        knowledge.calls["cornice.resource.add_resource"] = self._add_resource
        knowledge.calls["cornice.resource.view"] = _resource_view
        knowledge.methods[f"{CONFIGURATOR}.add_cornice_service"] = _put_service
        knowledge.methods[f"{CONFIGURATOR}.add_cornice_resource"] = self._put_resource

    def _resource(self, interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
        def apply(target: Value, inner: Frame) -> Value | None:
            if isinstance(target, Class):
                self._serve(interp, target, args, inner)
            return None

        return Decorator(apply)

    def _add_resource(
        self, interp: Interpreter, external: External, args: Args, frame: Frame
    ) -> Value | None:
        target = args.get(0, "klass")
        if isinstance(target, Class):
            self._serve(interp, target, args, frame)
        return target

    def _serve(self, interp: Interpreter, cls: Class, args: Args, frame: Frame) -> None:
        """The service of a resource class, and that of its collection, whose methods have a prefix."""
        called = route_name(args.get(None, "name")) or cls.name.lower()
        for prefix in ("", "collection_"):
            if args.get(None, f"{prefix}path") is None and args.get(None, f"{prefix}pyramid_route") is None:
                continue
            given = {
                key: value
                for key in ("path", "pyramid_route")
                if (value := args.get(None, prefix + key)) is not None
            }
            service = Service(interp.external(SERVICE), args, frame)
            _set_up(interp, service, Args([Const(prefix + called)], given), frame)
            for verb in _VERBS:
                found = cls.find(prefix + verb)
                if found is not None:
                    view = service.serve(found[0], (verb.upper(),), service.where, Args())
                    view.owner, view.attribute = cls, prefix + verb
            if interp.registers():
                self.made.append(service)
                self.resources.setdefault(cls, []).append(service)

    def _put_resource(self, interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        target = args.get(0, "klass")
        for service in self.resources.get(target, ()) if isinstance(target, Class) else ():
            _put(interp, receiver, service)
        return NONE

    # -- on a site ---------------------------------------------------------------------------------

    def views(self) -> list[View]:
        """All views of services."""
        return [view for service in self.made for view in service.views]

    def place_on(self, interp: Interpreter, site: Site) -> None:
        """Give a site the routes of the services that its scans find, where those scans stand.

        A scan goes through modules and their members in the order of their names.
        """
        found: dict[int, list[Route]] = {}
        for service in sorted(self.made, key=lambda one: (one.home, _known_as(interp, one), one.where.line)):
            scan = next((scan for scan in site.scans if scan.takes(service.home)), None)
            if (
                service.name is None
                or service.pattern is None
                or service.put_on
                or not site.takes(service.home)
            ):
                continue
            at = scan.position if scan is not None else len(site.routes)
            path = pattern_below(scan.prefix if scan is not None else "", service.pattern)
            vague = not service.sure or (scan is not None and not scan.sure)
            found.setdefault(at, []).append(Route(service.name, path, None, service.where, vague))
        for at in sorted(found, reverse=True):
            site.routes[at:at] = found[at]


def _asks(args: Args) -> None:
    """What Cornice itself calls with the request: none of it is a view that nothing serves."""
    for option in ("validators", "filters", "error_handler"):
        for value in several(args.get(None, option)):
            if isinstance(value, Function):
                value.called = True


def _resource_view(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    _asks(args)
    return Decorator(lambda target, inner: None)


def _known_as(interp: Interpreter, service: Service) -> str:
    """The name under which a service stands in its module, or that of its resource class."""
    scope = interp.program.scope(service.home)
    names = scope.env.items() if scope is not None else ()
    wanted = {id(service), *(id(view.owner) for view in service.views if view.owner is not None)}
    return min((name for name, value in names if id(value) in wanted), default="")


def _set_up(interp: Interpreter, service: Service, args: Args, frame: Frame) -> None:
    path, existing = args.get(1, "path"), route_name(args.get(5, "pyramid_route"))
    service.name = existing or route_name(args.get(0, "name"))
    if existing is None and path is not None:
        service.pattern = url_text(path)
        service.sure = not made_of_default(interp, frame, "path", path)


def _serving(interp: Interpreter, receiver: Value, method: str | None, args: Args) -> Decorator:
    def apply(target: Value, inner: Frame) -> Value | None:
        if isinstance(receiver, Service) and method is not None and interp.registers():
            receiver.serve(target, (method.upper(),), place(inner), args)
        return None

    return Decorator(apply)


def _verb(method: str) -> Callable[[Interpreter, Value, Args, Frame], Value | None]:
    return lambda interp, receiver, args, frame: _serving(interp, receiver, method, args)


def _decorator(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    return _serving(interp, receiver, args.text(0, "method"), args)


def _add_view(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    method, view, cls = args.text(0, "method"), args.get(1, "view"), args.get(None, "klass")
    if not isinstance(receiver, Service) or method is None or view is None or not interp.registers():
        return NONE
    name = args.text(1, "view")
    found = cls.find(name) if isinstance(cls, Class) and name is not None else None
    row = receiver.serve(found[0] if found else view, (method.upper(),), place(frame), args)
    if found and isinstance(cls, Class) and name is not None:
        row.owner, row.attribute = cls, name
    return NONE


def _put_service(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    service = args.get(0, "service")
    if isinstance(service, Service):
        _put(interp, receiver, service)
    return NONE


def _put(interp: Interpreter, receiver: Value, service: Service) -> None:
    if isinstance(receiver, Configurator) and interp.registers() and receiver.site not in service.put_on:
        service.put_on.append(receiver.site)
        if service.name is not None and service.pattern is not None:
            path = pattern_below(receiver.prefix, service.pattern)
            vague = not (service.sure and receiver.sure)
            receiver.site.routes.append(Route(service.name, path, None, service.where, vague))
