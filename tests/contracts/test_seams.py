"""Seams in the sample monoliths: their own tests pass with the switch off, and on over another process."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from helpers.monolith import FIXTURES
from helpers.seams import TOKEN, Patched, model_of, own_tests, patched, provider
from msgspec.structs import replace

from strangler.commands.plan import patcher
from strangler.contracts.operations.values import Blocker
from strangler.plans import contract_parts, plan_extraction
from strangler.plans.consistency import disagreements
from strangler.plans.markdown import plan_md
from strangler.plans.parts import generate

DJANGO = """
import os, sys
sys.path.insert(0, ".")
os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"
from shop.wsgi import application as shop
from shop.seams.server import provide
application = provide(shop, "customers")
"""
FLASK = """
import os, sys
sys.path.insert(0, ".")
from clinic import create_app
from clinic.seams.server import provide
app = create_app({"SQLALCHEMY_DATABASE_URI": os.environ["CLINIC_TEST_DATABASE"]})
with app.app_context():
    from clinic.extensions import db
    from clinic.seams import saga
    from clinic.seams.database import Database
    saga.install(Database(db.session))
    db.session.commit()
application = provide(app.wsgi_app, "diary", "figures", around=app.app_context)
"""
FASTAPI = """
import sys
sys.path.insert(0, ".")
from courier.core.db import create_tables, engine
create_tables()
from sqlmodel import Session
from courier.seams import saga
from courier.seams.database import Database
from courier.seams.server import Provider
saga.install(Database(Session(engine)))
application = Provider("tracking", "parcels", "billing", session=lambda: Session(engine))
"""


@pytest.fixture(scope="module")
def django_shop(tmp_path_factory):
    return patched("django_shop", tmp_path_factory.mktemp("seams") / "django_shop")


def committed(found: Patched) -> None:
    """A database in a file, and no transaction around a test: another process must see the rows."""
    settings = found.folder / "shop/settings.py"
    settings.write_text(
        settings.read_text()
        + '\nDATABASES["default"]["TEST"] = {"NAME": BASE_DIR / "test.sqlite3"}'
        + '\nDATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA synchronous = OFF"\n'
    )
    tests = found.folder / "tests/test_shop.py"
    tests.write_text(
        tests.read_text()
        .replace(
            "from django.test import TestCase", "from django.test import TransactionTestCase as TestCase"
        )
        .replace(
            "    @classmethod\n    def setUpTestData(cls):",
            "    reset_sequences = True\n\n    def setUp(self):",
        )
    )


@pytest.fixture(scope="module")
def flask_clinic(tmp_path_factory):
    found = patched("flask_clinic", tmp_path_factory.mktemp("seams") / "flask_clinic")
    tests = found.folder / "tests/test_clinic.py"
    tests.write_text(
        tests.read_text()
        .replace('"sqlite://"', '__import__("os").environ["CLINIC_TEST_DATABASE"]')
        .replace("        seed()\n", "        db.drop_all()\n        seed()\n", 1)
    )
    return found


@pytest.fixture(scope="module")
def fastapi_courier(tmp_path_factory):
    found = patched("fastapi_courier", tmp_path_factory.mktemp("seams") / "fastapi_courier")
    tests = found.folder / "tests/test_courier.py"
    tests.write_text(
        tests.read_text().replace('os.environ["COURIER_DATABASE"] =', 'os.environ["UNUSED_DATABASE"] =')
    )
    return found


def test_django_own_tests_pass_with_the_switch_off_and_on(django_shop):
    own_tests(django_shop)
    committed(django_shop)
    database = django_shop.folder / "test.sqlite3"
    with provider(django_shop, DJANGO, SHOP_DATABASE=str(database)) as (url, log):
        own_tests(django_shop, SEAM_CUSTOMERS_URL=url, SEAM_TOKEN=TOKEN)
        assert calls(log) == {"/_strangler/customers/discount_of 200"}


def test_flask_own_tests_pass_with_the_switch_off_and_on_and_errors_cross(flask_clinic):
    database = f"sqlite:///{flask_clinic.folder / 'test.sqlite3'}"
    own_tests(flask_clinic, CLINIC_TEST_DATABASE=database)
    with provider(flask_clinic, FLASK, CLINIC_TEST_DATABASE=database) as (url, log):
        own_tests(
            flask_clinic,
            CLINIC_TEST_DATABASE=database,
            SEAM_DIARY_URL=url,
            SEAM_FIGURES_URL=url,
            SEAM_TOKEN=TOKEN,
        )
        assert calls(log) == {
            "/_strangler/diary/check_free 200",
            "/_strangler/diary/check_free 409",  # clinic.errors.Conflict, which the tests expect
            "/_strangler/diary/day_of 200",
            "/_strangler/figures/day_figures 200",
            "/_strangler/figures/log 200",  # after the commit of its caller
        }


def test_fastapi_own_tests_pass_with_the_switch_off_and_on(fastapi_courier):
    database = str(fastapi_courier.folder / "test.sqlite3")
    own_tests(fastapi_courier, COURIER_DATABASE=database)
    with provider(fastapi_courier, FASTAPI, COURIER_DATABASE=database) as (url, log):
        switches = dict.fromkeys(("SEAM_TRACKING_URL", "SEAM_PARCELS_URL", "SEAM_BILLING_URL"), url)
        own_tests(fastapi_courier, COURIER_DATABASE=database, SEAM_TOKEN=TOKEN, **switches)
        assert calls(log) == {
            "/_strangler/billing/price_of 200",  # a session that stays, and a row that is read again
            "/_strangler/parcels/find 200",  # a row comes back, and the caller goes on with its own session
            "/_strangler/tracking/notify 200",
            "/_strangler/tracking/record 200",  # after the commit of its caller
        }


def calls(log: Path) -> set[str]:
    """Paths and statuses that the provider answered."""
    lines = [line.split() for line in log.read_text().splitlines()]
    return {f"{line[line.index('POST') + 1] if 'POST' in line else line[2]} {line[-2]}" for line in lines}


def test_a_plan_brings_the_patch_where_the_source_is_at_hand_and_says_so_where_it_is_not():
    model = model_of("django_shop")
    plan = plan_extraction(model, "customers")
    part, files = contract_parts.seams(plan, model, patcher(model, FIXTURES / "django_shop"))
    assert sorted(files) == ["seams/BLOCKERS.md", "seams/operations.json", "seams/seams.patch"]
    assert b"from shop.seams.customers import discount_of" in files["seams/seams.patch"]
    assert {count.name: count.value for count in part.counts}["operations with a seam"] == 1
    part, files = contract_parts.seams(plan, model, None)
    assert not files
    assert "--source" in part.doubts[0]


def test_a_call_that_stays_by_hand_is_a_blocker_of_the_plan(monkeypatch):
    model = model_of("django_shop")
    plan = plan_extraction(model, "customers")
    found = contract_parts._operations(contract_parts._Boundary(model, plan.context))
    stays = Blocker(
        kind="call_form", file="shop/a.py", line=7, subject="", message="given more", remedy="give less"
    )
    kept = tuple(replace(item, by_hand=(stays,)) for item in found.operations if item.wireable)
    monkeypatch.setattr(contract_parts, "_operations", lambda _: replace(found, operations=kept))
    part, files = contract_parts.seams(plan, model, patcher(model, FIXTURES / "django_shop"))
    assert [(b.place.file, b.place.line, b.remedy) for b in part.blockers] == [("shop/a.py", 7, "give less")]
    assert b"shop/a.py:7" in files["seams/BLOCKERS.md"]


def test_a_plan_counts_steps_of_sagas_and_names_them_with_their_transaction():
    model = model_of("django_shop")
    plan, _ = generate(plan_extraction(model, "warehouse"), model, patcher(model, FIXTURES / "django_shop"))
    (part,) = (part for part in plan.parts if part.title == "Seams in code")
    assert {count.name: count.value for count in part.counts}["steps of sagas"] == 2
    assert not part.blockers
    coded = {saga.name: saga.coded for saga in plan.sagas if saga.coded}
    (reserve,) = coded["shop.orders.services.place_order"]
    assert (reserve.operation, reserve.place.line, reserve.mode) == (
        "shop.warehouse.services.reserve",
        26,
        "before",
    )
    assert reserve.compensation == "shop.warehouse.services.release"
    assert f"{reserve.operation}` (line 26) before the commit" in plan_md(plan)
    assert not list(disagreements(plan))
    wrong = msgspec.structs.replace(part, counts=())
    assert list(disagreements(msgspec.structs.replace(plan, parts=(wrong,)))) == [
        "steps of sagas: None and 2"
    ]
