"""What looks like the tree's own and leads nowhere is said, and weakens what rests on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from strangler import pipeline
from strangler.config import Config
from strangler.model import Model
from strangler.model.coverage import measures, weakens

SHOP = {
    "shop/__init__.py": "",
    "shop/manage.py": 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings")\n',
    "shop/core/__init__.py": "",
    "shop/core/settings.py": 'INSTALLED_APPS = [\n    "fleet",\n    "taggit",\n]\n'
    'ROOT_URLCONF = "core.urls"\n',
    "shop/core/urls.py": "from django.urls import include, path\n"
    'urlpatterns = [\n    path("", include("fleet.urls")),\n    path("t/", include("taggit.urls")),\n]\n',
    "shop/fleet/__init__.py": "",
    "shop/fleet/taggit.py": "",
    "shop/fleet/models.py": "from django.db import models\nclass Boat(models.Model):\n    pass\n",
    "shop/fleet/views.py": "from fleet.models import Boat\n"
    "def one(request):\n    return Boat.objects.all()\n",
    "shop/fleet/urls.py": "from django.urls import path\nfrom . import views\n"
    'urlpatterns = [\n    path("a/", views.one),\n    path("b/", views.one),\n]\n',
}
Analyse = Callable[..., Model]


@pytest.fixture
def analysed(tmp_path: Path) -> Analyse:
    def run(files: dict[str, str], *roots: str) -> Model:
        for path, text in files.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        config = Config(roots=roots)
        return pipeline.analyze(pipeline.scan(tmp_path, config), config, jobs=1, cached=False)

    return run


def said(model: Model) -> set[tuple[str, str, int | None]]:
    codes = ("unresolved-import", "unresolved-app", "unresolved-urls", "unreached-urls")
    return {(d.code, d.file, d.line) for d in model.diagnostics if d.code in codes}


def gaps(model: Model) -> dict[str, int]:
    return {row.rows: row.missing + row.doubtful for row in measures(model.system)}


def test_with_its_root_found_nothing_is_missing(analysed: Analyse) -> None:
    model = analysed(SHOP)
    assert [e.path for e in model.endpoints] == ["/a/", "/b/"]
    assert said(model) == set()
    assert gaps(model) == {"endpoints": 0, "tables": 0, "accesses": 0}


def test_with_a_wrong_root_each_name_that_leads_nowhere_is_said_with_its_place(analysed: Analyse) -> None:
    files = {**SHOP, "shop/core/urls.py": SHOP["shop/core/urls.py"] + "X = 1\n"}
    model = analysed({**files, "shop/manage.py": SHOP["shop/manage.py"].replace("core.", "shop.core.")}, ".")
    assert said(model) >= {
        ("unresolved-app", "shop/core/settings.py", 2),
        ("unresolved-urls", "shop/core/settings.py", 5),
        ("unresolved-urls", "shop/core/urls.py", 3),
        ("unresolved-import", "shop/fleet/views.py", 1),
    }
    assert not any("taggit" in d.message for d in model.diagnostics if d.code.startswith("unresolved"))
    (row,) = [d for d in model.diagnostics if d.code == "unresolved-app"]
    assert "shop/fleet" in row.message
    assert all(gaps(model).values())


def test_each_entry_of_a_url_table_that_nothing_includes_is_a_gap(analysed: Analyse) -> None:
    urls = SHOP["shop/core/urls.py"].replace('    path("", include("fleet.urls")),\n', "")
    model = analysed({**SHOP, "shop/core/urls.py": urls + 'urlpatterns.append(path("c/", lambda r: 1))\n'})
    assert said(model) == {
        ("unreached-urls", "shop/fleet/urls.py", 4),
        ("unreached-urls", "shop/fleet/urls.py", 5),
    }
    assert gaps(model)["endpoints"] == 2


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("from shop.made import x\n", ("accesses", "calls", "endpoints", "tables", "tasks")),
        ("try:\n    from shop.made import x\nexcept ImportError:\n    x = 1\n", ("calls",)),
        ("if TYPE_CHECKING:\n    from shop.made import x\n", ("calls",)),
    ],
)
def test_an_import_that_the_code_needs_weakens_everything_an_optional_one_calls_alone(
    analysed: Analyse, text: str, rows: tuple[str, ...]
) -> None:
    model = analysed({"shop/__init__.py": "", "shop/a.py": text, "tests/test_a.py": text})
    (row,) = [d for d in model.diagnostics if d.file == "shop/a.py"]
    assert weakens(row) == rows


def test_a_directory_called_like_a_library_that_is_asked_for_is_no_import_that_fails(
    analysed: Analyse,
) -> None:
    files = {"requirements.txt": "alembic\n", "alembic/env.py": "from alembic import context\n"}
    assert said(analysed({**files, "main.py": "import alembic.config\n"})) == set()


def test_a_directory_without_init_of_which_no_import_finds_anything_is_no_package(analysed: Analyse) -> None:
    files = {"gitlint/emoji.py": "from gitlint.rules import Rule\nfrom gitlint.options import Option\n"}
    assert said(analysed(files)) == set()


def test_a_proxy_of_a_library_s_model_is_no_model_without_a_table(analysed: Analyse) -> None:
    models = (
        "from django.contrib.auth.models import User\nclass Captain(User):\n"
        "    class Meta:\n        proxy = True\n"
    )
    model = analysed({**SHOP, "shop/fleet/people.py": models})
    assert [d.code for d in model.diagnostics if d.file == "shop/fleet/people.py"] == []


def test_an_instance_whose_class_a_library_makes_callable_serves_behind_a_decorator(
    analysed: Analyse,
) -> None:
    views = (
        "from formtools.preview import FormPreview\n"
        "from django.contrib.auth.decorators import login_required\n"
        "class Preview(FormPreview):\n    pass\nview = login_required(Preview(None))\n"
    )
    urls = SHOP["shop/fleet/urls.py"].replace("from . import views", "from . import views, more")
    urls += 'urlpatterns.append(path("c/", more.view))\n'
    model = analysed({**SHOP, "shop/fleet/more.py": views, "shop/fleet/urls.py": urls})
    assert ("/c/", "fleet.more.Preview") in {(e.path, e.handler) for e in model.endpoints}
