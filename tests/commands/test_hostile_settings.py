"""What the tree says about itself cannot end a run; what it says to strangler must be readable."""

from __future__ import annotations

from pathlib import Path

import pytest


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(20 * 2**30)


@pytest.mark.parametrize("content", ["tool = 5\n", "tool = [1]\n", "[tool\n", "\xff", None])
def test_a_project_file_that_is_no_configuration_is_left_alone(cli, shop: Path, content: str | None) -> None:
    place = shop / "pyproject.toml"
    sparse(place) if content is None else place.write_text(content, "latin-1")
    assert cli("analyze", shop, "--format", "json").returncode == 0


@pytest.mark.parametrize("name", ["strangler.toml", "strangler-boundaries.toml"])
def test_a_huge_file_for_strangler_is_refused_by_name(cli, shop: Path, name: str) -> None:
    sparse(shop / name)
    done = cli("analyze", shop, "--format", "json")
    assert done.returncode == 2
    assert name in done.stderr
    assert "larger than" in done.stderr


@pytest.mark.parametrize("option", ["--limit=call-depth=\udcff", "--config=report.\udcff=1"])
def test_a_setting_that_is_no_text_is_refused(cli, shop: Path, option: str) -> None:
    done = cli("analyze", shop, "--format", "json", option)
    assert (done.returncode, done.stderr.endswith(": is no UTF-8\n")) == (2, True)


def test_half_a_character_in_a_docstring_is_written_as_in_the_source(cli, tree) -> None:
    done = cli("analyze", tree({"a.py": 'def rota():\n    """Half \\ud800."""\n'}), "--format", "json")
    assert done.returncode == 0
