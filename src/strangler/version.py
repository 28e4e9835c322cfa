"""The version of strangler, of which the caches and every model say what made them."""

from importlib.metadata import PackageNotFoundError, version

UNKNOWN = "0.0.0"
"""Of code that runs without having been installed."""


def _installed() -> str:
    """What was read from the tags of git when the distribution was built: no run asks git again."""
    try:
        return version("strangler")
    except PackageNotFoundError:
        return UNKNOWN


__version__ = _installed()
