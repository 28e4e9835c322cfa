"""Which fields of a model are unique: validating a row looks for others that have the same."""

from __future__ import annotations

from strangler.analyzers.frameworks.django.apps import meta
from strangler.analyzers.plugin import Const, Entity, External, Object, Sequence, Value

_DATED = ("unique_for_date", "unique_for_month", "unique_for_year")


def unique(entity: Entity, names: list[str] | None = None) -> bool:
    """Whether one of the fields, or of the groups of fields among them, is unique; None: of all fields."""
    if entity.cls is None:
        return False
    for parent in entity.cls.mro():
        for name, value in parent.namespace.items():
            if (names is None or name in names) and isinstance(value, Object) and value.args is not None:
                flag = value.args.get(None, "unique")
                if isinstance(flag, Const) and flag.value is True:
                    return True
                if any(value.args.get(None, dated) is not None for dated in _DATED):
                    return True
    return any(names is None or set(group) <= set(names) for group in _together(entity))


def _together(entity: Entity) -> list[list[str]]:
    """The groups of ``unique_together`` and of ``UniqueConstraint``."""
    assert entity.cls is not None
    options = meta(entity.cls)
    stated = options.get("unique_together")
    groups: list[Value] = list(stated.items) if isinstance(stated, Sequence) else []
    if stated is not None and groups and all(isinstance(one, Const) for one in groups):
        groups = [stated]  # one group alone
    constraints = options.get("constraints")
    for one in constraints.items if isinstance(constraints, Sequence) else ():
        if isinstance(one, Object) and isinstance(one.cls, External) and one.args is not None:
            fields = one.args.get(None, "fields") if one.cls.name.endswith(".UniqueConstraint") else None
            groups += [fields] if fields is not None else []
    return [_texts(group) for group in groups if isinstance(group, Sequence) and group.items]


def _texts(group: Sequence) -> list[str]:
    return [str(one.value) for one in group.items if isinstance(one, Const)]
