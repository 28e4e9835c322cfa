"""What each kind of statement does to the names of a frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from strangler.analyzers.python import syntax
from strangler.analyzers.python.conditions import undecided
from strangler.analyzers.python.definitions import (
    absolute,
    bind_import,
    bind_names,
    define_class,
    define_function,
)
from strangler.analyzers.python.expressions import elements, evaluate, iterate, put
from strangler.analyzers.python.log import Region
from strangler.analyzers.python.narrowing import enter, leave, narrowed
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
from strangler.analyzers.python.values.base import MOST_OPTIONS, cut

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter

MOST_EXITS = 12
"""Ways out of a loop's body whose names are kept."""
MOST_TURNS = 50
"""Turns of a ``while`` loop whose condition is known."""


def execute(interp: Interpreter, block: syntax.Block, frame: Frame) -> bool:
    """Run statements in order; True when the end of the block cannot be reached."""
    interp.spend(len(block))
    for node in block:
        frame.line = node.line
        if _HANDLERS[type(node)](interp, node, frame):
            return True
        if cut:
            cut.clear()
            message = f"of more than {MOST_OPTIONS} values that something may be here, the first are followed"
            line = frame.callee.line if frame.callee is not None else node.line
            interp.log.failed(frame.module, line, "too-complex", message)
    return False


def assign(interp: Interpreter, target: syntax.Expr, value: Value, frame: Frame) -> None:
    """``target = value``."""
    if isinstance(target, syntax.Name):
        if target.id in frame.outer:
            names = frame.names_of(target.id)
            known = names.get(target.id)  # whether the function has run when somebody looks is not known
            names[target.id] = value if known is None else join([known, value])
            return
        frame.locals[target.id] = value
        frame.imported.pop(target.id, None)
    elif isinstance(target, syntax.Attribute):
        owner = evaluate(interp, target.value, frame)
        frame.line = target.line
        owner.store(interp, target.attr, value, frame)
    elif isinstance(target, syntax.Display):
        _unpack(interp, target.elements, value, frame)
    elif isinstance(target, syntax.Subscript):
        container = evaluate(interp, target.value, frame)
        key = evaluate(interp, target.key, frame)
        frame.line = target.line
        for option in container.options():
            if isinstance(option, Mapping):
                put(option, key, value)
            elif isinstance(option, Sequence):
                if value is not UNKNOWN:
                    option.items.append(value)
                option.open = True
            else:
                interp.call_method(option, "__setitem__", Args([key, value]), frame)
    elif isinstance(target, syntax.Starred):
        assign(interp, target.value, value, frame)


def _unpack(interp: Interpreter, targets: list[syntax.Expr], value: Value, frame: Frame) -> None:
    """``a, *b = value``."""
    items, exact = elements(interp, value, frame)
    starred = any(isinstance(target, syntax.Starred) for target in targets)
    if exact and len(items) == len(targets) and not starred:
        for target, item in zip(targets, items, strict=True):
            assign(interp, target, item, frame)
        return
    each = join(items)
    for target in targets:
        one = Sequence([each], "list", True) if isinstance(target, syntax.Starred) else each
        assign(interp, target, one, frame)


def _expression(interp: Interpreter, node: syntax.Evaluate, frame: Frame) -> bool:
    value = evaluate(interp, node.value, frame)
    return isinstance(value, External) and value.name == "typing.NoReturn"


def _assign(interp: Interpreter, node: syntax.Assign, frame: Frame) -> bool:
    value = evaluate(interp, node.value, frame)
    for target in node.targets:
        assign(interp, target, value, frame)
        if frame.owner is not None and frame.callee is None and isinstance(target, syntax.Name):
            frame.owner.extra.setdefault("lines", {})[target.id] = node.line
        if isinstance(target, syntax.Name) and frame.callee is None and isinstance(value, Object):
            prefix = f"{frame.owner.qualname}." if frame.owner is not None else ""
            value.attrs.setdefault("defined as", Const(f"{frame.module.name}.{prefix}{target.id}"))
    return False


def _annotated(interp: Interpreter, node: syntax.Annotate, frame: Frame) -> bool:
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
    return False


