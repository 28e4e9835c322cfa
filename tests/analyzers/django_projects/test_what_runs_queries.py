"""Queries that a library runs for the code: a serializer's data, the query set of a view."""

from __future__ import annotations

from typing import Any

import pytest
from django_boot import settings

MODELS = """
from django.db import models

class Owner(models.Model):
    pass

class Boat(models.Model):
    owner = models.ForeignKey(Owner, on_delete=models.CASCADE)
    length = models.IntegerField()

class Trip(models.Model):
    boat = models.ForeignKey(Boat, on_delete=models.CASCADE, related_name="trips")
"""
API = """
from django.core.paginator import Paginator
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet
from shop.models import Boat, Trip

class TripSerializer(serializers.ModelSerializer):
    class Meta:
        model = Trip
        fields = ["id"]

class BoatSerializer(serializers.ModelSerializer):
    class Meta:
        model = Boat
        fields = ["id"]

class WholeSerializer(serializers.ModelSerializer):
    trips = TripSerializer(many=True)

    class Meta:
        model = Boat
        fields = ["id", "trips"]

class PlainSerializer(serializers.Serializer):
    length = serializers.IntegerField()

class Hidden(GenericViewSet):
    serializer_class = BoatSerializer
"""
USES = {
    "in one line": ("BoatSerializer(Boat.objects.all(), many=True).data", {"shop_boat"}),
    "a slice": ("BoatSerializer(Boat.objects.filter(length=1)[:5], many=True).data", {"shop_boat"}),
    "by keyword": ("BoatSerializer(instance=Boat.objects.all(), many=True).data", {"shop_boat"}),
    "a manager": ("BoatSerializer(Boat.objects, many=True).data", {"shop_boat"}),
    "not a model's": ("PlainSerializer(Boat.objects.all(), many=True).data", {"shop_boat"}),
    "serializers inside": ("WholeSerializer(Boat.objects.all(), many=True).data", {"shop_boat", "shop_trip"}),
    "nothing asked": ("BoatSerializer(Boat.objects.all(), many=True)", set()),
}


def reads(made: Any, module: str, function: str | None) -> set[str]:
    return {
        a.table
        for a in made.system.accesses
        if (a.module, a.function, a.operation) == (module, function, "read")
    }


def shop(project: Any, **files: str) -> Any:
    named = {f"shop/{name}.py": text for name, text in files.items()}
    return project(
        {**settings("shop"), "shop/models.py": MODELS, "site_urls.py": "urlpatterns = []\n", **named}
    )


@pytest.mark.parametrize(("expression", "tables"), USES.values(), ids=USES.keys())
def test_the_data_of_a_serializer_reads_its_query_set(
    project: Any, expression: str, tables: set[str]
) -> None:
    made = shop(project, api=API + f"\ndef listed():\n    serializer = {expression}\n    return 1\n")
    assert reads(made, "shop.api", "listed") == tables


def test_a_view_that_serializes_reads(project: Any) -> None:
    view = """
class Listed(APIView):
    def get(self, request):
        found = Boat.objects.order_by("id")
        serializer = BoatSerializer(found, many=True)
        return Response(serializer.data)
"""
    assert reads(shop(project, api=API + view), "shop.api", "Listed.get") == {"shop_boat"}


def test_a_views_query_set_reads_what_it_loads_along(project: Any) -> None:
    views = """
from django.views.generic import DetailView, ListView
from shop.models import Boat

LONG = Boat.objects.filter(owner__id__gt=1, trips__id=2)

class Detail(DetailView):
    queryset = Boat.objects.select_related("owner")

class Listed(ListView):
    queryset = Boat.objects.prefetch_related("trips").order_by("id")

def count():
    return LONG.count()
"""
    made = shop(project, views=views)
    lines = {}
    for a in made.system.accesses:
        if a.module == "shop.views" and a.function is None:
            lines.setdefault(a.line, set()).add(a.table)
    assert lines[8] == {"shop_boat", "shop_owner"}
    assert lines[11] == {"shop_boat", "shop_trip"}
    assert reads(made, "shop.views", "count") == {"shop_boat", "shop_trip"}
