"""The surface that other distributions build on is complete, documented, and on its page."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import front_door
import pytest

from strangler.analyzers import plugin
from strangler.analyzers.link import interpret
from strangler.sources import scan


def test_every_public_name_is_documented_where_it_is_defined() -> None:
    assert [name for name, text in front_door.names().items() if not text] == []


def test_nothing_public_is_left_out() -> None:
    public = {name for name, value in vars(plugin).items() if not name.startswith("_")}
    modules = {name for name in public if inspect.ismodule(getattr(plugin, name))}
    assert public - set(plugin.__all__) - modules == set()


@pytest.mark.parametrize(
    "cls",
    [
        plugin.Framework,
        plugin.LibraryFramework,
        plugin.Library,
        plugin.Call,
        plugin.RequestReader,
        plugin.Knowledge,
        plugin.Claims,
        plugin.Schema,
        plugin.Entity,
    ],
    ids=lambda cls: cls.__name__,
)
def test_every_public_method_of_what_plug_ins_use_is_documented(cls: Any) -> None:
    members = {name: member for name, member in vars(cls).items() if not name.startswith("_")}
    undocumented = [
        name
        for name, member in members.items()
        if (inspect.isfunction(member) or isinstance(member, property)) and not inspect.getdoc(member)
    ]
    assert undocumented == []


def test_the_five_phases_are_those_of_the_page() -> None:
    phases = [name for name, member in vars(plugin.Framework).items() if inspect.isfunction(member)]
    assert phases[1:] == ["teach", "boot", "prepare", "finish", "collect"]
    page = front_door.PAGE.read_text(encoding="utf-8")
    assert [f"{n}. `{name}(" in page for n, name in enumerate(phases[1:], 1)] == [True] * 5


def test_every_member_of_the_run_that_the_page_names_is_there_and_documented(
    interpreter: plugin.Interpreter,
) -> None:
    page = front_door.PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"`interp\.([a-z_.]+)", page))
    assert len(named) > 15
    for dotted in sorted(named):
        member: Any = interpreter
        for part in dotted.rstrip(".").split("."):
            member = getattr(member, part)
        assert not inspect.ismethod(member) or inspect.getdoc(member), dotted


def test_what_a_version_has_stays_until_the_next_one() -> None:
    kept = front_door.record().read_text(encoding="utf-8").splitlines()
    gone = sorted({*kept} - {*front_door.surface()})
    assert gone == [], (
        "raise API_VERSION, then `python3 dev.py docs` and delete the record of the old version"
    )


@pytest.fixture
def interpreter(tmp_path: Path) -> plugin.Interpreter:
    return interpret(scan(tmp_path), [])[0]
