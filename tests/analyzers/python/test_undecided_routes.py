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
