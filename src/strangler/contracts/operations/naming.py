"""Names of contexts where operations and seams need them."""

from __future__ import annotations

import keyword
import re


def slug(name: str) -> str:
    """A context's name as a part of a path, a module's name and an environment variable.

    No word of Python, which could not be imported, no device of Windows, which is no file there, and no
    module that the seams have beside those of the contexts.
    """
    kept = "".join(char if char.isascii() and char.isalnum() else "_" for char in name.lower())
    text = "_".join(part for part in kept.split("_") if part)[:48] or "context"
    taken = text[0].isdigit() or keyword.iskeyword(text) or _DEVICE.fullmatch(text) or text in _BESIDE
    return f"c_{text}" if taken else text


_BESIDE = frozenset(
    [
        *("client", "codec", "compensations", "database", "events", "inbox", "relay", "rows", "saga"),
        *("server", "test_saga", "wire"),
    ]
)
"""Modules of the package of the seams, in which each context has one."""
_DEVICE = re.compile(r"con|prn|aux|nul|(?:com|lpt)[0-9]")
