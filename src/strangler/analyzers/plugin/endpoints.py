"""What all web frameworks share: handlers behind wrappers, normal forms of paths, joined prefixes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import structs

from strangler.analyzers.python import syntax
from strangler.analyzers.python.builtins import Partial
from strangler.analyzers.python.values import (
    UNKNOWN,
    Args,
    Bound,
    Class,
    Const,
    External,
    Function,
    Object,
    Sequence,
    Value,
    Wrapper,
)
from strangler.model import Endpoint, OpaqueRoute

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter

IMPLIED_METHODS = ("HEAD", "OPTIONS")
"""Answered by the frameworks themselves; an endpoint lists them only where the code does."""

_SPECIAL = re.compile(r"[.^$*+?{}\[\]\\|()]")
_LONGEST_CHAIN = 20


@dataclass(frozen=True)
class Place:
    """Where something is registered: a file and a line."""

    file: str
    line: int


@dataclass(frozen=True)
class Compiled:
    """A URL rule in three languages."""

    pattern: str
    """The framework's own."""
    path: str
    """The normal form: ``/orders/{pk}/``."""
    regex: str
    """For ``re.fullmatch``."""
    exact: bool = True
    """False where ``regex`` also takes paths that the framework turns away."""


class ViewFunction(Value):
    """What ``View.as_view()`` gives: a callable that stands for a class."""

    __slots__ = ("cls", "name")

    def __init__(self, cls: Value, name: str | None) -> None:
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


class Decorator(Value):
    """A decorator of a library; ``apply`` gets what it is put on and gives what remains there."""

    __slots__ = ("apply",)

    def __init__(self, apply: Callable[[Value, Frame], Value | None]) -> None:
        self.apply = apply

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        target = args.get(0)
        if target is None:
            return UNKNOWN
        result = self.apply(target, frame)
        return target if result is None else result


def place(frame: Frame) -> Place:
    """The line that a frame is at."""
    return Place(frame.module.facts.path, frame.line)


def literal(text: str) -> str:
    """A regular expression for exactly this text."""
    return _SPECIAL.sub(r"\\\g<0>", text).replace("\n", r"\n")


def unwrapped(interp: Interpreter, value: Value | None) -> Function | Class | None:
    """The first-party function or class that serves, behind decorators, partials and closures."""
    for _ in range(_LONGEST_CHAIN):
        if value is None:
            return None
        if isinstance(value, Class):
            return value
        if isinstance(value, Function):
            inner = value.wrapped or enclosed_handler(interp, value)
            if inner is None or unwrapped(interp, inner) is None:
                return value
            value = inner
        elif isinstance(value, (Bound, Wrapper, Partial)):
            value = value.function
        elif isinstance(value, ViewFunction):
            value = value.cls
        elif isinstance(value, Object) and isinstance(value.cls, External):
            value = decorated(interp, value)  # a library's decorator: ``csrf.exempt(view)``
        elif isinstance(value, Object):
            value = value.cls
        else:
            target = getattr(value, "handler", None)  # a task, command or the like around a function
            options = list(value.options())
            if isinstance(target, Value):
                value = target
            elif len(options) > 1:
                found = (unwrapped(interp, option) for option in options)
                return next((f for f in found if f is not None), None)
            else:
                return None
    return None


def decorated(interp: Interpreter, value: Object) -> Value | None:
    """The function among the arguments of a library's call."""
    for argument in value.args.positional if value.args is not None else ():
        if isinstance(argument, (Function, Bound, ViewFunction, Partial)):
            return argument
    return None


def enclosed_handler(interp: Interpreter, function: Function) -> Value | None:
    """The function that a closure passes its arguments on to: ``def inner(*a, **k): return f(*a, **k)``."""
    around = function.scope
    if around is None or around.callee is None:
        return None
    if not any(p.kind in ("*", "**") for p in function.params):
        return None
    outer = {p.name for p in around.callee.params}
    for name in called_names(syntax.unpack(function.body)):
        value = around.locals.get(name)
        if name in outer and isinstance(value, (Function, Bound, ViewFunction, Partial, Class)):
            return value
    return None


def called_names(body: syntax.Block) -> Iterator[str]:
    """The plain names that are called in a body."""
    for node in syntax.walk(body):
        if isinstance(node, syntax.Call) and isinstance(node.func, syntax.Name):
            yield node.func.id


def positional_parameters(function: Function) -> list[tuple[str, bool]]:
    """The parameters that positional arguments can fill: their names, and whether they have a default."""
    return [(name, default is not None) for name, _, default, kind in function.params if kind == "positional"]


def known_strings(interp: Interpreter, value: Value | None, frame: Frame) -> list[str]:
    """The known strings of a sequence, or of a single string."""
    if value is None:
        return []
    if isinstance(value, Const):
        return [value.value] if isinstance(value.value, str) else []
    items, _ = value.elements(interp, frame)
    return [i.value for i in items if isinstance(i, Const) and isinstance(i.value, str)]


def http_methods(interp: Interpreter, value: Value | None, frame: Frame) -> tuple[str, ...] | None:
    """The methods of a ``methods=`` argument, upper case and sorted; None where there is none."""
    names = {name.upper() for name in known_strings(interp, value, frame)}
    return tuple(sorted(names)) if names else None


def several(value: Value | None) -> list[Value]:
    """The items of a sequence, the options of anything else."""
    if value is None:
        return []
    if isinstance(value, Sequence):
        return list(value.items)
    return list(value.options())


def numbered(
    rows: Iterable[Endpoint | OpaqueRoute], start: int = 0
) -> tuple[list[Endpoint], list[OpaqueRoute]]:
    """The rows of a route table without repetitions, with their position among all of them as ``order``."""
    seen: dict[tuple[object, ...], Endpoint | OpaqueRoute] = {}
    for row in rows:
        key = (
            (row.pattern, row.methods, row.handler, row.protocol)
            if isinstance(row, Endpoint)
            else (row.pattern, row.regex)
        )
        seen.setdefault(key, row)
    endpoints: list[Endpoint] = []
    opaque: list[OpaqueRoute] = []
    for order, row in enumerate(seen.values(), start):
        if isinstance(row, Endpoint):
            endpoints.append(_placed(row, order))
        else:
            opaque.append(structs.replace(row, order=order))
    return endpoints, opaque


def opaque_route(pattern: str, regex: str, what: Value | str, framework: str, place: Place) -> OpaqueRoute:
    """URLs that something answers which is not listed; see ``OpaqueRoute``. ``numbered`` gives its order."""
    if isinstance(what, Object):
        what = what.cls
    if not isinstance(what, str):
        what = what.name if isinstance(what, External) else "something that cannot be told"
    return OpaqueRoute(
        pattern=pattern,
        regex=regex,
        what=what,
        framework=framework,
        file=place.file,
        line=place.line,
        order=0,
    )


def _placed(endpoint: Endpoint, order: int) -> Endpoint:
    """The endpoint at its position; an expression that is none (it came from the code) becomes a wide one."""
    try:
        re.compile(endpoint.regex)
    except (re.error, OverflowError, RecursionError):
        parts = re.split(r"\{[^{}]*\}", endpoint.path)
        return structs.replace(endpoint, order=order, regex=".+".join(map(literal, parts)), exact=False)
    return structs.replace(endpoint, order=order)
