"""What has to be installed for a service: the monolith's requirements, none that stay behind."""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest
from extraction.test_needs import VIEWS, Tree, flask
from extraction.test_samples import service_of
from helpers.monolith import copy_of, serving
from helpers.planted import planted

from strangler.sources.requirements import asked, locked

IMPORTS = "import yaml, google.cloud.storage"
FILES = flask(
    shop__orders__views=VIEWS.format(name="orders", imports=IMPORTS, answer='"x"'),
    shop__billing__views=VIEWS.format(name="billing", imports="import stripe, requests", answer='"x"'),
)
LIST = """\
--index-url https://pypi.example.org/simple
Flask==3.1.0
PyYAML>=6  # of the orders
stripe[async]==11.4.1
requests>=2.32 ; python_version >= "3.8"
google-cloud-storage==2.19
gunicorn
psycopg2-binary==2.9
unknown-thing==1.0
-e ./libs/ours
"""


def made(tmp_path: Path, **files: str) -> tuple[dict[str, str], dict[str, tuple[bool, str]]]:
    """The text of the service's files, and what became of each requirement."""
    named = {path.replace("__", "/").replace("_DOT_", "."): text for path, text in files.items()}
    service, found = Tree(tmp_path, FILES | named, "shop.orders").service()
    said = {item.name: (item.kept, item.because) for item in service.dependencies}
    return {path: data.decode() for path, data in found.items()}, said


def test_what_only_modules_that_stay_import_is_left_out_and_its_version_still_binds(tmp_path: Path) -> None:
    files, said = made(tmp_path, requirements_DOT_txt=LIST)
    assert files["requirements.txt"].splitlines() == [
        "-c constraints-requirements.txt",
        "--index-url https://pypi.example.org/simple",
        "Flask==3.1.0",
        "PyYAML>=6  # of the orders",
        "google-cloud-storage==2.19",
        "gunicorn",
        "psycopg2-binary==2.9",
        "unknown-thing==1.0",
        "-e ./libs/ours",
    ]
    assert files["constraints-requirements.txt"].splitlines() == [
        "stripe==11.4.1",
        'requests>=2.32 ; python_version >= "3.8"',
    ]
    assert said == {
        "Flask": (True, "imported"),
        "PyYAML": (True, "imported"),
        "google-cloud-storage": (True, "imported"),
        "stripe": (False, "only what stays imports it"),
        "requests": (False, "only what stays imports it"),
        "gunicorn": (True, "a server"),
        "psycopg2-binary": (True, "a database driver"),
        "unknown-thing": (True, "no import of it is known"),
    }


def test_what_a_requirement_that_goes_had_brought_is_asked_for_itself(tmp_path: Path) -> None:
    views = FILES["shop/orders/views.py"].replace("import yaml,", "import yaml, recurrence,")
    project = '[project]\ndependencies = ["flask", "pyyaml", "google-cloud-storage", "stripe", "requests"]\n'
    lock = "".join(
        f'[[package]]\nname = "{name}"\nversion = "1"\n' for name in ("django-recurrence", "flask", "stripe")
    )
    files, _ = made(tmp_path, pyproject_DOT_toml=project, uv_DOT_lock=lock, shop__orders__views_DOT_py=views)
    rows = files["requirements.txt"].splitlines()
    assert "stripe" not in rows
    assert rows[-1] == "django-recurrence"


def test_where_an_import_is_brought_by_nothing_known_no_requirement_goes(tmp_path: Path) -> None:
    views = FILES["shop/orders/views.py"].replace("import yaml,", "import yaml, odd,")
    files, said = made(tmp_path, requirements_DOT_txt=LIST, shop__orders__views_DOT_py=views)
    assert files["requirements.txt"] == LIST
    assert said["stripe"] == (True, "no import of it is known")


def test_a_compiled_list_keeps_what_its_kept_rows_ask_for_and_no_more(tmp_path: Path) -> None:
    text = """\
        certifi==2025.1 \\
            --hash=sha256:aa
            # via requests
        flask==3.1.0 \\
            --hash=sha256:bb
            # via -r requirements.in
        click==3.1 \\
            --hash=sha256:cc
            # via
            #   flask
        google-cloud-storage==2.19 \\
            --hash=sha256:ff
            # via -r requirements.in
        pyyaml==6.0 \\
            --hash=sha256:00
            # via -r requirements.in
        requests==2.32 \\
            --hash=sha256:dd
            # via
            #   -r requirements.in
            #   stripe
        stripe==11.4.1 \\
            --hash=sha256:ee
            # via -r requirements.in
        """
    files, said = made(tmp_path, requirements_DOT_txt=text)
    assert [line.split()[0] for line in files["requirements.txt"].splitlines() if "==" in line] == [
        "flask==3.1.0",
        "click==3.1",
        "google-cloud-storage==2.19",
        "pyyaml==6.0",
    ]
    assert said["click"] == (True, "flask asks for it")
    assert said["certifi"] == (False, "nothing that is kept asks for it")


