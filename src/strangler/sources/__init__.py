"""The monolith as input: its files, their text, its git history, and a cache of what was read from them."""

from strangler.sources.tree import SourceFile, SourceTree, scan

__all__ = ["SourceFile", "SourceTree", "scan"]
