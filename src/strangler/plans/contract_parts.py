"""The contracts of a boundary as parts of a plan: events, data, consumers."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from strangler.model import Evidence, Model
from strangler.plans.consistency import STEPS
from strangler.plans.values import Blocker, CodedStep, Count, ExtractionPlan, Part
from strangler.text import as_line, listed

if TYPE_CHECKING:
    from strangler.contracts.consumers import Pacts
    from strangler.contracts.data import TableUse
    from strangler.contracts.operations import Operations
    from strangler.contracts.seams import Seams

Patcher = Callable[["Operations"], "Seams"]
"""Puts seams for operations into the source tree, as a patch: the one thing that reads source text here."""
Files = tuple[Part, Mapping[str, bytes]] | None


class _Boundary:
    """A context in a model; equal for the same model."""

    def __init__(self, model: Model, context: str) -> None:
        self.model = model
        self.context = context

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Boundary) and self.model is other.model and self.context == other.context

    def __hash__(self) -> int:
        return hash(self.context)


@lru_cache(maxsize=1)
def _operations(boundary: _Boundary) -> Operations:
    """The calls over a boundary: found once for the parts that follow one another."""
    from strangler.contracts.operations import find_operations

    return find_operations(boundary.model, boundary.context)


def events(plan: ExtractionPlan, model: Model, patcher: Patcher | None) -> Files:
    """AsyncAPI and JSON Schema for what crosses as a signal, a task or a hook of the ORM."""
    from strangler.contracts.events import event_files, find_events

    told = [item for item in _operations(_Boundary(model, plan.context)).operations if item.heard is not None]
    found = find_events(model, plan.context, told)
    files = {f"contracts/events/{name}": content for name, content in event_files(found).items()}
    if not files:
        return None
    fields = sum(len(event.fields) for event in found.events)
    unknown = sum(event.unknown for event in found.events)
    doubts = []
    if unknown:
        doubts.append(f"{unknown} of {fields} properties of events have no type that the source tells")
    part = Part(
        title="Event contracts",
        use="AsyncAPI 3.0 and a JSON Schema for each message that crosses as a signal, task or hook today",
        files=tuple(sorted(files)),
        stage=1,
        work=("agree on the payloads in contracts/events, and on a type where the schema has none",),
        check="communication",
        counts=(
            Count(name="events", value=len(found.events), meaning="messages over the boundary"),
            Count(name="properties of unknown type", value=unknown, meaning=f"of {fields}"),
        ),
        doubts=tuple(doubts),
    )
    return part, files


def data(plan: ExtractionPlan, model: Model, patcher: Patcher | None) -> Files:
    """A data contract for each table that is read or written over the boundary."""
    from strangler.contracts.data import data_contracts, data_files

    uses = table_uses(plan)
    found = data_contracts(model, uses)
    files = {f"contracts/data/{name}": content for name, content in data_files(found, model).items()}
    if not files:
        return None
    part = Part(
        title="Data contracts",
        use="one contract of the Open Data Contract Standard for each table that is used over the boundary",
        files=tuple(sorted(files)),
        stage=1,
        work=("agree with each owner on the columns that stay, and on how each table is served",),
        check="data",
        counts=(
            Count(name="tables with a contract", value=len(found), meaning="used over the boundary"),
            Count(
                name="replicated read models",
                value=sum(
                    any(use.remedy == "replica" for use in uses if use.table == one.table.name)
                    for one in found
                ),
                meaning="tables of which another side keeps a copy",
            ),
        ),
    )
    return part, files


def seams(plan: ExtractionPlan, model: Model, patcher: Patcher | None) -> Files:
    """The calls over the boundary, and the patch that puts ports with two adapters in their place."""
    from strangler.contracts.seams import seam_files

    title = "Seams in code"
    if patcher is None:
        doubt = (
            "no seams were written: that needs the source tree, which is not on this machine (--source DIR)"
        )
        return Part(title=title, use="ports and adapters", files=(), stage=1, doubts=(doubt,)), {}
    found = _operations(_Boundary(model, plan.context))
    made = patcher(found)
    files = {f"seams/{name}": content for name, content in seam_files(found, made).items()}
    if not files:
        return None
    # What the plan copies, moves or shares never crosses a wire: it blocks nothing.
    wanted = {cut.subject for cut in plan.cuts if cut.kind == "call" and cut.remedy == "api_call"}
    remote = [o for o in found.operations if f"{o.module}.{o.qualname}" in wanted]
    steps = _coded(made)
    stubs = sorted({step.operation for step in steps if step.mode == "before" and not step.compensation})
    work = [
        "take the blockers of seams/BLOCKERS.md away one by one, and plan again before the patch is applied "
        "(or with it taken back: git apply -R): it grows"
    ]
    if steps or made.events:
        what = " and ".join(["steps of sagas"] * bool(steps) + ["events"] * bool(made.events))
        work.append(
            f"review the {what} in seams/BLOCKERS.md, which says who answers; before a switch is turned "
            f"on, run python -m {made.package}.saga install on the monolith's database (the service's own "
            "has it by service/data/README.md), and the worker (work) on the side that calls; what puts a "
            "database back for tests leaves the tables strangler_* alone"
        )
    if stubs:
        work.append(f"write what takes back {listed(stubs)}: test_saga.py fails until then")
    commands = ('git -C "$SOURCE" apply --index "$PWD/seams/seams.patch"',) if made.patch else ()
    part = Part(
        title=title,
        use="ports with a local and an HTTP adapter for calls, events for signals; what blocks the others",
        files=tuple(sorted(files)),
        stage=1,
        work=tuple(work),
        commands=commands,
        check="communication",
        counts=(
            Count(name="operations", value=len(found.operations), meaning="called over the boundary"),
            Count(name="operations that become remote", value=len(remote), meaning="by the plan's remedies"),
            Count(name="operations with a seam", value=len(made.operations), meaning="in seams.patch"),
            Count(
                name="operations on both sides",
                value=sum(bool(item.beside) for item in found.operations),
                meaning="their code is right on each side",
            ),
            Count(name="events", value=made.events, meaning="receivers of signals, told through the outbox"),
            Count(
                name=STEPS,
                value=len({step.operation for step in steps}),
                meaning="operations called inside a transaction, and no blockers any more",
            ),
        ),
        steps=steps,
        blockers=tuple(
            sorted(
                Blocker(
                    place=Evidence(file=item.file, line=item.line, symbol=operation.qualname),
                    what=item.message,
                    remedy=item.remedy,
                )
                for operation in remote
                for item in (*operation.blockers, *operation.by_hand)
            )
        ),
        doubts=tuple(as_line(item) for item in (*found.diagnostics, *made.diagnostics)),
    )
    return part, files


def _coded(made: Seams) -> tuple[CodedStep, ...]:
    """The steps of sagas that have code."""
    return tuple(
        sorted(
            CodedStep(
                operation=f"{operation.module}.{operation.qualname}",
                place=place,
                mode=operation.step.mode,
                compensation=f"{found.module}.{found.qualname}" if found is not None else "",
            )
            for operation in made.operations
            if operation.step is not None and operation.heard is None
            for found in (operation.step.compensation,)
            for place in operation.step.places
        )
    )


def table_uses(plan: ExtractionPlan) -> list[TableUse]:
    """The reads and writes of tables over the boundary, with the remedy that the plan gave them."""
    from strangler.contracts.data import TableUse

    return [
        TableUse(
            table=cut.subject,
            owner=cut.other if cut.direction == "out" else plan.context,
            user=plan.context if cut.direction == "out" else cut.other,
            operation="read" if cut.kind == "read" else "write",
            remedy=cut.remedy,
            reason=cut.reason,
            places=cut.places,
        )
        for cut in plan.cuts
        if cut.kind in ("read", "write")
    ]


def consumers(plan: ExtractionPlan, model: Model, patcher: Patcher | None) -> Files:
    """Pact files for the calls and table reads that become remote, and the states that they need."""
    from strangler.contracts import consumers

    remote = {cut.subject for cut in plan.cuts if cut.kind == "call" and cut.remedy == "api_call"}
    operations = _operations(_Boundary(model, plan.context))
    found = consumers.find_pacts(model, operations, table_uses(plan), remote)
    if not found.pacts and not found.left:
        return None
    files = {f"contracts/consumers/{name}": content for name, content in consumers.pact_files(found).items()}
    if found.left:
        files["contracts/consumers/OPEN.md"] = "\n".join(_open(found)).encode()
    if found.pacts:
        hints = consumers.factory_hints(model)
        files["contracts/consumers/verify_pacts.py"] = consumers.template("verify_pacts.py").encode()
        files["contracts/states.json"] = consumers.states_json(found, hints)
        files["contracts/states.py"] = consumers.states_py(found, model, hints)
    work = []
    if found.pacts:
        work.append(
            "fill in contracts/states.py: how the provider comes into the states that consumers ask for"
        )
    if found.left:
        work.append(
            "decide on each entry of contracts/consumers/OPEN.md: remote, and still without a contract"
        )
    rows = [interaction for pact in found.pacts for interaction in pact.interactions]
    pending = sum(interaction.pending for interaction in rows)
    answering = sorted({p.provider for p in found.pacts if not all(one.pending for one in p.interactions)})
    part = Part(
        title="Consumer contracts",
        use="Pact V4 files: what each context expects of the other once calls and table reads are remote",
        files=tuple(sorted(files)),
        stage=3,
        work=tuple(work),
        commands=tuple(
            f"python contracts/consumers/verify_pacts.py {shlex.quote(provider)} "
            + ('"$SERVICE_SEAMS"' if provider == plan.context else '"$MONOLITH_SEAMS"')
            + ' --header "Authorization: Bearer $SEAM_TOKEN"'
            for provider in answering
        ),
        check="contracts",
        counts=(
            Count(name="interactions", value=len(rows), meaning="requests with the answers counted on"),
            Count(
                name="interactions pending", value=pending, meaning="proposals: the code must change first"
            ),
            Count(
                name="remote uses without an interaction",
                value=len(found.left),
                meaning="people decide their form",
            ),
        ),
    )
    return part, files


def _open(found: Pacts) -> Iterator[str]:
    """Markdown: what becomes remote without an interaction."""
    from strangler.text import code, prose

    yield "# Remote uses without a consumer contract\n"
    yield "Their form cannot be told from the code; once it can, the next plan writes the contract.\n"
    yield "| provider | what | place | why |"
    yield "| --- | --- | --- | --- |"
    for one in found.left:
        where = code(f"{one.file}:{one.line}") if one.file else ""
        yield f"| {code(one.provider)} | {code(one.what)} | {where} | {prose(one.reason)} |"
    yield ""
