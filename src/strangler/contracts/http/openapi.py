"""An OpenAPI 3.1 document: what the code declares, refined by what was recorded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from strangler.contracts.http.cases import pairs, request_of
from strangler.contracts.http.pool import PARAMETER, form_of
from strangler.contracts.http.schemas import (
    Components,
    loose,
    merged,
    of_input,
    of_inputs,
    schema,
    type_name,
)
from strangler.contracts.http.security import needed, schemes
from strangler.contracts.http.values import Case, Recording
from strangler.model import Endpoint, Input
from strangler.model.lookup import last

__all__ = ["merged", "openapi", "schema"]

DEPRECATION = (
    "Versioning: additions keep the version; anything that a client could notice otherwise gets a new major "
    "version, and the old one is served beside it. A deprecated operation says so in `deprecated` and in the "
    "headers Deprecation (RFC 9745) and Sunset (RFC 8594) for at least six months before it goes."
)
METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH", "TRACE")
TOLD = ("allow", "deprecation", "etag", "last-modified", "link", "location", "retry-after", "sunset",
        "www-authenticate")  # fmt: skip
"""Headers of answers that are part of a description."""
NOTICE = {
    "Deprecation": {
        "description": "RFC 9745: since when the operation is deprecated.",
        "schema": {"type": "string"},
        "example": "@1767225600",
    },
    "Sunset": {
        "description": "RFC 8594: when the operation goes.",
        "schema": {"type": "string"},
        "example": "Wed, 01 Jul 2026 00:00:00 GMT",
    },
}


def openapi(recording: Recording | None, endpoints: Sequence[Endpoint], context: str) -> dict[str, Any]:
    """The document; without a recording, only what the code declares."""
    return _Document(recording, endpoints).document(context)


class _Document:
    def __init__(self, recording: Recording | None, endpoints: Sequence[Endpoint]) -> None:
        self._recording = recording
        self._endpoints = endpoints
        self._components = Components()
        self._cases: dict[str, list[Case]] = {}
        for case in recording.cases if recording is not None else ():
            self._cases.setdefault(case.endpoint, []).append(case)
        self._used: set[str] = set()
        self._schemes = schemes(recording, endpoints)
        self._paths = {endpoint.path for endpoint in endpoints}

    def document(self, context: str) -> dict[str, Any]:
        """Everything together."""
        paths: dict[str, dict[str, Any]] = {}
        forms: dict[str, str] = {}
        for name, endpoint in pairs(self._endpoints):
            method = name.partition(" ")[0]
            if method not in METHODS:
                continue
            # Two templates that differ in the names of parameters alone are one path to OpenAPI.
            template = _template(endpoint.path)
            path = forms.setdefault(PARAMETER.sub("{}", template), template)
            item = paths.setdefault(path, {})
            if names := PARAMETER.findall(path):
                item["parameters"] = [self._parameter(one, path) for one in names]
            item.setdefault(method.lower(), self._operation(name, endpoint, method))
        found: dict[str, Any] = {
            "openapi": "3.1.0",
            "info": {"title": context, "version": self._version(), "description": DEPRECATION},
            "servers": [{"url": "/"}],
            "paths": self._components.shared(paths),
        }
        components: dict[str, Any] = {"schemas": dict(sorted(self._components.schemas.items()))}
        if any(
            one.get("deprecated") for item in paths.values() for one in item.values() if isinstance(one, dict)
        ):
            components["headers"] = NOTICE
        if self._schemes:
            components["securitySchemes"] = self._schemes
        found["components"] = {key: value for key, value in components.items() if value}
        return found

    def _version(self) -> str:
        """That of the paths where they carry one, the highest; else 1."""
        numbers = [int(n) for path in self._paths for n in re.findall(r"/v(\d{1,3})/", path)]
        return f"{max(numbers, default=1)}.0.0"

    # -- parameters ------------------------------------------------------------------------------

    def _parameter(self, name: str, path: str) -> dict[str, Any]:
        form = form_of(path)
        position = PARAMETER.findall(path).index(name)
        recording = self._recording
        values = [
            match[position + 1]
            for case in (recording.cases if recording is not None else ())
            if recording is not None and recording.answers[case.id]["status"] < 400
            if (match := form.fullmatch(case.path))
        ]
        found: dict[str, Any] = {"type": "string", "minLength": 1}
        if values and all(re.fullmatch(r"\d{1,18}", value) for value in values):
            found = {"type": "integer"}
        parameter = {"name": name, "in": "path", "required": True, "schema": found}
        return parameter | (
            {"example": int(values[0]) if found["type"] == "integer" else values[0]} if values else {}
        )

    def _query(self, endpoint: Endpoint, method: str, cases: list[Case]) -> list[dict[str, Any]]:
        row = request_of(endpoint, method)
        known = {one.name: one for one in row.inputs if one.where == "query"} if row is not None else {}
        for key in sorted({key for case in cases for key, _ in case.query} - known.keys()):
            known[key] = Input(name=key, where="query", type="string")
        return [
            {"name": one.name, "in": "query"}
            | ({"required": True} if one.required else {})
            | {"schema": of_input(one) or {"type": "string"}}
            | ({"description": f"{one.file}:{one.line}"} if one.file else {})
            for one in known.values()
        ]

    # -- operations ------------------------------------------------------------------------------

    def _operation(self, name: str, endpoint: Endpoint, method: str) -> dict[str, Any]:
        cases = [case for case in self._cases.get(name, ()) if case.method == method]
        row = request_of(endpoint, method)
        place = (
            f"{row.file}:{row.line}" if row is not None and row.file else f"{endpoint.file}:{endpoint.line}"
        )
        operation: dict[str, Any] = {
            "operationId": self._id(endpoint, method),
            "tags": [type_name(endpoint.path)],
            "description": f"{endpoint.handler} ({place})",
        }
        if self._is_old(endpoint, cases):
            operation["deprecated"] = True
        if query := self._query(endpoint, method, cases):
            operation["parameters"] = query
        if body := self._body(endpoint, method, cases):
            operation["requestBody"] = body
        operation["responses"] = self._responses(endpoint, method, cases, "deprecated" in operation)
        security = needed(self._recording, endpoint, method, cases, self._schemes)
        if security is not None:
            operation["security"] = security
        return operation

    def _id(self, endpoint: Endpoint, method: str) -> str:
        handler = re.sub(r"\W+", "_", last(endpoint.handler))
        name, number = f"{method.lower()}_{handler}", 2
        while name in self._used:
            name, number = f"{method.lower()}_{handler}_{number}", number + 1
        self._used.add(name)
        return name

    def _is_old(self, endpoint: Endpoint, cases: list[Case]) -> bool:
        """Whether the monolith says that it goes, or a later version of the same path is served."""
        answers = [self._answer(case) for case in cases]
        if any({"deprecation", "sunset"} & answer["headers"].keys() for answer in answers):
            return True
        version = re.search(r"/v(\d{1,3})/", endpoint.path)
        if version is None:
            return False
        head, tail = endpoint.path[: version.start()], endpoint.path[version.end() :]
        return any(
            f"{head}/v{n}/{tail}" in self._paths for n in range(int(version[1]) + 1, int(version[1]) + 6)
        )

    def _answer(self, case: Case) -> dict[str, Any]:
        assert self._recording is not None
        return self._recording.answers[case.id]

    def _body(self, endpoint: Endpoint, method: str, cases: list[Case]) -> dict[str, Any] | None:
        row = request_of(endpoint, method)
        inputs = [one for one in row.inputs if one.where == "body"] if row is not None else []
        sent = [
            case for case in cases if case.why in ("done", "given") and self._answer(case)["status"] < 400
        ]
        if method in ("GET", "TRACE") or not (inputs or any(case.json or case.form for case in sent)):
            return None
        example = next((case.json or case.form for case in sent if case.json or case.form), None)
        found = of_inputs(inputs) if inputs else schema(example) | {"required": []}
        if any(c.why == "unexpected field" and self._answer(c)["status"] in (400, 422) for c in cases):
            found = {**found, "additionalProperties": False}
        found = self._components.propose(found, f"{type_name(endpoint.path)}{method.title()}")
        is_form = (row is not None and row.media == "form") or any(case.form for case in sent)
        kind = "application/x-www-form-urlencoded" if is_form else "application/json"
        if is_form and any(one.format == "binary" for one in inputs):
            kind = "multipart/form-data"
        content = {"schema": found} | ({"example": example} if example else {})
        return {"required": any(one.required for one in inputs), "content": {kind: content}}

    # -- responses -------------------------------------------------------------------------------

    def _responses(self, endpoint: Endpoint, method: str, cases: list[Case], old: bool) -> dict[str, Any]:
        by_status: dict[str, list[dict[str, Any]]] = {}
        for case in cases:
            answer = self._answer(case)
            by_status.setdefault(str(answer["status"]), []).append(answer)
        found: dict[str, Any] = {
            status: self._response(endpoint, int(status), rows) for status, rows in by_status.items()
        }
        row = request_of(endpoint, method)
        for status in row.statuses if row is not None else ():
            found.setdefault(str(status), {"description": "stated by the code, not recorded"})
        if old:
            for one in found.values():
                headers = {name: {"$ref": f"#/components/headers/{name}"} for name in NOTICE}
                one["headers"] = {**one.get("headers", {}), **headers}
        found = dict(sorted(found.items()))
        if not any(status < "4" for status in found):
            found["default"] = {"description": "not recorded"}
        return found

    def _response(self, endpoint: Endpoint, status: int, answers: list[dict[str, Any]]) -> dict[str, Any]:
        content: dict[str, Any] = {}
        headers: dict[str, Any] = {}
        for answer in answers:
            for name in TOLD:
                if name in answer["headers"]:
                    headers[name.title()] = {"schema": {"type": "string"}}
            kind = answer["headers"].get("content-type", "").partition(";")[0].strip()
            if not kind or not (answer.get("text", True) or "json" in answer):
                continue
            found = schema(answer["json"]) if "json" in answer else {"type": "string"}
            known = content.get(kind)
            content[kind] = {"schema": merged(known["schema"], found) if known else found}
        for kind, one in content.items():
            found = loose(one["schema"]) if status >= 400 else one["schema"]
            content[kind] = {"schema": self._components.propose(found, _shown(endpoint, status, one))}
        response: dict[str, Any] = {
            "description": f"recorded {len(answers)} times" if len(answers) > 1 else "recorded"
        }
        return (
            response | ({"headers": headers} if headers else {}) | ({"content": content} if content else {})
        )


def _shown(endpoint: Endpoint, status: int, one: dict[str, Any]) -> str:
    """A name for what an answer shows."""
    if status >= 400:
        return "Error"
    name = type_name(endpoint.path)
    properties = one["schema"].get("properties", {})
    is_page = any(p.get("type") == "array" for p in properties.values()) and "{" not in endpoint.path
    return f"{name}List" if is_page or one["schema"].get("type") == "array" else name


def _template(path: str) -> str:
    """Names of parameters made unique and plain."""
    seen: dict[str, int] = {}

    def name(match: re.Match[str]) -> str:
        plain = re.sub(r"\W+", "_", match[1]).strip("_") or "value"
        seen[plain] = seen.get(plain, 0) + 1
        return f"{{{plain}}}" if seen[plain] == 1 else f"{{{plain}{seen[plain]}}}"

    return PARAMETER.sub(name, path if path.startswith("/") else f"/{path}")
