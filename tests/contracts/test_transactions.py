"""A call inside an open transaction is never a plain remote one, however the transaction was opened."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from strangler import pipeline
from strangler.config import Config
from strangler.contracts.operations import find_operations
from strangler.contracts.seams import build_seams
from strangler.model import BoundedContext, Model
from strangler.sources import scan

SETTINGS = """
INSTALLED_APPS = ["shop.orders", "shop.billing"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3"}}
"""
BILLING_MODELS = """
from django.db import models


class Invoice(models.Model):
    order = models.IntegerField()
"""
CHARGE = """
from shop.billing.models import Invoice


def charge(order: int) -> int:
    return Invoice.objects.create(order=order).pk
"""
ORDER_MODELS = """
from django.db import models


class Order(models.Model):
    total = models.IntegerField()
"""
WORK = """
from contextlib import contextmanager
from functools import wraps

from django.db import transaction

in_unit = transaction.atomic


def unit_of_work():
    return transaction.atomic()


def unit(function):
    return transaction.atomic(function)


def wrapping(function):
    @wraps(function)
    def wrapper(*args):
        with unit_of_work():
            return function(*args)
    return wrapper


@contextmanager
def block():
    with transaction.atomic():
        yield


class Unit:
    def __enter__(self):
        self.atomic = transaction.atomic()
        return self.atomic.__enter__()

    def __exit__(self, *error):
        return self.atomic.__exit__(*error)
"""
BODY = """
from contextlib import ExitStack

from django.db import transaction
from shop.billing.services import charge
from shop.orders.models import Order
from shop.orders.work import Unit, block, in_unit, unit, unit_of_work, wrapping

"""


def planted(root: Path, place: str, **more: str) -> Model:
    files = {
        "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
        "shop/__init__.py": "",
        "shop/settings.py": SETTINGS,
        "shop/orders/__init__.py": "",
        "shop/orders/models.py": ORDER_MODELS,
        "shop/orders/work.py": WORK,
        "shop/orders/services.py": BODY + place,
        "shop/billing/__init__.py": "",
        "shop/billing/models.py": BILLING_MODELS,
        "shop/billing/services.py": CHARGE,
    } | more
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    model = pipeline.analyze(pipeline.scan(root, Config()), Config(), jobs=1, cached=False)
    made = tuple(
        BoundedContext(
            name=name,
            kind="context",
            modules=tuple(item.name for item in model.modules if item.name.startswith(f"shop.{name}")),
            tables=(),
            confidence=1.0,
        )
        for name in ("billing", "orders")
    )
    return msgspec.structs.replace(model, contexts=made)


PLACED = "    order = Order.objects.create(total=total)\n    return charge(order.id)\n"
INDENTED = "        order = Order.objects.create(total=total)\n        return charge(order.id)\n"


@pytest.mark.parametrize(
    "place",
    [
        "def place(total: int) -> int:\n    with transaction.atomic():\n" + INDENTED,
        "def place(total: int) -> int:\n    with unit_of_work():\n" + INDENTED,
        "def place(total: int) -> int:\n    with in_unit():\n" + INDENTED,
        "def place(total: int) -> int:\n    with block():\n" + INDENTED,
        "def place(total: int) -> int:\n    with Unit():\n" + INDENTED,
        "def place(total: int) -> int:\n    with ExitStack() as stack:\n"
        "        stack.enter_context(unit_of_work())\n" + INDENTED,
        "@transaction.atomic\ndef place(total: int) -> int:\n" + PLACED,
        "@in_unit\ndef place(total: int) -> int:\n" + PLACED,
        "@unit\ndef place(total: int) -> int:\n" + PLACED,
        "@wrapping\ndef place(total: int) -> int:\n" + PLACED,
        "def inner(total: int) -> int:\n" + PLACED
        + "\n\ndef place(total: int) -> int:\n    with unit_of_work():\n        return inner(total)\n",
    ],
    ids=["written out", "factory", "alias", "generator", "class", "exit stack", "decorator",
         "alias as decorator", "decorator of its own", "decorator's function", "in a caller"],
)  # fmt: skip
def test_a_call_in_a_transaction_becomes_a_step_of_a_saga_or_stays(tmp_path, place):
    model, tree = planted(tmp_path, place), scan(tmp_path)
    found = find_operations(model, "billing")
    (charge,) = found.operations
    assert charge.step.mode == "before", "its result is used"
    assert charge.step.compensation is None
    assert b"return _saga.before(" in build_seams(model, tree, found).patch


def test_a_call_after_the_transaction_is_not_blocked(tmp_path):
    place = "def place(total: int) -> int:\n    with unit_of_work():\n"
    place += "        order = Order.objects.create(total=total)\n    return charge(3)\n"
    model, tree = planted(tmp_path, place), scan(tmp_path)
    found = find_operations(model, "billing")
    assert found.operations[0].wireable
    assert found.operations[0].step is None
    assert b"services" in build_seams(model, tree, found).patch
