"""What must hold for a route to be there, where the code leaves it open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[[dict[str, str]], Any]

FAST = """
    import os
    from fastapi import APIRouter, FastAPI

    X = os.environ.get("X")
    app = FastAPI()
    boats, crews = APIRouter(), APIRouter()

    @boats.get("/boats")
    def list_boats(): ...

    @crews.get("/crews")
    def list_crews(): ...
"""


def conditions(project: Make, rest: str, first: str = FAST) -> dict[str, str]:
    """Path -> what must hold for it."""
    return {e.path: e.condition for e in project({"shop.py": first + rest}).system.endpoints}


@pytest.mark.parametrize(
    ("rest", "condition"),
    [
        (
            "def w():\n        if not X: return\n        app.include_router(boats)\n    w()",
            "X",
        ),
        (
            "def w():\n        if X == '1': return\n        app.include_router(boats)\n    w()",
            "not (X == '1')",
        ),
        ("def wire():\n        if X: return\n        app.include_router(boats)\n    wire()", "not (X)"),
        (
            "for _ in range(1):\n        if not X: continue\n        app.include_router(boats)",
            "X",
        ),
        ("app.include_router(boats) if X else None", "X"),
        ("X and app.include_router(boats)", "X"),
        ("X or app.include_router(boats)", "not (X)"),
    ],
)
def test_a_route_registered_where_a_condition_lets_it_is_under_it(
    project: Make, rest: str, condition: str
) -> None:
    assert conditions(project, f"\n    {rest}\n    app.include_router(crews)") == {
        "/boats": condition,
        "/crews": "",
    }


def test_what_an_exception_ends_is_not_a_condition_of_the_rest(project: Make) -> None:
    rest = """
    if not X:
        raise SystemExit
    app.include_router(boats)
    """
    assert conditions(project, rest) == {"/boats": ""}


def test_each_of_several_routers_paths_and_handlers_is_there_if_it_is_the_one(project: Make) -> None:
    rest = """
    app.include_router(boats if X else crews)
    place = "/a" if X else "/b"
    app.add_api_route(f"{place}/one", list_boats)
    own = APIRouter(prefix=place)
    own.add_api_route("/two", list_boats)
    app.include_router(own)
    app.add_api_route("/three", list_boats if X else list_crews)
    """
    made = project({"shop.py": FAST + rest}).system.endpoints
    assert {(e.path, e.handler.rpartition(".")[2]): e.condition for e in made} == {
        ("/boats", "list_boats"): "router is that of shop:7",
        ("/crews", "list_crews"): "router is that of shop:7",
        ("/a/one", "list_boats"): "path is '/a/one'",
        ("/b/one", "list_boats"): "path is '/b/one'",
        ("/a/two", "list_boats"): "prefix is '/a'",
        ("/b/two", "list_boats"): "prefix is '/b'",
        ("/three", "list_boats"): "endpoint is shop.list_boats",
        ("/three", "list_crews"): "endpoint is shop.list_crews",
    }


def test_flask_rules_and_blueprints_of_several_are_under_the_same_kind_of_condition(project: Make) -> None:
    source = """
    import os
    from flask import Blueprint, Flask

    place = "/a" if os.environ.get("X") else "/b"
    app = Flask(__name__)
    own = Blueprint("own", __name__, url_prefix=place)

    @own.get("/one")
    def one(): ...

    @app.get(place + "/two")
    def two(): ...

    app.register_blueprint(own)
    """
    assert conditions(project, "", source) == {
        "/a/one": "url_prefix is '/a'",
        "/b/one": "url_prefix is '/b'",
        "/a/two": "rule is '/a/two'",
        "/b/two": "rule is '/b/two'",
    }


def test_django_paths_and_views_of_several_are_under_the_same_kind_of_condition(project: Make) -> None:
    urls = """
    import os
    from django.urls import include, path
    from shop import views

    place = "a/" if os.environ.get("X") else "b/"
    urlpatterns = [
        path(place, include([path("one/", views.one)])),
        path("two/", views.one if os.environ.get("X") else views.two),
        *([path("three/", views.one)] if os.environ.get("X") else []),
    ]
    """
    made = project(
        {
            "manage.py": 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")',
            "shop/__init__.py": "",
            "shop/settings.py": 'INSTALLED_APPS = ["shop"]\nROOT_URLCONF = "shop.urls"',
            "shop/views.py": "def one(request): ...\ndef two(request): ...",
            "shop/urls.py": urls,
        }
    ).system.endpoints
    assert {(e.path, e.handler): e.condition for e in made} == {
        ("/a/one/", "shop.views.one"): "route is 'a/'",
        ("/b/one/", "shop.views.one"): "route is 'b/'",
        ("/two/", "shop.views.one"): "view is shop.views.one",
        ("/two/", "shop.views.two"): "view is shop.views.two",
        ("/three/", "shop.views.one"): "os.environ.get('X')",
    }
