"""Every file of a plan can be written on every system, whatever the contexts are called."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path, PureWindowsPath

import msgspec
import pytest
from helpers.planted import changed, planted

from strangler.contracts.operations import slug
from strangler.model import dump

ROOT = Path(__file__).resolve().parents[2]
NAMES = ["con", "NUL", "Aux", "com1", "lpt9", "prn", "class", "import", "None", "9 lives", "é", "", "a/../b"]


@pytest.mark.parametrize("name", NAMES)
def test_a_module_named_after_a_context_is_one_everywhere(name: str) -> None:
    found = slug(name)
    assert found.isidentifier()
    assert not PureWindowsPath(f"{found}.py").is_reserved()
    compile(f"import {found}", "seam", "exec")


def test_a_plan_of_contexts_that_are_called_like_devices(tmp_path: Path) -> None:
    model = planted("django_shop")
    called = ["nul", "CON", "aux", "class", "a:b", "x.", "com1", "prn", "lpt1", "con", "Nul", "é"]
    contexts = [msgspec.structs.replace(c, name=n) for c, n in zip(model.contexts, called, strict=False)]
    (tmp_path / "model.json").write_bytes(dump(changed(model, contexts=tuple(contexts))))
    own = next(c.name for c in contexts if "shop.orders.models" in c.modules)
    command = ["plan", own, "--model", ".", "--source", str(ROOT / "fixtures" / "django_shop"), "-o", "plan"]
    done = subprocess.run(
        [sys.executable, "-m", "strangler", *command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = [path.relative_to(tmp_path).as_posix() for path in (tmp_path / "plan").rglob("*")]
    assert len(found) > 50
    assert len({name.lower() for name in found}) == len(found)
    for name in found:
        assert not PureWindowsPath(name).is_reserved(), name
        assert not re.search(r'[<>:"\\|?*\x00-\x1f]|[. ](?:/|$)', name), name
        assert len(name) < 150, name
