"""What running statements may change and how it may end, read off their text once for each statement.

Loops, ``try`` and ``with`` ask for it each time that they are run: the answers are kept by statement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from strangler.analyzers.python import syntax, traversal


class Footprint(NamedTuple):
    """What a run of some statements may do to the names of a frame."""

    bound: tuple[str, ...]
    """Names that they bind, in the order of the text."""
    once: frozenset[str]
    """Those of them that stand as a target just once, and in no loop."""
    filled: tuple[str, ...]
    """Names of what they may change in place, sorted."""
    leaves: bool
    """Whether a jump, ``return`` or ``raise`` is among them."""
    raises: bool
    """Whether a ``raise`` is."""


@lru_cache(maxsize=4096)
def of_loop(node: syntax.For | syntax.While) -> Footprint:
    """Of a whole loop; ``leaves`` and ``raises`` hold of its body."""
    inside = _footprint(node.body)
    return _footprint([node])._replace(leaves=inside.leaves, raises=inside.raises)


def of_statement(node: syntax.Node) -> Footprint:
    """Of one statement, whatever it is."""
    return _footprint([node])


@lru_cache(maxsize=4096)
def of_attempt(node: syntax.Try | syntax.With) -> Footprint:
    """Of the statements behind which an exception may go on: those of ``try`` or ``with`` itself."""
    return _footprint(node.body)


@lru_cache(maxsize=4096)
def returns_early(body: bytes) -> bool:
    """Whether a function's body holds a ``return`` within another statement."""
    outer = [node for node in syntax.unpack_body(body) if type(node) is not syntax.Return]
    return any(type(node) is syntax.Return for node in traversal.walk(outer, traversal.SCOPES))


@lru_cache(maxsize=1024)
def returns_something(body: bytes) -> bool:
    """Whether a function's body returns anything but None and False."""
    nodes = traversal.walk(syntax.unpack_body(body), traversal.SCOPES)
    values = [node.value for node in nodes if type(node) is syntax.Return and node.value is not None]
    return any(type(value) is not syntax.Constant or bool(value.value) for value in values)


@lru_cache(maxsize=4096)
def yields(body: bytes) -> bool:
    """Whether a function with that body is a generator."""
    nodes = traversal.walk(syntax.unpack_body(body), traversal.SCOPES)
    return any(type(node) is syntax.Yield for node in nodes)


def forget() -> None:
    """Let go of the statements of an ended run."""
    for kept in (of_loop, of_attempt, returns_early, returns_something, yields):
        kept.cache_clear()


def _footprint(nodes: Iterable[syntax.Node]) -> Footprint:
    bound: Counter[str] = Counter()
    filled: set[str] = set()
    loops: list[syntax.Node] = []
    leaves = raises = False
    for node in traversal.walk(nodes, traversal.SCOPES):
        kind = type(node)
        read = _BINDING.get(kind)
        if read is not None:
            read(node, bound)
        fills = _FILLING.get(kind)
        if fills is not None:
            fills(node, filled)
        if kind in _LOOPS:
            loops.append(node)
        elif kind in _LEAVING:
            leaves = True
            raises = raises or kind is syntax.Raise
    often: Counter[str] = Counter()
    for node in traversal.walk(loops, traversal.SCOPES):
        read = _BINDING.get(type(node))
        if read is not None:
            read(node, often)
    once = frozenset(name for name, times in bound.items() if times == 1 and name not in often)
    return Footprint(tuple(bound), once, tuple(sorted(filled)), leaves, raises)


def _targets(targets: Iterable[syntax.Node], bound: Counter[str]) -> None:
    for target in targets:
        _target(target, bound)


def _target(target: syntax.Node, bound: Counter[str]) -> None:
    if type(target) is syntax.Name:
        bound[target.id] += 1
    elif type(target) is syntax.Display:
        _targets(target.elements, bound)
    elif type(target) is syntax.Starred:
        _target(target.value, bound)


def _definition(node: Any, bound: Counter[str]) -> None:
    bound[node.name] += 1


def _imports(node: Any, bound: Counter[str]) -> None:
    bound.update(a.asname or a.name.partition(".")[0] for a in node.names)


_BINDING: dict[type[syntax.Node], Callable[[Any, Counter[str]], None]] = {
    syntax.Assign: lambda node, bound: _targets(node.targets, bound),
    syntax.Augment: lambda node, bound: _target(node.target, bound),
    syntax.Annotate: lambda node, bound: _target(node.target, bound),
    syntax.For: lambda node, bound: _target(node.target, bound),
    syntax.Walrus: lambda node, bound: _target(node.target, bound),
    syntax.With: lambda node, bound: _targets([i.target for i in node.items if i.target is not None], bound),
    syntax.Delete: lambda node, bound: _targets(node.targets, bound),
    syntax.Try: lambda node, bound: bound.update(h.name for h in node.handlers if h.name),
    syntax.FunctionDef: _definition,
    syntax.ClassDef: _definition,
    syntax.Import: _imports,
    syntax.ImportFrom: _imports,
}


def _owner(node: syntax.Node, filled: set[str]) -> None:
    if type(node) is syntax.Name:
        filled.add(node.id)


def _call(node: syntax.Call, filled: set[str]) -> None:
    if type(node.func) is syntax.Attribute:
        _owner(node.func.value, filled)


def _items(node: Any, filled: set[str]) -> None:
    for target in node.targets:
        if type(target) is syntax.Subscript:
            _owner(target.value, filled)


def _augmented(node: syntax.Augment, filled: set[str]) -> None:
    target = node.target
    _owner(target.value if type(target) is syntax.Subscript else target, filled)


_FILLING: dict[type[syntax.Node], Callable[[Any, set[str]], None]] = {
    syntax.Call: _call,
    syntax.Assign: _items,
    syntax.Delete: _items,
    syntax.Augment: _augmented,
}
_LOOPS = frozenset({syntax.For, syntax.While})
_LEAVING = frozenset({syntax.Jump, syntax.Return, syntax.Raise})
