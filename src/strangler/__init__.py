"""strangler: take a Python monolith apart safely."""

__version__ = "0.1.0"
