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
from strangler.analyzers.python.log import Region
from strangler.analyzers.python.values import (
    UNKNOWN,
    Args,
    Class,
    Const,
    Deferred,
    External,
    Function,
    GeneratorContext,
    Mapping,
    Object,
    Sequence,
    Value,
    join,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter

MOST_TURNS = 50
"""Turns of a ``while`` loop whose condition is known."""


def execute(interp: Interpreter, block: list[ir.Node], frame: Frame) -> bool:
    """Run statements in order; True when the end of the block cannot be reached."""
    for node in block:
        frame.line = node[1]
        if _HANDLERS[node[0]](interp, node, frame):
            return True
    return False


def assign(interp: Interpreter, target: ir.Node, value: Value, frame: Frame) -> None:
    """``target = value``."""
    kind = target[0]
    if kind == ir.NAME:
        frame.locals[target[2]] = value
        frame.imported.pop(target[2], None)
    elif kind == ir.ATTR:
        owner = evaluate(interp, target[2], frame)
        frame.line = target[1]
        owner.store(interp, target[3], value, frame)
    elif kind == ir.SEQ:
        items, exact = value.elements(interp, frame)
        parts = target[3]
        if exact and len(items) == len(parts) and all(p[0] != ir.STAR for p in parts):
            for part, item in zip(parts, items, strict=True):
                assign(interp, part, item, frame)
        else:
            each = join(items)
            for part in parts:
                inner = part[2] if part[0] == ir.STAR else part
                one = Sequence([each], "list", True) if part[0] == ir.STAR else each
                assign(interp, inner, one, frame)
    elif kind == ir.ITEM:
        container = evaluate(interp, target[2], frame)
        key_node = target[3]
        key = evaluate(interp, key_node, frame)
        frame.line = target[1]
        for option in container.options():
            if isinstance(option, Mapping):
                put(option, key, value)
            elif isinstance(option, Sequence):
                if value is not UNKNOWN:
                    option.items.append(value)
                option.open = True
            else:
                interp.call_method(option, "__setitem__", Args([key, value]), frame)
    elif kind == ir.STAR:
        assign(interp, target[2], value, frame)


def _expression(interp: Interpreter, node: ir.Node, frame: Frame) -> bool:
    value = evaluate(interp, node[2], frame)
    return isinstance(value, External) and value.name == "typing.NoReturn"


def _assign(interp: Interpreter, node: ir.Node, frame: Frame) -> bool:
    value = evaluate(interp, node[3], frame)
    for target in node[2]:
        assign(interp, target, value, frame)
        if frame.owner is not None and frame.callee is None and target[0] == ir.NAME:
            frame.owner.extra.setdefault("lines", {})[target[2]] = node[1]
        if target[0] == ir.NAME and frame.callee is None and isinstance(value, Object):
            prefix = f"{frame.owner.qualname}." if frame.owner is not None else ""
            value.attrs.setdefault("defined as", Const(f"{frame.module.name}.{prefix}{target[2]}"))
    return False


def _annotated(interp: Interpreter, node: ir.Node, frame: Frame) -> bool:
    target, annotation, value_node = node[2], node[3], node[4]
    if target[0] == ir.NAME and frame.owner is not None and frame.callee is None:
        frame.owner.annotations[target[2]] = (annotation, frame)
    if value_node is not None:
        value = evaluate(interp, value_node, frame)
        if value is UNKNOWN:
            value = interp.annotated(annotation, frame)
        assign(interp, target, value, frame)
    elif frame.callee is not None:
        assign(interp, target, interp.annotated(annotation, frame), frame)
    return False


def _augment(interp: Interpreter, node: ir.Node, frame: Frame) -> bool:
    target, operator = node[2], node[3]
    right = evaluate(interp, node[4], frame)
    left = evaluate(interp, target, frame)
    frame.line = node[1]
    if isinstance(left, Sequence) and operator == "+":
        if type(left) is not Sequence:  # a framework's collection
            left.get(interp, "extend", frame).call(interp, Args([right]), frame)
            return False
        items, exact = right.elements(interp, frame)  # in place, as Python does
        left.extend(items, exact)
        return False
    if isinstance(left, Mapping) and operator == "|" and isinstance(right, Mapping):
        left.items.update(right.items)
        return False
    result = left.operate(interp, operator, right, frame) if left is not UNKNOWN else UNKNOWN
    if result is UNKNOWN and isinstance(right, Sequence):
        result = Sequence(list(right.items), right.kind, True)
    assign(interp, target, result, frame)
    return False


def _return(interp: Interpreter, node: ir.Node, frame: Frame) -> bool:
    if node[2] is not None:
        value = evaluate(interp, node[2], frame)
        if not interp.booting:
            value.escaped(interp, frame)
        frame.results.append(value)
    return True


def branches(interp: Interpreter, frame: Frame, blocks: list[list[ir.Node]]) -> bool:
    """Run alternative blocks from the same state and join what they leave."""
    before = frame.locals
    reading = frame.callee is not None and not interp.booting
    filled = [
        (value, len(value.items))
        for value in (before.values() if reading else ())
        if isinstance(value, (Sequence, Mapping)) and not value.open
    ]
    after: list[dict[str, Value]] = []
    for block in blocks:
        _swap(frame, dict(before))
        if not execute(interp, block, frame):
            after.append(frame.locals)
        elif frame.callee is None:
            after.append(frame.locals)  # a module or class body: names bound before a raise still count
    _swap(frame, before)
    for container, size in filled:
        if len(container.items) != size:  # what one way has put in, or taken out, is only a sample
            container.open = True
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


def _if(interp: Interpreter, node: ir.Node, frame: Frame) -> bool:
    while True:
        test = evaluate(interp, node[2], frame)
        if isinstance(test, External) and test.name == "typing.TYPE_CHECKING":
            _for_types_only(interp, node[3], frame)
            return execute(interp, node[4], frame)
        truth = test.tested(interp, frame)
        if truth is True:
            return execute(interp, node[3], frame)
        if truth is None:
            return branches(interp, frame, [node[3], node[4]])
        rest = node[4]
        if len(rest) == 1 and rest[0][0] == ir.IF:
            node = rest[0]
            continue
        return execute(interp, rest, frame)


def _for_types_only(interp: Interpreter, block: list[ir.Node], frame: Frame) -> None:
    """Imports that only annotations need: the names are bound, the modules are not run because of them."""
    for node in block:
        if node[0] != ir.FROM:
            continue
        module = absolute(node[2], node[3], frame)
        for name, alias in node[4]:
            if name != "*":
                frame.imported.setdefault(alias or name, f"{module}.{name}")
            if module in interp.program and name != "*" and f"{module}.{name}" not in interp.program:
                frame.locals.setdefault(alias or name, Deferred(module, name))
            elif module not in interp.program and module.partition(".")[0] not in interp.program.tops:
                frame.locals.setdefault(alias or name, interp.external(f"{module}.{name}"))


def _for(interp: Interpreter, node: ir.Node, frame: Frame) -> bool:
    source = evaluate(interp, node[3], frame)
    frame.line = node[1]
    items, exact = iterate(interp, source, frame)
    if exact:
        for item in items:
            assign(interp, node[2], item, frame)
            execute(interp, node[4], frame)
    else:
        for item in items:
            assign(interp, node[2], item, frame)
            branches(interp, frame, [node[4], []])
    if node[5]:
        execute(interp, node[5], frame)
    return False


def _while(interp: Interpreter, node: ir.Node, frame: Frame) -> bool:
    truth = evaluate(interp, node[2], frame).tested(interp, frame)
    for _ in range(MOST_TURNS):
        if truth is not True or not interp.booting:
            break
        interp.spend(1)
        if execute(interp, node[3], frame):
            truth = False
            break
        truth = evaluate(interp, node[2], frame).tested(interp, frame)
    if truth is not False:
        branches(interp, frame, [node[3], []])
    execute(interp, node[4], frame)
    return False


def _with(interp: Interpreter, node: ir.Node, frame: Frame) -> bool:
    region = frame.region
    ended = _entered(interp, node, frame, 0)
    frame.region = region
    return ended


def _entered(interp: Interpreter, node: ir.Node, frame: Frame, index: int) -> bool:
    """Enter the managers from ``index`` on, and run the body."""
    if index == len(node[2]):
        return execute(interp, node[3], frame)
    source, target = node[2][index]
    context = evaluate(interp, source, frame)
    frame.line = node[1]
    if interp.booting and isinstance(context, GeneratorContext):
        # What the generator sets before its yield holds in the body, and no longer.
        ended: list[bool] = []

        def inside(value: Value) -> None:
            if target is not None:
                assign(interp, target, value, frame)
            ended.append(_entered(interp, node, frame, index + 1))

        context.around(interp, inside, frame)
        if ended:
            return all(ended)
    value = context.enter(interp, frame)
    if value.opens_transaction or _opens(context):
        frame.region = (*frame.region, Region(frame.module.name, frame.function, node[1], node[4]))
    if target is not None:
        assign(interp, target, value, frame)
    return _entered(interp, node, frame, index + 1)


def _opens(context: Value) -> bool:
    """Whether entering a value may open a transaction, also in an ``__enter__`` of the monolith's own."""
    for option in context.options():
        if option.opens_transaction:
            return True
        if isinstance(option, Object) and isinstance(option.cls, Class):
            for name in ("__enter__", "__aenter__"):
                found = option.cls.find(name)
                if found is not None and isinstance(found[0], Function) and found[0].leaves_open:
                    return True
    return False


def _try(interp: Interpreter, node: ir.Node, frame: Frame) -> bool:
    start = dict(frame.locals)
    ended = execute(interp, node[2], frame) or (bool(node[4]) and execute(interp, node[4], frame))
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
            evaluate(interp, kind, frame)
        if name:
            frame.locals[name] = UNKNOWN
        if not execute(interp, block, frame):
            outcomes.append(frame.locals)
    _swap(frame, normal)
    if outcomes:
        # The body's own bindings win where a handler only repeats the import under another name.
        _merge(normal, outcomes)
    final = execute(interp, node[5], frame) if node[5] else False
    return final or not outcomes


def _delete(interp: Interpreter, node: ir.Node, frame: Frame) -> bool:
    for target in node[2]:
        if target[0] == ir.NAME:
            frame.locals.pop(target[2], None)
        elif target[0] == ir.ITEM:
            container = evaluate(interp, target[2], frame)
            if isinstance(container, Sequence) and type(container) is not Sequence:
                container.get(interp, "pop", frame).call(interp, Args(), frame)  # a framework's collection
    return False


def _raise(interp: Interpreter, node: ir.Node, frame: Frame) -> bool:
    if node[2] is not None:
        evaluate(interp, node[2], frame)
    return True


def _jump(interp: Interpreter, node: ir.Node, frame: Frame) -> bool:
    return True


def _no_statement(interp: Interpreter, node: ir.Node, frame: Frame) -> bool:
    return False


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
    ir.GLOBAL: _no_statement,
}
