"""Accesses that Django makes for a line that names no table: sorting, validating, files, keys of any kind."""

from __future__ import annotations

from typing import Any

import pytest
from django_boot import settings

MODELS = """
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models

class Harbour(models.Model):
    name = models.CharField(max_length=9, unique=True)
    class Meta:
        ordering = ["name"]

class Owner(models.Model):
    harbour = models.ForeignKey(Harbour, on_delete=models.CASCADE)
    class Meta:
        ordering = ["harbour"]

class Note(models.Model):
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveIntegerField()
    target = GenericForeignKey("content_type", "object_id")

class Boat(models.Model):
    owner = models.ForeignKey(Owner, on_delete=models.CASCADE, related_name="boats")
    slug = models.CharField(max_length=9)
    plan = models.FileField(null=True)
    notes = GenericRelation(Note)
    class Meta:
        ordering = ["-owner__harbour__name", "slug"]
        unique_together = ["owner", "slug"]

class Trip(models.Model):
    boat = models.ForeignKey(Boat, on_delete=models.CASCADE, related_name="trips")
    day = models.DateField()
"""
PROGRAM = """
from collections import defaultdict
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404
from rest_framework.pagination import CursorPagination
from django_filters import FilterSet
from shop.models import Boat, Harbour, Note, Owner, Trip

class Paged(CursorPagination):
    page_size = 9

class Short(FilterSet):
    class Meta:
        model = Trip

class Load:
    @staticmethod
    def __call__(boat):
        for trip in boat.trips.all():
            trip.delete()

class Filtered:
    key = None
    def boats(self):
        return Boat.objects.filter(**{self.key: Owner.objects.filter(id=1)})

class OfOwners(Filtered):
    key = "owner__in"
    def listed(self):
        return list(self.boats())

def keep(field, name):
    field.save(name, b"x")

def asked(request, boat: Boat, owner: Owner, harbour: Harbour, user: User, group: Group, trip: Trip):
    EXPRESSION
"""
SORTED = "read shop_boat, read shop_harbour, read shop_owner"
USES = {
    "sorted by a key's key": ("list(Boat.objects.all())", SORTED),
    "sorted, with a condition": ("for b in Boat.objects.filter(id=1): pass", SORTED),
    "sorted as the far model": ("list(Owner.objects.all())", "read shop_harbour, read shop_owner"),
    "first of a related manager": ("owner.boats.first()", SORTED),
    "last": ("return Boat.objects.last()", SORTED),
    "one row": ("return Boat.objects.get(id=1)", "read shop_boat"),
    "one row or not found": ("return get_object_or_404(Boat, id=1)", "read shop_boat"),
    "counted": ("return Boat.objects.count()", "read shop_boat"),
    "asked for": ("return Boat.objects.filter(id=1).exists()", "read shop_boat"),
    "sorted otherwise": ("list(Boat.objects.order_by('slug'))", "read shop_boat"),
    "not sorted": ("list(Boat.objects.order_by())", "read shop_boat"),
    "inside another": (
        "list(Trip.objects.filter(boat__in=Boat.objects.filter(id=1)))", "read shop_boat, read shop_trip",
    ),
    "fetched along": (
        "list(Trip.objects.prefetch_related('boat'))",
        "read shop_boat, read shop_harbour, read shop_owner, read shop_trip",
    ),
    "written": ("Boat.objects.filter(id=1).update(slug='')", "write shop_boat"),
    "raw, with a text that is not known": ("list(Trip.objects.raw(request.GET['q']))", "read shop_trip"),
    "validated": ("boat.full_clean()", "read shop_boat, read shop_owner"),
    "asked to be unique": ("harbour.validate_unique()", "read shop_harbour"),
    "a file is kept": ("boat.plan.save('x', b'')", "write shop_boat"),
    "a file is kept, the row not": ("boat.plan.save('x', b'', save=False)", ""),
    "a file is kept, not the row": ("boat.plan.save('x', b'', False)", ""),
    "a file is deleted": ("boat.plan.delete()", "write shop_boat"),
    "a file is deleted, the row not": ("boat.plan.delete(save=False)", ""),
    "the next one by a date": ("return trip.get_next_by_day()", "read shop_trip"),
    "keys of any kind": ("list(boat.notes.all())", "read django_content_type, read shop_note"),
    "the far side of a library's": ("group.user_set.add(user)", "write auth_user_groups"),
    "what an admin did": (
        "LogEntry.objects.log_action(user_id=1)", "write django_admin_log",
    ),
    "one page": (
        "for t in Paginator(Trip.objects.order_by('id'), 9).page(1): t.boat",
        "read shop_boat, read shop_trip",
    ),
    "rows of one page": ("list(Paginator(Boat.objects.all(), 9).get_page(1).object_list)", SORTED),
    "filtered by a library": (
        "list(Short(request.GET, queryset=Trip.objects.order_by('id')).qs)", "read shop_trip",
    ),
    "filtered by a library, all": (
        "[t.boat for t in Short(request.GET).qs]", "read shop_boat, read shop_trip",
    ),
    "rows in a dict that makes them": (
        "found = defaultdict(lambda: Trip(boat=boat))\n    found[request.GET['q']].day = 1\n"
        "    for key, trip in found.items():\n        trip.save()", "write shop_trip",
    ),
    "rows in a dict of lists": (
        "found = defaultdict(list)\n    for t in Trip.objects.all():\n        found[t.day].append(t)\n"
        "    for key, trips in found.items():\n        for t in trips:\n            t.delete()",
        "read shop_trip, write shop_trip",
    ),
    "what something else set on the request": ("list(request.owner.boats.order_by('id'))", "read shop_boat"),
    "a page of the library's": (
        "Paged().paginate_queryset(Trip.objects.order_by('id'), request)", "read shop_trip",
    ),
}  # fmt: skip


