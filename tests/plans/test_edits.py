"""Files to edit outside: found by what they say, graded, and not drowned in common words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from helpers.monolith import FIXTURES
from helpers.planted import changed, planted
from hypothesis import given
from hypothesis import strategies as st

from strangler import pipeline
from strangler.commands.texts import texts
from strangler.config import Config
from strangler.model import BoundedContext, Model
from strangler.plans import plan_extraction
from strangler.plans.mentions import _names, _segment, words_of

FILES = {
    "shop/__init__.py": "",
    "shop/settings.py": 'INSTALLED_APPS = ["shop.alarms", "shop.core"]\nALARM_TTL = 3\n',
    "shop/core/__init__.py": "",
    "shop/core/views.py": "def page(volume):\n    return volume\n",
    "shop/core/loading.py": "def get(thing):\n    return thing\n",
    "shop/alarms/__init__.py": "",
    "shop/alarms/models.py": (
        "from shop.settings import ALARM_TTL\n"
        "class Alarm:\n    ttl = ALARM_TTL\n"
        "def alarm_state(alarm):\n    return alarm\n"
    ),
    "shop/alarms/jobs.py": (
        "from shop.alarms.models import Alarm, alarm_state\n"
        "def run_alarm(alarm):\n    return alarm_state(alarm)\n"
    ),
    "shop/migrations/__init__.py": "",
    "shop/migrations/0002_more.py": (
        "from django.db import migrations\nclass Migration(migrations.Migration):\n"
        '    dependencies = [("alarms", "0001_initial")]\n    operations = []\n'
    ),
    "templates/nav.html": '<a href="/x">Alarms</a>\n',
    "templates/other.html": "<p>falarmed</p>\n",
    "etc/policy.json": '{"alarm_state:get": "admin"}\n',
    "etc/shop.ini": "[program]\ncommand = shop-alarm-worker\n",
    "locale/de/django.po": 'msgid "Alarm"\n',
    "CHANGELOG.md": "Alarms were added.\n",
    "docs/guide.md": "Call `shop.alarms.jobs` at night.\n",
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree")
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def model(tree: Path, *, word: str = "alarms", package: str = "shop.alarms") -> Model:
    found = pipeline.analyze(pipeline.scan(tree, Config()), Config(), jobs=1, cached=False)
    names = [module.name for module in found.modules if module.role != "migration"]
    inside = tuple(name for name in names if name == package or name.startswith(f"{package}."))
    rest = tuple(name for name in names if name not in inside)
    contexts = (
        BoundedContext(name=word, kind="context", modules=inside, tables=(), confidence=1.0),
        BoundedContext(name="rest", kind="context", modules=rest, tables=(), confidence=1.0),
    )
    return changed(found, contexts=contexts)


@pytest.fixture(scope="module")
def grades(tree: Path) -> dict[str, str]:
    return {edit.file: edit.sureness for edit in plan_extraction(model(tree), "alarms", texts(tree)).edits}


@pytest.mark.parametrize(
    ("file", "sureness"),
    [
        ("shop/settings.py", "certain"),  # INSTALLED_APPS
        ("docs/guide.md", "certain"),  # a full name
        ("shop/migrations/0002_more.py", "certain"),  # depends on a migration that leaves
        ("etc/policy.json", "likely"),  # a name that only the context uses
        ("etc/shop.ini", "likely"),  # the name of a program
        ("templates/nav.html", "possible"),  # navigation
    ],
)
def test_what_speaks_of_the_context_is_listed_with_how_sure_that_is(grades, file, sureness):
    assert grades.get(file) == sureness


@pytest.mark.parametrize(
    "file",
    [
        "templates/other.html",  # no part of another word
        "locale/de/django.po",  # made again from the code
        "CHANGELOG.md",  # the past
        "shop/core/views.py",
        "shop/core/loading.py",
        "shop/alarms/models.py",
    ],
)
def test_what_does_not_is_not(grades, file):
    assert file not in grades


def test_each_mention_shows_its_lines(tree):
    edits = {edit.file: edit for edit in plan_extraction(model(tree), "alarms", texts(tree)).edits}
    assert edits["templates/nav.html"].lines == (1,)
    assert edits["etc/policy.json"].role == "configuration"
    assert "alarm_state" in " ".join(edits["etc/policy.json"].reasons)


def test_a_word_that_is_everywhere_lists_nothing_by_itself(tmp_path):
    for number in range(12):
        module = tmp_path / "shop" / f"m{number}.py"
        module.parent.mkdir(exist_ok=True)
        module.write_text("def attach(volume):\n    return volume.size\n")
    (tmp_path / "shop" / "__init__.py").write_text("")
    (tmp_path / "shop" / "volume.py").write_text("class Volume:\n    pass\n")
    found = plan_extraction(model(tmp_path, word="volume", package="shop.volume"), "volume", texts(tmp_path))
    assert not found.edits


def test_a_name_as_long_as_the_file_is_one_name():
    word = re.compile(_segment("alarm"))
    assert sum(_names("alarm_" * 100_000, word).values()) == 1
    assert _names("x alarm_id, listAlarms; shop-alarm-worker 9alarm", word) == {
        "alarm_id": 1,
        "listAlarms": 1,
        "shop-alarm-worker": 1,
        "alarm": 1,
    }


def test_without_the_tree_the_plan_says_what_it_could_not_search():
    plan = plan_extraction(planted("django_shop"), "billing")
    assert any("--source" in doubt for doubt in plan.doubts)
    with_tree = plan_extraction(planted("django_shop"), "billing", texts(FIXTURES / "django_shop"))
    assert not any("--source" in doubt for doubt in with_tree.doubts)
    assert {e.file for e in plan.edits if e.sureness == "certain"} <= {e.file for e in with_tree.edits}


@given(st.text(max_size=40))
def test_any_name_gives_words_that_can_be_searched(name):
    assert all(word.isalnum() and len(word) >= 2 for word in words_of(name))
