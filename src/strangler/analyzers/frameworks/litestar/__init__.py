"""Litestar (and Starlite, as it was called): applications, routers, controllers and route handlers."""

from __future__ import annotations

from strangler.analyzers.frameworks.litestar import handlers
from strangler.analyzers.frameworks.litestar.handlers import Names
from strangler.analyzers.frameworks.litestar.requests import LitestarRequests
from strangler.analyzers.frameworks.litestar.table import Table
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Class,
    External,
    Found,
    Frame,
    Framework,
    Hook,
    Interpreter,
    Knowledge,
    Object,
    Sequence,
    SourceTree,
    Value,
    numbered,
    registering_class,
    run_factories,
    run_hooks,
    several,
)


class Router(Object):
    """An application or a router: a path, and what is registered at it."""

    __slots__ = ("config", "hooks", "lists", "made_in")

    def __init__(self, cls: Value, args: Args, frame: Frame) -> None:
        super().__init__(cls, args, frame)
        self.config: Object | None = None
        """Of an application: what its arguments and its plug-ins say."""
        self.made_in: Frame | None = None
        self.lists: list[Value] = []
        self.hooks: list[Hook] = []
        """What changes the configuration of an application before it is made."""

    def key(self) -> object:
        return ("litestar", id(self))

    def truth(self) -> bool | None:
        return True


class Litestar(Framework):
    """Litestar."""

    name = "litestar"
    packages = ("litestar", "starlite")
    requests = LitestarRequests()

    def __init__(self, tree: SourceTree) -> None:
        super().__init__(tree)
        self.apps: list[Router] = []
        self.routers: list[Router] = []
        self.found = Found()

    def teach(self, knowledge: Knowledge) -> None:
        handlers.teach(knowledge)
        registering_class(knowledge, Names.app, Router, _set_up_application, self.apps)
        registering_class(knowledge, Names.router, Router, _set_up_router, self.routers)
        knowledge.calls[f"{Names.app}.from_config"] = _from_config
        for name in (Names.app, Names.router):
            knowledge.methods[f"{name}.register"] = _register
        knowledge.methods[f"{Names.plugin}.on_app_init"] = lambda interp, receiver, args, frame: args.get(0)
        knowledge.guesses["on_app_init"] = lambda interp, args, frame: args.get(0)

    def prepare(self, interp: Interpreter) -> None:
        run_factories(interp, frozenset({Names.app}))
        for app in self.apps:
            run_hooks(interp, app.hooks)
            run_hooks(interp, _of_plugins(interp, app, first=False))
        table = Table(interp)
        tables = [list(table.of_application(app, app.lists)) for app in self.apps]
        # Of several applications the largest is the main one: its routes come first.
        tables.sort(key=lambda rows: -len(rows))
        for rows in tables:
            rows.sort(key=lambda row: row.rank)
        ordered = [one.row for rows in tables for one in rows]
        self.found.endpoints, self.found.opaque_routes = numbered(ordered)
        self.found.diagnostics = [*table.diagnostics, *table.unregistered()]

    def collect(self, interp: Interpreter) -> Found:
        self.found.present = bool(self.apps or interp.state(handlers.Made).handlers)
        return self.found


def _set_up_router(interp: Interpreter, router: Router, args: Args, frame: Frame) -> None:
    given = args.get(None, "route_handlers")
    if given is not None:
        router.lists.append(given)


def _set_up_application(interp: Interpreter, app: Router, args: Args, frame: Frame) -> None:
    """The arguments make a configuration, which plug-ins and hooks may change before it is read."""
    config = Object(interp.external(Names.config), args, frame)
    for name in ("route_handlers", "static_files_config", "plugins", "on_app_init"):
        given = args.get(0 if name == "route_handlers" else None, name)
        config.attrs[name] = given if given is not None and given is not NONE else Sequence([])
        if name in ("route_handlers", "static_files_config"):
            app.lists.append(config.attrs[name])
    app.attrs.setdefault("path", args.get(None, "path") or UNKNOWN)
    app.config, app.made_in = config, frame
    if interp.registers():
        app.hooks = [Hook.at(frame, hook, config) for hook in several(config.attrs["on_app_init"])]
        app.hooks += _of_plugins(interp, app, first=True)


def _of_plugins(interp: Interpreter, app: Router, first: bool) -> list[Hook]:
    """What plug-ins of the monolith do to the configuration: those given at first, or those added since."""
    if app.config is None or app.made_in is None:
        return []
    known = [hook.function for hook in app.hooks]
    hooks = []
    for plugin in several(app.config.attrs["plugins"]):
        if isinstance(plugin, Object) and isinstance(plugin.cls, Class):
            hook = plugin.get(interp, "on_app_init", app.made_in)
            if first or hook.key() not in {one.key() for one in known}:
                hooks.append(Hook.at(app.made_in, hook, app.config))
        elif isinstance(plugin, Object) and isinstance(plugin.cls, External):
            place = app.made_in.module.facts.path, app.made_in.line
            interp.log.extended.setdefault(plugin.cls.name, place)
    return hooks


def _from_config(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    config = args.get(0, "config")
    if not isinstance(config, Object) or config.args is None:
        return None
    given = {**config.args.keywords, **config.attrs}
    return interp.external(Names.app).call(interp, Args(config.args.positional, given), frame)


def _register(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    value = args.get(0, "value")
    if isinstance(receiver, Router) and value is not None and interp.registers():
        receiver.lists.append(Sequence([value]))
    return NONE
