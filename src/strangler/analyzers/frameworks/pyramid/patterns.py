"""Pyramid's route patterns as normal forms and expressions."""

from __future__ import annotations

import re

from strangler.analyzers.plugin import Compiled, braced

_REST = re.compile(r"\*(\w*)$")


def compile_pattern(pattern: str) -> Compiled:
    """``/orders/{pk:\\d+}/*rest`` as a normal form and an expression; Pyramid ends it with ``$``."""
    match = _REST.search(pattern)
    head = pattern[: match.start()] if match is not None else pattern
    normal, regex = braced(head, "[^/]+")
    if match is not None:
        normal.append(f"{{{match[1]}}}")
        regex.append(".*")
    if next((part for part in reversed(regex) if part), "") != "[^/]+":
        regex.append(r"\n?")
    return Compiled(pattern, "".join(normal), "".join(regex))
