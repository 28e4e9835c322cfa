"""The documentation: a site without a warning, and nothing in it that is not so."""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import gateway_page
import pytest
from helpers.sessions import session
from typer.testing import CliRunner

from strangler.cli import VERBS, app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", str(ROOT / "docs"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    every = (tmp_path / "commands.html").read_text("utf-8")
    assert all(f"Usage: strangler {verb.__name__}" in every for verb in VERBS)


def test_the_gateways_page_says_what_the_readme_beside_the_rules_says() -> None:
    page = gateway_page.PAGE.read_text("utf-8")
    assert page == gateway_page.written(page), "run `python3 dev.py docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_on_a_page_exists_with_its_options(page: Path) -> None:
    known = helps()
    for typed in session(page.read_text("utf-8")):
        words = shlex.split(typed.command, comments=True)
        if words[0] == "strangler" and words[1] not in {"VERB", "--version"}:
            assert unknown_options(words, known) == [], typed.command


def test_each_help_shows_two_examples_or_more_with_options_that_there_are() -> None:
    known = helps()
    for verb, text in known.items():
        examples = re.findall(rf"^  (strangler {verb}\b.*)$", text, re.MULTILINE)
        assert len(examples) >= 2, verb
        for example in examples:
            assert unknown_options(shlex.split(example), known) == [], example


def helps() -> dict[str, str]:
    """Verb -> its help."""
    return {verb.__name__: CliRunner().invoke(app, [verb.__name__, "--help"]).output for verb in VERBS}


def unknown_options(words: list[str], known: dict[str, str]) -> list[str]:
    """Options of a command line that its verb does not list."""
    given = {word.partition("=")[0] for word in words if re.match(r"-{1,2}[a-z]", word)}
    listed = known[words[1]].partition("Options:")[2]
    return sorted(given - set(re.findall(r"(?<![\w-])-{1,2}[a-z][a-z-]*", listed)))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_is_shown_of_a_language_is_written_in_it(page: Path) -> None:
    parsers = {"toml": tomllib.loads, "python": ast.parse, "json": json.loads}
    for language, text in FENCE.findall(page.read_text("utf-8")):
        if language in parsers:  # an excerpt may stand indented
            parsers[language](textwrap.dedent(text))
