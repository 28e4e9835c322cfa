"""Which calls inside a transaction become steps of sagas, which stay, and what takes them back."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from helpers.seams import TOKEN, apply
from test_operations import with_contexts

from strangler.contracts.operations import Operation, find_operations
from strangler.contracts.seams import build_seams, seam_files
from strangler.sources import scan

SETTINGS = """
INSTALLED_APPS = ["shop.goods", "shop.orders"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
"""
MODELS = """
from django.db import models


class {name}(models.Model):
    count = models.IntegerField()
    {more}
"""
GOODS = """
from shop.goods.models import Item


class Refused(Exception):
    pass


def reserve(code: int, count: int) -> None:
    if count > 9:
        raise Refused(code)
    Item.objects.create(count=count)


def release(code: int, count: int) -> None:
    Item.objects.filter(pk=code).update(count=count)


def note(code: int) -> None:
    Item.objects.create(count=code)


def number(code: int) -> int:
    return Item.objects.create(count=code).count


def cancel_number(code: int) -> None:
    Item.objects.filter(pk=code).delete()


def checked(code: int) -> int:
    from shop.orders.models import Order

    Item.objects.create(count=code)
    return Order.objects.count()
"""
ORDERS = """
from django.db import transaction
from shop.goods.models import Item
from shop.goods.services import checked, note, number, release, reserve
from shop.orders.models import Order


def place(code: int) -> int:
    with transaction.atomic():
        order = Order.objects.create(count=code)
{calls}
    return order.pk


def cancel(code: int) -> None:
    with transaction.atomic():
        Order.objects.filter(pk=code).delete()
        release(code, 1)
"""


def operations(root: Path, calls: str, *, more: str = "", goods: str = GOODS) -> dict[str, Operation]:
    files = {
        "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
        "shop/settings.py": SETTINGS,
        "shop/goods/models.py": MODELS.format(name="Item", more=more),
        "shop/goods/services.py": goods,
        "shop/orders/models.py": MODELS.format(name="Order", more=""),
        "shop/orders/services.py": ORDERS.format(
            calls="\n".join(f"        {line}" for line in calls.split("\n"))
        ),
    } | dict.fromkeys(("shop/__init__.py", "shop/goods/__init__.py", "shop/orders/__init__.py"), "")
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    parts = {
        "goods": ["shop.goods.services", "shop.goods.models"],
        "orders": ["shop.orders.services", "shop.orders.models"],
    }
    return {item.name: item for item in find_operations(with_contexts(root, parts), "goods").operations}


def test_what_refuses_nothing_and_returns_nothing_follows_the_commit(tmp_path):
    step = operations(tmp_path, "note(code)")["note"].step
    assert (step.mode, step.compensation) == ("after", None)
    assert [(place.line, place.symbol) for place in step.places] == [(11, "place")]


def test_a_result_that_nobody_uses_does_not_hold_a_call_back(tmp_path):
    assert operations(tmp_path, "number(code)")["number"].step.mode == "after"


@pytest.mark.parametrize(
    ("calls", "name", "reason"),
    [
        ("reserve(code, 1)", "reserve", "it may refuse: Refused, shop/goods/services.py:11"),
        ("if number(code):\n    pass", "number", "its result is used in shop/orders/services.py:11"),
        (
            "try:\n    note(code)\nexcept ValueError:\n    pass",
            "note",
            "shop/orders/services.py:12 handles ValueError",
        ),
        (
            "note(code)\nItem.objects.count()",
            "note",
            "shop/orders/services.py:12 reads goods_item after it",
        ),
    ],
)  # fmt: skip
def test_what_the_transaction_waits_for_is_called_before_its_commit(tmp_path, calls, name, reason):
    step = operations(tmp_path, calls)[name].step
    assert (step.mode, step.reason) == ("before", reason)


def test_what_would_have_to_see_uncommitted_rows_stays_a_blocker_and_says_so(tmp_path):
    found = operations(tmp_path, "return checked(code)")["checked"]
    assert found.step is None
    (blocker,) = found.blockers
    assert blocker.kind == "open_transaction"
    assert blocker.message.endswith("it would have to see orders_order, which the transaction has written")


def test_a_key_to_a_row_that_is_not_committed_stays_a_blocker(tmp_path):
    more = 'order = models.ForeignKey("orders.Order", null=True, on_delete=models.CASCADE)'
    found = operations(tmp_path, "reserve(code, 1)", more=more)["reserve"]
    assert [item.kind for item in found.blockers] == ["open_transaction"]


def test_the_inverse_is_taken_from_the_code_where_name_tables_and_arguments_say_so(tmp_path):
    found = operations(tmp_path, "reserve(code, 1)")
    assert found["reserve"].step.compensation.qualname == "release"
    assert found["reserve"].step.compensation.arguments == ("code", "count")
    assert any("assumed" in text for text in found["reserve"].step.review)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "def release(code: int, count: int) -> None:",
            "def release(code: int, count: int, why: str) -> None:",
        ),
        ("    Item.objects.filter(pk=code).update(count=count)", "    print(Item.objects.count())"),
    ],
    ids=["another argument", "other tables"],
)
def test_what_only_has_the_name_of_an_inverse_is_none(tmp_path, old, new):
    goods = GOODS.replace(old, new)
    assert goods != GOODS
    assert operations(tmp_path, "reserve(code, 1)", goods=goods)["reserve"].step.compensation is None


def test_a_step_that_nothing_takes_back_fails_the_generated_test_and_is_never_sent(tmp_path):
    found = operations(tmp_path, "order.count = number(code)")
    assert found["number"].step.compensation is None, (
        "cancel_number is called by nobody, so nothing is known of it"
    )
    parts = {
        "goods": ["shop.goods.services", "shop.goods.models"],
        "orders": ["shop.orders.services", "shop.orders.models"],
    }
    model = with_contexts(tmp_path, parts)
    operations_ = find_operations(model, "goods")
    seams = build_seams(model, scan(tmp_path), operations_)
    assert b"to be written" in seam_files(operations_, seams)["BLOCKERS.md"]
    apply(tmp_path, seams.patch)
    assert "write these functions" in python(tmp_path, "-m", "unittest", "shop.seams.test_saga", fails=True)
    program = (
        "import django; django.setup()\n"
        "from django.db import transaction\n"
        "from shop.seams.goods import number\n"
        "with transaction.atomic():\n    number(1)\n"
    )
    assert "nothing takes number back yet" in python(tmp_path, "-c", program, fails=True)
    path = tmp_path / "shop/seams/compensations.py"
    path.write_text(path.read_text().replace("@missing\n", ""))
    python(tmp_path, "-m", "unittest", "shop.seams.test_saga")


def test_names_of_contexts_and_parameters_do_not_hide_what_a_seam_needs(tmp_path):
    goods = GOODS.replace("code: int, count: int", "saga: int, wire: int = len('one')")
    goods = goods.replace("if count > 9", "if wire > 9").replace("Refused(code)", "Refused(saga)")
    operations(tmp_path, "reserve(code)", goods=goods.replace("count=count", "count=wire"))
    parts = {
        "saga": ["shop.goods.services", "shop.goods.models"],
        "orders": ["shop.orders.services", "shop.orders.models"],
    }
    model = with_contexts(tmp_path, parts)
    apply(tmp_path, build_seams(model, scan(tmp_path), find_operations(model)).patch)
    program = """
        import django; django.setup()
        from shop.seams import c_saga, client, compensations, saga, wire
        saga.before = lambda remote, operation, arguments, undo: print(operation.name, arguments)
        c_saga.HttpCSaga(None).reserve(1)
        import shop.goods.services
        shop.goods.services.release = lambda **given: print(given)
        compensations.c_saga_reserve(None, saga=1, wire=2)
        """
    said = python(tmp_path, "-c", textwrap.dedent(program)).splitlines()
    assert said[0].startswith("reserve {'saga': 1, 'wire': <object")
    assert said[1] == "{'saga': 1, 'wire': 2}"


def python(root: Path, *command: str, fails: bool = False) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=root,
        env={
            "SEAM_TOKEN": TOKEN,
            "SEAM_GOODS_URL": "http://127.0.0.1:9",
            "DJANGO_SETTINGS_MODULE": "shop.settings",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert bool(done.returncode) == fails, done.stdout + done.stderr
    return done.stdout + done.stderr