def _augment(interp: Interpreter, node: syntax.Augment, frame: Frame) -> bool:
    target, operator = node.target, node.operator
    right = evaluate(interp, node.value, frame)
    left = evaluate(interp, target, frame)
    frame.line = node.line
    if isinstance(left, Sequence) and operator == "+":
        if type(left) is not Sequence:  # a framework's collection
            left.get(interp, "extend", frame).call(interp, Args([right]), frame)
            return False
        items, exact = elements(interp, right, frame)  # in place, as Python does
        left.extend(interp, items, exact, frame)
        return False
    if isinstance(left, Mapping) and operator == "|":
        left.update(interp, right, frame)
        return False
    result = left.operate(interp, operator, right, frame) if left is not UNKNOWN else UNKNOWN
    if result is UNKNOWN and isinstance(right, Sequence):
        result = Sequence(list(right.items), right.kind, True)
    assign(interp, target, result, frame)
    return False


def _return(interp: Interpreter, node: syntax.Return, frame: Frame) -> bool:
    if node.value is not None:
        value = evaluate(interp, node.value, frame)
        if not interp.booting:
            value.escaped(interp, frame)
        frame.results.append(value)
    return True


def branches(
    interp: Interpreter, frame: Frame, blocks: list[syntax.Block], test: syntax.Expr | None = None
) -> bool:
    """Run alternative blocks from the same state and join what they leave.

    ``test``: the condition that holds in the first of two and not in the second.
    """
    before = frame.locals
    reading = frame.callee is not None and not interp.booting
    filled = [
        (value, len(value.items))
        for value in (before.values() if reading else ())
        if isinstance(value, (Sequence, Mapping)) and not value.open
    ]
    after: list[dict[str, Value]] = []
    for number, block in enumerate(blocks):
        _swap(frame, dict(before))
        names = narrowed(test, frame, number == 0) if test is not None else {}
        enter(frame, names)
        ended = execute(interp, block, frame)
        leave(frame.locals, names)
        # In a module or class body, names bound before a raise still count.
        if not ended or frame.callee is None:
            after.append(frame.locals)
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


def _if(interp: Interpreter, node: syntax.If, frame: Frame) -> bool:
    while True:
        test = evaluate(interp, node.test, frame)
        if isinstance(test, External) and test.name == "typing.TYPE_CHECKING":
            _for_types_only(interp, node.body, frame)
            return execute(interp, node.orelse, frame)
        truth = test.tested(interp, frame)
        if truth is True:
            return execute(interp, node.body, frame)
        if truth is None:
            if interp.booting:
                path = frame.module.facts.path
                interp.log.undecided.setdefault(path, {}).update(dict.fromkeys(undecided(path, node)))
            return branches(interp, frame, [node.body, node.orelse], node.test)
        rest = node.orelse
        if len(rest) == 1 and isinstance(rest[0], syntax.If):
            node = rest[0]
            continue
        return execute(interp, rest, frame)


def _for_types_only(interp: Interpreter, block: syntax.Block, frame: Frame) -> None:
    """Imports that only annotations need: the names are bound, the modules are not run because of them."""
    for node in block:
        if not isinstance(node, syntax.ImportFrom):
            continue
        module = absolute(node.level, node.module, frame)
        for name, alias in node.names:
            if name != "*":
                frame.imported.setdefault(alias or name, f"{module}.{name}")
            if module in interp.program and name != "*" and f"{module}.{name}" not in interp.program:
                frame.locals.setdefault(alias or name, Deferred(module, name))
            elif module not in interp.program and module.partition(".")[0] not in interp.program.tops:
                frame.locals.setdefault(alias or name, interp.external(f"{module}.{name}"))


def _left(frame: Frame) -> None:
    """Behind a loop may hold what held where a ``break`` or ``continue`` has left its body."""
    exits = frame.loops.pop()
    if exits:
        _merge(frame.locals, [dict(frame.locals), *exits])


def _for(interp: Interpreter, node: syntax.For, frame: Frame) -> bool:
    frame.loops.append([])
    try:
        _turns(interp, node, frame)
    finally:
        _left(frame)
    return False


