"""The ratchet: what crosses a frozen cut today, beside what the baseline tolerates."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable

import msgspec

from strangler.checks.baseline import (
    VERSION,
    Baseline,
    BaselineError,
    Finding,
    Outcome,
    Tolerated,
    cut_of,
    frozen,
)
from strangler.checks.carry import carry
from strangler.checks.cycles import import_cycles
from strangler.contexts.crossings import of_cut
from strangler.model import BoundedContext, Crossing, Evidence, Model

_Place = tuple[str, ...]
"""``Tolerated.place``."""


def take(model: Model) -> Baseline:
    """The baseline of a model: its contexts, and everything that crosses them today is tolerated.

    What the model leaves without a context is given one by the rule for what is new (see ``carry``), so that
    it is new no more when the baseline is compared.
    """
    return update(cut_of(model), model)


def update(baseline: Baseline, model: Model) -> Baseline:
    """The baseline's own cut, carried over to today's modules, with what crosses it today."""
    contexts = carry(baseline, model)[0]
    return Baseline(
        strangler_baseline=VERSION,
        contexts=frozen(context for context in contexts if not context.accepted),
        places=_tolerated(of_cut(model.system, contexts), contexts),
        cycles=import_cycles(model.imports),
        guidance=baseline.guidance,
    )


def renew(baseline: Baseline, before: Model, after: Model) -> Baseline:
    """The baseline on another cut of the same code: what it does not tolerate is not tolerated there.

    Args:
        baseline: on the old cut.
        before: the model.
        after: the same with the other cut.
    """
    fresh, tolerated, _ = _beyond(baseline, before)
    excess: Counter[tuple[str, ...]] = Counter()
    for place, row in fresh.items():
        excess[place[2:]] += row.count - tolerated.get(place, 0)
    places = []
    for row in take(after).places:
        count = row.count - excess[row.place[2:]]
        if count > 0:
            places.append(msgspec.structs.replace(row, count=count))
    taken = take(after)
    return msgspec.structs.replace(taken, places=tuple(places), cycles=baseline.cycles)


def _tolerated(crossings: Iterable[Crossing], contexts: Iterable[BoundedContext]) -> tuple[Tolerated, ...]:
    ids = {context.name: context.id for context in contexts}
    counts = Counter(
        (ids[place[0]], ids[place[1]], *place[2:]) for crossing in crossings for place, _ in _places(crossing)
    )
    return tuple(
        Tolerated(source=p[0], target=p[1], kind=p[2], subject=p[3], file=p[4], symbol=p[5], count=count)
        for p, count in sorted(counts.items())
    )


def compare(baseline: Baseline, model: Model) -> Outcome:
    """What today's model has on top of the baseline, on the baseline's cut.

    Raises:
        BaselineError: an older version wrote it, whose crossings cannot be compared with today's.
    """
    if baseline.strangler_baseline != VERSION:
        raise BaselineError(
            "written by an older strangler; `strangler check --update-baseline` writes it anew "
            "and keeps its contexts"
        )
    if not (baseline.contexts or any(context.accepted for context in model.contexts) or not model.contexts):
        raise BaselineError(
            "counts by accepted boundaries, and none were found; name them with --boundaries FILE, or take a "
            "new baseline with --update-baseline"
        )
    fresh, tolerated, (contexts, placed, crossings, present) = _beyond(baseline, model)
    cycles = import_cycles(model.imports)
    known = [set(cycle) for cycle in baseline.cycles]
    new_cycles = [cycle for cycle in cycles if not any(set(cycle) <= old for old in known)]
    findings = [
        *_crossing_findings(crossings, contexts, fresh, tolerated),
        *_cycle_findings(new_cycles, model),
    ]
    paths = {module.name: module.path for module in model.modules}
    owners = {paths[row.module]: row.owners for row in model.ownership.modules}
    found = [msgspec.structs.replace(f, owners=owners.get(f.file, ())) for f in findings]
    return Outcome(
        findings=tuple(sorted(found, key=lambda f: (f.file, f.line, f.message))),
        gone=sum(1 for place in tolerated if place not in present),
        gone_cycles=sum(1 for old in known if not any(set(cycle) & old for cycle in cycles)),
        placed=placed,
    )


def _beyond(
    baseline: Baseline, model: Model
) -> tuple[
    dict[tuple[str, ...], Tolerated],
    dict[tuple[str, ...], int],
    tuple[
        tuple[BoundedContext, ...], tuple[tuple[str, str], ...], tuple[Crossing, ...], set[tuple[str, ...]]
    ],
]:
    """Places that are new or have more lines, what is tolerated, and the cut that says so."""
    contexts, placed = carry(baseline, model)
    crossings = of_cut(model.system, contexts)
    tolerated = {row.place: row.count for row in baseline.places}
    today = _tolerated(crossings, contexts)
    present = {row.place for row in today}
    fresh = {row.place: row for row in today if row.count > tolerated.get(row.place, 0)}
    for old, new in _moved(fresh, tolerated, present):
        tolerated[new] = tolerated.pop(old)
        del fresh[new]
    return fresh, tolerated, (contexts, placed, crossings, present)


def _moved(
    fresh: dict[_Place, Tolerated], tolerated: dict[_Place, int], present: set[_Place]
) -> list[tuple[_Place, _Place]]:
    """Tolerated places that are gone, each with the new one that it became: the same crossing, no more lines,
    by a function of the same name (or no function) in another file, or in the same file by another name."""
    gone: dict[_Place, list[_Place]] = defaultdict(list)
    for place in sorted(tolerated.keys() - present):
        *crossing, file, symbol = place
        for key in ((*crossing, "in", file), (*crossing, "by", symbol)):
            gone[key].append(place)
    found: dict[_Place, _Place] = {}
    for place, row in sorted(fresh.items()):
        *crossing, file, symbol = place
        before = [*gone.get((*crossing, "by", symbol), ()), *gone.get((*crossing, "in", file), ())]
        fits = (old for old in before if old not in found and tolerated[old] >= row.count)
        old = next(fits, None) if place not in tolerated else None
        if old is not None:
            found[old] = place
    return list(found.items())


def _places(crossing: Crossing) -> Iterable[tuple[tuple[str, ...], Evidence]]:
    for evidence in crossing.evidence:
        key = (crossing.source, crossing.target, crossing.kind, crossing.subject)
        yield (*key, evidence.file, evidence.symbol), evidence


def _crossing_findings(
    crossings: Iterable[Crossing],
    contexts: Iterable[BoundedContext],
    fresh: dict[tuple[str, ...], Tolerated],
    tolerated: dict[tuple[str, ...], int],
) -> Iterable[Finding]:
    """One finding a place, at its last line: added code tends to stand below what was there."""
    ids = {context.name: context.id for context in contexts}
    names = {context.id: context.name for context in contexts}
    lines: dict[tuple[str, ...], int] = {}
    for crossing in crossings:
        for (source, target, *rest), evidence in _places(crossing):
            place = (ids[source], ids[target], *rest)
            if place in fresh:
                lines[place] = max(lines.get(place, 0), evidence.line)
    for place, row in fresh.items():
        before = tolerated.get(place, 0)
        what = f"{row.kind.replace('_', ' ')} {row.subject}".rstrip()
        more = f" ({before} tolerated, {row.count} now)" if before else ""
        symbol = f" by {row.symbol}" if row.symbol else ""
        message = f"{names[row.source]} -> {names[row.target]}: {what}{symbol}{more}"
        yield Finding(
            code="new-crossing",
            file=row.file,
            line=lines[place],
            message=message,
            fingerprint=_fingerprint("new-crossing", *place),
            source=names[row.source],
            target=names[row.target],
            kind=row.kind,
            subject=row.subject,
        )


def _cycle_findings(cycles: Iterable[tuple[str, ...]], model: Model) -> Iterable[Finding]:
    paths = {module.name: module.path for module in model.modules}
    for cycle in cycles:
        members = set(cycle)
        edge = min(
            (item for item in model.imports if item.importer in members and item.imported in members),
            key=lambda item: (item.importer, item.line),
        )
        shown = " -> ".join(cycle[:6]) + (f" and {len(cycle) - 6} more" if len(cycle) > 6 else "")
        yield Finding(
            code="new-cycle",
            file=paths.get(edge.importer, edge.importer),
            line=edge.line,
            message=f"import cycle of {len(cycle)} modules: {shown}",
            fingerprint=_fingerprint("new-cycle", *cycle),
            modules=cycle,
        )


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
