"""From a model and the name of a context to its plan, and to the order of all contexts."""

from __future__ import annotations

import difflib
from pathlib import Path

from strangler.model import BoundedContext, Model
from strangler.plans.cuts import find_cuts
from strangler.plans.data import find_keys, shared_tables
from strangler.plans.edits import find_edits, moving_migrations, moving_tests
from strangler.plans.readiness import find_effort, find_readiness, find_risk, independence_of
from strangler.plans.sagas import find_sagas
from strangler.plans.stages import VARIABLES, find_stages
from strangler.plans.values import Candidate, ExtractionPlan, Moves, Roadmap
from strangler.plans.view import View, plural


class UnknownContextError(ValueError):
    """No context has that name; the message gives the nearest ones."""


def find_context(model: Model, name: str) -> BoundedContext:
    """The context of that name (the shared kernel is none).

    Raises:
        UnknownContextError: there is none.
    """
    contexts = {context.name: context for context in model.contexts if context.kind == "context"}
    if name in contexts:
        return contexts[name]
    near = difflib.get_close_matches(name, contexts, n=3, cutoff=0.4) or sorted(contexts)[:8]
    raise UnknownContextError(
        f"no context {name!r}; there are: {', '.join(near) if near else 'none in this model'}"
    )


def plan_extraction(model: Model, name: str, source: Path | None = None) -> ExtractionPlan:
    """How the context leaves the monolith; the same model and tree give an equal plan.

    Args:
        model: the monolith.
        name: the context.
        source: the analysed tree where it is at hand: files that are no modules are then searched too.

    Raises:
        UnknownContextError: the model has no such context.
    """
    view = View(model, find_context(model, name))
    moves = find_moves(view)
    cuts, keys, sagas = find_cuts(view), find_keys(view), find_sagas(view)
    edits = find_edits(view, cuts, keys, sagas, source)
    return ExtractionPlan(
        context=view.name,
        monolith=model.monolith.name,
        revision=model.monolith.revision,
        confidence=view.context.confidence,
        moves=moves,
        cuts=cuts,
        keys=keys,
        sagas=sagas,
        stages=find_stages(view, moves, cuts, keys, sagas),
        readiness=find_readiness(view, moves, cuts, keys, sagas),
        effort=find_effort(view, moves, cuts, keys, edits),
        risk=find_risk(view, cuts, keys, sagas),
        edits=edits,
        doubts=find_doubts(view, source),
        variables=dict(VARIABLES),
    )


def find_moves(view: View) -> Moves:
    """What leaves the monolith with the context."""
    model = view.model
    modules = tuple(module for module in model.modules if module.name in view.inside)
    return Moves(
        modules=tuple(sorted(view.inside)),
        files=tuple(sorted(module.path for module in modules)),
        tests=moving_tests(view),
        migrations=moving_migrations(view),
        lines=sum(module.lines for module in modules),
        tables=tuple(sorted(view.tables)),
        endpoints=view.endpoints,
        tasks=tuple(task for task in model.tasks if view.moves(task.handler)),
        signals=tuple(signal for signal in model.signals if view.moves(signal.receiver)),
        commands=tuple(command.name for command in model.commands if view.moves(command.handler)),
    )


def find_doubts(view: View, source: Path | None) -> tuple[str, ...]:
    """What the analysis could not see in or around the context."""
    doubts = []
    if source is None:
        doubts.append(
            "the source tree is not here: settings, templates, packaging and documents were not searched for "
            "the context; name the tree with --source DIR"
        )
    for kind in view.model.references:
        if kind.unresolved:
            total = kind.resolved + kind.unresolved
            doubts.append(f"{kind.unresolved:,} of {total:,} references of kind {kind.kind} are not resolved")
    paths = {view.modules[module].path for module in view.inside if module in view.modules}
    own = [item for item in view.model.diagnostics if item.file in paths and item.severity != "note"]
    doubts += [f"{item.file}:{item.line or 1}: {item.message}" for item in own]
    possible = sum(
        access.certainty == "possible" and access.module in view.inside for access in view.model.accesses
    )
    if possible:
        doubts.append(f"{plural(possible, 'table access', 'table accesses')} of the context only possible")
    if not view.model.changes.log:
        doubts.append("no history was read: nothing is known of what changes together")
    return tuple(doubts)


def plan_roadmap(model: Model) -> Roadmap:
    """All contexts, the one that leaves most easily first.

    Ordered by the sum of the ranks in three counted facts: crossings (places), ties in the data, and
    independence of change; without history by the first two. Equal sums: fewer lines, then the name.
    """
    rows = []
    for context in model.contexts:
        if context.kind != "context":
            continue
        view = View(model, context)
        cuts = find_cuts(view)
        outside = [cut for cut in cuts if view.kind_of.get(cut.other) != "shared_kernel"]
        crossings = sum(len(cut.places) for cut in outside)
        data = len(find_keys(view)) + len(find_sagas(view)) + len(shared_tables(view))
        lines = sum(model_.lines for model_ in model.modules if model_.name in view.inside)
        rows.append((view.name, crossings, data, independence_of(view), len(view.endpoints), lines))
    crossing_ranks = sorted({row[1] for row in rows})
    data_ranks = sorted({row[2] for row in rows})
    change_ranks = sorted({-(row[3] or 0.0) for row in rows})

    def score(row: tuple[str, int, int, float | None, int, int]) -> tuple[int, int, str]:
        ranks = crossing_ranks.index(row[1]) + data_ranks.index(row[2])
        return (ranks + change_ranks.index(-(row[3] or 0.0)), row[5], row[0])

    return Roadmap(
        monolith=model.monolith.name,
        revision=model.monolith.revision,
        candidates=tuple(
            Candidate(
                position=position,
                context=name,
                crossings=crossings,
                data_ties=data,
                independence=None if independence is None else round(independence, 4),
                endpoints=endpoints,
                lines=lines,
                reasons=(
                    f"{_rank(crossing_ranks, crossings)} fewest crossings ({crossings:,} places)",
                    f"{_rank(data_ranks, data)} least data to untangle ({plural(data, 'tie')})",
                    "independence of change unknown: no history"
                    if independence is None
                    else f"{independence:.0%} of its commits touch no other context",
                ),
            )
            for position, (name, crossings, data, independence, endpoints, lines) in enumerate(
                sorted(rows, key=score), 1
            )
        ),
    )


def _rank(ranks: list[int], value: int) -> str:
    number = ranks.index(value) + 1
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
