"""URL tables that are put together from what other modules register, and objects made on first use."""

from __future__ import annotations

from typing import Any

import pytest
from django_boot import boot, settings

SITE = {
    "shop/models.py": """
        from django.db import models

        class Order(models.Model):
            watchers = models.ManyToManyField("auth.Group")

        class Urgent(Order):
            class Meta:
                proxy = True

        class Line(models.Model):
            order = models.ForeignKey("Urgent", on_delete=models.CASCADE)
        """,
    "shop/registry.py": """
        import collections
        import functools
        from django.urls import path

        class Registry(dict):
            def __getitem__(self, key):
                try:
                    return super().__getitem__(key)
                except KeyError:
                    raise KeyError(f"no store {key}")

        registry = Registry({"views": collections.defaultdict(dict)})

        def register(model, name="", detail=True):
            def wrap(cls):
                label, key = model._meta.app_label, model._meta.model_name
                if key not in registry["views"][label]:
                    registry["views"][label][key] = []
                registry["views"][label][key].append({"name": name, "view": cls, "detail": detail})
                return cls
            return wrap

        def urls_of(label, key, detail=True):
            try:
                views = [row for row in registry["views"][label][key] if row["detail"] == detail]
            except KeyError:
                return []
            return [path(f"{row['name']}/" if row["name"] else "", row["view"].as_view()) for row in views]
        """,
    "shop/views.py": """
        from django.http import HttpResponse
        from django.views import View
        from shop.models import Order
        from shop.registry import register

        @register(Order, "all", detail=False)
        class All(View):
            pass

        @register(Order)
        class Show(View):
            pass

        @register(Order, "edit")
        class Edit(View):
            pass
        """,
    "shop/sites.py": """
        from django.utils.functional import LazyObject

        class Site:
            def __init__(self):
                from shop.views import Show
                self.show = Show.as_view()

            @property
            def urls(self):
                from django.urls import path
                return [path("first/", self.show)], "lazy", "lazy"

        class LazySite(LazyObject):
            def _setup(self):
                self._wrapped = Site()

        site = LazySite()
        """,
    "shop/conf.py": """
        from django.conf import settings as stated

        class Defaults:
            BACK_OFFICE_PATH = "office"

        class Settings:
            def __getattr__(self, name):
                try:
                    return getattr(stated, name)
                except AttributeError:
                    pass
                return getattr(Defaults, name)

        settings = Settings()
        """,
    "shop/urls.py": """
        from django.urls import include, path
        from shop.registry import urls_of
        from shop import views

        urlpatterns = [
            path("orders/", include(urls_of("shop", "order", detail=False))),
            path("orders/<int:pk>/", include(urls_of("shop", "order"))),
        ]
        """,
    "site_urls.py": """
        from django.urls import include, path
        from shop.conf import settings
        from shop.sites import site

        deep = [path("", include("shop.urls"))]
        for level in range(8):
            deep = [path("", include(deep))]
        urlpatterns = [path("lazy/", site.urls), path(f"{settings.BACK_OFFICE_PATH}/", include(deep))]
        """,
}


@pytest.fixture
def shop(project: Any) -> Any:
    return project({**settings("shop"), **SITE})


def test_views_registered_elsewhere_lazy_sites_and_settings_with_defaults_give_their_urls(shop: Any) -> None:
    truth = boot(shop.root)["urls"]
    assert [[e.path, e.handler] for e in shop.system.endpoints] == truth
    assert len(truth) == 4


def test_keys_to_proxies_and_columns_of_many_to_many_tables_of_libraries(shop: Any) -> None:
    truth = {(r["table"], *key) for r in boot(shop.root)["models"] for key in r["keys"] if not r["proxy"]}
    assert {(t.name, f.column, f.table) for t in shop.system.tables for f in t.foreign_keys} == truth
