"""What a method of a base class does to the model that a class below names is charged to that class."""

from __future__ import annotations

from typing import Any

from django_boot import settings

BASE = """
from rest_framework import serializers
from kit.models import Entry

class Owned(serializers.ModelSerializer):
    def create(self, validated):
        Entry.objects.create(text="made")
        return super().create(validated)

    def clash(self):
        return self.Meta.model.objects.filter(id=1).exists()

class Stream:
    def __init__(self, query):
        self._query = query

    def __iter__(self):
        return iter(self._query.iterator())
"""
MODELS = """
from django.db import models

class {name}(models.Model):
    text = models.TextField()
"""
BELOW = """
from {app}.models import {name}
from kit.base import Owned

class {name}Serializer(Owned):
    class Meta:
        model = {name}
        fields = ["text"]
"""
USE = """
from kit.base import Stream
from mail.models import Rule
from shop.models import Order

def sold():
    for order in Stream(Order.objects.all()):
        print(order)

def sent():
    return [rule for rule in Stream(Rule.objects.all())]
"""


def rows(project: Any) -> list[Any]:
    """The accesses of a project in which two apps inherit from a base of a third."""
    files = {**settings("kit", "shop", "mail"), "kit/base.py": BASE, "shop/use.py": USE}
    files["kit/models.py"] = MODELS.format(name="Entry")
    for app, name in (("shop", "Order"), ("mail", "Rule")):
        files[f"{app}/models.py"] = MODELS.format(name=name)
        files[f"{app}/serializers.py"] = BELOW.format(app=app, name=name)
    files["site_urls.py"] = "urlpatterns = []\n"
    return list(project(files).system.accesses)


def test_each_class_below_is_charged_with_its_own_model_and_names_the_method(project: Any) -> None:
    found = rows(project)
    told = {
        (a.module, a.function, a.line, a.operation, a.table, a.through)
        for a in found
        if a.module.endswith(".serializers")
    }
    assert told == {
        (f"{app}.serializers", f"{name}Serializer", 7, operation, table, (f"kit.base.Owned.{method}",))
        for app, name, table in (("shop", "Order", "shop_order"), ("mail", "Rule", "mail_rule"))
        for operation, method in (("write", "create"), ("read", "clash"))
    }


def test_the_base_keeps_what_it_does_for_whoever_inherits_it(project: Any) -> None:
    found = [a for a in rows(project) if (a.function or "").startswith("Owned.")]
    ties = {(a.function, a.operation, a.table) for a in found if a.ties}
    assert ties == {("Owned.create", "write", "kit_entry")}
    assert {(a.function, a.table) for a in found if a.for_callers} == {
        (f"Owned.{method}", table) for method in ("create", "clash") for table in ("shop_order", "mail_rule")
    }


def test_an_object_that_runs_the_query_it_was_made_with_does_so_for_who_built_it(project: Any) -> None:
    found = rows(project)
    assert {a.for_callers for a in found if (a.function or "").startswith("Stream.")} == {True}
    built = {(a.function, a.table) for a in found if a.module == "shop.use" and a.ties}
    assert {("sold", "shop_order"), ("sent", "mail_rule")} <= built
