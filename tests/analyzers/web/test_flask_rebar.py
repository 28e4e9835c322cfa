"""Flask-Rebar: handlers of registries are served below their prefixes (the library is not at hand)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[[dict[str, str]], Any]

SOURCE = """
    from flask import Flask
    from flask_rebar import Rebar
    rebar = Rebar()
    registry = rebar.create_handler_registry(prefix="/v1")
    other = Rebar().create_handler_registry()

    @registry.handles(rule="/blocks/<int:pk>", method="GET")
    def show(pk): ...

    @registry.handles("/blocks", "POST")
    def cut(): ...

    def drop(pk): ...
    registry.add_handler(drop, rule="/blocks/<int:pk>", method="DELETE")

    @other.handles("/lost")
    def lost(): ...

    def create_app():
        app = Flask(__name__)
        rebar.init_app(app)
        return app
"""


def test_handlers_lie_below_the_prefix_of_their_registry(project: Make) -> None:
    system = project({"quarry.py": SOURCE}).system
    assert {(e.path, e.methods, e.handler) for e in system.endpoints} == {
        ("/v1/blocks/{pk}", ("GET",), "quarry.show"),
        ("/v1/blocks", ("POST",), "quarry.cut"),
        ("/v1/blocks/{pk}", ("DELETE",), "quarry.drop"),
    }
    assert {"/v1/swagger", "/v1/swagger/ui"} <= {row.pattern for row in system.opaque_routes}


def test_a_registry_that_no_application_gets_is_told(project: Make) -> None:
    told = [d for d in project({"quarry.py": SOURCE}).system.diagnostics if d.code == "unregistered-routes"]
    assert [(d.file, d.line) for d in told] == [("quarry.py", 6)]
