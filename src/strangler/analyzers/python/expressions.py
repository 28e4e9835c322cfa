"""What each kind of expression evaluates to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from strangler.analyzers.python import ir
from strangler.analyzers.python.comparisons import compare
from strangler.analyzers.python.sites import is_named
from strangler.analyzers.python.text import build, guessed, parts_of
from strangler.analyzers.python.values import (
    FALSE,
    NONE,
    TRUE,
    UNKNOWN,
    Args,
    Bytes,
    Class,
    Const,
    Function,
    Mapping,
    Method,
    Sequence,
    Slice,
    Value,
    join,
    mapping_key,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter

MOST_ITERATIONS = 3000
"""Elements of a known list that a loop or comprehension goes through one by one."""


def evaluate(interp: Interpreter, node: ir.Node, frame: Frame) -> Value:
    """The value of an expression."""
    return _HANDLERS[node[0]](interp, node, frame)


def _name(interp: Interpreter, node: ir.Node, frame: Frame) -> Value:
    value = frame.locals.get(node[2])
    if value is not None and type(value).__name__ != "Deferred":
        return value
    return interp.lookup(node[2], frame)


def _attr(interp: Interpreter, node: ir.Node, frame: Frame) -> Value:
    value = evaluate(interp, node[2], frame)
    if value is UNKNOWN:
        return UNKNOWN
    frame.line = node[1]
    if node[3] in ("__enter__", "__aenter__") and value.opens_transaction:
        return Method(value, node[3])
    return value.get(interp, node[3], frame)


def arguments(interp: Interpreter, node: ir.Node, frame: Frame) -> Args:
    """The evaluated arguments of a call."""
    positional: list[Value] = []
    keywords: dict[str, Value] = {}
    open_ended = False
    for arg in node[3]:
        if arg[0] == ir.STAR:
            items, exact = evaluate(interp, arg[2], frame).elements(interp, frame)
            if exact:
                positional += items
            else:
                open_ended = True
        else:
            positional.append(evaluate(interp, arg, frame))
    for name, arg in node[4]:
        value = evaluate(interp, arg, frame)
        if name is not None:
            keywords[name] = value
            continue
        for option in value.options():
            if isinstance(option, Mapping):
                keywords.update({k: v for k, v in option.items.items() if isinstance(k, str)})
                open_ended = open_ended or option.open
            else:
                open_ended = True
    return Args(positional, keywords, open_ended)


def _call(interp: Interpreter, node: ir.Node, frame: Frame) -> Value:
    function = evaluate(interp, node[2], frame)
    args = arguments(interp, node, frame)
    frame.line = node[1]
    if function is UNKNOWN:
        guess = interp.knowledge.guesses.get(node[2][3]) if node[2][0] == ir.ATTR else None
        return guess(interp, args, frame) or UNKNOWN if guess is not None else UNKNOWN
    interp.log.use(function, "call", frame)
    if is_named(node[2], frame):
        interp.log.sites.add(function, frame, "name")
    elif isinstance(function, Class):
        interp.log.sites.add(function, frame, "value")
    return function.call(interp, args, frame)


def _const(interp: Interpreter, node: ir.Node, frame: Frame) -> Value:
    value = node[2]
    if value is None:
        return NONE
    if value is True:
        return TRUE
    if value is False:
        return FALSE
    return Bytes(value) if len(node) > 3 else Const(value)


def _sequence(interp: Interpreter, node: ir.Node, frame: Frame) -> Value:
    items: list[Value] = []
    open_ended = False
    for item in node[3]:
        if item[0] == ir.STAR:
            more, exact = evaluate(interp, item[2], frame).elements(interp, frame)
            items += more
            open_ended = open_ended or not exact
        else:
            items.append(evaluate(interp, item, frame))
    return Sequence(items, node[2], open_ended)


def _dict(interp: Interpreter, node: ir.Node, frame: Frame) -> Value:
    result = Mapping()
    for key_node, value_node in node[2]:
        value = evaluate(interp, value_node, frame)
        if key_node is None:
            if isinstance(value, Mapping):
                result.items.update(value.items)
                result.others += value.others
                result.open = result.open or value.open
            else:
                result.open = True
            continue
        put(result, evaluate(interp, key_node, frame), value)
    return result


def put(mapping: Mapping, key: Value, value: Value) -> None:
    """``mapping[key] = value``."""
    known = mapping_key(key)
    if known is not UNKNOWN:
        mapping.items[known] = value
    else:
        mapping.others.append(value)
        mapping.open = True


def _item(interp: Interpreter, node: ir.Node, frame: Frame) -> Value:
    value = evaluate(interp, node[2], frame)
    key_node = node[3]
    key: Value
    if key_node[0] == ir.GROUP and key_node[1] == -1:
        key = Slice(slice(*(None if end is None else end for end in key_node[2])))
    else:
        key = evaluate(interp, key_node, frame)
    frame.line = node[1]
    result = value.item(interp, key, frame)
    if result is UNKNOWN and not interp.booting and (value is UNKNOWN or getattr(value, "open", False)):
        text = key.value if isinstance(key, Const) else None
        for convention in interp.knowledge.keys if isinstance(text, str) else ():
            result = convention(interp, str(text), frame) or result
    return result


def _binop(interp: Interpreter, node: ir.Node, frame: Frame) -> Value:
    left = evaluate(interp, node[3], frame)
    right = evaluate(interp, node[4], frame)
    frame.line = node[1]
    if left is UNKNOWN:
        return (
            right.operate(interp, "r" + node[2], left, frame)
            if not isinstance(right, Sequence)
            else (Sequence(right.items, right.kind, True) if node[2] == "+" else UNKNOWN)
        )
    result = left.operate(interp, node[2], right, frame)
    if result is UNKNOWN and node[2] == "+":  # what is added to a string is one
        return right.operate(interp, "r+", left, frame)
    return result


def _fstring(interp: Interpreter, node: ir.Node, frame: Frame) -> Value:
    parts: list[str | None] = []
    values = [evaluate(interp, part, frame) for part in node[2] if part is not None]
    for value in values:
        parts += parts_of(value)
    return guessed(build(parts), *values)


def iterate(interp: Interpreter, value: Value, frame: Frame) -> tuple[list[Value], bool]:
    """The elements to run a loop body with, and whether these are exactly all of them."""
    items, exact = value.elements(interp, frame)
    if exact and len(items) <= (MOST_ITERATIONS if interp.booting else MOST_ITERATIONS // 100):
        interp.spend(len(items))
        return items, True
    if interp.booting and 1 < len(items) <= MOST_ITERATIONS:
        interp.spend(len(items))
        return items, False
    interp.spend(1)
    return [join(items if exact else [*items, UNKNOWN])], False


def _comprehension(interp: Interpreter, node: ir.Node, frame: Frame) -> Value:
    kind, result, generators = node[2], node[3], node[4]
    from strangler.analyzers.python.frames import Frame as NewFrame

    inner = NewFrame(frame.module, frame.function, {}, frame, frame.depth, frame.owner, frame.callee)
    inner.region = frame.region
    inner.line = frame.line
    found: list[tuple[Value, Value]] = []
    exact = _generate(interp, generators, 0, result, inner, found)
    frame.line = node[1]
    if kind == "dict":
        mapping = Mapping(open=not exact)
        for key, value in found:
            put(mapping, key, value)
        return mapping
    return Sequence([value for _, value in found], kind, not exact)


def _generate(
    interp: Interpreter,
    generators: list[Any],
    depth: int,
    result: list[Any],
    frame: Frame,
    found: list[tuple[Value, Value]],
) -> bool:
    if depth == len(generators):
        values = [evaluate(interp, part, frame) for part in result]
        found.append((values[0], values[-1]))
        return True
    from strangler.analyzers.python.statements import assign

    target, source, conditions = generators[depth]
    items, exact = iterate(interp, evaluate(interp, source, frame), frame)
    for item in items:
        assign(interp, target, item, frame)
        keep: bool | None = True
        for condition in conditions:
            truth = evaluate(interp, condition, frame).tested(interp, frame)
            if truth is False:
                keep = False
                break
            if truth is None:
                keep = None
        if keep is False:
            continue
        exact = _generate(interp, generators, depth + 1, result, frame, found) and exact and keep is True
    return exact


def _conditional(interp: Interpreter, node: ir.Node, frame: Frame) -> Value:
    truth = evaluate(interp, node[2], frame).tested(interp, frame)
    if truth is True:
        return evaluate(interp, node[3], frame)
    if truth is False:
        return evaluate(interp, node[4], frame)
    return join([evaluate(interp, node[3], frame), evaluate(interp, node[4], frame)])


def _boolean(interp: Interpreter, node: ir.Node, frame: Frame) -> Value:
    is_and = node[2] == "and"
    options: list[Value] = []
    undecided = False
    for operand in node[3]:
        value = evaluate(interp, operand, frame)
        last_one = operand is node[3][-1]
        truth = value.truth() if last_one else value.tested(interp, frame)
        if truth is None:
            undecided = True
            options.append(value)
            continue
        if truth is not is_and:  # decides the whole expression
            return _undecided([*options, value]) if undecided else value
        last = value
        if last_one:
            options.append(last)
    return _undecided(options) if undecided else join(options)


def _undecided(options: list[Value]) -> Value:
    """One of the operands; where one of them is not known, ``True`` of another decides nothing."""
    value = join(options)
    if isinstance(value, Const) and isinstance(value.value, bool) and UNKNOWN in options:
        return UNKNOWN
    return value


def _compare(interp: Interpreter, node: ir.Node, frame: Frame) -> Value:
    left = evaluate(interp, node[2], frame)
    rights = [evaluate(interp, right, frame) for right in node[4]]
    frame.line = node[1]
    return compare(interp, left, node[3][0], rights[0], frame) if len(rights) == 1 else UNKNOWN


def _lambda(interp: Interpreter, node: ir.Node, frame: Frame) -> Value:
    name = f"<lambda>:{node[1]}"
    return Function(
        frame.module, interp.qualify("<lambda>", frame), name, node[2], node[3], None, frame, node[1], node[1]
    )


def _await(interp: Interpreter, node: ir.Node, frame: Frame) -> Value:
    value = evaluate(interp, node[2], frame)
    frame.line = node[1]
    return value.awaited(interp, frame)


def _not(interp: Interpreter, node: ir.Node, frame: Frame) -> Value:
    truth = evaluate(interp, node[2], frame).tested(interp, frame)
    return UNKNOWN if truth is None else (FALSE if truth else TRUE)


def _group(interp: Interpreter, node: ir.Node, frame: Frame) -> Value:
    if node[1] == -1:
        return UNKNOWN
    for child in node[2]:
        if child is not None:
            evaluate(interp, child, frame)
    return UNKNOWN


def _star(interp: Interpreter, node: ir.Node, frame: Frame) -> Value:
    return evaluate(interp, node[2], frame)


def _walrus(interp: Interpreter, node: ir.Node, frame: Frame) -> Value:
    from strangler.analyzers.python.statements import assign

    value = evaluate(interp, node[3], frame)
    assign(interp, node[2], value, frame)
    return value


def _yield(interp: Interpreter, node: ir.Node, frame: Frame) -> Value:
    value = evaluate(interp, node[2], frame) if node[2] is not None else NONE
    if not interp.booting:
        value.escaped(interp, frame)
    if frame.region and frame.callee is not None:
        frame.callee.leaves_open = True
    if node[3]:
        items, _ = value.elements(interp, frame)
        frame.yields += items
    else:
        frame.yields.append(value)
        if frame.around is not None:
            frame.around(value)
    return UNKNOWN


_HANDLERS: dict[int, Callable[[Interpreter, ir.Node, Frame], Value]] = {
    ir.NAME: _name,
    ir.ATTR: _attr,
    ir.CALL: _call,
    ir.CONST: _const,
    ir.SEQ: _sequence,
    ir.DICT: _dict,
    ir.ITEM: _item,
    ir.BINOP: _binop,
    ir.FSTR: _fstring,
    ir.COMP: _comprehension,
    ir.IFEXP: _conditional,
    ir.BOOLOP: _boolean,
    ir.COMPARE: _compare,
    ir.LAMBDA: _lambda,
    ir.AWAIT: _await,
    ir.STAR: _star,
    ir.NOT: _not,
    ir.GROUP: _group,
    ir.WALRUS: _walrus,
    ir.YIELD: _yield,
}
