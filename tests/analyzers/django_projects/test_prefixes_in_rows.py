"""URLs below a prefix that is kept in a row: listed with the default of its field, and said to be a guess."""

from __future__ import annotations

from typing import Any

import pytest
from django_boot import settings

MODELS = """
from django.db import models

class Conf(models.Model):
    prefix = models.CharField(max_length=9, default="")
    base = models.CharField(max_length=9, default="port/")
    other = models.CharField(max_length=9)

def conf(name, default=None):
    row = Conf.objects.get()
    return getattr(row, name, default)
"""


def analysed(project: Any, route: str) -> Any:
    urls = f"""
        from django.urls import include, path, re_path
        from shop.models import Conf, conf
        from shop import views
        urlpatterns = [
            {route},
            path("plain/", views.boats),
        ]
        """
    files = {"shop/views.py": "def boats(request): ...\n", "shop/models.py": MODELS, "site_urls.py": urls}
    return project(settings("shop") | files).system


@pytest.mark.parametrize(
    ("route", "path"),
    [
        ('re_path(r"^{}boats/$".format(conf("prefix")), views.boats)', "/boats/"),
        ("re_path(f\"^{conf('base')}boats/$\", views.boats)", "/port/boats/"),
        ('path(Conf.objects.first().base + "boats/", views.boats)', "/port/boats/"),
        ('path(conf("prefix"), include([path("boats/", views.boats)]))', "/boats/"),
    ],
)
def test_the_default_of_the_field_stands_for_the_row(project: Any, route: str, path: str) -> None:
    system = analysed(project, route)
    assert {e.path: e.exact for e in system.endpoints} == {path: False, "/plain/": True}
    said = [(d.file, d.line) for d in system.diagnostics if d.code == "doubtful-prefix"]
    assert said == [(e.file, 6) for e in system.endpoints[:1]]


def test_a_field_without_default_leaves_a_hole(project: Any) -> None:
    system = analysed(project, 're_path(r"^{}boats/$".format(conf("other")), views.boats)')
    assert {e.path for e in system.endpoints} == {"/{unknown}boats/", "/plain/"}


@pytest.mark.parametrize("name", ["prefix", "base"])
def test_the_default_decides_no_condition(project: Any, name: str) -> None:
    route = f'*([path("one/", views.boats)] if conf("{name}") else [path("two/", views.boats)])'
    assert {e.path for e in analysed(project, route).endpoints} == {"/one/", "/two/", "/plain/"}


def test_the_row_is_read_where_it_was_read(project: Any) -> None:
    system = analysed(project, 're_path(r"^{}boats/$".format(conf("prefix")), views.boats)')
    assert {(a.module, a.function, a.operation) for a in system.accesses} == {("shop.models", "conf", "read")}
