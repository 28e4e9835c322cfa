"""The monolith's own tests: which of them exercise nothing but what the service holds."""

from strangler.extraction.testing.moving import Broken, Moved, broken, moved

__all__ = ["Broken", "Moved", "broken", "moved"]
