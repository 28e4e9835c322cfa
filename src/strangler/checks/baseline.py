"""A baseline: a frozen cut and the crossings that it has today; ``ratchet`` tells what comes on top.

Which module belongs to which context is frozen, so that a finding means changed code, never a differently
computed proposal: by the accepted boundaries, and by the baseline itself for what is not accepted. Line
numbers are not part of it: moving code inside a file is no finding. Contexts are named by their ids.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from strangler.model import BoundedContext, Model
from strangler.model.base import Value
from strangler.model.contexts import ContextKind
from strangler.model.document import NOT_JSON

VERSION = 2


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
    guidance: str = ""
    """``Continuity.guidance`` of the run that the contexts are of."""


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


def cut_of(model: Model) -> Baseline:
    """All contexts of a model as a cut for others, with nothing that crosses it."""
    return Baseline(
        strangler_baseline=VERSION,
        contexts=frozen(model.contexts),
        places=(),
        cycles=(),
        guidance=model.continuity.guidance,
    )


def frozen(contexts: Iterable[BoundedContext]) -> tuple[FrozenContext, ...]:
    """Contexts as they are kept, sorted."""
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
    head = [b' "strangler_baseline": %d' % baseline.strangler_baseline]
    if baseline.guidance:
        head.append(b' "guidance": %s' % msgspec.json.encode(baseline.guidance))
    return b"{\n" + b",\n".join([*head, *lists]) + b"\n}\n"


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