def touched(made: Any, function: str) -> str:
    found = {(a.operation, a.table) for a in made.system.accesses if a.function == function}
    return ", ".join(f"{operation} {table}" for operation, table in sorted(found))


def shop(project: Any, expression: str = "pass") -> Any:
    return project(
        {
            **settings("shop"),
            "shop/models.py": MODELS,
            "shop/uses.py": PROGRAM.replace("EXPRESSION", expression),
            "site_urls.py": "urlpatterns = []\n",
        }
    )


@pytest.mark.parametrize(("expression", "tables"), USES.values(), ids=USES.keys())
def test_an_access_belongs_to_the_line_that_asks_for_it(project: Any, expression: str, tables: str) -> None:
    assert touched(shop(project, expression), "asked") == tables


def test_a_static_method_that_is_called_by_an_instance(project: Any) -> None:
    assert touched(shop(project), "Load.__call__") == "read shop_trip, write shop_trip"


def test_a_file_that_is_handed_on_saves_its_row_where_it_is_kept(project: Any) -> None:
    assert touched(shop(project, "keep(boat.plan, 'x')"), "keep") == "write shop_boat"


def test_a_view_of_errors_is_served(project: Any) -> None:
    views = "def lost(request, exception):\n    pass\n\ndef away(request):\n    pass\n"
    urls = (
        'from shop.views import away\nurlpatterns = []\nhandler404 = "shop.views.lost"\nhandler500 = away\n'
    )
    made = project(
        {**settings("shop"), "shop/models.py": MODELS, "shop/views.py": views, "site_urls.py": urls}
    )
    assert "unlisted-view" not in {one.code for one in made.system.diagnostics}


def test_a_function_that_is_handed_rows_alone_asks_for_nothing_vague(project: Any) -> None:
    layer = """
from django.db import connection
from shop.models import Boat

def shown(row, text=None):
    row.save()
    for trip in row.trips.all():
        connection.cursor().execute(trip.text)
"""
    uses = """
from shop.layer import shown
from shop.models import Boat

def told():
    shown(Boat.objects.get(id=1))

def asked(query):
    shown(Boat.objects.get(id=1), query)
"""
    made = project(
        {
            **settings("shop"), "shop/models.py": MODELS, "shop/layer.py": layer, "shop/uses.py": uses,
            "site_urls.py": "urlpatterns = []\n",
        }
    )  # fmt: skip
    vague = [one.message for one in made.system.diagnostics if one.code == "unresolved-access"]
    assert not any(message.startswith("told:") for message in vague)
    assert any(message.startswith("asked:") for message in vague), vague


def test_a_query_inside_a_look_up_is_read_by_whoever_runs_the_query_around_it(project: Any) -> None:
    made = shop(project, "list(Filtered().boats())")
    assert "read shop_owner" in touched(made, "asked")


def test_a_query_inside_a_look_up_whose_name_a_subclass_says(project: Any) -> None:
    assert "read shop_owner" in touched(shop(project), "OfOwners.listed")


def test_static_files_of_a_middleware_are_answered_before_any_url(project: Any) -> None:
    extra = 'MIDDLEWARE = ["whitenoise.middleware.WhiteNoiseMiddleware"]\nSTATIC_URL = "files/"\n'
    urls = (
        "from django.urls import path\nfrom shop.views import page\nurlpatterns = [path('<a>/<b>', page)]\n"
    )
    made = project(
        {
            **settings("shop", extra=extra),
            "shop/models.py": MODELS,
            "shop/views.py": "def page(request, a, b):\n    pass\n",
            "site_urls.py": urls,
        }
    )
    (route,) = made.system.opaque_routes
    (endpoint,) = made.system.endpoints
    assert (route.regex, route.file) == ("/files/.*", "project_settings.py")
    assert route.order < endpoint.order


def test_a_starter_that_chooses_the_settings_of_the_tests_first_starts_the_others_as_well(
    project: Any,
) -> None:
    files = settings(
        "shop", extra='MIDDLEWARE = ["whitenoise.middleware.WhiteNoiseMiddleware"]\nSTATIC_URL = "a/"\n'
    )
    files["manage.py"] = """
import os
import sys
if "test" in sys.argv:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "test.settings")
else:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project_settings")
"""
    files["test/__init__.py"] = ""
    files["test/settings.py"] = "from project_settings import *\nMIDDLEWARE = []\n"
    made = project({**files, "shop/models.py": MODELS, "site_urls.py": "urlpatterns = []\n"})
    assert [route.regex for route in made.system.opaque_routes] == ["/a/.*"]
