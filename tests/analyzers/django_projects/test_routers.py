"""Routers of Django REST framework, subclassed and configured, beside what the running site resolves."""

from __future__ import annotations

from typing import Any

import pytest
from django_boot import boot, settings

VIEWS = """
    from rest_framework import viewsets
    from rest_framework.decorators import action
    from shop.models import Boat

    class Boats(viewsets.ModelViewSet):
        queryset = Boat.objects.all()

        @action(detail=True, methods=["post"], url_path="send/(?P<to>[a-z]+)")
        def send(self, request, **kw): ...

        @action(detail=False, url_path="")
        def recent(self, request): ...

    def patched():
        def archive(self, request, **kw): ...
        return action(detail=True, methods=["patch"])(archive)

    class Crews(viewsets.ReadOnlyModelViewSet):
        queryset = Boat.objects.all()
        archive = patched()
    """
ROUTERS = """
    from django.urls import path
    from rest_framework.routers import DefaultRouter, DynamicRoute, Route, SimpleRouter
    from shop import extra

    class Short(SimpleRouter):
        routes = [
            Route(url=r"^{prefix}$", mapping={"get": "list"}, name="x", detail=False, initkwargs={}),
            Route("^{prefix}/{lookup}$", {"get": "retrieve"}, "{basename}-detail", True, {}),
            DynamicRoute(url=r"^{prefix}/{lookup}/-/{url_path}$", name="x", detail=True, initkwargs={}),
        ]

    class Changed(SimpleRouter):
        routes = [SimpleRouter.routes[0]._replace(url="^all/{prefix}$"), *SimpleRouter.routes[2:]]

    class Named(SimpleRouter):
        def get_lookup_regex(self, viewset, lookup_prefix=""):
            return "(?P<slug>[a-z]+)"

    class More(DefaultRouter):
        include_format_suffixes = False

        def get_urls(self):
            urls = super().get_urls()
            urls.append(path("more/", extra.more))
            return urls

        def extend(self, other):
            for prefix, viewset, basename in other.registry:
                self.register("ex-" + prefix, viewset, basename)
    """
URLS = """
    from django.urls import include, path
    from rest_framework.routers import SimpleRouter
    from shop import routers, views

    short, changed, named, more, top = (
        routers.Short(), routers.Changed(), routers.Named(), routers.More(), SimpleRouter()
    )
    converted = SimpleRouter(use_regex_path=False)
    for router in (short, changed, named, converted):
        router.register("boats", views.Boats, "boats")
        router.register("crews", views.Crews, "crews")
    more.extend(short)
    top.register("", views.Boats)
    urlpatterns = [
        path("short/", include(short.urls)), path("changed/", include(changed.urls)),
        path("named/", include(named.urls)), path("more/", include(more.urls)),
        path("top/", include(top.urls)), path("converted/", include(converted.urls)),
        path("one/", views.Boats.as_view({"get": "list", "post": "create"})),
    ]
    """
MODELS = """
    from django.db import models

    class Boat(models.Model):
        name = models.CharField(max_length=9)
    """


@pytest.fixture
def site(project: Any) -> Any:
    pytest.importorskip("rest_framework")
    files = {
        "shop/models.py": MODELS,
        "shop/views.py": VIEWS,
        "shop/routers.py": ROUTERS,
        "shop/extra.py": "def more(request): ...\n",
        "site_urls.py": URLS,
    }
    return project(settings("shop") | files)


def test_templates_lookups_and_added_urls_of_routers_are_what_the_site_resolves(site: Any) -> None:
    rows = [{"regex": e.regex, "handler": e.handler, "methods": e.methods} for e in site.system.endpoints]
    assert boot(site.root, rows)["differences"] == []
    assert not [d for d in site.system.diagnostics if d.code == "unresolved-urls"]


def test_methods_of_a_view_set_are_those_that_its_templates_and_actions_give(site: Any) -> None:
    found = {e.path: sorted(e.methods or ()) for e in site.system.endpoints}
    assert found["/short/boats"] == ["GET"]
    assert found["/named/crews/{slug}/archive/"] == ["PATCH"]
    assert found["/one/"] == ["GET", "POST"]
    assert "/changed/all/boats" in found
    assert "/short/boats/{pk}/-/send/{to}" in found


