"""Consumer contracts: Pact files that the sample's real provider fulfils, and that a wrong one breaks."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest
from helpers.monolith import FIXTURES
from helpers.planted import planted
from helpers.seams import TOKEN, patched, provider
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from strangler.contracts.consumers import (
    Interaction,
    Pact,
    Pacts,
    State,
    find_pacts,
    pact_files,
    states_json,
    states_py,
)
from strangler.contracts.consumers.examples import example
from strangler.contracts.operations import find_operations
from strangler.model import Column, Model, Table
from strangler.plans import plan_extraction
from strangler.plans.contract_parts import consumers as consumer_part
from strangler.plans.contract_parts import table_uses

NAMES = ("django_shop", "fastapi_courier", "flask_clinic")


def pacts_of(name: str, context: str) -> Pacts:
    model = planted(name)
    plan = plan_extraction(model, context)
    remote = {cut.subject for cut in plan.cuts if cut.kind == "call" and cut.remedy == "api_call"}
    return find_pacts(model, find_operations(model, context), table_uses(plan), remote)


def interactions(pacts: Pacts, consumer: str, provider: str) -> dict[str, Interaction]:
    (pact,) = [one for one in pacts.pacts if (one.consumer, one.provider) == (consumer, provider)]
    return {one.description: one for one in pact.interactions}


@pytest.mark.parametrize("name", NAMES)
def test_every_context_of_the_samples_gets_the_same_files_twice(name):
    count = 0
    for context in planted(name).contexts:
        if context.kind == "context":
            files = pact_files(pacts_of(name, context.name))
            assert files == pact_files(pacts_of(name, context.name))
            for content in files.values():
                document = json.loads(content)
                descriptions = [one["description"] for one in document["interactions"]]
                assert len(set(descriptions)) == len(descriptions)
                assert document["metadata"]["pactSpecification"]["version"] == "4.0"
                count += len(descriptions)
    assert count >= 10


def test_a_call_that_can_cross_is_a_firm_interaction_with_types():
    (one,) = interactions(pacts_of("django_shop", "catalog"), "catalog", "customers").values()
    assert (one.method, one.path, one.status, one.pending) == (
        "POST",
        "/_strangler/customers/discount_of",
        200,
        False,
    )
    assert one.request is not None
    assert one.request["properties"] == {"customer_id": {"type": "integer"}}
    assert one.response == {"type": "object", "properties": {"result": {"type": "integer"}}}


def test_a_call_with_a_row_and_a_session_crosses_with_a_key_for_the_row():
    found = interactions(pacts_of("fastapi_courier", "parcels"), "fleet", "parcels")
    good, forbidden = found["find succeeds"], found["find fails with Forbidden"]
    assert not good.pending
    assert good.request is not None
    assert set(good.request["properties"]) == {"code", "account_id"}, "a key for the row, no session"
    assert forbidden.status == 403
    assert forbidden.response is not None
    assert forbidden.response["properties"]["code"]["const"] == "Forbidden"


def test_a_call_inside_a_transaction_is_a_step_of_a_saga_or_pending_with_what_blocks_it():
    found = interactions(pacts_of("django_shop", "billing"), "orders", "billing")
    assert not found["open_invoice succeeds"].pending
    blocked = found["refund succeeds"]
    assert blocked.pending
    assert any("it may change a row that it is" in comment for comment in blocked.comments)


def test_a_read_that_becomes_an_api_call_asks_for_the_columns_that_are_used():
    found = interactions(pacts_of("django_shop", "customers"), "billing", "customers")
    read = found["a row of customers_apitoken by its key"]
    assert (read.method, read.path) == ("GET", "/_tables/customers/customers_apitoken/text")
    assert read.response is not None
    assert set(read.response["properties"]) == {"key", "user_id"}
    assert found["a row of customers_apitoken that is not there"].status == 404


def test_what_gets_no_interaction_is_listed_with_the_reason():
    left = {one.what: one.reason for one in pacts_of("django_shop", "billing").left}
    assert "design an operation" in left["write of orders_order by billing"]
    assert all(one.reason and one.file and one.line for one in pacts_of("django_shop", "billing").left)


def test_the_plan_lists_what_is_open_and_runs_the_verifier():
    plan = plan_extraction(planted("django_shop"), "billing")
    written = consumer_part(plan, planted("django_shop"), None)
    assert written is not None
    part, files = written
    text = files["contracts/consumers/OPEN.md"].decode()
    assert "`write of orders_order by billing`" in text
    assert "`shop/billing/services.py:40`" in text
    verify = "python contracts/consumers/verify_pacts.py"
    assert part.commands == (
        f'{verify} billing "$SERVICE_SEAMS" --header "Authorization: Bearer $SEAM_TOKEN"',
    ), "of customers nothing answers yet: rows by their keys are asked for alone"
    asked = pacts_of("django_shop", "billing").pacts
    assert {one.provider for one in asked} == {"billing", "customers"}
    assert all(one.pending for pact in asked for one in pact.interactions if one.path.startswith("/_tables/"))
    assert part.stage == 3, "where their providers answer"
    assert {"contracts/states.json", "contracts/states.py"} <= set(part.files)


def test_contracts_need_the_model_alone():
    plan = plan_extraction(planted("django_shop"), "billing")
    written = consumer_part(plan, planted("django_shop"), None)
    assert written is not None
    assert written[1].keys() >= {"contracts/states.json", "contracts/states.py"}


# -- the real provider ---------------------------------------------------------------------------------

SHOP = '''
import json, os, re, sys
sys.path.insert(0, ".")
os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"
from shop.wsgi import application as shop
from shop.seams.server import provide
from django.apps import apps

TABLES = {model._meta.db_table: model for model in apps.get_app_config("customers").get_models()}


def tables(environ, start_response):
    """Rows of the customers' tables, one by one."""
    _, _, owner, table, key = environ["PATH_INFO"].split("/")
    row = TABLES[table].objects.filter(pk=key).values().first() if owner == "customers" else None
    body = json.dumps(row, default=str).encode()
    start_response("200 OK" if row else "404 Not Found", [("Content-Type", "application/json")])
    return [body]


