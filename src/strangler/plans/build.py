"""From a model and the name of a context to its plan, and to the order of all contexts."""

from __future__ import annotations

from collections.abc import Sequence

from strangler.contexts import ranking, reasons
from strangler.contexts.consistency import ensure
from strangler.contexts.crossings import count_places
from strangler.contexts.ranking import EXCLUSIONS, rank_contexts
from strangler.model import Ambient, BoundedContext, Model
from strangler.model.coverage import LIBRARY_CODES, measures, partly_known, unread, weakens
from strangler.plans.consistency import contradictions
from strangler.plans.cuts import find_cuts
from strangler.plans.data import find_keys
from strangler.plans.edits import find_edits, moving_migrations, moving_tests
from strangler.plans.mentions import Texts
from strangler.plans.readiness import find_effort, find_readiness, find_risk
from strangler.plans.sagas import find_sagas
from strangler.plans.stages import VARIABLES, find_stages
from strangler.plans.values import (
    LOCAL,
    Candidate,
    Cut,
    ExtractionPlan,
    Figures,
    MappedApart,
    Moves,
    Roadmap,
    Saga,
)
from strangler.plans.view import View
from strangler.spelling import told_nearest
from strangler.text import as_line, listed, plural


class UnknownContextError(ValueError):
    """No context has that name; the message gives the nearest ones."""


def find_context(model: Model, name: str) -> BoundedContext:
    """The context of that name, or of that id if it was renamed (the shared kernel is none).

    Raises:
        UnknownContextError: there is none.
    """
    contexts = {context.name: context for context in model.contexts if context.proper}
    if name in contexts:
        return contexts[name]
    renamed = next((context for context in contexts.values() if context.id == name), None)
    if renamed is not None:
        return renamed
    other = next((c for c in rank_contexts(model) if c.context == name and c.excluded), None)
    if other is not None:
        raise UnknownContextError(f"{name!r} is not to be taken out: {EXCLUSIONS[other.excluded]}")
    every = listed(sorted(contexts), 12) or "none in this model"
    raise UnknownContextError(f"no context {name!r}{told_nearest(name, contexts, 0.5)}; there are: {every}")


def plan_extraction(model: Model, name: str, texts: Texts | None = None) -> ExtractionPlan:
    """How the context leaves the monolith; the same model and tree give an equal plan.

    Args:
        model: the monolith.
        name: the context.
        texts: path and content of the files of the analysed tree, sorted by path, where it is at hand: files
            that are no modules are then searched for the context, too.

    Raises:
        UnknownContextError: the model has no such context.
        ContradictionError: two parts of the plan disagree.
    """
    view = View(model, find_context(model, name))
    moves = find_moves(view)
    ambient = find_ambient(view, moves)
    keys, sagas = find_keys(view), find_sagas(view)
    cuts = find_cuts(view, sagas)
    figures = find_figures(view, cuts, sagas)
    edits = find_edits(view, cuts, keys, sagas, texts)
    plan = ExtractionPlan(
        context=view.name,
        monolith=model.monolith.name,
        revision=model.monolith.revision,
        confidence=view.context.confidence,
        moves=moves,
        ambient=ambient,
        ambient_tables=missing_tables(view, ambient),
        cuts=cuts,
        figures=figures,
        keys=keys,
        sagas=sagas,
        stages=find_stages(view, moves, cuts, keys, sagas),
        readiness=find_readiness(view, moves, cuts, keys, sagas),
        effort=find_effort(moves, figures, edits),
        risk=find_risk(view, cuts, keys, sagas),
        edits=edits,
        doubts=find_doubts(view, searched=texts is not None),
        variables=dict(VARIABLES),
    )
    ensure(contradictions(plan, model, view.effects))
    return plan


def find_figures(view: View, cuts: Sequence[Cut], sagas: Sequence[Saga]) -> Figures:
    """The figures of the boundary: those by which contexts are ranked, and what the remedies make of them."""
    (found,) = (c for c in rank_contexts(view.model) if c.context == view.name)
    remote = {cut.id for cut in cuts if cut.remedy not in LOCAL}
    return Figures(
        crossings=found.crossings,
        places=found.all_places,
        to_cut=found.places,
        data_ties=found.knots,
        shared=found.all_places - found.places - found.knots,
        remote=count_places(crossing for crossing in view.crossings if crossing.id in remote),
        transactions=found.transactions,
        sagas=sum(saga.remedy == "saga" for saga in sagas),
        foreign_keys=found.foreign_keys,
        partly_known=len(partly_known(view.model, view.tables)),
    )


