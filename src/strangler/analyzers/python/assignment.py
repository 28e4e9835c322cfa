"""What assignments, plain, annotated and augmented, and ``del`` do to their targets."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax
from strangler.analyzers.python.expressions import evaluate
from strangler.analyzers.python.flow import ON, RAISE
from strangler.analyzers.python.iteration import elements
from strangler.analyzers.python.values import (
    DEFINED_AS,
    NEVER,
    NONE,
    UNKNOWN,
    Args,
    Class,
    Const,
    Function,
    Mapping,
    Object,
    Sequence,
    Union,
    Value,
    join,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter

IN_PLACE = {
    "+": "__iadd__",
    "*": "__imul__",
    "|": "__ior__",
    "&": "__iand__",
    "-": "__isub__",
    "^": "__ixor__",
}
"""Operators of assignments that change lists or sets in place."""


def assign(interp: Interpreter, target: syntax.Expr, value: Value, frame: Frame) -> None:
    """``target = value``."""
    if type(target) is syntax.Name:
        name = target.id
        home = frame.outer.get(name, frame) if frame.outer else frame
        old = home.locals.get(name)
        if home is not frame or (old is not None and old.mutable):
            interp.changes.bound(home, name)
        else:
            interp.changes.before(home)
        if home is not frame and not interp.booting and name in home.locals:
            value = join([home.locals[name], value])  # whether it has run when somebody looks is not known
        home.locals[name] = value
        if frame.imported:
            frame.imported.pop(name, None)
    elif type(target) is syntax.Attribute:
        owner = evaluate(interp, target.value, frame)
        frame.line = target.line
        owner.store(interp, target.attr, value, frame)
    elif type(target) is syntax.Display:
        _unpack(interp, target.elements, value, frame)
    elif type(target) is syntax.Subscript:
        container = evaluate(interp, target.value, frame)
        key = evaluate(interp, target.key, frame)
        frame.line = target.line
        _put(interp, container, key, value, frame)
    elif type(target) is syntax.Starred:
        assign(interp, target.value, value, frame)


def _put(interp: Interpreter, container: Value, key: Value, value: Value, frame: Frame) -> None:
    """``container[key] = value``."""
    options = list(container.options())
    for option in options:
        with interp.changes.possible() if len(options) > 1 else nullcontext():
            interp.call_method(option, "__setitem__", Args([key, value]), frame)


def _unpack(interp: Interpreter, targets: list[syntax.Expr], value: Value, frame: Frame) -> None:
    """``a, *b = value``: of several values, a target is what stands at its place in one of them."""
    options = list(value.options())
    each = interp.log.of_each(options, lambda option: _laid_out(interp, targets, option, frame))
    fitting = [items for items, fits in each if fits] or [items for items, _ in each]
    known = not (isinstance(value, Union) and value.open)
    for target, *items in zip(targets, *fitting, strict=True):
        assign(interp, target, join(items if known else [*items, UNKNOWN]), frame)


def _laid_out(
    interp: Interpreter, targets: list[syntax.Expr], value: Value, frame: Frame
) -> tuple[list[Value], bool]:
    """What one value gives each target, and whether it can: ``a, b = None`` raises."""
    items, exact = elements(interp, value, frame)
    stars = [n for n, target in enumerate(targets) if isinstance(target, syntax.Starred)]
    if exact and stars and len(items) >= len(targets) - 1:
        at, end = stars[0], len(items) - (len(targets) - 1 - stars[0])
        items[at:end] = [Sequence(items[at:end], "list")]
    if exact and len(items) == len(targets):
        return items, True
    any_of = join(items) if exact else join([*items, UNKNOWN])
    given: list[Value] = [
        Sequence([any_of], "list", True) if isinstance(target, syntax.Starred) else any_of
        for target in targets
    ]
    return given, not exact and value is not NONE


def assign_all(interp: Interpreter, node: syntax.Assign, frame: Frame) -> int:
    """``target = target = value``."""
    value = evaluate(interp, node.value, frame)
    if value is NEVER:
        return RAISE
    for target in node.targets:
        assign(interp, target, value, frame)
        if frame.callee is not None or type(target) is not syntax.Name:
            continue
        if frame.owner is not None:
            frame.owner.extra.setdefault("lines", {})[target.id] = node.line
        if isinstance(value, Object):
            prefix = f"{frame.owner.qualname}." if frame.owner is not None else ""
            if DEFINED_AS.of(value) is None:
                DEFINED_AS.put(value, Const(f"{frame.module.name}.{prefix}{target.id}"))
    return ON


def annotate(interp: Interpreter, node: syntax.Annotate, frame: Frame) -> int:
    """``target: annotation = value``."""
    target = node.target
    if isinstance(target, syntax.Name) and frame.owner is not None and frame.callee is None:
        frame.owner.extra.setdefault("lines", {})[target.id] = node.line
        frame.owner.annotations[target.id] = (node.annotation, frame)
    if node.value is not None:
        value = evaluate(interp, node.value, frame)
        if value is UNKNOWN:
            value = interp.annotated(node.annotation, frame)
        assign(interp, target, value, frame)
    elif frame.callee is not None:
        assign(interp, target, interp.annotated(node.annotation, frame), frame)
    return ON


def _place(interp: Interpreter, target: syntax.Expr, frame: Frame) -> tuple[Value, Callable[[Value], None]]:
    """What is at the target of an augmented assignment, and how to put something there: what stands before
    the last dot or bracket, and within it, is evaluated once."""
    if isinstance(target, syntax.Subscript):
        container = evaluate(interp, target.value, frame)
        key = evaluate(interp, target.key, frame)
        frame.line = target.line
        return container.item(interp, key, frame), lambda value: _put(interp, container, key, value, frame)
    if isinstance(target, syntax.Attribute):
        owner = evaluate(interp, target.value, frame)
        frame.line = target.line
        held = UNKNOWN if owner is UNKNOWN else owner.get(interp, target.attr, frame)
        return held, lambda value: owner.store(interp, target.attr, value, frame)
    return evaluate(interp, target, frame), lambda value: assign(interp, target, value, frame)


def augment(interp: Interpreter, node: syntax.Augment, frame: Frame) -> int:
    """``target += value`` and its like."""
    target, operator = node.target, node.operator
    left, put = _place(interp, target, frame)
    right = evaluate(interp, node.value, frame)
    frame.line = node.line
    if isinstance(left, Sequence) and operator == "+" and type(left) is not Sequence:
        left.get(interp, "extend", frame).call(interp, Args([right]), frame)  # a framework's collection
        return ON
    if isinstance(left, Union):
        found: list[Value] = [UNKNOWN] if left.open else []
        for option in left.values:
            with interp.changes.possible():
                changed = _in_place(interp, option, operator, right, frame)
            found.append(option if changed else option.operate(interp, operator, right, frame))
        put(join(found))
        return ON
    if _in_place(interp, left, operator, right, frame):
        if isinstance(target, syntax.Name) and evaluate(interp, target, frame) is not left:
            put(left)  # the right side has bound the name to something else
        return ON
    if isinstance(left, Object) and isinstance(left.cls, Class):
        own = left.cls.find(IN_PLACE.get(operator, ""))
        if own is not None and isinstance(own[0], Function):
            put(interp.invoke(own[0], Args([left, right]), frame))
            return ON
    result = left.operate(interp, operator, right, frame) if left is not UNKNOWN else UNKNOWN
    if result is UNKNOWN and isinstance(right, Sequence):
        result = right.operate(interp, "r" + operator, left, frame)
        if right.kind != "list":  # what is added to may be of another kind, which it keeps
            result = join([result, UNKNOWN])
    put(result)
    return ON


def _in_place(interp: Interpreter, left: Value, operator: str, right: Value, frame: Frame) -> bool:
    """Change a list, set or dict where it is; False for what is replaced."""
    if isinstance(left, Sequence) and left.kind in ("list", "set", "deque") and operator in IN_PLACE:
        if operator == "+":
            added, exact = elements(interp, right, frame)
            before = len(left.items)
            left.extend(interp, added, exact, frame)
            interp.log.additions.carry(right, left, before)
            interp.log.additions.put_in(left, added, frame.under)
            return True
        changed = left.operate(interp, operator, right, frame)
        interp.changes.before(left)
        if isinstance(changed, Sequence):
            left.items[:], left.open = changed.items, changed.open
        return True
    if isinstance(left, Mapping) and operator == "|":
        left.update(interp, right, frame)
        return True
    return False


def delete(interp: Interpreter, node: syntax.Delete, frame: Frame) -> int:
    """``del target, target``."""
    for target in node.targets:
        if isinstance(target, syntax.Name):
            home = frame.home(target.id)
            interp.changes.before(home)
            home.locals.pop(target.id, None)
        elif isinstance(target, syntax.Subscript):
            container = evaluate(interp, target.value, frame)
            key = evaluate(interp, target.key, frame)
            options = list(container.options())
            for option in options:
                with interp.changes.possible() if len(options) > 1 else nullcontext():
                    if isinstance(option, Sequence) and type(option) is not Sequence:
                        option.get(interp, "pop", frame).call(interp, Args(), frame)  # a framework's
                    else:
                        interp.call_method(option, "__delitem__", Args([key]), frame)
        elif isinstance(target, syntax.Attribute):
            owner = evaluate(interp, target.value, frame)
            options = list(owner.options())
            for option in options:
                with interp.changes.possible() if len(options) > 1 else nullcontext():
                    interp.delete_attribute(option, target.attr, frame)
    return ON
