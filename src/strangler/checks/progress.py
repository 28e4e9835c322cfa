"""How a migration comes along: the same cut laid over one model after another."""

from __future__ import annotations

from collections.abc import Iterable

from strangler.checks.baseline import Baseline
from strangler.checks.carry import carry
from strangler.checks.cycles import import_cycles
from strangler.contexts.crossings import by_kind, counted, of_cut
from strangler.model import Boundary, Model
from strangler.model.base import Value
from strangler.model.lookup import all_tables


class Step(Value, frozen=True, kw_only=True):
    """One model on the common cut."""

    revision: str | None
    date: str | None
    """Day of the analysed commit, where there is a history."""
    modules: int
    tables: int
    """All that the code declares or touches."""
    endpoints: int
    crossings: int
    places: int
    """Places that make them."""
    by_kind: tuple[tuple[str, int], ...]
    cycles: int
    """Modules in import cycles."""
    unresolved: int
    """References that could not be resolved: fewer crossings mean little where this grew."""


def progress(
    models: Iterable[Model], cut: Baseline, boundaries: tuple[Boundary, ...] | None = None
) -> tuple[Step, ...]:
    """Key figures of each model on one cut, in the order given.

    Args:
        models: the models.
        cut: contexts for what no boundary claims.
        boundaries: accepted ones, which come first; None: each model's own.
    """
    return tuple(_step(model, cut, boundaries) for model in models)


def _step(model: Model, cut: Baseline, boundaries: tuple[Boundary, ...] | None) -> Step:
    contexts, _ = carry(cut, model, boundaries)
    crossings = counted(of_cut(model.system, contexts))
    kinds = by_kind(crossings)
    return Step(
        revision=model.monolith.revision,
        date=model.changes.until,
        modules=len(model.modules),
        tables=len(all_tables(model.system)),
        endpoints=len(model.endpoints),
        crossings=len(crossings),
        places=kinds.total(),
        by_kind=tuple(sorted(kinds.items())),
        cycles=sum(len(cycle) for cycle in import_cycles(model.imports)),
        unresolved=sum(item.unresolved for item in model.references),
    )
