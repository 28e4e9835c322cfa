"""The ledger: what the files use, beside what the linked model says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from strangler.analyzers.coverage.doors import answered
from strangler.analyzers.coverage.libraries import Source, Understood, libraries
from strangler.analyzers.coverage.sql_tables import Stated, of_tree, undeclared
from strangler.analyzers.coverage.unlisted import Lineage, Taker, in_rows, unlisted
from strangler.analyzers.coverage.unmigrated import unmigrated
from strangler.model import Coverage, Diagnostic
from strangler.model.lookup import PRODUCTION

if TYPE_CHECKING:
    from strangler.analyzers.link import Linked
    from strangler.sources.tree import SourceTree

__all__ = ["Lineage", "Taker", "Understood", "ledger"]


def ledger(
    tree: SourceTree, files: Mapping[str, Source], stated: Mapping[str, list[Stated]], linked: Linked
) -> tuple[Coverage, list[Diagnostic]]:
    """What was not understood: the libraries and files as rows, each single place as a diagnostic.

    Args:
        files: module -> the file that was parsed for it.
        stated: path -> what the SQL in the file says of tables.
    """
    roles = {file.module: file.role for file in tree.files}
    production = sorted(
        ((module, file) for module, file in files.items() if roles.get(module) in PRODUCTION),
        key=lambda item: item[1].path,
    )
    sources = dict(production)
    own = frozenset({*tree.packages, *(file.module.partition(".")[0] for file in tree.files)})
    rows, told = libraries(sources.values(), own, linked.understood, linked.extended, in_rows(linked.system))
    unread = frozenset(
        row.name for row in rows if row.reading in ("not read", "not known") and "endpoints" in row.weakens
    )
    read = frozenset(row.name for row in rows if row.reading == "read")
    paths = {module: source.path for module, source in sources.items()}
    stores = frozenset(
        row.name for row in rows if row.reading in ("not read", "in part") and "tables" in row.weakens
    )
    queues = frozenset(
        row.name for row in rows if row.reading in ("not read", "not known") and "tasks" in row.weakens
    )
    silent = unlisted(sources, linked.system, linked.lineages, linked.takers, unread, read, stores, queues)
    made = of_tree(tree, stated)
    known = {(one.file, one.line, one.code) for one in linked.system.diagnostics}
    return Coverage(libraries=rows), [
        *told,
        *(one for one in silent if (one.file, one.line, one.code) not in known),
        *answered({source.path: source.doors for source in sources.values()}),
        *undeclared(made, linked.system.tables, linked.system.accesses, paths),
        *unmigrated(made, linked.system.tables, tree),
    ]
