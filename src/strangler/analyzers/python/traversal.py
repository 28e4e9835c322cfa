"""From a node to those below it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from strangler.analyzers.python.syntax import (
    Annotate,
    Assign,
    Attribute,
    Augment,
    Await,
    BinaryOperation,
    BooleanOperation,
    Call,
    ClassDef,
    Comparison,
    Comprehension,
    Conditional,
    Delete,
    Dict,
    Display,
    Evaluate,
    For,
    FunctionDef,
    Generator,
    Group,
    Handler,
    If,
    JoinedText,
    Lambda,
    Node,
    Not,
    Parameter,
    Raise,
    Return,
    Starred,
    Subscript,
    Try,
    Walrus,
    While,
    With,
    Yield,
    unpack,
)

SCOPES: frozenset[type[Node]] = frozenset({FunctionDef, ClassDef, Lambda})
"""Nodes whose bodies run at another time."""


def _conditions(generators: list[Generator]) -> Iterator[Node]:
    for target, iterable, conditions in generators:
        yield target
        yield iterable
        yield from conditions


def _declared(params: list[Parameter]) -> Iterator[Node]:
    for _, annotation, default, _ in params:
        if annotation is not None:
            yield annotation
        if default is not None:
            yield default


def _caught(handlers: list[Handler]) -> Iterator[Node]:
    for kind, _, body in handlers:
        if kind is not None:
            yield kind
        yield from body


def _one(node: Node | None) -> list[Node]:
    return [] if node is None else [node]


_BELOW: dict[type[Node], Callable[[Any], list[Node]]] = {
    Attribute: lambda node: [node.value],
    Call: lambda node: [node.func, *node.args, *[value for _, value in node.keywords]],
    Display: lambda node: [*node.elements],
    Dict: lambda node: [part for item in node.items for part in item if part is not None],
    Subscript: lambda node: [node.value, node.key],
    BinaryOperation: lambda node: [node.left, node.right],
    JoinedText: lambda node: [*node.parts],
    Comprehension: lambda node: [*node.result, *_conditions(node.generators)],
    Conditional: lambda node: [node.test, node.body, node.orelse],
    BooleanOperation: lambda node: [*node.operands],
    Comparison: lambda node: [node.left, *node.rights],
    Lambda: lambda node: [*_declared(node.params)],
    Await: lambda node: [node.value],
    Starred: lambda node: [node.value],
    Not: lambda node: [node.operand],
    Group: lambda node: [*node.parts],
    Walrus: lambda node: [node.target, node.value],
    Yield: lambda node: _one(node.value),
    Evaluate: lambda node: [node.value],
    Assign: lambda node: [*node.targets, node.value],
    Annotate: lambda node: [node.target, node.annotation, *_one(node.value)],
    Augment: lambda node: [node.target, node.value],
    Return: lambda node: _one(node.value),
    If: lambda node: [node.test, *node.body, *node.orelse],
    For: lambda node: [node.target, node.iterable, *node.body, *node.orelse],
    While: lambda node: [node.test, *node.body, *node.orelse],
    With: lambda node: [*[part for item in node.items for part in item if part is not None], *node.body],
    Try: lambda node: [*node.body, *_caught(node.handlers), *node.orelse, *node.final],
    FunctionDef: lambda node: [*_declared(node.params), *node.decorators, *_one(node.returns)],
    ClassDef: lambda node: [
        *node.bases,
        *[value for _, value in node.keywords],
        *node.decorators,
        *node.body,
    ],
    Delete: lambda node: [*node.targets],
    Raise: lambda node: _one(node.value),
}
"""Kind of node -> the nodes directly below one; a kind that is not here has none."""


def children(node: Node) -> list[Node]:
    """The nodes directly below one, in the order of the text; packed bodies are not looked into."""
    below = _BELOW.get(type(node))
    return below(node) if below is not None else []


def walk(
    nodes: Iterable[Node],
    closed: frozenset[type[Node]] = frozenset(),
    opened: Callable[[bytes], bool] | None = None,
) -> Iterator[Node]:
    """These nodes and all below them, each before its children.

    Args:
        nodes: where to begin.
        closed: kinds of nodes below which nothing is looked for: ``SCOPES`` for what a body does itself.
        opened: which packed bodies are looked into; None: none.
    """
    waiting = list(nodes)
    waiting.reverse()
    while waiting:
        node = waiting.pop()
        yield node
        kind = type(node)
        read = _BELOW.get(kind)
        if read is None or kind in closed:
            continue
        below = read(node)
        if opened is not None and isinstance(node, (FunctionDef, Lambda)) and opened(node.body):
            below += unpack(node.body)
        below.reverse()
        waiting += below


def listed(
    nodes: Iterable[Node], closed: frozenset[type[Node]], without: frozenset[type[Node]]
) -> list[Node]:
    """What ``walk`` gives without nodes of some kinds, as a list: of most bodies in half the time."""
    found: list[Node] = []
    waiting = list(nodes)
    waiting.reverse()
    while waiting:
        node = waiting.pop()
        kind = type(node)
        if kind not in without:
            found.append(node)
        elif kind is Attribute:
            waiting.append(node.value)  # type: ignore[attr-defined]
            continue
        read = _BELOW.get(kind)
        if read is not None and kind not in closed:
            below = read(node)
            below.reverse()
            waiting += below
    return found
