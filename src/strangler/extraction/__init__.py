"""A context as a deployment of its own: what it needs of the monolith, and no more."""

from strangler.extraction.build import extract, remove
from strangler.extraction.database import Choices
from strangler.extraction.database import write as data_files
from strangler.extraction.values import Change, Database, Need, Removal, Service, Size

__all__ = [
    "Change",
    "Choices",
    "Database",
    "Need",
    "Removal",
    "Service",
    "Size",
    "data_files",
    "extract",
    "remove",
]
