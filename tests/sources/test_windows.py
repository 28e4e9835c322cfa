"""What holds on Windows as well, as far as it can be tried elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from strangler.config import Config
from strangler.model import Model
from strangler.pipeline import analyze
from strangler.sources import places, scan

TREE = {
    "shop/__init__.py": "",
    "shop/models.py": "from django.db import models\n\n\nclass Order(models.Model):\n"
    "    note = models.TextField()\n    total = models.DecimalField(\n        max_digits=9)\n",
    "shop/views.py": 'from shop.models import Order\n\n\ndef show(request):\n    """Two\n    lines."""\n'
    "    return Order.objects.raw('''SELECT *\n        FROM shop_order''')\n",
}


def model(root: Path, files: dict[str, bytes]) -> Model:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return analyze(scan(root), Config(), cached=False, jobs=1)


def program(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True)
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.mark.skipif(os.name == "nt", reason="programs of a POSIX system")
def test_only_git_exe_is_git_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A ``git.bat`` or a ``git`` without an ending is no program that is meant."""
    monkeypatch.setattr(places, "GIT", "git.exe")
    program(tmp_path / "scripts", "git.bat")
    program(tmp_path / "unix", "git")
    wanted = program(tmp_path / "cmd", "git.exe")
    folders = [str(tmp_path / name) for name in ("scripts", "unix", "cmd")]
    monkeypatch.setenv("PATH", os.pathsep.join(folders))
    assert places.git_program([tmp_path / "tree"]) == str(wanted)


def test_no_program_of_the_tree_or_of_the_current_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program(tmp_path / "tree" / "bin", places.GIT)
    monkeypatch.chdir(tmp_path / "tree" / "bin")
    monkeypatch.setenv("PATH", os.pathsep.join(["", ".", "bin", str(tmp_path / "tree" / "bin")]))
    assert places.git_program([tmp_path / "tree"]) is None


def test_ends_of_lines_change_nothing(tmp_path: Path) -> None:
    plain = model(tmp_path / "a" / "tree", {name: text.encode() for name, text in TREE.items()})
    windows = {name: text.replace("\n", "\r\n").encode() for name, text in TREE.items()}
    assert model(tmp_path / "b" / "tree", windows) == plain
    marked = {name: b"\xef\xbb\xbf" + content for name, content in windows.items()}
    assert model(tmp_path / "c" / "tree", marked) == plain


def test_names_that_only_differ_in_case_are_two_modules(tmp_path: Path) -> None:
    (tmp_path / "probe").touch()
    if (tmp_path / "PROBE").exists():
        pytest.skip("this file system does not tell them apart")
    files = {name: text.encode() for name, text in TREE.items()} | {"shop/Models.py": b"x = 1\n"}
    found = model(tmp_path / "tree", files)
    assert {one.name for one in found.modules} >= {"shop.models", "shop.Models"}
    assert [table.name for table in found.tables] == ["shop_order"]


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
@pytest.mark.parametrize("name", ["con.py", "nul/__init__.py", "aux.b.py", "a\\b.py", "c:d.py", "end. .py"])
def test_names_that_windows_does_not_have_end_nothing(tmp_path: Path, name: str) -> None:
    files = {key: text.encode() for key, text in TREE.items()} | {f"shop/{name}": b"import shop.models\n"}
    assert [table.name for table in model(tmp_path / "tree", files).tables] == ["shop_order"]
