"""Sagas of the sample shop on PostgreSQL, while services fail, are slow, and die between any steps."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from helpers.postgres import servers
from helpers.storm import Storm

SAVEPOINTS = """
import django
django.setup()
from django.db import transaction
from shop.catalog.models import Product
from shop.seams.warehouse import reserve

product = Product.objects.order_by("id").first()
with transaction.atomic():
    reserve(product, 1, "kept")
    try:
        with transaction.atomic():
            reserve(product, 2, "given up by a savepoint")
            raise KeyError
    except KeyError:
        pass
    reserve(product, 4, "kept")
try:
    with transaction.atomic():
        reserve(product, 8, "given up")
        raise KeyError
except KeyError:
    pass
"""


REMOVE = """
import django
django.setup()
from shop.seams import saga
from shop.seams.database import Database

for state in ("stuck", "done"):
    Database().run("UPDATE strangler_saga SET state = ? WHERE step <> ''", state)
    print(saga.main(["remove"]))
"""


@pytest.fixture(scope="module")
def storm(tmp_path_factory):
    with servers(1) as (server,):
        made = Storm(tmp_path_factory.mktemp("storm"), server)
        with made.running("0.02 0.03 0.03"):
            made.wait()
            yield made


def test_orders_stock_and_invoices_agree_whatever_dies(storm: Storm):
    storm.orders(30, kills=1.0)
    storm.settle()
    assert storm.wrong() == []
    assert len(storm.placed) >= 10, storm.answers
    assert sum(process.deaths for process in storm.processes.values()) >= 5
    states = storm.server.rows("SELECT DISTINCT state FROM strangler_inbox", "warehouse")
    assert sorted(states) == ["kept", "undone"], "some were taken back"


def test_what_a_transaction_or_a_savepoint_gives_up_is_taken_back(storm: Storm):
    first = next(iter(storm.products.values()))
    before = storm.quantities()[first]
    storm.run("-c", SAVEPOINTS)
    storm.settle()
    assert storm.quantities()[first] == before - 5


def test_tables_go_with_one_command_once_all_is_settled_and_the_code_with_another(storm: Storm):
    storm.settle()
    assert storm.run("-c", REMOVE).stdout.split() == ["1", "0"]
    tables = "SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'strangler%'"
    assert not storm.server.rows(tables, "shop")
    patch = storm.found.seams.patch
    subprocess.run(["git", "apply", "-R", "-"], cwd=storm.folder, input=patch, check=True)
    assert not list(Path(storm.folder, "shop", "seams").glob("*.py"))
