"""What each kind of statement does to the names of a frame."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from strangler.analyzers.python import narrowing, syntax
from strangler.analyzers.python.assignment import annotate, assign, assign_all, augment, delete
from strangler.analyzers.python.conditions import (
    Both,
    Undecided,
    either_way,
    installed,
    tolerates,
)
from strangler.analyzers.python.definitions import (
    absolute,
    bind_import,
    bind_names,
    define_class,
    define_function,
)
from strangler.analyzers.python.expressions import evaluate
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
from strangler.analyzers.python.footprint import of_attempt, of_loop
from strangler.analyzers.python.frames import Exits
from strangler.analyzers.python.iteration import MOST_TURNS, has_changed, in_turn, iterate, without_order
from strangler.analyzers.python.managers import enter_managers
from strangler.analyzers.python.values import (
    NEVER,
    NONE,
    UNKNOWN,
    Deferred,
    External,
    Value,
    join,
    truth_by_default,
)
from strangler.analyzers.python.values.names import TYPES_ALONE
from strangler.analyzers.python.values.unions import MOST_OPTIONS, cut

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter


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


def _expression(interp: Interpreter, node: syntax.Evaluate, frame: Frame) -> int:
    value = evaluate(interp, node.value, frame)
    never = value is NEVER or (isinstance(value, External) and value.name == "typing.NoReturn")
    return RAISE if never else ON


def _return(interp: Interpreter, node: syntax.Return, frame: Frame) -> int:
    value = evaluate(interp, node.value, frame) if node.value is not None else NONE
    if value is NEVER:
        return RAISE
    if not interp.booting:
        if node.value is None:
            return RETURN
        value.escaped(interp, frame)
    frame.results.append(value)
    return RETURN


def branches(
    interp: Interpreter,
    frame: Frame,
    test: syntax.Expr,
    blocks: list[syntax.Block],
    under: Both = (None, None),
    default: bool | None = None,
) -> int:
    """Run two blocks from the same state, the first where a condition holds, and join what they leave.

    Args:
        under: what is noted of the blocks for what they register. Where one of them leaves what is run, the
            statements behind stand where the other one does.
        default: which of them is run unless something from outside decides otherwise: what it leaves comes
            first.
    """
    outside = frame.under
    left: list[bool] = []

    def run(block: syntax.Block, holds: bool) -> int:
        inside = under[0 if holds else 1]
        frame.under = outside if inside is None else (*outside, inside)
        names = narrowing.narrowed(test, frame, holds)
        if not names and not block:
            return IDLE
        if names:
            interp.changes.before(frame)
            narrowing.enter(frame, names)
        before = len(frame.results)
        end = execute(interp, block, frame)
        if default is not None and default is not holds:
            frame.unlikely += frame.results[before:]
            del frame.results[before:]
        if names:
            narrowing.leave(frame.locals, names)
        if end not in (ON, RAISE):
            left.append(holds)
        return end

    try:
        ways = [partial(run, blocks[0], True), partial(run, blocks[1], False)]
        return either(interp, frame, ways if default is not False else ways[::-1])
    finally:
        frame.under = outside
        if interp.booting and len(left) == 1:
            other = int(left[0])
            behind = under[other] or either_way(frame.module.facts.path, test.line, test)[other]
            frame.under = (*outside, behind)


def _if(interp: Interpreter, node: syntax.If, frame: Frame) -> int:
    while True:
        test = evaluate(interp, node.test, frame)
        if _types_alone(test):
            _for_types_only(interp, node.body, frame)
            return execute(interp, node.orelse, frame)
        truth = test.tested(interp, frame)
        if truth is True:
            operand = node.test.operand if type(node.test) is syntax.Not else None
            named = isinstance(operand, syntax.Name | syntax.Attribute)  # anything else is not asked twice
            if operand is not None and named and _types_alone(evaluate(interp, operand, frame)):
                _for_types_only(interp, node.orelse, frame)
            return execute(interp, node.body, frame)
        if truth is None:
            if interp.booting:
                under = interp.log.doubted(frame.module.facts.path, node)
                default = truth_by_default(test)
                return branches(interp, frame, node.test, [node.body, node.orelse], under, default)
            return branches(interp, frame, node.test, [node.body, node.orelse])
        rest = node.orelse
        if len(rest) == 1 and isinstance(rest[0], syntax.If):
            node = rest[0]
            continue
        return execute(interp, rest, frame)


def _types_alone(test: Value) -> bool:
    """Whether a condition holds for those alone who check types."""
    return isinstance(test, External) and test.name == TYPES_ALONE


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

    outside = frame.under

    def turn(item: Value) -> int:
        frame.under = (*outside, *interp.log.additions.held_under(source, item))
        assign(interp, node.target, item, frame)
        return execute(interp, node.body, frame)

    if exact and not of_loop(node).leaves:
        journal = interp.changes.open() if without_order(source) else None
        for item in in_turn(interp, source, items):
            turn(item)
        frame.under = outside
        if journal is not None:  # it may have gone the other way round
            interp.changes.doubt(journal)
            interp.changes.close(journal)
        if not has_changed(source, items):
            return execute(interp, node.orelse, frame)
        items, exact = [], False
    exact = exact and not without_order(source)
    exits = Exits(interp.changes.open())
    frame.loops.append(exits)
    end = ON
    if exact:
        for item in in_turn(interp, source, items):
            end = turned(interp, frame, exits, turn(item))
            if end != ON:
                break
    if not exact or (end == ON and has_changed(source, items)):
        rest = items if not exact and items else [join([*source.elements(interp, frame)[0], UNKNOWN])]
        repeated(interp, frame, exits, of_loop(node), [partial(turn, item) for item in rest])
    frame.under = outside
    return _behind(interp, node, frame, exits, end)


def _while(interp: Interpreter, node: syntax.While, frame: Frame) -> int:
    exits = Exits(interp.changes.open())
    frame.loops.append(exits)
    outside = frame.under

    def body() -> int:
        frame.under = outside
        return execute(interp, node.body, frame)

    end, turns = ON, 0
    truth = evaluate(interp, node.test, frame).tested(interp, frame)
    while truth is True and end == ON and interp.booting and turns < MOST_TURNS:
        interp.spend(1)
        end, turns = turned(interp, frame, exits, body()), turns + 1
        if end == ON:
            truth = evaluate(interp, node.test, frame).tested(interp, frame)
    if end == ON and truth is not False:
        repeated(interp, frame, exits, of_loop(node), [body])
    frame.under = outside
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


def _try(interp: Interpreter, node: syntax.Try, frame: Frame) -> int:
    outside = frame.under
    there, missing = _installed(interp, node, frame)

    def body() -> int:
        frame.under, caught = (*outside, *there), frame.catching
        frame.catching = caught or tolerates(node)
        try:
            return execute(interp, node.body, frame)
        finally:
            frame.catching = caught

    def rest() -> int:
        frame.under = (*outside, *there)
        return execute(interp, node.orelse, frame)

    left: list[int] = []

    def handler(kind: syntax.Expr | None, name: str | None, block: syntax.Block) -> int:
        frame.under = (*outside, *missing)
        if kind is not None:
            evaluate(interp, kind, frame)
        home = frame.home(name) if name else frame
        interp.changes.before(home)
        if name:
            home.locals[name] = UNKNOWN
        left.append(execute(interp, block, frame))
        return left[-1]

    run: Run = body
    if node.handlers:
        handlers = [partial(handler, *one) for one in node.handlers]
        run = partial(attempted, interp, frame, of_attempt(node), body, handlers, rest)

    def whole() -> int:
        end = run()
        frame.under = (*outside, *there) if left and ON not in left else outside
        return end

    if not node.final:
        return whole()
    return finished(interp, frame, whole, partial(execute, interp, node.final, frame))


def _installed(interp: Interpreter, node: syntax.Try, frame: Frame) -> tuple[tuple[Undecided, ...], ...]:
    """The blocks that stand behind the question whether a library is installed: of the body, of what catches
    that it is not."""
    both = None
    if interp.booting and node.handlers:
        both = installed(frame.module.facts.path, node, interp.program.is_optional)
    there, missing = both or (None, None)
    return (there,) if there else (), (missing,) if missing else ()


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
    syntax.Assign: assign_all,
    syntax.Annotate: annotate,
    syntax.Augment: augment,
    syntax.Return: _return,
    syntax.If: _if,
    syntax.For: _for,
    syntax.While: _while,
    syntax.With: enter_managers,
    syntax.Try: _try,
    syntax.FunctionDef: define_function,
    syntax.ClassDef: define_class,
    syntax.Import: bind_import,
    syntax.ImportFrom: bind_names,
    syntax.Delete: delete,
    syntax.Raise: _raise,
    syntax.Jump: _jump,
    syntax.Global: _global,
}
