"""The cuts that the map can draw, laid out: coarser, recommended and finer ones, and the packages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from strangler.model import BoundedContext, Crossing, Model
from strangler.reports.html.names import Names
from strangler.reports.index import Index
from strangler.reports.layout import picture
from strangler.reports.needs import Need, in_groups, of_other_cut
from strangler.reports.verdict import Verdict

LABELS = ("coarser", "even", "recommended", "finer", "packages")


Cut = tuple[str, Sequence[BoundedContext]]
"""(one of ``LABELS``, the contexts)."""


def cuts(model: Model, index: Index, verdict: Verdict) -> list[Cut]:
    """The cuts that the map can draw, in the order of ``LABELS``."""
    found: list[Cut] = [("recommended", model.contexts), *others(model)]
    packages = _packages(model, index, verdict)
    if packages:
        found.append(("packages", packages))
    return sorted(found, key=lambda cut: (LABELS.index(cut[0]), _services(cut[1])))


def others(model: Model) -> list[Cut]:
    """The other cuts of the analysis, each called by what it is beside that of the model: folding may leave a
    cut of a lower resolution with more services, or with as many."""
    own = _services(model.contexts)
    found = [level.contexts for level in model.hierarchy if level.label != "recommended"]
    return [(_beside(_services(cut), own), cut) for cut in found]


def _services(cut: Sequence[BoundedContext]) -> int:
    return sum(context.proper for context in cut)


def _beside(services: int, own: int) -> str:
    return "even" if services == own else "coarser" if services < own else "finer"


def levels(verdict: Verdict, drawn: Iterable[Cut], ties: Sequence[Crossing]) -> list[dict[str, object]]:
    """Each cut as columns.

    Args:
        drawn: what ``cuts`` gives.
        ties: the crossings between the single modules and tables of all of these (``crossings.of_atoms``).
    """
    return [
        _level(
            verdict, label, cut, list(verdict.needs) if label == "recommended" else of_other_cut(ties, cut)
        )
        for label, cut in drawn
    ]


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
    certain = {(need.source, need.target): in_groups(need.certain) for need in found}
    return {
        "label": label,
        "name": names.values,
        "kind": [c.kind for c in contexts],
        "standing": [c.standing for c in contexts],
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
                certain.get((line.a, line.b), {}),
                certain.get((line.b, line.a), {}),
            )
            for line in drawn.lines
        ],
        "leftOut": drawn.left_out,
    }
