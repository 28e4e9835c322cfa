"""Runs the command line as a user does: in a process of its own, with a cache of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from cli_support import SHOP, write_tree

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def run(cache: Path) -> Cli:
    """run(*arguments, cwd=...) -> the finished process; further keywords are environment variables."""

    def start(*arguments: object, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
        drop = {"FORCE_COLOR", "NO_COLOR"}
        environment = {key: value for key, value in os.environ.items() if key not in drop}
        return subprocess.run(
            [sys.executable, "-m", "strangler", *map(str, arguments)],
            cwd=cwd,
            env={**environment, "STRANGLER_CACHE_DIR": str(cache), **more},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    return start


@pytest.fixture
def cli(run: Cli, tmp_path: Path) -> Cli:
    """The same, in an empty directory unless told otherwise."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    return lambda *arguments, cwd=elsewhere, **more: run(*arguments, cwd=cwd, **more)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A small healthy package."""
    return write_tree(tmp_path / "shop-repo", SHOP)


@pytest.fixture
def tree(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], Path]:
    """tree({name: content}) -> a directory with these files."""
    return lambda files: write_tree(tmp_path / "tree", files)
