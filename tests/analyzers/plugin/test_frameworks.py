"""Which frameworks are asked, and what happens when two of them disagree."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from strangler import pipeline
from strangler.analyzers.plugin import (
    API_VERSION,
    ConflictError,
    Framework,
    Interpreter,
    Knowledge,
    PluginError,
)
from strangler.analyzers.plugin import (
    framework as module,
)
from strangler.config import Config
from strangler.sources import SourceTree, scan

BUILT_IN: list[type[Framework]] = [
    getattr(import_module(path.partition(":")[0]), path.partition(":")[2]) for path in module.FRAMEWORKS
]


@pytest.fixture
def tree(tmp_path: Path) -> SourceTree:
    (tmp_path / "app.py").write_text("import bottle\n")
    return scan(tmp_path)


def test_only_frameworks_that_the_monolith_imports_are_asked(tree: SourceTree) -> None:
    asked = {framework.name for framework in module.frameworks(tree, {"flask", "json"})}
    assert "flask" in asked
    assert not {"django", "peewee", "tortoise", "pyramid", "aiohttp"} & asked


def test_frameworks_that_need_no_import_are_always_asked(tree: SourceTree) -> None:
    asked = [type(framework) for framework in module.frameworks(tree, ())]
    assert asked == [cls for cls in BUILT_IN if cls.always]


def test_all_built_in_frameworks_agree(tree: SourceTree) -> None:
    knowledge = Knowledge()
    for cls in BUILT_IN:
        with knowledge.claimed_by(cls.__name__):
            cls(tree).teach(knowledge)


def test_two_frameworks_that_say_different_things_of_one_name_are_an_error() -> None:
    knowledge = Knowledge()
    with knowledge.claimed_by("flask"):
        knowledge.calls["flask.Flask"] = lambda interp, external, args, frame: None
    with (
        knowledge.claimed_by("flask-plus"),
        pytest.raises(ConflictError, match=r"flask and flask-plus both say what calling flask\.Flask means"),
    ):
        knowledge.calls |= {"flask.Flask": lambda interp, external, args, frame: None}


def test_one_framework_may_override_another_explicitly() -> None:
    knowledge = Knowledge()
    with knowledge.claimed_by("flask"):
        knowledge.hierarchy["flask.Flask"] = ("flask.Scaffold",)
    with knowledge.claimed_by("flask-plus"):
        assert knowledge.hierarchy.override("flask.Flask", ("quart.Quart",)) == ("flask.Scaffold",)
    assert knowledge.lineage("flask.Flask") == {"flask.Flask", "quart.Quart"}


def test_two_frameworks_may_say_the_same() -> None:
    knowledge = Knowledge()
    for name in ("fastapi", "starlette"):
        with knowledge.claimed_by(name):
            knowledge.aliases["fastapi.Request"] = "starlette.requests.Request"
    assert knowledge.canonical("fastapi.Request.url") == "starlette.requests.Request.url"


# -- frameworks of other distributions ------------------------------------------------------------------


class Toy(Framework):
    name = "toy"
    packages = ("bottle",)
    api_version = API_VERSION


class Old(Toy):
    api_version = API_VERSION - 1


class Quarrelsome(Toy):
    packages = ("flask",)

    def teach(self, knowledge: Knowledge) -> None:
        knowledge.calls["flask.Flask"] = lambda interp, external, args, frame: None


class Failing(Toy):
    packages = ("flask",)

    def prepare(self, interp: Interpreter) -> None:
        raise KeyError("schema")


NOTHING = "no framework"


def installed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    point = EntryPoint("toy", f"{__name__}:{name}", module.PLUGINS)
    monkeypatch.setattr(module, "entry_points", lambda group: [point])


def test_a_framework_of_another_distribution_is_asked(
    tree: SourceTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(monkeypatch, "Toy")
    assert module.frameworks(tree, {"bottle"})[-1].name == "toy"
    assert module.frameworks(tree, {"flask"})[-1].name != "toy"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Old", f"says api_version = {API_VERSION - 1}, this strangler has {API_VERSION}"),
        ("NOTHING", "is no subclass of strangler.analyzers.plugin.Framework"),
        ("gone", "cannot be loaded"),
    ],
)
def test_a_framework_that_cannot_be_used_is_named(
    tree: SourceTree, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    installed(monkeypatch, name)
    with pytest.raises(PluginError, match=f"the framework 'toy' of a distribution {message}"):
        module.frameworks(tree, ())


def test_a_conflict_of_frameworks_ends_the_analysis_with_both_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "app.py").write_text("import flask\napp = flask.Flask(__name__)\n")
    installed(monkeypatch, "Quarrelsome")
    with pytest.raises(PluginError, match=r"flask and toy both say what calling flask\.Flask means"):
        pipeline.analyze(pipeline.scan(tmp_path, Config()), Config(), jobs=1, cached=False)


def test_a_plug_in_that_fails_is_named_with_its_phase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "app.py").write_text("import flask\n")
    installed(monkeypatch, "Failing")
    message = r"the framework 'toy' of a distribution failed in prepare\(\): KeyError: 'schema'"
    with pytest.raises(PluginError, match=message):
        pipeline.analyze(pipeline.scan(tmp_path, Config()), Config(), jobs=1, cached=False)
