"""Small projects on disk, analysed from their source and imported for real."""

from __future__ import annotations

import ast
import importlib
import sys
import textwrap
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from types import ModuleType

import pytest

from strangler.analyzers import facts
from strangler.analyzers.link import link
from strangler.model import System
from strangler.sources import scan


class Project:
    """A project on disk: what the analysis says of it, and its modules to import."""

    def __init__(self, root: Path, files: dict[str, str]) -> None:
        self.root = root
        for path, text in files.items():
            full = root / path
            full.parent.mkdir(parents=True, exist_ok=True)
            full.write_text(textwrap.dedent(text))

    @cached_property
    def system(self) -> System:
        """The analysis."""
        tree = scan(self.root)
        rows = []
        for file in tree.files:
            text = tree.read(file.path).decode()
            rows.append(facts.extract(file.path, file.module, file.is_package, ast.parse(text), text))
        return link(tree, rows)[0]

    def load(self, module: str) -> ModuleType:
        """The module, imported by Python."""
        return importlib.import_module(module)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dict[str, str]], Project]]:
    """Make a project of files; what it imports of itself is forgotten afterwards."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield lambda files: Project(tmp_path, files)
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "") or ""):
            del sys.modules[name]
