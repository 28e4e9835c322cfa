"""The parameters of a function, and which argument of a call goes to which of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from strangler.analyzers.python import syntax
from strangler.analyzers.python.syntax import Node
from strangler.analyzers.python.values import External, Function, Wrapper
from strangler.model import Passing

_PASSINGS: dict[syntax.ParameterKind, Passing] = {
    "positional": "positional",
    "keyword": "keyword_only",
    "*": "var_positional",
    "**": "var_keyword",
}
UNCLEAR = syntax.Group(0, [])
"""An argument of which it cannot be told whether it is given."""


class Declared(NamedTuple):
    """A parameter as it is declared."""

    name: str
    passing: Passing
    annotation: Node | None
    default: Node | None


def is_bound(function: Function) -> bool:
    """Whether the first parameter is ``self`` or ``cls``."""
    if function.owner is None or "<locals>" in function.qualname.removeprefix(function.owner.qualname):
        return False
    value = function.owner.namespace.get(function.name)
    static = isinstance(value, Wrapper) and value.kind == "static"
    return not static and not any(
        isinstance(item, External) and item.name == "builtins.staticmethod" for item in function.decorators
    )


def signature(function: Function, *, whole: bool = False) -> Iterator[Declared]:
    """The parameters that a caller gives, in order; ``whole``: with ``self`` or ``cls``."""
    only = function.written.positional_only if function.written is not None else 0
    skipped = 0 if whole else int(is_bound(function))
    for index, (name, annotation, default, kind) in enumerate(function.params):
        if index < skipped and kind == "positional":
            continue
        yield Declared(name, "positional_only" if index < only else _PASSINGS[kind], annotation, default)


def argument_of(call: syntax.Call, function: Function, name: str) -> Node | None:
    """The expression that a call passes for a parameter; None for the default, ``UNCLEAR`` if unclear."""
    arguments = call.args
    spread = False
    for word, value in call.keywords:
        if word == name:
            return value
        spread = spread or word is None
    places = positional(function)
    if name in places:
        index = places.index(name)
        for item in arguments[: index + 1]:
            if type(item) is syntax.Starred:
                return UNCLEAR
        if index < len(arguments):
            return arguments[index]
    return UNCLEAR if spread else None


@lru_cache(maxsize=4096)
def positional(function: Function) -> tuple[str, ...]:
    """The names of the parameters that a caller can give by their place."""
    return tuple([item.name for item in signature(function) if item.passing.startswith("positional")])