def find_moves(view: View) -> Moves:
    """What leaves the monolith with the context."""
    model = view.model
    tests, migrations = moving_tests(view), moving_migrations(view)
    leaving = {*tests, *migrations}
    needed = {
        ".".join(parts[:length])
        for module in model.modules
        if module.name not in view.inside and module.path not in leaving
        for parts in [module.name.split(".")]
        for length in range(1, len(parts))
    }
    shared = tuple(sorted(m.path for m in model.modules if m.name in view.inside & needed))
    modules = tuple(m for m in model.modules if m.name in view.inside - needed)
    return Moves(
        modules=tuple(sorted(view.inside)),
        files=tuple(sorted(module.path for module in modules)),
        packages=shared,
        tests=tests,
        migrations=migrations,
        lines=sum(module.lines for module in modules),
        tables=tuple(sorted(view.tables)),
        mapped_apart=mapped_apart(view),
        endpoints=view.endpoints,
        tasks=tuple(task for task in model.tasks if view.moves(task.handler)),
        signals=tuple(signal for signal in model.signals if view.moves(signal.receiver)),
        commands=tuple(command.name for command in model.commands if view.moves(command.handler)),
    )


def mapped_apart(view: View) -> tuple[MappedApart, ...]:
    """Models of the context whose tables belong to others, and models elsewhere of the context's own."""
    found = []
    for table in view.model.tables:
        owner, where = view.owner_of.get(table.name), view.home(table.model or "")
        sides = {owner, view.context_of.get(where or "")}
        if owner and where and None not in sides and len(sides) > 1 and view.name in sides:
            place = view.place(where, table.line, table.model)
            found.append(MappedApart(model=table.model or "", table=table.name, owner=owner, place=place))
    return tuple(sorted(found))


def find_ambient(view: View, moves: Moves) -> tuple[Ambient, ...]:
    """What requests for the endpoints that move go through today."""
    return tuple(row for row in view.model.ambient if any(row.before(e) for e in moves.endpoints))


def missing_tables(view: View, ambient: Sequence[Ambient]) -> tuple[str, ...]:
    """The tables that these touch and that the context's own models do not declare, by name."""
    own = {table.name for table in view.model.tables if table.path and table.name in view.tables}
    touched = {name for row in ambient for name in (*row.tables_read, *row.tables_written)}
    return tuple(sorted(touched - own))


DOUBTS_LISTED = 30
"""Places of the context that a plan names one by one."""


def find_doubts(view: View, *, searched: bool) -> tuple[str, ...]:
    """What the analysis could not see in or around the context."""
    doubts = []
    if not searched:
        doubts.append(
            "the source tree is not here: settings, templates, packaging and documents were not searched for "
            "the context; name the tree with --source DIR"
        )
    for measure in measures(view.model, view.inside):
        if measure.gaps:
            doubts.append(f"{measure.rows} in the context: {measure.found:,} found, {measure.gaps}")
    partly = partly_known(view.model, view.tables)
    if partly:
        doubts.append(
            f"columns and foreign keys of {plural(len(partly), 'table')} are known in part, for what they "
            f"inherit is not read: {listed(partly, 4)}"
        )
    for library in unread(view.model):
        users = [module for module in library.hooks if module in view.inside]
        if users:
            doubts.append(f"{library.name} ({library.kind}) is not read; it is used by {listed(users, 4)}")
    paths = {view.modules[module].path for module in view.inside if module in view.modules}
    own = [
        as_line(item)
        for item in view.model.diagnostics
        if item.file in paths
        and item.code not in LIBRARY_CODES
        and (item.severity != "note" or weakens(item))
    ]
    doubts += own[:DOUBTS_LISTED]
    if own[DOUBTS_LISTED:]:
        doubts.append(f"{len(own) - DOUBTS_LISTED} more places are listed in model.json (diagnostics)")
    possible = sum(
        access.certainty == "possible" and access.module in view.inside for access in view.model.accesses
    )
    if possible:
        doubts.append(f"{plural(possible, 'table access', 'table accesses')} of the context only possible")
    if not view.model.changes.log:
        doubts.append("no history was read: nothing is known of what changes together")
    return tuple(doubts)


def plan_roadmap(model: Model) -> Roadmap:
    """All contexts, the best first extraction first: the order of ``contexts.ranking``."""
    ranked = rank_contexts(model)
    inside = {context.name: frozenset(context.modules) for context in model.contexts}

    def told(position: int, found: ranking.Candidate) -> Candidate:
        return Candidate(
            position=position,
            context=found.context,
            modules=found.modules,
            lines=sum(module.lines for module in model.modules if module.name in inside[found.context]),
            tables=found.tables,
            entries=found.entries,
            places=found.places,
            data_ties=found.knots,
            independence=None if found.independence is None else round(found.independence, 4),
            confidence=found.confidence,
            reasons=reasons.reasons(found, ranked),
        )

    return Roadmap(
        monolith=model.monolith.name,
        revision=model.monolith.revision,
        candidates=tuple(told(n, c) for n, c in enumerate((c for c in ranked if not c.excluded), 1)),
        stay=tuple(told(0, c) for c in ranked if c.excluded),
    )
