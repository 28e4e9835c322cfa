"""Walks over compact syntax: the nodes of one function, what is around a call, how a body ends, texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from strangler.analyzers.python import ir
from strangler.analyzers.python.ir import Node

OPAQUE = frozenset({ir.DEF, ir.CLASS, ir.LAMBDA})
"""Nodes whose bodies run at another time."""
_LEAVES = OPAQUE | {ir.NAME, ir.CONST, ir.IMPORT, ir.FROM, ir.JUMP, ir.GLOBAL}
LONGEST_TEXT = 60


def is_node(item: object) -> bool:
    """Whether a part of a node is a node of its own."""
    return isinstance(item, list) and bool(item) and isinstance(item[0], int)


def children(node: Node) -> list[Node]:
    """The nodes directly below a node, in order."""
    opcode = node[0]
    if opcode in _LEAVES or (opcode == ir.GROUP and node[1] == -1):  # a slice of constants
        return []
    found: list[Node] = []
    for item in node[2:]:
        if type(item) is list and item:
            if type(item[0]) is int:
                found.append(item)
            else:
                _collect(item, found)
    return found


def _collect(parts: list[object], found: list[Node]) -> None:
    """Nodes in lists of nodes, pairs and the like, which themselves begin with no number."""
    for item in parts:
        if type(item) is list and item:
            if type(item[0]) is int:
                found.append(item)
            else:
                _collect(item, found)


def walk(nodes: Iterable[Node | None]) -> Iterator[Node]:
    """The nodes of a body and all below, without those inside functions and classes that it defines."""
    waiting = [node for node in nodes if node]
    waiting.reverse()
    while waiting:
        node = waiting.pop()
        yield node
        below = children(node)
        if below:
            below.reverse()
            waiting += below


class Called(NamedTuple):
    """A call and the handlers around it."""

    node: Node
    catches: tuple[Node, ...]
    """Types of the exceptions that are handled around it and not raised again."""
    exact: bool = False
    """What is called is the definition's own name, or one that an import gives it."""


def calls(body: Iterable[Node], catches: tuple[Node, ...] = ()) -> Iterator[Called]:
    """Every call of a body with what is handled around it."""
    for node in body:
        if node[0] == ir.TRY:
            inside = (*catches, *(kind for kind in handled(node) if kind))
            yield from calls(node[2], inside)
            for _, _, block in node[3]:
                yield from calls(block, catches)
            yield from calls([*node[4], *node[5]], catches)
        elif node[0] == ir.DEF:
            defaults = (default for _, _, default, _ in node[3] if default)
            yield from calls([*node[4], *defaults], catches)
        elif node[0] == ir.CLASS:
            yield from calls([*node[3], *(value for _, value in node[4]), *node[5], *node[6]], catches)
        elif node[0] in (ir.IF, ir.WHILE, ir.FOR, ir.WITH):
            for part in node[2:]:
                if is_node(part):
                    yield from calls([part], catches)
                elif isinstance(part, list):
                    yield from calls((item for item in _flat(part)), catches)
        else:
            if node[0] == ir.CALL:
                yield Called(node, catches)
            yield from calls(children(node), catches)


def _flat(parts: list[object]) -> Iterator[Node]:
    for part in parts:
        if isinstance(part, list) and is_node(part):
            yield part
        elif isinstance(part, list):
            yield from _flat(part)


def handled(node: Node) -> list[Node | None]:
    """Types of the exceptions that a ``try`` handles and does not raise again; None for a bare ``except``."""
    found: list[Node | None] = []
    for kind, _, block in node[3]:
        if any(item[0] == ir.RAISE and item[2] is None for item in walk(block)):
            continue
        found += kind[3] if kind and kind[0] == ir.SEQ else [kind]
    return found


def dotted(node: Node | None) -> str | None:
    """``a.b.c`` for a chain of attributes of a name."""
    names = []
    while node and node[0] == ir.ATTR:
        names.append(node[3])
        node = node[2]
    if not node or node[0] != ir.NAME:
        return None
    return ".".join([node[2], *reversed(names)])


def last_name(node: Node | None) -> str:
    """The last part of a chain of attributes, whatever it starts from; empty for anything else."""
    if node and node[0] == ir.ATTR:
        return str(node[3])
    return str(node[2]) if node and node[0] == ir.NAME else ""


def is_name(node: object, name: str) -> bool:
    """Whether a node is that plain name."""
    return isinstance(node, list) and len(node) > 2 and node[0] == ir.NAME and node[2] == name


def ends(body: list[Node]) -> bool:
    """Whether a body never runs off its end, as far as its last statement shows."""
    match body[-1] if body else None:
        case [ir.RETURN | ir.RAISE, *_]:
            return True
        case [ir.IF, _, [ir.CONST, _, True], inner, _]:
            return ends(inner)
        case [ir.IF, _, _, inner, other]:
            return bool(other) and ends(inner) and ends(other)
        case [ir.WITH, _, _, inner, _]:
            return ends(inner)
        case [ir.TRY, _, inner, handlers, other, final]:
            if final and ends(final):
                return True
            return ends(other or inner) and all(ends(block) for _, _, block in handlers)
        case [ir.WHILE, _, [ir.CONST, _, test], inner, _]:
            return bool(test) and not any(item[0] == ir.JUMP and len(item) > 2 for item in walk(inner))
    return False


def targets(node: Node) -> list[Node]:
    """What a statement stores to: names, attributes and items, those of nested tuples too."""
    match node:
        case [ir.ASSIGN, _, stored, _]:
            found = stored
        case [ir.ANNOTATED | ir.AUGMENT | ir.FOR, _, stored, *_]:
            found = [stored]
        case [ir.WITH, _, items, *_]:
            found = [stored for _, stored in items if stored]
        case [ir.DELETE, _, stored]:
            found = stored
        case _:
            return []
    return [part for item in found for part in _parts(item)]


def _parts(target: Node) -> Iterator[Node]:
    if target[0] == ir.SEQ:
        for item in target[3]:
            yield from _parts(item)
    elif target[0] == ir.STAR:
        yield from _parts(target[2])
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
        case [ir.NAME, _, name]:
            return str(name)
        case [ir.ATTR, _, owner, name]:
            return f"{_text(owner, depth + 1)}.{name}"
        case [ir.CONST, _, value, True]:
            return repr(str(value).encode("latin-1", "replace"))
        case [ir.CONST, _, value, *_]:
            return repr(value)
        case [ir.CALL, _, function, arguments, words]:
            named = [
                f"{name}={_text(item, depth + 1)}" if name else f"**{_text(item, depth + 1)}"
                for name, item in words
            ]
            inside = [_text(item, depth + 1) for item in arguments]
            return f"{_text(function, depth + 1)}({', '.join([*inside, *named])})"
        case [ir.ITEM, _, owner, key]:
            return f"{_text(owner, depth + 1)}[{_text(key, depth + 1)}]"
        case [ir.SEQ, _, kind, items]:
            opening = {"list": "[]", "set": "{}"}.get(kind, "()")
            return f"{opening[0]}{each(items)}{opening[1]}"
        case [ir.BINOP, _, operator, left, right]:
            return f"{_text(left, depth + 1)} {operator} {_text(right, depth + 1)}"
        case [ir.STAR, _, inner]:
            return f"*{_text(inner, depth + 1)}"
        case [ir.AWAIT, _, inner]:
            return f"await {_text(inner, depth + 1)}"
        case [ir.FSTR, *_]:
            return "f'…'"
    return "…"
