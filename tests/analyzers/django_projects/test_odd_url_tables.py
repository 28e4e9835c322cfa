"""URL tables as they are found: loose expressions, decorated views, holes, other hosts, libraries' URLs."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from django_boot import boot, settings

VIEWS = """
from django.http import HttpResponse
from django.views.generic import View

def a(request, *args, **kwargs):
    return HttpResponse()

def b(request, *args, **kwargs):
    return HttpResponse()

class Front(View):
    def get(self, request, *args, **kwargs):
        return HttpResponse()

class Preview:
    def __init__(self, form):
        self.form = form

    def __call__(self, request):
        return HttpResponse()
"""
LOOSE = """
from django.urls import include, path, re_path
from shop import views

urlpatterns = [
    re_path(r"", include([re_path(r"^list/$", views.a), re_path(r"tail/$", views.b)])),
    re_path(r"", include([re_path(r"in", views.a)])),
    re_path(r"^staff/", include([re_path(r"", views.b)])),
    re_path(r"^e/(one|two)(.json)?$", views.a),
    re_path(r"^w/(?P<name>\\w+)/(?P<way>(in|out))(.json)?/?$", views.b),
    re_path(r"^g/(?P<way>(up|down))/b/$", views.a),
    re_path(r"$", include([re_path(r"^$", views.b)])),
]
"""


def rows(made: Any) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(e) for e in sorted(made.system.endpoints, key=lambda e: e.order)]


def site(project: Any, urls: str, extra: str = "", **more: str) -> Any:
    files = {"shop/models.py": "", "shop/views.py": VIEWS, "site_urls.py": urls}
    return project({**settings("shop", extra=extra), **files, **more})


def test_loose_expressions_take_the_urls_that_the_resolver_sends_to_the_handler(project: Any) -> None:
    made = site(project, LOOSE)
    assert boot(made.root, rows(made))["differences"] == []


def test_expressions_with_alternatives_have_readable_paths(project: Any) -> None:
    paths = {row["path"] for row in rows(site(project, LOOSE))}
    assert {"/e/{arg1}{arg2}", "/w/{name}/{way}{arg4}", "/g/{way}/b/"} <= paths


def test_what_stands_behind_a_loose_include_is_not_exact(project: Any) -> None:
    made = site(
        project,
        "from django.urls import include, re_path\nfrom shop import views\n"
        'urlpatterns = [re_path(r"api/", include([re_path(r"^x$", views.a)]))]\n',
    )
    assert [(row["path"], row["exact"]) for row in rows(made)] == [("/api/x", False)]


WRAPPED = {
    "cache_page(60)(views.Front.as_view())": "shop.views.Front",
    "cache_page(60)(views.a)": "shop.views.a",
    "permission_required('x')(views.Front.as_view())": "shop.views.Front",
    "user_passes_test(lambda u: True)(never_cache(views.Front.as_view()))": "shop.views.Front",
    "login_required(cache_page(5)(views.Front.as_view()))": "shop.views.Front",
    "require_http_methods(['GET'])(etag(lambda r: None)(views.a))": "shop.views.a",
    "cache_page(5)(library.Schema.as_view())": "library.Schema",
    "cache_page(5)(library.views.sitemap)": "library.views.sitemap",
    "obtain_auth_token": "rest_framework.authtoken.views.ObtainAuthToken",
    "login_required(views.Preview(dict))": "shop.views.Preview",
    "cache_page(5)(views.Preview(dict))": "shop.views.Preview",
    "views.Preview(dict)": "shop.views.Preview",
}


@pytest.mark.parametrize(("view", "handler"), WRAPPED.items(), ids=WRAPPED.keys())
def test_a_decorated_view_keeps_its_handler(project: Any, view: str, handler: str) -> None:
    imports = """
