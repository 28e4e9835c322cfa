"""What stands above a ``def``, by the names of what it is, not of what it is called here."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax
from strangler.analyzers.python.values import External, Function, Object, Value, Wrapper
from strangler.analyzers.signatures.tree import last_name, text
from strangler.model import Decoration

if TYPE_CHECKING:
    from strangler.analyzers.python.syntax import Node


def decorations(function: Function) -> tuple[Decoration, ...]:
    """The decorators of a function from the outermost in."""
    written = function.written.decorators if function.written is not None else []
    values: list[Value | None] = list(reversed(function.decorators))
    if len(values) != len(written):
        values = [None] * len(written)
    around = function.owner.namespace if function.owner is not None else function.module.env
    found = around.get(function.name)
    while isinstance(found, Wrapper):
        found = found.function
    return tuple(
        Decoration(
            name=_name(node, value),
            line=node.line,
            text=text(node),
            keeps=found is function and isinstance(value, Function),
        )
        for node, value in zip(written, values, strict=True)
    )


def _name(node: Node, value: Value | None) -> str:
    """Dotted name of a library's decorator; ``transaction`` for whatever opens one; else as it is written."""
    if value is not None and value.opens_transaction:
        return "atomic"
    if isinstance(value, Object):
        value = value.cls
    if isinstance(value, External):
        return value.name
    return last_name(node.func if isinstance(node, syntax.Call) else node)


def keeps(name: str, keeping: Collection[str]) -> bool:
    """Whether a decorator of that name is one of those given by the last parts of their names."""
    return name.rpartition(".")[2] in keeping
