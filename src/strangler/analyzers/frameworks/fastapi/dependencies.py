"""FastAPI's dependencies: a parameter with ``Depends(f)`` is what calling ``f`` gives."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from strangler.analyzers.plugin import (
    GUARD,
    UNKNOWN,
    Args,
    Bound,
    Class,
    Const,
    External,
    Frame,
    Function,
    Interpreter,
    Knowledge,
    Object,
    Sequence,
    Value,
    join,
    syntax,
    unset,
)


class Dependency(Value):
    """``Depends(f)``; without ``f`` the annotation is called."""

    __slots__ = ("target",)

    def __init__(self, target: Value | None) -> None:
        self.target = target

    def resolve(self, interp: Interpreter, frame: Frame) -> Value:
        """What the parameter holds."""
        return (
            join([self._result(interp, target, frame) for target in self.target.options()])
            if self.target
            else UNKNOWN
        )

    def _result(self, interp: Interpreter, target: Value, frame: Frame) -> Value:
        if isinstance(target, Class):
            return Object(target, None, None)
        if isinstance(target, Bound) and isinstance(target.function, Function):
            result = target.call(interp, Args(open=True), frame)
        elif isinstance(target, Function):
            result = interp.general(target, frame)
        elif isinstance(target, Object):
            result = interp.call_method(target, "__call__", Args(open=True), frame)
        else:
            return UNKNOWN
        return join(result.items) if isinstance(result, Sequence) and result.kind == "generator" else result

    def key(self) -> Hashable:
        return ("dependency", self.target.key() if self.target is not None else None)


def teach(knowledge: Knowledge) -> None:
    """Add dependencies to what is known of parameters."""
    knowledge.calls["fastapi.Depends"] = _depends
    knowledge.calls["fastapi.Security"] = _depends
    knowledge.parameters.append(_parameter)
    knowledge.annotations["typing.Annotated"] = _annotated
    knowledge.methods["starlette.config.Config.__call__"] = _setting


def _depends(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    target = args.get(0, "dependency")
    missing = target is None or (isinstance(target, Const) and target.value is None)
    return Dependency(None if missing else target)


def guards_of(values: Iterable[Value]) -> tuple[str, ...]:
    """Dotted names of what dependencies call before a route is reached."""
    found: dict[str, None] = {}
    for value in values:
        for option in value.target.options() if isinstance(value, Dependency) and value.target else ():
            called = option.cls if isinstance(option, Object) else option
            if isinstance(called, (Class, Function)) and GUARD.search(called.name):
                found[called.dotted] = None
    return tuple(found)


def _parameter(interp: Interpreter, function: Function, index: int, name: str) -> Value | None:
    default = function.params[index].default
    if not isinstance(default, syntax.Call):
        return None
    value = interp.default(function, name, default)
    if not isinstance(value, Dependency):
        return None
    found = value.resolve(interp, function.scope)
    return found if found is not UNKNOWN else None


def _annotated(interp: Interpreter, origin: Value, argument: Value | None, frame: Frame) -> Value | None:
    items = argument.items if isinstance(argument, Sequence) else []
    for item in items[1:]:
        if isinstance(item, Dependency):
            found = item.resolve(interp, frame)
            if found is not UNKNOWN:
                return found
    return None


def _setting(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    """``config("KEY", cast=..., default=...)``: the default is what it may be."""
    return unset(args.get(2, "default"))
