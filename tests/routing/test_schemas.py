"""Files for gateways that we do not run pass their vendors' definitions, and a typo does not."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from routing_tables import context, route, system
from vendor_shapes import KONG, SHAPES

from strangler.routing import RoutingPlan, RoutingSettings, plan_routes, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("schemas") / "routing"
    write(made("tester-token"), root, ["kong", "istio", "aws"])
    write(made(None), root, ["gateway_api"])  # an HTTPRoute has room for 16 rules only
    return root


def made(token: str | None) -> RoutingPlan:
    table = system(
        route(0, "/orders/export/", "reports.v.export"),
        route(1, r"/orders/(?:\d+)/", "orders.v.show"),
        route(2, "/orders/(?:[^/]+)/", "orders.v.by_name"),
        route(3, "/orders/", "orders.v.index"),
        route(4, "/api/items", "orders.v.items", ("GET",), "fastapi"),
        route(5, "/api/items", "stock.v.add", ("POST",), "fastapi"),
        route(6, "/files/(?s:.*)", "orders.v.files"),
        route(7, r"/(?:[\w-]+)/", "pages.v.page"),
    )
    settings = RoutingSettings(
        service_url="http://orders:80", monolith_url="http://monolith:80", override_token=token
    )
    return plan_routes(table, context("orders.v"), settings)


def documents(folder: Path) -> list[Any]:
    return [
        document
        for path in sorted(folder.rglob("*.y*ml"))
        for document in yaml.safe_load_all(path.read_text())
        if document
    ]


def shape(document: Any) -> Any:
    return SHAPES[document["kind"]] if "kind" in document else KONG


@pytest.mark.parametrize("name", ["kong", "gateway_api", "istio"])
def test_documents_fit(folder: Path, name: str) -> None:
    found = documents(folder / name)
    assert len(found) >= 4
    for document in found:
        jsonschema.validate(document, shape(document))


def misspelt(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every field name that is the vendor's, not ours."""
    if isinstance(value, dict):
        for key in value:
            if path[-1:] not in (("labels",), ("headers",), ("config",), ("set",), ("add",)):
                yield (*path, key)
            yield from misspelt(value[key], (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value[:1]):
            yield from misspelt(item, (*path, number))


@pytest.mark.parametrize("name", ["kong", "gateway_api", "istio"])
def test_any_misspelt_field_is_rejected(folder: Path, name: str) -> None:
    document = documents(folder / name)[-1]
    places = [place for place in misspelt(document) if "config" not in place[:-1]]
    assert len(places) > 10
    for place in places:
        broken = copy.deepcopy(document)
        parent = broken
        for step in place[:-1]:
            parent = parent[step]
        parent[f"{place[-1]}x"] = parent.pop(place[-1])
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, shape(document))


def lint(template: str) -> list[str]:
    from cfnlint import decode
    from cfnlint.api import lint as run
    from cfnlint.config import ManualArgs

    decode.decode_str(template)
    return [str(match) for match in run(template, config=ManualArgs(regions=["us-east-1"]))]


def test_cloudformation_templates_pass_the_linter_and_a_typo_does_not(folder: Path) -> None:
    templates = [folder / "aws/alb.json", *sorted((folder / "aws/stages").glob("*.json"))]
    assert len(templates) == 4
    for path in templates:
        assert lint(path.read_text()) == []
    text = templates[0].read_text()
    assert lint(text.replace('"PathPatternConfig"', '"PathPatternConfg"', 1))
    assert lint(text.replace('"Priority"', '"Prioritty"', 1))


def test_the_openapi_document_is_valid_and_says_where_it_is_wider(folder: Path) -> None:
    from openapi_spec_validator import validate
    from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

    document = json.loads((folder / "aws/openapi.json").read_text())
    validate(document)
    assert "x-strangler-approximate" in document["paths"]["/orders"]
    assert document["paths"]["/{proxy+}"]["x-amazon-apigateway-any-method"]
    document["pathz"] = document.pop("paths")
    with pytest.raises(OpenAPIValidationError):
        validate(document)


def test_exact_paths_stay_exact_where_the_target_knows_them(folder: Path) -> None:
    route = documents(folder / "gateway_api")[0]
    kinds = {m["path"]["type"] for rule in route["spec"]["rules"] for m in rule["matches"]}
    assert {"Exact", "RegularExpression", "PathPrefix"} <= kinds


def test_priorities_are_explicit_and_fall(folder: Path) -> None:
    routes = documents(folder / "kong")[0]["routes"]
    priorities = [r["regex_priority"] for r in routes]
    assert priorities == sorted(priorities, reverse=True)
