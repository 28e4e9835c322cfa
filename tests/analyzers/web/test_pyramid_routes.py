"""Routes of Pyramid, beside its own route mapper."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Make = Callable[[dict[str, str]], Any]

SHOP = {
    "shop/__init__.py": """
        from pyramid.config import Configurator

        def main(global_config, **settings):
            with Configurator(settings=settings) as config:
                config.include(".routes")
                config.include("shop.admin", route_prefix="/admin")
                config.scan(ignore="shop.nothing")
            return config.make_wsgi_app()
        """,
    "shop/routes.py": """
        def includeme(config):
            config.add_route("orders", "/orders")
            config.add_route("order", r"/orders/{pk:\\d+}")
            config.add_route("files", "/files/*path")
            config.add_route("page", "/{page}", request_method="GET")
        """,
    "shop/admin.py": """
        from pyramid.response import Response

        def includeme(config):
            config.add_route("users", "users/{name}/edit")
            config.add_view(users, route_name="users")

        def users(request):
            return Response("")
        """,
    "shop/views.py": """
        from pyramid.response import Response
        from pyramid.view import view_config, view_defaults

        @view_config(route_name="orders", request_method="GET")
        @view_config(route_name="page")
        def listing(request):
            return Response("")

        @view_defaults(route_name="order")
        class Order:
            def __init__(self, request):
                self.request = request

            @view_config(request_method=("GET", "HEAD"))
            def show(self):
                return Response("")

            @view_config(request_method="DELETE")
            def remove(self):
                return Response("")

        @view_config(route_name="files")
        def files(request):
            return Response("")
        """,
}


def test_routes_and_their_views(project: Make) -> None:
    assert {(e.path, e.methods, e.handler) for e in project(SHOP).system.endpoints} == {
        ("/orders", ("GET",), "shop.views.listing"),
        ("/{page}", ("GET",), "shop.views.listing"),
        ("/orders/{pk}", ("GET", "HEAD"), "shop.views.Order.show"),
        ("/orders/{pk}", ("DELETE",), "shop.views.Order.remove"),
        ("/files/{path}", None, "shop.views.files"),
        ("/admin/users/{name}/edit", None, "shop.admin.users"),
    }


def test_a_route_that_is_added_behind_a_condition_says_so(project: Make) -> None:
    routes = """
        def template(config, name, path):
            config.add_route(name, path)
            config.add_view(route_name=name, renderer="page.html")

        def includeme(config):
            template(config, "page", "/page")
            old = config.registry.settings.get("old")  # whoever starts the application sets it
            if old:
                template(config, "old", "/old")
        """
    made = project({"shop/__init__.py": SHOP["shop/__init__.py"], "shop/routes.py": routes})
    assert {e.path: e.condition for e in made.system.endpoints} == {"/page": "", "/old": "old"}


@pytest.fixture
def shop(project: Make) -> tuple[list[Any], Any]:
    from pyramid.config import Configurator

    made = project(SHOP)
    config = Configurator()
    config.include(made.load("shop.routes"))
    config.include(made.load("shop.admin"), route_prefix="/admin")
    config.commit()
    return list(made.system.endpoints), config.get_routes_mapper()


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_url_goes_to_the_route_that_pyramid_takes(
    shop: tuple[list[Any], Any], data: st.DataObject
) -> None:
    from pyramid.request import Request

    endpoints, mapper = shop
    regex = data.draw(st.sampled_from(endpoints)).regex
    path = data.draw(st.from_regex(regex, fullmatch=True).filter(lambda p: p.isascii()))
    path = data.draw(st.sampled_from((path, path + "/", path + "x", path + "\n", path[:-1] or "/")))
    request = Request.blank("/")
    request.environ["PATH_INFO"] = path
    route = mapper(request)["route"]
    first = next((e for e in sorted(endpoints, key=lambda e: e.order) if re.fullmatch(e.regex, path)), None)
    assert (first.name if first else None) == (route.name if route else None)
