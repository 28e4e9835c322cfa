"""Trees and git repositories made on the spot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from helpers.repository import GitRepository


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """project({path: text or bytes}) -> the root of a tree that holds these files."""

    def write(files: Mapping[str, str | bytes], root: str = "project") -> Path:
        base = tmp_path / root
        base.mkdir(exist_ok=True)
        for path, content in files.items():
            target = base / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return base

    return write


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    """A git repository to commit to."""
    return GitRepository(tmp_path / "repository")
