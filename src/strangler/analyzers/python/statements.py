"""What each kind of statement does to the names of a frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from strangler.analyzers.python import ir
from strangler.analyzers.python.definitions import (
    absolute,
    bind_import,
    bind_names,
    define_class,
    define_function,
)
from strangler.analyzers.python.expressions import evaluate, iterate, put
from strangler.analyzers.python.values import (
    UNKNOWN,
    Args,
    Const,
    Deferred,
    External,
    GeneratorContext,
    Mapping,
    Object,
    Sequence,
    Value,
    join,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Frame, Interpreter

MOST_TURNS = 50
"""Turns of a ``while`` loop whose condition is known."""


def execute(ip: Interpreter, block: list[ir.Node], frame: Frame) -> bool:
    """Run statements in order; True when the end of the block cannot be reached."""
    for node in block:
        frame.line = node[1]
        if _HANDLERS[node[0]](ip, node, frame):
            return True
    return False


def assign(ip: Interpreter, target: ir.Node, value: Value, frame: Frame) -> None:
    """``target = value``."""
    kind = target[0]
    if kind == ir.NAME:
        frame.locals[target[2]] = value
    elif kind == ir.ATTR:
        owner = evaluate(ip, target[2], frame)
        frame.line = target[1]
        owner.store(ip, target[3], value, frame)
    elif kind == ir.SEQ:
        items, exact = value.elements(ip, frame)
        parts = target[3]
        if exact and len(items) == len(parts) and all(p[0] != ir.STAR for p in parts):
            for part, item in zip(parts, items, strict=True):
                assign(ip, part, item, frame)
        else:
            each = join(items)
            for part in parts:
                inner = part[2] if part[0] == ir.STAR else part
                one = Sequence([each], "list", True) if part[0] == ir.STAR else each
                assign(ip, inner, one, frame)
    elif kind == ir.ITEM:
        container = evaluate(ip, target[2], frame)
        key_node = target[3]
        key = evaluate(ip, key_node, frame)
        frame.line = target[1]
        for option in container.options():
            if isinstance(option, Mapping):
                put(option, key, value)
            elif isinstance(option, Sequence):
                if value is not UNKNOWN:
                    option.items.append(value)
                option.open = True
            else:
                ip.call_method(option, "__setitem__", Args([key, value]), frame)
    elif kind == ir.STAR:
        assign(ip, target[2], value, frame)


def _expression(ip: Interpreter, node: ir.Node, frame: Frame) -> bool:
    value = evaluate(ip, node[2], frame)
    return isinstance(value, External) and value.name == "typing.NoReturn"


def _assign(ip: Interpreter, node: ir.Node, frame: Frame) -> bool:
    value = evaluate(ip, node[3], frame)
    for target in node[2]:
        assign(ip, target, value, frame)
        if frame.owner is not None and frame.callee is None and target[0] == ir.NAME:
            frame.owner.extra.setdefault("lines", {})[target[2]] = node[1]
        if target[0] == ir.NAME and frame.callee is None and isinstance(value, Object):
            prefix = f"{frame.owner.qualname}." if frame.owner is not None else ""
            value.attrs.setdefault("defined as", Const(f"{frame.module.name}.{prefix}{target[2]}"))
    return False


def _annotated(ip: Interpreter, node: ir.Node, frame: Frame) -> bool:
    target, annotation, value_node = node[2], node[3], node[4]
    if target[0] == ir.NAME and frame.owner is not None and frame.callee is None:
        frame.owner.annotations[target[2]] = (annotation, frame)
    if value_node is not None:
        value = evaluate(ip, value_node, frame)
        if value is UNKNOWN:
            value = ip.annotated(annotation, frame)
        assign(ip, target, value, frame)
    elif frame.callee is not None:
        assign(ip, target, ip.annotated(annotation, frame), frame)
    return False


def _augment(ip: Interpreter, node: ir.Node, frame: Frame) -> bool:
    target, operator = node[2], node[3]
    right = evaluate(ip, node[4], frame)
    left = evaluate(ip, target, frame)
    frame.line = node[1]
    if isinstance(left, Sequence) and operator == "+":
        if type(left) is not Sequence:  # a framework's collection
            left.get(ip, "extend", frame).call(ip, Args([right]), frame)
            return False
        items, exact = right.elements(ip, frame)  # in place, as Python does
        left.extend(items, exact)
        return False
    if isinstance(left, Mapping) and operator == "|" and isinstance(right, Mapping):
        left.items.update(right.items)
        return False
    result = left.operate(ip, operator, right, frame) if left is not UNKNOWN else UNKNOWN
    if result is UNKNOWN and isinstance(right, Sequence):
        result = Sequence(list(right.items), right.kind, True)
    assign(ip, target, result, frame)
    return False


def _return(ip: Interpreter, node: ir.Node, frame: Frame) -> bool:
    if node[2] is not None:
        value = evaluate(ip, node[2], frame)
        if not ip.booting:
            value.escaped(ip, frame)
        frame.results.append(value)
    return True


def branches(ip: Interpreter, frame: Frame, blocks: list[list[ir.Node]]) -> bool:
    """Run alternative blocks from the same state and join what they leave."""
    before = frame.locals
    after: list[dict[str, Value]] = []
    for block in blocks:
        _swap(frame, dict(before))
        if not execute(ip, block, frame):
            after.append(frame.locals)
        elif frame.callee is None:
            after.append(frame.locals)  # a module or class body: names bound before a raise still count
    _swap(frame, before)
    if not after:
        return True
    _merge(before, after)
    return False


def _swap(frame: Frame, names: dict[str, Value]) -> None:
    if frame.locals is frame.module.env:
        frame.module.env = names
    if frame.owner is not None and frame.callee is None:
        frame.owner.namespace = names
    frame.locals = names


def _merge(target: dict[str, Value], outcomes: list[dict[str, Value]]) -> None:
    if len(outcomes) == 1:
        if outcomes[0] is not target:
            target.clear()
            target.update(outcomes[0])
        return
    merged: dict[str, Value] = {}
    for outcome in outcomes:
        for name, value in outcome.items():
            known = merged.get(name)
            merged[name] = value if known is None or known is value else join([known, value])
    target.clear()
    target.update(merged)


def _if(ip: Interpreter, node: ir.Node, frame: Frame) -> bool:
    while True:
        test = evaluate(ip, node[2], frame)
        if isinstance(test, External) and test.name == "typing.TYPE_CHECKING":
            _for_types_only(ip, node[3], frame)
            return execute(ip, node[4], frame)
        truth = test.tested(ip, frame)
        if truth is True:
            return execute(ip, node[3], frame)
        if truth is None:
            return branches(ip, frame, [node[3], node[4]])
        rest = node[4]
        if len(rest) == 1 and rest[0][0] == ir.IF:
            node = rest[0]
            continue
        return execute(ip, rest, frame)


def _for_types_only(ip: Interpreter, block: list[ir.Node], frame: Frame) -> None:
    """Imports that only annotations need: the names are bound, the modules are not run because of them."""
    for node in block:
        if node[0] != ir.FROM:
            continue
        module = absolute(node[2], node[3], frame)
        for name, alias in node[4]:
            if module in ip.program and name != "*" and f"{module}.{name}" not in ip.program:
                frame.locals.setdefault(alias or name, Deferred(module, name))
            elif module not in ip.program and module.partition(".")[0] not in ip.program.tops:
                frame.locals.setdefault(alias or name, ip.external(f"{module}.{name}"))


def _for(ip: Interpreter, node: ir.Node, frame: Frame) -> bool:
    source = evaluate(ip, node[3], frame)
    frame.line = node[1]
    items, exact = iterate(ip, source, frame)
    if exact:
        for item in items:
            assign(ip, node[2], item, frame)
            execute(ip, node[4], frame)
    else:
        for item in items:
            assign(ip, node[2], item, frame)
            branches(ip, frame, [node[4], []])
    if node[5]:
        execute(ip, node[5], frame)
    return False


def _while(ip: Interpreter, node: ir.Node, frame: Frame) -> bool:
    truth = evaluate(ip, node[2], frame).tested(ip, frame)
    for _ in range(MOST_TURNS):
        if truth is not True or not ip.booting:
            break
        ip.spend(1)
        if execute(ip, node[3], frame):
            truth = False
            break
        truth = evaluate(ip, node[2], frame).tested(ip, frame)
    if truth is not False:
        branches(ip, frame, [node[3], []])
    execute(ip, node[4], frame)
    return False


def _with(ip: Interpreter, node: ir.Node, frame: Frame) -> bool:
    region = frame.region
    ended = _entered(ip, node, frame, 0)
    frame.region = region
    return ended


def _entered(ip: Interpreter, node: ir.Node, frame: Frame, index: int) -> bool:
    """Enter the managers from ``index`` on, and run the body."""
    if index == len(node[2]):
        return execute(ip, node[3], frame)
    source, target = node[2][index]
    context = evaluate(ip, source, frame)
    frame.line = node[1]
    if ip.booting and isinstance(context, GeneratorContext):
        # What the generator sets before its yield holds in the body, and no longer.
        ended: list[bool] = []

        def inside(value: Value) -> None:
            if target is not None:
                assign(ip, target, value, frame)
            ended.append(_entered(ip, node, frame, index + 1))

        context.around(ip, inside, frame)
        if ended:
            return all(ended)
    value = context.enter(ip, frame)
    opened = getattr(value, "region", None) or getattr(context, "region", None)
    if opened is not None:
        frame.region = (*frame.region, (*opened, frame.module.name, frame.function, node[1], node[4]))
    if target is not None:
        assign(ip, target, value, frame)
    return _entered(ip, node, frame, index + 1)


def _try(ip: Interpreter, node: ir.Node, frame: Frame) -> bool:
    start = dict(frame.locals)
    ended = execute(ip, node[2], frame) or (bool(node[4]) and execute(ip, node[4], frame))
    normal = frame.locals
    outcomes = [] if ended else [dict(normal)]
    for kind, name, block in node[3]:
        names = dict(start)
        for key, value in normal.items():
            if key in names and names[key] is not value:
                names[key] = join([names[key], value])
            elif frame.callee is None:
                names.setdefault(key, value)
        _swap(frame, names)
        if kind is not None:
            evaluate(ip, kind, frame)
        if name:
            frame.locals[name] = UNKNOWN
        if not execute(ip, block, frame):
            outcomes.append(frame.locals)
    _swap(frame, normal)
    if outcomes:
        # The body's own bindings win where a handler only repeats the import under another name.
        _merge(normal, outcomes)
    final = execute(ip, node[5], frame) if node[5] else False
    return final or not outcomes


def _delete(ip: Interpreter, node: ir.Node, frame: Frame) -> bool:
    for target in node[2]:
        if target[0] == ir.NAME:
            frame.locals.pop(target[2], None)
        elif target[0] == ir.ITEM:
            container = evaluate(ip, target[2], frame)
            if isinstance(container, Sequence) and type(container) is not Sequence:
                container.get(ip, "pop", frame).call(ip, Args(), frame)  # a framework's collection
    return False


def _raise(ip: Interpreter, node: ir.Node, frame: Frame) -> bool:
    if node[2] is not None:
        evaluate(ip, node[2], frame)
    return True


def _jump(ip: Interpreter, node: ir.Node, frame: Frame) -> bool:
    return True


_HANDLERS: dict[int, Callable[[Interpreter, Any, Frame], bool]] = {
    ir.EXPR: _expression,
    ir.ASSIGN: _assign,
    ir.ANNOTATED: _annotated,
    ir.AUGMENT: _augment,
    ir.RETURN: _return,
    ir.IF: _if,
    ir.FOR: _for,
    ir.WHILE: _while,
    ir.WITH: _with,
    ir.TRY: _try,
    ir.DEF: define_function,
    ir.CLASS: define_class,
    ir.IMPORT: bind_import,
    ir.FROM: bind_names,
    ir.DELETE: _delete,
    ir.RAISE: _raise,
    ir.JUMP: _jump,
}
