"""Describing a library by declarations: "calling this registers a route", "this method reads a table".

A ``Library`` is written down in the body of a ``LibraryFramework``::

    class Bottle(LibraryFramework):
        name = "bottle"
        packages = ("bottle",)
        library = Library("bottle")
        library.application("Bottle")
        library.route("Bottle.route", path=(0, "path"), methods=(1, "method"), handler=(2, "callback"))

        @library.call("static_file")
        def static_file(self, call: Call) -> Value | None: ...

What no declaration covers is a function: it gets a ``Call`` or a ``Look`` and returns the value that the
expression has, or None where it has nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from strangler.analyzers.plugin.endpoints import Place, place

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.python.knowledge import Knowledge
    from strangler.analyzers.python.values import Args, Value
    from strangler.model.system import Operation

Argument = tuple[int | None, str | None]
"""An argument of a call: its position and its keyword, either of them None where there is none."""


@dataclass(frozen=True)
class Call:
    """Something of a library is called."""

    interp: Interpreter
    args: Args
    frame: Frame
    receiver: Value | None
    """The object whose method is called; None for functions and classes."""

    def get(self, argument: Argument | None) -> Value | None:
        """The value of an argument; None where it is not given."""
        return self.args.get(*argument) if argument is not None else None

    def text(self, argument: Argument | None) -> str | None:
        """The argument as a string that is known; None for everything else."""
        return self.args.text(*argument) if argument is not None else None

    @property
    def place(self) -> Place:
        """The line of the call."""
        return place(self.frame)

    def registers(self) -> bool:
        """Whether the application is being put together: only then anything is registered.

        Calls of functions that register something are not remembered but made again for other arguments, so
        ask this right before registering.
        """
        return self.interp.registers()


@dataclass(frozen=True)
class Look:
    """An attribute of something of a library is read."""

    interp: Interpreter
    frame: Frame
    receiver: Value
    name: str
    """Of the attribute."""


OnCall = Callable[[Any, Call], "Value | None"]
"""A method of the framework that says what a call does and gives."""
OnLook = Callable[[Any, Look], "Value | None"]
"""A method of the framework that says what an attribute is."""
C = TypeVar("C", bound=OnCall)
L = TypeVar("L", bound=OnLook)
Teach = Callable[[Any, "Knowledge"], None]


T = TypeVar("T", Call, Look)


def _said(act: Callable[[Any, T], Value | None], framework: Any, asked: T) -> Value | None:
    """What a framework says of a call or an attribute; a defect of its costs this one place, not the run."""
    interp = asked.interp
    try:
        return act(framework, asked)
    except (interp.exhausted, RecursionError):
        raise
    except Exception as error:
        what = f"the framework {framework.name} failed here ({type(error).__name__}: {error})"
        interp.log.failed(asked.frame.module, asked.frame.line, "not-interpreted", what)
        return None


@dataclass(frozen=True)
class RouteCall:
    """A call that registers a route, or gives the decorator that does."""

    path: Argument
    methods: Argument | None = None
    handler: Argument | None = None
    """Where it is given with the call; without it the call gives a decorator."""
    default: tuple[str, ...] | None = None
    """The methods where none are given; None: all."""


class Library:
    """What is known of a library: declarations, and functions for what they do not cover.

    Names are dotted ones below the library's: ``Bottle.route`` for ``bottle.Bottle.route``.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.applications: list[str] = []
        """Full names of the classes whose objects collect routes."""
        self._taught: list[Teach] = []

    def full(self, name: str) -> str:
        """The dotted name with the library's."""
        return f"{self.name}.{name}"

    def teach(self, framework: Any, knowledge: Knowledge) -> None:
        """Add the library to what is known, the functions as methods of ``framework``."""
        for one in self._taught:
            one(framework, knowledge)

    # -- names -----------------------------------------------------------------------------------

    def alias(self, name: str, of: str) -> None:
        """``name`` is another place from which ``of`` can be imported."""
        self._taught.append(lambda _, known: known.aliases.update({self.full(name): self.full(of)}))

    def inherits(self, name: str, *parents: str) -> None:
        """A class of the library descends from others of it."""
        full = tuple(map(self.full, parents))
        self._taught.append(lambda _, known: known.hierarchy.update({self.full(name): full}))

    # -- functions for what is called or read ----------------------------------------------------

    def call(self, *names: str) -> Callable[[C], C]:
        """Calling these functions or classes."""

        def keep(function: C) -> C:
            self._taught.append(lambda framework, known: self._on_call(known, framework, names, function))
            return function

        return keep

    def method(self, *names: str) -> Callable[[C], C]:
        """Calling these methods (``Class.method``) of objects of the class and of classes below it."""

        def keep(function: C) -> C:
            self._taught.append(lambda framework, known: self._on_method(known, framework, names, function))
            return function

        return keep

    def attributes_of(self, *names: str) -> Callable[[L], L]:
        """Reading attributes of these things of the library: ``g`` for ``library.g.user``."""

        def keep(function: L) -> L:
            def teach(framework: Any, knowledge: Knowledge) -> None:
                for name in names:
                    knowledge.attributes[self.full(name)] = lambda interp, receiver, name, frame: _said(
                        function, framework, Look(interp, frame, receiver, name)
                    )

            self._taught.append(teach)
            return function

        return keep

    def members_of(self, *classes: str) -> Callable[[L], L]:
        """Reading attributes of objects of these classes that nothing else defines."""

        def keep(function: L) -> L:
            def teach(framework: Any, knowledge: Knowledge) -> None:
                for name in classes:
                    knowledge.instance_members[self.full(name)] = lambda interp, receiver, name, frame: _said(
                        function, framework, Look(interp, frame, receiver, name)
                    )

            self._taught.append(teach)
            return function

        return keep

    def _on_call(self, knowledge: Knowledge, framework: Any, names: tuple[str, ...], act: OnCall) -> None:
        for name in names:
            knowledge.calls[self.full(name)] = lambda interp, external, args, frame: _said(
                act, framework, Call(interp, args, frame, None)
            )

    def _on_method(self, knowledge: Knowledge, framework: Any, names: tuple[str, ...], act: OnCall) -> None:
        for name in names:
            knowledge.methods[self.full(name)] = lambda interp, receiver, args, frame: _said(
                act, framework, Call(interp, args, frame, receiver)
            )

    def _on_either(self, name: str, act: OnCall) -> None:
        """A method of a class that was named as an application, else a function."""
        owner = self.full(name).rpartition(".")[0]
        on = self._on_method if owner in self.applications else self._on_call
        self._taught.append(lambda framework, known: on(known, framework, (name,), act))

    # -- declarations: web -----------------------------------------------------------------------

    def application(self, *names: str) -> None:
        """Classes whose objects collect routes; to be named before the routes."""
        self.applications += map(self.full, names)

        def teach(framework: Any, knowledge: Knowledge) -> None:
            for name in names:
                full = self.full(name)
                knowledge.registrars.add(full)
                knowledge.calls[full] = framework.make_application
                knowledge.instantiations[full] = framework.make_application

        self._taught.append(teach)

    def default_application(self, *names: str) -> None:
        """Functions that give the application on which the library's own functions register."""
        for name in names:
            self._on_either(name, lambda framework, call: framework.default_application(call.interp))

    def route(
        self,
        *names: str,
        path: Argument,
        methods: Argument | None = None,
        handler: Argument | None = None,
        default: tuple[str, ...] | None = None,
    ) -> None:
        """Calling these registers a route: methods of applications, or functions for the default one.

        Args:
            names: of the methods or functions.
            path: the argument with the URL rule, or several of them.
            methods: the argument with the HTTP methods.
            handler: the argument with what serves, where it is given with the call; a call without it is a
                decorator.
            default: the methods where none are given; None stands for all.
        """
        row = RouteCall(path, methods, handler, default)
        for name in names:
            self._on_either(name, lambda framework, call: framework.on_route(call, row))

    def mount(self, *names: str, app: Argument, prefix: Argument | None = None) -> None:
        """Calling these puts an application below another, or its routes into it.

        Args:
            names: of the methods or functions.
            app: the argument with the inner application.
            prefix: the argument with the path below which it lies.
        """
        for name in names:
            self._on_either(name, lambda framework, call: framework.on_mount(call, prefix, app))

    # -- declarations: tasks and data ------------------------------------------------------------

    def task(self, *names: str, called: Argument = (None, "name"), method: bool = False) -> None:
        """Calling these registers a background task: decorators, with or without arguments.

        Args:
            names: of functions, or of methods (``method=True``).
            called: the argument with the task's name; without it the task is called as its function.
            method: whether the names are those of methods.
        """
        on = self._on_method if method else self._on_call
        self._taught.append(
            lambda framework, known: on(known, framework, names, lambda me, call: me.on_task(call, called))
        )

    def sends(self, *names: str, task: Argument, method: bool = True) -> None:
        """Calling these queues a task: ``task`` is the argument with its function or its name."""
        on = self._on_method if method else self._on_call
        self._taught.append(
            lambda framework, known: on(known, framework, names, lambda me, call: me.on_send(call, task))
        )

    def reads(self, *names: str, table: Argument, method: bool = True) -> None:
        """Calling these reads the table (collection, bucket ...) that an argument names."""
        self._accesses("read", names, table, method)

    def writes(self, *names: str, table: Argument, method: bool = True) -> None:
        """Calling these writes the table (collection, bucket ...) that an argument names."""
        self._accesses("write", names, table, method)

    def _accesses(self, operation: Operation, names: tuple[str, ...], table: Argument, method: bool) -> None:
        on = self._on_method if method else self._on_call
        self._taught.append(
            lambda framework, known: on(
                known, framework, names, lambda me, call: me.on_access(call, operation, table)
            )
        )
