"""Whose classes may be named on the wire."""

from __future__ import annotations

PACKAGES: tuple[str, ...] = ()
"""The monolith's own top-level packages."""
