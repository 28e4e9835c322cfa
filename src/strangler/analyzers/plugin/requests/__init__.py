"""What the code says about requests: the inputs of every endpoint, its statuses, and what guards it."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence as Rows
from typing import TYPE_CHECKING

from msgspec import structs

from strangler.analyzers.plugin.requests.bodies import Draft, read
from strangler.analyzers.plugin.requests.handlers import (
    READS,
    Handled,
    decorated_schema,
    guards_of,
)
from strangler.analyzers.plugin.requests.reader import RequestReader
from strangler.analyzers.python.values import Class, Function
from strangler.model import Endpoint, Request

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter


Handlers = Mapping[str, Function | Class]


def handlers_of(interp: Interpreter) -> Handlers:
    """Dotted name -> the function or class of the monolith."""
    known: dict[str, Function | Class] = {}
    for function in interp.program.functions:
        known.setdefault(function.dotted, function)
    for cls in interp.classes:
        known.setdefault(cls.dotted, cls)
    return known


def with_requests(
    interp: Interpreter, endpoints: Rows[Endpoint], reader: RequestReader, known: Handlers
) -> list[Endpoint]:
    """The endpoints with what is known of the requests that they take."""
    found = []
    for endpoint in endpoints:
        handler = known.get(endpoint.handler)
        try:
            rows = _requests(interp, endpoint, handler, reader) if handler is not None else ()
        except (interp.exhausted, RecursionError):
            rows = ()
        except Exception as error:  # a defect of ours costs the requests of one endpoint, not the run
            message = f"requests of {endpoint.handler} were not read ({type(error).__name__}: {error})"
            assert handler is not None
            interp.log.failed(handler.module, handler.line, "not-interpreted", message)
            rows = ()
        found.append(structs.replace(endpoint, requests=rows) if rows else endpoint)
    return found


def _requests(
    interp: Interpreter, endpoint: Endpoint, handler: Function | Class, reader: RequestReader
) -> tuple[Request, ...]:
    interp.budget.steps = 0
    rows = []
    declared = {row.method: row for row in endpoint.requests}
    for method in _methods(interp, endpoint, handler, reader):
        row = _request(interp, endpoint, method, _handled(interp, endpoint, handler, method, reader), reader)
        if row is not None:
            stated = declared.get(method, row)
            statuses = tuple(sorted({*row.statuses, *stated.statuses}))
            guards = tuple(dict.fromkeys((*stated.guards, *row.guards)))
            rows.append(structs.replace(row, statuses=statuses, guards=guards))
    return tuple(rows)


def _request(
    interp: Interpreter, endpoint: Endpoint, method: str, code: Handled, reader: RequestReader
) -> Request | None:
    draft = Draft(reader.names)
    for function in code.functions:
        read(interp, function, draft, code.view)
        reader.signature(interp, endpoint, function, draft)
    if method not in READS:
        for schema in (decorated_schema(interp, code.functions), reader.schema(interp, code)):
            if schema is not None:
                draft.schema(interp, schema)
    inputs = [one for one in draft.inputs.values() if one.where != "body" or method not in READS]
    reads_body = method not in READS and any(one.where == "body" for one in inputs)
    if code.partial:
        inputs = [structs.replace(one, required=False) if one.where == "body" else one for one in inputs]
    place = code.functions[0] if code.functions else code.view
    if place is None:
        return None
    guards = (*code.guards, *reader.guards(interp, code.functions))
    return Request(
        method=method,
        media=("form" if draft.media == "form" else "json") if reads_body else "",
        inputs=tuple(inputs),
        statuses=tuple(sorted(draft.statuses)),
        guards=tuple(dict.fromkeys(guards)),
        file=place.module.facts.path,
        line=place.line,
    )


def _methods(
    interp: Interpreter, endpoint: Endpoint, handler: Function | Class, reader: RequestReader
) -> tuple[str, ...]:
    """The methods to look at; a function that takes any method and reads a body takes POST."""
    if endpoint.methods is not None:
        return tuple(m for m in endpoint.methods if m not in ("HEAD", "OPTIONS"))
    if isinstance(handler, Function):
        draft = Draft(reader.names)
        read(interp, handler, draft)
        others = draft.methods - {"GET"} or ({"POST"} if draft.posted else set())
        return ("GET", *sorted(others))
    return ("GET",)


def _handled(
    interp: Interpreter, endpoint: Endpoint, handler: Function | Class, method: str, reader: RequestReader
) -> Handled:
    """The functions of the monolith that answer."""
    if isinstance(handler, Function):
        return Handled([handler], handler.owner, "", method == "PATCH", guards_of(handler.decorators))
    return reader.handled(interp, endpoint, handler, method)
