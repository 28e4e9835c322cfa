"""The version of strangler, of which the caches and every model say what made them."""

__version__ = "0.1.0"
