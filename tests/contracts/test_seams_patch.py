"""The patch itself, on small trees: what it changes and keeps; its adapters over real HTTP."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from helpers.seams import TOKEN, apply
from test_operations import with_contexts

from strangler.contracts.operations import find_operations
from strangler.contracts.seams import Seams, build_seams, seam_files
from strangler.contracts.seams.patch import patch_of, quoted
from strangler.sources import scan

STOCK = """
import datetime
import decimal
import os
from dataclasses import dataclass


class OutOfStock(Exception):
    def __init__(self, code, left):
        super().__init__(code, left)
        self.left = left


@dataclass
class Level:
    code: str
    price: decimal.Decimal
    at: datetime.datetime


def level(code: str) -> Level:
    os.stat(code)
    if code == "/":
        raise OutOfStock(code, 7)
    return Level(code, decimal.Decimal("1.50"), datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc))


def note(code: str, text: str = "it's \\"new\\"") -> None:
    with open(code, "a") as file:
        file.write(text)


class Shelf:
    @staticmethod
    def paths(below: str, *, most: int = len("three")) -> list[str]:
        return sorted(os.listdir(below))[:most]
"""
ORDERS = '''"""Orders."""

from app import stock as goods
from app.stock import (
    Level,  # the record stays
    level,
    note as remark,
)
from app.stock import Shelf


def order(code):
    # every byte but the imports stays
    found = level(code)   ;  remark(code)
    assert isinstance(found, Level)
    return found, goods.note(code, "x")


def names(below):
    from app.stock import Shelf as Rack

    return Rack.paths(below), Shelf.paths(below, most=1)
'''


def tree(root: Path, **files: str) -> Path:
    for name, text in {"app/__init__.py": "", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return root


def seams_of(root: Path) -> Seams:
    model = with_contexts(root, {"stock": ["app.stock"], "orders": ["app.orders"]})
    found = find_operations(model)
    return build_seams(model, scan(root), found)


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> tuple[Path, Seams]:
    """A tree with its seams applied."""
    root = tree(tmp_path_factory.mktemp("app"), **{"app/stock.py": STOCK, "app/orders.py": ORDERS})
    found = seams_of(root)
    apply(root, found.patch)
    return root, found


def test_only_imports_and_names_of_called_things_change(app):
    root, found = app
    text = (root / "app/orders.py").read_text()
    assert found.files == ("app/orders.py",)
    assert "    found = level(code)   ;  remark(code)\n" in text
    assert "    Level,  # the record stays\n" in text
    assert "from app.seams.stock import level, note as remark\n" in text
    assert "from app.stock import (\n    Level,  # the record stays\n)\n" in text
    assert 'return found, stock_seam.note(code, "x")' in text
    assert "return stock_seam.Shelf_paths(below), stock_seam.Shelf_paths(below, most=1)" in text
    assert "goods" not in text
    assert found.calls == 5


def run(root: Path, program: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=root,
        env={"PATH": "", "SEAM_TOKEN": TOKEN, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


SERVED = """
import os, threading
from wsgiref.simple_server import WSGIRequestHandler, make_server
from app.seams import client, server, stock
client.BACKOFF = client.LONGEST = 0.01


class Quiet(WSGIRequestHandler):
    def log_message(self, *arguments):
        pass


provider = server.Provider("stock")
answers, seen = [], []


def application(environ, start_response):
    seen.append(environ["PATH_INFO"])
    status = answers.pop(0) if answers else 200
    if status != 200:
        start_response(f"{status} Planned", [("Content-Length", "0")])
        return [b""]
    return provider(environ, start_response)


