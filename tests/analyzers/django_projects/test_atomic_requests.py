"""``ATOMIC_REQUESTS``: each view is one transaction, except those that say they are not."""

from __future__ import annotations

from typing import Any

import pytest

VIEWS = """
from django.db import transaction
from django.utils.decorators import method_decorator
from django.views import View
from rest_framework.decorators import action
from rest_framework.viewsets import ModelViewSet

from fleet.models import Boat, Crew


def hire():
    Crew.objects.create(name="x")


def plain(request):
    Boat.objects.create(name="x")
    hire()


@transaction.non_atomic_requests
def exempt(request):
    Boat.objects.create(name="x")


def exempt_where_it_is_routed(request):
    Boat.objects.create(name="x")


class Answers(View):
    def post(self, request):
        Boat.objects.create(name="x")

    def other(self):
        Crew.objects.create(name="x")


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class ExemptClass(View):
    def post(self, request):
        Boat.objects.create(name="x")


class ExemptDispatch(View):
    @method_decorator(transaction.non_atomic_requests(using="default"))
    def dispatch(self, *args, **kwargs):
        return super().dispatch(*args, **kwargs)

    def post(self, request):
        Boat.objects.create(name="x")


class Boats(ModelViewSet):
    queryset = Boat.objects.all()

    @action(detail=True, methods=["post"])
    def sink(self, request, pk):
        Crew.objects.create(name="x")
"""
URLS = """
from django.db import transaction
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from fleet import views

router = SimpleRouter()
router.register("boats", views.Boats)
urlpatterns = [
    path("a/", views.plain),
    path("b/", views.exempt),
    path("c/", transaction.non_atomic_requests(views.exempt_where_it_is_routed)),
    path("d/", views.Answers.as_view()),
    path("e/", views.ExemptClass.as_view()),
    path("f/", views.ExemptDispatch.as_view()),
    path("", include(router.urls)),
]
"""
MODELS = """
from django.db import models


class Boat(models.Model):
    name = models.CharField(max_length=9)


class Crew(models.Model):
    name = models.CharField(max_length=9)
"""


def site(project: Any, databases: str) -> Any:
    files = {
        "fleet/__init__.py": "",
        "fleet/models.py": MODELS,
        "fleet/views.py": VIEWS,
        "core/__init__.py": "",
        "core/urls.py": URLS,
        "core/settings.py": f'INSTALLED_APPS = ["fleet"]\nROOT_URLCONF = "core.urls"\n{databases}',
        "manage.py": 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings")\n',
    }
    return project(files).system


@pytest.mark.parametrize(
    ("databases", "name"),
    [
        ('DATABASES = {"default": {"ATOMIC_REQUESTS": True}}\n', ""),
        ('DATABASES = {"default": {"ATOMIC_REQUESTS": True}, "more": {}}\n', ""),
        ('import environ\nDATABASES = {"default": environ.Env().db("URL")}\n'
         'DATABASES["default"]["ATOMIC_REQUESTS"] = True\n', ""),
        ('import dj_database_url\nDATABASES = {"default": dj_database_url.config()}\n'
         'DATABASES["default"].update(ATOMIC_REQUESTS=True)\n', ""),
    ],
)  # fmt: skip
def test_each_view_that_does_not_say_otherwise_is_one_transaction(
    project: Any, databases: str, name: str
) -> None:
    found = {(t.function, t.tables_written, t.database) for t in site(project, databases).transactions}
    assert found == {
        ("plain", ("fleet_boat", "fleet_crew"), name),
        ("Answers.post", ("fleet_boat",), name),
        ("Boats.sink", ("fleet_crew",), name),
    }


def test_without_the_setting_no_view_is_a_transaction(project: Any) -> None:
    assert site(project, 'DATABASES = {"default": {"ATOMIC_REQUESTS": False}}\n').transactions == ()


def test_on_another_database_it_does_not_hold_what_the_default_one_has(project: Any) -> None:
    databases = 'DATABASES = {"default": {}, "more": {"ATOMIC_REQUESTS": True}}\n'
    found = [t for t in site(project, databases).transactions if t.function == "plain"]
    assert [(t.database, t.tables_written, t.written_elsewhere) for t in found] == [
        ("more", (), ("fleet_boat", "fleet_crew"))
    ]
