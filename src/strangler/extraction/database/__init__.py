"""The service's own database: which tables it has, and the files that make, fill and give it over.

find(view, reader, held, staying, choices) -> Database
    a decision for each table that the service's code has to do with
write(service) -> dict[str, bytes]
    ``data/...``; empty where the context owns no table
"""

from strangler.extraction.database.tables import CHOICES, Choices, find
from strangler.extraction.database.writer import write

__all__ = ["CHOICES", "Choices", "find", "write"]