def test_a_list_of_hashes_that_does_not_say_what_for_is_taken_over_whole(tmp_path: Path) -> None:
    text = "flask==3.1.0 --hash=sha256:aa\nstripe==11.4.1 --hash=sha256:bb\n"
    files, said = made(tmp_path, requirements_DOT_txt=text)
    assert files["requirements.txt"] == text
    assert said == {}


def test_a_project_becomes_a_list_held_to_its_lock(tmp_path: Path) -> None:
    project = """
        [tool.poetry.dependencies]
        python = "^3.11"
        flask = "^3.1"
        pyyaml = {version = "~6.0", extras = ["c"]}
        stripe = "*"
        [tool.poetry.group.dev.dependencies]
        black = "*"
        google-cloud-storage = "*"
        """
    lock = '[[package]]\nname = "flask"\nversion = "3.1.0"\n[[package]]\nname = "stripe"\nversion = "11"\n'
    files, _ = made(tmp_path, pyproject_DOT_toml=project, poetry_DOT_lock=lock)
    assert files["requirements.txt"].splitlines() == [
        "-c constraints-monolith.txt",
        "flask>=3.1,<4",
        "pyyaml[c]>=6.0,<6.1",
        "google-cloud-storage",
    ]
    assert files["constraints-monolith.txt"] == "flask==3.1.0\nstripe==11\n"
    assert "poetry.lock" not in files


def test_lists_that_a_list_names_come_along_and_those_of_other_folders_do_not(tmp_path: Path) -> None:
    files, _ = made(
        tmp_path,
        requirements__production_DOT_txt="-r ../pins/all.txt\nflask\n",
        pins__all_DOT_txt="click==8.1\n",
        docs__requirements_DOT_txt="sphinx\n",
    )
    assert {"requirements/production.txt", "pins/all.txt"} <= files.keys()
    assert "docs/requirements.txt" not in files


@pytest.mark.parametrize(
    ("version", "meant"),
    [
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1", ">=1,<2"),
        ("1.2", "==1.2"),
        (">=1,<3", ">=1,<3"),
        ("~=1.4", "~=1.4"),
        ("*", ""),
    ],
)
def test_versions_of_poetry_are_written_as_the_standard_does(version: str, meant: str) -> None:
    text = f'[tool.poetry.dependencies]\nx = "{version}"\n'
    assert [one.text for one in asked("pyproject.toml", text)] == [f"x{meant}"]


def test_a_version_for_each_platform_binds_none() -> None:
    text = """
        [[package]]
        name = "a"
        version = "1"
        [[package]]
        name = "a"
        version = "2"
        [[package]]
        name = "ours"
        version = "3"
        source = { editable = "." }
        [[package]]
        name = "b"
        version = "4"
        source = { registry = "https://pypi.org/simple" }
        """
    assert locked("uv.lock", text) == {"b": "4"}


@pytest.mark.parametrize(
    ("monolith", "name"),
    [("django_shop", "catalog"), ("flask_clinic", "pharmacy"), ("fastapi_courier", "tracking")],
)
def test_a_service_starts_with_what_its_own_list_installs(
    monolith: str, name: str, tmp_path: Path, seeded: Callable[[str], Path]
) -> None:
    service_of(planted(monolith), monolith, name, tmp_path / "service")
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    done = subprocess.run(
        [python, "-m", "pip", "install", "-q", "--no-input", "-r", tmp_path / "service/requirements.txt"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and ("connection" in done.stderr.lower() or "resolve" in done.stderr):
        pytest.skip(f"no package index can be reached: {done.stderr[-300:]}")
    assert done.returncode == 0, done.stderr
    database = copy_of(seeded(monolith), tmp_path)
    with serving(monolith, database, folder=tmp_path / "service", python=python) as running:
        assert running.process.poll() is None
