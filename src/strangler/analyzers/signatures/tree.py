"""Walks over compact syntax: the nodes of one function, what is around a call, how a body ends, texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from strangler.analyzers.python import syntax, traversal
from strangler.analyzers.python.syntax import Node, Nodes

LONGEST_TEXT = 60


def children(node: Node) -> Nodes:
    """The nodes directly below one, in order; of functions and classes that it defines, none."""
    return [] if type(node) in traversal.SCOPES else traversal.children(node)


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """The nodes of a body and all below, without those inside functions and classes that it defines."""
    return traversal.walk(nodes, closed=traversal.SCOPES)


class Called(NamedTuple):
    """A call and the handlers around it."""

    node: syntax.Call
    catches: tuple[Node, ...]
    """Types of the exceptions that are handled around it and not raised again."""
    exact: bool = False
    """What is called is the definition's own name, or one that an import gives it."""


PLAIN: frozenset[type[Node]] = frozenset({syntax.Name, syntax.Constant, syntax.Attribute})
"""Most of all nodes: they call nothing and bind nothing."""
_LEAVES = frozenset({syntax.Name, syntax.Constant})


def calls(body: Iterable[Node], catches: tuple[Node, ...] = ()) -> Iterator[Called]:
    """Every call of a body with what is handled around it."""
    for node in body:
        if type(node) in _LEAVES:
            continue
        match node:
            case syntax.Try():
                inside = (*catches, *(kind for kind in handled(node) if kind))
                yield from calls(node.body, inside)
                for _, _, block in node.handlers:
                    yield from calls(block, catches)
                yield from calls([*node.orelse, *node.final], catches)
            case syntax.FunctionDef():
                defaults = (parameter.default for parameter in node.params if parameter.default)
                yield from calls([*node.decorators, *defaults], catches)
            case syntax.ClassDef():
                yield from calls(traversal.children(node), catches)
            case syntax.Call():
                yield Called(node, catches)
                yield from calls(children(node), catches)
            case _:
                yield from calls(children(node), catches)


def handled(node: syntax.Try) -> list[Node | None]:
    """Types of the exceptions that a ``try`` handles and does not raise again; None for a bare ``except``."""
    found: list[Node | None] = []
    for kind, _, block in node.handlers:
        if any(isinstance(item, syntax.Raise) and item.value is None for item in walk(block)):
            continue
        found += kind.elements if isinstance(kind, syntax.Display) else [kind]
    return found


def dotted(node: Node | None) -> str | None:
    """``a.b.c`` for a chain of attributes of a name."""
    names = []
    while type(node) is syntax.Attribute:
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(names)]) if type(node) is syntax.Name else None


def last_name(node: Node | None) -> str:
    """The last part of a chain of attributes, whatever it starts from; empty for anything else."""
    if type(node) is syntax.Attribute:
        return node.attr
    return node.id if type(node) is syntax.Name else ""


def is_name(node: Node | None, name: str) -> bool:
    """Whether a node is that plain name."""
    return type(node) is syntax.Name and node.id == name


def ends(body: Sequence[Node]) -> bool:
    """Whether a body never runs off its end, as far as its last statement shows."""
    match body[-1] if body else None:
        case syntax.Return() | syntax.Raise():
            return True
        case syntax.If(_, syntax.Constant(_, True), inner):
            return ends(inner)
        case syntax.If(_, _, inner, other):
            return bool(other) and ends(inner) and ends(other)
        case syntax.With(_, _, inner):
            return ends(inner)
        case syntax.Try(_, inner, handlers, other, final):
            if final and ends(final):
                return True
            return ends(other or inner) and all(ends(block) for _, _, block in handlers)
        case syntax.While(_, syntax.Constant(_, test), inner):
            return bool(test) and not any(
                isinstance(item, syntax.Jump) and item.breaks for item in walk(inner)
            )
    return False


def targets(node: Node) -> Nodes:
    """What a statement stores to: names, attributes and items, those of nested tuples too."""
    if type(node) not in syntax.STATEMENTS:
        return []
    match node:
        case syntax.Assign(_, stored):
            found = stored
        case syntax.Annotate(_, stored) | syntax.Augment(_, stored) | syntax.For(_, stored):
            found = [stored]
        case syntax.With(_, items):
            found = [stored for _, stored in items if stored]
        case syntax.Delete(_, stored):
            found = stored
        case _:
            return []
    return [part for item in found for part in _parts(item)]


def _parts(target: Node) -> Iterator[Node]:
    if isinstance(target, syntax.Display):
        for item in target.elements:
            yield from _parts(item)
    elif isinstance(target, syntax.Starred):
        yield from _parts(target.value)
    else:
        yield target


def text(node: Node | None, most: int = LONGEST_TEXT) -> str:
    """An expression as source on one line, cut to its first characters."""
    found = _text(node, 0)
    return found if len(found) <= most else found[: most - 1] + "…"


def _text(node: Node | None, depth: int) -> str:
    if node is None or depth > 8:
        return "…"

    def each(nodes: Iterable[Node]) -> str:
        return ", ".join(_text(item, depth + 1) for item in nodes)

    match node:
        case syntax.Name(_, name):
            return str(name)
        case syntax.Attribute(_, owner, name):
            return f"{_text(owner, depth + 1)}.{name}"
        case syntax.Constant(_, value, True):
            return repr(str(value).encode("latin-1", "replace"))
        case syntax.Constant(_, value):
            return repr(value)
        case syntax.Call(_, function, arguments, words):
            named = [
                f"{name}={_text(item, depth + 1)}" if name else f"**{_text(item, depth + 1)}"
                for name, item in words
            ]
            inside = [_text(item, depth + 1) for item in arguments]
            return f"{_text(function, depth + 1)}({', '.join([*inside, *named])})"
        case syntax.Subscript(_, owner, key):
            return f"{_text(owner, depth + 1)}[{_text(key, depth + 1)}]"
        case syntax.Display(_, kind, items):
            opening = {"list": "[]", "set": "{}"}.get(kind, "()")
            return f"{opening[0]}{each(items)}{opening[1]}"
        case syntax.BinaryOperation(_, operator, left, right):
            return f"{_text(left, depth + 1)} {operator} {_text(right, depth + 1)}"
        case syntax.Starred(_, inner):
            return f"*{_text(inner, depth + 1)}"
        case syntax.Await(_, inner):
            return f"await {_text(inner, depth + 1)}"
        case syntax.JoinedText():
            return "f'…'"
    return "…"


def root(node: Node) -> str:
    """The name that a chain of attributes and items starts from."""
    while isinstance(node, (syntax.Attribute, syntax.Subscript)):
        node = node.value
    return node.id if isinstance(node, syntax.Name) else ""


def unsigned(node: Node | None) -> Node | None:
    """What a minus stands before: it changes no type that has one."""
    return node.left if isinstance(node, syntax.BinaryOperation) and node.operator == "neg" else node
