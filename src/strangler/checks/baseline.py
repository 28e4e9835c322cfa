"""The ratchet: a frozen cut and the crossings that it has today; whatever comes on top is a finding.

The baseline freezes which module belongs to which context, so that a finding means changed code, never a
differently computed proposal. Line numbers are not part of it: moving code inside a file is no finding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from strangler.checks.cycles import import_cycles
from strangler.contexts.crossings import of_cut
from strangler.model import BoundedContext, Crossing, Evidence, Model
from strangler.model.contexts import ContextKind
from strangler.model.lookup import PRODUCTION, ancestors, home
from strangler.model.system import Value

VERSION = 2


class BaselineError(ValueError):
    """A file that is not a baseline of this version."""


class FrozenContext(Value, frozen=True, kw_only=True):
    """One context as it was when the baseline was taken."""

    name: str
    kind: ContextKind
    modules: tuple[str, ...]
    tables: tuple[str, ...]


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


class Outcome(Value, frozen=True, kw_only=True):
    """The result of a comparison."""

    findings: tuple[Finding, ...]
    gone: int
    """Tolerated crossings that the code no longer has."""
    gone_cycles: int
    placed: tuple[tuple[str, str], ...]
    """Modules that the baseline does not know, with the context that their neighbours put them in."""


def take(model: Model) -> Baseline:
    """The baseline of a model: its contexts, and everything that crosses them today is tolerated.

    What the model leaves without a context is given one by the rule for what is new (see ``carry``), so that
    it is new no more when the baseline is compared.
    """
    bare = Baseline(strangler_baseline=VERSION, contexts=_frozen(model.contexts), places=(), cycles=())
    return update(bare, model)


def update(baseline: Baseline, model: Model) -> Baseline:
    """The baseline's own cut, carried over to today's modules, with what crosses it today."""
    contexts = carry(baseline, model)[0]
    return Baseline(
        strangler_baseline=VERSION,
        contexts=_frozen(contexts),
        places=_tolerated(of_cut(model.system, contexts)),
        cycles=import_cycles(model.imports),
    )


def _frozen(contexts: Iterable[BoundedContext]) -> tuple[FrozenContext, ...]:
    frozen = (
        FrozenContext(
            name=c.name, kind=c.kind, modules=tuple(sorted(c.modules)), tables=tuple(sorted(c.tables))
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
    except msgspec.DecodeError as error:
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
    contexts, placed = carry(baseline, model)
    crossings = of_cut(model.system, contexts)
    tolerated = {row.place: row.count for row in baseline.places}
    today = _tolerated(crossings)
    fresh = {row.place: row for row in today if row.count > tolerated.get(row.place, 0)}
    present = {row.place for row in today}
    cycles = import_cycles(model.imports)
    known = [set(cycle) for cycle in baseline.cycles]
    new_cycles = [cycle for cycle in cycles if not any(set(cycle) <= old for old in known)]
    findings = [*_crossing_findings(crossings, fresh, tolerated), *_cycle_findings(new_cycles, model)]
    return Outcome(
        findings=tuple(sorted(findings, key=lambda f: (f.file, f.line, f.message))),
        gone=sum(1 for place in tolerated if place not in present),
        gone_cycles=sum(1 for old in known if not any(set(cycle) & old for cycle in cycles)),
        placed=placed,
    )


def carry(baseline: Baseline, model: Model) -> tuple[tuple[BoundedContext, ...], tuple[tuple[str, str], ...]]:
    """The baseline's contexts over today's modules and tables, and where the new modules were put.

    A new module joins the context that most modules of its nearest known package belong to; a new table,
    mapped or not, the context that ``contexts.ownership`` gives it to. A table that the code no longer names
    belongs to nobody.
    """
    from strangler.contexts.ownership import owners

    owner = {module: cut.name for cut in baseline.contexts for module in cut.modules}
    known = {table: cut.name for cut in baseline.contexts for table in cut.tables}
    votes = _package_votes(owner)
    today = {
        module.name: owner.get(module.name) or _vote(module.name, votes)
        for module in model.modules
        if module.role in PRODUCTION
    }
    context_of = {module: name for module, name in today.items() if name}
    owned = owners(model.system, context_of)
    tables = {table: known.get(table) or owned.get(table) for table in _tables(model)}
    contexts = tuple(
        BoundedContext(
            name=cut.name,
            kind=cut.kind,
            modules=tuple(sorted(module for module, name in today.items() if name == cut.name)),
            tables=tuple(sorted(t for t, name in tables.items() if name == cut.name)),
            confidence=1.0,
        )
        for cut in baseline.contexts
    )
    placed = sorted((module, name) for module, name in today.items() if name and module not in owner)
    return contexts, tuple(placed)


def _tables(model: Model) -> set[str]:
    """Every table that the code names, mapped or not."""
    named = {access.table for access in model.accesses}
    for table in model.tables:
        named |= {table.name, *(key.table for key in table.foreign_keys)}
    for item in model.transactions:
        named |= {*item.tables_written, *item.tables_read}
    return named


def _package_votes(owner: dict[str, str]) -> dict[str, Counter[str]]:
    votes: dict[str, Counter[str]] = {}
    for module, context in owner.items():
        for package in ancestors(module):
            votes.setdefault(package, Counter())[context] += 1
    return votes


def _vote(module: str, votes: dict[str, Counter[str]]) -> str:
    package = home(module, votes)
    return min(votes[package].items(), key=lambda item: (-item[1], item[0]))[0] if package else ""


def _places(crossing: Crossing) -> Iterable[tuple[tuple[str, ...], Evidence]]:
    for evidence in crossing.evidence:
        key = (crossing.source, crossing.target, crossing.kind, crossing.subject)
        yield (*key, evidence.file, evidence.symbol), evidence


def _tolerated(crossings: Iterable[Crossing]) -> tuple[Tolerated, ...]:
    counts = Counter(place for crossing in crossings for place, _ in _places(crossing))
    return tuple(
        Tolerated(source=p[0], target=p[1], kind=p[2], subject=p[3], file=p[4], symbol=p[5], count=count)
        for p, count in sorted(counts.items())
    )


def _crossing_findings(
    crossings: Iterable[Crossing],
    fresh: dict[tuple[str, ...], Tolerated],
    tolerated: dict[tuple[str, ...], int],
) -> Iterable[Finding]:
    """One finding a place, at its last line: added code tends to stand below what was there."""
    lines: dict[tuple[str, ...], int] = {}
    for crossing in crossings:
        for place, evidence in _places(crossing):
            if place in fresh:
                lines[place] = max(lines.get(place, 0), evidence.line)
    for place, row in fresh.items():
        before = tolerated.get(place, 0)
        what = f"{row.kind.replace('_', ' ')} {row.subject}".rstrip()
        more = f" ({before} tolerated, {row.count} now)" if before else ""
        symbol = f" by {row.symbol}" if row.symbol else ""
        message = f"{row.source} -> {row.target}: {what}{symbol}{more}"
        yield Finding(code="new-crossing", file=row.file, line=lines[place], message=message)


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
        )
