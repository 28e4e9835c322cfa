"""A context as a deployment of its own: what it needs of the monolith, and no more."""

from strangler.extraction.build import extract
from strangler.extraction.values import Change, Need, Service, Size

__all__ = ["Change", "Need", "Service", "Size", "extract"]
