"""FastAPI: the signature of a path operation and of all that it depends on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import structs

from strangler.analyzers.frameworks.fastapi.dependencies import Dependency
from strangler.analyzers.plugin import (
    GUARD,
    UNKNOWN,
    Class,
    Draft,
    External,
    Frame,
    Function,
    Generic,
    Interpreter,
    Object,
    RequestNames,
    RequestReader,
    Sequence,
    Value,
    constrained,
    evaluate,
    has_default,
    is_record,
    of_value,
    syntax,
)
from strangler.model import Endpoint, Input

MARKERS = {"Query": "query", "Header": "header", "Cookie": "cookie", "Body": "body", "Form": "form",
           "File": "form", "Path": "path"}  # fmt: skip
GIVEN = ("Request", "Response", "BackgroundTasks", "WebSocket", "HTTPConnection", "SecurityScopes", "Session",
         "AsyncSession")  # fmt: skip
DEEPEST = 6


class FastAPIRequests(RequestReader):
    """Requests as Starlette gives them, and parameters as FastAPI fills them."""

    names = RequestNames(
        query=frozenset({"query_params"}), form=frozenset({"form"}), body=frozenset({"json"})
    )

    def signature(self, interp: Interpreter, endpoint: Endpoint, function: Function, draft: Draft) -> None:
        signature(interp, function, endpoint.path, draft)

    def guards(self, interp: Interpreter, functions: list[Function]) -> Iterator[str]:
        return guards(interp, functions)


def signature(interp: Interpreter, function: Function, path: str, draft: Draft, depth: int = 0) -> None:
    """Add the parameters of a path operation or dependency to a draft."""
    names = set(re.findall(r"\{(\w+)\}", path))
    bodies: list[Input] = []
    for name, annotation, default, kind in function.params:
        if kind in ("*", "**") or (function.owner is not None and name in ("self", "cls")):
            continue
        value, extras = _parts(interp, function, annotation)
        stated = _evaluated(interp, default, function.scope)
        markers = [*extras, *([stated] if isinstance(stated, Object | Dependency) else [])]
        dependency = next((m for m in markers if isinstance(m, Dependency)), None)
        if dependency is not None:
            for target in _targets(interp, dependency, value):
                if depth < DEEPEST:
                    signature(interp, target, path, draft, depth + 1)
            continue
        found = _parameter(interp, function, name, annotation, value, markers, default)
        if found is None or (name in names and found.where == "query"):
            continue
        if found.where == "body" and not _marker(markers):
            bodies.append(found)
        else:
            draft.add(found)
    _bodies(bodies, draft)


def _bodies(bodies: list[Input], draft: Draft) -> None:
    """One model is the body; several are its fields."""
    if len(bodies) == 1 and bodies[0].inputs:
        for one in bodies[0].inputs:
            draft.add(one)
    else:
        for one in bodies:
            draft.add(one)
    if bodies:
        draft.media = draft.media or "json"


def _parts(interp: Interpreter, function: Function, annotation: Any) -> tuple[Value, list[Value]]:
    """The type of a parameter and what ``Annotated`` adds to it."""
    value = _evaluated(interp, annotation, function.scope)
    origin = value.origin if isinstance(value, Generic) else None
    added = value.argument if isinstance(value, Generic) else None
    if isinstance(origin, External) and origin.name.endswith(".Annotated") and isinstance(added, Sequence):
        return added.items[0], list(added.items[1:])
    return value, []


def _evaluated(interp: Interpreter, node: Any, frame: Frame) -> Value:
    if not node:
        return UNKNOWN
    line = frame.line
    try:
        return evaluate(interp, node, frame)
    finally:
        frame.line = line


def _marker(markers: list[Value]) -> str:
    for marker in markers:
        if isinstance(marker, Object) and isinstance(marker.cls, External):
            name = marker.cls.name.rpartition(".")[2]
            if name in MARKERS and marker.cls.name.startswith("fastapi."):
                return MARKERS[name]
    return ""


def _parameter(
    interp: Interpreter,
    function: Function,
    name: str,
    annotation: Any,
    value: Value,
    markers: list[Value],
    default: Any,
) -> Input | None:
    kind = _marker(markers)
    last = _last(value)
    if kind == "path" or (not kind and last in GIVEN):
        return None
    frame = function.scope
    found = of_value(interp, value, frame)
    for marker in markers:
        found = constrained(found, marker)
    alias = next(
        (a for m in markers if isinstance(m, Object) and m.args and (a := m.args.text(None, "alias"))), None
    )
    required = default is None
    for marker in markers:
        if isinstance(marker, Object) and marker is not None and isinstance(default, syntax.Call):
            required = not has_default(marker)
    record = any(isinstance(o, Class) and is_record(interp, o) for o in value.options())
    where = kind or ("body" if record or found.type == "object" else "query")
    if where == "query" and not found.type and not kind:
        return None  # something that only a framework can make
    if where == "form":
        where = "body"
    shown = alias or (name.replace("_", "-") if where == "header" else name)
    return structs.replace(
        found, name=shown, where=where, required=required, file=function.module.facts.path,
        line=(annotation or default or function).line,
    )  # fmt: skip


def _last(value: Value) -> str:
    for option in value.options():
        if isinstance(option, External):
            return option.name.rpartition(".")[2]
        if isinstance(option, Object):
            return _last(option.cls)
    return ""


def _targets(interp: Interpreter, dependency: Dependency, annotation: Value) -> Iterator[Function]:
    """The functions that a dependency calls."""
    target = dependency.target if dependency.target is not None else annotation
    for option in target.options():
        if isinstance(option, Function):
            yield option
        elif (
            isinstance(option, Class)
            and (found := option.find("__init__"))
            and isinstance(found[0], Function)
        ):
            yield found[0]
        elif isinstance(option, Object) and isinstance(option.cls, Class):
            call = option.cls.find("__call__")
            if call is not None and isinstance(call[0], Function):
                yield call[0]


def guards(interp: Interpreter, functions: list[Function]) -> Iterator[str]:
    """Dependencies (and theirs) that, by name, let only some callers in."""
    for function in functions:
        yield from _guards(interp, function, 0)


def _guards(interp: Interpreter, function: Function, depth: int) -> Iterator[str]:
    for _, annotation, default, _ in function.params:
        value, extras = _parts(interp, function, annotation)
        called = isinstance(default, syntax.Call)
        stated = _evaluated(interp, default, function.scope) if called else UNKNOWN
        for marker in [*extras, stated]:
            if not isinstance(marker, Dependency):
                continue
            for target in _targets(interp, marker, value):
                owner = target.owner.dotted if target.owner is not None else target.dotted
                if GUARD.search(owner.rpartition(".")[2]):
                    yield owner
                elif depth < DEEPEST:
                    yield from _guards(interp, target, depth + 1)
