"""Lists of the pages of a service, of which ``service.json`` has all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

SHOWN = 60
"""Rows that a page shows of a list or a table."""


def rows(items: Sequence[str]) -> Iterator[str]:
    """The lines of a list, and of the empty line behind it."""
    yield from (f"- {item}" for item in items[:SHOWN])
    if items[SHOWN:]:
        yield f"- {len(items) - SHOWN:,} more in `service.json`"
    yield ""
