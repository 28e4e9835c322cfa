"""Routes of aiohttp applications, beside what the running router resolves."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request
from helpers.loops import run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Project = Any
Make = Callable[[dict[str, str]], Project]

SHOP = {
    "shop/__init__.py": "",
    "shop/views.py": """
        from aiohttp import web

        routes = web.RouteTableDef()

        @routes.get("/orders")
        async def orders(request):
            pass

        @routes.view("/orders/{pk:[0-9]+}")
        class Order(web.View):
            async def get(self):
                pass

            async def delete(self):
                pass

        @routes.post("/{anything}")
        @routes.get("/{anything}/{rest:.*}")
        async def rest(request):
            pass

        async def invoice(request):
            pass

        async def stock(request):
            pass
        """,
    "shop/app.py": """
        from aiohttp import web
        from shop import views

        def warehouse():
            app = web.Application()
            app.add_routes([web.get("/stock/{sku}", views.stock), web.route("*", "/all", views.stock)])
            return app

        def make():
            app = web.Application()
            app.add_routes(views.routes)
            app.router.add_get("/orders/{pk}/invoice.pdf", views.invoice)
            app.router.add_resource("/orders/{pk}/lines").add_route("PUT", views.invoice)
            app.add_subapp("/warehouse", warehouse())
            return app
        """,
}


def chosen(app: Any, path: str, method: str) -> str | None:
    async def resolve() -> Any:
        return await app.router.resolve(make_mocked_request(method, path, app=app))

    match = run(resolve())
    return None if match.http_exception else f"{match.handler.__module__}.{match.handler.__qualname__}"


def predicted(endpoints: list[Any], path: str, method: str) -> str | None:
    for endpoint in sorted(endpoints, key=lambda e: e.order):
        if method in (endpoint.methods or (method,)) and re.fullmatch(endpoint.regex, path):
            return str(endpoint.handler)
    return None


def test_tables_resources_and_sub_applications(project: Make) -> None:
    shop = project(SHOP)
    assert {(e.path, e.methods, e.handler) for e in shop.system.endpoints} == {
        ("/orders", ("GET",), "shop.views.orders"),
        ("/orders/{pk}", ("DELETE", "GET"), "shop.views.Order"),
        ("/{anything}", ("POST",), "shop.views.rest"),
        ("/{anything}/{rest}", ("GET",), "shop.views.rest"),
        ("/orders/{pk}/invoice.pdf", ("GET",), "shop.views.invoice"),
        ("/orders/{pk}/lines", ("PUT",), "shop.views.invoice"),
        ("/warehouse/stock/{sku}", ("GET",), "shop.views.stock"),
        ("/warehouse/all", None, "shop.views.stock"),
    }


@pytest.fixture
def shop(project: Make) -> tuple[list[Any], Any]:
    made = project(SHOP)
    return list(made.system.endpoints), made.load("shop.app").make()


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_url_goes_where_the_router_sends_it(shop: tuple[list[Any], Any], data: st.DataObject) -> None:
    endpoints, app = shop
    segment = st.sampled_from(("orders", "7", "a", "invoice.pdf", "lines", "warehouse", "stock", "all", ""))
    # Two slashes in front would begin a host, for yarl, and never be a path.
    path = "/" + "/".join(data.draw(st.lists(segment, min_size=1, max_size=4))).lstrip("/")
    method = data.draw(st.sampled_from(("GET", "POST", "PUT", "DELETE")))
    found = predicted(endpoints, path, method)
    sent = chosen(app, path, method)
    if sent == "shop.views.Order" and method not in ("GET", "DELETE"):
        sent = None  # a view takes every method, and refuses those that it does not define by itself
    if not (path.startswith("/warehouse") and sent is None):  # a sub-application ends it
        assert found == sent
