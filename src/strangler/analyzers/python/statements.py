"""What each kind of statement does to the names of a frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from strangler.analyzers.python import narrowing, syntax
from strangler.analyzers.python.conditions import undecided
from strangler.analyzers.python.definitions import (
    absolute,
    bind_import,
    bind_names,
    define_class,
    define_function,
)
from strangler.analyzers.python.expressions import elements, evaluate, iterate, without_order
from strangler.analyzers.python.flow import (
    BREAK,
    CONTINUE,
    IDLE,
    LEFT,
    ON,
    RAISE,
    RETURN,
    Run,
    attempted,
    either,
    finished,
    leave,
    meet,
    repeated,
    turned,
)
from strangler.analyzers.python.footprint import of_attempt, of_loop, returns_something
from strangler.analyzers.python.frames import Exits
from strangler.analyzers.python.log import Region
from strangler.analyzers.python.values import (
    DEFINED_AS,
    NONE,
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
    Union,
    Value,
    View,
    join,
)
from strangler.analyzers.python.values.base import MOST_OPTIONS, cut

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


MOST_TURNS = 50
"""Turns of a ``while`` loop whose condition is known; beyond, they are taken together."""


def execute(interp: Interpreter, block: syntax.Block, frame: Frame) -> int:
    """Run statements in order; how the block ends: ``ON`` where its end is reached."""
    interp.spend(len(block))
    for node in block:
        frame.line = node.line
        end = _HANDLERS[type(node)](interp, node, frame)
        if end:
            return end
        if cut:
            cut.clear()
            message = f"of more than {MOST_OPTIONS} values that something may be here, the first are followed"
            line = frame.callee.line if frame.callee is not None else node.line
            interp.cut(frame.module, line, message)
    return ON


def assign(interp: Interpreter, target: syntax.Expr, value: Value, frame: Frame) -> None:
    """``target = value``."""
    if isinstance(target, syntax.Name):
        home = frame.home(target.id) if frame.outer else frame
        known = home.locals.get(target.id) if home is not frame and not interp.booting else None
        interp.changes.before(home)  # whether the function has run when somebody looks is not known
        home.locals[target.id] = value if known is None else join([known, value])
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
        _put(interp, container, key, value, frame)
    elif isinstance(target, syntax.Starred):
        assign(interp, target.value, value, frame)


def _put(interp: Interpreter, container: Value, key: Value, value: Value, frame: Frame) -> None:
    """``container[key] = value``."""
    options = list(container.options())
    for option in options:
        with interp.changes.possible() if len(options) > 1 else nullcontext():
            interp.call_method(option, "__setitem__", Args([key, value]), frame)


def _unpack(interp: Interpreter, targets: list[syntax.Expr], value: Value, frame: Frame) -> None:
    """``a, *b = value``."""
    items, exact = elements(interp, value, frame)
    stars = [n for n, target in enumerate(targets) if isinstance(target, syntax.Starred)]
    if exact and stars and len(items) >= len(targets) - 1:
        at, end = stars[0], len(items) - (len(targets) - 1 - stars[0])
        items[at:end] = [Sequence(items[at:end], "list")]
    if exact and len(items) == len(targets):
        for target, item in zip(targets, items, strict=True):
            assign(interp, target, item, frame)
        return
    each = join(items) if exact else join([*items, UNKNOWN])
    for target in targets:
        one = Sequence([each], "list", True) if isinstance(target, syntax.Starred) else each
        assign(interp, target, one, frame)


def _expression(interp: Interpreter, node: syntax.Evaluate, frame: Frame) -> int:
    value = evaluate(interp, node.value, frame)
    return RAISE if isinstance(value, External) and value.name == "typing.NoReturn" else ON


def _assign(interp: Interpreter, node: syntax.Assign, frame: Frame) -> int:
    value = evaluate(interp, node.value, frame)
    for target in node.targets:
        assign(interp, target, value, frame)
        if frame.owner is not None and frame.callee is None and isinstance(target, syntax.Name):
            frame.owner.extra.setdefault("lines", {})[target.id] = node.line
        if isinstance(target, syntax.Name) and frame.callee is None and isinstance(value, Object):
            prefix = f"{frame.owner.qualname}." if frame.owner is not None else ""
            if DEFINED_AS.of(value) is None:
                DEFINED_AS.put(value, Const(f"{frame.module.name}.{prefix}{target.id}"))
    return ON


def _annotated(interp: Interpreter, node: syntax.Annotate, frame: Frame) -> int:
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


def _augment(interp: Interpreter, node: syntax.Augment, frame: Frame) -> int:
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
        result = Sequence(list(right.items), right.kind, True)
    put(result)
    return ON


def _in_place(interp: Interpreter, left: Value, operator: str, right: Value, frame: Frame) -> bool:
    """Change a list, set or dict where it is; False for what is replaced."""
    if isinstance(left, Sequence) and left.kind in ("list", "set", "deque") and operator in IN_PLACE:
        if operator == "+":
            left.extend(interp, *elements(interp, right, frame), frame)
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


def _return(interp: Interpreter, node: syntax.Return, frame: Frame) -> int:
    value = evaluate(interp, node.value, frame) if node.value is not None else NONE
    if not interp.booting:
        if node.value is None:
            return RETURN
        value.escaped(interp, frame)
    frame.results.append(value)
    return RETURN


def branches(interp: Interpreter, frame: Frame, test: syntax.Expr, blocks: list[syntax.Block]) -> int:
    """Run two blocks from the same state, the first where a condition holds, and join what they leave."""

    def run(block: syntax.Block, holds: bool) -> int:
        names = narrowing.narrowed(test, frame, holds)
        if names:
            interp.changes.before(frame)
        elif not block:
            return IDLE
        narrowing.enter(frame, names)
        end = execute(interp, block, frame)
        narrowing.leave(frame.locals, names)
        return end

    return either(interp, frame, [partial(run, blocks[0], True), partial(run, blocks[1], False)])


def _if(interp: Interpreter, node: syntax.If, frame: Frame) -> int:
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
                if interp.log.first_doubt(path, node.line, node.body[0].line if node.body else 0):
                    blocks = interp.log.undecided.setdefault(path, {})
                    blocks.update(dict.fromkeys(undecided(path, node)))
            return branches(interp, frame, node.test, [node.body, node.orelse])
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


def _for(interp: Interpreter, node: syntax.For, frame: Frame) -> int:
    source = evaluate(interp, node.iterable, frame)
    frame.line = node.line
    items, exact = iterate(interp, source, frame)

    def turn(item: Value) -> int:
        assign(interp, node.target, item, frame)
        return execute(interp, node.body, frame)

    if exact and not of_loop(node).leaves:
        journal = interp.changes.open() if without_order(source) else None
        for item in _in_turn(interp, source, items):
            turn(item)
        if journal is not None:  # it may have gone the other way round
            interp.changes.doubt(journal)
            interp.changes.close(journal)
        if not _moved(source, items):
            return execute(interp, node.orelse, frame)
        items, exact = [], False
    exact = exact and not without_order(source)
    exits = Exits(interp.changes.open())
    frame.loops.append(exits)
    end = ON
    if exact:
        for item in _in_turn(interp, source, items):
            end = turned(interp, frame, exits, turn(item))
            if end != ON:
                break
    if not exact or (end == ON and _moved(source, items)):
        rest = items if not exact and items else [join([*source.elements(interp, frame)[0], UNKNOWN])]
        repeated(interp, frame, exits, of_loop(node), [partial(turn, item) for item in rest])
    return _behind(interp, node, frame, exits, end)


def _in_turn(interp: Interpreter, source: Value, items: list[Value]) -> Iterable[Value]:
    """The elements of a loop, one by one: of a list, as it is by then."""
    if type(source) is not Sequence or source.kind != "list":
        return items
    return islice(source.items, len(items) + MOST_TURNS)


def _moved(source: Value, items: list[Value]) -> bool:
    """Whether its turns have changed what a loop goes through: which further ones there are is not known."""
    if type(source) is Sequence:
        return source.open or len(source.items) > len(items) + MOST_TURNS
    held = source.mapping if type(source) is View else source
    return isinstance(held, Mapping) and (held.open or len(held.items) != len(items))


def _while(interp: Interpreter, node: syntax.While, frame: Frame) -> int:
    exits = Exits(interp.changes.open())
    frame.loops.append(exits)
    body = partial(execute, interp, node.body, frame)
    end, turns = ON, 0
    truth = evaluate(interp, node.test, frame).tested(interp, frame)
    while truth is True and end == ON and interp.booting and turns < MOST_TURNS:
        interp.spend(1)
        end, turns = turned(interp, frame, exits, body()), turns + 1
        if end == ON:
            truth = evaluate(interp, node.test, frame).tested(interp, frame)
    if end == ON and truth is not False:
        repeated(interp, frame, exits, of_loop(node), [body])
    return _behind(interp, node, frame, exits, end)


def _behind(
    interp: Interpreter, node: syntax.For | syntax.While, frame: Frame, exits: Exits, end: int
) -> int:
    """What is to be done behind a loop whose last turn has ended so."""
    frame.loops.pop()
    if end == ON:
        end = execute(interp, node.orelse, frame)
    elif end == BREAK:
        end = ON
    if end not in (ON, LEFT) and (exits.breaks or exits.lost):
        leave(interp, frame, end)
        end = LEFT
    on = meet(interp, exits, exits.breaks, end == ON)
    interp.changes.close(exits.journal)
    return ON if on else end


def _with(interp: Interpreter, node: syntax.With, frame: Frame) -> int:
    region = frame.region
    ended = _entered(interp, node, frame, 0)
    frame.region = region
    return ended


def _entered(interp: Interpreter, node: syntax.With, frame: Frame, index: int) -> int:
    """Enter the managers from ``index`` on, and run the body."""
    if index == len(node.items):
        return execute(interp, node.body, frame)
    target = node.items[index].target
    context = evaluate(interp, node.items[index].context, frame)
    frame.line = node.line
    if interp.booting and isinstance(context, GeneratorContext):
        # What the generator sets before its yield holds in the body, and no longer.
        ended: list[int] = []

        def around(value: Value) -> None:
            if target is not None:
                assign(interp, target, value, frame)
            ended.append(_entered(interp, node, frame, index + 1))

        context.around(interp, around, frame)
        if ended:
            return ON if ON in ended else ended[0]
    value = context.enter(interp, frame)
    if value.opens_transaction or _opens(context):
        database = next((v.database for v in (value, context) if v.opens_transaction), "?")
        block = Region(frame.module.name, frame.function, node.line, node.end_line, database)
        frame.region = (*frame.region, block)
    if target is not None:
        assign(interp, target, value, frame)
    inside = partial(_entered, interp, node, frame, index + 1)
    if not interp.booting or not isinstance(context, Object):
        return inside()
    exit_ = context.cls.find("__exit__") if isinstance(context.cls, Class) else None
    swallows = interp.kind(context) == "contextlib.suppress"
    if exit_ is not None and isinstance(exit_[0], Function):
        swallows = returns_something(exit_[0].body)
        given = [UNKNOWN if of_attempt(node).raises else NONE] * 3
        method = partial(interp.call_method, context, "__exit__", Args(given), frame)
        inside = partial(finished, interp, frame, inside, lambda: ON * bool(method()))
    return attempted(interp, frame, of_attempt(node), inside, [lambda: ON]) if swallows else inside()


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


def _try(interp: Interpreter, node: syntax.Try, frame: Frame) -> int:
    def body() -> int:
        return execute(interp, node.body, frame) or execute(interp, node.orelse, frame)

    def handler(kind: syntax.Expr | None, name: str | None, block: syntax.Block) -> int:
        if kind is not None:
            evaluate(interp, kind, frame)
        home = frame.home(name) if name else frame
        interp.changes.before(home)
        if name:
            home.locals[name] = UNKNOWN
        return execute(interp, block, frame)

    run: Run = body
    if node.handlers:
        handlers = [partial(handler, *one) for one in node.handlers]
        run = partial(attempted, interp, frame, of_attempt(node), body, handlers)
    if not node.final:
        return run()
    return finished(interp, frame, run, partial(execute, interp, node.final, frame))


def _delete(interp: Interpreter, node: syntax.Delete, frame: Frame) -> int:
    for target in node.targets:
        if isinstance(target, syntax.Name):
            home = frame.home(target.id)
            interp.changes.before(home)
            home.locals.pop(target.id, None)
        elif isinstance(target, syntax.Subscript):
            container = evaluate(interp, target.value, frame)
            key = evaluate(interp, target.key, frame)
            for option in container.options():
                if isinstance(option, Sequence) and type(option) is not Sequence:
                    option.get(interp, "pop", frame).call(interp, Args(), frame)  # a framework's collection
                else:
                    interp.call_method(option, "__delitem__", Args([key]), frame)
        elif isinstance(target, syntax.Attribute):
            owner = evaluate(interp, target.value, frame)
            options = list(owner.options())
            for option in options:
                with interp.changes.possible() if len(options) > 1 else nullcontext():
                    interp.delete_attribute(option, target.attr, frame)
    return ON


def _raise(interp: Interpreter, node: syntax.Raise, frame: Frame) -> int:
    if node.value is not None:
        evaluate(interp, node.value, frame)
    return RAISE


def _jump(interp: Interpreter, node: syntax.Jump, frame: Frame) -> int:
    return BREAK if node.breaks else CONTINUE


def _global(interp: Interpreter, node: syntax.Global, frame: Frame) -> int:
    for name in node.names:
        outer = frame.parent if node.enclosing else frame.module.frame
        while node.enclosing and outer is not None and name not in outer.locals:
            outer = outer.parent
        if outer is not None:
            frame.outer[name] = outer
    return ON


_HANDLERS: dict[type[syntax.Node], Callable[[Interpreter, Any, Frame], int]] = {
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
