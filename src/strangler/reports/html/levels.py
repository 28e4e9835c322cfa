"""The cuts that the map can draw, laid out: coarser, recommended and finer ones, and the packages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from strangler.model import BoundedContext, Model
from strangler.reports.html.names import Names
from strangler.reports.index import Index
from strangler.reports.layout import picture
from strangler.reports.needs import Need, of_cut
from strangler.reports.verdict import Verdict

LABELS = ("coarser", "recommended", "finer", "packages")


def levels(model: Model, index: Index, verdict: Verdict) -> list[dict[str, object]]:
    """Each cut as columns, in the order of ``LABELS``."""
    recommended = ("recommended", model.contexts, list(verdict.needs))
    cuts = [
        recommended
        if level.label == "recommended"
        else (level.label, level.contexts, of_cut(model.system, level.contexts))
        for level in model.hierarchy
    ]
    if not any(label == "recommended" for label, _, _ in cuts):
        cuts.insert(0, recommended)
    packages = _packages(model, index, verdict)
    if packages:
        cuts.append(("packages", packages, of_cut(model.system, packages)))
    cuts.sort(key=lambda cut: LABELS.index(cut[0]))
    return [_level(verdict, label, contexts, found) for label, contexts, found in cuts]


def _packages(model: Model, index: Index, verdict: Verdict) -> tuple[BoundedContext, ...]:
    """The present packages as a cut, at the depth that agrees best with the contexts."""
    if verdict.fit is None:
        return ()
    known = set(verdict.fit.packages)
    home = {}
    for module in model.modules:
        parts = module.name.split(".")
        names = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
        package = next((name for name in names if name in known), None)
        if package is not None and module.name in index.context_of:
            home[module.name] = package
    modules: dict[str, list[str]] = defaultdict(list)
    for name, package in home.items():
        modules[package].append(name)
    tables: dict[str, list[str]] = defaultdict(list)
    for table in model.tables:
        package = home.get(index.module_of_path.get(table.path, ""))
        if package is not None:
            tables[package].append(table.name)
    return tuple(
        BoundedContext(
            name=package,
            kind="context",
            modules=tuple(modules[package]),
            tables=tuple(tables[package]),
            confidence=1.0,
        )
        for package in sorted(modules)
    )


def _level(
    verdict: Verdict, label: str, contexts: Sequence[BoundedContext], found: list[Need]
) -> dict[str, object]:
    names = Names.of(context.name for context in contexts)
    history = verdict.history.pairs if label == "recommended" else {}
    drawn = picture(contexts, found, list(history))
    by_pair = {(need.source, need.target): need.groups for need in found}
    return {
        "label": label,
        "name": names.values,
        "kind": [c.kind for c in contexts],
        "size": [len(c.modules) for c in contexts],
        "tables": [len(c.tables) for c in contexts],
        "confidence": [c.confidence for c in contexts],
        "width": drawn.width,
        "height": drawn.height,
        "cards": [(names.get(c.name), c.x, c.y, c.height) for c in drawn.cards],
        "lines": [
            (
                names.get(line.a),
                names.get(line.b),
                by_pair.get((line.a, line.b), {}),
                by_pair.get((line.b, line.a), {}),
                history.get((min(line.a, line.b), max(line.a, line.b)), 0),
                line.path,
            )
            for line in drawn.lines
        ],
        "leftOut": drawn.left_out,
    }
