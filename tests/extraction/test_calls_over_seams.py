"""A service whose tree has seams: what is called over them stays behind, and who calls it finds it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from helpers.seams import apply
from test_needs import cut

from strangler import analyze, sources
from strangler.config import Config
from strangler.contracts.operations import find_operations
from strangler.contracts.seams import build_seams
from strangler.extraction import extract, remove
from strangler.extraction.markdown import service_md
from strangler.model import Model
from strangler.sources.others import others

FILES = {
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
    "shop/settings.py": """
        INSTALLED_APPS = ["shop.goods", "shop.orders"]
        ROOT_URLCONF = "shop.urls"
        """,
    "shop/urls.py": """
        from django.urls import path
        from shop.orders.views import place
        urlpatterns = [path("place/", place)]
        """,
    "shop/goods/models.py": """
        from django.db import models
        class Item(models.Model):
            count = models.IntegerField()
        """,
    "shop/goods/services.py": """
        from shop.goods.models import Item
        from shop.goods.words import text

        def count(code: int) -> int:
            text(code)
            return Item.objects.filter(pk=code).count()
        """,
    "shop/goods/words.py": "def text(code: int) -> str:\n    return str(code)\n",
    "shop/goods/receivers.py": """
        from django.dispatch import receiver
        from shop.goods.models import Item
        from shop.goods.words import text
        from shop.orders.signals import placed

        @receiver(placed)
        def heard(sender, code, **kwargs):
            text(code)
            Item.objects.create(count=1)
        """,
    "shop/orders/signals.py": "from django.dispatch import Signal\n\nplaced = Signal()\n",
    "shop/orders/views.py": """
        from shop.goods.services import count
        from shop.orders.signals import placed

        def place(request):
            placed.send(sender=None, code=1)
            return count(1)
        """,
}
PARTS = {"goods": "shop.goods", "orders": "shop.orders"}


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> tuple[Path, Model]:
    root = tmp_path_factory.mktemp("seams")
    for name, text in {
        **FILES,
        **{f"shop/{part}__init__.py": "" for part in ("", "goods/", "orders/")},
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(textwrap.dedent(text))
    before = cut(analyze(root, Config(), jobs=1, cached=False), PARTS)
    seams = build_seams(before, sources.scan(root), find_operations(before))
    assert {item.name for item in seams.operations} == {"count", "heard"}
    apply(root, seams.patch)
    return root, cut(analyze(root, Config(), jobs=1, cached=False), PARTS)


def held(root: Path, model: Model, name: str, *remote: str) -> tuple[set[str], str]:
    context = next(item for item in model.contexts if item.name == name)
    tree = sources.scan(root)
    service, _ = extract(model, context, tree, others(root), remote=remote)
    page = service_md(service, remove(model, context, tree)[0])
    return {need.module for need in service.needs}, page


def test_what_is_called_over_a_seam_stays_behind_and_its_switch_has_to_be_set(model) -> None:
    root, found = model
    modules, page = held(root, found, "orders")
    assert {"shop.goods.services", "shop.goods.words", "shop.goods.receivers"} <= modules
    assert "`SEAM_GOODS_URL` may be set" in page
    modules, page = held(root, found, "orders", "goods")
    assert not {"shop.goods.services", "shop.goods.words", "shop.goods.receivers"} & modules
    assert {"shop.seams.goods", "shop.seams.events"} <= modules
    assert "`SEAM_GOODS_URL` has to be set" in page
    assert "`python -m shop.seams.server goods --listen HOST:PORT`" in page


def test_a_service_brings_what_answers_its_callers_and_leaves_them_the_seam(model) -> None:
    root, found = model
    modules, page = held(root, found, "goods")
    assert {"shop.seams.goods", "shop.seams.server", "shop.seams.saga", "shop.goods.receivers"} <= modules
    assert "Others call it where they have `SEAM_GOODS_URL`" in page
    assert "`SEAM_GOODS_URL` and `SEAM_TOKEN` have to be set in the monolith from then on" in page
    context = next(item for item in found.contexts if item.name == "goods")
    removal, changed = remove(found, context, sources.scan(root))
    assert {"shop/goods/services.py", "shop/goods/words.py", "shop/goods/receivers.py"} <= set(removal.files)
    assert removal.unheard == (), "its events go on being written"
    assert "shop/seams/goods.py" not in changed
