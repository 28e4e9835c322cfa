"""Routes of FastAPI and Starlette applications, beside what the running application answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from helpers.loops import run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from strangler.analyzers.frameworks.fastapi.paths import compile_path
from strangler.model import Endpoint

Project = Any
Make = Callable[[dict[str, str]], Project]

PARAMETERS = ("{x}", "{x:int}", "{x:float}", "{x:path}", "{x:uuid}")
segments = st.one_of(
    st.sampled_from(("a", "b", "a.b", "a+b", "ä")),
    st.sampled_from(PARAMETERS),
    st.tuples(st.sampled_from(("a", "-")), st.sampled_from(PARAMETERS)).map("".join),
    st.tuples(st.sampled_from(PARAMETERS), st.sampled_from(("a", ".json"))).map("".join),
)
templates = st.tuples(st.lists(segments, max_size=3), st.booleans()).map(
    lambda t: (
        "/" + "".join(s.replace("{x", f"{{x{n}") + "/" for n, s in enumerate(t[0]))[: None if t[1] else -1]
    )
)


def ask(app: Any, path: str, method: str = "GET") -> str | None:
    """The text of the application's answer; None where no route takes the path."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode(),
        "root_path": "", "query_string": b"", "headers": [], "scheme": "http", "server": ("test", 80),
        "client": ("test", 1), "asgi": {"version": "3.0"},
    }  # fmt: skip
    run(app(scope, receive, send))
    status = next(m["status"] for m in sent if m["type"] == "http.response.start")
    body = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
    return body.decode().strip('"') if status == 200 else None


def predicted(endpoints: list[Endpoint], path: str, method: str = "GET") -> str | None:
    for endpoint in sorted(endpoints, key=lambda e: e.order):
        if method in (endpoint.methods or (method,)) and re.fullmatch(endpoint.regex, path):
            return endpoint.handler
    return None


def changed(data: st.DataObject, path: str) -> str:
    return data.draw(st.sampled_from((path, path + "/", path.rstrip("/") or "/", path + "x", path + "\n")))


@settings(max_examples=200)
@given(st.lists(templates, min_size=1, max_size=4, unique=True), st.data())
def test_the_first_matching_expression_is_starlettes_choice(paths: list[str], data: st.DataObject) -> None:
    async def answer(request: Any) -> PlainTextResponse:
        return PlainTextResponse(request.scope["route"].path if "route" in request.scope else "")

    def endpoint(name: str) -> Any:
        async def view(request: Any) -> PlainTextResponse:
            return PlainTextResponse(name)

        return view

    app = Starlette(routes=[Route(path, endpoint(path)) for path in paths])
    compiled = [compile_path(path, {}) for path in paths]
    url = changed(data, data.draw(st.from_regex(data.draw(st.sampled_from(compiled)).regex, fullmatch=True)))
    first = next((c.pattern for c in compiled if re.fullmatch(c.regex, url)), None)
    assert ask(app, url) == first


