"""A framework that is described by its ``Library``: what its declarations collect becomes facts."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from strangler.analyzers.plugin.alternatives import made_of_default
from strangler.analyzers.plugin.endpoints import (
    Compiled,
    Decorator,
    Place,
    http_methods,
    known_strings,
    literal,
    numbered,
    opaque_route,
    place,
)
from strangler.analyzers.plugin.factories import run_factories
from strangler.analyzers.plugin.framework import Found, Framework
from strangler.analyzers.plugin.library import Argument, Call, Library, RouteCall
from strangler.analyzers.plugin.payloads import merged_messages, task_arguments
from strangler.analyzers.plugin.registering import run_own_constructor
from strangler.analyzers.plugin.serving import unwrapped
from strangler.analyzers.python.frames import Frame
from strangler.analyzers.python.interpreter import Interpreter
from strangler.analyzers.python.knowledge import Knowledge
from strangler.analyzers.python.values import (
    NONE,
    UNKNOWN,
    Args,
    Class,
    Const,
    Function,
    Object,
    Value,
)
from strangler.model import Endpoint, OpaqueRoute, RouteTraits, Task
from strangler.model.system import Operation
from strangler.sources.tree import SourceTree

DEEPEST_MOUNT = 10


@dataclass(frozen=True)
class Route:
    """A route as it was registered."""

    path: str | None
    """None where it cannot be told."""
    methods: tuple[str, ...] | None
    handler: Value
    place: Place
    sure: bool = True
    """The path can be no other one."""


@dataclass(frozen=True)
class Mount:
    """Another application below a path."""

    prefix: str | None
    """None where it cannot be told."""
    app: Value
    place: Place
    sure: bool = True
    """The prefix can be no other one."""


class Application(Object):
    """What collects routes."""

    __slots__ = ("entries",)

    def __init__(self, cls: Value, args: Args | None, frame: Frame | None) -> None:
        super().__init__(cls, args, frame)
        self.entries: list[Route | Mount] = []

    def key(self) -> Hashable:
        return ("application", id(self))

    def truth(self) -> bool | None:
        return True


class LibraryFramework(Framework):
    """A framework whose ``library`` says what calls register; ``compile`` says what its URL rules mean."""

    library: Library
    traits = RouteTraits()
    """Of all its endpoints."""
    any_method = ""
    """The name that stands for all HTTP methods in the library's calls, in upper case; empty if none does."""

    def __init__(self, tree: SourceTree) -> None:
        super().__init__(tree)
        self.applications: list[Application] = []
        self.tasks: dict[str, Task] = {}
        self.sent: set[str] = set()
        """Names of tasks that are queued."""
        self.rows: list[Endpoint | OpaqueRoute] = []
        self._default: Application | None = None

    # -- what a framework may say beside its library ---------------------------------------------

    def compile(self, pattern: str) -> Compiled:
        """A URL rule in its three languages; to be given by every framework that declares routes."""
        raise NotImplementedError

    def paths(self, handler: Function | Class) -> Sequence[str]:
        """The URL rules of a route that is registered without one."""
        return ()

    def methods(self, handler: Function | Class) -> Sequence[str] | None:
        """The HTTP methods that a handler answers, where its route states none; None: as it is declared.

        For libraries whose handlers are classes with a method for each HTTP method.
        """
        return None

    def joined(self, prefix: str, path: str) -> str:
        """The URL rule of a route below a mount."""
        return f"{prefix.rstrip('/')}/{path.lstrip('/')}"

    def ordered(self, rows: list[Endpoint | OpaqueRoute]) -> list[Endpoint | OpaqueRoute]:
        """The rows in the order in which the framework tries them; they come as registered."""
        return rows

    # -- phases ----------------------------------------------------------------------------------

    def teach(self, knowledge: Knowledge) -> None:
        """Add the library."""
        self.library.teach(self, knowledge)

    def prepare(self, interp: Interpreter) -> None:
        """Call factories that nothing calls, and lay out the routes of all applications."""
        run_factories(interp, frozenset(self.library.applications))
        mounts = [entry for app in self.applications for entry in app.entries if isinstance(entry, Mount)]
        inner = {id(option) for mount in mounts for option in mount.app.options()}
        rows = [
            row for app in self.applications if id(app) not in inner for row in self._rows(interp, app, "", 0)
        ]
        self.rows = self.ordered(rows)

    def collect(self, interp: Interpreter) -> Found:
        """The endpoints, the tasks, and what is queued."""
        endpoints, opaque = numbered(self.rows)
        names = {*self.tasks, *self.sent}
        return Found(
            present=bool(endpoints or opaque or self.tasks),
            endpoints=endpoints,
            opaque_routes=opaque,
            tasks=list(self.tasks.values()),
            messages=merged_messages(row for row in interp.log.messages if row.name in names),
        )

    # -- what the library's declarations call ----------------------------------------------------

    def make_application(self, interp: Interpreter, cls: Value, args: Args, frame: Frame) -> Application:
        """An application of the library, or of a first-party class below it."""
        made = Application(cls, args, frame)
        if interp.registers():
            self.applications.append(made)
        run_own_constructor(interp, made, args, frame)
        return made

    def default_application(self, interp: Interpreter) -> Application:
        """The application on which the library's own functions register."""
        if self._default is None:
            self._default = Application(interp.external(self.library.applications[0]), Args(), None)
            self.applications.append(self._default)
        return self._default

    def on_route(self, call: Call, row: RouteCall) -> Value:
        """A route is registered, at once or by the decorator that the call gives."""
        app = call.receiver if call.receiver is not None else self.default_application(call.interp)
        handler = call.get(row.handler)
        if handler is not None and handler is not NONE:
            self._register(call, row, app, handler, call.place)
            return handler
        path = call.get(row.path)
        if path is not None and isinstance(path, (Function, Class)):  # ``@app.route`` without a call
            self._register(Call(call.interp, Args(), call.frame, app), row, app, path, call.place)
            return path

        def apply(target: Value, frame: Frame) -> Value | None:
            self._register(call, row, app, target, place(frame))
            return None

        return Decorator(apply)

    def _register(self, call: Call, row: RouteCall, app: Value, handler: Value, where: Place) -> None:
        if not isinstance(app, Application) or not call.registers():
            return
        methods = http_methods(call.interp, call.get(row.methods), call.frame)
        served = unwrapped(call.interp, handler)
        if not methods:
            own = self.methods(served) if served is not None else None
            methods = row.default if own is None else tuple(own)
        if methods is not None and self.any_method in methods:
            methods = None
        stated = call.get(row.path)
        paths: Sequence[str | None]
        sure = not made_of_default(call.interp, call.frame, "path", stated)
        if stated is None or stated is NONE:
            paths = self.paths(served) if served is not None else [None]
        else:
            paths = known_strings(call.interp, stated, call.frame) or [None]
        app.entries += [Route(path, methods, handler, where, sure) for path in paths]

    def register(
        self,
        call: Call,
        app: Application,
        path: str | None,
        handler: Value,
        methods: Sequence[str] | None = None,
    ) -> None:
        """Add a route by hand, where no declaration covers how the library takes it.

        Args:
            call: what registers it; nothing is added unless the application is being put together.
            app: the application that it belongs to.
            path: the URL rule; None where it cannot be told.
            handler: what answers.
            methods: the HTTP methods; None for all.
        """
        if call.registers():
            app.entries.append(Route(path, None if methods is None else tuple(methods), handler, call.place))

    def on_mount(self, call: Call, prefix: Argument | None, app: Argument) -> Value:
        """An application is put below another one."""
        outer = call.receiver if call.receiver is not None else self.default_application(call.interp)
        inner = call.get(app)
        if isinstance(outer, Application) and inner is not None and call.registers():
            where = "" if prefix is None else call.text(prefix)
            given = None if prefix is None else call.get(prefix)
            sure = not made_of_default(call.interp, call.frame, "prefix", given)
            outer.entries.append(Mount(where, inner, call.place, sure))
        return NONE

    def on_task(self, call: Call, called: Argument) -> Value:
        """A task is registered, by a decorator with or without arguments."""

        def apply(target: Value, frame: Frame) -> Value | None:
            handler = unwrapped(call.interp, target)
            if handler is not None and call.registers():
                name = call.text(called) or handler.dotted
                task = Task(name=name, handler=handler.dotted, framework=self.name, line=handler.line)
                self.tasks.setdefault(name, task)
            return None

        first = call.get((0, None))
        if isinstance(first, (Function, Class)):
            apply(first, call.frame)
            return first
        return Decorator(apply)

    def on_send(self, call: Call, task: Argument) -> Value | None:
        """A task is queued, by its function or by its name."""
        if call.interp.booting:
            return None
        for option in (call.get(task) or UNKNOWN).options():
            handler = unwrapped(call.interp, option)
            stated = str(option.value) if isinstance(option, Const) else None
            known = (one.name for one in self.tasks.values() if handler and one.handler == handler.dotted)
            name = stated or next(known, None)
            if name is not None:
                self.sent.add(name)
                given = task_arguments(call.interp, handler, "delay", Args(call.args.positional[1:]))
                call.interp.log.message(call.frame, "task", name, given)
        return None

    def on_access(self, call: Call, operation: Operation, table: Argument) -> Value | None:
        """A table is read or written."""
        if call.interp.booting:
            return None
        names = known_strings(call.interp, call.get(table), call.frame)
        for name in names:
            call.interp.log.access(call.frame, name, operation, self.name)
        if not names:
            call.interp.log.unresolved_access(call.frame, f"{self.name}: which table is meant cannot be told")
        return None

    # -- endpoints -------------------------------------------------------------------------------

    def _rows(
        self, interp: Interpreter, app: Application, prefix: str, depth: int, sure: bool = True
    ) -> Iterator[Endpoint | OpaqueRoute]:
        for entry in app.entries:
            if isinstance(entry, Route):
                yield self._row(interp, prefix, entry, sure)
            elif entry.prefix is None:
                yield self._beyond(prefix, entry.app, entry.place)
            else:
                inner = self.joined(prefix, entry.prefix) if entry.prefix else prefix
                for option in entry.app.options():
                    if isinstance(option, Application) and depth < DEEPEST_MOUNT:
                        yield from self._rows(interp, option, inner, depth + 1, sure and entry.sure)
                    else:
                        yield self._beyond(inner, option, entry.place)

    def _beyond(self, prefix: str, what: Value, where: Place) -> OpaqueRoute:
        """All that lies below a prefix."""
        return opaque_route(f"{prefix}...", f"{literal(prefix)}.*", what, self.name, where)

    def _row(self, interp: Interpreter, prefix: str, route: Route, sure: bool) -> Endpoint | OpaqueRoute:
        if route.path is None:
            return self._beyond(prefix, route.handler, route.place)
        pattern = self.joined(prefix, route.path) if prefix else route.path
        compiled = self.compile(pattern)
        handler = unwrapped(interp, route.handler)
        if handler is None:
            return opaque_route(pattern, compiled.regex, route.handler, self.name, route.place)
        return Endpoint(
            path=compiled.path,
            methods=route.methods,
            handler=handler.dotted,
            framework=self.name,
            pattern=pattern,
            regex=compiled.regex,
            name=None,
            file=route.place.file,
            line=route.place.line,
            order=0,
            exact=compiled.exact and route.sure and sure,
            traits=self.traits,
        )
