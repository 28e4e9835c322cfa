"""What the parameters of a function are: in a call, and where nothing is known of its callers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from strangler.analyzers.python import syntax
from strangler.analyzers.python.expressions import evaluate
from strangler.analyzers.python.values import (
    UNKNOWN,
    Args,
    Class,
    Const,
    Function,
    Mapping,
    Object,
    Sequence,
    Value,
    doubted,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter


def bind(interp: Interpreter, function: Function, args: Args, frame: Frame) -> dict[str, Value]:
    """Parameter -> value for a call."""
    bound: dict[str, Value] = {}
    given = args.positional
    keywords = args.keywords
    used = 0
    taken = set()
    vague = False
    for name, annotation, default, kind in function.params:
        if kind == "positional":
            if used < len(given):
                bound[name] = value = given[used]
                vague = vague or value is UNKNOWN
                used += 1
                continue
        elif kind == "*":
            bound[name] = Sequence(list(given[used:]), "tuple", args.open)
            continue
        elif kind == "**":
            rest: dict[Any, Value] = {k: v for k, v in keywords.items() if k not in taken}
            bound[name] = Mapping(rest, open=args.open)
            continue
        if name in keywords:
            taken.add(name)
            bound[name] = keywords[name]
        elif args.open:
            bound[name] = UNKNOWN
        elif default is not None:
            bound[name] = interp.default(function, name, default)
        else:
            bound[name] = UNKNOWN
        if bound[name] is UNKNOWN:
            vague = True
            if annotation is not None:
                bound[name] = interp.annotated(annotation, function.scope)
    for parameter in function.params if vague else ():
        if parameter.kind != "positional" or parameter.annotation is None:
            continue
        if bound.get(parameter.name) is UNKNOWN:
            bound[parameter.name] = interp.annotated(parameter.annotation, function.scope)
    return bound


def default(interp: Interpreter, function: Function, name: str, node: syntax.Expr) -> Value:
    """The default of a parameter, as evaluated where the function was defined."""
    value = function.bound_defaults.get(name)
    if value is None:
        line = function.scope.line
        journal = interp.changes.open() if function.bound_at_once else None
        value = evaluate(interp, node, function.scope)
        if journal is not None:  # it was evaluated before, and may have been something else then
            value = value if type(node) is syntax.Constant else doubted(value)
            interp.changes.back(journal)
            interp.changes.close(journal)
        function.bound_defaults[name] = value
        function.scope.line = line
    return value


def parameters(interp: Interpreter, function: Function) -> dict[str, Value]:
    """Parameter -> what can be said of it without a call: annotation, default, convention."""
    bound: dict[str, Value] = {}
    for index, parameter in enumerate(function.params):
        name, default = parameter.name, parameter.default
        value: Value = UNKNOWN
        if parameter.kind == "*":
            value = Sequence([], "tuple", True)
        elif parameter.kind == "**":
            value = Mapping(open=True)
        elif function.per_class:
            value = UNKNOWN  # it is run for the classes that inherit it, never for its own
        elif index == 0 and function.owner is not None and not function.static:
            metaclass = "builtins.type" in function.owner.ancestors(interp)
            is_class = name == "cls" or metaclass or function.name == "__init_subclass__"
            value = function.owner if is_class else interp.self_of(function.owner)
        elif parameter.annotation is not None:
            value = interp.annotated(parameter.annotation, function.scope)
        if value is UNKNOWN or default is not None:
            value = _by_convention(interp, function, index, name) or value
        if value is UNKNOWN and default is not None:
            fallback = interp.default(function, name, default)
            value = UNKNOWN if isinstance(fallback, Const) else fallback
        bound[name] = value
    return bound


def _by_convention(interp: Interpreter, function: Function, index: int, name: str) -> Value | None:
    for handler in interp.knowledge.parameters:
        value = handler(interp, function, index, name)
        if value is not None:
            return value
    return None


def self_of(interp: Interpreter, cls: Class) -> Value:
    """``self`` in a method of the class when nothing is known of the caller."""
    if not interp.booting:
        for handler in interp.knowledge.selves:
            value = handler(interp, cls)
            if value is not None:
                return value
    return Object(cls, None, None)