SHOP = {
    "shop/__init__.py": "",
    "shop/settings.py": """
        import os
        from pydantic import BaseModel

        class Settings(BaseModel):
            api: str = "/api"
            version: str = os.environ.get("SHOP_VERSION", "v1")
            private: bool = False

            @property
            def prefix(self) -> str:
                return f"{self.api}/{self.version}"

        settings = Settings()
        """,
    "shop/base.py": """
        from functools import wraps
        from fastapi import APIRouter
        from fastapi.responses import PlainTextResponse

        class SlashedRouter(APIRouter):
            def add_api_route(self, path, endpoint, **options):
                super().add_api_route(path, endpoint, **options)
                if not path.endswith("/"):
                    super().add_api_route(path + "/", endpoint, **{**options, "include_in_schema": False})

        def logged(view):
            @wraps(view)
            async def inner(*args, **kwargs):
                return await view(*args, **kwargs)
            return inner
        """,
    "shop/items.py": """
        from fastapi import APIRouter
        from fastapi.responses import PlainTextResponse
        from shop.base import SlashedRouter, logged

        router = SlashedRouter(prefix="/items")
        reviews = APIRouter(prefix="/{item_id}/reviews")

        @router.get("")
        async def listing():
            return PlainTextResponse("shop.items.listing")

        @router.api_route("/{item_id}", methods=["PUT", "PATCH"])
        @logged
        async def change(item_id: str):
            return PlainTextResponse("shop.items.change")

        @router.get("/{item_id}")
        async def show(item_id: str):
            return PlainTextResponse("shop.items.show")

        @reviews.get("/")
        @reviews.get("/all")
        async def review_list(item_id: str):
            return PlainTextResponse("shop.items.review_list")

        def late(item_id: str):
            return PlainTextResponse("shop.items.late")

        for name in ("late", "later"):
            router.add_api_route(f"/{{item_id}}/{name}", late, methods=["POST"])
        router.include_router(reviews)
        """,
    "shop/files.py": """
        from fastapi.responses import PlainTextResponse
        from starlette.applications import Starlette
        from starlette.endpoints import HTTPEndpoint
        from starlette.routing import Mount, Route
        from starlette.staticfiles import StaticFiles

        class File(HTTPEndpoint):
            async def get(self, request):
                return PlainTextResponse("shop.files.File")

            async def delete(self, request):
                return PlainTextResponse("shop.files.File")

        async def index(request):
            return PlainTextResponse("shop.files.index")

        routes = [Route("/", index), Mount("/raw", routes=[Route("/{path:path}", File)])]
        files = Starlette(routes=routes)
        routes_of_admin = [Route("/{page:int}", index, methods=["POST"])]
        """,
    "shop/main.py": """
        from fastapi import APIRouter, FastAPI
        from fastapi.responses import PlainTextResponse
        from starlette.routing import Mount
        from shop import files, items
        from shop.settings import settings

        async def health():
            return PlainTextResponse("shop.main.health")

        def build():
            app = FastAPI()
            api = APIRouter()
            api.include_router(items.router)
            if settings.private:
                api.include_router(items.router, prefix="/private")
            app.include_router(api, prefix=settings.prefix)
            app.include_router(items.reviews, prefix="/legacy")
            app.mount("/files", files.files)
            app.router.routes.append(Mount("/admin", routes=files.routes_of_admin))
            app.add_api_route("/health", health)
            return app
        """,
}


@pytest.fixture
def shop(project: Make) -> tuple[Project, Any]:
    made = project(SHOP)
    return made, made.load("shop.main").build()


def test_routers_mounts_and_factories(shop: tuple[Project, Any]) -> None:
    rows = {(e.path, e.methods, e.handler) for e in shop[0].system.endpoints}
    items = "/api/v1/items"
    expected = {
        (path + slash, methods, f"shop.items.{name}")
        for path, methods, name in (
            (items, ("GET",), "listing"),
            (f"{items}/{{item_id}}", ("PATCH", "PUT"), "change"),
            (f"{items}/{{item_id}}", ("GET",), "show"),
            (f"{items}/{{item_id}}/late", ("POST",), "late"),
            (f"{items}/{{item_id}}/later", ("POST",), "late"),
        )
        for slash in ("", "/")
    }
    for prefix in (items, "/legacy"):
        for end in ("/", "/all"):
            expected.add((f"{prefix}/{{item_id}}/reviews{end}", ("GET",), "shop.items.review_list"))
    expected |= {
        ("/files/", ("GET",), "shop.files.index"),
        ("/files/raw/{path}", ("DELETE", "GET"), "shop.files.File"),
        ("/admin/{page}", ("POST",), "shop.files.index"),
        ("/health", ("GET",), "shop.main.health"),
    }
    assert rows == expected


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_url_goes_where_the_application_sends_it(
    shop: tuple[Project, Any], data: st.DataObject
) -> None:
    made, app = shop
    endpoints = list(made.system.endpoints)
    regex = data.draw(st.sampled_from(endpoints)).regex
    path = changed(data, data.draw(st.from_regex(regex, fullmatch=True)))
    method = data.draw(st.sampled_from(("GET", "POST", "PUT", "DELETE")))
    assert ask(app, path, method) == predicted(endpoints, path, method)


