"""What the workshop of the page computes with: the ties between single modules and tables, and the cuts to
start from.

A module is its position in the page's modules, a table its position in the page's tables behind all modules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import get_args

from strangler.contexts.crossings import counted
from strangler.contexts.figures import DATA_TIES, writes
from strangler.model import BoundedContext, Crossing, Model
from strangler.model.contexts import ContextKind, CrossingKind
from strangler.model.lookup import TABLE
from strangler.reports.html.levels import others


def workshop(
    model: Model, ties: Iterable[Crossing], module: Callable[[str], int], table: Callable[[str], int]
) -> dict[str, object]:
    """The block of the page from which every cut is counted as ``by_kind`` counts it.

    ``ties`` are columns: both ends, the kind, and the places that no other tie shares; ``shared`` are the
    others, (tie, number of the place). ``writes`` are (table, module).

    Args:
        ties: the crossings between single modules and tables (``crossings.of_atoms``); of others than those
            of the model's contexts, none is told.
        module: position of a module's name.
        table: position of a table's name.
    """
    first = len(model.modules)
    kinds = get_args(CrossingKind)

    def atom(name: str) -> int:
        return first + table(name.removeprefix(TABLE)) if name.startswith(TABLE) else module(name)

    inside = {name for context in model.contexts for name in context.modules}
    own = inside | {f"{TABLE}{name}" for context in model.contexts for name in context.tables}
    found = [
        (c, [(c.subject, p.file, p.line, p.symbol) for p in c.places])
        for c in counted(ties)
        if c.source in own and c.target in own
    ]
    uses = Counter((c.kind, place) for c, places in found for place in places)
    rows: dict[tuple[int, int, int], int] = {}
    alone: Counter[tuple[int, int, int]] = Counter()
    shared: dict[tuple[int, int], None] = {}
    numbers: dict[tuple[str, object], int] = {}
    for crossing, places in found:
        key = atom(crossing.source), atom(crossing.target), kinds.index(crossing.kind)
        tie = rows.setdefault(key, len(rows))
        for place in places:
            if uses[crossing.kind, place] == 1:
                alone[key] += 1
            else:
                shared[tie, numbers.setdefault((crossing.kind, place), len(numbers))] = None
    writing = sorted({(table(a.table), module(a.module)) for a in writes(model.system) if a.module in inside})
    cuts = [("recommended", model.contexts), *others(model)]
    return {
        "crossings": kinds,
        "dataTies": DATA_TIES,
        "kinds": get_args(ContextKind),
        "ties": [list(column) for column in zip(*rows, strict=True)] + [[alone[key] for key in rows]]
        if rows
        else [[], [], [], []],
        "shared": list(shared),
        "places": len(numbers),
        "writes": writing,
        "cuts": [_cut(label, contexts, module, table) for label, contexts in cuts],
    }


def _cut(
    label: str,
    contexts: Sequence[BoundedContext],
    module: Callable[[str], int],
    table: Callable[[str], int],
) -> dict[str, object]:
    return {
        "label": label,
        "id": [context.id or context.name for context in contexts],
        "name": [context.name for context in contexts],
        "kind": [context.kind for context in contexts],
        "modules": [sorted(map(module, context.modules)) for context in contexts],
        "tables": [sorted(map(table, context.tables)) for context in contexts],
    }
