"""How each framework decides that a rule takes a request, as its application is configured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from strangler.model import RouteTraits

Project = Any
Make = Callable[[dict[str, str]], Project]

DJANGO = {
    "shop/__init__.py": "",
    "shop/views.py": "def home(request): ...",
    "shop/urls.py": """
        from django.urls import path
        from shop import views
        urlpatterns = [path("home/", views.home)]
        """,
    "manage.py": """
        import os
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
        """,
}
COMMON = 'ROOT_URLCONF = "shop.urls"\nMIDDLEWARE = ["django.middleware.common.CommonMiddleware"]\n'
NONE = 'ROOT_URLCONF = "shop.urls"\nMIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware"]\n'

PYRAMID = """
    from pyramid.config import Configurator
    from pyramid.view import notfound_view_config, view_config

    @view_config(route_name="home")
    def home(request): ...

    def main(settings):
        config = Configurator()
        config.add_route("home", "/home/")
        {}
        config.scan()
        return config.make_wsgi_app()
    """

AIOHTTP = """
    from aiohttp import web

    async def home(request): ...

    app = web.Application(middlewares=[{}])
    app.router.add_get("/home/", home)
    """

FASTAPI = """
    from fastapi import FastAPI

    app = FastAPI({})
    {}

    @app.get("/home/")
    def home(): ...
    """

FLASK = """
    from flask import Flask

    app = Flask(__name__)

    @app.route("/home/")
    def home(): ...
    """


def traits(files: dict[str, str], project: Make) -> RouteTraits:
    (endpoint,) = project(files).system.endpoints
    found: RouteTraits = endpoint.traits
    return found


@pytest.mark.parametrize(
    ("settings", "expected"),
    [(COMMON, "append"), (COMMON + "APPEND_SLASH = False", "never"), (NONE, "never")],
    ids=["by default", "switched off", "without the middleware"],
)
def test_django(settings: str, expected: str, project: Make) -> None:
    found = traits({**DJANGO, "shop/settings.py": settings}, project)
    assert found == RouteTraits(by_method=False, slash_redirect=expected)  # type: ignore[arg-type]


def test_flask_redirects_in_order(project: Make) -> None:
    assert traits({"app.py": FLASK}, project) == RouteTraits(slash_redirect="append_in_order")


@pytest.mark.parametrize(
    ("argument", "statement", "expected"),
    [
        ("", "", "either"),
        ("redirect_slashes=False", "", "never"),
        ("", "app.router.redirect_slashes = False", "never"),
    ],
)
def test_fastapi(argument: str, statement: str, expected: str, project: Make) -> None:
    found = traits({"app.py": FASTAPI.format(argument, statement)}, project)
    assert found == RouteTraits(slash_redirect=expected)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [("pass", "never"), ("config.add_notfound_view(home, append_slash=True)", "append")],
)
def test_pyramid(statement: str, expected: str, project: Make) -> None:
    found = traits({"app.py": PYRAMID.format(statement)}, project)
    assert found == RouteTraits(slash_redirect=expected)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("middleware", "expected"),
    [
        ("", "never"),
        ("web.normalize_path_middleware()", "append"),
        ("web.normalize_path_middleware(append_slash=False, remove_slash=True)", "remove"),
    ],
)
def test_aiohttp(middleware: str, expected: str, project: Make) -> None:
    found = traits({"app.py": AIOHTTP.format(middleware)}, project)
    assert found == RouteTraits(slash_redirect=expected)  # type: ignore[arg-type]
