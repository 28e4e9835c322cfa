"""Services as values, for what is written of them."""

from __future__ import annotations

from strangler.extraction import Database, Service, Size


def bare(context: str, database: Database) -> Service:
    """A service of one line, of which its database is told."""
    size = Size(modules=1, lines=1)
    return Service(
        context=context,
        revision=None,
        endpoints=(),
        guests=(),
        needs=(),
        files=(),
        changes=(),
        size=size,
        monolith=size,
        database=database,
    )
