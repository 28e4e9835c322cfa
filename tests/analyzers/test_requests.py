"""What the code says about requests: the fields of bodies, parameters, statuses and guards of endpoints."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.monolith import FIXTURES

from strangler import pipeline
from strangler.config import Config
from strangler.model import Input, Request


def requests_of(folder: Path) -> dict[tuple[str, str], Request]:
    model = pipeline.analyze(pipeline.scan(folder, Config()), Config(), jobs=1, cached=False)
    return {(row.method, e.path): row for e in model.endpoints for row in e.requests}


@pytest.fixture(scope="module")
def found() -> dict[str, dict[tuple[str, str], Request]]:
    return {name: requests_of(FIXTURES / name) for name in ("django_shop", "flask_clinic", "fastapi_courier")}


def body(row: Request) -> dict[str, Input]:
    return {one.name: one for one in row.inputs if one.where == "body"}


def test_a_pydantic_model_tells_lengths_choices_and_what_may_be_left_out(found):
    row = found["fastapi_courier"]["POST", "/api/v1/parcels/"]
    fields = body(row)
    assert (row.media, list(fields)) == ("json", ["recipient", "street", "size", "deliver_from"])
    assert (fields["street"].min_length, fields["street"].max_length) == (3, 120)
    assert fields["size"].choices == ("S", "M", "L")
    assert (fields["deliver_from"].required, fields["deliver_from"].nullable) == (False, True)
    assert fields["deliver_from"].format == "date-time"
    assert fields["street"].file.endswith("parcels/schemas.py")
    assert 201 in row.statuses


def test_parameters_and_guards_of_dependencies_count_for_the_route(found):
    rows = found["fastapi_courier"]
    query = {one.name: one for one in rows["GET", "/api/v1/parcels/"].inputs if one.where == "query"}
    assert (query["size"].minimum, query["size"].maximum) == (1, 50)
    assert query["status"].choices == ("booked", "planned", "delivered", "cancelled")
    assert rows["GET", "/api/v1/parcels/"].guards == ("courier.core.deps.current_account",)
    assert rows["POST", "/fleet/drivers"].guards == ("courier.core.deps.RequireRole",)
    assert rows["GET", "/api/v1/billing/tariffs"].guards == ()


def test_a_serializer_of_a_view_set_gives_the_fields_of_its_model_and_the_tables_it_refers_to(found):
    row = found["django_shop"]["POST", "/api/products/"]
    fields = body(row)
    assert list(fields) == ["title", "price", "category", "tags"]
    assert (fields["title"].max_length, fields["title"].required) == (120, True)
    assert fields["category"].refers == "catalog_category.slug"
    assert not body(found["django_shop"]["PATCH", "/api/products/{slug}/"])["title"].required
    lines = body(found["django_shop"]["POST", "/api/orders/"])["lines"]
    assert [one.name for one in lines.inputs[0].inputs] == ["product", "quantity"]


def test_extra_actions_and_forms_have_bodies_of_their_own(found):
    rows = found["django_shop"]
    assert list(body(rows["POST", "/api/products/{slug}/price/"])) == ["price"]
    assert rows["POST", "/{language_code}/orders/cart/add/"].media == "form"
    assert body(rows["POST", "/{language_code}/orders/cart/add/"])["quantity"].maximum == 99
    assert list(body(rows["POST", "/accounts/addresses/add/"])) == ["street", "postcode", "city"]
    assert rows["GET", "/accounts/profile/"].guards == ("django.contrib.auth.decorators.login_required",)


def test_a_helper_that_reads_the_body_tells_the_fields_that_its_callers_name(found):
    row = found["flask_clinic"]["POST", "/api/v1/patients/"]
    assert {name: (one.type, one.format) for name, one in body(row).items()} == {
        "first_name": ("string", ""),
        "last_name": ("string", ""),
        "born": ("string", "date"),
        "email": ("string", ""),
    }
    assert {201, 409} >= set(row.statuses)
    assert row.guards == ("clinic.staff.auth.token_required",)
    query = [one.name for one in found["flask_clinic"]["GET", "/api/v1/patients/"].inputs]
    assert query == ["q", "page"]


def test_marshmallow_and_wtforms_say_what_they_take(tmp_path):
    (tmp_path / "app.py").write_text(
        "from flask import Flask, request\n"
        "from flask_wtf import FlaskForm\n"
        "from marshmallow import Schema, fields, validate\n"
        "from wtforms import StringField, SelectField\n"
        "from wtforms.validators import DataRequired, Length\n"
        "app = Flask(__name__)\n"
        "class Note(Schema):\n"
        "    id = fields.Int(dump_only=True)\n"
        "    text = fields.Str(required=True, validate=validate.Length(max=9))\n"
        "    mood = fields.Str(validate=validate.OneOf(['good', 'bad']))\n"
        "class Sign(FlaskForm):\n"
        "    name = StringField('Name', validators=[DataRequired(), Length(min=2, max=5)])\n"
        "    size = SelectField('Size', choices=[('s', 'Small'), ('l', 'Large')])\n"
        "@app.post('/notes')\n"
        "def notes():\n"
        "    note = Note().load(request.json)\n"
        "    return note, 201\n"
        "@app.route('/sign', methods=['GET', 'POST'])\n"
        "def sign():\n"
        "    form = Sign()\n"
        "    if form.validate_on_submit():\n"
        "        return 'ok'\n"
        "    return 'no', 422\n"
    )
    rows = requests_of(tmp_path)
    text, mood = rows["POST", "/notes"].inputs
    assert (text.name, text.required, text.max_length, text.line) == ("text", True, 9, 9)
    assert (mood.required, mood.choices) == (False, ("good", "bad"))
    name, size = rows["POST", "/sign"].inputs
    assert (name.required, name.min_length, name.max_length) == (True, 2, 5)
    assert size.choices == ("s", "l")
    assert rows["POST", "/sign"].media == "form"
    assert rows["GET", "/sign"].inputs == ()


def test_a_view_for_any_method_takes_those_that_its_code_tells_apart(tmp_path):
    (tmp_path / "urls.py").write_text(
        "from django.urls import path\n"
        "from django.http import JsonResponse\n"
        "def one(request, pk):\n"
        "    if request.method == 'DELETE':\n"
        "        return JsonResponse({}, status=204)\n"
        "    if request.method in ('POST', 'PUT'):\n"
        "        return JsonResponse({'n': request.POST['n']})\n"
        "    return JsonResponse({})\n"
        "def two(request):\n"
        "    return JsonResponse({})\n"
        "urlpatterns = [path('one/<int:pk>', one), path('two', two)]\n"
    )
    (tmp_path / "settings.py").write_text("ROOT_URLCONF = 'urls'\nINSTALLED_APPS = []\n")
    (tmp_path / "manage.py").write_text(
        "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n"
    )
    rows = requests_of(tmp_path)
    assert sorted(method for method, path in rows if path == "/one/{pk}") == ["DELETE", "GET", "POST", "PUT"]
    assert [method for method, path in rows if path == "/two"] == ["GET"]
    assert [one.name for one in rows["POST", "/one/{pk}"].inputs] == ["n"]


def declared(application: str, mount: str) -> dict[tuple[str, str], tuple[dict[str, bool], dict[str, bool]]]:
    """What FastAPI itself says: fields of the body and of the query, and whether each is required."""
    code = f"import json; from {application} import app; print(json.dumps(app.openapi()))".replace(
        "import app;", f"import {'fleet_app as app' if mount else 'app'};"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=FIXTURES / "fastapi_courier",
        capture_output=True,
        text=True,
        check=True,
    )
    document = json.loads(done.stdout)
    found = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            content = operation.get("requestBody", {}).get("content", {})
            name = next(iter(content.values()))["schema"]["$ref"].rpartition("/")[2] if content else ""
            schema = document["components"]["schemas"].get(name, {"properties": {}})
            fields = {field: field in schema.get("required", ()) for field in schema["properties"]}
            query = {
                one["name"]: one["required"]
                for one in operation.get("parameters", ())
                if one["in"] == "query"
            }
            found[method.upper(), mount + path] = (fields, query)
    return found


@pytest.mark.parametrize(("application", "mount"), [("courier.main", ""), ("courier.fleet.app", "/fleet")])
def test_bodies_and_queries_are_those_that_fastapi_itself_declares(found, application, mount):
    rows = found["fastapi_courier"]
    expected = declared(application, mount)
    assert len(expected) > 5
    for (method, path), (fields, query) in expected.items():
        inputs = rows[method, path].inputs
        # A PATCH may leave fields out: what the model requires is tried, not taken for granted.
        required = {one.name: one.required for one in inputs if one.where == "body"}
        assert list(required) == list(fields), (method, path)
        assert method == "PATCH" or required == fields, (method, path)
        assert {one.name: one.required for one in inputs if one.where == "query"} == query, (method, path)
