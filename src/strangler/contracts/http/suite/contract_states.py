"""Yours: how the data are put back to where they were recorded. It is written once and never overwritten.

``reset`` is called before the first test, and before a test whenever the one before it wrote something;
``--reset`` on the command line comes first. A seed script, a snapshot of the database or a fixture of the
framework will do: the same rows with the same keys every time.
"""

from __future__ import annotations

from collections.abc import Callable


def reset(base_url: str) -> None:
    """Put the data of the service at ``base_url`` back."""
    raise NotImplementedError


STATES: dict[str, Callable[[str], None]] = {}
"""Name of a provider state -> what sets it up, after ``reset``."""
