"""The monolith's own tests: which of them exercise nothing but what the service holds."""

from strangler.extraction.testing.moving import Moved, moved

__all__ = ["Moved", "moved"]
