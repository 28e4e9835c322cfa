"""Benchmarks that reach into the product still fit it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def test_a_tree_is_analysed_with_parts_of_the_containment_out(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("import json\n")
    done = subprocess.run(
        [sys.executable, BENCHMARKS / "speed" / "containment.py", tmp_path, "--pairs", "1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "the layer costs" in done.stdout
