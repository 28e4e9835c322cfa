"""What is found of the calls over a boundary: types, errors, effects, and what blocks them."""

from __future__ import annotations

import textwrap
from pathlib import Path

import msgspec
import pytest
from helpers.seams import model_of

from strangler import pipeline
from strangler.config import Config
from strangler.contracts.operations import Operation, Operations, find_operations
from strangler.contracts.operations.shapes import describe
from strangler.contracts.seams import build_seams
from strangler.model import BoundedContext, Model
from strangler.sources import scan

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"

PROVIDER = '''
"""Stock levels."""
import datetime
import decimal
import enum
import threading
import uuid
from dataclasses import dataclass
from flask import session
from app.library import cached, remote

LEVELS = {"a": 1}
HELD = threading.local()


class OutOfStock(Exception):
    status_code = 410


class Unit(enum.Enum):
    piece = "pc"
    box = "bx"


@dataclass
class Level:
    code: str
    pieces: int
    price: decimal.Decimal
    seen: datetime.datetime | None = None


def level(code: str, unit: Unit, at: datetime.datetime = None) -> Level:
    remote.get(code)
    if code not in LEVELS:
        raise OutOfStock(code)
    return Level(code, 1, decimal.Decimal("1.50"))


def take(code, pieces, reason=""):
    remote.post(code, pieces, reason)
    return {"code": code, "left": 3, "share": 0.5}


def levels(codes):
    remote.get(codes)
    found = []
    for code in codes:
        found.append((code, len(code)))
    return found


def whose():
    return remote.get(session.get("user"))


def walk(codes: list[str]):
    for code in codes:
        yield remote.get(code)


def each(codes: list[str], action):
    return [action(remote.get(code)) for code in codes]


@cached
def slow(code: str) -> int:
    return remote.get(code)


def total(one: decimal.Decimal, two: decimal.Decimal) -> decimal.Decimal:
    LEVELS["total"] = one + two
    return one + two


def held():
    return str(HELD.value)


def refill(codes: list[str]) -> None:
    codes.append(remote.get("more"))


async def later(code: str) -> None:
    await remote.get(code)


def ordered(pieces: dict[int, str]) -> int:
    return len(remote.get(pieces))


def numbered(code: str) -> dict[int, str]:
    return remote.get(code)


def anything(*codes, **options):
    return remote.get(codes)


def now(moment):
    return remote.get(moment)


AT_IMPORT = total
'''
CONSUMER = """
from app import stock
from app.stock import OutOfStock, Unit, anything, each, later, level, levels
from app.stock import held, now, numbered, ordered, refill, slow, take, total, walk, whose

LIMIT = now("limit")


def order(code: str):
    try:
        found = level(code, Unit.box)
    except OutOfStock:
        return None
    except KeyError:
        raise
    take(code, 2)
    take(code, 5, reason="order")
    refill([])
    held()
    taken = stock.take("x", 1)
    counted = levels(["a", "b"])
    rest = slow("a"), total(1, 2), anything(1)
    return found, taken, counted, whose(), list(walk(["a"])), each([], print), rest


async def wait():
    await later("a")
    return ordered({1: "a"}), numbered("a")
"""


@pytest.fixture(scope="module")
def operations(tmp_path_factory) -> dict[str, Operation]:
    root = tmp_path_factory.mktemp("app")
    files = {
        "app/__init__.py": "",
        "app/library.py": "import requests\nremote = requests.Session()\ncached = requests.hooks\n",
        "app/stock.py": PROVIDER,
        "app/orders.py": CONSUMER,
    }
    for name, text in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    found = analysed(root, {"stock": ["app.stock"], "orders": ["app.orders"]})
    return {item.name: item for item in found.operations}


STOCK = "import requests\n\n\ndef take(code: str) -> None:\n    requests.post(code)\n"


def analysed(root: Path, contexts: dict[str, list[str]]) -> Operations:
    return find_operations(with_contexts(root, contexts))


def with_contexts(root: Path, contexts: dict[str, list[str]]) -> Model:
    model = pipeline.analyze(pipeline.scan(root, Config()), Config(), jobs=1, cached=False)
    made = tuple(
        BoundedContext(name=name, kind="context", modules=tuple(modules), tables=(), confidence=1.0)
        for name, modules in sorted(contexts.items())
    )
    return msgspec.structs.replace(model, contexts=made)


