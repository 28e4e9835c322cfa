"""The ratchet: a frozen cut and the crossings that it has today; whatever comes on top is a finding.

Which module belongs to which context is frozen, so that a finding means changed code, never a differently
computed proposal: by the accepted boundaries, and by the baseline itself for what is not accepted. Line
numbers are not part of it: moving code inside a file is no finding. Contexts are named by their ids.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable

import msgspec

from strangler.checks.cycles import import_cycles
from strangler.contexts.accepted import claims, package_vote, package_votes
from strangler.contexts.crossings import of_cut
from strangler.model import Boundary, BoundedContext, Crossing, Evidence, Model
from strangler.model.base import Value
from strangler.model.contexts import ContextKind
from strangler.model.document import NOT_JSON
from strangler.model.lookup import PRODUCTION

VERSION = 2

_Place = tuple[str, ...]
"""``Tolerated.place``."""


class BaselineError(ValueError):
    """A file that is not a baseline of this version."""


class FrozenContext(Value, frozen=True, kw_only=True):
    """One context as it was when the baseline was taken."""

    name: str
    kind: ContextKind
    modules: tuple[str, ...]
    tables: tuple[str, ...]
    id: str = ""


class Tolerated(Value, frozen=True, kw_only=True):
    """A function, or a file, in which a crossing is made, and in how many lines."""

    source: str = msgspec.field(name="from")
    target: str = msgspec.field(name="to")
    kind: str
    subject: str
    file: str
    symbol: str
    count: int

    @property
    def crossing(self) -> tuple[str, ...]:
        """What it crosses by."""
        return (self.source, self.target, self.kind, self.subject)

    @property
    def place(self) -> tuple[str, ...]:
        """What makes two of them the same, whatever their counts."""
        return (self.source, self.target, self.kind, self.subject, self.file, self.symbol)


class Baseline(Value, frozen=True, kw_only=True):
    """What is tolerated."""

    strangler_baseline: int
    contexts: tuple[FrozenContext, ...]
    """Those that are not accepted."""
    places: tuple[Tolerated, ...]
    """Where they cross today."""
    cycles: tuple[tuple[str, ...], ...]


class Finding(Value, frozen=True, kw_only=True):
    """Something that the baseline does not hold."""

    code: str
    """``new-crossing`` or ``new-cycle``."""
    file: str
    line: int
    message: str
    fingerprint: str = ""
    """The same for the same finding after the code around it has moved, and however often it stands there."""
    owners: tuple[str, ...] = ()
    """Of the file, by CODEOWNERS."""
    source: str = ""
    """The context that crosses; empty for a cycle, as are the next three."""
    target: str = ""
    kind: str = ""
    subject: str = ""
    modules: tuple[str, ...] = ()
    """Those of a cycle."""


class Allowance(Value, frozen=True, kw_only=True):
    """An entry of the boundaries file that lets findings pass; what it leaves empty may be anything."""

    where: str
    """File and line of the entry."""
    reason: str
    until: str
    """The last day on which it holds."""
    owner: str = ""
    """Who sees to it; empty: the owners of the file."""
    rule: str = ""
    source: str = ""
    """Id or name of the context that crosses."""
    target: str = ""
    kind: str = ""
    subject: str = ""
    file: str = ""
    """Shell pattern of paths."""
    modules: tuple[str, ...] = ()
    """A cycle passes that has no others."""


class Allowed(Value, frozen=True, kw_only=True):
    """A finding that passes."""

    finding: Finding
    allowance: Allowance


class Outcome(Value, frozen=True, kw_only=True):
    """The result of a comparison."""

    findings: tuple[Finding, ...]
    gone: int
    """Tolerated crossings that the code no longer has."""
    gone_cycles: int
    placed: tuple[tuple[str, str], ...]
    """Modules that the baseline does not know, with the context that their neighbours put them in."""
    allowed: tuple[Allowed, ...] = ()
    """What an entry of the boundaries file lets pass; none of it is among the findings."""
    expired: tuple[Allowance, ...] = ()
    """Entries whose last day is over and whose findings are there."""
    unused: tuple[Allowance, ...] = ()
    """Entries that no finding fits."""


def take(model: Model) -> Baseline:
    """The baseline of a model: its contexts, and everything that crosses them today is tolerated.

    What the model leaves without a context is given one by the rule for what is new (see ``carry``), so that
    it is new no more when the baseline is compared.
    """
    return update(cut_of(model), model)


def cut_of(model: Model) -> Baseline:
    """All contexts of a model as a cut for others, with nothing that crosses it."""
    return Baseline(strangler_baseline=VERSION, contexts=_frozen(model.contexts), places=(), cycles=())


def update(baseline: Baseline, model: Model) -> Baseline:
    """The baseline's own cut, carried over to today's modules, with what crosses it today."""
    contexts = carry(baseline, model)[0]
    return Baseline(
        strangler_baseline=VERSION,
        contexts=_frozen(context for context in contexts if not context.accepted),
        places=_tolerated(of_cut(model.system, contexts), contexts),
        cycles=import_cycles(model.imports),
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


def _frozen(contexts: Iterable[BoundedContext]) -> tuple[FrozenContext, ...]:
    frozen = (
        FrozenContext(
            name=c.name,
            kind=c.kind,
            modules=tuple(sorted(c.modules)),
            tables=tuple(sorted(c.tables)),
            id=c.id or c.name,
        )
        for c in contexts
    )
    return tuple(sorted(frozen))


def dump(baseline: Baseline) -> bytes:
    """JSON with one entry a line, so that a review shows what was added."""
    lists = []
    for name in ("contexts", "places", "cycles"):
        entries = (msgspec.json.encode(entry, order="deterministic") for entry in getattr(baseline, name))
        text = b",\n  ".join(entries)
        lists.append(b' "%s": [%s]' % (name.encode(), b"\n  %s\n " % text if text else b""))
    version = b' "strangler_baseline": %d' % baseline.strangler_baseline
    return b"{\n" + b",\n".join([version, *lists]) + b"\n}\n"


class _Head(msgspec.Struct):
    strangler_baseline: int
    contexts: tuple[FrozenContext, ...]


def load(data: bytes) -> Baseline:
    """Read a baseline; of one of an older version only the contexts.

    Raises:
        BaselineError: something else, or of a newer version.
    """
    try:
        head = msgspec.json.decode(data, type=_Head)
        if head.strangler_baseline < VERSION:
            return Baseline(
                strangler_baseline=head.strangler_baseline, contexts=head.contexts, places=(), cycles=()
            )
        baseline = msgspec.json.decode(data, type=Baseline)
    except NOT_JSON as error:
        raise BaselineError(f"not a strangler baseline: {error}") from error
    if baseline.strangler_baseline != VERSION:
        raise BaselineError(
            f"baseline of version {baseline.strangler_baseline}, not {VERSION}: use a newer one of strangler"
        )
    return baseline


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


def carry(
    baseline: Baseline, model: Model, boundaries: tuple[Boundary, ...] | None = None
) -> tuple[tuple[BoundedContext, ...], tuple[tuple[str, str], ...]]:
    """A cut over the modules and tables of a model, and where the new modules were put.

    Accepted boundaries come first: those of the model as the analysis laid them, others by what they claim.
    Then the frozen contexts hold. A new module joins the context that most modules of its nearest known
    package belong to, where nothing is frozen the one that the analysis proposes; a new table, mapped or not,
    the context that ``contexts.ownership`` gives it to. A table that the code no longer names belongs to
    nobody.

    Args:
        baseline: the frozen contexts.
        model: whose modules and tables are to be cut.
        boundaries: accepted ones; None: those of the model.
    """
    from strangler.contexts.ownership import owners

    names = [module.name for module in model.modules if module.role in PRODUCTION]
    laid = boundaries is None or boundaries == model.boundaries
    kinds: dict[str, tuple[str, ContextKind, bool]] = {}
    """id -> name, kind, whether it is accepted"""
    owner: dict[str, str] = {}
    known: dict[str, str] = {}
    for cut in baseline.contexts:
        key = cut.id or cut.name
        kinds[key] = cut.name, cut.kind, False
        owner |= dict.fromkeys(cut.modules, key)
        known |= dict.fromkeys(cut.tables, key)
    seen = set(owner)
    if not laid:
        for boundary in boundaries or ():
            kinds[boundary.id] = boundary.name, boundary.kind, True
            known |= dict.fromkeys(boundary.tables, boundary.id)
        held = {module: boundary.id for module, boundary in claims(boundaries or (), names).items()}
        owner |= held
        seen |= held.keys()
    placed_by_evidence = {row.module for row in model.continuity.placed}
    own = [context for context in model.contexts if context.accepted or not baseline.contexts]
    for context in own if laid else ():
        kinds[context.id] = context.name, context.kind, context.accepted
        owner |= dict.fromkeys(context.modules, context.id)
        known |= dict.fromkeys(context.tables, context.id)
        seen.update(set(context.modules) - placed_by_evidence)
    votes = package_votes(owner)
    today = {name: owner.get(name) or package_vote(name, votes) for name in names}
    context_of = {module: key for module, key in today.items() if key}
    platforms = frozenset(key for key, (_, kind, _) in kinds.items() if kind == "platform")
    owned = owners(model.system, context_of, platforms=platforms)
    alive = set(kinds)
    if any(accepted for _, _, accepted in kinds.values()):
        alive = set(context_of.values())  # the others were frozen before all of theirs was accepted
    tables = {
        table: known[table] if known.get(table) in alive else owned.get(table) for table in _tables(model)
    }
    contexts = tuple(
        BoundedContext(
            name=name,
            id=key,
            accepted=accepted,
            kind=kind,
            modules=tuple(sorted(module for module, at in today.items() if at == key)),
            tables=tuple(sorted(t for t, at in tables.items() if at == key)),
            confidence=1.0,
        )
        for key, (name, kind, accepted) in kinds.items()
        if key in alive
    )
    placed = ((module, kinds[key][0]) for module, key in today.items() if key and module not in seen)
    return tuple(sorted(contexts)), tuple(sorted(placed))


def _tables(model: Model) -> set[str]:
    """Every table that the code names, mapped or not."""
    named = {access.table for access in model.accesses}
    for table in model.tables:
        named |= {table.name, *(key.table for key in table.foreign_keys)}
    for item in model.transactions:
        named |= {*item.tables_written, *item.tables_read}
    return named


def _places(crossing: Crossing) -> Iterable[tuple[tuple[str, ...], Evidence]]:
    for evidence in crossing.evidence:
        key = (crossing.source, crossing.target, crossing.kind, crossing.subject)
        yield (*key, evidence.file, evidence.symbol), evidence


def _tolerated(crossings: Iterable[Crossing], contexts: Iterable[BoundedContext]) -> tuple[Tolerated, ...]:
    ids = {context.name: context.id for context in contexts}
    counts = Counter(
        (ids[place[0]], ids[place[1]], *place[2:]) for crossing in crossings for place, _ in _places(crossing)
    )
    return tuple(
        Tolerated(source=p[0], target=p[1], kind=p[2], subject=p[3], file=p[4], symbol=p[5], count=count)
        for p, count in sorted(counts.items())
    )


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
