"""Which functions answer one method of an endpoint, and what guards them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from strangler.analyzers.plugin.requests import schemas
from strangler.analyzers.plugin.requests.names import RequestNames
from strangler.analyzers.python.values import (
    Bound,
    Class,
    Const,
    External,
    Function,
    Generic,
    Object,
    Sequence,
    Value,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter

READS = ("GET", "HEAD", "OPTIONS", "TRACE")
GUARD = re.compile(
    r"auth|login|permission|require|token|admin|staff|role|protect|secur|jwt|verified|owner|scope|acl"
    r"|current_(user|account)|api_?key",
    re.IGNORECASE,
)
"""Names of what lets only some callers in."""
NO_GUARD = re.compile(
    r"require_(http_methods|get|post|safe)|csrf|AllowAny|allow_any|OrReadOnlyAny", re.IGNORECASE
)


@dataclass
class Handled:
    """The code behind one method of an endpoint."""

    functions: list[Function] = field(default_factory=list)
    view: Class | None = None
    action: str = ""
    partial: bool = False
    """Whether fields may be left out: PATCH."""
    guards: tuple[str, ...] = ()


def by_names(
    interp: Interpreter,
    handler: Class,
    methods: list[str],
    method: str,
    names: RequestNames,
    action: str = "",
) -> Handled:
    """The methods of a view class that answer together, those that it has, with what guards them.

    Args:
        interp: the run.
        handler: the view class.
        methods: names of its methods, the one that is called by the framework first.
        method: of the request.
        names: of the framework.
        action: what the framework calls this way through the class, for ``RequestReader.schema``.
    """
    functions = [f for name in methods if (f := function_of(handler, name)) is not None]
    decorators = [d for f in functions for d in f.decorators] + handler.decorators
    for attribute in sorted(names.guards):
        found = handler.find(attribute)
        if found is not None and isinstance(found[0], Sequence):
            decorators += found[0].items
    mixins: list[Value] = [
        External(base) for base in sorted(handler.ancestors(interp)) if base.endswith("Mixin")
    ]
    return Handled(functions, handler, action, method == "PATCH", guards_of([*decorators, *mixins]))


def function_of(cls: Class, name: str) -> Function | None:
    """The function behind a method of a class, unwrapped."""
    found = cls.find(name)
    value = found[0] if found is not None else None
    if isinstance(value, Bound):
        value = value.function
    while isinstance(value, Function) and isinstance(value.wrapped, Function):
        value = value.wrapped
    return value if isinstance(value, Function) else None


def decorated_schema(interp: Interpreter, functions: list[Function]) -> Class | None:
    """The schema that a decorator loads the body with: the first one that it is given."""
    for decorator in (d for f in functions for d in f.decorators):
        given: list[Value] = []
        if isinstance(decorator, Object) and decorator.args is not None:
            given = list(decorator.args.all())
        elif isinstance(decorator, Function) and decorator.scope.callee is not None:
            names = [p.name for p in decorator.scope.callee.params]
            given = [decorator.scope.locals[name] for name in names if name in decorator.scope.locals]
        for value in given:
            cls = value.cls if isinstance(value, Object) else value
            if isinstance(cls, Class) and schemas.library_of(interp, cls) is not None:
                return cls
            if isinstance(value, Const) and value.value is None:
                break
    return None


def guards_of(decorators: list[Value]) -> tuple[str, ...]:
    """Dotted names of the decorators and classes that, by name, let only some callers in."""
    found = []
    for decorator in decorators:
        name = _dotted(decorator)
        last = name.replace(".<locals>", "").rpartition(".")[2] if "<locals>" not in name else name
        if name and GUARD.search(last) and not NO_GUARD.search(last):
            found.append(name.partition(".<locals>")[0])
    return tuple(dict.fromkeys(found))


def _dotted(value: Value) -> str:
    if isinstance(value, (Function, Class)):
        return value.dotted
    if isinstance(value, External):
        return value.name
    if isinstance(value, (Object, Generic)):
        return _dotted(value.cls if isinstance(value, Object) else value.origin)
    return ""
