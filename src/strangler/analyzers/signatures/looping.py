"""Whether what a call gives is only read through: looped over at once, or made a list of."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from strangler.analyzers.python import syntax
from strangler.analyzers.python.syntax import Node, Nodes
from strangler.analyzers.signatures.names import Scope
from strangler.analyzers.signatures.tree import is_name, walk


def read_through(scope: Scope, call: syntax.Call) -> bool:
    """Whether what a call gives is looped over at once, or made a list of, and used in no other way."""
    return any(_looped(node, call) for node in walk(scope.body)) or any(
        _stored_and_looped(body, scope, call) for body in _bodies(scope.body)
    )


def listed(scope: Scope, call: syntax.Call) -> bool:
    """Whether ``.all()`` is called on what a call gives."""
    return any(_is_all(node, call) for node in scope.of(syntax.Call))


def _is_all(node: syntax.Call, call: syntax.Call) -> bool:
    function = node.func
    asked = isinstance(function, syntax.Attribute) and function.attr == "all" and function.value is call
    return asked and not node.args and not node.keywords


def _looped(node: Node, call: Node) -> bool:
    match node:
        case syntax.For(_, _, source):
            return source is call
        case syntax.Comprehension(_, _, _, generators):
            return any(source is call for _, source, _ in generators)
        case syntax.Call(_, syntax.Name(_, name), [first]) if name in _LISTS and not node.keywords:
            return first is call
    return False


_LISTS = ("list", "tuple", "set", "frozenset", "sorted")


def _stored_and_looped(body: Nodes, scope: Scope, call: Node) -> bool:
    """Whether it is given a name, and the next statement loops over that, which nothing else uses."""
    for stored, following in pairwise(body):
        match stored, following:
            case syntax.Assign(_, [syntax.Name(_, name)], value), syntax.For(_, _, source) if value is call:
                uses = sum(is_name(node, name) for node in walk(scope.body))
                return is_name(source, name) and uses == 2
    return False


def _bodies(body: Nodes) -> Iterator[Nodes]:
    """The statements of a body, and of those in its compound statements."""
    yield body
    for node in body:
        match node:
            case syntax.If(_, _, inner, other) | syntax.While(_, _, inner, other):
                parts = [inner, other]
            case syntax.For():
                parts = [node.body, node.orelse]
            case syntax.With():
                parts = [node.body]
            case syntax.Try():
                parts = [node.body, node.orelse, node.final, *(block for _, _, block in node.handlers)]
            case _:
                parts = []
        for part in parts:
            yield from _bodies(list(part))
