"""Applications of which something unknown decides where they are served."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[[dict[str, str]], Any]


def found(project: Make, **files: str) -> tuple[dict[str, tuple[str, bool]], set[str]]:
    """Handler -> its path and whether that is exact; the diagnostics about mounts."""
    system = project({f"{name}.py": text for name, text in files.items()}).system
    said = {f"{d.file}:{d.line}" for d in system.diagnostics if d.code == "unresolved-mount"}
    return {e.handler: (e.path, e.exact) for e in system.endpoints}, said


MAIN = """
    from fastapi import FastAPI
    from part import sub
    import mountlib

    app = FastAPI()

    @app.get("/health")
    def health(): ...

    mountlib.mount_all(app, {"/auth": sub})
"""
PART = """
    from fastapi import FastAPI
    sub = FastAPI()

    @sub.post("/token")
    def token(): ...
"""


def test_of_applications_given_to_a_library_together_the_first_is_the_outer_one(project: Make) -> None:
    rows, said = found(project, main=MAIN, part=PART)
    assert rows == {"main.health": ("/health", True), "part.token": ("/{unresolved}/token", False)}
    assert said == {"main.py:11"}


def test_what_a_library_makes_an_application_of_has_other_routes(project: Make) -> None:
    source = """
    from fastapi import FastAPI
    from versions import VersionedFastAPI
    app = FastAPI()
    @app.get("/boats")
    def boats(): ...
    app = VersionedFastAPI(app)
    """
    assert found(project, main=source) == ({"main.boats": ("/{unresolved}/boats", False)}, {"main.py:7"})


def test_an_extension_that_is_given_an_application_leaves_its_routes_where_they_are(project: Make) -> None:
    source = """
    from flask import Flask
    from limits import Limiter
    app = Flask(__name__)
    limiter = Limiter(app, key=str)
    @app.get("/boats")
    def boats(): ...
    """
    assert found(project, main=source) == ({"main.boats": ("/boats", True)}, set())


def test_what_a_function_makes_may_be_dispatched_to_where_that_is_not_known(project: Make) -> None:
    main = """
    import os
    from flask import Flask
    from werkzeug.middleware.dispatcher import DispatcherMiddleware
    from werkzeug.utils import import_string
    app = Flask(__name__)
    @app.get("/health")
    def health(): ...
    others = {f"/{name}": import_string(name)() for name in os.environ["OTHERS"].split()}
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, others)
    """
    part = """
    from flask import Flask
    def token(): ...
    def make():
        sub = Flask(__name__)
        sub.add_url_rule("/token", view_func=token)
        return sub
    """
    rows, said = found(project, main=main, part=part)
    assert rows == {"main.health": ("/health", True), "part.token": ("/{unresolved}/token", False)}
    assert said == {"part.py:5"}
