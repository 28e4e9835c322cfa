"""Small trees, analysed for what is said of them."""

from __future__ import annotations

import textwrap
from pathlib import Path

from strangler.config import Config
from strangler.model import Model
from strangler.pipeline import analyze
from strangler.sources import scan


def model_of(root: Path, files: dict[str, str]) -> Model:
    """The model of some files, written below ``root``."""
    for path, text in files.items():
        full = root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(textwrap.dedent(text))
    return analyze(scan(root), Config(), cached=False, jobs=1)


def told(model: Model, code: str) -> list[str]:
    """The diagnostics of a code, with file and line."""
    return [f"{d.file}:{d.line} {d.message}" for d in model.diagnostics if d.code == code]