def _turns(interp: Interpreter, node: syntax.For, frame: Frame) -> None:
    source = evaluate(interp, node.iterable, frame)
    frame.line = node.line
    items, exact = iterate(interp, source, frame)
    if exact:
        for item in items:
            assign(interp, node.target, item, frame)
            execute(interp, node.body, frame)
    else:
        for item in items:
            assign(interp, node.target, item, frame)
            branches(interp, frame, [node.body, []])
    if node.orelse:
        execute(interp, node.orelse, frame)


def _while(interp: Interpreter, node: syntax.While, frame: Frame) -> bool:
    frame.loops.append([])
    try:
        _rounds(interp, node, frame)
    finally:
        _left(frame)
    return False


def _rounds(interp: Interpreter, node: syntax.While, frame: Frame) -> None:
    truth = evaluate(interp, node.test, frame).tested(interp, frame)
    for _ in range(MOST_TURNS):
        if truth is not True or not interp.booting:
            break
        interp.spend(1)
        if execute(interp, node.body, frame):
            truth = False
            break
        truth = evaluate(interp, node.test, frame).tested(interp, frame)
    if truth is not False:
        branches(interp, frame, [node.body, []])
    execute(interp, node.orelse, frame)


def _with(interp: Interpreter, node: syntax.With, frame: Frame) -> bool:
    region = frame.region
    ended = _entered(interp, node, frame, 0)
    frame.region = region
    return ended


def _entered(interp: Interpreter, node: syntax.With, frame: Frame, index: int) -> bool:
    """Enter the managers from ``index`` on, and run the body."""
    if index == len(node.items):
        return execute(interp, node.body, frame)
    target = node.items[index].target
    context = evaluate(interp, node.items[index].context, frame)
    frame.line = node.line
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
        database = next((v.database for v in (value, context) if v.opens_transaction), "?")
        block = Region(frame.module.name, frame.function, node.line, node.end_line, database)
        frame.region = (*frame.region, block)
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


def _try(interp: Interpreter, node: syntax.Try, frame: Frame) -> bool:
    start = dict(frame.locals)
    ended = execute(interp, node.body, frame) or (bool(node.orelse) and execute(interp, node.orelse, frame))
    normal = frame.locals
    outcomes = [] if ended else [dict(normal)]
    for kind, name, block in node.handlers:
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
    final = execute(interp, node.final, frame) if node.final else False
    return final or not outcomes


def _delete(interp: Interpreter, node: syntax.Delete, frame: Frame) -> bool:
    for target in node.targets:
        if isinstance(target, syntax.Name):
            frame.locals.pop(target.id, None)
        elif isinstance(target, syntax.Subscript):
            container = evaluate(interp, target.value, frame)
            if isinstance(container, Sequence) and type(container) is not Sequence:
                container.get(interp, "pop", frame).call(interp, Args(), frame)  # a framework's collection
    return False


def _raise(interp: Interpreter, node: syntax.Raise, frame: Frame) -> bool:
    if node.value is not None:
        evaluate(interp, node.value, frame)
    return True


def _jump(interp: Interpreter, node: syntax.Jump, frame: Frame) -> bool:
    if frame.loops and len(frame.loops[-1]) < MOST_EXITS:
        frame.loops[-1].append(dict(frame.locals))
    return True


def _global(interp: Interpreter, node: syntax.Global, frame: Frame) -> bool:
    for name in node.names:
        outer = frame.parent if node.enclosing else None
        while outer is not None and name not in outer.locals:
            outer = outer.parent
        frame.outer[name] = outer
    return False


_HANDLERS: dict[type[syntax.Node], Callable[[Interpreter, Any, Frame], bool]] = {
    syntax.Evaluate: _expression,
    syntax.Assign: _assign,
    syntax.Annotate: _annotated,
    syntax.Augment: _augment,
    syntax.Return: _return,
    syntax.If: _if,
    syntax.For: _for,
    syntax.While: _while,
    syntax.With: _with,
    syntax.Try: _try,
    syntax.FunctionDef: define_function,
    syntax.ClassDef: define_class,
    syntax.Import: bind_import,
    syntax.ImportFrom: bind_names,
    syntax.Delete: _delete,
    syntax.Raise: _raise,
    syntax.Jump: _jump,
    syntax.Global: _global,
}
