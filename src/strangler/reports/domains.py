"""The domains that lie together in a context, as lines of Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from strangler.model import BoundedContext, ModulePart
from strangler.text import code, listed, plural, prose

TABLES = 12
"""Tables named of each domain."""
MODULES = 12
"""Modules named that are in none, those named that are to be split,"""
ABOUT = 6
"""and that are about a domain."""
PARTS = 5
"""Modules of which it is told how to split them, the first ones,"""
DEFINITIONS = 6
"""and definitions named of each part."""


def domain_lines(context: BoundedContext) -> Iterator[str]:
    """Some lines for each domain, and those that tell which modules serve several of them."""
    for domain in context.domains:
        about = plural(len(domain.modules), "module"), listed(map(code, domain.tables), TABLES)
        yield f"- {code(domain.name)}: {'; '.join(part for part in about if part)}"
        if domain.modules:
            yield f"  - about it: {listed(map(code, domain.modules), ABOUT)}"
        if domain.reasons:
            yield f"  - why: {prose('; '.join(domain.reasons))}"
    left = context.in_none
    if left is not None:
        both = (
            (plural(len(left.tables), "table"), listed(map(code, left.tables), len(left.tables))),
            (plural(len(left.modules), "module"), listed(map(code, left.modules), MODULES)),
        )
        yield f"- in none of them: {'; '.join(f'{count}: {names}' for count, names in both if names)}"
    if context.to_split:
        yield f"- to split between them, first first: {listed(map(code, context.to_split), MODULES)}"
    for split in context.splits[:PARTS]:
        parts = [f"{code(part.context)}: {_definitions(part)}" for part in split.parts if part.context]
        yield f"  - {code(split.module)} into {'; '.join(parts)}"


def _definitions(part: ModulePart) -> str:
    return listed(map(code, part.definitions), DEFINITIONS)
