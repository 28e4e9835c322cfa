"""Pyramid's route patterns as normal forms and expressions."""

from __future__ import annotations

import re

from strangler.analyzers.plugin import Compiled, literal

_REST = re.compile(r"\*(\w*)$")
_PART = re.compile(r"(\{[_a-zA-Z][^{}]*(?:\{[^{}]*\}[^{}]*)*\})")


def compile_pattern(pattern: str) -> Compiled:
    """``/orders/{pk:\\d+}/*rest`` as a normal form and an expression; Pyramid ends it with ``$``."""
    match = _REST.search(pattern)
    head = pattern[: match.start()] if match is not None else pattern
    normal: list[str] = []
    regex: list[str] = []
    for part in _PART.split(head):
        if part.startswith("{") and part.endswith("}"):
            name, colon, expression = part[1:-1].partition(":")
            normal.append(f"{{{name}}}")
            regex.append(f"(?:{expression})" if colon else "[^/]+")
        else:
            normal.append(part)
            regex.append(literal(part))
    if match is not None:
        normal.append(f"{{{match[1]}}}")
        regex.append(".*")
    if next((part for part in reversed(regex) if part), "") != "[^/]+":
        regex.append(r"\n?")
    return Compiled(pattern, "".join(normal), "".join(regex))
