"""Application factories that nothing calls: a server finds them by name (``flask --app shop:create_app``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from strangler.analyzers.python import ir
from strangler.analyzers.python.frames import Exhausted, Frame
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


def _run(interp: Interpreter, function: Function) -> None:
    frame = Frame(function.module, None, {}, None)
    frame.line = function.line
    interp.steps = 0
    try:
        if function.owner is None:
            interp.invoke(function, Args(), frame)
            return
        # A method: of an object of whose making nothing is known.
        receiver = interp.instantiate(function.owner, Args(open=True), frame)
        if not function.called:
            member = function.owner.find(function.name)
            kind = member[0].kind if member is not None and isinstance(member[0], Wrapper) else ""
            first = {"class": [function.owner], "static": []}.get(kind, [receiver])
            interp.invoke(function, Args(list(first)), frame)
    except (Exhausted, RecursionError):
        message = f"{function.qualname} takes too many steps: its routes may be incomplete"
        interp.log.failed(function.module, function.line, "too-complex", message)


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
        if isinstance(value, External) and value.name in constructors
    }


def _makes(
    interp: Interpreter, value: Value, constructors: frozenset[str], makers: dict[Function, None]
) -> bool:
    if isinstance(value, External):
        return value.name in constructors
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
    body = ir.unpack(function.body)
    local = dict(_local_imports(interp, function, body))
    for target in _targets(body):
        yield _static(interp, target, function, local)


def _targets(node: Any) -> Iterator[ir.Node]:
    if isinstance(node, list):
        if len(node) > 3 and node[0] == ir.CALL and isinstance(node[2], list):
            yield node[2]
        for child in node:
            if isinstance(child, list):
                yield from _targets(child)


def _local_imports(interp: Interpreter, function: Function, node: Any) -> Iterator[tuple[str, Value]]:
    if not isinstance(node, list):
        return
    if len(node) == 5 and node[0] == ir.FROM and isinstance(node[3], str):
        level, module = node[2], node[3]
        package = function.module.package
        for _ in range(level - 1):
            package = package.rpartition(".")[0]
        if level:
            module = f"{package}.{module}" if module else package
        for name, alias in node[4]:
            first_party = module in interp.program
            yield (
                alias or name,
                interp.program.member(module, name) if first_party else interp.external(f"{module}.{name}"),
            )
        return
    for child in node:
        yield from _local_imports(interp, function, child)


def _static(interp: Interpreter, node: ir.Node, function: Function, local: dict[str, Value]) -> Value:
    if node[:1] == [ir.NAME]:
        value = local.get(node[2]) or interp.lookup(node[2], function.scope)
        return value.now(interp) if isinstance(value, Deferred) else value
    if node[:1] == [ir.ATTR] and isinstance(node[2], list):
        if node[2][:1] == [ir.NAME] and node[2][2] in ("self", "cls") and function.owner is not None:
            found = function.owner.find(node[3])
            return found[0] if found is not None else UNKNOWN
        owner = _static(interp, node[2], function, local)
        return owner.get(interp, node[3], function.scope) if owner is not UNKNOWN else UNKNOWN
    return UNKNOWN
