"""The values of operations. ``operations.json`` is an ``Operations`` as JSON."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from strangler.model import Diagnostic, Evidence, Form, KnownFrom, Passing, Shape

BlockerKind = Literal[
    "orm_object",
    "queryset",
    "session",
    "request",
    "response",
    "file",
    "iterator",
    "callback",
    "class",
    "object",
    "unknown_type",
    "open_transaction",
    "caller_commits",
    "instance_method",
    "constructor",
    "decorated",
    "call_form",
    "registers",
    "changes_argument",
    "process_state",
    "no_data",
    "asynchronous",
    "unreadable",
    "waited_for",
    "callers_tables",
]


class Struct(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the values of operations."""


class Parameter(Struct, frozen=True, kw_only=True):
    """A parameter of an operation."""

    name: str
    passing: Passing
    required: bool
    default: str | None
    """Its source text."""
    shape: Shape
    schema: dict[str, Any]
    """JSON Schema 2020-12 of the value on the wire; ``{}`` where it cannot cross."""
    known_from: KnownFrom


class Result(Struct, frozen=True, kw_only=True):
    """What an operation returns."""

    shape: Shape
    schema: dict[str, Any]
    known_from: KnownFrom


class Failure(Struct, frozen=True, kw_only=True):
    """An exception that crosses, as an answer: a problem document (RFC 9457)."""

    exception: str
    """``module:Class``."""
    code: str
    """Short name, unique in the operation: the ``code`` of the problem document."""
    status: int
    place: Evidence
    """Where it is raised, or where a caller expects it."""


class Site(Struct, frozen=True, kw_only=True):
    """A call over the boundary."""

    context: str
    module: str
    function: str
    """Qualified name of the caller; empty at module level."""
    file: str
    line: int
    called: str = ""
    """Dotted name by which it is called where that is not the definition's own: that of a re-export."""


class Blocker(Struct, frozen=True, kw_only=True):
    """Why an operation cannot cross a wire as it is."""

    kind: BlockerKind
    subject: str
    """``parameter order``, ``result``, or empty."""
    file: str
    line: int
    message: str
    remedy: str


Mode = Literal["before", "after"]
Beside = Literal["", "computes", "process", "replica"]


class Compensation(Struct, frozen=True, kw_only=True):
    """A function of the code that is assumed to take a step back."""

    module: str
    qualname: str
    place: Evidence
    arguments: tuple[str, ...]
    """Parameters that get what the step's parameters of the same names were given."""
    result: str = ""
    """The parameter that gets what the step returned; empty where none does."""


class Step(Struct, frozen=True, kw_only=True):
    """How calls of an operation inside a transaction become steps of a saga."""

    mode: Mode
    """``before``: answered before the local commit, taken back where that does not come; ``after``: written
    to the outbox in the local transaction, and repeated after its commit until it has succeeded."""
    reason: str
    places: tuple[Evidence, ...]
    """The calls inside a transaction."""
    compensation: Compensation | None = None
    """Of ``before``: what takes it back; None where a person has to write it."""
    review: tuple[str, ...] = ()
    """What was assumed, to be judged by people."""


class Heard(Struct, frozen=True, kw_only=True):
    """A signal whose receiver becomes an operation: an event that its sender writes into the outbox."""

    signal: str
    """Dotted name."""
    at: str
    """The module that tells: where the signal is defined, or the sender's rows are mapped; empty where that
    is a library."""
    sender: str
    """Dotted name of the only class that is heard; empty: any."""
    first: str = ""
    """The parameter that gets the sender; empty where the framework names it ``sender``."""


class Receiving(Struct, frozen=True, kw_only=True):
    """The row whose method an operation is, or one that it is given and may change: it crosses by its key and
    what may be used of it."""

    parameter: str
    """Of the operation: it holds the row."""
    plain: tuple[str, ...] = ()
    """Attributes that it reads and that are no columns: they cross as plain JSON where they are set."""
    whole: bool = False
    """All columns cross, since it is not known which of them are read (the row is saved, or handed on)."""
    changes: bool = False
    """Columns may change: the answer holds those that have."""


class Operation(Struct, frozen=True, kw_only=True):
    """A definition of one context that others call in the process; after the cut a remote operation."""

    name: str
    """Unique among the provider's operations; the last part of ``path``."""
    provider: str
    consumers: tuple[str, ...]
    """Names of contexts."""
    module: str
    qualname: str
    call: Form
    file: str
    line: int
    sites: tuple[Site, ...]
    parameters: tuple[Parameter, ...]
    result: Result
    failures: tuple[Failure, ...]
    safe: bool
    """It is shown to write nothing: a call may be repeated."""
    idempotent: bool
    """A repeated call leaves the same state; only what is ``safe`` is known to be."""
    effects: tuple[Evidence, ...]
    """Why it is not safe: the first places that write, or that cannot be judged."""
    is_async: bool
    method: Literal["POST"]
    path: str
    """``/_strangler/<context>/<operation>``; the body is a JSON object of the arguments by name."""
    blockers: tuple[Blocker, ...]
    by_hand: tuple[Blocker, ...] = ()
    """Of what can cross: why some of its calls stay as they are, each with the place of the call."""
    beside: Beside = ""
    """Why the code itself may be on both sides, its calls as they are: it only computes (``computes``); it
    acts on what its caller's process has, the request and the objects of its framework, alone (``process``);
    it also reads tables, on a side that does not own them from a replica (``replica``)."""
    replicas: tuple[str, ...] = ()
    """Tables that it reads where ``beside`` is ``replica``."""
    step: Step | None = None
    """Where it is called inside a transaction and can be a step of a saga."""
    heard: Heard | None = None
    """Where it is the receiver of a signal: nobody calls it, it is told."""
    assumed: tuple[str, ...] = ()
    """Parameters and results, or parts of them, of which nothing tells the type: that they are plain JSON is
    assumed from how they are used, and seen to when they cross."""
    unused: bool = False
    """No caller does anything with what it returns: it is not sent."""
    row: Receiving | None = None
    """Of a method of a row: the row itself is the first of ``parameters``."""
    changed: tuple[Receiving, ...] = ()
    """Rows among ``parameters`` that it may change: what has become of them is answered, and done to the
    caller's."""

    @property
    def wireable(self) -> bool:
        """Whether an adapter can be written."""
        return not self.blockers and not self.beside

    @property
    def crossing(self) -> tuple[Site, ...]:
        """The calls that can go through the adapter."""
        staying = {(item.file, item.line) for item in self.by_hand}
        return tuple(site for site in self.sites if self.wireable and (site.file, site.line) not in staying)


class Operations(Struct, frozen=True, kw_only=True):
    """All operations over the boundary of one context, both directions, sorted by provider and name."""

    context: str
    monolith: str
    operations: tuple[Operation, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    schema_version: int = 1
