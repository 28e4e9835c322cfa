"""Services that answer wrongly, one way each, and services that differ in nothing that matters.

``MUTANTS`` and ``HARMLESS``: suite -> name -> what stands between the suite and the monolith. The suites are
named in ``world.SUITES``; a mutant for ``*`` is tried on each of them.
"""

from mutants import clinic, courier, everywhere, shop, writing
from mutants.registry import HARMLESS, MUTANTS

__all__ = ["HARMLESS", "MUTANTS", "clinic", "courier", "everywhere", "shop", "writing"]