import library
from rest_framework.authtoken.views import obtain_auth_token
from django.contrib.auth.decorators import login_required, permission_required, user_passes_test
from django.urls import path
from django.views.decorators.cache import cache_page, never_cache
from django.views.decorators.http import etag, require_http_methods
from shop import views
"""
    made = site(project, f'{imports}urlpatterns = [path("x/", {view})]\n')
    assert [row["handler"] for row in rows(made)] == [handler]


def test_a_hole_in_a_pattern_stays_a_hole(project: Any) -> None:
    made = site(
        project,
        "import os\nfrom django.urls import path, re_path\nfrom shop import views\n"
        'base = os.environ["BASE"]\n'
        'urlpatterns = [re_path(r"^{}about/$".format(base), views.a), path(base + "now", views.b)]\n',
    )
    found = {row["handler"]: (row["path"], row["exact"]) for row in rows(made)}
    assert found == {"shop.views.a": ("/{unknown}about/", False), "shop.views.b": ("/{unknown}now", False)}
    takes = {row["handler"]: row["regex"] for row in rows(made)}
    assert re.fullmatch(takes["shop.views.a"], "/de/shop/about/")
    assert re.fullmatch(takes["shop.views.b"], "/now")


def test_translated_paths_are_not_exact_and_take_other_words(project: Any) -> None:
    made = site(
        project,
        "from django.urls import path\nfrom django.utils.translation import gettext_lazy as _\n"
        'from shop import views\nurlpatterns = [path(_("boats/"), views.a)]\n',
    )
    (row,) = rows(made)
    assert (row["path"], row["exact"]) == ("/boats/", False)
    assert re.fullmatch(row["regex"], "/boote/")


def test_urls_that_are_not_listed_are_opaque_routes_at_their_place(project: Any) -> None:
    made = site(
        project,
        "import secret\nfrom django.contrib import admin\nfrom django.urls import include, path\n"
        "from shop import views\nurlpatterns = [\n"
        '    path("first/", views.a),\n    path("admin/", admin.site.urls),\n'
        '    path("accounts/", include("allauth.urls")),\n    path("more/", include(secret.load())),\n'
        '    path("odd/", secret.views["x"]()["y"]),\n    path("<path:rest>", views.b),\n]\n',
    )
    opaque = {(row.pattern, row.what): (row.order, row.line) for row in made.system.opaque_routes}
    assert opaque == {
        ("admin/", "django.contrib.admin.site.urls"): (1, 7),
        ("accounts/", "allauth.urls"): (2, 8),
        ("more/", "secret.load"): (3, 9),
        ("odd/", "a view that cannot be told"): (4, 10),
    }
    assert [row["order"] for row in rows(made)] == [0, 5]
    takes = {row.pattern: row.regex for row in made.system.opaque_routes}
    assert re.fullmatch(takes["admin/"], "/admin/auth/user/")
    assert not re.fullmatch(takes["odd/"], "/odd/x")
    assert {d.line for d in made.system.diagnostics if d.code == "library-urls"} == {7, 8, 9}


PLAIN = 'from django.urls import path\nfrom shop import views\nurlpatterns = [path("{}/", views.{})]\n'


def test_other_urlconfs_are_listed_with_their_host_or_as_not_exact(project: Any) -> None:
    middleware = """
        class ByDomain:
            def __init__(self, get_response):
                self.get_response = get_response

            def __call__(self, request):
                if request.get_host() != "x":
                    request.urlconf = "shop.own"
                return self.get_response(request)
        """
    hosts = (
        "from django.conf import settings\nfrom django_hosts import host, patterns\n"
        'host_patterns = patterns("", host(r"www", settings.ROOT_URLCONF), host(r"api", "shop.api"))\n'
    )
    made = site(
        project,
        PLAIN.format("main", "a"),
        extra='ROOT_HOSTCONF = "shop.hosts"\nPUBLIC_SCHEMA_URLCONF = "shop.public"\n'
        'MIDDLEWARE = ["shop.middleware.ByDomain"]\n',
        **{
            "shop/hosts.py": hosts,
            "shop/api.py": PLAIN.format("api", "b"),
            "shop/public.py": PLAIN.format("public", "a"),
            "shop/own.py": PLAIN.format("own", "b"),
            "shop/middleware.py": middleware,
            "shop/old.py": PLAIN.format("old", "b"),
        },
    )
    found = {row["path"]: (row["host"], row["exact"]) for row in rows(made)}
    assert found == {
        "/main/": ("www", False),
        "/api/": ("api", False),
        "/public/": ("", False),
        "/own/": ("", False),
    }
    assert {row["path"]: row["condition"] for row in rows(made)} == {
        "/main/": "the host matches www",
        "/api/": "the host matches api",
        "/public/": "the URLconf of the request is settings.PUBLIC_SCHEMA_URLCONF",
        "/own/": "shop/middleware.py:8 has set the URLconf of the request",
    }
    assert [d.file for d in made.system.diagnostics if d.code == "unreached-urls"] == ["shop/old.py"]


def test_a_class_that_makes_its_own_view_behind_an_undecided_setting_is_the_handler(project: Any) -> None:
    classes = """
        import functools

        class Base:
            @classmethod
            def as_view(cls):
                def view(request):
                    return cls().dispatch(request)
                functools.update_wrapper(view, cls.dispatch, assigned=())
                view.cls = cls
                return view

            def dispatch(self, request): ...

        class Own(Base): ...
        """
    urls = """
        import os
        from django.urls import path
        from shop import classes
        urlpatterns = []
        if os.environ.get("BETA"):
            urlpatterns.append(path("own/", classes.Own.as_view()))
        """
    files = {"shop/classes.py": classes, "site_urls.py": urls}
    (row,) = project(settings("shop") | files).system.endpoints
    assert row.handler == "shop.classes.Own"
    assert row.condition
