"""The URL table is the resolver's: same order, same handlers, and expressions that take the same URLs."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from django_boot import boot, settings

SITE = {
    "shop/models.py": """
        from django.db import models

        class Order(models.Model):
            pass
        """,
    "shop/views.py": """
        import functools
        from django.contrib.auth.decorators import login_required
        from django.http import HttpResponse
        from django.views.decorators.http import require_POST
        from django.views.generic import ListView, TemplateView, View
        from shop.models import Order

        def audited(view):
            @functools.wraps(view)
            def inner(request, *args, **kwargs):
                return view(request, *args, **kwargs)
            return inner

        def index(request):
            return HttpResponse()

        @audited
        @login_required
        def account(request, pk):
            return HttpResponse()

        @require_POST
        def pay(request, year, ref):
            return HttpResponse()

        class Orders(ListView):
            model = Order

        class Detail(View):
            def get(self, request, **kwargs):
                return HttpResponse()

        def report(kind):
            def view(request):
                return HttpResponse(kind)
            return view
        """,
    "shop/converters.py": """
        class Year:
            regex = "[0-9]{4}"

            def to_python(self, value):
                return int(value)

            def to_url(self, value):
                return str(value)
        """,
    "shop/api.py": """
        from rest_framework import serializers, viewsets
        from rest_framework.decorators import action
        from rest_framework.response import Response
        from shop.models import Order

        class Serializer(serializers.ModelSerializer):
            class Meta:
                model = Order
                fields = ["id"]

        class OrderSet(viewsets.ModelViewSet):
            queryset = Order.objects.all()
            serializer_class = Serializer

            @action(detail=True, methods=["post"], url_path="ship-it")
            def ship(self, request, pk=None):
                return Response()

            @action(detail=False)
            def recent(self, request):
                return Response()

        class CodeSet(viewsets.ReadOnlyModelViewSet):
            queryset = Order.objects.all()
            serializer_class = Serializer
            lookup_field = "code"
            lookup_value_regex = "[A-Z]{3}"
        """,
    "shop/urls.py": """
        from django.urls import path, re_path, register_converter
        from django.views.generic import TemplateView
        from . import converters, views

        register_converter(converters.Year, "year")
        app_name = "shop"
        urlpatterns = [
            path("", views.index, name="index"),
            path("orders/", views.Orders.as_view()),
            path("orders/<int:pk>/", login := views.Detail.as_view()),
            path("orders/<slug:slug>/", views.account),
            re_path(r"^pay/(?P<year>[0-9]{4})/(?P<ref>[a-z]+)/$", views.pay, name="pay"),
            path("by/<year:year>/<uuid:ref>", views.pay),
            path("files/<path:rest>", views.index),
            path("about", TemplateView.as_view(template_name="a.html")),
        ]
        urlpatterns += [path(f"report/{kind}", views.report(kind)) for kind in ("daily", "weekly")]
        """,
    "site_urls.py": """
        from django.conf import settings
        from django.conf.urls.i18n import i18n_patterns
        from django.urls import include, path, re_path
        from rest_framework.routers import DefaultRouter, SimpleRouter
        from shop import api, views

        router = DefaultRouter()
        router.register("orders", api.OrderSet)
        plain = SimpleRouter(trailing_slash=False)
        plain.register("codes", api.CodeSet, basename="code")

        urlpatterns = [
            path(settings.PREFIX + "shop/", include("shop.urls")),
            path("api/", include(router.urls)),
            path("plain/", include((plain.urls, "plain"))),
            re_path(r"loose/\\d+", views.index),
            re_path(r"^old/", include([re_path(r"^a$", views.index), path("b/<int:n>", views.index)])),
        ]
        if settings.DEBUG:
            urlpatterns.append(path("debug", views.index))
        urlpatterns += i18n_patterns(path("news/", views.index))
        """,
}
EXTRA = """
PREFIX = "v1/"
DEBUG = False
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LANGUAGE_CODE = "en"
"""


ORDERS = ("/api/orders/", "/api/orders", "/api/orders.json", "/api/orders.json/", "/api/orders.JSON")


@pytest.fixture
def site(project: Any) -> Any:
    pytest.importorskip("rest_framework")
    return project({**settings("shop", extra=EXTRA), **SITE})


def rows(made: Any) -> list[dict[str, Any]]:
    ordered = sorted(made.system.endpoints, key=lambda e: e.order)
    return [msgspec.to_builtins(e) for e in ordered]


def test_every_pattern_is_found_in_the_resolvers_order(site: Any) -> None:
    listed = boot(site.root)["urls"]
    # A router gives each pattern a second time with a suffix (".json"): one row of ours stands for both.
    truth = [[path, handler] for path, handler in listed if "format" not in path or "APIRoot" in handler]
    assert len(truth) < len(listed)
    plain = [[path, handler] for path, handler in truth if "(" not in path and "\\" not in path]
    found = [[e["path"], e["handler"]] for e in rows(site)]
    assert [handler for _, handler in found] == [handler for _, handler in truth]
    missing = [row for row in plain if row not in found and not row[0].startswith("/api/")]
    assert missing == []


def test_expressions_take_exactly_the_urls_that_the_resolver_sends_to_the_handler(site: Any) -> None:
    exact = rows(site)
    assert boot(site.root, exact)["differences"] == []


def test_a_url_with_and_without_a_format_suffix_is_one_row(site: Any) -> None:
    suffixed = [e["handler"] for e in rows(site) if "{format}" in e["path"]]
    assert suffixed == ["rest_framework.routers.APIRootView"]
    (orders,) = [e for e in rows(site) if e["path"] == "/api/orders/"]
    assert orders["exact"]
    taken = [url for url in ORDERS if re.fullmatch(orders["regex"], url)]
    assert taken == ["/api/orders/", "/api/orders.json", "/api/orders.json/"]


def test_methods_come_from_decorators_and_classes(site: Any) -> None:
    methods = {e["path"]: e["methods"] for e in rows(site)}
    assert methods["/v1/shop/pay/{year}/{ref}/"] == ("POST",)
    assert methods["/v1/shop/orders/"] == ("GET",)
    assert methods["/api/orders/"] == ("GET", "POST")
    assert methods["/api/orders/{pk}/ship-it/"] == ("POST",)
    assert methods["/v1/shop/"] is None


def test_a_route_that_debug_alone_adds_is_left_out_where_debug_is_off(site: Any) -> None:
    assert "/debug" not in {e["path"] for e in rows(site)}


def test_a_view_that_cannot_be_told_is_reported_with_file_and_line(project: Any) -> None:
    made = project(
        {
            **settings("shop"),
            "shop/models.py": "",
            "site_urls.py": "import json\nfrom django.urls import path\n\n"
            "views = json.load(open('x'))\nurlpatterns = [\n    path('x/', views['x']()['y']),\n]\n",
        }
    )
    found = [d for d in made.system.diagnostics if d.code == "unresolved-handler"]
    assert [(d.file, d.line) for d in found] == [("site_urls.py", 6)]


def test_a_function_that_adds_routes_adds_them_once(project: Any) -> None:
    made = project(
        {
            **settings("shop"),
            "shop/models.py": "",
            "shop/views.py": "def index(request):\n    return None\n",
            "site_urls.py": """
                from django.urls import path
                from shop import views

                urlpatterns = []

                def add(prefix):
                    urlpatterns.append(path(prefix + "late/", views.index))

                add("shop/")
                """,
        }
    )
    assert [e["path"] for e in rows(made)] == ["/shop/late/"]
    assert boot(made.root)["urls"] == [["/shop/late/", "shop.views.index"]]
