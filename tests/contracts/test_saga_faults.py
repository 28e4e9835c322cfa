"""Sagas of the sample shop on PostgreSQL, while services fail, are slow, and die between any steps."""

from __future__ import annotations

import subprocess
import sys
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


@pytest.fixture(scope="module")
def storm(tmp_path_factory):
    with servers(1) as (server,):
        yield Storm(tmp_path_factory.mktemp("storm"), server)


def test_orders_stock_and_invoices_agree_whatever_dies(storm: Storm):
    with storm.running("0.02 0.03 0.03"):
        storm.wait()
        storm.orders(30, kills=1.0)
        storm.settle()
        assert storm.wrong() == []
    assert len(storm.placed) >= 10, storm.answers
    assert sum(process.deaths for process in storm.processes.values()) >= 5
    states = storm.server.rows("SELECT DISTINCT state FROM strangler_inbox", "warehouse")
    assert sorted(states) == ["kept", "undone"], "some were taken back"


def test_what_a_transaction_or_a_savepoint_gives_up_is_taken_back_and_all_goes_with_one_command(storm: Storm):
    first = next(iter(storm.products.values()))
    with storm.running():
        storm.wait()
        before = storm.quantities()[first]
        storm.run("-c", SAVEPOINTS)
        storm.settle()
        assert storm.quantities()[first] == before - 5
        remove = [sys.executable, "-m", "shop.seams.saga", "remove"]
        storm.server.rows("UPDATE strangler_saga SET state = 'stuck' WHERE step <> ''", "shop")
        refused = subprocess.run(
            remove, cwd=storm.folder, env=storm.environment(), capture_output=True, text=True, check=False
        )
        assert refused.returncode == 1
        assert "stuck" in refused.stderr
        storm.server.rows("UPDATE strangler_saga SET state = 'done' WHERE step <> ''", "shop")
    storm.run("-m", "shop.seams.saga", "remove")
    assert not storm.server.rows(
        "SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'strangler%'", "shop"
    )
    patch = storm.found.seams.patch
    subprocess.run(["git", "apply", "-R", "-"], cwd=storm.folder, input=patch, check=True)
    assert not list(Path(storm.folder, "shop", "seams").glob("*.py"))
