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


REGISTRY = """
from collections import defaultdict
from django.db.models.signals import class_prepared
from django.dispatch import receiver

VIEWS = defaultdict(list)

class Logged:
    pass

@receiver(class_prepared)
def noticed(sender, **kwargs):
    if issubclass(sender, Logged):
        VIEWS[sender.__name__].append("shop.views.Log")

def connected(sender, **kwargs):
    VIEWS[sender.__name__].append("shop.views.Extra")

def listen(model):
    class_prepared.connect(connected, sender=model)
"""


def test_what_a_receiver_of_class_prepared_registers_is_served(project: Any) -> None:
    made = project(
        {
            **settings("shop"),
            "shop/registry.py": REGISTRY,
            "shop/models.py": """
                from django.db import models
                from shop.registry import Logged

                class Base(Logged, models.Model):
                    class Meta:
                        abstract = True

                class Order(Base):
                    pass

                class Plain(models.Model):
                    pass
                """,
            "shop/views.py": """
                from django.views import View

                class Log(View):
                    def get(self, request): ...
                """,
            "site_urls.py": """
                from django.urls import path
                from django.utils.module_loading import import_string
                from shop.registry import VIEWS

                urlpatterns = [
                    path(f"{name}/log/", import_string(view).as_view())
                    for name in ("Base", "Order", "Plain") for view in VIEWS[name]
                ]
                """,
        }
    )
    assert [(e.path, e.handler) for e in made.system.endpoints] == [("/Order/log/", "shop.views.Log")]


def test_nested_routers_of_drf_extensions_have_their_parents_in_the_path(project: Any) -> None:
    made = project(
        {
            **settings("shop"),
            "shop/models.py": "",
            "shop/views.py": """
                from rest_framework.viewsets import ModelViewSet, ReadOnlyModelViewSet

                class Boats(ModelViewSet):
                    lookup_value_regex = "[0-9]+"

                class Crews(ReadOnlyModelViewSet):
                    pass

                class Shifts(ReadOnlyModelViewSet):
                    pass
                """,
            "site_urls.py": """
                from django.urls import include, path
                from rest_framework.routers import SimpleRouter
                from rest_framework_extensions.routers import NestedRouterMixin
                from shop import views

                class Router(NestedRouterMixin, SimpleRouter):
                    pass

                router = Router()
                crews = router.register("boats", views.Boats, basename="boat").register(
                    "crews", views.Crews, basename="crew", parents_query_lookups=["boat"])
                crews.register("shifts", views.Shifts, "shift", parents_query_lookups=["crew__boat", "crew"])
                urlpatterns = [path("api/", include(router.urls))]
                """,
        }
    )
    found = {e.path: e.regex for e in made.system.endpoints if "shifts" in e.path or "crews" in e.path}
    boat, crew = "/api/boats/(?:[0-9]+)/", "crews/(?:[^/.]+)/"
    assert found == {
        "/api/boats/{parent_lookup_boat}/crews/": f"{boat}crews/",
        "/api/boats/{parent_lookup_boat}/crews/{pk}/": f"{boat}{crew}",
        "/api/boats/{parent_lookup_crew__boat}/crews/{parent_lookup_crew}/shifts/": f"{boat}{crew}shifts/",
        "/api/boats/{parent_lookup_crew__boat}/crews/{parent_lookup_crew}/shifts/{pk}/": (
            f"{boat}{crew}shifts/(?:[^/.]+)/"
        ),
    }


def test_what_a_configuration_registers_for_its_models_is_served(project: Any) -> None:
    made = project(
        {
            **settings("shop.apps.Config"),
            "shop/models.py": """
                from django.db import models

                class Base(models.Model):
                    class Meta:
                        abstract = True

                class Order(Base):
                    pass
                """,
            "shop/registry.py": "ROUTES = {}\n",
            "shop/apps.py": """
                from django.apps import AppConfig

                class Config(AppConfig):
                    name = "shop"

                    def ready(self):
                        from shop.registry import ROUTES
                        for model in self.get_models():
                            app, name = model._meta.label_lower.split(".")
                            ROUTES[f"{app}/{name}/"] = "shop.views.show"
                """,
            "shop/views.py": "def show(request): ...\n",
            "site_urls.py": """
                from django.urls import path
                from django.utils.module_loading import import_string
                from shop.registry import ROUTES

                urlpatterns = [path(route, import_string(view)) for route, view in ROUTES.items()]
                """,
        }
    )
    assert [(e.path, e.handler) for e in made.system.endpoints] == [("/shop/order/", "shop.views.show")]


