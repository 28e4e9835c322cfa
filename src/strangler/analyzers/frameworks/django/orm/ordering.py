"""``Meta.ordering``: what a query joins to sort its rows, where it does not say how to sort them itself.

``Model.Meta.ordering`` in Django's reference: a key named alone sorts by the ordering of the model that it
leads to.
"""

from __future__ import annotations

from strangler.analyzers.frameworks.django.apps import meta
from strangler.analyzers.frameworks.django.orm import lookups
from strangler.analyzers.frameworks.django.orm.lookups import Target
from strangler.analyzers.plugin import Class, Entity, Frame, Interpreter, Object, Value


class Orderings:
    """The tables that the default ordering of each model joins."""

    def __init__(self) -> None:
        self.known: dict[Class, tuple[Target, ...]] = {}


def joined(interp: Interpreter, entity: Entity | None, frame: Frame) -> tuple[Target, ...]:
    """The tables that the default ordering of an entity reads beside its own."""
    if entity is None or entity.cls is None or interp.booting:
        return ()
    known = interp.state(Orderings).known
    if entity.cls not in known:
        known[entity.cls] = ()  # while it is looked for: a circle ends
        stated = meta(entity.cls).get("ordering")
        found = _joined(interp, entity, stated, frame) if stated is not None else []
        known[entity.cls] = tuple(dict.fromkeys(target for target in found if target is not entity))
    return known[entity.cls]


def _joined(interp: Interpreter, entity: Entity, stated: Value, frame: Frame) -> list[Target]:
    found: list[Target] = []
    for one in lookups.strings([stated]):
        if not isinstance(one, str):
            if isinstance(one, Object):
                found += lookups.expression(interp, entity, one, frame)
            continue
        found += lookups.joined(entity, one)
        end = end_of(entity, one)
        if end is not None and end.cls is not None and "ordering" in meta(end.cls):
            found += [end, *joined(interp, end, frame)]
    return found


def end_of(entity: Entity, path: str) -> Entity | None:
    """The entity that a path of keys alone leads to."""
    current: Entity | None = entity
    for part in path.lstrip("-+?").split("__"):
        relation = current.relation(part) if current is not None else None
        if relation is None:
            return None
        current = relation.target
    return current
