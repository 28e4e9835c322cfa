"""What serves behind decorators, wrappers and unions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[[dict[str, str]], Any]


def test_a_tower_of_decorators_is_climbed_down_once(project: Make) -> None:
    layers = "\n".join(f"@policy('{n}')" for n in range(60))
    made = project(
        {
            "policies.py": """
                def policy(name):
                    def decorate(view):
                        def checked(*args, **kwargs):
                            return view(*args, **kwargs)
                        return checked
                    return decorate
            """,
            "shop.py": f"""
from flask import Flask
from policies import policy

app = Flask(__name__)

@app.get("/boats")
{layers}
def boats():
    return ""
""",
        }
    )
    assert {e.path: e.handler for e in made.system.endpoints} == {"/boats": "shop.boats"}
