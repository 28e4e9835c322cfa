"""Comprehensions and generator expressions."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax, traversal
from strangler.analyzers.python.frames import Frame
from strangler.analyzers.python.iteration import iterate, without_order
from strangler.analyzers.python.values import Iterator, Mapping, Sequence, Value, distinct, doubted, put

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter

PYTHON = frozenset(vars(builtins))
"""Names that Python has."""


def comprehension(interp: Interpreter, node: syntax.Comprehension, frame: Frame) -> Value:
    """What a comprehension gives."""
    parent = frame.parent if frame.in_class else frame
    inner = Frame(frame.module, frame.function, {}, parent, frame.depth, frame.owner, frame.callee)
    inner.region = frame.region
    inner.line = frame.line
    inner.within = frame
    inner.born = interp.changes.opened
    frame.captured = True
    found: list[tuple[Value, Value]] = []
    if node.kind == "generator":
        with interp.changes.later() as changed:
            exact = _generate(interp, node, 0, inner, found)
    else:
        exact = _generate(interp, node, 0, inner, found)
    frame.line = node.line
    if node.kind == "dict":
        mapping = Mapping(open=not exact)
        for key, value in found:
            put(mapping, key, value)
        return mapping
    items = [value for _, value in found]
    if node.kind == "generator":
        return Iterator(items, not exact, interp, _looks_at_names(node), changed)
    if node.kind == "set":
        items, whole = distinct(items)
        exact = exact and whole
    return Sequence(items, node.kind, not exact)


def _looks_at_names(node: syntax.Comprehension) -> bool:
    """Whether what a generator yields is made of other names than its own and those of Python."""
    first, *others = node.generators
    parts = [*node.result, *first.conditions]
    for generator in others:
        parts += [generator.iterable, *generator.conditions]
    own = {n.id for g in node.generators for n in traversal.walk([g.target]) if isinstance(n, syntax.Name)}
    names = {node.id for node in traversal.walk(parts) if isinstance(node, syntax.Name)}
    return not names <= own | PYTHON


def _generate(
    interp: Interpreter,
    node: syntax.Comprehension,
    depth: int,
    frame: Frame,
    found: list[tuple[Value, Value]],
) -> bool:
    """Whether what is found is exactly what the comprehension gives."""
    if depth == len(node.generators):
        values = [interp.evaluate(part, frame) for part in node.result]
        found.append((values[0], values[-1]))
        return True
    around = frame.within if not depth and frame.within is not None else frame
    source = interp.evaluate(node.generators[depth].iterable, around)
    items, exact = iterate(interp, source, frame)
    if exact and not (without_order(source) and node.kind != "set"):
        return _each(interp, node, depth, frame, found, items)
    before = len(found)
    with interp.changes.possible():
        _each(interp, node, depth, frame, found, items)
    if node.kind == "dict" and not exact:  # a key may be missing
        found[before:] = [(key, doubted(value)) for key, value in found[before:]]
    return False


def _each(
    interp: Interpreter,
    node: syntax.Comprehension,
    depth: int,
    frame: Frame,
    found: list[tuple[Value, Value]],
    items: list[Value],
) -> bool:
    """Go through the elements of one of the sources."""
    generator, exact = node.generators[depth], True
    for item in items:
        if not interp.budget.room(frame, len(found), 1):
            return False
        interp.assign(generator.target, item, frame)
        keep: bool | None = True
        for condition in generator.conditions:
            truth = interp.evaluate(condition, frame).tested(interp, frame)
            if truth is False:
                keep = False
                break
            if truth is None:
                keep = None
        if keep is False:
            continue
        if keep is None:
            exact = False
            before = len(found)
            with interp.changes.possible():
                _generate(interp, node, depth + 1, frame, found)
            if node.kind == "dict":  # the key may be missing
                found[before:] = [(key, doubted(value)) for key, value in found[before:]]
        else:
            exact = _generate(interp, node, depth + 1, frame, found) and exact
    return exact
