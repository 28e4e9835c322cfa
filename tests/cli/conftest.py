"""Runs the command line as a user does: in a process of its own, with a cache of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Cli = Callable[..., subprocess.CompletedProcess[str]]

SHOP = {
    "shop/__init__.py": "",
    "shop/orders.py": "from shop import billing\n\n\ndef place(order):\n    billing.charge(order)\n",
    "shop/billing.py": "def charge(order):\n    return order\n",
}


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def cli(cache: Path, tmp_path: Path) -> Cli:
    """strangler(*arguments) -> the finished process; it runs in an empty directory unless told otherwise."""
    elsewhere = tmp_path / "elsewhere"

    def run(*arguments: object, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        elsewhere.mkdir(exist_ok=True)
        drop = {"FORCE_COLOR", "NO_COLOR"}
        environment = {key: value for key, value in os.environ.items() if key not in drop}
        return subprocess.run(
            [sys.executable, "-m", "strangler", *map(str, arguments)],
            cwd=cwd or elsewhere,
            env={**environment, "STRANGLER_CACHE_DIR": str(cache), **more},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    return run


def write_tree(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below ``root``."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A small healthy package."""
    return write_tree(tmp_path / "shop-repo", SHOP)


@pytest.fixture
def tree(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], Path]:
    """tree({name: content}) -> a directory with these files."""
    return lambda files: write_tree(tmp_path / "tree", files)
