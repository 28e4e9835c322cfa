"""What changed between two models of the same monolith."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from strangler.checks.baseline import cut_of
from strangler.checks.carry import carry
from strangler.checks.cycles import import_cycles
from strangler.contexts.crossings import count_places, counted, of_cut
from strangler.model import Boundary, Crossing, Model
from strangler.model.base import Value


class Change(Value, frozen=True, kw_only=True):
    """Names that only one of the two models has."""

    what: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class Move(Value, frozen=True, kw_only=True):
    """A module or table whose context is another now."""

    name: str
    before: str
    after: str


class Difference(Value, frozen=True, kw_only=True):
    """The whole difference; empty tuples where nothing changed."""

    old_revision: str | None
    new_revision: str | None
    changes: tuple[Change, ...]
    moves: tuple[Move, ...]
    crossings: tuple[tuple[str, int, int], ...]
    """(``a -> b: kind``, places before, after), only where they differ."""


def difference(old: Model, new: Model, boundaries: tuple[Boundary, ...] | None = None) -> Difference:
    """Compare two models by names, never by line numbers, and count what crosses on one cut.

    Args:
        old: before.
        new: after; its contexts are laid over both.
        boundaries: accepted ones to count by instead of those of the new model.
    """
    cut = cut_of(new)
    held = new.boundaries if boundaries is None else boundaries
    before, after = (of_cut(model.system, carry(cut, model, held)[0]) for model in (old, new))
    changes = [
        _change("modules", (m.name for m in old.modules), (m.name for m in new.modules)),
        _change("tables", (t.name for t in old.tables), (t.name for t in new.tables)),
        _change("endpoints", _endpoints(old), _endpoints(new)),
        _change("tasks", (t.name for t in old.tasks), (t.name for t in new.tasks)),
        _change("contexts", *_names(old, new)),
        _change("import cycles", _cycles(old), _cycles(new)),
    ]
    return Difference(
        old_revision=old.monolith.revision,
        new_revision=new.monolith.revision,
        changes=tuple(change for change in changes if change.added or change.removed),
        moves=_moves(old, new),
        crossings=_crossings(before, after),
    )


def _names(old: Model, new: Model) -> tuple[list[str], list[str]]:
    """The contexts of both by name; one that was only renamed is the same."""
    now = {context.id: context.name for context in new.contexts if context.id}
    return [now.get(c.id, c.name) for c in old.contexts], [c.name for c in new.contexts]


def _change(what: str, old: Iterable[str], new: Iterable[str]) -> Change:
    before, after = set(old), set(new)
    return Change(what=what, added=tuple(sorted(after - before)), removed=tuple(sorted(before - after)))


def _endpoints(model: Model) -> Iterable[str]:
    for endpoint in model.endpoints:
        yield f"{','.join(endpoint.methods or ('any',))} {endpoint.path}"


def _cycles(model: Model) -> Iterable[str]:
    return (" <-> ".join(cycle) for cycle in import_cycles(model.imports))


def _moves(old: Model, new: Model) -> tuple[Move, ...]:
    now = {context.id: context.name for context in new.contexts if context.id}
    before, after = _owners(old, now), _owners(new, now)
    both = sorted(before.keys() & after.keys())
    return tuple(
        Move(name=name, before=before[name], after=after[name])
        for name in both
        if before[name] != after[name]
    )


def _owners(model: Model, now: Mapping[str, str]) -> dict[str, str]:
    owners = {}
    for context in model.contexts:
        name = now.get(context.id, context.name)
        owners.update(dict.fromkeys(context.modules, name))
        owners.update({f"table {table}": name for table in context.tables})
    return owners


def _crossings(old: Iterable[Crossing], new: Iterable[Crossing]) -> tuple[tuple[str, int, int], ...]:
    before, after = _counts(old), _counts(new)
    keys = sorted(before.keys() | after.keys())
    return tuple((key, before[key], after[key]) for key in keys if before[key] != after[key])


def _counts(crossings: Iterable[Crossing]) -> Counter[str]:
    pairs: dict[str, list[Crossing]] = defaultdict(list)
    for crossing in counted(crossings):
        pairs[f"{crossing.source} -> {crossing.target}: {crossing.kind}"].append(crossing)
    return Counter({pair: count_places(found) for pair, found in pairs.items()})