def beside(root: Path, models: str, goods: str, views: str) -> dict[str, Operation]:
    """The operations of goods that the views of orders call; what is on both sides as code has no seam."""
    texts = {
        "settings.py": 'INSTALLED_APPS = ["goods"]',
        "goods/__init__.py": "",
        "goods/models.py": models,
        "goods/services.py": goods,
        "orders/__init__.py": "",
        "orders/views.py": views,
    }
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text))
    model = with_contexts(root, {"goods": ["goods.services", "goods.models"], "orders": ["orders.views"]})
    operations = find_operations(model)
    names = {item.name for item in operations.operations if item.beside}
    assert not names & {item.name for item in build_seams(model, scan(root), operations).operations}
    return {item.name: item for item in operations.operations}


def kinds(operation: Operation) -> set[str]:
    return {blocker.kind for blocker in operation.blockers}


def test_annotated_types_become_schemas_and_records_their_fields(operations):
    level = operations["level"]
    assert level.wireable
    assert level.path == "/_strangler/stock/level"
    code, unit, at = level.parameters
    assert (code.schema, code.required, code.known_from) == ({"type": "string"}, True, "annotation")
    assert unit.schema == {"enum": ["pc", "bx"]}
    assert describe(at.shape) == "datetime or None"
    assert at.schema["type"] == ["string", "null"]
    schema = level.result.schema
    assert schema["required"] == ["code", "pieces", "price", "seen"]  # all are written
    assert schema["properties"]["pieces"] == {"type": "integer"}


def test_unannotated_types_are_known_from_calls_defaults_and_returns(operations):
    take = operations["take"]
    assert [describe(item.shape) for item in take.parameters] == ["str", "int", "str"]
    assert [item.known_from for item in take.parameters] == ["calls", "calls", "calls"]
    assert take.result.schema["properties"]["share"] == {"type": "number"}
    assert describe(operations["levels"].parameters[0].shape) == "list[str]"
    assert describe(operations["levels"].result.shape) == "list[tuple[str, int]]"


def test_exceptions_cross_with_their_own_status_and_whoever_passes_them_on_expects_none(operations):
    (failure,) = operations["level"].failures
    assert (failure.exception, failure.code, failure.status) == ("app.stock:OutOfStock", "OutOfStock", 410)


def test_every_call_is_a_site_also_through_a_module(operations):
    take = operations["take"]
    assert [(site.file, site.function) for site in take.sites] == [("app/orders.py", "order")] * 3


def test_what_posts_is_not_safe_and_says_where(operations):
    assert not operations["take"].safe
    assert operations["take"].effects[0].file == "app/stock.py"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("whose", "request"),
        ("walk", "iterator"),
        ("each", "callback"),
        ("slow", "decorated"),
        ("total", "no_data"),
        ("anything", "unknown_type"),
        ("now", "registers"),
        ("refill", "changes_argument"),
        ("numbered", "object"),
        ("held", "process_state"),
    ],
)
def test_what_cannot_cross_is_a_named_blocker_with_place_and_remedy(operations, name, kind):
    assert kind in kinds(operations[name])
    blocker = next(item for item in operations[name].blockers if item.kind == kind)
    assert blocker.file.startswith("app/")
    assert blocker.line > 0
    assert blocker.remedy


def test_a_dict_with_keys_of_any_kind_is_looked_at_before_it_is_sent(operations):
    ordered = operations["ordered"]
    assert ordered.blockers == ()
    assert [item.shape.kind for item in ordered.parameters] == ["tagged"]
    assert ordered.assumed == ("parameter pieces",)


def test_a_coroutine_is_an_operation_like_any_other(operations):
    assert operations["later"].blockers == ()
    assert operations["later"].is_async


def test_types_are_no_operations(operations):
    assert not {"OutOfStock", "Unit", "Level"} & set(operations)


@pytest.fixture(scope="module")
def shop() -> dict[str, Operation]:
    found = find_operations(model_of("django_shop"))
    return {item.name: item for item in found.operations}


def test_a_row_that_is_changed_for_the_caller_of_a_transaction_blocks(shop):
    assert kinds(shop["refund"]) == {"open_transaction"}
    assert all("it may change a row that it is" in item.message for item in shop["refund"].blockers)


