"""Models and classes that a function of a library loads by their names."""

from __future__ import annotations

from typing import Any

import pytest
from django_boot import settings

MODELS = """
from django.db import models
from shopkit.apps.basket.abstract_models import AbstractBasket
from shopkit.apps.basket.models import *

class Basket(AbstractBasket):
    pass

class Note(models.Model):
    text = models.TextField()
"""

INSTALLED = "INSTALLED_APPS += ['shopkit.apps.order.apps.OrderConfig', 'shopkit.apps.voucher']\n"


def accesses(project: Any, use: str, extra: str = "") -> tuple[set[tuple[str, str]], list[tuple[str, int]]]:
    """What the module ``desk.use`` does to which tables, and the lines of which that cannot be told."""
    made = project(
        {
            **settings("basket", "desk", extra=INSTALLED + extra),
            "basket/models.py": MODELS,
            "desk/use.py": use,
            "site_urls.py": "urlpatterns = []\n",
        }
    )
    told = [(d.message, d.line) for d in made.system.diagnostics if d.code == "unresolved-access"]
    return {(a.operation, a.table) for a in made.system.accesses if a.module == "desk.use"}, told


@pytest.mark.parametrize(
    "loading",
    [
        "from shopkit.core.loading import get_model\nM = get_model('basket', 'Note')",
        "from shopkit.core.loading import get_model\nM = get_model('basket', model_name='note')",
        "from shopkit.core import loading\nM = loading.get_model('basket.Note')",
        "from swapkit import load_model\nM = load_model('basket', 'Note')",
        "from kit.registry import registry\nM = registry.get_registered_model('basket', 'Note')",
        "from kit.registry import Registry\nM = Registry().model_class('basket', 'Note')",
        "from django.apps import apps\nM = apps.get_model('basket', 'Note')",
    ],
)
def test_a_model_that_any_librarys_loader_is_asked_for_is_that_model(project: Any, loading: str) -> None:
    found, told = accesses(project, f"{loading}\n\ndef seen():\n    return list(M.objects.filter(text=''))\n")
    assert (found, told) == ({("read", "basket_note")}, [])


@pytest.mark.parametrize(
    ("loaded", "table"),
    [
        ("'basket', 'Basket'", "basket_basket"),
        ("'basket', 'Line'", "basket_line"),
        ("'order', 'Order'", "order_order"),
        ("'voucher', 'Voucher'", "voucher_voucher"),
        ("'auth', 'Group'", "auth_group"),
    ],
)
def test_a_model_of_a_library_is_in_the_table_that_its_app_names(
    project: Any, loaded: str, table: str
) -> None:
    use = f"""
from shopkit.core.loading import get_model
M = get_model({loaded})

def seen():
    return M.objects.get(id=1)

def made():
    from django.apps import apps
    apps.get_model({loaded}).objects.create()
"""
    assert accesses(project, use) == ({("read", table), ("write", table)}, [])


def test_a_setting_puts_another_model_in_the_place_of_one(project: Any) -> None:
    use = """
from swapkit import load_model
M = load_model('desk', 'Thing')

def seen():
    return M.objects.get(id=1)
"""
    found, told = accesses(project, use, "DESK_THING_MODEL = 'basket.Note'\n")
    assert (found, told) == ({("read", "basket_note")}, [])


def test_a_model_that_is_not_known_is_told_with_its_line(project: Any) -> None:
    use = """
from shopkit.core.loading import get_model
Line = get_model('desk', 'Line')
TRAINED = get_model('small.bin')

def seen(name):
    get_model('nowhere', 'Thing').objects.get(id=1)
    return get_model('desk', name).objects.get(id=1)
"""
    found, told = accesses(project, use)
    assert found == set()
    assert sorted(told, key=lambda row: row[1]) == [
        ("the model desk.Line is not among those that are known", 3),
        ("seen: the model nowhere.Thing is not among those that are known", 7),
        ("seen: a model that is chosen at run time", 8),
    ]


@pytest.mark.parametrize(
    "loading",
    [
        "from shopkit.core.loading import get_class\nBase = get_class('basket.parts', 'Keeping')",
        "from shopkit import get_classes\nA, Base = get_classes('basket.parts', ['X', 'Keeping'])",
        "from kit import load_class\nBase = load_class('basket.parts.Keeping')",
    ],
)
def test_a_class_that_a_librarys_loader_is_asked_for_is_the_trees_own(project: Any, loading: str) -> None:
    made = project(
        {
            **settings("basket", "desk"),
            "basket/models.py": MODELS,
            "basket/parts.py": """
from basket.models import Note

class Keeping:
    def keep(self):
        Note.objects.create(text="")
""",
            "desk/use.py": f"{loading}\n\nclass Page(Base):\n    def post(self):\n        self.keep()\n",
            "site_urls.py": "urlpatterns = []\n",
        }
    )
    called = {(row.module, row.target, row.kind) for row in made.system.calls}
    assert {("desk.use", "Keeping", "inheritance"), ("desk.use", "Keeping.keep", "call")} <= called


def test_where_no_settings_are_known_the_packages_names_tell_the_apps(project: Any) -> None:
    use = """
from swapkit import load_model
Note, Owner = load_model("basket", "Note"), load_model("people", "Owner")

def seen():
    return Note.objects.get(id=1), Owner.objects.get(id=1)
"""
    files = {"kit/__init__.py": "", "kit/basket/__init__.py": "", "kit/basket/models.py": MODELS}
    made = project({**files, "kit/basket/admin.py": use})
    told = [d.message for d in made.system.diagnostics if d.code == "unresolved-access"]
    assert {(a.operation, a.table) for a in made.system.accesses} == {
        ("read", "basket_note"),
        ("read", "people_owner"),
    }
    assert told == []
