"""The domains that lie together in a context, as lines of Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from strangler.model import BoundedContext
from strangler.text import code, listed, plural

TABLES = 12
"""Tables named of each domain."""
MODULES = 12
"""Modules named that are to be split."""


def domain_lines(context: BoundedContext) -> Iterator[str]:
    """One line for each domain, and one with the modules that serve several of them."""
    for domain in context.domains:
        about = plural(len(domain.modules), "module"), listed(map(code, domain.tables), TABLES)
        yield f"- {code(domain.name)}: {'; '.join(part for part in about if part)}"
    if context.to_split:
        yield f"- to split between them: {listed(map(code, context.to_split), MODULES)}"
