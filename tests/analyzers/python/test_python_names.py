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
