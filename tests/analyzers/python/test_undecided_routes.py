"""A route behind a condition that is not known is listed with that condition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_a_route_names_what_must_hold_and_a_diagnostic_says_where(
    project: Callable[[dict[str, str]], Any],
) -> None:
    found = project(
        {
            "app.py": """
            import os
            from flask import Flask
            app = Flask(__name__)
            LIMIT = 3
            @app.get("/always")
            def always(): return ""
            if LIMIT > 2:
                @app.get("/decided")
                def decided(): return ""
            if os.environ.get("OLD_API", "0") == "1":
                @app.get("/old")
                def old(): return ""
            else:
                @app.get("/new")
                def new(): return ""
            """
        }
    ).system
    assert {e.path: e.condition for e in found.endpoints} == {
        "/always": "",
        "/decided": "",
        "/old": "os.environ.get('OLD_API', '0') == '1'",
        "/new": "not (os.environ.get('OLD_API', '0') == '1')",
    }
    lines = {(d.file, d.line) for d in found.diagnostics if d.code == "undecided-condition"}
    assert lines == {("app.py", 11)}


def test_a_route_that_a_call_behind_a_condition_registers_is_behind_it(
    project: Callable[[dict[str, str]], Any],
) -> None:
    found = project(
        {
            "service.py": """
            from flask import Blueprint
            class Service:
                def __init__(self, app):
                    self.blueprint = Blueprint("api", __name__, url_prefix="/api")
                def add(self, function, path):
                    self.blueprint.add_url_rule(path, function.__name__, function)
            """,
            "app.py": """
            import os
            from flask import Flask
            from service import Service
            app = Flask(__name__)
            service = Service(app)
            def always(): return ""
            def login(): return ""
            def metrics(): return ""
            def both(): return ""
            service.add(always, "/always")
            def login_pages():
                service.add(login, "/login")
                if os.environ.get("BOTH"):
                    service.add(both, "/both")
            if os.environ.get("OIDC"):
                login_pages()
            if os.environ.get("METRICS"):
                service.add(metrics, "/metrics")
            app.register_blueprint(service.blueprint)
            """,
        }
    ).system
    assert {e.path: e.condition for e in found.endpoints} == {
        "/api/always": "",
        "/api/login": "os.environ.get('OIDC')",
        "/api/both": "os.environ.get('OIDC') and os.environ.get('BOTH')",
        "/api/metrics": "os.environ.get('METRICS')",
    }
    lines = {(d.file, d.line) for d in found.diagnostics if d.code == "undecided-condition"}
    assert lines == {("app.py", 14), ("app.py", 16), ("app.py", 18)}


def test_a_router_that_a_call_behind_a_condition_includes_is_behind_it(
    project: Callable[[dict[str, str]], Any],
) -> None:
    found = project(
        {
            "app.py": """
            import os
            from fastapi import APIRouter, FastAPI
            app = FastAPI()
            router = APIRouter()
            @router.get("/boats")
            def boats(): return ""
            def health(): return ""
            def add(path, function):
                app.add_api_route(path, function)
            def more():
                app.include_router(router, prefix="/more")
            if os.environ.get("MORE"):
                more()
                add("/health", health)
            """,
        }
    ).system
    assert {e.path: e.condition for e in found.endpoints} == {
        "/more/boats": "os.environ.get('MORE')",
        "/health": "os.environ.get('MORE')",
    }


def test_what_a_call_gives_in_one_branch_is_not_taken_for_the_other_nor_behind_both(
    project: Callable[[dict[str, str]], Any],
) -> None:
    found = project(
        {
            "shop/app.py": """
            import os
            from flask import Flask
            base = "/a"
            app = Flask(__name__)
            def where():
                return base
            def elsewhere():
                global base
                base = "/b"
            if os.environ.get("X"):
                elsewhere()
                app.add_url_rule(where() + "/in", "one", lambda: "x")
            else:
                app.add_url_rule(where() + "/else", "two", lambda: "x")
            app.add_url_rule(where() + "/after", "three", lambda: "x")
            """
        }
    ).system
    paths = {endpoint.path for endpoint in found.endpoints}
    assert paths == {"/b/in", "/a/else", "/a/after", "/b/after"}


def test_a_route_behind_an_optional_import_is_there_where_the_library_is_installed(
    project: Callable[[dict[str, str]], Any],
) -> None:
    found = project(
        {
            "requirements.txt": "flask\nFlask-Limiter\n",
            "requirements-dev.txt": "prometheus-client\n",
            "app.py": """
            import contextlib
            from flask import Flask
            app = Flask(__name__)
            def page(): return ""
            try:
                import prometheus_client
            except ImportError:
                pass
            else:
                app.add_url_rule("/metrics", "metrics", page)
            try:
                import flask_limiter
                app.add_url_rule("/limits", "limits", page)
            except ImportError:
                app.add_url_rule("/unlimited", "unlimited", page)
            try:
                import graphene
            except ImportError:
                raise SystemExit
            else:
                app.add_url_rule("/graph", "graph", page)
            def report():
                try:
                    from raven import Client
                except (ImportError, ValueError):
                    return
                app.add_url_rule("/report", "report", page)
            report()
            with contextlib.suppress(ImportError):
                import scout_apm
                app.add_url_rule("/apm", "apm", page)
            app.add_url_rule("/end", "end", page)
            """,
        }
    ).system
    assert {e.path: e.condition for e in found.endpoints} == {
        "/metrics": "prometheus_client is installed",
        "/limits": "",
        "/unlimited": "flask_limiter is not installed",
        "/graph": "",
        "/report": "raven is installed",
        "/apm": "scout_apm is installed",
        "/end": "",
    }


def test_what_is_kept_under_a_key_that_is_not_known_is_no_path_of_another_key(
    project: Callable[[dict[str, str]], Any],
) -> None:
    found = project(
        {
            "app.py": """
            import os
            from flask import Flask
            app = Flask(__name__)
            def show(): return ""
            CONFIG, VIEWS = {}, {}
            CONFIG[os.environ["FORMATS"]] = "wav ogg mp3"
            VIEWS[os.environ["VIEW"]] = show
            app.add_url_rule(CONFIG["url"] + "/sound", view_func=VIEWS["show"])
            """
        }
    ).system
    assert [(e.path, e.exact, e.handler) for e in found.endpoints] == [("/{prefix}/sound", False, "app.show")]
