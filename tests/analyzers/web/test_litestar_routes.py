"""Litestar: handlers in lists, controllers and routers, plug-ins of its own, and what cannot be told.

The rows of the first test are those of Litestar 2.25 itself (``app.routes``), its own pages left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[[dict[str, str]], Any]

SHOP = {
    "shop/__init__.py": "",
    "shop/orders.py": """
        from __future__ import annotations
        from dataclasses import dataclass
        from typing import Annotated
        from litestar import Controller, Router, delete, get, post
        from litestar.handlers import asgi, route, websocket
        from litestar.params import Parameter

        @dataclass
        class Draft:
            sku: str
            amount: int = 1

        def requires_staff(connection, handler) -> None: ...

        class Base(Controller):
            @get("/count")
            async def count(self) -> int: ...

        class OrderController(Base):
            path = "/orders"
            guards = [requires_staff]
            dependencies = {"service": lambda: None}

            @get()
            async def index(
                self, service: str, page: int = 1, tag: Annotated[str | None, Parameter(query="t")] = None
            ) -> list[str]: ...

            @post(["/", "/new"])
            async def create(self, data: Draft) -> None: ...

            @get("/{pk:int}")
            async def show(self, pk: int) -> str: ...

            @get("/files/{name:path}")
            async def file(self, name: str) -> str: ...

        class Unused(Controller):
            @get()
            async def index(self) -> str: ...

        @route("/both", http_method=["GET", "POST"])
        async def both() -> str: ...

        @asgi("/mounted", is_mount=True)
        async def mounted(scope: dict, receive: object, send: object) -> None: ...

        @websocket("/feed")
        async def feed(socket: object) -> None: ...

        inner = Router(path="/inner/", route_handlers=[both])
        api = Router("/api", route_handlers=[OrderController, inner])
        """,
    "shop/plugin.py": """
        from typing import TYPE_CHECKING, cast
        from litestar.plugins import InitPluginProtocol
        from litestar.security.jwt import OAuth2PasswordBearerAuth

        if TYPE_CHECKING:
            from litestar.config.app import AppConfig

        auth = OAuth2PasswordBearerAuth[str](token_url="/login", token_secret="x")

        class Core(InitPluginProtocol):
            def on_app_init(self, app_config):
                from shop.orders import api, feed
                app_config = cast("AppConfig", auth.on_app_init(app_config))
                app_config.plugins.append(Sockets())
                app_config.route_handlers.extend([api, feed])
                return app_config

        class Sockets(InitPluginProtocol):
            def on_app_init(self, app_config):
                from shop.orders import mounted
                app_config.route_handlers.append(mounted)
                return app_config
        """,
    "shop/app.py": """
        import os
        from litestar import Litestar, get
        from litestar.static_files import create_static_files_router
        from shop.plugin import Core

        @get(["/", "/home"])
        async def home() -> str: ...

        @get("/debug")
        async def debug() -> str: ...

        @get("/late")
        async def late() -> str: ...

        def create_app():
            handlers = [home, create_static_files_router(path="/static", directories=["."])]
            if os.environ.get("DEBUG_PAGES"):
                handlers.append(debug)
            app = Litestar(route_handlers=handlers, plugins=[Core()])
            app.register(late)
            return app
        """,
}


def test_handlers_of_lists_controllers_routers_and_plug_ins_are_served_in_the_order_of_the_trie(
    project: Make,
) -> None:
    found = project(SHOP).system
    rows = sorted([*found.endpoints, *found.opaque_routes], key=lambda row: row.order)
    served = [
        (row.regex, getattr(row, "methods", None), getattr(row, "handler", "") or row.what) for row in rows
    ]
    orders = "shop.orders.OrderController"
    assert served == [
        ("/", ("GET",), "shop.app.home"),
        ("/home/?", ("GET",), "shop.app.home"),
        ("/debug/?", ("GET",), "shop.app.debug"),
        ("/feed/?", None, "shop.orders.feed"),
        ("/late/?", ("GET",), "shop.app.late"),
        ("/api/orders/?", ("GET",), f"{orders}.index"),
        ("/api/orders/?", ("POST",), f"{orders}.create"),
        ("/api/orders/new/?", ("POST",), f"{orders}.create"),
        ("/api/orders/count/?", ("GET",), "shop.orders.Base.count"),
        ("/api/inner/both/?", ("GET", "POST"), "shop.orders.both"),
        ("/api/orders/files/.+/?", ("GET",), f"{orders}.file"),
        ("/api/orders/[^/]+/?", ("GET",), f"{orders}.show"),
        ("/schema(?:/.*)?", None, "litestar.openapi"),
        ("/static(?:/.*)?", None, "litestar.static_files.create_static_files_router"),
        ("/mounted(?:/.*)?", None, "shop.orders.mounted"),
    ]
    by_handler = {endpoint.handler: endpoint for endpoint in found.endpoints}
    assert by_handler["shop.app.debug"].condition == "os.environ.get('DEBUG_PAGES')"
    assert by_handler["shop.orders.feed"].protocol == "websocket"
    assert [d.message for d in found.diagnostics if d.code == "unregistered-routes"] == [
        "Unused is registered by no application found"
    ]


def test_parameters_of_handlers_are_inputs_and_guards_are_those_of_all_layers(project: Make) -> None:
    found = project(SHOP).system
    requests = {
        (e.handler.rpartition(".")[2], request.method): request
        for e in found.endpoints
        for request in e.requests
    }
    assert [(i.name, i.where) for i in requests["index", "GET"].inputs] == [("page", "query"), ("t", "query")]
    body = [(i.name, i.where, i.required) for i in requests["create", "POST"].inputs]
    assert body == [("sku", "body", True), ("amount", "body", False)]
    assert requests["show", "GET"].guards == ("shop.orders.requires_staff",)


def test_handlers_that_cannot_be_told_are_a_hole_of_the_table(project: Make) -> None:
    app = """
        from litestar import Litestar, Router, get
        from elsewhere import handlers, prefix

        @get("/known")
        async def known() -> str: ...

        app = Litestar(route_handlers=[known, Router(prefix, route_handlers=[known]), *handlers()])
        """
    found = project({"shop/__init__.py": "", "shop/app.py": app}).system
    assert {d.code for d in found.diagnostics} >= {"unresolved-urls", "unresolved-prefix"}
    assert "/.*" in {route.regex for route in found.opaque_routes}
    assert {(e.path, e.exact) for e in found.endpoints} == {("/known", True), ("/{unknown}/known", False)}


def test_handlers_that_are_given_by_their_place_alone_are_served(project: Make) -> None:
    app = """
        from litestar import Litestar, get

        @get("/boats")
        async def boats() -> str: ...

        app = Litestar([boats], openapi_config=None)
        """
    made = project({"shop/__init__.py": "", "shop/app.py": app})
    assert {endpoint.path for endpoint in made.system.endpoints} == {"/boats"}
