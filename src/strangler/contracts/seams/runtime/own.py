"""Whose classes may be named on the wire."""

from __future__ import annotations

PACKAGES: tuple[str, ...] = ()
"""The monolith's own top-level packages."""
MODELS: tuple[str, ...] = ()
"""Modules of tables that name one another's classes: all have to be there before one is used."""
USE: tuple[str, ...] = ()
"""What opens database sessions here, as ``module:name``: used where ``--use`` says nothing else."""
