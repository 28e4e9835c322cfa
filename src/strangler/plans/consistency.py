"""What must hold of every plan: no two parts of it may disagree, nor it with the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from strangler.contexts.crossings import count_places, counted, touching
from strangler.model import Crossing, Evidence, Model
from strangler.model.effects import Effects
from strangler.model.lookup import member
from strangler.plans.edits import NAMED_BY_A_LINE
from strangler.plans.values import LOCAL, Cut, ExtractionPlan

STEPS = "steps of sagas"
"""Name of the count of operations that have become steps of sagas in code."""
COUNTS = {
    "places to cut": "to_cut",
    "data ties": "data_ties",
    "places that go over a wire": "remote",
    "transactions over the boundary": "transactions",
}
"""Name of a counted fact -> the figure of the boundary that it repeats."""


def contradictions(plan: ExtractionPlan, model: Model, effects: Effects | None = None) -> Iterator[str]:
    """Where a finished plan contradicts itself or the model that it was made from.

    Args:
        plan: the plan.
        model: the model.
        effects: of the same model, where they are at hand.
    """
    over = {crossing.id: crossing for crossing in touching(counted(model.crossings), plan.context)}
    yield from _cuts(plan, over)
    yield from _figures(plan, over)
    yield from _transactions(plan, over)
    yield from _steps(plan)
    yield from _remedies(plan, model, effects or Effects(model))
    yield from _edits(plan, model)


def disagreements(plan: ExtractionPlan) -> Iterator[str]:
    """Where what was generated beside a plan disagrees with it: of the steps of sagas that have code."""
    called = {cut.subject for cut in plan.cuts if cut.kind == "call"}
    for part in plan.parts:
        operations = {step.operation for step in part.steps}
        yield from (f"{name!r} is a step of a saga and no call of the plan" for name in operations - called)
        counts = {count.name: count.value for count in part.counts}
        if part.steps and counts.get(STEPS) != len(operations):
            yield f"{STEPS}: {counts.get(STEPS)} and {len(operations)}"
    coded = {step for part in plan.parts for step in part.steps}
    for saga in plan.sagas:
        if not coded.issuperset(saga.coded):
            yield f"the transaction {saga.name!r} has steps in code that were not written"


def _told(cut: Cut) -> str:
    return f"{cut.kind} {cut.subject!r} ({cut.direction})"


def _cuts(plan: ExtractionPlan, over: dict[str, Crossing]) -> Iterator[str]:
    """Each crossing of the boundary is in the plan once, as it is in the model."""
    planned = Counter(cut.id for cut in plan.cuts)
    yield from (f"crossing {name} is planned {n} times" for name, n in planned.items() if n > 1)
    yield from (f"crossing {name} is not planned" for name in over.keys() - planned.keys())
    for cut in plan.cuts:
        crossing = over.get(cut.id)
        if crossing is None:
            yield f"{_told(cut)} is no crossing of the model"
            continue
        ends = (plan.context, cut.other) if cut.direction == "out" else (cut.other, plan.context)
        if (cut.kind, cut.subject, *ends) != (
            crossing.kind,
            crossing.subject,
            crossing.source,
            crossing.target,
        ):
            yield f"{_told(cut)} is another crossing in the model"
        if len(cut.places) != crossing.count:
            yield f"{_told(cut)} has {len(cut.places)} places, {crossing.count} in the model"


def _figures(plan: ExtractionPlan, over: dict[str, Crossing]) -> Iterator[str]:
    """Every figure that two parts of the plan give is the same."""
    figures = plan.figures
    remote = {cut.id for cut in plan.cuts if cut.remedy not in LOCAL}
    every = {
        "crossings": (figures.crossings, len(plan.cuts)),
        "places": (figures.places, count_places(over.values())),
        "parts of the places": (figures.places, figures.to_cut + figures.data_ties + figures.shared),
        "remote places": (figures.remote, count_places(c for c in over.values() if c.id in remote)),
        "transactions": (figures.transactions, len(plan.sagas)),
        "sagas": (figures.sagas, sum(saga.remedy == "saga" for saga in plan.sagas)),
        "foreign keys": (figures.foreign_keys, len(plan.keys)),
    }
    for count in (*plan.effort, *plan.risk):
        if count.name in COUNTS:
            every[count.name] = (getattr(figures, COUNTS[count.name]), int(count.value))
    yield from (f"{name}: {a} and {b}" for name, (a, b) in every.items() if a != b)
    if min(figures.to_cut, figures.data_ties, figures.shared) < 0:
        yield "a figure is negative"
    (data,) = (item for item in plan.readiness if item.check == "data")
    if data.state == "ready" and (figures.transactions or figures.foreign_keys):
        yield "the data is ready, with transactions or keys over the boundary"


def _transactions(plan: ExtractionPlan, over: dict[str, Crossing]) -> Iterator[str]:
    """Each transaction is a crossing, and each step that writes on the other side is a part of it."""
    cuts = [cut for cut in plan.cuts if cut.kind == "transaction"]
    inside = set(plan.moves.tables)
    for saga in plan.sagas:
        own = [cut for cut in cuts if _place(saga.place) in map(_place, cut.places)]
        if not own:
            yield f"the transaction {saga.name!r} is no crossing"
            continue
        if len({_place(p) for cut in own for p in cut.places}) == 1 and {saga.remedy} != {
            c.remedy for c in own
        }:
            yield f"the transaction {saga.name!r} has two remedies"
        crossed = {table for cut in own for table in over[cut.id].reaches} if own[0].id in over else set()
        begins_inside = saga.orchestrator == plan.context
        for step in saga.steps:
            there = (step.participant == "monolith") == begins_inside
            if there and not set(step.tables) <= crossed:
                yield f"a step of {saga.name!r} writes tables that do not cross: {sorted(step.tables)}"
            if (step.participant == "service") != (set(step.tables) <= inside):
                yield f"a step of {saga.name!r} writes tables of the other side"


def _steps(plan: ExtractionPlan) -> Iterator[str]:
    """What a transaction calls to write on the other side is not moved or copied to its own."""
    local = {
        (plan.context if cut.direction == "out" else cut.other, cut.subject): cut
        for cut in plan.cuts
        if cut.kind == "call" and cut.remedy in LOCAL
    }
    for saga in plan.sagas:
        begins_inside = saga.orchestrator == plan.context
        for step in saga.steps:
            if (step.participant == "monolith") == begins_inside:
                for symbol in sorted({place.symbol for place in step.places}):
                    if (saga.orchestrator, symbol) in local:
                        yield f"{symbol!r} is a step of {saga.name!r}, and to be called locally"


def _place(place: Evidence) -> tuple[str, int, str]:
    return place.file, place.line, place.symbol


def _remedies(plan: ExtractionPlan, model: Model, effects: Effects) -> Iterator[str]:
    """What is moved or copied touches no table but those of the side that calls it."""
    owner_of = {table: context.name for context in model.contexts for table in context.tables}
    modules = {module.name for module in model.modules}
    for cut in plan.cuts:
        if cut.kind == "call" and cut.remedy in LOCAL:
            user = plan.context if cut.direction == "out" else cut.other
            touched = {effect.table for effect in effects.of_class(*member(cut.subject, modules))}
            foreign = sorted(table for table in touched if owner_of.get(table) != user)
            if foreign:
                yield f"{_told(cut)} is to be {cut.remedy}, and touches {foreign[0]!r}"
        if cut.kind == "write" and cut.remedy in LOCAL:
            yield f"{_told(cut)} is to be {cut.remedy}"


def _edits(plan: ExtractionPlan, model: Model) -> Iterator[str]:
    """A file outside that uses the context is among those to edit."""
    listed = {edit.file for edit in plan.edits}
    own = {*plan.moves.files, *plan.moves.packages, *plan.moves.tests, *plan.moves.migrations}
    for cut in plan.cuts:
        if cut.direction == "in" and cut.kind in NAMED_BY_A_LINE:
            for file in sorted({place.file for place in cut.places} - listed - own):
                yield f"{_told(cut)} stands in {file}, which is not to be edited"
