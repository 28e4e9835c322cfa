"""Source lines for the page: each place that it names, with the lines around it, secrets masked.

The one part of a report that comes from the tree and not from the model; whoever must not ship code leaves it
out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from strangler.contexts.crossings import counted
from strangler.model import Model
from strangler.reports.needs import BINDING, GROUPS
from strangler.secrets import hidden_in_code

AROUND = 2
"""Lines shown before and after a place."""
MOST_CHARACTERS = 900_000
"""Characters of source carried in one page, those of the hardest crossings first."""
WIDEST = 160
"""Characters of a line."""

Lines = tuple[int, tuple[str, ...]]
"""(number of the first line, the lines)."""
Excerpts = Mapping[str, tuple[Lines, ...]]
"""Path in the tree -> its excerpts, in the order of their lines."""


def excerpts(model: Model, read: Callable[[str], str]) -> Excerpts:
    """The lines of the places of a model, as many as ``MOST_CHARACTERS`` allow.

    Args:
        model: whose places are wanted.
        read: the text of a file of the tree; empty where it cannot be read.
    """
    texts: dict[str, list[str]] = {}
    wanted: dict[str, set[int]] = defaultdict(set)
    spent = 0
    # Lines themselves before those around the first of them.
    for around, most in ((0, MOST_CHARACTERS * 2 // 3), (AROUND, MOST_CHARACTERS)):
        for path, line in _places(model):
            if path not in texts:
                texts[path] = _lines(read(path))
            lines = texts[path]
            if not 0 < line <= len(lines):
                continue
            near = set(range(max(1, line - around), min(len(lines), line + around) + 1)) - wanted[path]
            cost = sum(min(WIDEST, len(lines[number - 1])) + 1 for number in near)
            if spent + cost > most:
                break
            spent += cost
            wanted[path] |= near
    return {path: tuple(_runs(texts[path], sorted(wanted[path]))) for path in sorted(wanted) if wanted[path]}


def _lines(text: str) -> list[str]:
    # What begins and ends far from the place is hidden in the whole file.
    if not text:
        return []
    return (hidden_in_code(text) if "PRIVATE KEY" in text else text).split("\n")


def _runs(lines: list[str], numbers: list[int]) -> Iterator[Lines]:
    """Lines that follow each other, masked together."""
    start = 0
    for position in range(1, len(numbers) + 1):
        if position < len(numbers) and numbers[position] == numbers[position - 1] + 1:
            continue
        first, last = numbers[start], numbers[position - 1]
        before = max(0, first - 1 - AROUND)  # a secret may be named on the line above
        text = hidden_in_code("\n".join(line.rstrip("\r") for line in lines[before:last]))
        yield first, tuple(line[:WIDEST] for line in text.split("\n")[first - 1 - before :])
        start = position


def _places(model: Model) -> Iterator[tuple[str, int]]:
    """(path, line) of all that the page names, what matters most first."""
    path_of = {module.name: module.path for module in model.modules}
    rank = {group: number for number, group in enumerate(BINDING)}
    for crossing in sorted(counted(model.crossings), key=lambda c: rank[GROUPS[c.kind]]):
        yield from ((place.file, place.line) for place in crossing.evidence)
    for table in model.tables:
        yield table.path, table.line
    for endpoint in model.endpoints:
        yield endpoint.file or "", endpoint.line
    for remark in model.diagnostics:
        yield remark.file, remark.line or 0
    for library in model.coverage.libraries:
        yield library.file, library.line
    for transaction in model.transactions:
        yield path_of.get(transaction.module, ""), transaction.line
    for message in model.messages:
        yield path_of.get(message.module, ""), message.line
    for access in model.accesses:
        yield path_of.get(access.module, ""), access.line
    for item in model.imports:
        yield path_of.get(item.importer, ""), item.line
