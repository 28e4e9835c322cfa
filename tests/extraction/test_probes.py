"""The probes of a service: answered before all else, and ready only while its databases can be asked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from extraction.test_needs import Tree, flask

DJANGO = {
    "manage.py": 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")\n',
    "site_/__init__.py": "",
    "site_/settings.py": """
        import os
        SECRET_KEY = "x"
        ROOT_URLCONF = "site_.urls"
        INSTALLED_APPS = ["orders"]
        MIDDLEWARE = (
            "orders.guard.Guard",
        )
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DB"]}}
        """,
    "site_/urls.py": """
        from django.urls import path
        from orders.views import orders
        urlpatterns = [path("orders/", orders)]
        """,
    "orders/__init__.py": "",
    "orders/models.py": "",
    "orders/guard.py": """
        from django.core.exceptions import PermissionDenied
        class Guard:
            def __init__(self, get_response): pass
            def __call__(self, request): raise PermissionDenied
        """,
    "orders/views.py": """
        from django.http import HttpResponse
        def orders(request): return HttpResponse("x")
        """,
}
FASTAPI = {
    "main.py": """
        from fastapi import FastAPI
        from orders.api import router
        app = FastAPI(title="x")
        app.include_router(router)

        @app.middleware("http")
        async def guard(request, call_next):
            raise RuntimeError
        """,
    "orders/__init__.py": "",
    "orders/db.py": """
        import os
        from sqlalchemy.ext.asyncio import create_async_engine
        engine = create_async_engine("sqlite+aiosqlite:///" + os.environ["DB"])
        """,
    "orders/api.py": """
        from fastapi import APIRouter
        from orders import db
        router = APIRouter()

        @router.get("/orders/")
        def orders(): return []
        """,
}
FLASK = flask(
    shop__orders__db="""
        import os, sqlalchemy
        engine = sqlalchemy.create_engine("sqlite:///" + os.environ["DB"])
        """,
    shop__app="""
        from flask import Flask
        class Shop(Flask):
            pass
        def create_app():
            app = Shop(__name__)
            from shop.orders.views import bp as orders
            from shop.orders import db
            app.register_blueprint(orders, url_prefix="/orders")

            @app.before_request
            def guard():
                return "no", 403
            return app
        """,
)
ASK = {
    "django": """
import django, os
os.environ["DJANGO_SETTINGS_MODULE"] = "site_.settings"
django.setup()
from django.test import Client
client = Client(HTTP_HOST="10.0.0.1:8000")
get = lambda path: client.get(path).status_code
""",
    "fastapi": """
from fastapi.testclient import TestClient
from main import app
client = TestClient(app, raise_server_exceptions=False)
get = lambda path: client.get(path).status_code
""",
    "flask": """
from wsgi import app
get = lambda path: app.test_client().get(path).status_code
""",
}
TREES = {"django": (DJANGO, "orders"), "fastapi": (FASTAPI, "orders"), "flask": (FLASK, "shop.orders")}


def statuses(framework: str, folder: Path, database: Path, paths: list[str]) -> list[int]:
    done = subprocess.run(
        [sys.executable, "-c", f"{ASK[framework]}\nprint([get(path) for path in {paths!r}])"],
        cwd=folder,
        env={"DB": str(database)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("framework", TREES)
def test_a_service_is_ready_while_its_database_can_be_asked(framework: str, tmp_path: Path) -> None:
    files, package = TREES[framework]
    service, found = Tree(tmp_path / "tree", files, package).service()
    for path, data in found.items():
        (tmp_path / "service" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "service" / path).write_bytes(data)
    assert service.probes is not None
    assert service.probes.checks
    paths = [service.probes.live, service.probes.ready, "/orders/"]
    working = statuses(framework, tmp_path / "service", tmp_path / "rows.sqlite3", paths)
    assert working[:2] == [200, 200]
    assert working[2] in (403, 500), "what stands around a request stands around no probe"
    nowhere = tmp_path / "no" / "rows.sqlite3"
    assert statuses(framework, tmp_path / "service", nowhere, paths)[:2] == [200, 503]


def test_the_probes_take_no_path_of_the_monolith(tmp_path: Path) -> None:
    taken = """
        from flask import Flask
        def create_app():
            app = Flask(__name__)
            from shop.orders.views import bp as orders
            app.register_blueprint(orders, url_prefix="/orders")

            @app.route("/<name>")
            def page(name):
                return name
            return app
        """
    service, _ = Tree(tmp_path, flask(shop__app=taken), "shop.orders").service()
    assert service.probes is not None
    assert (service.probes.live, service.probes.ready) == ("/-/livez", "/-/readyz")


def test_a_service_whose_application_is_made_elsewhere_says_that_it_answers_none(tmp_path: Path) -> None:
    made = "from somewhere import make\napp = make()\n"
    app = """
        def create_app(app):
            from shop.orders.views import bp as orders
            app.register_blueprint(orders, url_prefix="/orders")
        """
    service, _ = Tree(tmp_path, flask(shop__app=app) | {"wsgi.py": made}, "shop.orders").service()
    assert service.probes is None