def test_what_an_app_may_have_and_has_not_raises_where_that_is_caught(project: Any) -> None:
    add = """
        from django.urls import include, path, re_path
        from django.utils.module_loading import import_string

        urlpatterns = []
        for app in ("boats", "crews", "ports"):
            try:
                found = import_string(f"{app}.urls.{NAME}")
            except ImportError as problem:
                if "urls" not in str(problem):
                    raise
            else:
                urlpatterns += [path(f"{app}/", include(found))]
        """
    files = {
        **settings("boats", "crews", "ports"),
        "boats/models.py": "",
        "crews/models.py": "",
        "ports/models.py": "",
        "ports/__init__.py": "import pkgutil\n__path__ = pkgutil.extend_path(__path__, __name__)\n",
        "boats/urls.py": "from django.urls import path\nurlpatterns = [path('', print)]\n",
        "site_urls.py": add.replace("{NAME}", "urlpatterns"),
    }
    made = project(files)
    assert [e.path for e in made.system.endpoints] == ["/boats/"]
    told = [d.message for d in made.system.diagnostics if d.code == "unresolved-urls"]
    assert [message.partition(":")[0] for message in told] == ["ports/"], "that package may go on elsewhere"


def test_plug_ins_are_found_in_the_installed_apps(project: Any) -> None:
    plug_in = "from shop.registry import register\nfrom boats import views\nregister({!r}, views.{})\n"
    table = "from django.urls import path\nfrom boats import views\nurlpatterns = [path('', views.{})]\n"
    made = project(
        {
            **settings("shop", "boats"),
            "shop/models.py": "",
            "shop/registry.py": "ROUTES = []\ndef register(*pair):\n    ROUTES.append(pair)\n",
            "boats/views.py": "".join(f"def {name}(request): ...\n" for name in "abc"),
            "boats/plugins.py": plug_in.format("a/", "a"),
            "boats/hooks.py": plug_in.format("b/", "b"),
            "boats/extra.py": table.format("c"),
            "site_urls.py": """
                from importlib import import_module
                from django.apps import apps
                from django.conf import settings
                from django.urls import include, path
                from django.utils.module_loading import autodiscover_modules, module_has_submodule
                from shop.registry import ROUTES

                autodiscover_modules("hooks")
                for app in settings.INSTALLED_APPS:
                    try:
                        import_module("%s.plugins" % app)
                    except ImportError:
                        pass
                urlpatterns = [path(route, view) for route, view in ROUTES]
                for config in apps.get_app_configs():
                    if module_has_submodule(config.module, "extra"):
                        urlpatterns.append(path("c/", include(f"{config.name}.extra")))
                """,
        }
    )
    found = {e.path: e.handler for e in made.system.endpoints}
    assert found == {"/a/": "boats.views.a", "/b/": "boats.views.b", "/c/": "boats.views.c"}
    assert made.system.opaque_routes == ()


def test_a_view_class_that_a_metaclass_stands_for_is_the_handler(project: Any) -> None:
    made = project(
        {
            **settings("shop"),
            "shop/models.py": "",
            "shop/override.py": """
                from django.conf import settings
                from django.utils.module_loading import import_string

                class Meta(type):
                    def __getattr__(cls, name):
                        path = getattr(settings, cls._setting, None) if cls._setting else None
                        chosen = import_string(path) if path is not None else cls._default
                        return getattr(chosen, name)

                class Overridable(metaclass=Meta):
                    _default = None
                    _setting = None
                """,
            "shop/views.py": """
                from django.views import View
                from shop.override import Overridable

                class IndexBase(View):
                    def get(self, request): ...

                class Index(Overridable):
                    _default = IndexBase
                    _setting = "INDEX_VIEW"
                """,
            "site_urls.py": """
                from django.urls import path
                from shop.views import Index

                urlpatterns = [path("x/", Index.as_view())]
                """,
        }
    )
    assert [(e.path, e.handler) for e in made.system.endpoints] == [("/x/", "shop.views.IndexBase")]


NAMED = {
    "shop/models.py": """
        from django.db import models
        from fleet.models import Vessel

        class Named(models.Model):
            class Meta:
                abstract = True
                default_related_name = "things"

        class OrderLine(Named): ...

        class HTTPLog(models.Model):
            class Meta:
                verbose_name = "protocol"

        class Boat(Vessel): ...
        """,
    "shop/views.py": "def show(request): ...\n",
    "site_urls.py": """
        from django.urls import path
        from shop import models, views

        urlpatterns = []
        for model in (models.OrderLine, models.HTTPLog):
            options = model._meta
            urlpatterns += [
                path(f"{options.default_related_name}/", views.show),
                path(f"{options.verbose_name}/{options.verbose_name_plural}/", views.show),
            ]
        urlpatterns.append(path(f"boats/{models.Boat._meta.verbose_name}/", views.show))
        """,
}


def test_urls_made_of_a_models_options_are_those_that_its_meta_or_django_gives(project: Any) -> None:
    found = project(settings("shop") | NAMED).system.endpoints
    rows = sorted(found, key=lambda row: row.order)
    assert [(e.path, e.exact) for e in rows] == [
        ("/things/", True),
        ("/order line/order lines/", True),
        ("/None/", True),
        ("/protocol/protocols/", True),
        ("/boats/{unknown}/", False),
    ]
