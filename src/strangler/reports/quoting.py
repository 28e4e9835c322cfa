"""Names from the code base inside other languages: one function each, tested with hostile names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from strangler.text import LONGEST, one_line, visible

_MERMAID_PLAIN = re.compile(r"[^\w .,/()-]")
_CSV_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def dot_quoted(text: str) -> str:
    """A quoted string of the DOT language; pydot passes it on as it is."""
    clean = one_line(text)[:LONGEST].replace("\\", "\\\\").replace('"', '\\"')
    return f'"{clean}"'


def mermaid_quoted(text: str) -> str:
    """A quoted Mermaid label; everything but letters, digits and a few marks becomes an entity code."""
    return '"' + _MERMAID_PLAIN.sub(lambda match: f"#{ord(match[0])};", one_line(text)[:LONGEST]) + '"'


def dsl_quoted(text: str) -> str:
    """A quoted string for Structurizr DSL and Context Mapper: no quote, backslash or ``${`` can be inside."""
    clean = one_line(text)[:LONGEST].replace('"', "'").replace("\\", "/").replace("${", "$ {")
    return f'"{clean}"'


def csv_cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    if not isinstance(value, str):
        return value
    clean = visible(value)
    return f"'{clean}" if clean.startswith(_CSV_FORMULA) else clean


def identifiers(names: Iterable[str], suffix: str) -> dict[str, str]:
    """Name -> a unique ASCII identifier such as ``BillingContext``."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        words = re.findall(r"[A-Za-z0-9]+", name[:60])
        stem = "".join(word[:1].upper() + word[1:] for word in words) or "Unnamed"
        base = f"{stem}{suffix}" if stem[0].isalpha() else f"C{stem}{suffix}"
        candidate, number = base, 2
        while candidate.lower() in taken:
            candidate, number = f"{base}{number}", number + 1
        taken.add(candidate.lower())
        found[name] = candidate
    return found
