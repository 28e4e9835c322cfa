"""Flask-Classful: routes of the methods of a class (the library itself is not at hand in the tests)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[[dict[str, str]], Any]


def routes(project: Make, text: str) -> set[tuple[str, str, str]]:
    """(pattern, methods, handler) of every endpoint."""
    system = project({"yard.py": text}).system
    return {(e.pattern, " ".join(e.methods), e.handler) for e in system.endpoints}


def test_public_methods_answer_below_the_base_of_their_class(project: Make) -> None:
    text = """
        from functools import wraps
        from flask import Blueprint, Flask
        from flask_classful import FlaskView, method, route

        app = Flask(__name__)

        def logged(view):
            @wraps(view)
            def inner(*args, **kwargs):
                return view(*args, **kwargs)
            return inner

        class Listing:
            def index(self, **kwargs): ...

        class BoatYardView(Listing, FlaskView):
            excluded_methods = ["helper"]

            def get(self, id: int): ...
            @logged
            def post(self): ...
            def paint_all(self, colour, coats=1): ...
            @method("PUT")
            @method("PATCH")
            def mend(self, id): ...
            @route("/<id>/sail/", methods=["POST"])
            @route("/sail-any")
            @logged
            def sail(self, id=None): ...
            def helper(self): ...
            def before_get(self): ...
            def _private(self): ...
            @property
            def model(self): ...
            @classmethod
            def made(cls): ...

        BoatYardView.register(app)
    """
    boat = "yard.BoatYardView"
    assert routes(project, text) == {
        ("/boat-yard/", "GET", "yard.Listing.index"),
        ("/boat-yard/<int:id>/", "GET", f"{boat}.get"),
        ("/boat-yard/", "POST", f"{boat}.post"),
        ("/boat-yard/paint_all/<colour>/", "GET", f"{boat}.paint_all"),
        ("/boat-yard/mend/<id>/", "PATCH PUT", f"{boat}.mend"),
        ("/boat-yard/<id>/sail/", "POST", f"{boat}.sail"),
        ("/boat-yard/sail-any", "GET", f"{boat}.sail"),
    }


def test_a_registration_corrects_what_the_class_says(project: Make) -> None:
    text = """
        from flask import Blueprint, Flask
        from flask_classy import FlaskView

        app = Flask(__name__)
        api = Blueprint("api", __name__)

        class Base(FlaskView):
            route_prefix = "/v3/"
            trailing_slash = False
            base_args = ["yard"]

            def get(self, yard, name): ...

        class Piers(Base):
            route_base = "/yards/<yard>/piers"
            def free_ones(self, yard): ...

        class Masts(Base):
            pass

        Piers.register(api)
        Masts.register(api, route_base="masts", route_prefix="/v4", method_dashified=True)
        app.register_blueprint(api, url_prefix="/api")
    """
    assert routes(project, text) == {
        ("/api/v3/yards/<yard>/piers/<name>", "GET", "yard.Base.get"),
        ("/api/v3/yards/<yard>/piers/free_ones", "GET", "yard.Piers.free_ones"),
        ("/api/v4/masts/<name>", "GET", "yard.Base.get"),
    }
