"""The analysis ends, whatever the source does, and says where it stopped looking."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import pytest
from helpers.programs.reading import Differences, modules, reader

from strangler.analyzers.python.values import UNKNOWN
from strangler.limits import Limits
from strangler.model.coverage import measures

Make = Callable[[dict[str, str]], Any]
MODEL = """
from sqlalchemy import Column, Integer
from sqlalchemy.orm import Session, declarative_base
Base = declarative_base()
class Order(Base):
    __tablename__ = "order"
    id = Column(Integer, primary_key=True)
"""
LAST = "\ndef last():\n    Session().add(Order())\n"


def told(system: Any) -> set[str]:
    return {d.message for d in system.diagnostics if d.code in ("too-complex", "cut-short")}


def lines(text: str, times: int) -> str:
    return text * times


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("y = 'ab'\n" + lines("y = y + y\n", 40), "a string grows"),
        ("y = b'ab'\n" + lines("y = y + y\n", 40), "a string grows"),
        ("y = 'ab'\n" + lines("y = f'{y}{y}'\n", 40), "a string grows"),
        ("y = 'ab'\n" + lines("y = ''.join([y, y])\n", 40), "a string grows"),
        ("y = 'ab'\n" + lines("y = y * 9\n", 40), "a string grows"),
        ("y = 'ab'\n" + lines("y = '%s%s' % (y, y)\n", 40), "a string grows"),
        ("y = 'ab'\n" + lines("y = '{0}{0}'.format(y)\n", 40), "a string grows"),
        ("y = 'ab'\n" + lines("y = y.replace('b', 'bb' * 99)\n", 40), "a string grows"),
        ("y = 'a'.ljust(2_000_000_000)\n", "a string grows"),
        ("import lib\ny = f'{lib.x}/'\n" + lines("y = y + y\n", 40), "a string grows"),
        ("y = [1, 2]\n" + lines("y = y + y\n", 40), "a container grows"),
        ("y = [1, 2]\n" + lines("y += y\n", 40), "a container grows"),
        ("y = [1, 2]\n" + lines("y.extend(y)\n", 40), "a container grows"),
        ("y = [1, 2]\n" + lines("y = [*y, *y]\n", 40), "a container grows"),
        ("y = []\nwhile True:\n    y.append(1)\n", None),
        ("y = []\nfor i in range(10**9):\n    for j in range(90):\n        y.append(i)\n", None),
        (
            "y = [1, 2, 3, 4, 5, 6, 7, 8, 9]\n"
            "z = [0 for a in y for b in y for c in y for d in y for e in y for f in y]\n",
            "a container grows",
        ),
        ("y = [1, 2]\n" + lines("y[0:0] = y\n", 60), "a container grows"),
        ("import lib\ny = {lib.a, lib.b}\n" + lines("y = y ^ y\n", 60), None),
        ("import lib\ny = [1]\n" + lines("if lib.a:\n    y = list(reversed(y))\n", 60), None),
        ("x = (1,)\n" + lines("x = (x, x)\n", 60) + "y = {x: 1}\nz = {x}\n", None),
        ("x = ()\n" + lines("x = (x, x)\n", 60) + "def f(a):\n    return a\nf(x)\n", None),
        (
            "def f(x):\n    return [x, x]\ndef g():\n    x = [1]\n" + lines("    x = f(x)\n", 40),
            None,
        ),
        ("from functools import partial\nx = print\n" + lines("x = partial(x, x)\n", 60) + "x(1)\n", None),
        ("def f(x):\n    g([x]), g([x, x])\ndef g(x):\n    f([x]), f([x, x])\nf(1)\n", "within one another"),
        (
            "class C0: pass\n" + "".join(f"class C{i}(C{i - 1}): pass\n" for i in range(1, 1500)),
            "ancestors",
        ),
    ],
)  # fmt: skip
def test_what_grows_without_end(project: Make, source: str, reason: str | None) -> None:
    system = project({"m.py": MODEL + source + LAST}).system
    assert [(a.function, a.table) for a in system.accesses] == [("last", "order")]
    if reason is not None:
        assert any(reason in message for message in told(system))


@pytest.mark.parametrize(
    "body",
    [
        "yield n\nyield from walk(n.left)\nyield from walk(n.right)\nyield from walk(n.middle)",
        "return {n.name: depth} | walk(n.left, depth + 1) | walk(n.right, depth + 1) | walk(n.next, depth)",
        "d = {n.name: depth}\nd.update(walk(n.left, depth + 1))\nd.update(walk(n.right, depth))\nreturn d",
        "return [n] + walk(n.left, depth + 1) + walk(n.right, depth + 1) + walk(n.next, depth + 2)",
        "return (n, walk(n.left, depth + 1), walk(n.right, depth + 1))",
        "return f'{n.name}{walk(n.left, depth + 1)}{walk(n.right, depth + 2)}'",
    ],
)
def test_recursion_over_a_tree(project: Make, body: str) -> None:
    source = (
        f"def walk(n, depth=0):\n{textwrap.indent(body, '    ')}\ndef show(n):\n    return list(walk(n))\n"
    )
    system = project({"m.py": MODEL + source + LAST}).system
    assert [(a.function, a.table) for a in system.accesses] == [("last", "order")]


@pytest.mark.parametrize(
    "odd", ['"{²}".format(1)', '"ab"[::0]', "[1, 2][::0]", "(1, 2)[::0]", "range(3)[::0]"]
)
def test_an_odd_expression_at_the_top_of_a_module_hides_nothing_else(project: Make, odd: str) -> None:
    system = project({"m.py": f"x = {odd}\n{MODEL}\ny = {odd}\n"}).system
    assert [table.name for table in system.tables] == ["order"]


def test_a_call_that_does_not_end_costs_itself_alone(project: Make) -> None:
    source = """
    def endless():
        for a in range(90):
            for b in range(90):
                for c in range(90):
                    for d in range(90):
                        print(a)
    def use():
        endless()
        Session().add(Order())
    use()
    """
    system = project({"m.py": MODEL + textwrap.dedent(source)}).system
    assert [(a.function, a.operation, a.table) for a in system.accesses] == [("use", "write", "order")]
    assert any("endless" in message for message in told(system))


def test_each_of_many_models_of_a_loop_is_written_and_none_is_read(project: Make) -> None:
    models = "".join(
        f"class M{n}(Base):\n    __tablename__ = 'm{n}'\n    id = Column(Integer, primary_key=True)\n"
        for n in range(40)
    )
    every = f"ALL = [{', '.join(f'M{n}' for n in range(40))}]\n"
    wipe = "def wipe():\n    for model in ALL:\n        Session().query(model).delete()\n"
    system = project({"m.py": MODEL + models + every + wipe}).system
    assert {(a.operation, a.table) for a in system.accesses} == {("write", f"m{n}") for n in range(40)}


def test_a_helper_with_a_thousand_statements(project: Make) -> None:
    calls = "".join(f"def f{n}():\n    return run('SELECT * FROM t{n}')\n" for n in range(1000))
    helper = "import sqlite3\ndef run(sql):\n    return sqlite3.connect('x').execute(sql).fetchall()\n"
    system = project({"m.py": helper + calls}).system
    assert {a.table for a in system.accesses} == {f"t{n}" for n in range(1000)}


PATHS = """
from flask import Flask
import os
app = Flask(__name__)
TENANT = os.environ["TENANT"]
def on(where, **options):
    def decorate(function):
        path = where if isinstance(where, str) else "/" + "/".join(where)
        app.add_url_rule(path, function.__name__, function)
        return function
    return decorate