def correct(environ, start_response):
    return (tables if environ["PATH_INFO"].startswith("/_tables/") else seams)(environ, start_response)


def application(environ, start_response):
    """The provider, with the defect that a file names."""
    started = []
    body = b"".join(correct(environ, lambda status, headers: started.append((status, headers))))
    defect = open("defect").read() if os.path.exists("defect") else ""
    for wrong, (found, put) in {
        "type": (rb'("user_id"|"result"): (\\d+)', rb'\\1: "\\2"'),
        "missing": (rb'"(user_id|result)"', rb'"other"'),
        "null": (rb'("user_id"|"result"): (\\d+)', rb'\\1: null'),
    }.items():
        body = re.sub(found, put, body) if wrong == defect else body
    (status, headers), = started
    kept = [(name, value) for name, value in headers if name != "Content-Length"]
    start_response(status, [*kept, ("Content-Length", str(len(body)))])
    return [body]


seams = provide(shop, "customers")
'''
VERIFIER = "contracts/consumers/verify_pacts.py"
FILLED_IN = """

@state("discount_of can be done")
def discount(params):
    put_row("customers_customer", {"id": params["customer_id"]})
"""


@pytest.fixture(scope="module")
def customers(tmp_path_factory) -> Iterator[tuple[str, Path, Path]]:
    """The shop's customers as a provider: its URL, its folder, and the contracts of its consumers."""
    folder = tmp_path_factory.mktemp("pact")
    shop = patched("django_shop", folder / "shop")
    database = shop.folder / "shop.sqlite3"
    seed = [sys.executable, "serve.py", "--database", str(database), "--seed-only"]
    subprocess.run(seed, cwd=shop.folder, check=True, capture_output=True)
    with sqlite3.connect(database) as connection:
        connection.execute("DELETE FROM customers_apitoken")
    plan = plan_extraction(planted("django_shop"), "customers")
    written = consumer_part(plan, planted("django_shop"), None)
    assert written is not None
    contracts = folder / "plan"
    for name, content in written[1].items():
        (contracts / name).parent.mkdir(parents=True, exist_ok=True)
        (contracts / name).write_bytes(content)
    with (contracts / "contracts/states.py").open("a") as states:
        states.write(FILLED_IN)
    with provider(shop, SHOP, SHOP_DATABASE=str(database)) as (url, _):
        yield url, shop.folder, contracts


def verify(url: str, folder: Path, contracts: Path, defect: str = "") -> tuple[bool, str]:
    """Run the generated verifier against the running provider."""
    (folder / "defect").write_text(defect)
    done = subprocess.run(
        [sys.executable, VERIFIER, "customers", url, "--header", f"Authorization: Bearer {TOKEN}"],
        cwd=contracts,
        env=os.environ | {"STATES_SQLITE": str(folder / "shop.sqlite3")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode == 0, done.stdout + done.stderr


def test_the_real_provider_fulfils_what_its_consumers_count_on(customers):
    good, output = verify(*customers)
    assert good, output[-3000:]
    assert "discount_of succeeds" in output
    assert "a row of customers_apitoken by its key" in output


@pytest.mark.parametrize("defect", ["type", "missing", "null"])
def test_a_changed_type_a_missing_key_and_a_null_are_found(customers, defect):
    good, output = verify(*customers, defect=defect)
    assert not good
    plain = re.sub(r"\x1b\[[0-9;]*m", "", output)
    for name in ("user_id", "result"):
        assert re.search(
            rf"missing the following keys:.*{name}" if defect == "missing" else rf"\$\.{name} ->", plain
        ), plain


def test_states_leave_no_row_behind(customers):
    _, folder, _ = customers
    verify(*customers)
    with sqlite3.connect(folder / "shop.sqlite3") as connection:
        assert connection.execute("SELECT count(*) FROM customers_apitoken").fetchone() == (0,)


def test_a_proposal_that_fails_breaks_no_build(customers, tmp_path):
    """Pending interactions are tried; the verifier stays green while nobody answers them."""
    url, folder, contracts = customers
    shutil.copytree(contracts, tmp_path / "plan")
    for path in (tmp_path / "plan/contracts/consumers").glob("*.json"):
        document = json.loads(path.read_bytes())
        for one in document["interactions"]:
            one["pending"] = True
            one["request"]["path"] = "/nobody/answers"
        path.write_text(json.dumps(document))
    good, output = verify(url, folder, tmp_path / "plan")
    assert good, output[-3000:]
    assert "nobody" in output or "404" in output or "pending" in output.lower()


# -- states --------------------------------------------------------------------------------------------


def states_of(folder: Path, pacts: Pacts, model: Model) -> Any:
    path = folder / "states.py"
    path.write_bytes(states_py(pacts, model, {}))
    spec = importlib.util.spec_from_file_location(f"states_{abs(hash(str(path)))}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_states_are_the_same_in_both_files_and_what_is_open_says_so(tmp_path):
    pacts = pacts_of("django_shop", "catalog")
    module = states_of(tmp_path, pacts, planted("django_shop"))
    listed = [state["name"] for state in json.loads(states_json(pacts, {}))["states"]]
    assert sorted(module.STATES) == listed
    with pytest.raises(NotImplementedError, match="discount_of can be done"):
        module.set_up("discount_of can be done", {"customer_id": 1})
    with pytest.raises(LookupError, match="add it"):
        module.set_up("something new", {})


def test_the_teams_states_are_written_once_and_never_again(tmp_path):
    from strangler.plans import folder

    files = {"contracts/states.py": b"generated", "PLAN.md": b"plan"}
    assert folder.compare(tmp_path, files).write == ("PLAN.md", "contracts/states.py")
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts/states.py").write_bytes(b"filled in")
    found = folder.compare(tmp_path, files)
    assert found.write == ("PLAN.md",)
    assert found.edited == ()


FACTORIES = """
import factory
from shop.orders.models import Order

class OrderFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Order

class CouponFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = "orders.Coupon"
"""


def test_factories_of_the_monoliths_tests_are_named_as_hints(tmp_path):
    from strangler import pipeline
    from strangler.config import Config
    from strangler.contracts.consumers import factory_hints

    root = tmp_path / "shop"
    shutil.copytree(FIXTURES / "django_shop", root)
    (root / "tests/factories.py").write_text(FACTORIES)
    (root / "shop/orders/fixtures").mkdir()
    rows = [{"model": "orders.coupon", "pk": 1, "fields": {}}, {"model": "orders.coupon", "pk": 2}, 7]
    (root / "shop/orders/fixtures/spring.json").write_text(json.dumps(rows))
    (root / "shop/orders/fixtures/broken.json").write_text("{")
    model = pipeline.analyze(pipeline.scan(root, Config()), Config(), jobs=1, cached=False)
    hints = factory_hints(model)
    assert hints["orders_order"] == ["OrderFactory (tests/factories.py:5)"]
    assert hints["orders_coupon"] == [
        "CouponFactory (tests/factories.py:9)",
        "2 in shop/orders/fixtures/spring.json (loaddata)",
    ]


# -- any shape, any name -------------------------------------------------------------------------------

LEAVES = st.sampled_from(
    [
        {"type": "integer"},
        {"type": ["string", "null"], "maxLength": 3},
        {"type": "number"},
        {"type": "boolean"},
        {"type": "null"},
        {"type": "string", "format": "uuid"},
        {"type": "string", "format": "date"},
        {"type": "string", "pattern": r"^-?\d+(\.\d+)?(E[+-]?\d+)?$"},
        {"enum": ["a.b", "c|d", 'e"f']},
        {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}]},
        {"type": ["object", "null"], "properties": {"a": {"type": ["integer", "null"]}}},
        {},
    ]
)
NAME = st.text(min_size=1, max_size=12)
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda item: {"type": "array", "items": item}, inner),
        st.builds(lambda item: {"type": "object", "additionalProperties": item}, inner),
        st.builds(
            lambda parts: {"type": "object", "properties": parts}, st.dictionaries(NAME, inner, max_size=3)
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=150)
@given(SCHEMAS)
def test_examples_are_valid_by_the_schema_that_they_show(schema):
    made = example(schema)
    if schema:
        Draft202012Validator(schema).validate(made)


def contract(schema: dict[str, Any], name: str) -> Pacts:
    state = State(name=name, params={name: 1}, kind="row", subject=name)
    one = Interaction(
        description=name,
        states=(state, msgspec.structs.replace(state, kind="failure", name=f"{name} fails")),
        method="POST",
        path="/x",
        request=schema,
        status=200,
        response=schema,
        pending=False,
        comments=(name,),
    )
    pact = Pact(consumer=name, provider="p", interactions=(one,))
    return Pacts(context="p", monolith="m", pacts=(pact,), left=())


@pytest.fixture(scope="module")
def echo() -> Iterator[tuple[str, dict[str, Any]]]:
    """A provider that answers what it is told to: its URL, and where to tell it."""
    told: dict[str, Any] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.dumps(told["answer"]).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", told
    server.shutdown()


def holds(folder: Path, files: dict[str, bytes], url: str) -> bool:
    """Whether Pact's verifier is content with the provider at the URL."""
    from pact import Verifier

    for name, content in files.items():
        (folder / name).write_bytes(content)
    verifier = Verifier("p", host="127.0.0.1").add_transport(url=url).add_source(folder)
    try:
        verifier.state_handler(lambda **_: None, teardown=False).verify()
    except RuntimeError:
        return False
    return True


@settings(max_examples=10)
@given(SCHEMAS, NAME)
def test_any_shape_and_name_gives_a_file_that_pact_verifies(tmp_path_factory, echo, schema, name):
    """Pact reads the file; the example answers itself, and an answer of another kind does not."""
    url, told = echo
    body = {"type": "object", "properties": {"result": schema}}
    files = pact_files(contract(body, name))
    ((file, content),) = files.items()
    assert re.fullmatch(r"[a-z0-9_]+-p\.json", file)
    assert json.loads(content)["interactions"][0]["description"] == name
    folder = tmp_path_factory.mktemp("any")
    told["answer"] = example(body)
    assert holds(folder, files, url)
    if schema:
        told["answer"] = {}
        assert not holds(folder, files, url), "the key is missing"
        told["answer"] = {"result": "text" if isinstance(example(schema), list) else [{"neither": "nor"}]}
        assert not holds(folder, files, url), "another type"


@settings(max_examples=80)
@given(NAME, NAME, NAME)
def test_states_of_any_name_are_plain_python_that_puts_the_row_in(table, key, column):
    """Names cannot break out of the generated module, and the row arrives in a table of that name."""
    columns = (
        Column(name=key, type="IntegerField", primary_key=True),
        *((Column(name=column, type="CharField"),) if column.lower() != key.lower() else ()),
    )
    made = Table(name=table, model=None, framework="", path="", line=0, columns=columns)
    model = msgspec.structs.replace(planted("django_shop"), tables=(made,))
    text = states_py(contract({}, table), model, {table: [key]}).decode("ascii")
    tree = ast.parse(text)
    assigned = {
        node.target.id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and node.target.id in ("ROWS", "KEYS")
        and node.value is not None
    }
    assert set(assigned["ROWS"]) == {table}
    assert assigned["KEYS"] == {table: key}
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert names[-2:] == ["state_1", "state_2"]