def said(project: Any, router: str, views: str = VIEWS) -> set[tuple[str, str]]:
    """The codes of the diagnostics on the URLconf, and the paths that are listed for certain."""
    urls = f"""
        from rest_framework.routers import DefaultRouter, Route, SimpleRouter
        from shop import views
        import fleet
        {router}
        router = Own()
        router.register("boats", views.Boats, "boats")
        urlpatterns = router.urls
        """
    files = {"shop/models.py": MODELS, "shop/views.py": views, "site_urls.py": urls}
    system = project(settings("shop") | files).system
    assert system.opaque_routes
    surely = {("surely", e.path) for e in system.endpoints if e.exact}
    return surely | {(d.code, d.file) for d in system.diagnostics if d.code.startswith("unresolved-")}


@pytest.mark.parametrize(
    "router",
    [
        "class Own(SimpleRouter): routes = fleet.routes()",
        "class Own(SimpleRouter): routes = [fleet.route(), *SimpleRouter.routes]",
        "class Own(SimpleRouter):\n            def get_routes(self, viewset): return fleet.routes(viewset)",
        "class Own(DefaultRouter): routes, include_root_view = fleet.routes(), False",
        "class Own(SimpleRouter):\n            def get_lookup_regex(self, *a): return fleet.regex(*a)",
    ],
)
def test_routes_that_a_routers_own_code_decides_are_opaque(project: Any, router: str) -> None:
    assert said(project, router) == {("unresolved-handler", "site_urls.py")}


def test_what_a_librarys_view_set_answers_beside_the_usual_is_opaque(project: Any) -> None:
    views = "from fleet.api import FleetViewSet\nclass Boats(FleetViewSet): ...\n"
    assert ("unresolved-handler", "site_urls.py") in said(project, "class Own(SimpleRouter): ...", views)


def test_view_sets_of_documents_answer_what_their_library_brings(project: Any) -> None:
    views = """
        from django_elasticsearch_dsl_drf.viewsets import DocumentViewSet
        class Boats(DocumentViewSet): ...
        """
    urls = """
        from rest_framework.routers import SimpleRouter
        from shop import views
        router = SimpleRouter()
        router.register("boats", views.Boats, "boats")
        urlpatterns = router.urls
        """
    system = project(settings("shop") | {"shop/views.py": views, "site_urls.py": urls}).system
    found = {e.path.removeprefix("/boats") for e in system.endpoints if "GET" in e.methods}
    assert found == {"/", "/{pk}/", "/suggest/", "/functional_suggest/"}
    assert not system.opaque_routes


def test_an_action_whose_path_is_not_known_is_opaque(project: Any) -> None:
    views = VIEWS.replace('"send/(?P<to>[a-z]+)"', "fleet.path()").replace(
        "from shop.models", "import fleet\n    from shop.models"
    )
    assert ("unresolved-handler", "site_urls.py") in said(project, "class Own(SimpleRouter): ...", views)


def test_without_a_basename_routes_are_named_after_the_model_of_the_query(project: Any) -> None:
    views = """
        from django.contrib.auth.models import Group
        from rest_framework import viewsets
        from shop.models import Boat

        class Base(viewsets.ModelViewSet):
            queryset = Boat.objects.order_by("name")

        class Boats(Base): ...

        class Teams(viewsets.ModelViewSet):
            queryset = Group.objects.all()
        """
    urls = """
        from rest_framework.routers import SimpleRouter
        from shop import views
        router = SimpleRouter()
        router.register("vessels", views.Boats)
        router.register("crews", views.Teams)
        router.register("named", views.Teams, "own")
        urlpatterns = router.urls
        """
    files = {"shop/models.py": MODELS, "shop/views.py": views, "site_urls.py": urls}
    system = project(settings("shop") | files).system
    names = {e.path: e.name for e in system.endpoints}
    assert names["/vessels/"] == "boat-list"
    assert names["/crews/{pk}/"] == "group-detail"
    assert names["/named/"] == "own-list"
