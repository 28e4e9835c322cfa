"""What FastAPI serves by something that cannot be listed: it has its place among the routes, and is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Make = Callable[[dict[str, str]], Any]

MANAGED = {
    "shop/simple.py": """
        from fastapi import FastAPI, APIRouter
        router = APIRouter()

        @router.post("/token")
        def token(): ...

        class SimpleManager:
            def sub_app(self):
                app = FastAPI()
                app.include_router(router)
                return app
        """,
    "shop/app.py": """
        import importlib, os
        from fastapi import FastAPI

        def create_manager():
            module, _, name = os.environ["MANAGER"].partition(":")
            return getattr(importlib.import_module(module), name)()

        def create_app():
            app = FastAPI()

            @app.get("/health")
            def health(): ...

            if sub := create_manager().sub_app():
                app.mount("/auth", sub)
            return app
        """,
}


def test_an_application_that_may_be_mounted_elsewhere_is_not_served_at_the_root(project: Make) -> None:
    system = project(MANAGED).system
    rows = {(e.path, e.handler.rpartition(".")[2], e.exact) for e in system.endpoints}
    assert rows == {("/health", "health", True), ("/auth/token", "token", False)}
    told = [d for d in system.diagnostics if d.code == "unresolved-mount" and d.file == "shop/simple.py"]
    assert len(told) == 1
    assert "where this application is served is not known" in told[0].message
    assert "shop/app.py:16" in told[0].message


def test_a_factory_beside_an_unknown_mount_stays_where_it_is_but_is_not_sure(project: Make) -> None:
    other = {
        "desk/app.py": "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/desk')\ndef desk(): ...\n"
    }
    system = project({**MANAGED, **other}).system
    assert {(e.path, e.exact) for e in system.endpoints} == {
        ("/health", True),
        ("/auth/token", False),
        ("/desk", False),
    }


def test_mounts_and_includes_that_cannot_be_listed_are_opaque_at_their_place(project: Make) -> None:
    source = """
        import os
        from fastapi import FastAPI, APIRouter
        from fastapi.staticfiles import StaticFiles
        from socketio import ASGIApp
        from some_users import get_auth_router, metrics
        from loading import load

        app = FastAPI(redoc_url=None)

        @app.get("/before")
        def before(): ...

        app.mount("/static", StaticFiles(directory="static"))
        app.mount("/ws", ASGIApp(object()))
        app.mount("/plug", load(os.environ["PLUG"]))
        app.include_router(get_auth_router(), prefix="/auth")
        app.add_route("/metrics", metrics)

        @app.get("/after")
        def after(): ...
        """
    system = project({"main.py": source, "loading.py": "def load(name): ..."}).system
    rows = sorted([*system.endpoints, *system.opaque_routes], key=lambda row: row.order)
    assert [getattr(row, "what", None) or row.handler for row in rows] == [
        "fastapi.applications.FastAPI.setup",
        "fastapi.applications.FastAPI.setup",
        "fastapi.applications.FastAPI.setup",
        "main.before",
        "starlette.staticfiles.StaticFiles",
        "socketio.ASGIApp",
        "something that cannot be told",
        "some_users.get_auth_router",
        "some_users.metrics",
        "main.after",
    ]
    opaque = {row.what: row.regex for row in system.opaque_routes}
    assert re.fullmatch(opaque["starlette.staticfiles.StaticFiles"], "/static/css/a.css")
    assert not re.fullmatch(opaque["starlette.staticfiles.StaticFiles"], "/statics")
    assert re.fullmatch(opaque["some_users.get_auth_router"], "/auth/login")
    assert re.fullmatch(opaque["some_users.metrics"], "/metrics")
    assert not re.fullmatch(opaque["some_users.metrics"], "/metrics/x")
    told = {d.line for d in system.diagnostics if d.code.startswith("unresolved-")}
    assert told == {15, 16, 17, 18}  # the files of line 14 are no code


def test_pages_of_its_own_follow_the_constructor(project: Make) -> None:
    source = """
        from fastapi import FastAPI
        bare = FastAPI(openapi_url=None)
        app = FastAPI(openapi_url="/schema.json", docs_url="/help")
        app.mount("/bare", bare)
        """
    opaque = sorted(project({"main.py": source}).system.opaque_routes, key=lambda row: row.order)
    pages = ["/schema.json", "/help", "/help/oauth2-redirect", "/redoc"]
    assert [row.pattern for row in opaque] == [*pages, "/bare"]
    assert opaque[-1].regex == "/bare/.*"  # a mount takes what its application does not know, too


def test_routes_of_a_host_are_not_those_of_every_host(project: Make) -> None:
    source = """
        from fastapi import FastAPI
        from starlette.routing import Host
        api, site = FastAPI(), FastAPI()
        @api.get("/x")
        def x(): ...
        site.host("api.example.org", api)
        """
    (endpoint,) = project({"main.py": source}).system.endpoints
    assert (endpoint.path, endpoint.exact) == ("/x", False)


def test_versioned_routers_are_served(project: Make) -> None:
    source = """
        from cadwyn import Cadwyn, VersionBundle, VersionedAPIRouter
        router = VersionedAPIRouter(prefix="/orders")
        @router.get("/{pk}")
        def one(pk: int): ...
        app = Cadwyn(versions=VersionBundle())
        app.generate_and_include_versioned_routers(router)
        """
    (endpoint,) = project({"main.py": source}).system.endpoints
    assert (endpoint.path, endpoint.handler) == ("/orders/{pk}", "main.one")


def test_routers_that_multiply_each_other_end_at_a_limit_that_is_told(project):
    levels = "".join(
        f"r{n + 1} = APIRouter()\nr{n + 1}.include_router(r{n}, prefix='/a')\n"
        f"r{n + 1}.include_router(r{n}, prefix='/b')\n"
        for n in range(16)
    )
    start = "from fastapi import APIRouter, FastAPI\nr0 = APIRouter()\n@r0.get('/x')\ndef x(): ...\n"
    system = project({"shop.py": f"{start}{levels}app = FastAPI()\napp.include_router(r16)\n"}).system
    assert "url-table-too-long" in {d.code for d in system.diagnostics}
    assert 5_000 < len(system.endpoints) <= 20_000
