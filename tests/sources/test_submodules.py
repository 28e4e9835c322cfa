"""A submodule that is not checked out is told; one that is, is not."""

from __future__ import annotations

from pathlib import Path

from strangler.sources import scan

MODULES = '[submodule "a"]\n\tpath = {}\n\turl = https://example.test/a.git\n'


def told(root: Path) -> list[tuple[str, int | None, str]]:
    return [(d.file, d.line, d.message) for d in scan(root).diagnostics if d.code == "submodule-missing"]


def test_an_empty_or_absent_submodule_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / ".gitmodules").write_text(MODULES.format("libs/sdk"))
    ((_, line, message),) = told(tmp_path)
    assert (line, "libs/sdk" in message) == (2, True)
    (tmp_path / "libs/sdk").mkdir(parents=True)
    assert told(tmp_path)
    (tmp_path / "libs/sdk/a.py").write_text("")
    assert not told(tmp_path)


def test_a_path_that_leads_out_of_the_tree_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / ".gitmodules").write_text(MODULES.format("../elsewhere"))
    assert not told(tmp_path)
