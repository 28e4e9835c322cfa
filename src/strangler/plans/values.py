"""The values of a plan. ``plan.json`` is an ``ExtractionPlan`` as JSON, ``roadmap.json`` a ``Roadmap``."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import msgspec

from strangler.model import Ambient, Endpoint, Evidence, Signal, Task
from strangler.model.contexts import CrossingKind

Direction = Literal["out", "in"]
"""``out``: the context leans on another; ``in``: another leans on the context."""
Remedy = Literal[
    "api_call",
    "event",
    "replica",
    "move_function",
    "duplicate",
    "shared_library",
    "drop_key",
    "saga",
    "split_script",
    "remove_line",
]
Check = Literal[
    "boundaries",
    "contracts",
    "communication",
    "data",
    "delivery",
    "observability",
    "resilience",
    "security",
    "operations",
]
State = Literal["ready", "work", "ask"]
"""``ask``: code cannot tell; the team has to answer."""
Participant = Literal["service", "monolith"]
"""The context that leaves, and all the rest, which stays one database."""
Sureness = Literal["certain", "likely", "possible"]
"""``certain``: a tie or a full name; ``likely``: a name of the context's own; ``possible``: its word."""

REMEDIES: dict[Remedy, str] = {
    "api_call": "API call",
    "event": "event",
    "replica": "replicated read model",
    "move_function": "move the function",
    "duplicate": "duplicate the code",
    "shared_library": "shared library",
    "drop_key": "drop the foreign key",
    "saga": "saga",
    "split_script": "split the script",
    "remove_line": "remove the line",
}


LOCAL: frozenset[Remedy] = frozenset(
    {"duplicate", "remove_line", "shared_library", "move_function", "drop_key", "split_script"}
)
"""Remedies after which nothing goes over a wire."""


