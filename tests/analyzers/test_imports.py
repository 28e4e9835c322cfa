"""Static imports: which module imports which, where, and of what kind; from files that are never run."""

import ast
import json
import subprocess
import sys
import textwrap

import pytest

from strangler.analyzers.imports import import_graph, import_statements
from strangler.reading import read_facts
from strangler.sources import scan


@pytest.fixture
def analysed(tmp_path):
    """analysed({path: text}) -> the rows, and what could not be read."""

    def run(files):
        root = tmp_path / "project"
        for path, content in files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            data = content if isinstance(content, bytes) else textwrap.dedent(content).encode()
            target.write_bytes(data)
        tree = scan(root)
        read = read_facts(tree, jobs=1, cached=False)
        rows = import_graph(tree, {file.facts.module: file.imports for file in read})
        return rows, tuple(problem for file in read for problem in file.facts.diagnostics)

    return run


def edges(result):
    return {(row.importer, row.imported) for row in result[0]}


KINDS = """\
import app.runtime
from typing import TYPE_CHECKING
import typing as t

if TYPE_CHECKING:
    from app import typed

    def inner():
        from app import typed_deferred
elif x:
    from app import elif_runtime
else:
    from app import else_runtime

if t.TYPE_CHECKING and x:
    from app import typed_and
if not TYPE_CHECKING:
    from app import not_typed

def f():
    # a comment
    if x:
        from app import (
            deferred,
        )

class A:
    from app import in_class
    async def m(self):
        with x:
            try:
                pass
            except E:
                from app import deferred_deep
            finally:
                from app import deferred_finally

if not TYPE_CHECKING:
    pass
else:
    from app import otherwise_typed
try:
    from app import in_try
except ImportError:
    from app import in_except
match x:
    case 1:
        from app import in_match
for x in y:
    from app import in_for
"""
EXPECTED = {
    "runtime": "runtime", "typed": "type_checking", "typed_deferred": "type_checking",
    "elif_runtime": "runtime",
    "else_runtime": "runtime", "typed_and": "type_checking", "not_typed": "runtime", "deferred": "deferred",
    "in_class": "runtime", "deferred_deep": "deferred", "deferred_finally": "deferred", "in_try": "runtime",
    "otherwise_typed": "type_checking", "in_except": "runtime", "in_match": "runtime", "in_for": "runtime",
}  # fmt: skip


@pytest.mark.parametrize("path", ["app/user.py", "app/test_user.py"], ids=["interpreted", "test"])
def test_kinds_come_from_where_the_statement_stands(analysed, path):
    files = {f"app/{name}.py": "" for name in EXPECTED} | {"app/__init__.py": "", path: KINDS}
    rows, _ = analysed(files)
    module = path[:-3].replace("/", ".")
    found = {row.imported.removeprefix("app."): row.kind for row in rows if row.importer == module}
    assert found == EXPECTED | ({"app": "runtime"} if "app" in found else {})


def test_each_place_has_its_row_and_its_line(analysed):
    rows, _ = analysed(
        {"a/__init__.py": "", "a/x.py": "", "a/y.py": "import a.x\n\n\ndef f():\n    from a import x\n"}
    )
    assert [(row.imported, row.line, row.kind) for row in rows] == [
        ("a.x", 1, "runtime"),
        ("a.x", 5, "deferred"),
    ]


PROJECT = {
    "app/__init__.py": "from .models import Order\n",
    "app/models.py": "from . import fields\nfrom .fields import *\nX = 1\nOrder = 2\n",
    "app/fields.py": "import app\n",
    "app/deep/__init__.py": "",
    "app/deep/er/__init__.py": "from ... import models\nfrom ..up import thing as other\n",
    "app/deep/er/x.py": "import app.deep.er.y as y, app.fields\nfrom app.deep.er import y as z\n",
    "app/deep/er/y.py": "from app import models, Order\nfrom app.models import Order, X\n",
    "app/deep/up.py": "thing = 1\nimport json\nimport os.path\nfrom app.nowhere import x\n",
    "main.py": "import app.deep.er.x\nimport helper\nfrom app import deep\n",
    "helper.py": "",
}