http = make_server("127.0.0.1", 0, application, handler_class=Quiet)
threading.Thread(target=http.serve_forever, daemon=True).start()
os.environ["SEAM_STOCK_URL"] = f"http://127.0.0.1:{http.server_port}"
"""


def test_values_cross_as_the_types_that_they_were(app):
    root, _ = app
    program = SERVED + "from app.orders import level\nprint(level('/tmp'), seen)"
    assert run(root, program) == (
        "Level(code='/tmp', price=Decimal('1.50'), "
        "at=datetime.datetime(2026, 3, 1, 0, 0, tzinfo=datetime.timezone.utc)) ['/_strangler/stock/level']"
    )


def test_defaults_that_are_worked_out_stay_with_the_provider(app):
    root, _ = app
    program = SERVED + "from app import orders\nprint([len(part) for part in orders.names('/')])"
    assert run(root, program) == "[5, 1]"


def test_exceptions_cross_as_their_own_class_with_what_they_carry(app):
    program = """
    from app.stock import OutOfStock
    try:
        stock.level("/")
    except OutOfStock as error:
        print(type(error).__name__, error.args, error.left)
    """
    assert run(app[0], SERVED + textwrap.dedent(program)) == "OutOfStock ('/', 7) 7"


def test_an_exception_that_is_not_declared_is_told_without_its_text(app):
    program = """
    try:
        stock.level("/no/such/file")
    except client.RemoteError as error:
        print("status 500" in str(error), "No such file" in str(error))
    """
    assert run(app[0], SERVED + textwrap.dedent(program)) == "True False"


def test_reads_are_repeated_and_writes_are_not(app):
    program = """
    answers[:] = [503, 502]
    stock.level("/tmp")
    reads = len(seen)
    answers[:] = [503]
    try:
        stock.note("/dev/null", "x")
    except client.Unavailable:
        print(reads, len(seen) - reads)
    """
    assert run(app[0], SERVED + textwrap.dedent(program)) == "3 1"


def test_the_circuit_opens_after_failures_in_a_row_and_closes_again(app):
    program = """
    import time
    client.FAILURES, client.PAUSE = 3, 0.2
    answers[:] = [503] * 3
    for _ in range(5):
        try:
            stock.note("/dev/null", "x")
        except client.Unavailable as error:
            print("circuit open" in str(error), len(seen))
    time.sleep(0.3)
    stock.note("/dev/null", "x")
    stock.note("/dev/null", "x")
    print(len(seen))
    """
    assert run(app[0], SERVED + textwrap.dedent(program)).split("\n") == [
        "False 1",
        "False 2",
        "False 3",
        "True 3",
        "True 3",
        "5",
    ]


def test_a_fall_back_answers_where_the_service_does_not(app):
    program = """
    stock.FALLBACKS["level"] = lambda code: "unknown " + code
    http.shutdown(); http.server_close()
    print(stock.level("/tmp"))
    """
    assert run(app[0], SERVED + textwrap.dedent(program)) == "unknown /tmp"


def test_another_type_than_the_seam_was_made_for_is_an_error_and_never_sent(app):
    program = """
    from app.seams import wire
    try:
        stock.level(5)
    except wire.WireError as error:
        print(error, len(seen))
    """
    assert run(app[0], SERVED + textwrap.dedent(program)) == "code: int is not str 0"


def test_the_provider_answers_nobody_without_the_token(app):
    program = """
    os.environ["SEAM_TOKEN"] = ""
    try:
        stock.level("/tmp")
    except client.RemoteError as error:
        print("status 401" in str(error))
    """
    assert run(app[0], SERVED + textwrap.dedent(program)) == "True"


def test_with_the_switch_off_a_name_replaced_by_a_test_is_still_used(app):
    program = """
    from unittest import mock
    from app import orders, stock
    with mock.patch("app.stock.note") as provider, mock.patch("app.orders.remark") as caller:
        orders.order("/tmp")
    print(provider.call_args_list, caller.call_args_list)
    """
    assert run(app[0], program) == """[call('/tmp', 'x')] [call('/tmp')]"""


def test_the_generated_code_is_valid_for_python_3_8(app):
    import ast

    for path in sorted((app[0] / "app/seams").glob("*.py")):
        ast.parse(path.read_text(), feature_version=(3, 8))


def test_names_of_operations_and_parameters_do_not_clash_with_the_seam(tmp_path):
    stock = "import os\n\n\ndef client(port: int, wire: str = str(1)) -> str:\n"
    stock += "    os.stat('/')\n    return wire * port\n"
    orders = "from app.stock import client\n\n\ndef order():\n    return client(3)\n"
    root = tree(tmp_path, **{"app/stock.py": stock, "app/orders.py": orders})
    apply(root, seams_of(root).patch)
    assert run(root, "from app import orders\nprint(orders.order())") == "111"


def test_the_same_input_gives_the_same_bytes(tmp_path):
    root = tree(tmp_path, **{"app/stock.py": STOCK, "app/orders.py": ORDERS})
    assert seams_of(root) == seams_of(root)


def test_applied_once_the_calls_cross_no_more(app):
    again = seams_of(app[0])
    assert again.patch == b""


def test_line_ends_encodings_and_a_missing_last_line_feed_are_kept(tmp_path):
    orders = (
        "# -*- coding: latin-1 -*-\r\nfrom app.stock import note\r\n\r\n\r\ndef order():\r\n    note('\xe9')"
    )
    root = tree(tmp_path, **{"app/stock.py": STOCK})
    (root / "app/orders.py").write_bytes(orders.encode("latin-1"))
    subprocess.run(["git", "apply", "-"], cwd=root, input=seams_of(root).patch, check=True)
    expected = orders.replace("app.stock", "app.seams.stock").encode("latin-1")
    assert (root / "app/orders.py").read_bytes() == expected


def test_a_module_that_registers_something_is_still_imported(tmp_path):
    stock = (
        "from celery import shared_task\nimport os\n\n\n"
        "@shared_task\ndef count():\n    pass\n\n\ndef note(code: str) -> None:\n    os.remove(code)\n"
    )
    orders = "from app.stock import note\n\n\ndef order():\n    note('a')\n"
    main = "from app.orders import order\n"
    root = tree(tmp_path, **{"app/stock.py": stock, "app/orders.py": orders, "app/main.py": main})
    apply(root, seams_of(root).patch)
    text = (root / "app/orders.py").read_text()
    assert "import app.stock  # noqa: F401 (registers)\nfrom app.seams.stock import note\n" in text


def test_hostile_names_stay_strings(tmp_path):
    stock = (
        "import os\n\n\ndef note(code: str):\n    os.remove(code)\n"
        "    return {'\"]; import os; os.abort()  #': 1, 'it\\'s\\n\\\\': 2}\n"
    )
    root = tree(
        tmp_path,
        **{
            "app/stock.py": stock,
            "app/orders.py": "from app.stock import note\n\n\ndef f():\n    return note('a')\n",
        },
    )
    apply(root, seams_of(root).patch)
    program = (
        "from app.seams import stock\nprint(stock.OPERATIONS[0].result.encode({'it\\'s\\n\\\\': 2}, ''))"
    )
    assert run(root, program) == """{"it's\\n\\\\": 2}"""


def test_a_file_that_libcst_cannot_take_stays_as_it_is(tmp_path):
    nested = "x = " + "(" * 150 + "1" + ")" * 150 + "\n"
    orders = "from app.stock import note\n\n\ndef f():\n    note('a')\n\n\n" + nested * 3
    other = "from app.stock import note\n\n\ndef g():\n    note('a')\n"
    root = tree(tmp_path, **{"app/stock.py": STOCK, "app/orders.py": orders, "app/more.py": other})
    model = with_contexts(root, {"stock": ["app.stock"], "orders": ["app.orders", "app.more"]})
    found = build_seams(model, scan(root), find_operations(model))
    assert "app/more.py" in found.files
    assert ("app/orders.py" in found.files) or any(item.file == "app/orders.py" for item in found.diagnostics)


def test_a_path_with_odd_characters_is_quoted_as_git_does():
    assert quoted("a/caf\xe9\t.py") == '"a/caf\\303\\251\\011.py"'
    assert patch_of("new.py", None, b"").startswith(b"diff --git a/new.py b/new.py\nnew file mode 100644\n")


def test_the_files_of_a_plan_list_what_blocks(tmp_path):
    root = tree(tmp_path, **{"app/stock.py": STOCK, "app/orders.py": ORDERS + "\n\nNOW = level('/')\n"})
    model = with_contexts(root, {"stock": ["app.stock"], "orders": ["app.orders"]})
    found = find_operations(model)
    files = seam_files(found, build_seams(model, scan(root), found))
    assert sorted(files) == ["BLOCKERS.md", "operations.json", "seams.patch"]
    assert "called while the module is imported" in files["BLOCKERS.md"].decode()


@pytest.mark.skipif(sys.platform == "win32", reason="refuses such names")
def test_a_patch_of_files_with_hostile_names_changes_those_files_alone(tmp_path: Path) -> None:
    names = [
        "a\n--- a/INJECTED\n+++ b/INJECTED\n@@ -0,0 +1 @@\n+x.py", 'b" \'`$(touch INJECTED)`.py',
        "c\tx\\n.py", "d b/d.py", " e .py", "é\u2028|{{ 7*7 }}</script>.py", "f\r.py", "-g.py", "\\.py",
    ]  # fmt: skip
    contents = [(b"x = 1\n", b"x = 2\n"), (b"x = 1\n--- a/y\n+++ b/y\n", None), (None, b"-- a/INJECTED\n")]
    patch, wanted = b"", {}
    for number, name in enumerate(f"{folder}/{name}" for name in names for folder in "pqr"):
        old, new = contents[number % 3]
        if old is not None:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(old)
        if new is not None:
            wanted[name] = new
        patch += patch_of(name, old, new)
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=patch, check=True)
    found = {p.relative_to(tmp_path).as_posix(): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert found == wanted
