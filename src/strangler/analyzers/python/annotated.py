"""Annotations: the value of something of which only the type is written down."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from strangler.analyzers.python import lowering, syntax
from strangler.analyzers.python.expressions import evaluate
from strangler.analyzers.python.frames import Frame
from strangler.analyzers.python.values import (
    UNKNOWN,
    Class,
    Const,
    External,
    Generic,
    Mapping,
    Object,
    Sequence,
    Value,
    join,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter


_CONTAINERS = {
    "list", "List", "set", "Set", "frozenset", "FrozenSet", "tuple", "Tuple", "Sequence", "Iterable",
    "Iterator", "Collection", "Generator", "AsyncIterator", "AsyncGenerator", "AsyncIterable", "deque",
    "Deque", "AbstractSet",
}  # fmt: skip


def annotated(interp: Interpreter, node: syntax.Expr, frame: Frame) -> Value:
    """The value of something with that annotation."""
    line = frame.line
    value = evaluate(interp, node, frame)
    frame.line = line
    return interp.instance_of(value, frame)


def instance_of(interp: Interpreter, annotation: Value, frame: Frame) -> Value:
    """An instance of what an annotation names."""
    if interp._type_depth > 8:
        return UNKNOWN  # a type alias that names itself
    interp._type_depth += 1
    try:
        return _instance_of(interp, annotation, frame)
    finally:
        interp._type_depth -= 1


def _instance_of(interp: Interpreter, annotation: Value, frame: Frame) -> Value:
    found: list[Value] = []
    for option in annotation.options():
        if isinstance(option, Const) and isinstance(option.value, str):
            node = parse_expression(option.value)
            if node is not None:
                found.append(interp.annotated(node, frame))
        elif isinstance(option, Class):
            handler = interp.first_by_lineage(interp.knowledge.annotations, option.ancestors(interp))
            special = handler(interp, option, None, frame) if handler else None
            found.append(special if special is not None else Object(option, None, None))
        elif isinstance(option, External):
            special = interp.knowledge.annotations.get(option.name)
            value = special(interp, option, None, frame) if special else None
            if value is None and not option.name.startswith(("builtins.", "typing.")):
                value = Object(option, None, None)
            if value is not None:
                found.append(value)
        elif isinstance(option, Generic):
            found.append(_generic_instance(interp, option, frame))
        elif isinstance(option, Object) and isinstance(option.cls, External):
            # NewType, TypeVar(bound=...)
            bound = option.arg(None, "bound") or option.arg(1)
            if bound is not None and option.cls.name in ("typing.TypeVar", "typing.NewType"):
                found.append(interp.instance_of(bound, frame))
    return join(found)


def _generic_instance(interp: Interpreter, generic: Generic, frame: Frame) -> Value:
    origin, argument = generic.origin, generic.argument
    first = argument.items[0] if isinstance(argument, Sequence) and argument.items else argument
    if isinstance(origin, External):
        handler = interp.knowledge.annotations.get(origin.name)
        if handler is not None:
            value = handler(interp, origin, argument, frame)
            if value is not None:
                return value
        last = origin.name.rpartition(".")[2]
        if last in ("type", "Type"):
            return argument if not isinstance(argument, Const) else _class_named(interp, argument, frame)
        if last in ("Optional", "Annotated", "Final", "ClassVar", "Awaitable", "Required", "NotRequired"):
            return interp.instance_of(first, frame)
        if last == "Union" and isinstance(argument, Sequence):
            return join([interp.instance_of(a, frame) for a in argument.items])
        if last in ("dict", "Dict", "Mapping", "defaultdict", "OrderedDict"):
            values = argument.items[1:] if isinstance(argument, Sequence) else []
            return Mapping({}, [interp.instance_of(v, frame) for v in values], True)
        if last in _CONTAINERS:
            return Sequence([interp.instance_of(first, frame)], "list", True)
        return Object(generic, None, None)
    if isinstance(origin, Class):
        return Object(origin, None, None)
    return UNKNOWN


def _class_named(interp: Interpreter, text: Const, frame: Frame) -> Value:
    node = parse_expression(str(text.value))
    return evaluate(interp, node, frame) if node is not None else UNKNOWN


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> syntax.Expr | None:
    """The compact form of a string annotation; None where it is no expression."""
    import ast

    if len(text) > 500:
        return None
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return lowering.lower_expression(tree.body)
