"""A context as a deployment of its own: what it needs of the monolith, and no more."""

from strangler.extraction.build import extract, remove
from strangler.extraction.values import Change, Need, Removal, Service, Size

__all__ = ["Change", "Need", "Removal", "Service", "Size", "extract", "remove"]
