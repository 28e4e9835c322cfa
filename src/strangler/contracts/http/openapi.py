"""An OpenAPI 3.1 document: what the code declares, refined by what was recorded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from strangler.contracts.http.pool import PARAMETER
from strangler.contracts.http.suite.contract import kind_of
from strangler.contracts.http.values import Case, Recording
from strangler.model import Endpoint

DEPRECATION = (
    "Versioning: additions keep the version; anything that a client could notice otherwise gets a new major "
    "version, and the old one is served beside it. A deprecated operation says so in `deprecated` and in the "
    "headers Deprecation (RFC 9745) and Sunset (RFC 8594) for at least six months before it goes."
)
METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")


def openapi(recording: Recording | None, endpoints: Sequence[Endpoint], context: str) -> dict[str, Any]:
    """The document; without a recording, only what the code declares."""
    paths: dict[str, dict[str, Any]] = {}
    forms: dict[str, str] = {}
    used: set[str] = set()
    for endpoint in endpoints:
        # Two templates that differ in the names of parameters alone are one path to OpenAPI.
        template = _template(endpoint.path)
        path = forms.setdefault(PARAMETER.sub("{}", template), template)
        item = paths.setdefault(path, {})
        if names := PARAMETER.findall(path):
            item["parameters"] = [_parameter(name, recording, path) for name in names]
        for method in endpoint.methods or ("GET",):
            if method in METHODS and method not in ("HEAD", "OPTIONS"):
                cases = _cases(recording, f"{method} {endpoint.path}", method)
                item.setdefault(method.lower(), _operation(endpoint, method, cases, recording, used))
    return {
        "openapi": "3.1.0",
        "info": {"title": context, "version": "1.0.0", "description": DEPRECATION},
        "paths": paths,
    }


def _template(path: str) -> str:
    """Names of parameters made unique and plain."""
    seen: dict[str, int] = {}

    def name(match: re.Match[str]) -> str:
        plain = re.sub(r"\W+", "_", match[1]).strip("_") or "value"
        seen[plain] = seen.get(plain, 0) + 1
        return f"{{{plain}}}" if seen[plain] == 1 else f"{{{plain}{seen[plain]}}}"

    return PARAMETER.sub(name, path if path.startswith("/") else f"/{path}")


def _parameter(name: str, recording: Recording | None, path: str) -> dict[str, Any]:
    form = re.compile("([^/]+)".join(re.escape(part) for part in PARAMETER.split(path)[::2]))
    position = PARAMETER.findall(path).index(name)
    values = [
        match[position + 1]
        for case in (recording.cases if recording else ())
        if recording and recording.answers[case.id]["status"] < 400
        if (match := form.fullmatch(case.path))
    ]
    integer = bool(values) and all(value.isdigit() for value in values)
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {"type": "integer" if integer else "string"},
    }


def _cases(recording: Recording | None, name: str, method: str) -> list[Case]:
    return [c for c in (recording.cases if recording else ()) if c.endpoint == name and c.method == method]


def _operation(
    endpoint: Endpoint, method: str, cases: list[Case], recording: Recording | None, used: set[str]
) -> dict[str, Any]:
    handler = re.sub(r"\W+", "_", endpoint.handler.rpartition(".")[2])
    name, number = f"{method.lower()}_{handler}", 2
    while name in used:
        name, number = f"{method.lower()}_{handler}_{number}", number + 1
    used.add(name)
    operation: dict[str, Any] = {
        "operationId": name,
        "description": f"{endpoint.handler} ({endpoint.file}:{endpoint.line})",
        "responses": {},
    }
    names = sorted({key for case in cases for key, _ in case.query})
    if names:
        operation["parameters"] = [
            {"name": key, "in": "query", "schema": {"type": "string"}} for key in names
        ]
    by_status: dict[str, list[dict[str, Any]]] = {}
    for case in cases:
        answer = recording.answers[case.id] if recording else {}
        by_status.setdefault(str(answer["status"]), []).append(answer)
    for status, answers in sorted(by_status.items()):
        operation["responses"][status] = _response(answers)
    operation["responses"].setdefault("default", {"description": "not recorded"})
    return operation


def _response(answers: list[dict[str, Any]]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for answer in answers:
        kind = answer["headers"].get("content-type", "").partition(";")[0].strip()
        if not kind:
            continue
        found = schema(answer["json"]) if "json" in answer else {"type": "string"}
        known = content.get(kind)
        content[kind] = {"schema": merged(known["schema"], found) if known else found}
    response: dict[str, Any] = {"description": "recorded"}
    return {**response, "content": content} if content else response


def schema(value: Any) -> dict[str, Any]:
    """JSON Schema of one value."""
    if isinstance(value, dict) and set(value) != {"$number"}:
        properties = {name: schema(item) for name, item in sorted(value.items())}
        return {"type": "object", "properties": properties, "required": sorted(value)}
    if isinstance(value, list):
        items: dict[str, Any] = {}
        for item in value:
            items = merged(items, schema(item)) if items else schema(item)
        return {"type": "array", "items": items}
    kind = kind_of(value)["type"]
    if kind in ("datetime", "date", "uuid"):
        return {"type": "string", "format": {"datetime": "date-time"}.get(kind, kind)}
    return {"type": kind}


def merged(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    """A schema that takes what either takes; required is what both have."""
    if a == b:
        return a
    if not a or not b:
        return a or b
    if a.get("type") == b.get("type") == "object":
        left, right = a["properties"], b["properties"]
        names = sorted({*left, *right})
        return {
            "type": "object",
            "properties": {name: merged(left.get(name, {}), right.get(name, {})) for name in names},
            "required": sorted(set(a["required"]) & set(b["required"])),
        }
    if a.get("type") == b.get("type") == "array":
        return {"type": "array", "items": merged(a["items"], b["items"])}
    if "type" in a and a["type"] == b.get("type"):
        return {"type": a["type"]}
    options = [*a.get("anyOf", [a]), *[b for b in b.get("anyOf", [b]) if b not in a.get("anyOf", [a])]]
    return {"anyOf": options}