"""


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (f"'/{'a' * 90}/one'", f"'/{'a' * 90}/two'", {f"/{'a' * 90}/one", f"/{'a' * 90}/two"}),
        ("f'/{TENANT}/one'", "f'/{TENANT}/two'", {"/{}/one", "/{}/two"}),
        ("list('abcdefgh')", "list('abcdefgi')", {"/a/b/c/d/e/f/g/h", "/a/b/c/d/e/f/g/i"}),
        ("'/%d' % 10_001", "'/%d' % 10_002", {"/10001", "/10002"}),
        ("['1']", "['1', '2']", {"/1", "/1/2"}),
    ],
)
def test_two_calls_are_two_however_alike_their_arguments_are(
    project: Make, first: str, second: str, expected: set[str]
) -> None:
    source = f"{PATHS}\n@on({first})\ndef one():\n    pass\n@on({second})\ndef two():\n    pass\n"
    system = project({"m.py": source}).system
    import re

    assert {re.sub(r"\{[^}]*\}", "{}", e.path) for e in system.endpoints} == expected
    assert {e.handler for e in system.endpoints} == {"m.one", "m.two"}


def test_a_limit_in_the_body_of_a_function_loses_no_table_and_no_endpoint(project: Make) -> None:
    ways = "".join(f"    if given == {n}:\n        x = [{n}]\n" for n in range(40))
    system = project({"m.py": f"{MODEL}def handler(given):\n    x = None\n{ways}    return x\n{LAST}"}).system
    assert {d.code for d in system.diagnostics} == {"cut-short"}
    missing = {measure.rows for measure in measures(system) if measure.gaps}
    assert missing == {"accesses"}


@pytest.mark.parametrize(
    "pattern",
    ["(?:a|aa)*b", "a?" * 50 + "b", "((?:a|aa){8}){7}b", "(((a{1,8}){1,8}){1,8}){1,8}b", "(a+)+b"],
)
def test_an_expression_that_explodes_is_not_run(project: Make, pattern: str) -> None:
    source = f"{MODEL}import re\nif re.match({pattern!r}, {'a' * 60!r}):\n    x = 1\n{LAST}"
    system = project({"m.py": source}).system
    assert [(a.function, a.table) for a in system.accesses] == [("last", "order")]


def test_names_are_made_with_usual_expressions(project: Make) -> None:
    name = r're.sub(r"(?<!^)([A-Z])", "_x", "PurchaseOrder")'
    system = project({"m.py": f"import re\n{MODEL.replace(chr(34) + 'order' + chr(34), name)}{LAST}"}).system
    assert [(a.function, a.table) for a in system.accesses] == [("last", "Purchase_xrder")]


def test_functions_that_wrap_each_other_have_an_end(project: Make) -> None:
    source = """
        import functools
        from flask import Flask
        app = Flask(__name__)

        def pair(function, other):
            functools.update_wrapper(function, other)
            functools.update_wrapper(other, function)
            return function

        def crew():
            return ""

        def crews():
            return ""

        app.add_url_rule("/crew", view_func=pair(crew, crews))
        hasattr(crew, "nothing")
        """
    (endpoint,) = project({"app.py": textwrap.dedent(source)}).system.endpoints
    assert endpoint.path == "/crew"
    assert endpoint.handler in ("app.crew", "app.crews")


def test_two_modules_whose_functions_call_each_other_end(project: Make) -> None:
    half = """
