"""Application factories that nothing calls: a server finds them by name (``flask --app shop:create_app``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax, traversal
from strangler.analyzers.python.budget import Exhausted
from strangler.analyzers.python.frames import Frame
from strangler.analyzers.python.values import (
    UNKNOWN,
    Args,
    Bound,
    Class,
    Deferred,
    External,
    Function,
    Method,
    Object,
    Value,
    Wrapper,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter


def run_factories(interp: Interpreter, constructors: frozenset[str]) -> None:
    """Call, with their defaults, the functions that lead to an application and that no code calls.

    ``constructors`` are the dotted names of the library's application classes, or of methods
    (``library.Scheduler.cron``) whose calls matter as much. Functions that call a factory count as well:
    the outermost is run, and reaches the others with the right arguments.
    """
    makers, callees = _makers(interp, constructors)
    left = makers
    while left:
        # What the callers did not reach (behind a condition, in a callback) is run for itself.
        inner = {callee for maker in left for callee in callees[maker] if callee is not maker}
        outer = [maker for maker in left if maker not in inner] or left[:1]
        for function in outer:
            if not function.called:
                _run(interp, function)
        left = [maker for maker in left if not maker.called and maker not in outer]
    for cls in interp.classes:
        # An application class that no code of the tree makes: a script without a suffix, or a server, does.
        init = cls.find("__init__") if cls.ancestors(interp) & constructors else None
        if init is None or not isinstance(init[0], Function) or interp.subclasses(cls):
            continue
        if not init[0].called:
            _guarded(interp, init[0], partial(_make, interp, cls, init[0]))


def _make(interp: Interpreter, cls: Class, init: Function, frame: Frame) -> None:
    required = [one for one in init.params[1:] if one.default is None and one.kind not in ("*", "**")]
    interp.instantiate(cls, Args(open=bool(required)), frame)


def _run(interp: Interpreter, function: Function) -> None:
    _guarded(interp, function, partial(_call, interp, function))


def _guarded(interp: Interpreter, function: Function, act: Callable[[Frame], None]) -> None:
    """Act on the line of a function, within the limits of a module."""
    frame = Frame(function.module, None, {}, None)
    frame.line = function.line
    interp.budget.begin("module_steps")
    try:
        act(frame)
    except (Exhausted, RecursionError) as error:
        message = f"{function.qualname} takes too many steps: its routes may be incomplete"
        message += f" ({interp.reason(error)})"
        interp.log.failed(function.module, function.line, "too-complex", message)


def _call(interp: Interpreter, function: Function, frame: Frame) -> None:
    if function.owner is None:
        interp.invoke(function, _arguments(interp, function), frame)
        return
    # A method: of an object of whose making nothing is known.
    receiver = interp.instantiate(function.owner, Args(open=True), frame)
    if not function.called:
        member = function.owner.find(function.name)
        kind = member[0].kind if member is not None and isinstance(member[0], Wrapper) else ""
        first = {"class": [function.owner], "static": []}.get(kind, [receiver])
        interp.invoke(function, Args(list(first)), frame)


def _arguments(interp: Interpreter, function: Function) -> Args:
    """Its defaults, and for ``**settings`` what nobody knows: whoever starts the application gives it."""
    if not any(parameter.kind == "**" for parameter in function.params):
        return Args()
    stated = [(one.name, one.default) for one in function.params if one.default is not None]
    return Args([], {name: interp.default(function, name, default) for name, default in stated}, True)


def _makers(
    interp: Interpreter, constructors: frozenset[str]
) -> tuple[list[Function], dict[Function, list[Function]]]:
    """The functions that make an application, directly or through others, and whom of these they call."""
    outermost = [f for f in interp.program.functions if f.scope.callee is None]
    classes = [c for c in interp.program.classes if c.ancestors(interp) & constructors]
    tokens = {name.rpartition(".")[2] for name in constructors} | {c.name for c in classes}
    tokens |= _aliases(interp, constructors)
    calls: dict[Function, list[Value]] = {}
    makers: dict[Function, None] = {}
    callees: dict[Function, list[Function]] = {}
    while tokens:
        encoded = [token.encode() for token in tokens]
        found: list[Function] = []
        for function in outermost:
            if function in makers or not any(token in function.body for token in encoded):
                continue
            if function not in calls:
                calls[function] = list(_called(interp, function))
            if any(_makes(interp, value, constructors, makers) for value in calls[function]):
                found.append(function)
        makers.update(dict.fromkeys(found))
        tokens = {f.owner.name if f.owner and f.name == "__init__" else f.name for f in found}
    for maker in makers:
        values = calls.get(maker, [])
        callees[maker] = [f for value in values if (f := _function(value)) in makers and f is not None]
    return list(makers), callees


def _aliases(interp: Interpreter, constructors: frozenset[str]) -> set[str]:
    return {
        name
        for scope in interp.program.scopes.values()
        for name, value in scope.env.items()
        if isinstance(value, External) and interp.knowledge.lineage(value.name) & constructors
    }


def _makes(
    interp: Interpreter, value: Value, constructors: frozenset[str], makers: dict[Function, None]
) -> bool:
    if isinstance(value, External):
        return bool(interp.knowledge.lineage(value.name) & constructors)
    if isinstance(value, Class) and value.ancestors(interp) & constructors:
        return True
    if isinstance(value, Method) and isinstance(value.receiver, Object):
        return any(f"{base}.{value.name}" in constructors for base in interp.lineage(value.receiver))
    function = _function(value)
    return function is not None and function in makers


def _function(value: Value) -> Function | None:
    if isinstance(value, Class):
        found = value.find("__init__")
        value = found[0] if found is not None else UNKNOWN
    if isinstance(value, (Bound, Wrapper)):
        value = value.function
    while isinstance(value, Function) and isinstance(value.wrapped, Function):
        value = value.wrapped
    return value if isinstance(value, Function) else None


def _called(interp: Interpreter, function: Function) -> Iterator[Value]:
    """What the plain names and dotted names mean that a function calls."""
    body = syntax.unpack(function.body)
    local = dict(_local_imports(interp, function, body))
    for node in traversal.walk(body):
        if isinstance(node, syntax.Call):
            yield _static(interp, node.func, function, local)


def _local_imports(
    interp: Interpreter, function: Function, body: syntax.Block
) -> Iterator[tuple[str, Value]]:
    for node in traversal.walk(body):
        if not isinstance(node, syntax.ImportFrom):
            continue
        module = node.module
        package = function.module.package
        for _ in range(node.level - 1):
            package = package.rpartition(".")[0]
        if node.level:
            module = f"{package}.{module}" if module else package
        for one in node.names:
            first_party = module in interp.program
            yield (
                one.asname or one.name,
                interp.program.member(module, one.name)
                if first_party
                else interp.external(f"{module}.{one.name}"),
            )


def _static(interp: Interpreter, node: syntax.Expr, function: Function, local: dict[str, Value]) -> Value:
    if isinstance(node, syntax.Name):
        value = local.get(node.id) or interp.lookup(node.id, function.scope)
        return value.now(interp) if isinstance(value, Deferred) else value
    if isinstance(node, syntax.Attribute):
        owner = node.value
        if isinstance(owner, syntax.Name) and owner.id in ("self", "cls") and function.owner is not None:
            found = function.owner.find(node.attr)
            return found[0] if found is not None else UNKNOWN
        value = _static(interp, owner, function, local)
        return value.get(interp, node.attr, function.scope) if value is not UNKNOWN else UNKNOWN
    return UNKNOWN
