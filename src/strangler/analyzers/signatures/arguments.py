"""The parameters of a function, and which argument of a call goes to which of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from strangler.analyzers.python import ir
from strangler.analyzers.python.ir import Node
from strangler.analyzers.python.values import External, Function, Wrapper
from strangler.model import Passing


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
    passings: dict[int, Passing] = {1: "keyword_only", 2: "var_positional", 3: "var_keyword"}
    skipped = 0 if whole else int(is_bound(function))
    for index, (name, annotation, default, kind) in enumerate(function.params):
        if index < skipped and kind == 0:
            continue
        passing: Passing = "positional_only" if index < only else passings.get(kind, "positional")
        yield Declared(name, passing, annotation, default)


def argument_of(call: Node, function: Function, name: str) -> Node | None:
    """The expression that a call passes for a parameter; None for the default, an empty list if unclear."""
    _, _, _, arguments, words = call
    for word, value in words:
        if word == name:
            return value  # type: ignore[no-any-return]
    unclear: Node = []
    spread = any(word is None for word, _ in words)
    places = [item.name for item in signature(function) if item.passing.startswith("positional")]
    if name not in places:
        return unclear if spread else None
    index = places.index(name)
    if any(item[0] == ir.STAR for item in arguments[: index + 1]):
        return unclear
    if index < len(arguments):
        return arguments[index]  # type: ignore[no-any-return]
    return unclear if spread else None
