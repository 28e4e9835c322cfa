"""What an import means where a module has two names, or two services have a package of one name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from strangler import pipeline
from strangler.config import Config
from strangler.model import Model

MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings")\n'
INSIDE = {
    "boats/__init__.py": "",
    "boats/manage.py": MANAGE,
    "boats/core/__init__.py": "",
    "boats/core/settings.py": 'INSTALLED_APPS = ["fleet"]\nROOT_URLCONF = "core.urls"\n',
    "boats/core/urls.py": "from django.urls import path\nfrom boats.fleet import views\n"
    'from fleet.views import other\nurlpatterns = [path("a/", views.one), path("b/", other)]\n',
    "boats/fleet/__init__.py": "",
    "boats/fleet/models.py": "from django.db import models\nclass Boat(models.Model):\n    pass\n",
    "boats/fleet/views.py": "import boats.fleet.models\nfrom ..core import settings\n"
    "from fleet.models import Boat\n"
    "def one(request):\n    return boats.fleet.models.Boat.objects.count()\n"
    "def other(request):\n    return Boat.objects.count()\n",
}
SERVICES = {
    f"{service}/{path}": text
    for service in ("orders", "users")
    for path, text in {
        "pyproject.toml": "",
        "app/__init__.py": "",
        "app/tables.py": "from sqlalchemy import Column, Integer\n"
        "from sqlalchemy.orm import declarative_base\n"
        f'Base = declarative_base()\nclass Row(Base):\n    __tablename__ = "{service}"\n'
        "    id = Column(Integer, primary_key=True)\n",
        f"{service}_main/__init__.py": "",
        f"{service}_main/run.py": "import app.tables\nfrom app.tables import Row\n"
        "def one(session):\n    return session.query(Row).all()\n"
        "def two(session):\n    return session.query(app.tables.Row).all()\n",
    }.items()
}


@pytest.fixture
def analysed(tmp_path: Path) -> Callable[[dict[str, str]], Model]:
    def run(files: dict[str, str]) -> Model:
        for path, text in files.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return pipeline.analyze(pipeline.scan(tmp_path, Config()), Config(), jobs=1, cached=False)

    return run


def edges(model: Model) -> set[tuple[str, str]]:
    path = {m.name: m.path for m in model.modules}
    return {(path[i.importer], path[i.imported]) for i in model.imports}


def test_a_file_with_two_names_is_one_module(analysed: Callable[[dict[str, str]], Model]) -> None:
    model = analysed(INSIDE)
    assert {
        ("boats/core/urls.py", "boats/fleet/views.py"),
        ("boats/fleet/views.py", "boats/fleet/models.py"),
        ("boats/fleet/views.py", "boats/core/settings.py"),
    } <= edges(model)
    assert {(e.path, e.handler) for e in model.endpoints} == {
        ("/a/", "fleet.views.one"),
        ("/b/", "fleet.views.other"),
    }
    assert {(a.function, a.table) for a in model.accesses} == {("one", "fleet_boat"), ("other", "fleet_boat")}
    assert [d for d in model.diagnostics if d.code == "unresolved-import"] == []


def test_each_service_means_its_own_package(analysed: Callable[[dict[str, str]], Model]) -> None:
    model = analysed(SERVICES)
    assert {e for e in edges(model) if "_main/run.py" in e[0]} >= {
        ("orders/orders_main/run.py", "orders/app/tables.py"),
        ("users/users_main/run.py", "users/app/tables.py"),
    }
    found = {(a.module, a.function, a.table) for a in model.accesses}
    assert found == {
        (f"{service}_main.run", function, service)
        for service in ("orders", "users")
        for function in ("one", "two")
    }


def test_an_import_that_names_a_file_from_a_directory_above_is_unresolved_and_says_so(
    analysed: Callable[[dict[str, str]], Model],
) -> None:
    files = {"shop/__init__.py": "", "shop/tools/__init__.py": "", "shop/tools/text.py": "import shop.app\n"}
    model = analysed(
        {**files, "shop/app.py": "import shop\nfrom tools.text import short\nimport json.decoder\n"}
    )
    (row,) = [d for d in model.diagnostics if d.code == "unresolved-import"]
    assert (row.file, row.line) == ("shop/app.py", 2)
    assert "shop/tools/text.py" in row.message