class Struct(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Base of the values of a plan."""


class Cut(Struct, frozen=True, kw_only=True, order=True):
    """A crossing of the model as the context sees it, and what to do about it."""

    direction: Direction
    other: str
    """Name of the other context."""
    kind: CrossingKind
    subject: str
    """As in the model: the definition, module, table, signal or task used, the function of a transaction."""
    remedy: Remedy
    reason: str
    places: tuple[Evidence, ...]
    id: str = ""
    """The crossing's, in ``model.json``."""


class KeyToBreak(Struct, frozen=True, kw_only=True, order=True):
    """A foreign key over the boundary; it becomes a plain column with an identifier of the other side."""

    position: int
    table: str
    column: str
    references: str
    direction: Direction
    on_delete: str | None
    reason: str
    """Why it has this position."""
    place: Evidence


class SagaStep(Struct, frozen=True, kw_only=True, order=True):
    """One local transaction of a saga."""

    participant: Participant
    tables: tuple[str, ...]
    action: str
    places: tuple[Evidence, ...] = ()
    """Lines of the transaction that write the tables today; ``symbol`` names the function called for it."""
    elsewhere: bool = False
    """Whether tables are written in functions that it calls, whose lines are not known."""
    compensation: str = ""
    """What takes the step back; empty where nothing comes after it that could fail."""


class CodedStep(Struct, frozen=True, kw_only=True, order=True):
    """A call inside a transaction that ``seams/seams.patch`` makes a step of a saga."""

    operation: str
    """Dotted name of what is called."""
    place: Evidence
    """The call; ``symbol`` is the calling function."""
    mode: Literal["before", "after"]
    """Done before the local commit and taken back where that does not come, or after it and repeated."""
    compensation: str = ""
    """Of ``before``: dotted name of what is assumed to take it back; empty: a person has to write it."""


class Saga(Struct, frozen=True, kw_only=True, order=True):
    """A transaction that writes on both sides of the boundary, as steps that each commit alone."""

    name: str
    place: Evidence
    orchestrator: str
    """The context in whose code it begins."""
    remedy: Remedy
    steps: tuple[SagaStep, ...]
    note: str = ""
    coded: tuple[CodedStep, ...] = ()
    """Its calls that have code already."""


class Stage(Struct, frozen=True, kw_only=True, order=True):
    """A step of the migration that can be checked and taken back."""

    number: int
    title: str
    entry_check: str
    work: tuple[str, ...]
    commands: tuple[str, ...]
    observable: str
    rollback: str


class Readiness(Struct, frozen=True, kw_only=True, order=True):
    """One of the nine checks."""

    check: Check
    state: State
    facts: tuple[str, ...]


class Count(Struct, frozen=True, kw_only=True, order=True):
    """A counted fact that effort or risk follows from."""

    name: str
    value: float
    meaning: str


class Edit(Struct, frozen=True, kw_only=True, order=True):
    """A file outside the context that has to change."""

    file: str
    sureness: Sureness
    role: str
    reasons: tuple[str, ...]
    lines: tuple[int, ...]


class Figures(Struct, frozen=True, kw_only=True):
    """What crosses the boundary, counted; report, roadmap and summary say the same."""

    crossings: int
    places: int
    """Places that make them: to cut, data ties and shared together."""
    to_cut: int
    """In code, messages and reads."""
    data_ties: int
    """Writes, foreign keys and transactions."""
    shared: int
    """Uses of the shared kernel's code, which goes along as a library."""
    remote: int
    """Places whose remedy goes over a wire."""
    transactions: int
    sagas: int
    """Transactions that become sagas."""
    foreign_keys: int
    partly_known: int = 0
    """Tables of the context of which foreign keys may be missing: they inherit from what is not read."""


class MappedApart(Struct, frozen=True, kw_only=True, order=True):
    """A model on one side of the boundary whose table belongs to the other."""

    model: str
    """Dotted name of the class."""
    table: str
    owner: str
    """The context of the table; the plan's own where the table moves and the class stays."""
    place: Evidence


class Moves(Struct, frozen=True, kw_only=True):
    """What leaves the monolith."""

    modules: tuple[str, ...]
    files: tuple[str, ...]
    packages: tuple[str, ...] = ()
    """Files of packages in which modules of others lie, too: they stay, and the service has its own."""
    tests: tuple[str, ...]
    """Test files that import only modules that move."""
    migrations: tuple[str, ...]
    """Migrations of packages that leave whole."""
    lines: int
    tables: tuple[str, ...]
    mapped_apart: tuple[MappedApart, ...] = ()
    """Models that have to change sides before anything moves."""
    endpoints: tuple[Endpoint, ...]
    tasks: tuple[Task, ...]
    signals: tuple[Signal, ...]
    commands: tuple[str, ...]


class Blocker(Struct, frozen=True, kw_only=True, order=True):
    """Something that cannot cross a wire and must be changed by hand first."""

    place: Evidence
    what: str
    remedy: str


class Part(Struct, frozen=True, kw_only=True):
    """Generated files of one kind, and what they mean for the plan."""

    title: str
    """For example ``Consumer contracts``."""
    use: str
    """One sentence: what the files are for."""
    files: tuple[str, ...]
    """Paths in the folder of the plan, sorted."""
    stage: int
    """The stage that needs them first, 0 to 4."""
    work: tuple[str, ...] = ()
    """What people do with them in that stage, one sentence each."""
    commands: tuple[str, ...] = ()
    """What to run in that stage, from the folder of the plan; every name in it quoted for a shell."""
    check: Check | None = None
    """The readiness check that the counts belong to."""
    counts: tuple[Count, ...] = ()
    """Counted facts, such as operations or events."""
    blockers: tuple[Blocker, ...] = ()
    steps: tuple[CodedStep, ...] = ()
    """Calls inside transactions that have become steps of sagas, sorted."""
    doubts: tuple[str, ...] = ()
    """What was left out and why; shown under “Not known”."""


class ExtractionPlan(Struct, frozen=True, kw_only=True):
    """How one context leaves the monolith."""

    context: str
    monolith: str
    revision: str | None
    confidence: float
    moves: Moves
    ambient: tuple[Ambient, ...] = ()
    """What stands before the endpoints that move by settings or registration, not by a call."""
    ambient_tables: tuple[str, ...] = ()
    """Tables that it touches and that the context does not bring along: its own are those of its models."""
    cuts: tuple[Cut, ...]
    """Every crossing of the boundary: those of ``model.json`` that name the context."""
    figures: Figures
    keys: tuple[KeyToBreak, ...]
    sagas: tuple[Saga, ...]
    stages: tuple[Stage, ...]
    readiness: tuple[Readiness, ...]
    effort: tuple[Count, ...]
    risk: tuple[Count, ...]
    edits: tuple[Edit, ...]
    doubts: tuple[str, ...]
    """What the analysis could not see and a reader must know."""
    parts: tuple[Part, ...] = ()
    """The generated files beside the plan."""
    variables: dict[str, str] = {}
    """What the commands of the stages take from the environment, with values to start from."""
    schema_version: int = 1


class Candidate(Struct, frozen=True, kw_only=True, order=True):
    """A context in the roadmap, with the facts that decide its position."""

    position: int
    """From 1; 0 for what is no candidate."""
    context: str
    modules: int
    lines: int
    tables: int
    entries: int
    """Endpoints, tasks and commands that it serves."""
    places: int
    """Places to cut in code, and reads over the boundary; the shared kernel aside."""
    data_ties: int
    """Transactions, writes and foreign keys over the boundary."""
    independence: float | None
    """Share of its commits that touch no other context; None without history."""
    confidence: float
    reasons: tuple[str, ...]


class Roadmap(Struct, frozen=True, kw_only=True):
    """All contexts in the order in which they should leave, and those that should not."""

    monolith: str
    revision: str | None
    candidates: tuple[Candidate, ...]
    stay: tuple[Candidate, ...] = ()
    """Contexts that are no extraction of their own, with the reason."""
    schema_version: int = 1


def outside(edits: Collection[Edit]) -> tuple[int, int]:
    """Files outside that must be edited, and others that are to be looked at."""
    certain = sum(edit.sureness == "certain" for edit in edits)
    return certain, len(edits) - certain
