"""A frozen cut over the modules and tables of a model: where what is new belongs."""

from __future__ import annotations

from strangler.checks.baseline import Baseline
from strangler.contexts.accepted import claims, package_vote, package_votes
from strangler.model import Boundary, BoundedContext, Model
from strangler.model.contexts import ContextKind
from strangler.model.lookup import PRODUCTION


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
    from strangler.contexts.ownership import keepers, owners

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
    platforms = keepers(
        model.system,
        {
            key: [table for table, at in known.items() if at == key]
            for key, (_, kind, _) in kinds.items()
            if kind == "platform"
        },
    )
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
