"""What may be something else than the known value decides no condition, and is used all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[[dict[str, str]], Any]

PRELUDE = """
import json, os
from flask import Flask
app = Flask(__name__)
def view():
    return ""
"""


def paths(project: Make, body: str) -> set[str]:
    return {endpoint.path for endpoint in project({"app.py": PRELUDE + body}).system.endpoints}


@pytest.mark.parametrize(
    "found",
    [
        "x = next((i for i in json.load(open('c')) if i['ok']), None)",
        "x = next((i for i in os.listdir() if i.endswith('.md')), 0)",
        "x = min(json.load(open('c')), default=None)",
        "x = None\nfor i in json.load(open('c')):\n    x = i",
        "x = ''\nwhile os.read(0, 1):\n    x = os.read(0, 2)",
        "x = None\nif 'x' in json.load(open('c')):\n    x = json.load(open('c'))['x']",
        "x = []\ntry:\n    x = json.load(open('c'))\nexcept OSError:\n    pass",
        "x = {'y': ''}\nx.update(json.load(open('c')))\nx = x['y']",
        "x = json.load(open('c')) or None",
        "x = os.environ.get('X', '')",
        "x = os.getenv('X', default=False)",
        "x = os.environ.get('X', '').strip().lower() == 'on'",
        "x = 'b' in os.environ.get('X', 'a').split(',')",
        "x = {'web': None, 'job': 1}[os.environ.get('X', 'web')]",
        "x = f\"{os.environ.get('X', 'web')}\" == 'worker'",
        "x = bool(int(os.environ.get('X', 0)))",
        "x = {'web': 1}.get(os.environ.get('X'))",
        "x = getattr(json.load(open('c')), 'x', None)",
    ],
)
@pytest.mark.parametrize("guard", ["if not x:\n    raise SystemExit", "if x:\n    raise SystemExit"])
def test_nothing_behind_a_test_of_what_may_be_something_else_is_dead(
    project: Make, found: str, guard: str
) -> None:
    assert paths(project, f"{found}\ndef add():\n    {guard.replace(chr(10), chr(10) + '    ')}\n    "
                 "app.add_url_rule('/later', view_func=view)\nadd()\n") == {"/later"}  # fmt: skip


@pytest.mark.parametrize(
    ("known", "decided"),
    [
        ("x = next((i for i in ['a']), None)", True),
        ("x = next((i for i in []), None)", False),
        ("x = {'a': 1}.get('b')", False),
        ("x = 'a' in 'b,a'.split(',')", True),
        ("x = {'y': ''}\nx.update({'z': 1})\nx = x['y']", False),
    ],
)
def test_what_is_known_is_decided(project: Make, known: str, decided: bool) -> None:
    assert (
        bool(paths(project, f"{known}\nif x:\n    app.add_url_rule('/later', view_func=view)\n")) is decided
    )


def test_a_default_is_used_as_text(project: Make) -> None:
    body = "app.add_url_rule(os.environ.get('PREFIX', '/api') + '/later', view_func=view)"
    assert paths(project, body) == {"/api/later"}


def test_what_is_called_is_the_known_one_among_unknown_ones(project: Make) -> None:
    body = """
    def first():
        app.add_url_rule("/first", view_func=view)
    def second():
        app.add_url_rule("/second", view_func=view)
    chosen = {"first": first, "second": second}.get(os.environ.get("WHICH"), first)
    chosen()
    (json.load(open("c")) or second)()
    """
    import textwrap

    assert paths(project, textwrap.dedent(body)) == {"/first", "/second"}


def test_an_access_behind_not_found(project: Make) -> None:
    system = project(
        {
            "m.py": """
            from flask import request
            from sqlalchemy import Column, Integer
            from sqlalchemy.orm import Session, declarative_base
            Base = declarative_base()
            class Order(Base):
                __tablename__ = "order"
                id = Column(Integer, primary_key=True)
            def chosen(lines):
                for line in lines:
                    if line["main"]:
                        return line
                return None
            def write():
                if chosen(request.json) is None:
                    return None
                Session().add(Order())
            """
        }
    ).system
    assert [(a.function, a.operation, a.table) for a in system.accesses] == [("write", "write", "order")]