def test_edges_are_those_that_python_executes(analysed, tmp_path):
    """The same small project, really imported, with every import statement watched."""
    files = PROJECT | {"app/deep/up.py": PROJECT["app/deep/up.py"].replace("from app.nowhere import x\n", "")}
    found = edges(analysed(files))
    watch = tmp_path / "watch.py"
    watch.write_text(
        "import builtins, json, sys\n"
        "real, seen = builtins.__import__, []\n"
        "def spy(name, g=None, l=None, names=(), level=0):\n"
        "    module = real(name, g, l, names, level)\n"
        "    if g and g.get('__file__', '').startswith(sys.argv[1]):\n"
        "        base = sys.modules[__import__('importlib.util').util.resolve_name('.' * level + name, "
        "g.get('__package__') or '') if level else name].__name__\n"
        "        for one in (names or ['']):\n"
        "            full = f'{base}.{one}'\n"
        "            seen.append((g['__name__'], full if full in sys.modules else base))\n"
        "    return module\n"
        "builtins.__import__ = spy\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "real('main')\n"
        "print(json.dumps(seen))\n"
    )
    root = tmp_path / "project"
    done = subprocess.run(
        [sys.executable, "-B", watch, root], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    first_party = {path[:-3].replace("/", ".").removesuffix(".__init__") for path in files}
    executed = {
        (a, b) for a, b in json.loads(done.stdout) if a in first_party and b in first_party and a != b
    }
    assert executed
    assert executed == found


def test_directories_without_init_are_part_of_the_graph(analysed):
    result = analysed(
        {
            "app/__init__.py": "",
            "app/a.py": "from app.ns.deep import b\n",
            "app/ns/deep/b.py": "from ...a import x\n",
        }
    )
    assert edges(result) == {("app.a", "app.ns.deep.b"), ("app.ns.deep.b", "app.a")}


def test_a_sandbox_s_own_names_are_resolved(analysed):
    result = analysed(
        {
            "src/shop/__init__.py": "",
            "src/shop/a.py": "",
            "sandbox/manage.py": 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")\n',
            "sandbox/settings.py": "",
            "sandbox/urls.py": "import shop.a\nimport settings\nfrom apps import x\n",
            "sandbox/apps/__init__.py": "",
            "sandbox/apps/x.py": "",
        }
    )
    assert edges(result) == {("urls", "shop.a"), ("urls", "settings"), ("urls", "apps.x")}


ENCODINGS = {
    "Latin-1": "# coding: latin-1\nname = 'é'\nimport app.b\n".encode("latin-1"),
    "an alias that only Python knows": "# coding: utf\nname = 'é'\nimport app.b\n".encode(),
    "a parameter that looks like a cookie": b"def f(encoding: str = 'x'): pass\n\nimport app.b\n",
    "a byte order mark": "\ufeffname = 'é'\n\nimport app.b\n".encode(),
    "carriage returns": b"x = 1\r\rimport app.b\r",
    "Windows line ends": b"x = 1\r\n\r\nimport app.b\r\n",
}


@pytest.mark.parametrize("role", ["", "test_"])
@pytest.mark.parametrize("data", ENCODINGS.values(), ids=ENCODINGS.keys())
def test_odd_encodings_are_read_with_their_lines(analysed, data, role):
    rows, diagnostics = analysed({"app/__init__.py": "", "app/b.py": "", f"app/{role}a.py": data})
    assert [(row.imported, row.line) for row in rows] == [("app.b", 3)]
    assert diagnostics == ()


@pytest.mark.parametrize("role", ["", "test_"])
def test_python_2_files_have_their_imports_too(analysed, role):
    rows, _ = analysed(
        {"app/__init__.py": "", "app/b.py": "", f"app/{role}a.py": "print 'x'\nfrom app import b\n"}
    )
    assert [(row.imported, row.line) for row in rows] == [("app.b", 2)]


def test_two_services_with_one_package_name_import_their_own(analysed):
    files = {
        "app/__init__.py": "",
        "app/main.py": "from app import db\nimport app.db\n",
        "app/db.py": "import lib.x\n",
    }
    services = {f"{root}/{path}": text for root in ("one", "two") for path, text in files.items()}
    tests = {"two/app/test_db.py": "from app.db import x\n", "lib/__init__.py": "", "lib/x.py": ""}
    assert edges(analysed(services | tests)) == {
        ("app.main", "app.db"),
        ("two.app.main", "two.app.db"),
        ("two.app.test_db", "two.app.db"),
        ("app.db", "lib.x"),
        ("two.app.db", "lib.x"),
    }


def test_python_2_looks_beside_the_file_first(analysed):
    files = {"app/__init__.py": "", "app/b.py": "", "app/json.py": "", "b.py": "", "c.py": ""}
    imports = "import b, c\nfrom b import x\nimport app.b\nimport os\nprint 1\n"
    assert edges(analysed(files | {"app/a.py": imports})) == {("app.a", "app.b"), ("app.a", "c")}
    absolute = "from __future__ import absolute_import\n" + imports
    assert edges(analysed(files | {"app/a.py": absolute})) == {
        ("app.a", name) for name in ("b", "c", "app.b")
    }


def test_a_bad_test_file_is_named_and_the_others_are_read(analysed):
    files = {"app/__init__.py": "", "app/b.py": "", "tests/test_b.py": "import app.b\n"}
    rows, diagnostics = analysed(
        files
        | {
            "tests/test_syntax.py": "import app.b\ndef f(:\n",
            "tests/test_bytes.py": b"import app.b\nx = '\xe9'\n",
            "tests/test_binary.py": b"import app.b\0",
        }
    )
    assert edges((rows, ())) == {("tests.test_b", "app.b")}
    assert {(item.file, item.code, item.line) for item in diagnostics} == {
        ("tests/test_syntax.py", "syntax-error", 2),
        ("tests/test_bytes.py", "encoding-error", 2),
        ("tests/test_binary.py", "encoding-error", 1),
    }


@pytest.mark.parametrize(
    "bomb", ["x = a" + ".b" * 100_000, "x = a" + ".b()" * 60_000, "x = a" + " + a" * 100_000]
)
def test_a_file_nested_too_deeply_costs_only_itself(analysed, bomb):
    good = {f"tests/test_{number}.py": "import app.b\n" for number in range(40)}
    rows, _ = analysed({"app/__init__.py": "", "app/b.py": "", "tests/test_bomb.py": bomb} | good)
    assert len(rows) == 40


def test_many_files_of_python_2_are_all_read(analysed):
    files = {f"tests/test_{number}.py": f"print 'x'\nimport app.b{number % 2}\n" for number in range(130)}
    rows, diagnostics = analysed({"app/__init__.py": "", "app/b0.py": "", "app/b1.py": ""} | files)
    assert len(rows) == 130
    assert {item.code for item in diagnostics} == {"python2"}


def test_nothing_of_the_monolith_is_run(analysed, tmp_path, monkeypatch):
    """Packages that would write a file when imported, under the names of modules that the tools import."""
    marker = tmp_path / "ran"
    evil = f"open({str(marker)!r}, 'a').write(__name__)\n"
    names = (
        "evil",
        "grimp",
        "logging",
        "json",
        "typing",
        "limits",
        "strangler",
        "encodings",
        "sitecustomize",
    )
    files = {f"{name}/__init__.py": evil for name in names} | {
        f"{name}/sub.py": f"import {name}\n" for name in names
    }
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "project"))
    rows, _ = analysed(files)
    assert not marker.exists()
    assert {(f"{name}.sub", name) for name in names} <= {(row.importer, row.imported) for row in rows}


def test_the_tree_is_left_as_it_was(analysed, tmp_path):
    files = {
        "app/__init__.py": "",
        "app/a.py": "import app.ns.b\n",
        "app/ns/b.py": b"# coding: latin-1\nx = '\xe9'\n",
    }
    analysed(files)
    found = {
        path.relative_to(tmp_path / "project").as_posix() for path in (tmp_path / "project").rglob("*.*")
    }
    assert found == set(files)


def test_the_same_tree_gives_the_same_rows(analysed):
    first, second = analysed(PROJECT), analysed(PROJECT)
    assert first == second
    assert list(first[0]) == sorted(first[0], key=lambda row: (row.importer, row.imported, row.line))


def test_statements_are_kept_as_written():
    found = import_statements(
        ast.parse("from ..a import (b as c,\n  d)\nimport e.f as g, h\nfrom . import *\n")
    )
    assert [(s.line, s.level, s.module, s.names, s.star) for s in found] == [
        (1, 2, "a", (("b", "c"), ("d", None)), False),
        (3, 0, "", (("e.f", "g"), ("h", None)), False),
        (4, 1, "", (), True),
    ]
