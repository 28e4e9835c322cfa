"""What serves in the end: behind decorators, partials, closures, views of classes and library objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax, traversal
from strangler.analyzers.python.builtins import Partial
from strangler.analyzers.python.values import (
    UNKNOWN,
    Bound,
    Class,
    Const,
    Deferred,
    External,
    Function,
    Method,
    Object,
    Value,
    Wrapper,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter

MOST_LAYERS = 400
"""Things around a handler that are looked at; more than any real one has."""

REQUESTS = ("request", "req")
"""First parameters of handlers that get the request."""
SERVERS = (("environ", "start_response"), ("env", "start_response"), ("scope", "receive", "send"))
"""Parameters of a function that a server calls: it is a whole application."""


def hands_on(function: Function) -> bool:
    """Whether a function of a server's calls another one with all that it is given."""
    given = [parameter.name for parameter in function.params]
    return any(
        isinstance(node, syntax.Call)
        and [one.id for one in node.args if isinstance(one, syntax.Name)][-len(given) :] == given
        for node in traversal.walk(syntax.unpack(function.body))
    )


class ViewFunction(Value):
    """What ``View.as_view()`` gives: a callable that stands for a class."""

    decorable = True
    __slots__ = ("cls", "name")

    def __init__(self, cls: Value, name: str | None = None) -> None:
        self.cls = cls
        self.name = name

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name in ("view_class", "cls"):
            return self.cls
        if name == "__name__" and self.name is not None:
            return Const(self.name)
        if name in ("__module__", "__doc__", "methods", "initkwargs"):
            return self.cls.get(interp, name, frame)
        return super().get(interp, name, frame)

    def truth(self) -> bool | None:
        return True

    def key(self) -> object:
        return ("view", self.cls.key(), self.name)


def unwrapped(interp: Interpreter, value: Value | None) -> Function | Class | None:
    """The first-party function or class that serves; None where it is a library's, a name, or not known."""
    if isinstance(value, Const):
        return None
    found = _served(interp, value, first_party=True)
    return found if isinstance(found, (Function, Class)) else None


def served(interp: Interpreter, value: Value | None) -> Value | None:
    """What serves: a function, a class, or a library's thing; None where it cannot be told.

    A string is the dotted name of something of the monolith.
    """
    return _served(interp, value, first_party=False)


def _served(
    interp: Interpreter, value: Value | None, *, first_party: bool, seen: dict[int, Value] | None = None
) -> Value | None:
    # What was met on the way is asked once, so that neither a tower of decorators nor a circle multiplies.
    seen = {} if seen is None else seen
    last: Value | None = None  # the innermost function so far, for where its own inside serves nothing
    while value is not None and value is not UNKNOWN and id(value) not in seen and len(seen) < MOST_LAYERS:
        seen[id(value)] = value
        if isinstance(value, Class):
            return value
        if isinstance(value, Deferred):
            value = value.now(interp)
        elif isinstance(value, Function):
            stated = value.attrs.get("view_class") or value.attrs.get("cls")
            # Stated on one way only (behind a setting), it may be something else on paper.
            options = stated.options() if stated is not None else ()
            classes = [one for one in options if isinstance(one, Class)]
            if len(classes) == 1:
                return classes[0]
            last = value
            value = value.wrapped or _enclosed(value)
        elif isinstance(value, (Bound, Wrapper, Partial)):
            value = value.function
        elif isinstance(value, ViewFunction):
            value = value.cls
        elif isinstance(value, Method) and value.name in ("as_view", "__call__"):
            value = value.receiver
        elif isinstance(value, (External, Method)):
            return last if first_party else value
        elif isinstance(value, Const):
            value = interp.program.resolve(value.value) if isinstance(value.value, str) else None
        elif isinstance(value, Object):
            value = _behind_object(value)
        elif isinstance(around := getattr(value, "handler", None), Value):
            value = around  # a task, command or the like around a function
        else:
            options = [one for one in value.options() if one is not value]
            found = (_served(interp, one, first_party=first_party, seen=seen) for one in options)
            return next((one for one in found if one is not None), last)
    return last


def _behind_object(value: Object) -> Value | None:
    if not isinstance(value.cls, External):
        return value.cls  # an instance that is called, or an alternative constructor of a library's class
    found = _decorated(value)
    if found is not None:
        return found
    name = value.cls.name.removesuffix("()")
    if ".decorators." in name:  # around a library's own view, perhaps
        given = value.args.positional if value.args is not None else []
        return next((one for one in given if isinstance(one, External)), None)
    return External(name.removesuffix(".as_view"))


def _decorated(value: Object) -> Value | None:
    """What a library's decorator was applied to: ``csrf.exempt(view)``."""
    if value.args is None or (isinstance(value.cls, External) and value.cls.name.endswith(".as_view")):
        return None
    for argument in value.args.positional:
        for option in argument.options():
            if isinstance(option, (Function, Bound, ViewFunction, Partial)):
                return option
            if isinstance(option, Object) and isinstance(option.cls, Method):
                return option
            if isinstance(option, Object) and isinstance(option.cls, External):
                if option.cls.name.endswith(".as_view") or _decorated(option) is not None:
                    return option
            elif isinstance(option, Object) and isinstance(option.cls, Class) and _may_be_called(option.cls):
                return option
    return None


def _may_be_called(cls: Class) -> bool:
    """Whether instances have a ``__call__``; a library's class that it descends from may have it."""
    return cls.find("__call__") is not None or any(
        isinstance(base, External) for parent in cls.mro() for base in parent.bases
    )


def _enclosed(function: Function) -> Value | None:
    """The function that a closure hands on to what it is given itself.

    ``def inner(*a, **k): return f(*a, **k)``, ``def inner(request): return view(request)``.
    """
    around = function.scope
    if around is None or around.callee is None:
        return None
    any_arguments = any(p.kind in ("*", "**") for p in function.params)
    first = function.params[0].name if function.params else None
    outer = {p.name for p in around.callee.params}
    for call in _calls(syntax.unpack(function.body)):
        match call:
            case syntax.Call(func=syntax.Name(id=name), args=args):
                own = bool(args) and isinstance(args[0], syntax.Name) and args[0].id == first
                # What the closure's maker was given; or any of its locals that the request is handed to.
                meant = (own and first in REQUESTS) or ((own or any_arguments) and name in outer)
                value = around.locals.get(name)
                known = isinstance(value, (Function, Bound, ViewFunction, Partial, Class))
                if meant and known and value is not function:
                    return value
    return None


def _calls(body: syntax.Block) -> Iterator[syntax.Call]:
    return (node for node in traversal.walk(body) if isinstance(node, syntax.Call))
