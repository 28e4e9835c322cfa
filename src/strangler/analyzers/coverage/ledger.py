"""The ledger: what the files use, beside what the linked model says of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from strangler.analyzers.coverage.libraries import Source, Understood, libraries
from strangler.analyzers.coverage.unlisted import Lineage, unlisted
from strangler.model import Coverage, Diagnostic

if TYPE_CHECKING:
    from strangler.analyzers.link import Linked
    from strangler.reading import FileFacts
    from strangler.sources.tree import SourceTree

__all__ = ["Lineage", "Understood", "ledger"]

PRODUCTION = frozenset({"code", "settings", "entry_point"})


def ledger(tree: SourceTree, files: Sequence[FileFacts], linked: Linked) -> tuple[Coverage, list[Diagnostic]]:
    """What was not understood: the libraries and files as rows, each single place as a diagnostic."""
    roles = {file.module: file.role for file in tree.files}
    sources = {
        file.facts.module: Source(file.facts.path, file.imports, file.hooks)
        for file in sorted(files, key=lambda one: one.facts.path)
        if file.imports is not None and roles.get(file.facts.module) in PRODUCTION
    }
    own = frozenset({*tree.packages, *(file.module.partition(".")[0] for file in tree.files)})
    rows, told = libraries(sources.values(), own, linked.understood)
    return Coverage(libraries=rows), [*told, *unlisted(sources, linked.system, linked.lineages)]
