"""What the README shows is what is printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from helpers.monolith import replay

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the sample where the README's first command leaves it."""
    found = tmp_path_factory.mktemp("readme")
    replay("django_shop", found / "strangler-out" / "demo" / "shop")
    return found


def test_the_session_is_as_it_is_printed_now(run, place: Path) -> None:
    shown = re.findall(r"```console\n\$ strangler (analyze|explain) (.*)\n([^$]*?)```", README)
    sessions = [(verb, *rest) for verb, *rest in shown if rest[1].strip()]
    assert [verb for verb, *_ in sessions] == ["analyze", "explain"]
    for verb, arguments, output in sessions:
        done = run(verb, *arguments.split(), cwd=place)
        assert done.returncode == 0
        lines, wanted = done.stdout.splitlines(), output.splitlines()
        if wanted[-1] == "  ...":  # the page is shorter than the screen
            wanted = wanted[:-1]
            lines = lines[: len(wanted)]
        assert lines == wanted


def test_the_boundaries_are_accepted_as_the_page_says(run, place: Path) -> None:
    run("analyze", "strangler-out/demo/shop", cwd=place)
    (command,) = re.findall(r"^\$ strangler (accept .*?) +#", README, re.MULTILINE)
    done = run(*command.split(), cwd=place)
    assert done.returncode == 0, done.stderr
    again = run("analyze", "strangler-out/demo/shop", cwd=place)
    assert "Boundaries  5 accepted" in again.stdout
    following = "strangler plan billing, or strangler check strangler-out/demo/shop --update-baseline to "
    assert f"Next    {following}" in again.stdout
