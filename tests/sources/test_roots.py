"""Import roots: found by what files say of Python's path and by what the code imports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from strangler.sources.tree import SourceTree, scan

Files = dict[str, str]
Scan = Callable[[Files], SourceTree]


@pytest.fixture
def scanned(tmp_path: Path) -> Scan:
    def run(files: Files) -> SourceTree:
        for path, text in files.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return scan(tmp_path)

    return run


def app(directory: str, package: str, *, relative: bool = False) -> Files:
    """An app in a directory that is imported as a package."""
    start = "" if relative else package
    return {
        f"{directory}/__init__.py": "",
        f"{directory}/models.py": "class Boat:\n    pass\n",
        f"{directory}/views.py": f"from {start}.models import Boat\n",
        f"{directory}/urls.py": f"from {start or '.'} import views\n",
    }


APPS = {"shop/__init__.py": "", "shop/apps/__init__.py": "", **app("shop/apps/fleet", "fleet")}
RELATIVE = {**APPS, **app("shop/apps/fleet", "fleet", relative=True)}
INSIDE = {"shop/apps/fleet/models.py": "fleet.models", "shop/apps/fleet/views.py": "fleet.views"}

LAYOUTS: dict[str, tuple[Files, dict[str, str]]] = {
    "settings that put a path together from variables": (
        {
            **RELATIVE,
            "shop/settings.py": "import os, sys\nROOT = os.path.dirname(__file__)\n"
            "APPS_DIR = os.path.join(ROOT, 'apps')\nsys.path.insert(0, APPS_DIR)\nINSTALLED_APPS = ['x.y']\n",
            "shop/urls.py": "urlpatterns = [path('', include('fleet.urls'))]\n",
        },
        INSIDE,
    ),
    "an image with PYTHONPATH": (
        {**APPS, "Dockerfile": "FROM python:3\nWORKDIR /code\nENV PYTHONPATH=$PYTHONPATH:/code/shop/apps\n"},
        INSIDE,
    ),
    "a compose file with PYTHONPATH, an app called like a library that is asked for": (
        {
            **APPS,
            "docker-compose.yml": "services:\n  web:\n    environment:\n      PYTHONPATH: /srv/shop/apps\n",
            "requirements.txt": "django\ndjango-fleet==1.0\n",
        },
        INSIDE,
    ),
    "nothing but imports from elsewhere": (
        {**APPS, "shop/main.py": "from fleet.models import Boat\n"},
        INSIDE,
    ),
    "an app that is named in INSTALLED_APPS alone": (
        {**RELATIVE, "shop/settings.py": "INSTALLED_APPS = [\n    'fleet.apps.FleetConfig',\n]\n",
         "shop/apps/fleet/apps.py": ""},
        INSIDE,
    ),
    "a module of functions, imported by names that it defines": (
        {"shop/__init__.py": "", "shop/lib/__init__.py": "", "shop/lib/money.py": "def cents(x):\n    pass\n",
         "shop/a.py": "from money import cents\n"},
        {"shop/lib/money.py": "money"},
    ),
    "a module called like a library, which has not the names that are imported": (
        {"shop/__init__.py": "", "shop/lib/__init__.py": "", "shop/lib/redis.py": "def go():\n    pass\n",
         "shop/a.py": "from redis import Redis\n", "shop/b.py": "import redis\n"},
        {"shop/lib/redis.py": "shop.lib.redis"},
    ),
    "imports of an app that is a library, beside a directory of that name": (
        {**APPS, "requirements/base.txt": "django-fleet==1.0\n"},
        {"shop/apps/fleet/models.py": "shop.apps.fleet.models"},
    ),
    "imports that Python 2 looks up beside the file": (
        {"shop/__init__.py": "", "shop/orders/__init__.py": "", "shop/orders/models.py": "class A: pass\n",
         "shop/orders/views.py": "from models import A\n", "shop/a.py": "import shop.orders.views\n"},
        {"shop/orders/models.py": "shop.orders.models"},
    ),
    "what tests import": (
        {**RELATIVE, "tests/test_a.py": "from fleet.models import Boat\n"},
        {"shop/apps/fleet/models.py": "shop.apps.fleet.models"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), LAYOUTS.values(), ids=list(LAYOUTS))
def test_the_roots_are_those_that_explain_what_the_code_imports(
    scanned: Scan, files: Files, expected: dict[str, str]
) -> None:
    found = {file.path: file.module for file in scanned(files).files}
    assert {path: found[path] for path in expected} == expected


def test_of_two_copies_each_has_its_own_root(scanned: Scan) -> None:
    start = {"shop/main.py": "from fleet.models import Boat\n"}
    copies = {f"{site}/{path}": text for site in ("one", "two") for path, text in {**APPS, **start}.items()}
    assert {"one/shop/apps", "two/shop/apps"} <= set(scanned(copies).roots)


def test_a_package_that_most_imports_name_in_full_keeps_its_names_and_has_the_short_ones_too(
    scanned: Scan,
) -> None:
    names = "import shop.apps.fleet\nimport shop.apps\nfrom shop.apps.fleet.models import Boat\n"
    tree = scanned({**RELATIVE, "shop/a.py": names, "shop/b.py": "from fleet.models import Boat\n",
                    "shop/c.py": names})  # fmt: skip
    assert "shop.apps.fleet.models" in {file.module for file in tree.files}
    assert tree.names.canonical("fleet.models") == "shop.apps.fleet.models"


def test_the_libraries_asked_for_are_read_from_every_kind_of_requirements(scanned: Scan) -> None:
    tree = scanned({
        "requirements/base.in": "# comment\n-r other.txt\nPyJWT[crypto]>=2\n",
        "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["django-filter>=2"]\n'
        '[tool.poetry.dependencies]\npython-dateutil = "*"\n',
        "setup.cfg": "[options]\ninstall_requires =\n    celery>=5\n",
        "a/setup.py": "setup(name='harbour', install_requires=[\n  'redis>=3',\n])\n",
        "b/Pipfile": '[packages]\nstripe = "*"\n',
    })  # fmt: skip
    assert tree.declared >= {"jwt", "filter", "django_filter", "dateutil", "celery", "redis", "stripe"}
    assert tree.declared.isdisjoint({"shop", "harbour", "comment", "other"})


@pytest.mark.parametrize("asked_for", ["requirements", "Python's own"])
def test_a_package_on_the_path_hides_no_library_that_a_module_of_it_is_called_like(
    scanned: Scan, asked_for: str
) -> None:
    library = "celery" if asked_for == "requirements" else "logging"
    found = scanned(
        {
            "requirements.txt": "celery\n",
            "shop/__init__.py": "",
            "shop/setup.py": "from setuptools import find_packages, setup\nsetup(packages=find_packages())\n",
            f"shop/{library}.py": f"from {library} import Thing\n",
            "shop/rates.py": "",
            "shop/orders.py": "from shop import rates\nimport rates\n",
            **{f"web/m{number}.py": f"import {library}\nimport shop.rates\n" for number in range(5)},
        }
    )
    assert {file.path: file.module for file in found.files}[f"shop/{library}.py"] == f"shop.{library}"
    assert found.names.canonical(library, "web.m0") == library
    assert found.names.canonical("rates", "shop.orders") == "shop.rates", "its other modules have both names"
