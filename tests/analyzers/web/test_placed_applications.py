"""Applications of which something unknown decides where they are served."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[[dict[str, str]], Any]


def found(project: Make, **files: str) -> tuple[dict[str, tuple[str, bool]], set[str]]:
    """Handler -> its path and whether that is exact; the diagnostics about mounts."""
    system = project({f"{name}.py": text for name, text in files.items()}).system
    said = {f"{d.file}:{d.line}" for d in system.diagnostics if d.code == "unresolved-mount"}
    return {e.handler: (e.path, e.exact) for e in system.endpoints}, said


MAIN = """
    from fastapi import FastAPI
    from part import sub
    import mountlib

    app = FastAPI()

    @app.get("/health")
    def health(): ...

    mountlib.mount_all(app, {"/auth": sub})
"""
PART = """
    from fastapi import FastAPI
    sub = FastAPI()

    @sub.post("/token")
    def token(): ...
"""


def test_of_applications_given_to_a_library_together_the_first_is_the_outer_one(project: Make) -> None:
    rows, said = found(project, main=MAIN, part=PART)
    assert rows == {"main.health": ("/health", True), "part.token": ("/{unresolved}/token", False)}
    assert said == {"main.py:11"}


def test_what_a_library_makes_an_application_of_has_other_routes(project: Make) -> None:
    source = """
    from fastapi import FastAPI
    from versions import VersionedFastAPI
    app = FastAPI()
    @app.get("/boats")
    def boats(): ...
    app = VersionedFastAPI(app)
    """
    assert found(project, main=source) == ({"main.boats": ("/{unresolved}/boats", False)}, {"main.py:7"})


def test_an_extension_that_is_given_an_application_leaves_its_routes_where_they_are(project: Make) -> None:
    source = """
    from flask import Flask
    from limits import Limiter
    app = Flask(__name__)
    limiter = Limiter(app, key=str)
    @app.get("/boats")
    def boats(): ...
    """
    assert found(project, main=source) == ({"main.boats": ("/boats", True)}, set())


def test_what_a_function_makes_may_be_dispatched_to_where_that_is_not_known(project: Make) -> None:
    main = """
    import os
    from flask import Flask
    from werkzeug.middleware.dispatcher import DispatcherMiddleware
    from werkzeug.utils import import_string
    app = Flask(__name__)
    @app.get("/health")
    def health(): ...
    others = {f"/{name}": import_string(name)() for name in os.environ["OTHERS"].split()}
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, others)
    """
    part = """
    from flask import Flask
    def token(): ...
    def make():
        sub = Flask(__name__)
        sub.add_url_rule("/token", view_func=token)
        return sub
    """
    rows, said = found(project, main=main, part=part)
    assert rows == {"main.health": ("/health", True), "part.token": ("/{unresolved}/token", False)}
    assert said == {"part.py:5"}


def test_an_application_that_dispatches_to_itself_below_a_configured_root_keeps_its_routes(
    project: Make,
) -> None:
    source = """
    import os
    from flask import Flask
    from werkzeug.middleware.dispatcher import DispatcherMiddleware
    from werkzeug.middleware.proxy_fix import ProxyFix

    def create_app():
        app = Flask(__name__)
        app.add_url_rule("/boats", view_func=boats)
        app.wsgi_app = ProxyFix(app.wsgi_app)
        root = os.environ["APPLICATION_ROOT"]
        if root != "/":
            app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {root: app})
        return app

    def boats(): ...
    """
    files = {"main": source, "wsgi": "from main import create_app\napp = create_app()\n"}
    assert found(project, **files, serve=files["wsgi"]) == ({"main.boats": ("/boats", True)}, {"main.py:13"})


def test_another_application_below_a_configured_root_is_listed_where_that_is_not_known(project: Make) -> None:
    source = """
    import os
    from flask import Flask
    from werkzeug.middleware.dispatcher import DispatcherMiddleware
    app, other = Flask("a"), Flask("b")
    @app.get("/boats")
    def boats(): ...
    @other.get("/crews")
    def crews(): ...
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {os.environ["ROOT"]: other})
    """
    rows, said = found(project, main=source)
    assert rows == {"main.boats": ("/boats", True), "main.crews": ("/{unresolved}/crews", False)}
    assert said == {"main.py:10"}


def test_a_librarys_class_named_after_that_of_applications_makes_one(project: Make) -> None:
    source = """
    from flask import Blueprint
    from houselib.web import HouseFlask

    class Shop(HouseFlask): ...

    orders = Blueprint("orders", __name__)

    @orders.get("/list")
    def listing(): ...

    def create_app():
        app = HouseFlask(__name__)
        app.register_blueprint(orders, url_prefix="/orders")
        return app

    shop = Shop(__name__)

    @shop.get("/shop")
    def home(): ...
    """
    rows, _ = found(project, main=source)
    assert rows == {"main.listing": ("/orders/list", True), "main.home": ("/shop", True)}