from shop import {0}
def f(x):
    return {0}.f(x + "a") + {0}.f([x, x])
def g(x):
    return {0}.g({0}.f(x), f(x))
X = f("") + g("")
"""
    system = project(
        {
            "shop/__init__.py": "",
            "shop/a.py": half.format("b"),
            "shop/b.py": half.format("a"),
            "m.py": MODEL + LAST,
        }
    ).system
    assert [(a.function, a.table) for a in system.accesses] == [("last", "order")]
    assert {(d.file, d.line) for d in system.diagnostics if d.code == "too-complex"} >= {
        ("shop/a.py", 4),
        ("shop/b.py", 4),
    }


def test_what_stands_behind_the_last_step_may_have_changed_what_was_known() -> None:
    busy = "n = 0\nfor i in range(90):\n    n = n + i\n"
    source = "kept = [1]\nname = 'a'\n" + busy + "kept.append(2)\nname = 'b'\nlate = 3\n"
    interp = reader(modules(source), Limits(run_steps=60))
    scope = interp.program.scope("program")
    assert scope is not None
    values = {name: interp.settled(scope.env.get(name, UNKNOWN)) for name in ("kept", "name", "late")}
    assert any("takes too many steps" in one.message for one in interp.log.failures)
    computed = {"kept": [1, 2], "name": "b", "late": 3}
    assert {Differences().agrees(values[name], computed[name]) for name in computed} == {None}, "not known"
