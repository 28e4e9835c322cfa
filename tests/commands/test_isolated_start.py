"""Nothing of the current folder is imported, however strangler is started in it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from strangler.start import leave_current_folder

PLANTED = """
    typing pathlib enum re json subprocess tempfile traceback tomllib sqlite3 ast multiprocessing dataclasses
    typer click rich yaml msgspec grimp networkx jinja2 sqlglot libcst httpx sitecustomize pipeline commands
"""


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("start", ["module", "script"])
def test_no_module_of_the_analysed_tree_is_imported(start: str, jobs: str, tmp_path: Path) -> None:
    tree, marker = tmp_path / "tree", tmp_path / "ran"
    tree.mkdir()
    for name in PLANTED.split():
        (tree / f"{name}.py").write_text(
            f"open({str(marker)!r}, 'a').write('{name} ')\nraise SystemExit(9)\n"
        )
    (tree / "newer.py").write_text("def f[T](x: T) -> T:\n    return f'{x + f'{x}'}'\n")  # read in a child
    script = Path(sysconfig.get_path("scripts")) / "strangler"
    command = [sys.executable, "-m", "strangler"] if start == "module" else [str(script)]
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONSAFEPATH")}
    environment |= {"STRANGLER_CACHE_DIR": str(tmp_path / "cache")}
    done = subprocess.run(
        [*command, "analyze", ".", "-j", jobs, "-o", str(tmp_path / "out")],
        cwd=tree, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert not marker.exists(), marker.read_text()
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "model.json").is_file()


@pytest.mark.parametrize(
    ("before", "started", "safe", "left"),
    [
        (["-m"], ["python", "-m", "strangler", "analyze"], False, ["/lib"]),
        (["-m"], ["python", "-X", "utf8", "-mstrangler"], False, ["/lib"]),
        (["-m"], ["python", "-P", "-m", "strangler"], True, ["/tree", "/lib"]),
        (["-m"], ["python", "-m", "other"], False, ["/tree", "/lib"]),
        (["/bin/strangler"], ["python", "/bin/strangler"], False, ["/tree", "/lib"]),
    ],
)
def test_only_what_python_put_there_is_taken_away(
    before: list[str], started: list[str], safe: bool, left: list[str]
) -> None:
    path = ["/tree", "/lib"]
    leave_current_folder(path, before, started, safe)
    assert path == left
