"""Flask-REST-JSONAPI: resources lie below the blueprint of their ``Api`` (it is not at hand)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[[dict[str, str]], Any]

RESOURCES = """
    from flask_rest_jsonapi import ResourceDetail, ResourceList, ResourceRelationship

    class Boats(ResourceList):
        pass

    class Boat(ResourceDetail):
        methods = ["GET", "PATCH"]

    class Berth(ResourceRelationship):
        def before_get(self): ...
"""
ROUTES = """
    api.route(Boats, "boats", "/boats", "/piers/<int:pier>/boats")
    api.route(Boat, "boat", "/boats/<int:pk>", url_rule_options={"strict_slashes": False})
    api.route(Berth, "berth", "/boats/<int:pk>/relationships/berth")
"""
WAYS = {
    "a blueprint that is registered by hand": """
        from flask import Blueprint, Flask, current_app
        from flask_rest_jsonapi import Api
        from resources import Berth, Boat, Boats
        blueprint = Blueprint("v1", __name__, url_prefix="/v1")
        api = Api(current_app, blueprint)
        {routes}
        app = Flask(__name__)
        app.register_blueprint(blueprint)
        """,
    "a blueprint that init_app registers": """
        from flask import Blueprint, Flask
        from flask_rest_jsonapi import Api
        from resources import Berth, Boat, Boats
        api = Api(blueprint=Blueprint("v1", __name__, url_prefix="/v1"))
        {routes}
        api.init_app(Flask(__name__))
        """,
    "a blueprint that is not known before init_app": """
        from flask import Blueprint, Flask
        from flask_combo_jsonapi import Api
        from resources import Berth, Boat, Boats
        api = Api()
        {routes}
        api.init_app(Flask(__name__), blueprint=Blueprint("v1", __name__, url_prefix="/v1"))
        """,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_resources_lie_below_the_blueprint(project: Make, way: str) -> None:
    indent = way[1 : len(way) - len(way.lstrip())]
    source = way.replace("{routes}", f"\n{indent}".join(line.strip() for line in ROUTES.strip().splitlines()))
    system = project({"resources.py": RESOURCES, "harbour.py": source}).system
    assert {(e.path, e.methods, e.handler) for e in system.endpoints} == {
        ("/v1/boats", ("GET", "POST"), "resources.Boats"),
        ("/v1/piers/{pier}/boats", ("GET", "POST"), "resources.Boats"),
        ("/v1/boats/{pk}", ("GET", "PATCH"), "resources.Boat"),
        ("/v1/boats/{pk}/relationships/berth", ("DELETE", "GET", "PATCH", "POST"), "resources.Berth"),
    }
