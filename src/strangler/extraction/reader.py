"""Files of the monolith as text and as syntax that can be written back, each read once."""

from __future__ import annotations

import ast
from functools import cached_property

import libcst as cst
import libcst.metadata as meta

from strangler.extraction.syntax import DEEPEST, measure
from strangler.limits import Limits
from strangler.model import Model
from strangler.model.lookup import home
from strangler.sources import SourceTree
from strangler.sources.python import parse

TIES = 2
"""Parts of the shortest dotted name that a string is believed to mean: one word means anything."""


PROVIDERS = (meta.ScopeProvider, meta.ParentNodeProvider, meta.PositionProvider)
"""Metadata that is asked for: of one walk where it is asked for at once."""


class Ledger:
    """How much syntax may still be taken apart, and the files that were not, with the reason."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = limits.extract_nodes
        self.refused: dict[str, str] = {}

    def allows(self, path: str, data: bytes) -> bool:
        """Whether libcst may be given a file; what it costs is charged."""
        tree = parse(data, path).tree
        if tree is None:
            return self.refuse(path, "it cannot be parsed")
        nodes, levels = measure(tree)
        if levels > DEEPEST:
            return self.refuse(path, "nested too deeply")
        if nodes > self._left:
            return self.refuse(path, self._limits.named("extract_nodes"))
        self._left -= nodes
        return True

    def refuse(self, path: str, reason: str) -> bool:
        """Note a file that is left as it is; False."""
        self.refused[path] = reason
        return False


class Source:
    """One module's file."""

    def __init__(self, module: str, path: str, data: bytes, is_package: bool, ledger: Ledger) -> None:
        self.module = module
        self.path = path
        self.data = data
        self.is_package = is_package
        self._ledger = ledger

    @cached_property
    def syntax(self) -> meta.MetadataWrapper | None:
        """The syntax with its metadata; None where it cannot be parsed, or costs too much."""
        if not self._ledger.allows(self.path, self.data):
            return None
        try:
            wrapper = meta.MetadataWrapper(cst.parse_module(self.data), unsafe_skip_copy=True)
            wrapper.resolve_many(PROVIDERS)
        except RecursionError:
            self._ledger.refuse(self.path, "nested too deeply")
        except (cst.ParserSyntaxError, cst.CSTValidationError, ValueError, LookupError) as error:
            self._ledger.refuse(self.path, f"it cannot be parsed ({type(error).__name__})")
        else:
            return wrapper
        return None

    @cached_property
    def strings(self) -> tuple[tuple[str, int], ...]:
        """String literals that could be dotted names, with their lines."""
        tree = parse(self.data, self.path).tree
        if tree is None:
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
        self._ledger = Ledger(tree.limits)

    @property
    def refused(self) -> dict[str, str]:
        """Files that were left as they are, though something in them might have been taken out: why."""
        return self._ledger.refused

    def source(self, module: str) -> Source | None:
        """The file of a module; None where it cannot be read."""
        if module not in self._read:
            self._read[module] = self._open(module)
        return self._read[module]

    def _open(self, module: str) -> Source | None:
        path = self.modules[module].path
        if path not in self._packages:
            return None  # what the model names is read only where it is a file of the tree
        try:
            return Source(module, path, self.tree.read(path), self._packages[path], self._ledger)
        except OSError:
            return None

    def named(self, text: str) -> str | None:
        """The module that a dotted string means: the module itself, or the one that defines the name."""
        found = home(text, self.modules)
        if found is None:
            return None
        rest = text.replace(":", ".")[len(found) + 1 :]
        return found if rest.count(".") <= 1 else None
