"""The OpenAPI document: valid for every context, and saying what the code and the recordings say."""

from __future__ import annotations

from typing import Any

import pytest
from helpers.planted import planted
from openapi_spec_validator import OpenAPIV31SpecValidator

from strangler.contracts.http import Case, Recording, openapi
from strangler.model import Endpoint, Input, Request

CONTEXTS = {
    "django_shop": ("billing", "catalog", "customers", "orders", "platform", "warehouse"),
    "fastapi_courier": ("accounts", "billing", "fleet", "parcels", "tracking"),
    "flask_clinic": ("appointments", "billing", "patients", "pharmacy", "staff"),
}


def problems(document: dict[str, Any]) -> list[str]:
    return [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()]


@pytest.mark.parametrize("name", CONTEXTS)
def test_the_document_of_every_context_is_valid_without_a_recording(name):
    model = planted(name)
    for context in model.contexts:
        homes = set(context.modules)
        own = [e for e in model.endpoints if e.handler.rpartition(".")[0] in homes]
        document = openapi(None, own, context.name)
        assert problems(document) == []
        assert len(document["paths"]) <= len(own)


def test_what_the_code_takes_is_the_request_body():
    own = [e for e in planted("fastapi_courier").endpoints if e.path == "/api/v1/parcels/"]
    document = openapi(None, own, "parcels")
    post = document["paths"]["/api/v1/parcels/"]["post"]
    body = post["requestBody"]["content"]["application/json"]["schema"]
    assert body["properties"]["size"]["enum"] == ["S", "M", "L"]
    assert body["properties"]["street"] == {"type": "string", "minLength": 3, "maxLength": 120}
    assert body["properties"]["deliver_from"]["type"] == ["string", "null"]
    assert body["required"] == ["recipient", "size", "street"]
    query = {one["name"]: one["schema"] for one in document["paths"]["/api/v1/parcels/"]["get"]["parameters"]}
    assert query["size"] == {"type": "integer", "minimum": 1, "maximum": 50}
    assert "201" in post["responses"]
    assert document["info"]["version"] == "1.0.0"


def test_guards_of_the_code_become_security():
    own = [e for e in planted("flask_clinic").endpoints if e.path in ("/api/versions", "/api/v1/patients/")]
    document = openapi(None, own, "patients")
    assert list(document["components"]["securitySchemes"]) == ["credentials"]
    assert document["paths"]["/api/v1/patients/"]["get"]["security"] == [{"credentials": []}]
    assert "security" not in document["paths"]["/api/versions"]["get"]


def row(method: str, *inputs: Input, path: str = "/v1/things/{id}") -> Endpoint:
    return Endpoint(
        path=path,
        methods=(method,),
        handler="things.views.show",
        framework="flask",
        pattern=path,
        regex="",
        name=None,
        file="things/views.py",
        line=3,
        order=0,
        requests=(Request(method=method, media="json", inputs=inputs, guards=("app.login_required",)),),
    )


def recording(*rows: tuple[str, str, dict[str, Any]], endpoint: str) -> Recording:
    cases = tuple(
        Case(id=str(n), endpoint=endpoint, method="GET", path=path, identity=who, why="found")
        for n, (who, path, _) in enumerate(rows)
    )
    return Recording(
        target="",
        cases=cases,
        answers={str(n): answer for n, (_, _, answer) in enumerate(rows)},
        matchers={},
        missing=(),
        endpoints=1,
        schemes={"boss": ("bearer", {"type": "http", "scheme": "bearer"})},
    )


def answer(status: int, body: Any, **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "status": status,
        "headers": {"content-type": "application/json", **named},
        "cookies": [],
        "json": body,
    }


def test_recorded_answers_give_responses_errors_and_security():
    thing = {"id": 1, "owner": {"id": 5, "name": "Ada"}, "buyer": {"id": 6, "name": "Bob"}}
    found = recording(
        ("boss", "/v1/things/1", answer(200, thing)),
        ("anonymous", "/v1/things/1", answer(401, {"error": "who?"}, www_authenticate="Bearer")),
        ("boss", "/v1/things/9", answer(404, {"error": "none"})),
        endpoint="GET /v1/things/{id}",
    )
    document = openapi(found, [row("GET")], "things")
    assert problems(document) == []
    get = document["paths"]["/v1/things/{id}"]["get"]
    assert get["security"] == [{"bearer": []}]
    assert get["responses"]["401"]["headers"] == {"Www-Authenticate": {"schema": {"type": "string"}}}
    error = get["responses"]["404"]["content"]["application/json"]["schema"]
    assert error == {"$ref": "#/components/schemas/Error"}
    assert document["components"]["schemas"]["Error"]["properties"] == {"error": {"type": "string"}}
    parameter = document["paths"]["/v1/things/{id}"]["parameters"][0]
    assert parameter["schema"] == {"type": "integer"}
    properties = get["responses"]["200"]["content"]["application/json"]["schema"]["properties"]
    assert properties["owner"] == properties["buyer"]
    assert (
        properties["owner"]["$ref"].removeprefix("#/components/schemas/") in document["components"]["schemas"]
    )


@pytest.mark.parametrize("header", ["deprecation", "sunset", ""])
def test_an_old_version_and_a_notice_of_the_monolith_mean_deprecated(header):
    found = recording(
        ("boss", "/v1/things/1", answer(200, {}, **({header: "soon"} if header else {}))),
        endpoint="GET /v1/things/{id}",
    )
    rows = [row("GET")] if header else [row("GET"), row("GET", path="/v2/things/{id}")]
    document = openapi(found, rows, "things")
    assert problems(document) == []
    old = document["paths"]["/v1/things/{id}"]["get"]
    assert old["deprecated"] is True
    assert {"Deprecation", "Sunset"} <= old["responses"]["200"]["headers"].keys()
    assert document["info"]["version"] == ("1.0.0" if header else "2.0.0")
    if not header:
        assert "deprecated" not in document["paths"]["/v2/things/{id}"]["get"]


def test_odd_facts_of_the_code_still_give_a_valid_document():
    odd = (
        Input(name="a b", where="body", type="array"),
        Input(name="", where="body", choices=("x",), nullable=True),
        Input(name="n", where="body", type="integer", choices=("1", "2"), nullable=True),
        Input(name="p", where="body", type="string", pattern=r"(?P<x>a)\Z", max_length=0),
        Input(name="d", where="body", type="number", format="decimal", minimum=0, exclusive=True),
        Input(name="q", where="query", type="object"),
    )
    document = openapi(None, [row("POST", *odd), row("PUT", *odd)], "odd")
    assert problems(document) == []
