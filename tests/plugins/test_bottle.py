"""The plug-in of docs/plugins.md, installed from a distribution of its own, agrees with Bottle itself."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import itertools
import sys
import textwrap
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from strangler import pipeline
from strangler.config import Config
from strangler.model import BoundedContext, Input, Model
from strangler.routing import RoutingSettings, plan_routes
from strangler.routing.samples import Expectation

HERE = Path(__file__).parent
NEEDED = ("bottle", "strangler_bottle")
pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in NEEDED)
    or "bottle" not in {point.name for point in entry_points(group="strangler.frameworks")},
    reason="strangler-bottle is not installed; `python3 dev.py test` installs it",
)

ORDERS = """
    from bottle import Bottle, abort, redirect, request

    app = Bottle()

    @app.post("/pay")
    def pay():
        amount = request.forms.get("amount")
        note = request.forms.note
        channel = request.query.get("channel", "web")
        page = request.query.page
        if not amount:
            abort(400, "no amount")
        redirect("/orders")

    @app.post("/pay/json")
    def pay_json():
        return {"paid": request.json["amount"], "key": request.headers.get("Idempotency-Key")}

    @app.route("/orders/<pk:int>", method=["GET", "DELETE"])
    def show(pk): ...

    @app.get(["/orders", "/orders/"])
    def index(): ...

    @app.route("/files/<path:path>/raw")
    def raw(path): ...
    """
PAGES = """
    from bottle import Bottle, default_app, get, mount, route
    from shop.orders import app as orders

    admin = Bottle()

    @admin.get("/users/<name:re:[a-z]+>")
    def user(name): ...

    @get("/orders/new")
    def new(): ...

    @route("/orders/<anything>")
    def any_order(anything): ...

    @route("/<page>", method="ANY")
    def page(page): ...

    @route("/about")
    def about(): ...

    @route("/about")
    def about_again(): ...

    @route
    def hello__world(name, greeting="hi"): ...

    @route("/price/<amount:float>")
    def price(amount): ...

    default_app().merge(orders)
    mount("/admin/", admin)
    application = default_app()
    """


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("bottled")
    files = {"shop/__init__.py": "", "shop/orders.py": ORDERS, "shop/pages.py": PAGES}
    for name, text in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(textwrap.dedent(text))
    return root


@pytest.fixture(scope="module")
def model(shop: Path) -> Model:
    return pipeline.analyze(pipeline.scan(shop, Config()), Config(), jobs=1, cached=False)


@pytest.fixture
def booted(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(shop))
    yield importlib.import_module("shop.pages")
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        del sys.modules[name]


PATHS = [
    "".join(parts)
    for parts in itertools.product(
        ("", "/orders", "/admin", "/pay", "/about", "/hello/world", "/files/a/b", "/price", "/x"),
        ("", "/", "/7", "/-7", "/new", "/users/ann", "/users/Ann", "/json", "/raw", "/ann/hello", "/1.5"),
    )
    if "".join(parts)
]
METHODS = ("GET", "HEAD", "POST", "DELETE", "PUT")


def test_gateway_rules_send_every_request_where_bottle_sends_it(model: Model, booted: ModuleType) -> None:
    import bottle

    context = BoundedContext(
        name="orders", kind="context", modules=("shop.orders",), tables=(), confidence=1.0
    )
    expectation = Expectation(
        plan_routes(msgspec.convert(model, model.__class__), context, RoutingSettings())
    )
    wrong = []
    for path, method in itertools.product(PATHS, METHODS):
        try:
            route, _ = booted.application.match({"REQUEST_METHOD": method, "PATH_INFO": path})
        except bottle.HTTPError:
            continue  # nobody's: 404 and 405 are the same on both sides
        side = "service" if route.callback.__module__ == "shop.orders" else "monolith"
        if expectation.answer(path, method) != side:
            wrong.append((method, path, side, route.callback.__name__))
    assert wrong == []


def test_every_route_of_bottle_is_an_endpoint_with_its_handler(model: Model, booted: ModuleType) -> None:
    served = {
        (route.rule, route.method, route.callback.__name__)
        for route in booted.application.routes
        if route.callback.__name__ != "about"  # replaced by the later route of the same rule
    }
    found = {
        (endpoint.pattern, method, endpoint.handler.rpartition(".")[2])
        for endpoint in model.endpoints
        for method in endpoint.methods or ("ANY",)
    }
    assert found == served


def inputs(model: Model, path: str) -> dict[str, Input]:
    (endpoint,) = [endpoint for endpoint in model.endpoints if endpoint.path == path]
    return {one.name: one for request in endpoint.requests for one in request.inputs}


def test_what_handlers_read_of_their_requests_is_found(model: Model) -> None:
    assert {name: one.where for name, one in inputs(model, "/pay").items()} == {
        "amount": "body",
        "note": "body",
        "channel": "query",
        "page": "query",
    }
    assert {name: one.where for name, one in inputs(model, "/pay/json").items()} == {
        "amount": "body",
        "Idempotency-Key": "header",
    }


def test_media_and_statuses_are_found(model: Model) -> None:
    (pay,) = [request for e in model.endpoints if e.path == "/pay" for request in e.requests]
    assert (pay.media, pay.statuses) == ("form", (303, 400))
    (as_json,) = [request for e in model.endpoints if e.path == "/pay/json" for request in e.requests]
    assert as_json.media == "json"


def test_the_monolith_is_said_to_use_bottle(model: Model) -> None:
    assert model.monolith.frameworks == ("bottle",)


def test_the_plug_in_imports_nothing_but_the_front_door_and_the_model() -> None:
    source = HERE / "strangler-bottle" / "src" / "strangler_bottle" / "__init__.py"
    imported = {
        node.module
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("strangler")
    }
    assert imported == {"strangler.analyzers.plugin", "strangler.model"}
