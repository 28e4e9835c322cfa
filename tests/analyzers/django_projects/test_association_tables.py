"""The model that Django makes for a field of many: what goes through it uses the association table."""

from __future__ import annotations

from typing import Any

import pytest
from django_boot import settings

MODELS = """
from django.db import models

class Buoy(models.Model):
    colour = models.TextField()

class Floating(models.Model):
    buoys = models.ManyToManyField(Buoy, related_name="%(class)ss")

    class Meta:
        abstract = True

class Boat(Floating):
    ports = models.ManyToManyField("Port", through="Call")

class Port(models.Model):
    pass

class Call(models.Model):
    boat = models.ForeignKey(Boat, on_delete=models.CASCADE)
    port = models.ForeignKey(Port, on_delete=models.CASCADE)

class Pair(Boat.buoys.through):
    class Meta:
        proxy = True
"""
JOIN = "shop_boat_buoys"
USES = {
    "filtered": ("Boat.buoys.through.objects.filter(boat=1).first()", {(JOIN, "read")}),
    "over a key": (
        "list(Boat.buoys.through.objects.filter(buoy__colour='red'))",
        {(JOIN, "read"), ("shop_buoy", "read")},
    ),
    "created": ("Boat.buoys.through.objects.create(boat_id=1, buoy_id=2)", {(JOIN, "write")}),
    "many at once": (
        "Boat.buoys.through.objects.bulk_create([Boat.buoys.through(boat_id=1)])",
        {(JOIN, "write")},
    ),
    "saved": ("Boat.buoys.through(boat_id=1, buoy_id=2).save()", {(JOIN, "write")}),
    "deleted": ("Boat.buoys.through.objects.filter(boat=1).delete()", {(JOIN, "write")}),
    "a name in the module": ("PAIRS.objects.count()", {(JOIN, "read")}),
    "a proxy": ("Pair.objects.count()", {(JOIN, "read")}),
    "the way back": ("Buoy.boats.through.objects.count()", {(JOIN, "read")}),
    "of a row": ("boat.buoys.through.objects.count()", {(JOIN, "read")}),
    "by the options": (
        "Boat._meta.get_field('buoys').remote_field.through.objects.count()",
        {(JOIN, "read")},
    ),
    "stated": ("Boat.ports.through.objects.count()", {("shop_call", "read")}),
}


@pytest.mark.parametrize("use", USES)
def test_what_goes_through_the_model_between_two_uses_its_table(project: Any, use: str) -> None:
    code, expected = USES[use]
    shop = "from shop.models import Boat, Buoy, Pair\nPAIRS = Boat.buoys.through\n\n"
    shop += f"def run(boat: Boat):\n    {code}\n"
    files = {**settings("shop"), "shop/models.py": MODELS, "shop/run.py": shop, "site_urls.py": ""}
    system = project(files).system
    found = {(a.table, a.operation) for a in system.accesses if a.module == "shop.run"}
    assert found == expected
    assert {t.model for t in system.tables if t.name == JOIN} == {None}
    assert not [d for d in system.diagnostics if d.code == "unresolved-access"]