def test_what_writes_more_tables_of_its_caller_than_of_its_own_context_stays_with_the_caller():
    model = model_of("fastapi_courier")
    common = "courier.core.common"
    contexts = tuple(
        msgspec.structs.replace(
            item,
            modules=tuple({*item.modules, common} if item.name == "tracking" else {*item.modules} - {common}),
        )
        for item in model.contexts
    )
    found = find_operations(msgspec.structs.replace(model, contexts=contexts), "accounts")
    (closing,) = [item for item in found.operations if item.name == "close_account"]
    assert "callers_tables" in kinds(closing)
    (message,) = [item.message for item in closing.blockers if item.kind == "callers_tables"]
    assert message == "it writes account, api_key of accounts: the other side has copies of them"


def test_a_read_is_safe(shop):
    assert shop["discount_of"].wireable
    assert shop["discount_of"].safe


def test_a_commit_that_is_left_to_the_caller_is_a_step_of_its_transaction():
    found = find_operations(model_of("fastapi_courier"), "tracking")
    record = next(item for item in found.operations if item.name == "record")
    assert not kinds(record)
    assert record.step.mode == "after"
    assert {"tracking"} == {item.provider for item in found.operations if "parcels" in item.consumers}


def test_the_same_input_gives_the_same_operations():
    model = model_of("flask_clinic")
    once, again = find_operations(model), find_operations(model)
    assert msgspec.json.encode(once) == msgspec.json.encode(again)


def test_files_that_cannot_be_read_are_diagnosed_and_the_rest_goes_on(tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app/__init__.py").write_text("")
    (tmp_path / "app/stock.py").write_text(STOCK)
    (tmp_path / "app/orders.py").write_text("from app.stock import take\ndef order():\n    take('a')\n")
    (tmp_path / "app/broken.py").write_text("def (:\n")
    model = with_contexts(tmp_path, {"stock": ["app.stock"], "orders": ["app.orders", "app.broken"]})
    found = find_operations(model)
    assert [item.name for item in found.operations] == ["take"]
    assert [item.file for item in found.diagnostics] == ["app/broken.py"]


PLAIN = """
import requests
from flask import Flask


def rename(code, name, labels):
    requests.post(f"{code}/{name}", json=[label.lower() for label in labels])
    if name == "x":
        return {"status": "ok", "code": code}
    return {"status": "failed", "why": requests.get(code).json()["why"]}


def served(app):
    requests.post(str(app))
    return app


def start(app):
    requests.post("started")
    app.run()


def setting(name: str):
    return requests.get(name, session=name).cookies


def taken(code, name, other):
    requests.post("taken", json=[code, name, other])


def opened(name: str):
    return requests.get(name, session=name).cookies
"""
USING = """
from flask import Flask
from app.plain import opened, rename, served, setting, start, taken
from app.unknown import anything

app = Flask("app")


@app.route("/goods/<int:code>/<name>/<odd:other>")
def goods(code, name, other):
    taken(code, name, other)


def page(code, name):
    served(Flask("x"))
    start(anything())
    opened("door").close()
    if setting("limit") > 3 and setting("words").split(","):
        return rename(anything(), anything(), anything())["status"]
"""


def test_what_nothing_tells_the_type_of_crosses_where_it_is_used_as_plain_values_are(tmp_path):
    script = "from app.plain import setting\n\nprint(setting('limit') > 1)\n"
    files = {"app/__init__.py": "", "app/plain.py": PLAIN, "app/using.py": USING, "nightly.py": script}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = analysed(tmp_path, {"plain": ["app.plain"], "using": ["app.using", "nightly"]}).operations
    by_name = {item.name: item for item in found}
    assert by_name["rename"].wireable
    assert by_name["rename"].assumed == (
        "parameter code",
        "parameter name",
        "parameter labels",
        "result.code",
    )
    schemas = [item.schema for item in by_name["rename"].parameters]
    assert schemas == [{}, {"enum": ["row"]}, {}], (
        "what is written out alone may be a row, which stays as it is"
    )
    result = by_name["rename"].result.schema
    assert (list(result["properties"]), result["required"]) == (["status", "code", "why"], ["status"])
    assert by_name["setting"].wireable  # also as a script that nothing imports calls it
    assert by_name["setting"].assumed == ("result",)
    assert [item.shape.kind for item in by_name["taken"].parameters] == ["int", "str", "tagged"]
    assert {kind for name in ("served", "start", "opened") for kind in kinds(by_name[name])} == {
        "object",
        "unknown_type",
    }
