"""A shell completes the names of the model that lies here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from helpers.planted import planted_file


def completed(place: Path, *words: str) -> list[str]:
    """What bash is given for the last word."""
    line = " ".join(["strangler", *words])
    environment = {"_STRANGLER_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words))}
    program = Path(sys.executable).with_name("strangler")
    done = subprocess.run(
        [program], cwd=place, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_contexts_modules_tables_and_urls_are_completed(tmp_path: Path) -> None:
    planted_file("django_shop", tmp_path / "strangler-out")
    assert completed(tmp_path, "plan", "cu") == ["customers"]
    assert completed(tmp_path, "extract", "c") == ["catalog", "customers"]
    assert "shop.orders.services" in completed(tmp_path, "explain", "shop.orders.s")
    assert completed(tmp_path, "suggest", "table:fin_") == ["table:fin_invoice", "table:fin_payment"]
    assert "/api/customers/{pk}/loyalty/" in completed(tmp_path, "explain", "/api/customers/")


def test_the_model_that_the_line_names_is_asked_and_without_any_nothing_is_said(tmp_path: Path) -> None:
    planted_file("django_shop", tmp_path / "elsewhere")
    assert completed(tmp_path, "plan", "cu") == []
    assert completed(tmp_path, "plan", "--model", "elsewhere", "cu") == ["customers"]
    for odd in ("no model", "[]", '{"contexts": [1]}', "[" * 100_000):
        (tmp_path / "elsewhere" / "model.json").write_text(odd)
        assert completed(tmp_path, "plan", "--model", "elsewhere", "cu") == []
