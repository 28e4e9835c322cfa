"""How far a plan is carried out, as the code of today shows it: its gates, and what is left, a line each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

from strangler.contexts.crossings import touching
from strangler.model import Crossing, Evidence, Model
from strangler.model.contexts import CrossingKind
from strangler.plans.build import UnknownContextError, find_context, mapped_apart
from strangler.plans.values import REMEDIES, Cut, Direction, ExtractionPlan, MappedApart, Struct
from strangler.plans.view import View
from strangler.text import plural

GateState = Literal["done", "open", "ask"]
"""``ask``: all that code and files show is done; whether the rest is, its commands tell."""
STATEFUL = frozenset({"foreign_key", "transaction"})
"""Kinds of crossings that are cut when the data moves, and not before."""


class Gate(Struct, frozen=True, kw_only=True, order=True):
    """A stage of the plan."""

    stage: int
    title: str
    state: GateState
    facts: tuple[str, ...]
    """What is done and what is not, counted."""


class Todo(Struct, frozen=True, kw_only=True, order=True):
    """A change that is left: one crossing, or one thing that moves."""

    stage: int
    file: str
    line: int
    what: str
    remedy: str
    places: int = 1
    """Places that have to change, the first of which is named."""
    new: bool = False
    """Whether it has come since the plan was written."""


class Status(Struct, frozen=True, kw_only=True):
    """A plan beside the code of today."""

    context: str
    planned: str | None
    """Commit of the plan."""
    revision: str | None
    """Commit of the model."""
    gates: tuple[Gate, ...]
    work: tuple[Todo, ...]
    """Sorted by stage, file and line."""
    next: tuple[str, ...]
    """Commands of the first gate that is not done; none where work is left there."""


class Seen(Struct, frozen=True, kw_only=True):
    """What the files beside a plan show."""

    recorded: tuple[int, int] | None = None
    """Pairs of method and path with recorded answers, and all; None: nothing was recorded."""
    extracted: bool = False
    service: str | None = None
    """Commit that the extracted service was made of."""


def status(plan: ExtractionPlan, model: Model, seen: Seen) -> Status:
    """Which gates of the plan are passed, and every change that is left.

    Args:
        plan: as it was stored.
        model: the monolith today; its cut has the context.
        seen: what else is there.

    Raises:
        UnknownContextError: the model has another cut, in which the context is none.
    """
    paths = {module.path for module in model.modules}
    left = [name for name in plan.moves.files if name in paths]
    crossings: tuple[Crossing, ...] = ()
    apart: tuple[MappedApart, ...] = ()
    accepted, name = True, plan.context
    try:
        context = find_context(model, plan.context)
        name = context.name  # it may have been renamed
        accepted, crossings = context.accepted, touching(model.crossings, context.name)
        apart = mapped_apart(View(model, context))
    except UnknownContextError:
        if left:
            raise
    matched = _matched(plan, crossings, name)
    todo = [_of_cut(cut, places) for cut, places in matched if places]
    todo += _new(plan, crossings, name)
    todo += [_of_model(item) for item in apart]
    todo += [
        Todo(stage=4, file=name, line=1, what="the monolith's copy", remedy="delete it") for name in left
    ]
    facts = (
        _contracts(plan, seen, accepted=accepted),
        _boundary(matched, todo),
        _service(model, seen),
        _data(plan, matched, todo),
        [f"{_of(len(plan.moves.files) - len(left), len(plan.moves.files), 'file')} out of the monolith"],
    )
    done = (
        accepted
        and (not plan.moves.endpoints or bool(seen.recorded and seen.recorded[0] == seen.recorded[1])),
        not any(item.stage == 1 for item in todo),
        seen.extracted and seen.service == model.monolith.revision,
        not any(item.stage == 3 for item in todo),
        not left,
    )
    gates = tuple(
        Gate(
            stage=stage.number,
            title=stage.title,
            state="done" if not left else _state(plan, stage.number, whole=whole),
            facts=tuple(told),
        )
        for stage, whole, told in zip(plan.stages, done, facts, strict=True)
    )
    first = next((gate for gate in gates if gate.state != "done"), None)
    waiting = first is not None and any(item.stage == first.stage for item in todo)
    commands = () if first is None or waiting else plan.stages[gates.index(first)].commands
    return Status(
        context=plan.context,
        planned=plan.revision,
        revision=model.monolith.revision,
        gates=gates,
        work=tuple(sorted(todo)),
        next=commands,
    )


def _state(plan: ExtractionPlan, stage: int, *, whole: bool) -> GateState:
    if not whole:
        return "open"
    # Deployments and databases are not seen from here, code is.
    return "ask" if stage == 2 or (stage == 3 and plan.moves.tables) else "done"


def _matched(
    plan: ExtractionPlan, crossings: Sequence[Crossing], context: str
) -> list[tuple[Cut, tuple[Evidence, ...]]]:
    """Each cut of the plan with the places where it is still to be made.

    Args:
        plan: as it was stored.
        crossings: those of the context today.
        context: its name today.
    """
    by_id = {crossing.id: crossing for crossing in crossings}
    planned = {cut.id for cut in plan.cuts}
    # Where modules went to another context, or one was renamed, the crossing has another id: the same work.
    moved: dict[tuple[Direction, CrossingKind, str], list[Crossing]] = defaultdict(list)
    for crossing in crossings:
        if crossing.id not in planned:
            moved[_key(crossing, context)].append(crossing)
    result = []
    for cut in plan.cuts:
        same = by_id.get(cut.id)
        found = [same] if same else moved.get((cut.direction, cut.kind, cut.subject), [])
        result.append((cut, tuple(place for crossing in found for place in crossing.places)))
    return result


def _key(crossing: Crossing, context: str) -> tuple[Direction, CrossingKind, str]:
    return "out" if crossing.source == context else "in", crossing.kind, crossing.subject


def _of_cut(cut: Cut, places: Sequence[Evidence]) -> Todo:
    return _todo(cut.direction, cut.kind, cut.other, cut.subject, places, REMEDIES[cut.remedy])


def _todo(
    direction: Direction,
    kind: CrossingKind,
    other: str,
    subject: str,
    places: Sequence[Evidence],
    remedy: str,
    *,
    new: bool = False,
) -> Todo:
    first = min(places, key=lambda place: (place.file, place.line))
    what = f"{kind.replace('_', ' ')} {'to' if direction == 'out' else 'from'} {other}: {subject}"
    stage = 3 if kind in STATEFUL else 1
    return Todo(
        stage=stage, file=first.file, line=first.line, what=what, remedy=remedy, places=len(places), new=new
    )


def _of_model(item: MappedApart) -> Todo:
    remedy = f"bring it to {item.owner}, which owns {item.table}"
    return Todo(
        stage=1, file=item.place.file, line=item.place.line, what=f"model {item.model}", remedy=remedy
    )


def _new(plan: ExtractionPlan, crossings: Iterable[Crossing], context: str) -> Iterable[Todo]:
    """Crossings that the plan does not know: code that was written since, or that went to another context."""
    planned = {cut.id for cut in plan.cuts}
    alike = {(cut.direction, cut.kind, cut.subject) for cut in plan.cuts}
    for crossing in crossings:
        if crossing.id in planned or _key(crossing, context) in alike:
            continue
        if places := crossing.places:
            direction, kind, subject = _key(crossing, context)
            other = crossing.target if direction == "out" else crossing.source
            yield _todo(direction, kind, other, subject, places, "not in the plan: write it again", new=True)


def _of(done: int, every: int, what: str, several: str = "") -> str:
    return f"{done:,} of {plural(every, what, several)}"


def _contracts(plan: ExtractionPlan, seen: Seen, *, accepted: bool) -> list[str]:
    facts = ["the cut is accepted" if accepted else "the cut is not accepted"]
    if not plan.moves.endpoints:
        return [*facts, "no URL to record: tests at the entry points are the team's"]
    if seen.recorded is None:
        return [*facts, "nothing is recorded"]
    return [*facts, f"{_of(*seen.recorded, 'pair')} of method and path recorded"]


def _boundary(matched: Sequence[tuple[Cut, tuple[Evidence, ...]]], todo: Sequence[Todo]) -> list[str]:
    cuts = [places for cut, places in matched if cut.kind not in STATEFUL]
    facts = [f"{_of(sum(not places for places in cuts), len(cuts), 'crossing')} cut"]
    here = [item for item in todo if item.stage == 1]
    if here:
        facts.append(f"{plural(sum(item.places for item in here), 'place')} left")
    return facts + _since(here)


def _since(todo: Sequence[Todo]) -> list[str]:
    new = sum(item.new for item in todo)
    return [f"{new:,} new since the plan"] if new else []


def _service(model: Model, seen: Seen) -> list[str]:
    if not seen.extracted:
        return ["no service is extracted"]
    made = (seen.service or "no commit")[:12]
    if seen.service == model.monolith.revision:
        return [f"extracted from {made}", "what answers where, `strangler verify routes` asks the gateway"]
    return [f"extracted from {made}, the code has moved on: extract it again"]


def _data(
    plan: ExtractionPlan, matched: Sequence[tuple[Cut, tuple[Evidence, ...]]], todo: Sequence[Todo]
) -> list[str]:
    facts = []
    for kind, name in (("foreign_key", "foreign key"), ("transaction", "transaction")):
        # One transaction over three contexts is three crossings, and one piece of work.
        every = {cut.subject for cut, _ in matched if cut.kind == kind}
        left = {cut.subject for cut, places in matched if cut.kind == kind and places}
        if every:
            facts.append(f"{_of(len(every - left), len(every), name)} taken apart")
    facts += _since([item for item in todo if item.stage == 3])
    if plan.moves.tables:
        facts.append(f"where {plural(len(plan.moves.tables), 'table is', 'tables are')}, both databases tell")
    return facts or ["no table moves"]
