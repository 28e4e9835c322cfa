"""What all web frameworks share: handlers behind wrappers, normal forms of paths, joined prefixes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import structs

from strangler.analyzers.python.values import (
    UNKNOWN,
    Args,
    Const,
    External,
    Function,
    Object,
    Sequence,
    Value,
)
from strangler.model import Endpoint, OpaqueRoute

if TYPE_CHECKING:
    from strangler.analyzers.python.conditions import Undecided
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter


_SPECIAL = re.compile(r"[.^$*+?{}\[\]\\|()]")
_LONGEST_CHAIN = 20


@dataclass(frozen=True)
class Place:
    """Where something is registered: a file and a line."""

    file: str
    line: int
    under: tuple[Undecided, ...] = ()
    """The blocks behind undecided conditions in which it stands, or those who called what it stands in."""


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
    return Place(frame.module.facts.path, frame.line, frame.under)


ANY_HOST = ".+"
"""Of a route that is bound to a host or subdomain that cannot be told."""


def host_regex(value: Value | None, variable: re.Pattern[str]) -> str:
    """A host or subdomain that a route is bound to, as ``Endpoint.host`` says it; empty: to none.

    Args:
        variable: what stands for a variable part of it.
    """
    if value is None or (type(value) is Const and not value.value):
        return ""
    text = value.value if type(value) is Const else None
    if not isinstance(text, str):
        return ANY_HOST
    return "[^.]+".join(re.escape(part) for part in variable.split(text))


def literal(text: str) -> str:
    """A regular expression for exactly this text."""
    return _SPECIAL.sub(r"\\\g<0>", text).replace("\n", r"\n")


_BRACED = re.compile(r"(\{[_a-zA-Z][^{}]*(?:\{[^{}]*\}[^{}]*)*\})")


def braced(pattern: str, segment: str) -> tuple[list[str], list[str]]:
    """A rule such as ``/orders/{pk:\\d+}`` in parts, as a normal form and as expressions.

    Args:
        pattern: the rule; the expression behind a colon may hold braces that are balanced.
        segment: what a variable without an expression takes.
    """
    normal: list[str] = []
    regex: list[str] = []
    for part in _BRACED.split(pattern):
        if part.startswith("{") and part.endswith("}"):
            name, colon, expression = part[1:-1].partition(":")
            normal.append(f"{{{name}}}")
            regex.append(f"(?:{expression})" if colon else segment)
        else:
            normal.append(part)
            regex.append(literal(part))
    return normal, regex


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


def only_conditional(interp: Interpreter, value: Value, module: str) -> bool:
    """Whether a list that is not complete only lacks what is known and added under conditions.

    It lacks more where something of which nothing is known is added in a module that holds a part of it.

    Args:
        module: where what the list is given to is made.
    """
    if not isinstance(value, Sequence):
        return False
    held = {id(item) for item in value.items}
    for name in interp.log.spread:
        scope = interp.program.scopes.get(name)
        lists = [v for v in scope.env.values() if isinstance(v, Sequence)] if scope is not None else []
        if name == module or any(id(item) in held for known in lists for item in known.items):
            return False
    return True


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