def test_flask_below_fastapi(project: Make) -> None:
    mixed = project(
        {
            "old.py": """
                from flask import Flask

                flask_app = Flask(__name__)

                @flask_app.route("/orders/<int:pk>")
                def order(pk):
                    return ""
                """,
            "main.py": """
                from fastapi import FastAPI
                from fastapi.middleware.wsgi import WSGIMiddleware
                from old import flask_app

                app = FastAPI()
                app.mount("/v1", WSGIMiddleware(flask_app))
                """,
        }
    )
    assert [(e.path, e.regex, e.handler) for e in mixed.system.endpoints] == [
        ("/v1/orders/{pk}", r"/v1/orders/\d+", "old.order")
    ]


def test_only_what_an_application_includes_counts(project: Make) -> None:
    lonely = project(
        {
            "lonely/__init__.py": "",
            "lonely/main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
            "lonely/routes.py": """
                from fastapi import APIRouter

                router = APIRouter()

                @router.get("/forgotten")
                def forgotten():
                    return ""
                """,
        }
    )
    assert lonely.system.endpoints == ()
    assert [d.file for d in lonely.system.diagnostics if d.code == "unregistered-routes"] == [
        "lonely/routes.py"
    ]


def test_a_websocket_is_an_endpoint(project: Make) -> None:
    sockets = project(
        {
            "main.py": """
                from fastapi import FastAPI, WebSocket

                app = FastAPI()

                @app.websocket("/feed/{topic}")
                async def feed(socket: WebSocket, topic: str):
                    await socket.accept()
                """
        }
    )
    assert [(e.path, e.handler) for e in sockets.system.endpoints] == [("/feed/{topic}", "main.feed")]


def test_dependencies_carry_the_session_into_the_handlers(project: Make) -> None:
    shop = project(
        {
            "shop.py": """
                from typing import Annotated
                from fastapi import Depends, FastAPI
                from sqlalchemy import create_engine, select
                from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

                class Base(DeclarativeBase):
                    pass

                class Order(Base):
                    __tablename__ = "orders"
                    id: Mapped[int] = mapped_column(primary_key=True)
                    note: Mapped[str]

                Local = sessionmaker(bind=create_engine("sqlite://"))

                def get_db():
                    with Local() as db:
                        yield db

                class Orders:
                    def __init__(self, db=Depends(get_db)):
                        self.db = db

                    def all(self):
                        return self.db.scalars(select(Order)).all()

                def get_order(order_id: int, db=Depends(get_db)):
                    return db.get(Order, order_id)

                app = FastAPI()

                @app.delete("/{order_id}")
                def remove(order=Depends(get_order), db: Session = Depends(get_db)):
                    db.delete(order)

                @app.patch("/{order_id}")
                def change(order: Annotated[object, Depends(get_order)]):
                    order.note = "x"
                """
        }
    )
    found = {(a.function, a.table, a.operation) for a in shop.system.accesses}
    assert ("remove", "orders", "write") in found
    assert ("change", "orders", "write") in found
    assert ("get_order", "orders", "read") in found
    assert ("Orders.all", "orders", "read") in found


def test_code_that_adds_a_route_for_each_that_the_application_has(project: Make) -> None:
    source = """
        from fastapi import APIRouter, FastAPI
        from fastapi.routing import APIRoute

        router = APIRouter(prefix="/boats")
        hidden = APIRouter(prefix="/boats", include_in_schema=False)

        @router.post("/{number}")
        def change(number): ...

        @router.get("/old", include_in_schema=False)
        def old(): ...

        @hidden.get("/secret")
        def secret(): ...

        app = FastAPI()
        app.include_router(router, prefix="/v1")
        app.include_router(hidden, prefix="/v1")

        @app.websocket("/boats/radio")
        async def radio(socket): ...

        for route in list(app.router.routes):
            if not isinstance(route, APIRoute) or not route.include_in_schema:
                continue
            path = route.path.replace("boats", "ships")
            app.router.add_api_route(path, route.endpoint, methods=list(route.methods or []))
        """
    found = {(e.path, e.methods, e.handler) for e in project({"main.py": source}).system.endpoints}
    assert found == {
        ("/v1/boats/{number}", ("POST",), "main.change"),
        ("/v1/boats/old", ("GET",), "main.old"),
        ("/v1/boats/secret", ("GET",), "main.secret"),
        ("/boats/radio", ("GET",), "main.radio"),
        ("/v1/ships/{number}", ("POST",), "main.change"),
    }
