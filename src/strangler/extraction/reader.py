"""Files of the monolith as text and as syntax that can be written back, each read once."""

from __future__ import annotations

import ast
from functools import cached_property

import libcst as cst
from libcst.metadata import MetadataWrapper

from strangler.model import Model
from strangler.model.lookup import home
from strangler.sources import SourceTree

TIES = 2
"""Parts of the shortest dotted name that a string is believed to mean: one word means anything."""


class Source:
    """One module's file."""

    def __init__(self, module: str, path: str, data: bytes, is_package: bool) -> None:
        self.module = module
        self.path = path
        self.data = data
        self.is_package = is_package

    @cached_property
    def syntax(self) -> MetadataWrapper | None:
        """The syntax with its metadata; None where it cannot be parsed."""
        try:
            return MetadataWrapper(cst.parse_module(self.data), unsafe_skip_copy=True)
        except (cst.ParserSyntaxError, UnicodeDecodeError, RecursionError, ValueError):
            return None

    @cached_property
    def strings(self) -> tuple[tuple[str, int], ...]:
        """String literals that could be dotted names, with their lines."""
        try:
            tree = ast.parse(self.data)
        except (SyntaxError, ValueError, RecursionError):
            return ()
        found = (
            (node.value, node.lineno)
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 300
        )
        return tuple((text, line) for text, line in found if _dotted(text))

    @property
    def text(self) -> str:
        """The text, whatever does not decode replaced."""
        return self.data.decode("utf-8", "replace")


def _dotted(text: str) -> bool:
    parts = text.replace(":", ".").split(".")
    return len(parts) >= TIES and all(part.isidentifier() for part in parts)


class Reader:
    """The tree of the monolith, by module."""

    def __init__(self, model: Model, tree: SourceTree) -> None:
        self.tree = tree
        self.modules = {module.name: module for module in model.modules}
        self._packages = {file.path: file.is_package for file in tree.files}
        self._read: dict[str, Source | None] = {}

    def source(self, module: str) -> Source | None:
        """The file of a module; None where it cannot be read."""
        if module not in self._read:
            self._read[module] = self._open(module)
        return self._read[module]

    def _open(self, module: str) -> Source | None:
        path = self.modules[module].path
        try:
            return Source(module, path, self.tree.read(path), self._packages.get(path, False))
        except OSError:
            return None

    def named(self, text: str) -> str | None:
        """The module that a dotted string means: the module itself, or the one that defines the name."""
        found = home(text, self.modules)
        if found is None:
            return None
        rest = text.replace(":", ".")[len(found) + 1 :]
        return found if rest.count(".") <= 1 else None
