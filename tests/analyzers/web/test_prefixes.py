"""Prefixes that an environment variable or a caller may change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[[dict[str, str]], Any]

ROUTER = """
    import os
    from typing import Any, cast
    from fastapi import APIRouter, FastAPI

    PREFIX = os.environ.get("PREFIX", "")
    app = FastAPI()
    router = APIRouter()

    @router.get("/boats")
    def boats(): ...
"""


def routes(project: Make, rest: str) -> tuple[dict[str, bool], set[str]]:
    """Path -> whether it is exact; the diagnostics about prefixes."""
    system = project({"shop.py": ROUTER + rest}).system
    said = {d.message for d in system.diagnostics if d.code in ("unresolved-prefix", "doubtful-prefix")}
    return {e.path: e.exact for e in system.endpoints}, said


def test_a_helper_that_prepends_a_prefix_of_the_environment_lists_the_default(project: Make) -> None:
    rest = """
    def include(app, router, **kwargs: Any) -> None:
        first = f"/{PREFIX.strip('/')}" if PREFIX else ""
        given = cast(str | None, kwargs.get("prefix"))
        if given:
            full = f"{first}/{given.strip('/')}"
        else:
            full = f"{first}"
        app.include_router(router, **{**kwargs, "prefix": full})

    include(app, router)
    include(app, router, prefix="/v1/")
    """
    assert set(routes(project, rest)[0]) == {"/boats", "/v1/boats"}


def test_a_branch_knows_that_what_it_asked_for_is_there(project: Make) -> None:
    rest = """
    def include(prefix):
        if not PREFIX:
            app.include_router(router, prefix=prefix)
        else:
            app.include_router(router, prefix=PREFIX + prefix)

    include("/a")
    """
    found, said = routes(project, rest)
    assert "/a/boats" in found
    assert len(found) == 2
    assert said


def test_each_of_several_prefixes_is_listed_with_what_must_hold(project: Make) -> None:
    rest = """
    app.include_router(router, prefix="/old" if os.environ["LEGACY"] else "/new")
    """
    endpoints = project({"shop.py": ROUTER + rest}).system.endpoints
    assert {e.path: (e.exact, e.condition) for e in endpoints} == {
        "/old/boats": (True, "prefix is '/old'"),
        "/new/boats": (True, "prefix is '/new'"),
    }


def test_where_one_of_several_prefixes_is_not_known_none_is_sure(project: Make) -> None:
    rest = """
    prefix = "/old" if os.environ["LEGACY"] else "/new"
    if os.environ["OTHER"]:
        prefix = os.environ["OTHER"]
    app.include_router(router, prefix=prefix)
    """
    found, said = routes(project, rest)
    assert found == {"/old/boats": False, "/new/boats": False}
    assert said == {"the prefix /old may be another one", "the prefix /new may be another one"}


def test_none_is_ruled_out_where_it_was_asked_for(project: Make) -> None:
    rest = """
    def find(flag):
        return router if flag else None

    found = find(os.environ["X"])
    if found is not None and app is not None:
        app.include_router(found, prefix="/one")
    known = "/two" if os.environ["Y"] else None
    app.include_router(router, prefix=known if known else "/three")
    """
    found, said = routes(project, rest)
    assert set(found) == {"/one/boats", "/two/boats", "/three/boats"}
    assert found["/one/boats"]
    assert "the prefix /one may be another one" not in said


def test_a_prefix_that_a_configuration_may_change_is_listed_and_said(project: Make) -> None:
    source = """
    import os
    from flask import Blueprint, Flask

    DEFAULTS = {"ROOT": "/staff"}

    def converted(value):
        if value in ("yes", "true"):
            return True
        return value

    class Settings:
        def __init__(self):
            self.config = {}
        def init_app(self, app):
            self.config.update({k: converted(os.environ.get(k, v)) for k, v in DEFAULTS.items()})
            app.config = self
        def __getitem__(self, key):
            return self.config.get(key)

    staff = Blueprint("staff", __name__)

    @staff.get("/crew")
    def crew():
        return ""

    def create_app():
        app = Flask(__name__)
        Settings().init_app(app)
        app.register_blueprint(staff, url_prefix=app.config["ROOT"])
        return app
    """
    system = project({"shop.py": source}).system
    assert [(e.path, e.exact) for e in system.endpoints] == [("/staff/crew", False)]
    said = [d.message for d in system.diagnostics if d.code == "doubtful-prefix"]
    assert said == ["the prefix of blueprint staff may be another one than /staff"]


def test_a_path_that_is_made_of_a_default_is_not_certain(project: Make) -> None:
    rest = """
    first = os.environ.get("FIRST", "/first")
    below = APIRouter(prefix=first)

    @below.get("/masts")
    def masts(): ...

    @app.get(first + "/sails")
    def sails(): ...

    app.add_api_route("/always", sails)
    app.include_router(below)
    app.include_router(router, prefix=first)
    """
    found, said = routes(project, rest)
    assert found == {"/first/masts": False, "/first/sails": False, "/always": True, "/first/boats": False}
    assert said == {"the prefix /first may be another one", "the path /first/sails may be another one"}


def test_a_rule_with_a_part_that_may_be_another_one_is_not_certain(project: Make) -> None:
    source = """
    import json
    from flask import Flask

    def page():
        return ""

    app = Flask(__name__)
    with open("providers.json") as file:
        for provider in json.load(file):
            name = {"shibboleth": "shib"}.get(provider, provider.lower())
            app.add_url_rule(f"/login/{name}", view_func=page)
    app.add_url_rule("/logout", view_func=page, endpoint="out")
    """
    system = project({"shop.py": source}).system
    assert {(e.path, e.exact) for e in system.endpoints} == {("/login/shib", False), ("/logout", True)}
    assert [d.message for d in system.diagnostics if d.code == "doubtful-prefix"] == [
        "the rule /login/shib may be another one"
    ]


def test_a_resource_that_may_be_another_class_at_another_url_is_not_certain(project: Make) -> None:
    source = """
    import json
    from flask import Flask
    from flask_restful import Api, Resource

    class Own(Resource):
        def get(self):
            return {}

    class Other(Resource):
        def get(self):
            return {}

    app = Flask(__name__)
    api = Api(app)
    with open("providers.json") as file:
        for provider in json.load(file):
            name = {"shibboleth": "shib"}.get(provider, provider)
            if provider == "own":
                cls = Own
            else:
                cls = Other
            api.add_resource(cls, f"/login/{name}")
    api.add_resource(Own, "/own", endpoint="mine")
    """
    system = project({"shop.py": source}).system
    assert {(e.path, e.handler, e.exact, e.condition) for e in system.endpoints} == {
        ("/login/shib", "shop.Own", False, "resource is shop.Own"),
        ("/login/shib", "shop.Other", False, "resource is shop.Other"),
        ("/own", "shop.Own", True, ""),
    }
    assert "the rule /login/shib may be another one" in [d.message for d in system.diagnostics]


def test_what_a_registration_depends_on_stands_at_each_of_its_routes(project: Make) -> None:
    source = """
    from flask import Blueprint, Flask
    from settings import config

    inner = Blueprint("inner", __name__)
    old = Blueprint("old", __name__)

    @inner.get("/crew")
    def crew():
        return ""

    @old.get("/boats")
    def boats():
        return ""

    old.register_blueprint(inner)

    def create_app():
        app = Flask(__name__)
        if config.OLD_URLS:
            for one in (old,):
                app.register_blueprint(one, url_prefix="/old")
        app.register_blueprint(inner)
        return app
    """
    found = {e.path: e.condition for e in project({"shop.py": source}).system.endpoints}
    assert found == {"/old/boats": "config.OLD_URLS", "/old/crew": "config.OLD_URLS", "/crew": ""}


def test_what_an_include_depends_on_stands_at_each_of_its_routes(project: Make) -> None:
    source = """
    from fastapi import APIRouter, FastAPI
    from settings import config

    app = FastAPI()
    inner, old = APIRouter(), APIRouter()
    staff = FastAPI()

    @inner.get("/crew")
    def crew(): ...

    @old.get("/boats")
    def boats(): ...

    @staff.get("/bills")
    def bills(): ...

    old.include_router(inner)
    if config.old:
        app.include_router(old, prefix="/old")
        app.mount("/staff", staff)
    app.include_router(inner)
    """
    found = {e.path: e.condition for e in project({"shop.py": source}).system.endpoints}
    behind = {"/old/boats": "config.old", "/old/crew": "config.old", "/staff/bills": "config.old"}
    assert found == behind | {"/crew": ""}


def test_a_rule_that_is_known_beside_one_that_is_not_may_not_be_there(project: Make) -> None:
    source = """
    from flask import Flask
    from settings import config

    app = Flask(__name__)

    def assets(path):
        return ""

    root = f"/{config.root}" if config.root else ""
    app.add_url_rule(root + "/<path:path>", view_func=assets)
    """
    found = project({"shop.py": source}).system.endpoints
    assert "/{path}" in {e.path for e in found}
    assert not [e.path for e in found if e.exact]


OF_A_DEFAULT = {
    "aiohttp": """
    from aiohttp import web

    async def plain(request): ...
    async def path(request): ...
    async def prefix(request): ...

    app, below = web.Application(), web.Application()
    below.add_routes([web.get("/prefix", prefix)])
    app.add_routes([web.get("/plain", plain), web.get(FIRST + "/path", path)])
    app.add_subapp(FIRST, below)
    """,
    "tornado": """
    from tornado.web import Application, RequestHandler, url

    class Page(RequestHandler):
        def get(self): ...

    app = Application([("/plain", Page), (FIRST + "/path", Page), url(f"{FIRST}/prefix", Page)])
    """,
    "pyramid": """
    from pyramid.config import Configurator

    def page(request): ...

    def below(config):
        config.add_route("prefix", "/prefix")

    def main(settings):
        config = Configurator(settings=settings)
        config.add_route("plain", "/plain")
        config.add_route("path", FIRST + "/path")
        config.include(below, route_prefix=FIRST)
        for name in ("plain", "path", "prefix"):
            config.add_view(page, route_name=name)
        return config.make_wsgi_app()
    """,
    "litestar": """
    from litestar import Litestar, Router, get

    @get("/plain")
    async def plain() -> None: ...

    @get(FIRST + "/path")
    async def path() -> None: ...

    @get("/prefix")
    async def prefix() -> None: ...

    app = Litestar([plain, path, Router(path=FIRST, route_handlers=[prefix])])
    """,
    "starlette": """
    from starlette.applications import Starlette
    from starlette.routing import Mount, Route

    async def page(request): ...

    below = Mount(FIRST, routes=[Route("/prefix", page)])
    app = Starlette(routes=[Route("/plain", page), Route(FIRST + "/path", page), below])
    """,
    "restx": """
    from flask import Flask
    from flask_restx import Api, Namespace, Resource

    app = Flask(__name__)
    api, own, given = Api(app), Namespace("own", path=FIRST), Namespace("given")
    api.add_namespace(own)
    api.add_namespace(given, path=FIRST)

    @api.route("/plain")
    class Plain(Resource):
        def get(self): ...

    @own.route("/path")
    class Path(Resource):
        def get(self): ...

    @given.route("/prefix")
    class Prefix(Resource):
        def get(self): ...
    """,
    "bottle": """
    import bottle

    app, below = bottle.Bottle(), bottle.Bottle()

    @app.get("/plain")
    def plain(): ...

    @app.get(FIRST + "/path")
    def path(): ...

    @below.get("/prefix")
    def prefix(): ...

    app.mount(FIRST, below)
    """,
}


@pytest.mark.parametrize("library", OF_A_DEFAULT)
def test_what_is_made_of_a_default_is_not_certain_in_any_framework(library: str, project: Make) -> None:
    source = """
    import os

    FIRST = os.environ.get("FIRST", "/first")
    """
    system = project({"shop.py": source + OF_A_DEFAULT[library]}).system
    assert {e.path: e.exact for e in system.endpoints} == {
        "/plain": True,
        "/first/path": False,
        "/first/prefix": False,
    }
    assert "doubtful-prefix" in {d.code for d in system.diagnostics if d.file == "shop.py"}


def test_a_view_set_that_is_registered_below_a_default_is_not_certain(project: Make) -> None:
    urls = """
    import os
    from django.urls import include, path
    from rest_framework import routers, viewsets

    class Boats(viewsets.ViewSet):
        def list(self, request): ...

    router = routers.SimpleRouter()
    router.register("boats", Boats, "boats")
    router.register(os.environ.get("CREW", "crew"), Boats, "crew")
    urlpatterns = [path("api/", include(router.urls))]
    """
    settings = "ROOT_URLCONF = 'proj.urls'\nINSTALLED_APPS = []\n"
    manage = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'proj.settings')\n"
    files = {"manage.py": manage, "proj/__init__.py": "", "proj/settings.py": settings, "proj/urls.py": urls}
    system = project(files).system
    assert {e.path: e.exact for e in system.endpoints} == {"/api/boats/": True, "/api/crew/": False}
    assert [(d.file, d.line) for d in system.diagnostics if d.code == "doubtful-prefix"] == [
        ("proj/urls.py", 11)
    ]


def test_what_serves_may_be_something_that_nobody_knows(project: Make) -> None:
    source = """
    import json
    from flask import Flask
    from flask_restful import Api, Resource

    class Base(Resource):
        def get(self):
            return {}

    class Own(Base):
        pass

    def of(name):
        return type(f"Generic_{name}", (Base,), {})

    app = Flask(__name__)
    api = Api(app)
    with open("providers.json") as file:
        for name in json.load(file):
            back = None
            if name == "own":
                cls = Own
                back = "/own/back"
            else:
                cls = of(name)
            api.add_resource(cls, "/login", back or "/login/back")
    api.add_resource(Own, "/own", endpoint="mine")
    """
    system = project({"shop.py": source}).system
    assert {e.path for e in system.endpoints} == {"/login", "/login/back", "/own/back", "/own"}
    assert {e.path for e in system.endpoints if e.exact and not e.condition} == {"/own"}
    assert [d.line for d in system.diagnostics if d.code == "unresolved-handler"] == [26]
