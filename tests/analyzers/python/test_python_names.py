"""Names, keywords and wrapped applications as Python has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[[dict[str, str]], Any]


def test_private_names_belong_to_their_class(project: Make) -> None:
    found = project(
        {
            "m.py": """
            from flask import Flask
            app = Flask(__name__)
            class Base:
                def __init__(self):
                    for cls in type(self).__mro__:
                        path = getattr(self, f"_{cls.__name__}__path", None)
                        if path:
                            app.add_url_rule(path, view_func=self.__view)
                def __view(self):
                    return ""
            class Boat(Base):
                __path = "/boat"
            class Crew(Base):
                __path = "/crew"
            Boat()
            Crew()
            """
        }
    ).system
    assert {e.path for e in found.endpoints} == {"/boat", "/crew"}


@pytest.mark.parametrize(
    "line",
    [
        "from importlib import import_module\nblueprint = import_module(name='other').blueprint",
        "from werkzeug.utils import import_string\nblueprint = import_string(import_name='other:blueprint')",
        "from django.utils.module_loading import import_string\n"
        "blueprint = import_string(dotted_path='other.blueprint')",
        "from other import blueprint\nfrom tracing import instrument\nblueprint = instrument(blueprint)",
    ],
)
def test_a_blueprint_is_found_however_it_comes(project: Make, line: str) -> None:
    found = project(
        {
            "m.py": f"from flask import Flask\n{line}\n"
            "app = Flask(__name__)\napp.register_blueprint(blueprint)\n",
            "other.py": """
            from flask import Blueprint
            blueprint = Blueprint("other", __name__)
            @blueprint.route("/other")
            def other():
                return ""
            """,
        }
    ).system
    assert [(e.path, e.handler) for e in found.endpoints] == [("/other", "other.other")]


def test_a_module_knows_its_own_names(project):
    made = project(
        {
            "shop/__init__.py": "",
            "shop/app.py": """
                import sys
                from importlib import import_module
                from flask import Flask

                app = Flask(__name__)
                app.add_url_rule(f"/{__name__}", "named", lambda: "")
                app.add_url_rule(f"/{__package__}", "packaged", lambda: "")
                import_module(__package__ + ".views").add(app)

                if __name__ == "__main__":
                    app.add_url_rule("/started", "started", lambda: "")
                else:
                    app.add_url_rule("/imported", "imported", lambda: "")
            """,
            "shop/views.py": """
                def add(app):
                    app.add_url_rule("/views", "views", lambda: "")
            """,
        }
    )
    paths = {e.path for e in made.system.endpoints}
    assert paths == {"/shop.app", "/shop", "/views", "/started", "/imported"}


def test_a_configuration_includes_the_module_that_it_stands_in(project):
    made = project(
        {
            "shop/__init__.py": "",
            "shop/app.py": """
                from pyramid.config import Configurator

                def create_app(_global, **settings):
                    config = Configurator(settings=settings)
                    config.include(__name__)
                    return config.make_wsgi_app()

                def includeme(config):
                    config.add_route("index", "/")
                    config.scan()
            """,
            "shop/views.py": """
                from pyramid.view import view_config

                @view_config(route_name="index")
                def index(request):
                    return {}
            """,
        }
    )
    assert {(e.path, e.handler) for e in made.system.endpoints} == {("/", "shop.views.index")}
