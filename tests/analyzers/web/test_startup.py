"""Routes that an application registers when it starts."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import pytest

Project = Any
Make = Callable[[dict[str, str]], Project]

ROUTER = """
from fastapi import APIRouter

router = APIRouter(prefix="/boats")

@router.get("/list")
def boats():
    return []
"""

FASTAPI = {
    "lifespan": """
        @asynccontextmanager
        async def lifespan(application):
            application.include_router(router)
            yield
        app = FastAPI(lifespan=lifespan)
    """,
    "lifespan of a partial, with state": """
        @asynccontextmanager
        async def lifespan(application, *, prefix):
            include(application)
            yield {"ready": True}
        def include(application):
            application.include_router(router)
        app = FastAPI(lifespan=partial(lifespan, prefix="x"))
    """,
    "lifespan of a class": """
        class Lifespan:
            def __init__(self, application):
                self.application = application
            async def __aenter__(self):
                self.application.include_router(router)
            async def __aexit__(self, *args):
                pass
        app = FastAPI(lifespan=Lifespan)
    """,
    "lifespan set on the router": """
        @asynccontextmanager
        async def lifespan(application):
            app.include_router(router)
            yield
        app = FastAPI()
        app.router.lifespan_context = lifespan
    """,
    "event": """
        app = FastAPI()
        @app.on_event("startup")
        async def started():
            app.include_router(router)
    """,
    "event handler": """
        def create():
            application = FastAPI()
            def started():
                application.include_router(router)
            application.add_event_handler(event_type="startup", func=started)
            return application
        app = create()
    """,
    "on_startup": """
        async def started():
            app.include_router(router)
        app = FastAPI(on_startup=[started])
    """,
    "on_startup of the router": """
        async def started():
            app.include_router(router)
        app = FastAPI()
        app.router.on_startup.append(started)
    """,
    "a hook that adds a hook": """
        app = FastAPI()
        def later():
            app.include_router(router)
        @app.on_event("startup")
        def started():
            app.add_event_handler("startup", later)
    """,
}


@pytest.mark.parametrize("source", FASTAPI.values(), ids=FASTAPI.keys())
def test_what_a_fastapi_application_includes_when_it_starts_is_served(project: Make, source: str) -> None:
    head = "from contextlib import asynccontextmanager\nfrom functools import partial\n"
    head += "from fastapi import FastAPI\nfrom boats import router\n\n"
    system = project({"boats.py": ROUTER, "main.py": head + textwrap.dedent(source)}).system
    assert [(e.path, e.handler) for e in system.endpoints] == [("/boats/list", "boats.boats")]
    assert not [d for d in system.diagnostics if d.code == "unregistered-routes"]


def test_what_runs_when_it_shuts_down_registers_nothing(project: Make) -> None:
    source = """
    from fastapi import FastAPI
    from boats import router
    app = FastAPI()
    @app.on_event("shutdown")
    def ended():
        app.include_router(router)
    """
    system = project({"boats.py": ROUTER, "main.py": source}).system
    assert system.endpoints == ()
    assert [d.code for d in system.diagnostics] == ["unregistered-routes"]


def test_what_flask_registers_before_the_first_request_is_served(project: Make) -> None:
    source = """
    from flask import Flask, Blueprint
    app = Flask(__name__)
    boats = Blueprint("boats", __name__)
    @boats.route("/boats")
    def listed(): ...
    @app.before_first_request
    def started():
        app.register_blueprint(boats)
        with app.app_context():
            app.add_url_rule("/crew", view_func=listed)
    """
    system = project({"main.py": source}).system
    assert [e.path for e in system.endpoints] == ["/boats", "/crew"]


def test_what_aiohttp_adds_on_startup_is_served(project: Make) -> None:
    source = """
    from aiohttp import web
    async def boats(request): ...
    async def started(application):
        application.router.add_get("/boats", boats)
    async def database(application):
        application.add_routes([web.get("/crew", boats)])
        yield
    app = web.Application()
    app.on_startup.append(started)
    app.cleanup_ctx.append(database)
    """
    assert [e.path for e in project({"main.py": source}).system.endpoints] == ["/boats", "/crew"]


def test_a_loop_over_settings_that_stand_outside_the_source_is_run(project: Make) -> None:
    source = """
    from flask import Flask
    app = Flask(__name__)
    app.config.from_envvar("SHOP_CONFIG")
    def register(name):
        def callback(): ...
        app.add_url_rule("/oauth/%s/callback" % name.lower(), name, callback)
    for key in list(app.config.keys()):
        if key.endswith("_LOGIN"):
            register(key)
    """
    system = project({"main.py": source}).system
    (endpoint,) = system.endpoints
    assert (endpoint.handler, endpoint.exact) == ("main.register.<locals>.callback", False)
    assert endpoint.condition == "key.endswith('_LOGIN')"
    assert [d.code for d in system.diagnostics] == ["unresolved-prefix", "undecided-condition"]


def test_what_a_start_up_function_puts_into_a_module_may_be_there(project: Make) -> None:
    made = project(
        {
            "shop/__init__.py": "",
            "shop/config.py": "SECURE = True\n",
            "shop/views.py": """
                from flask import Blueprint
                from shop import config

                desk = Blueprint("desk", __name__)

                if hasattr(config, "RECOVERABLE") and config.RECOVERABLE:
                    @desk.get("/reset")
                    def reset(): ...

                if hasattr(config, "NEVER_SET"):
                    @desk.get("/never")
                    def never(): ...
            """,
            "shop/app.py": """
                from flask import Flask
                from shop import config

                def create_app():
                    app = Flask(__name__)
                    config.RECOVERABLE = True
                    from shop.views import desk
                    app.register_blueprint(desk)
                    return app
            """,
        }
    )
    assert {e.path for e in made.system.endpoints} == {"/reset"}
