"""What each kind of expression evaluates to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from strangler.analyzers.python import syntax
from strangler.analyzers.python.comparisons import compare
from strangler.analyzers.python.comprehensions import comprehension
from strangler.analyzers.python.conditions import either_way
from strangler.analyzers.python.iteration import elements
from strangler.analyzers.python.narrowing import within
from strangler.analyzers.python.sites import is_named
from strangler.analyzers.python.text import build, each_spelling, guessed, parts_of
from strangler.analyzers.python.values import (
    FALSE,
    NONE,
    TRUE,
    UNKNOWN,
    Args,
    Bound,
    Bytes,
    Class,
    Const,
    Deferred,
    External,
    Function,
    Guess,
    Mapping,
    Method,
    Object,
    Sequence,
    Slice,
    Union,
    Value,
    distinct,
    doubted,
    join,
    put,
    truth_by_default,
    unset,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.conditions import Undecided
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter


def evaluate(interp: Interpreter, node: syntax.Expr, frame: Frame) -> Value:
    """The value of an expression."""
    return _HANDLERS[type(node)](interp, node, frame)


def _name(interp: Interpreter, node: syntax.Name, frame: Frame) -> Value:
    value = frame.locals.get(node.id)
    if value is not None and type(value) is not Deferred:
        return value
    return interp.lookup(node.id, frame)


def _attr(interp: Interpreter, node: syntax.Attribute, frame: Frame) -> Value:
    inner, name = node.value, node.attr
    value = _HANDLERS[type(inner)](interp, inner, frame)
    if value is UNKNOWN:
        return UNKNOWN
    frame.line = node.line
    if name in ("__enter__", "__aenter__") and value.opens_transaction:
        return Method(value, name)
    return value.get(interp, name, frame)


def arguments(interp: Interpreter, node: syntax.Call, frame: Frame) -> Args:
    """The evaluated arguments of a call."""
    positional: list[Value] = []
    keywords: dict[str, Value] = {}
    open_ended = False
    samples: list[Value] = []
    for arg in node.args:
        if type(arg) is syntax.Starred:
            items, exact = elements(interp, evaluate(interp, arg.value, frame), frame)
            if exact:
                positional += items
            else:
                open_ended = True
                samples += items
        else:
            positional.append(_HANDLERS[type(arg)](interp, arg, frame))
    for name, arg in node.keywords:
        value = _HANDLERS[type(arg)](interp, arg, frame)
        if name is not None:
            keywords[name] = value
            continue
        for option in value.options():
            if isinstance(option, Mapping):
                keywords.update({k: v for k, v in option.items.items() if isinstance(k, str)})
                open_ended = open_ended or option.open
            else:
                open_ended = True
    args = Args(positional, keywords, open_ended)
    args.samples = samples
    return args


def _call(interp: Interpreter, node: syntax.Call, frame: Frame) -> Value:
    called = node.func
    function = _HANDLERS[type(called)](interp, called, frame)
    args = arguments(interp, node, frame)
    frame.line = node.line
    log = interp.log
    log.execute(frame)
    if function is UNKNOWN:
        named = called.attr if type(called) is syntax.Attribute else None
        return interp.knowledge.guess(interp, named, args, frame) or UNKNOWN
    by_name: bool | None = None
    for option in function.options():
        definition = option.definition()
        if definition is None:
            continue
        if by_name is None:
            by_name = is_named(called, frame)
        # To call back the lambda that one is given is not to use the module that wrote it.
        if by_name or not (isinstance(option, Function) and option.is_lambda):
            log.used(definition, "call", frame, option.receiver if isinstance(option, Bound) else None)
        if by_name or isinstance(option, Class):
            log.sites.add(option, frame, "name" if by_name else "value")
    return function.call(interp, args, frame)


def _const(interp: Interpreter, node: syntax.Constant, frame: Frame) -> Value:
    value = node.value
    if value is None:
        return NONE
    if value is True:
        return TRUE
    if value is False:
        return FALSE
    if value == syntax.TOO_LARGE:
        return UNKNOWN
    return Bytes(value) if node.is_bytes else Const(value)


def _sequence(interp: Interpreter, node: syntax.Display, frame: Frame) -> Value:
    items: list[Value] = []
    open_ended = False
    spread: list[tuple[Value, int]] = []
    for item in node.elements:
        if isinstance(item, syntax.Starred):
            source = evaluate(interp, item.value, frame)
            spread.append((source, len(items)))
            more, exact = elements(interp, source, frame)
            room = interp.budget.room(frame, len(items), len(more))
            if not more and not exact:
                interp.log.spreads(interp, frame)
            items += more[:room]
            open_ended = open_ended or not exact or room < len(more)
        else:
            items.append(evaluate(interp, item, frame))
    if node.kind == "set":
        items, exact = distinct(items)
        open_ended = open_ended or not exact
    made = Sequence(items, node.kind, open_ended)
    for source, before in spread:
        interp.log.additions.carry(source, made, before)
    return made


def _dict(interp: Interpreter, node: syntax.Dict, frame: Frame) -> Value:
    result = Mapping()
    for key_node, value_node in node.items:
        if key_node is None:
            result.update(interp, evaluate(interp, value_node, frame), frame)
            continue
        key = evaluate(interp, key_node, frame)
        put(result, key, evaluate(interp, value_node, frame))
    return result


def _item(interp: Interpreter, node: syntax.Subscript, frame: Frame) -> Value:
    value = evaluate(interp, node.value, frame)
    key = evaluate(interp, node.key, frame)
    frame.line = node.line
    result = value.item(interp, key, frame)
    if result is UNKNOWN and not interp.booting and (value is UNKNOWN or getattr(value, "open", False)):
        text = key.value if isinstance(key, Const) else None
        for convention in interp.knowledge.keys if isinstance(text, str) else ():
            result = convention(interp, str(text), frame) or result
    return result


def _binop(interp: Interpreter, node: syntax.BinaryOperation, frame: Frame) -> Value:
    left = evaluate(interp, node.left, frame)
    if node.operator in ("~", "neg"):
        return _of_one(left, node.operator)
    right = evaluate(interp, node.right, frame)
    frame.line = node.line
    if left is UNKNOWN:
        reads = not isinstance(right, Sequence) or node.operator == "+"
        return right.operate(interp, "r" + node.operator, left, frame) if reads else UNKNOWN
    result = left.operate(interp, node.operator, right, frame)
    if result is UNKNOWN and node.operator == "+":  # what is added to a string is one
        return right.operate(interp, "r+", left, frame)
    return result


def _of_one(value: Value, operator: str) -> Value:
    """``-x`` and ``~x``; of anything but a number ``~`` gives what is of its kind (``~Q(...)``)."""
    if isinstance(value, Union):
        found = [_of_one(option, operator) for option in value.values]
        return join([*found, UNKNOWN] if value.open else found)
    if isinstance(value, Object) and operator == "~" and isinstance(value.cls, External):
        return Object(value.cls, value.args, None)  # another one
    if not isinstance(value, Const):
        known = value.by_identity or isinstance(value, (External, Object))
        return value if operator == "~" and not known else UNKNOWN
    number = value.value
    if not isinstance(number, (int, float)) or (operator == "~" and not isinstance(number, int)):
        return UNKNOWN
    result = Const(-number if operator == "neg" else ~int(number))
    return doubted(result) if isinstance(value, Guess) else result


def _fstring(interp: Interpreter, node: syntax.JoinedText, frame: Frame) -> Value:
    values = [evaluate(interp, part, frame) for part in node.parts]
    return each_spelling(values, lambda one: _joined_text(interp, [one(value) for value in values], frame))


def _joined_text(interp: Interpreter, values: list[Value], frame: Frame) -> Value:
    parts: list[str | None] = []
    for value in values:
        parts += parts_of(value)
    return guessed(build(interp, parts, frame), *values)


def _conditional(interp: Interpreter, node: syntax.Conditional, frame: Frame) -> Value:
    test = evaluate(interp, node.test, frame)
    truth = test.tested(interp, frame)
    if truth is True:
        return evaluate(interp, node.body, frame)
    if truth is False:
        return evaluate(interp, node.orelse, frame)
    found: list[Value] = []
    outside = frame.under
    under = _either_way(interp, node.line, node.test, frame)
    for part, holds in ((node.body, True), (node.orelse, False)):
        frame.under = under[0 if holds else 1]
        with interp.changes.possible(), within(node.test, frame, holds):
            found.append(evaluate(interp, part, frame))
    frame.under = outside
    if truth_by_default(test) is False:
        found.reverse()
    return join(found)


def _either_way(
    interp: Interpreter, line: int, test: syntax.Expr, frame: Frame
) -> list[tuple[Undecided, ...]]:
    """Under what stand the two ways of an expression whose condition is not known."""
    if not interp.booting:
        return [frame.under] * 2
    return [(*frame.under, way) for way in either_way(frame.module.facts.path, line, test)]


def _boolean(interp: Interpreter, node: syntax.BooleanOperation, frame: Frame) -> Value:
    is_and = node.operator == "and"
    options: list[Value] = []
    undecided = False
    for before, operand in zip([None, *node.operands], node.operands, strict=False):
        if undecided:
            outside = frame.under
            if before is not None and type(operand) is syntax.Call:
                frame.under = _either_way(interp, node.line, before, frame)[0 if is_and else 1]
            with interp.changes.possible():
                value = evaluate(interp, operand, frame)
            frame.under = outside
        else:
            value = evaluate(interp, operand, frame)
        last_one = operand is node.operands[-1]
        truth = value.truth() if last_one else value.tested(interp, frame)
        if truth is None:
            undecided = True
            # What its default does not decide is not the result, unless it is something else.
            passed = not last_one and truth_by_default(value) is is_and
            options.append(UNKNOWN if passed else value if last_one else _deciding(value, is_and))
            continue
        if truth is not is_and:  # decides the whole expression
            return _undecided([*options, value]) if undecided else value
        last = value
        if last_one:
            options.append(last)
    return _undecided(options) if undecided else join(options)


def _deciding(value: Value, is_and: bool) -> Value:
    """Of an operand that is not the last one what may be the result: what decides the expression."""
    if type(value) is not Union:
        return value
    kept = [option for option in value.values if option.truth() is not is_and]
    return value if len(kept) == len(value.values) else join([*kept, UNKNOWN] if value.open else kept)


def _undecided(options: list[Value]) -> Value:
    """One of the operands; where one of them is not known, ``True`` of another decides nothing."""
    value = join(options)
    if isinstance(value, Const) and isinstance(value.value, bool) and UNKNOWN in options:
        return UNKNOWN
    return unset(None) if value is UNKNOWN and options[-1] is NONE else value


def _compare(interp: Interpreter, node: syntax.Comparison, frame: Frame) -> Value:
    left = evaluate(interp, node.left, frame)
    if len(node.rights) == 1:
        right = evaluate(interp, node.rights[0], frame)
        frame.line = node.line
        return compare(interp, left, node.operators[0], right, frame)
    result: Value = TRUE  # a chain is the conjunction of its parts
    for operator, operand in zip(node.operators, node.rights, strict=True):
        with interp.changes.possible() if result is UNKNOWN else nullcontext():
            right = evaluate(interp, operand, frame)
        frame.line = node.line
        truth = compare(interp, left, operator, right, frame).truth()
        if truth is False:
            return FALSE
        if truth is None:
            result = UNKNOWN
        left = right
    return result


def _lambda(interp: Interpreter, node: syntax.Lambda, frame: Frame) -> Value:
    line = node.line
    frame.captured = True
    function = Function(
        frame.module, interp.qualify("<lambda>", frame), f"<lambda>:{line}", node.params, node.body, None,
        frame, line, line,
    )  # fmt: skip
    if interp.booting and node.params:
        bind_defaults(interp, function, frame)
    return function


def bind_defaults(interp: Interpreter, function: Function, frame: Frame) -> None:
    """The defaults of parameters are evaluated where the function is defined."""
    function.bound_at_once = True
    for parameter in function.params:
        if parameter.default is not None and type(parameter.default) is not syntax.Constant:
            value = evaluate(interp, parameter.default, frame)
            if value is UNKNOWN:  # it may be there when the function is called
                function.bound_defaults.pop(parameter.name, None)
            else:
                function.bound_defaults[parameter.name] = value


def _await(interp: Interpreter, node: syntax.Await, frame: Frame) -> Value:
    value = evaluate(interp, node.value, frame)
    frame.line = node.line
    return value.awaited(interp, frame)


def _not(interp: Interpreter, node: syntax.Not, frame: Frame) -> Value:
    value = evaluate(interp, node.operand, frame)
    truth = value.tested(interp, frame)
    if truth is None:
        default = truth_by_default(value)
        return UNKNOWN if default is None else Guess(not default)
    return FALSE if truth else TRUE


def _group(interp: Interpreter, node: syntax.Group, frame: Frame) -> Value:
    for part in node.parts:
        evaluate(interp, part, frame)
    return Slice(None) if node.kind == "slice" else UNKNOWN


def _star(interp: Interpreter, node: syntax.Starred, frame: Frame) -> Value:
    return evaluate(interp, node.value, frame)


def _walrus(interp: Interpreter, node: syntax.Walrus, frame: Frame) -> Value:
    value = evaluate(interp, node.value, frame)
    while frame.within is not None:
        frame = frame.within
    interp.assign(node.target, value, frame)
    return value


def _yield(interp: Interpreter, node: syntax.Yield, frame: Frame) -> Value:
    value = evaluate(interp, node.value, frame) if node.value is not None else NONE
    if not interp.booting:
        value.escaped(interp, frame)
    if frame.region and frame.callee is not None:
        frame.callee.leaves_open = True
    if node.each:
        items, _ = elements(interp, value, frame)
        frame.yields += items[: interp.budget.room(frame, len(frame.yields), len(items))]
    else:
        frame.yields.append(value)
        if frame.around is not None:
            frame.around(value)
    return UNKNOWN


def _slice(interp: Interpreter, node: syntax.Slice, frame: Frame) -> Value:
    return Slice(slice(node.lower, node.upper, node.step))


_HANDLERS: dict[type[syntax.Node], Callable[[Interpreter, Any, Frame], Value]] = {
    syntax.Name: _name,
    syntax.Attribute: _attr,
    syntax.Call: _call,
    syntax.Constant: _const,
    syntax.Display: _sequence,
    syntax.Dict: _dict,
    syntax.Subscript: _item,
    syntax.BinaryOperation: _binop,
    syntax.JoinedText: _fstring,
    syntax.Comprehension: comprehension,
    syntax.Conditional: _conditional,
    syntax.BooleanOperation: _boolean,
    syntax.Comparison: _compare,
    syntax.Lambda: _lambda,
    syntax.Await: _await,
    syntax.Starred: _star,
    syntax.Not: _not,
    syntax.Group: _group,
    syntax.Slice: _slice,
    syntax.Walrus: _walrus,
    syntax.Yield: _yield,
}
