"""A route that is bound to a host or subdomain says so, and a plan treats it as a hole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from strangler.model import BoundedContext
from strangler.routing.routes import route_table
from strangler.routing.values import RoutingSettings

Make = Callable[[dict[str, str]], Any]


def hosts(system: Any) -> dict[str, tuple[str, bool]]:
    return {e.path: (e.host, e.exact) for e in system.endpoints}


def test_a_flask_rule_names_the_host_or_subdomain_that_it_is_bound_to(project: Make) -> None:
    source = """
    import os
    from flask import Blueprint, Flask
    app = Flask(__name__, subdomain_matching=True)
    api = Blueprint("api", __name__, subdomain="api")
    shop = Blueprint("shop", __name__)

    @app.get("/")
    def start(): ...
    @app.get("/admin", host="admin.example.org")
    def admin(): ...
    @app.get("/user", subdomain="<name>")
    def user(): ...
    @app.get("/set", subdomain=os.environ["PART"])
    def set_part(): ...
    @app.get("/none", subdomain="")
    def none(): ...
    @api.get("/boats")
    def boats(): ...
    @api.get("/other", subdomain="v2")
    def other(): ...
    @shop.get("/goods")
    def goods(): ...
    app.register_blueprint(api)
    app.register_blueprint(shop, subdomain="shop")
    """
    assert hosts(project({"main.py": source}).system) == {
        "/": ("", True),
        "/admin": (r"admin\.example\.org", False),
        "/user": ("[^.]+", False),
        "/set": (".+", False),
        "/none": ("", True),
        "/boats": ("api", False),
        "/other": ("v2", False),
        "/goods": ("shop", False),
    }


def test_what_starlette_serves_for_a_host_names_it_and_is_a_hole_of_the_table(project: Make) -> None:
    source = """
    from starlette.applications import Starlette
    from starlette.routing import Host, Mount, Route, Router
    async def start(request): ...
    async def boats(request): ...
    async def pages(request): ...
    app = Starlette(routes=[
        Host("api.example.org", Router([Route("/boats", boats)])),
        Route("/", start),
    ])
    app.host("{name}.example.org", Router([Mount("/sites", routes=[Route("/pages", pages)])]))
    """
    system = project({"main.py": source}).system
    assert hosts(system) == {
        "/boats": (r"api\.example\.org", False),
        "/": ("", True),
        "/sites/pages": (r"[^.]+\.example\.org", False),
    }
    context = BoundedContext(name="main", kind="business", modules=("main",), tables=(), confidence=1.0)
    table = route_table(system, context, RoutingSettings())
    assert [hole.code for hole in table.holes].count("host-routes") == 2
