"""Django Ninja: what an API and its routers answer, and what of it is not known."""

from __future__ import annotations

from typing import Any

from django_boot import settings

API = """
    from ninja import NinjaAPI, Router
    from shop.guards import guarded

    router, sub = Router(), Router()

    @router.get("/boats")
    def boats(request): ...

    @router.post("/boats", response=dict)
    def make(request): ...

    @router.api_operation(["PUT", "PATCH"], "boats/{int:pk}/edit/")
    @guarded
    def edit(request, pk: int): ...

    @sub.delete("/{uuid:key}/")
    async def gone(request, key): ...

    router.add_router("/crews/", sub)
    """
GUARDS = """
    import functools

    def guarded(function):
        @functools.wraps(function)
        def inner(request, *args, **kwargs):
            return function(request, *args, **kwargs)
        return inner
    """
URLS = """
    from django.urls import path
    from ninja import NinjaAPI

    class Own(NinjaAPI):
        pass

    api = Own(docs_url=None)
    api.add_router("fleet", "shop.api.router")

    @api.get("ping")
    def ping(request): ...

    urlpatterns = [path("api/", api.urls)]
    """


def found(project: Any, urls: str) -> Any:
    files = {"shop/api.py": API, "shop/guards.py": GUARDS, "site_urls.py": urls}
    return project(settings("shop") | files).system


def test_operations_stand_below_their_api_and_routers_in_the_order_of_the_library(project: Any) -> None:
    system = found(project, URLS)
    rows = sorted(system.endpoints, key=lambda row: row.order)
    assert [(row.path, row.methods, row.handler) for row in rows] == [
        ("/api/openapi.json", ("GET",), "ninja.openapi.views.openapi_json"),
        ("/api/ping", ("GET",), "site_urls.ping"),
        ("/api/fleet/boats", ("GET",), "shop.api.boats"),
        ("/api/fleet/boats", ("POST",), "shop.api.make"),
        ("/api/fleet/boats/{pk}/edit/", ("PATCH", "PUT"), "shop.api.edit"),
        ("/api/fleet/crews/{key}/", ("DELETE",), "shop.api.gone"),
        ("/api/", ("GET",), "ninja.openapi.views.default_home"),
    ]
    assert all(row.exact for row in rows)
    assert not system.opaque_routes


def test_a_router_that_is_not_known_is_a_hole_at_its_place(project: Any) -> None:
    urls = URLS.replace('"shop.api.router"', "load()").replace(
        "import NinjaAPI", "import NinjaAPI\n    from fleet import load"
    )
    system = found(project, urls)
    assert [(row.regex, row.order) for row in system.opaque_routes] == [("/api/fleet/(?:.+)", 2)]
    assert "unresolved-handler" in {d.code for d in system.diagnostics}
