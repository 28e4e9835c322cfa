"""The tests of a monolith that move with a service: they exercise only what it holds, and are green."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from extraction.test_needs import VIEWS, Tree, flask
from extraction.test_samples import CONTEXTS, service_of
from helpers.monolith import FIXTURES, run
from helpers.planted import planted, planted_file

from strangler.extraction import Service

RUN = {
    "django_shop": ("manage.py", "test"),
    "flask_clinic": ("-m", "unittest", "tests.test_clinic"),
    "fastapi_courier": ("-m", "unittest", "tests.test_courier"),
}
BILLS = VIEWS.format(name="billing", imports="", answer='"bill"') + '\n    COMMAND = "x"\n'


def moved(tmp_path: Path, **tests: str) -> tuple[Service, dict[str, str]]:
    files = flask(shop__billing__views=BILLS) | {"tests/__init__.py": "", "pytest.ini": "[pytest]\n"}
    files |= {f"tests/{name}.py": text for name, text in tests.items()}
    service, found = Tree(tmp_path / "tree", files, "shop.orders").service()
    for path, data in found.items():
        (tmp_path / "service" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "service" / path).write_bytes(data)
    return service, {path: data.decode() for path, data in found.items() if path.startswith("tests/")}


def passed(folder: Path, *command: str) -> int:
    """How many tests run, all of them green."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
    count = re.search(r"Ran (\d+) tests?|(\d+) passed", done.stdout + done.stderr)
    assert count is not None
    return int(count[1] or count[2])


@pytest.mark.parametrize(("monolith", "name"), CONTEXTS)
def test_the_tests_that_move_are_green(monolith: str, name: str, tmp_path: Path) -> None:
    service = service_of(planted(monolith), monolith, name, tmp_path)
    assert service.left
    if service.tests:
        assert passed(tmp_path, *RUN[monolith]) == len(service.tests)
    else:
        assert (monolith, name) == ("flask_clinic", "staff"), "its tests ask for pages of others"


def test_a_test_moves_with_what_it_needs_and_the_others_are_cut_out(tmp_path: Path) -> None:
    service, files = moved(
        tmp_path,
        conftest="""
            import pytest
            from shop.app import create_app
            from shop.billing.views import COMMAND

            @pytest.fixture
            def client():
                return create_app().test_client()

            @pytest.fixture
            def command():
                return COMMAND
            """,
        helpers="""
            from shop.billing import views
            def orders(client):
                return client.get("/orders/")
            def bills(client):
                return client.get("/billing/"), views
            """,
        test_all="""
            import pytest
            from tests.helpers import bills, orders

            class TestOrders:
                HEAD = "GET"

                @pytest.mark.parametrize("_", [1])
                def test_list(self, client, _):
                    assert self.found(orders(client)) == 200

                def test_bills(self, client):
                    assert bills(client)

                def found(self, answer):
                    return answer.status_code

            def test_command(command):
                assert command

            def test_path(client):
                for name in ["billing"]:
                    assert client.get(f"/{name}/").status_code == 200

            def test_asked(client):
                assert client.get("/billing/?page=1").status_code == 200
            """,
    )
    assert service.tests == ("tests/test_all.py::TestOrders::test_list",)
    assert {row.test.rpartition("::")[2]: row.because for row in service.left} == {
        "test_bills": "works with shop.billing.views, which stays",
        "test_command": "works with shop.billing.views, which stays",
        "test_path": "asks for /{}/, which may mean a route that the monolith answers",
        "test_asked": "asks for /billing/, which the monolith answers",
    }
    assert "billing" not in "".join(files.values())
    assert passed(tmp_path / "service", "-m", "pytest", "-q", "-p", "no:cacheprovider") == 1


def test_a_base_class_that_works_with_what_stays_keeps_its_tests_there(tmp_path: Path) -> None:
    service, files = moved(
        tmp_path,
        base="""
            import unittest
            from shop.billing.views import COMMAND
            class Base(unittest.TestCase):
                def setUp(self):
                    self.command = COMMAND
            class Other(unittest.TestCase):
                def ask(self):
                    return 1
            """,
        test_one="""
            from tests.base import Base, Other
            class OneTest(Base):
                def test_one(self): pass
            class TwoTest(Other):
                def test_two(self):
                    self.assertEqual(self.ask(), 1)
            """,
    )
    assert service.tests == ("tests/test_one.py::TwoTest::test_two",)
    assert "OneTest" not in files["tests/test_one.py"]
    assert "class Base" not in files["tests/base.py"]
    assert passed(tmp_path / "service", "-m", "pytest", "-q", "-p", "no:cacheprovider") == 1


def test_what_is_done_whenever_the_tests_are_run_moves_with_them(tmp_path: Path) -> None:
    _, files = moved(
        tmp_path,
        test_all="""
            import os
            import tempfile
            FOLDER = tempfile.mkdtemp()
            os.environ["SHOP_FOLDER"] = FOLDER
            from shop.app import create_app

            def tearDownModule():
                os.rmdir(FOLDER)

            def helper():
                return create_app

            def test_settings():
                assert os.environ["SHOP_FOLDER"]
            """,
    )
    text = files["tests/test_all.py"]
    assert 'os.environ["SHOP_FOLDER"] = FOLDER' in text
    assert "def tearDownModule" in text
    assert "def helper" not in text


def test_a_fixture_for_all_that_works_with_what_stays_keeps_all_there(tmp_path: Path) -> None:
    service, files = moved(
        tmp_path,
        conftest="""
            import pytest
            @pytest.fixture(autouse=True)
            def bills(monkeypatch):
                monkeypatch.setattr("shop.billing.views.COMMAND", "y")
            """,
        test_one="def test_one(): pass\n",
    )
    assert service.tests == ()
    assert [row.because for row in service.left] == ["names shop.billing.views.COMMAND, which stays"]
    assert not [path for path in files if path != "tests/__init__.py"]


@pytest.mark.parametrize(("monolith", "name"), [("django_shop", "billing"), ("flask_clinic", "pharmacy")])
def test_tests_that_the_code_out_makes_red_are_named_and_those_that_run_with_the_service_leave(
    monolith: str, name: str, tmp_path: Path
) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(FIXTURES / monolith, tree, ignore=shutil.ignore_patterns("__pycache__", "*.sqlite3"))
    whole = passed(tree, *RUN[monolith])
    model = planted_file(monolith, tmp_path / "model")
    run("-m", "strangler", "extract", name, "--model", model, "--source", tree, "-o", tmp_path / "out", "-q")
    removal = json.loads((tmp_path / "out" / "code-out.json").read_bytes())
    service = json.loads((tmp_path / "out" / "service.json").read_bytes())
    assert set(removal["moved"]) <= set(service["tests"])
    subprocess.run(["git", "init", "-q"], cwd=tree, check=True)
    subprocess.run(["git", "apply", str(tmp_path / "out" / "code-out.patch")], cwd=tree, check=True)
    command = [sys.executable, "-W", "ignore", *RUN[monolith]]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    count = re.search(r"Ran (\d+) tests?", done.stderr)
    assert count is not None, done.stderr
    assert int(count[1]) == whole - len(removal["moved"]), done.stderr
    left = {test["test"] for test in removal["tests"]} - set(removal["moved"])
    named = {test.replace(".py::", ".").replace("/", ".").replace("::", ".") for test in left}
    red = set(re.findall(r"^(?:FAIL|ERROR): \w+ \(([\w.]+)\)", done.stderr, re.MULTILINE))
    assert red <= named, done.stderr
