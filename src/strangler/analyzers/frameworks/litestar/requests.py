"""Litestar: the parameters of a route handler, by name and type."""

from __future__ import annotations

import re

from msgspec import structs

from strangler.analyzers.plugin import (
    Class,
    Draft,
    External,
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
    of_value,
    syntax,
)
from strangler.model import Endpoint, Input

GIVEN = frozenset(
    {"state", "headers", "cookies", "request", "socket", "query", "scope", "body", "receive", "send"}
)
"""Parameters that Litestar fills itself."""


class Injected:
    """The names that dependencies fill, by dotted name of the handler."""

    def __init__(self) -> None:
        self.names: dict[str, frozenset[str]] = {}


class LitestarRequests(RequestReader):
    """``data`` is the body; what no path and no dependency gives is a parameter of the query."""

    names = RequestNames(
        query=frozenset({"query_params"}), form=frozenset({"form"}), body=frozenset({"json", "msgpack"})
    )

    def signature(self, interp: Interpreter, endpoint: Endpoint, function: Function, draft: Draft) -> None:
        taken = GIVEN | interp.state(Injected).names.get(endpoint.handler, frozenset())
        taken |= set(re.findall(r"\{(\w+)\}", endpoint.path))
        for name, annotation, default, kind in function.params:
            if kind in ("*", "**") or name in taken or (function.owner is not None and name == "self"):
                continue
            value, markers = _parts(interp, function, annotation)
            if isinstance(default, syntax.Call):
                markers.append(evaluate(interp, default, function.scope))
            found = of_value(interp, value, function.scope)
            for marker in markers:
                found = constrained(found, marker)
            required = default is None
            if isinstance(default, syntax.Call):
                required = not any(has_default(one) for one in markers if isinstance(one, Object))
            found = structs.replace(
                found, name=name, required=required, file=function.module.facts.path,
                line=(annotation or default or function).line,
            )  # fmt: skip
            if name == "data":
                _body(found, markers, draft)
            elif found.type and (found.type != "object" or _marker(markers, "Parameter") is not None):
                draft.add(_named(found, _marker(markers, "Parameter")))


def _parts(
    interp: Interpreter, function: Function, annotation: syntax.Expr | None
) -> tuple[Value, list[Value]]:
    """The type of a parameter and what ``Annotated`` adds to it."""
    if not annotation:
        return External(""), []
    value = evaluate(interp, annotation, function.scope)
    added = value.argument if isinstance(value, Generic) else None
    origin = value.origin if isinstance(value, Generic) else None
    if isinstance(origin, External) and origin.name.endswith(".Annotated") and isinstance(added, Sequence):
        return added.items[0], list(added.items[1:])
    if isinstance(origin, External) and origin.name.endswith(".DTOData") and isinstance(added, Class):
        return added, []
    return value, []


def _marker(markers: list[Value], name: str) -> Object | None:
    """``Parameter(...)`` or ``Body(...)``."""
    for one in markers:
        if isinstance(one, Object) and isinstance(one.cls, External) and one.cls.name.endswith(f".{name}"):
            return one
    return None


def _body(found: Input, markers: list[Value], draft: Draft) -> None:
    body = _marker(markers, "Body")
    media = body.arg(None, "media_type") if body is not None else None
    name = media.name if isinstance(media, External) else ""
    draft.media = draft.media or ("form" if name.endswith(("URL_ENCODED", "MULTI_PART")) else "json")
    for one in found.inputs or [structs.replace(found, name="data")]:
        draft.add(structs.replace(one, where="body"))
    draft.posted = True


def _named(found: Input, parameter: Object | None) -> Input:
    for where in ("query", "header", "cookie"):
        given = parameter.args.text(None, where) if parameter is not None and parameter.args else None
        if given is not None:
            return structs.replace(found, name=given, where=where)
    return structs.replace(found, where="query")
