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


POLICIES = """
    import functools

    def permission(check):
        if {condition}:
            def decorator(*given):
                def inner(view):
                    @functools.wraps(view)
                    def wrapper(*args, **kwargs):
                        return check(view, given)
                    return wrapper
                return inner
        else:
            def decorator(view):
                @functools.wraps(view)
                def wrapper(*args, **kwargs):
                    return check(view, ())
                return wrapper
        return decorator

    @permission
    def admin(view, given):
        return view()
    """


def test_a_decorator_with_two_forms_leaves_the_view_that_it_stands_around(project: Make) -> None:
    app = """
    from flask import Flask
    from policies import admin

    app = Flask(__name__)

    @app.get("/boats")
    @admin
    def boats():
        return ""
    """
    for condition in ("check.__code__.co_argcount > 2", "unknown()"):
        made = project({"policies.py": POLICIES.replace("{condition}", condition), "shop.py": app})
        assert [e.handler for e in made.system.endpoints] == ["shop.boats"], condition
