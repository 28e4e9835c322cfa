"""Several databases: routers and ``using`` say which, and a transaction is on one of them."""

from __future__ import annotations

from typing import Any

import pytest
from django_boot import settings

MODEL = "from django.db import models\n\nclass {}(models.Model):\n    n = models.IntegerField()\n"
ROUTER = """
    class ByApp:
        where = {"meters": "readings"}

        def db_for_read(self, model, **hints):
            return self.where.get(model._meta.app_label)

        def db_for_write(self, model, **hints):
            return self.where.get(model._meta.app_label)
    """


def tree(work: str, router: str = ROUTER, **more: str) -> dict[str, str]:
    files = settings("meters", "bills")
    files["project_settings.py"] += '\nDATABASE_ROUTERS = ["grid.routers.ByApp"]\n'
    return {
        **files,
        "grid/__init__.py": "",
        "grid/routers.py": router,
        "meters/__init__.py": "",
        "meters/models.py": MODEL.format("Reading"),
        "bills/__init__.py": "",
        "bills/models.py": MODEL.format("Bill"),
        "bills/work.py": f"""
            from django.db import transaction
            from bills.models import Bill
            from meters.models import Reading
            {work}
            """,
        **more,
    }


BOTH = """
            def settle():
                with transaction.atomic({}):
                    Reading.objects.create(n=1)
                    Bill.objects.create(n=1)
"""


BY_CONDITION = """
    class Apart:
        def db_for_write(self, model, **hints):
            if model._meta.app_label == "meters":
                return "readings"
            return None
    """


def test_a_router_is_asked_for_the_models_of_libraries_too(project: Any) -> None:
    user = "from django.contrib.auth.models import AbstractUser\n\nclass Member(AbstractUser):\n    pass\n"
    files = tree(BOTH.format(""), BY_CONDITION)
    files["bills/models.py"] += user
    files["project_settings.py"] = files["project_settings.py"].replace("ByApp", "Apart")
    system = project(files).system
    lives = {table.name: table.database for table in system.tables}
    assert (lives["bills_member_groups"], lives["bills_bill"], lives["meters_reading"]) == (
        "",
        "",
        "readings",
    )
    assert not [note for note in system.diagnostics if note.code == "database-not-known"]


@pytest.mark.parametrize(
    ("using", "written", "elsewhere"),
    [
        ("", ("bills_bill",), ("meters_reading",)),
        ("using='readings'", ("meters_reading",), ("bills_bill",)),
        ("'default'", ("bills_bill",), ("meters_reading",)),
        ("using=somewhere()", ("bills_bill", "meters_reading"), ()),
    ],
)
def test_a_transaction_holds_the_tables_of_its_database(
    project: Any, using: str, written: tuple[str, ...], elsewhere: tuple[str, ...]
) -> None:
    system = project(tree(BOTH.format(using))).system
    (found,) = system.transactions
    assert (found.tables_written, found.written_elsewhere) == (written, elsewhere)
    lives = {table.name: table.database for table in system.tables}
    assert (lives["bills_bill"], lives["meters_reading"]) == ("", "readings")


@pytest.mark.parametrize(
    "write",
    [
        "Bill.objects.using('readings').create(n=1)",
        "Bill.objects.db_manager('readings').create(n=1)",
        "Bill(n=1).save(using='readings')",
        "Bill.objects.using('readings').filter(n=2).update(n=1)",
        "Bill.objects.using('readings').get(n=2).delete()",
    ],
)
def test_using_says_the_database_of_an_access(project: Any, write: str) -> None:
    work = f"""
            def settle():
                with transaction.atomic():
                    {write}
"""
    system = project(tree(work)).system
    (found,) = system.transactions
    assert (found.tables_written, found.written_elsewhere) == ((), ("bills_bill",))
    assert {a.database for a in system.accesses if a.operation == "write"} == {"readings"}


def test_a_decorator_names_its_database_and_callees_count(project: Any) -> None:
    work = """
            def store():
                Reading.objects.create(n=1)

            @transaction.atomic(using="readings")
            def settle():
                store()
                Bill.objects.create(n=1)
"""
    (found,) = project(tree(work)).system.transactions
    assert (found.database, found.tables_written) == ("readings", ("meters_reading",))


def test_what_runs_on_commit_is_not_in_the_transaction(project: Any) -> None:
    work = """
            def later():
                Bill.objects.create(n=1)

            def settle():
                with transaction.atomic(using="readings"):
                    Reading.objects.create(n=1)
                    transaction.on_commit(later, using="readings")
"""
    (found,) = project(tree(work)).system.transactions
    assert (found.tables_written, found.written_elsewhere) == (("meters_reading",), ())


def test_a_router_that_cannot_be_followed_is_told_and_nothing_is_left_out(project: Any) -> None:
    router = """
    from shards import pick

    class ByApp:
        def db_for_write(self, model, **hints):
            return pick(model)
    """
    system = project(tree(BOTH.format(""), router)).system
    (found,) = system.transactions
    assert found.tables_written == ("bills_bill", "meters_reading")
    told = [d for d in system.diagnostics if d.code == "database-not-known"]
    assert [(d.file, d.line) for d in told] == [("grid/routers.py", 4)]
    assert "grid.routers.ByApp" in told[0].message


def test_a_router_without_an_opinion_on_writes_leaves_it_to_the_next(project: Any) -> None:
    files = tree(
        BOTH.format(""),
        f"""{ROUTER}
    class ForReads(object):
        def db_for_read(self, model, **hints):
            return "replica"
    """,
    )
    files["project_settings.py"] += '\nDATABASE_ROUTERS = ["grid.routers.ForReads", "grid.routers.ByApp"]\n'
    (found,) = project(files).system.transactions
    assert found.tables_written == ("bills_bill",)
