"""Look-up strings: the tables that ``lines__product__sku`` joins.

Django trims the last join where only the far key is used: ``order__id`` touches no orders table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from strangler.analyzers.plugin import (
    Args,
    Const,
    Entity,
    External,
    Frame,
    Interpreter,
    Object,
    Relation,
    Sequence,
    Value,
)

Target = Entity | str


def joined(entity: Entity, path: str, whole: bool = False) -> list[Target]:
    """The tables that a look-up path from an entity reads beside the entity's own.

    Args:
        entity: where the path starts.
        path: names joined with two underscores; a last name that is no relation is a column or look-up.
        whole: the path ends at a relation whose row is loaded (``select_related``), not only compared.
    """
    found: list[Target] = []
    parts = path.lstrip("-+?").split("__")
    current: Entity | None = entity
    for index, part in enumerate(parts):
        relation = current.relation(part) if current is not None else None
        if relation is None or current is None:
            if current is not None:
                found += _inherited(current, part)
            break
        rest = parts[index + 1 :]
        found += _hop(relation, rest, whole)
        current = relation.target
    return found


def _hop(relation: Relation, rest: list[str], whole: bool) -> list[Target]:
    far: list[Target] = []
    if relation.target is not None:
        far = [relation.target]
    elif relation.target_table is not None:
        far = [relation.target_table]
    uses_row = whole or _needs_row(relation.target, rest)
    if relation.kind == "many":
        through: list[Target] = [relation.through] if relation.through is not None else []
        return through + (far if (uses_row and rest) or whole else [])
    if relation.kind == "forward":
        return far if uses_row else []
    return far  # reverse and generic: the far table holds the key


def _needs_row(target: Entity | None, rest: list[str]) -> bool:
    """Whether what follows a relation in a path is more than the far key."""
    if not rest:
        return False
    name = rest[0]
    if name in ("pk", "in", "isnull", "exact", "gt", "gte", "lt", "lte", "range"):
        return False
    if target is None:
        return name != "id"
    return not (name == target.primary_key or (name == "id" and "id" in target.columns))


def _inherited(entity: Entity, column: str) -> list[Target]:
    """The parents' tables where a column is inherited through multi-table inheritance."""
    if column in entity.columns or not entity.parents:
        return []
    for parent in entity.parents:
        if column in parent.columns:
            return [parent]
    return []


def keywords(interp: Interpreter, entity: Entity, args: Args, frame: Frame) -> list[Target]:
    """The tables of ``filter(**lookups)`` and of what its values are made of."""
    found: list[Target] = []
    for name, value in args.keywords.items():
        found += joined(entity, name)
        found += expression(interp, entity, value, frame)
    for value in args.positional:
        found += expression(interp, entity, value, frame)
    return found


def paths(
    interp: Interpreter, entity: Entity, values: Iterable[Value], frame: Frame, whole: bool
) -> list[Target]:
    """The tables of ``order_by("a__b")``, ``values("a__b")``, ``select_related("a__b")`` ..."""
    found: list[Target] = []
    for value in strings(values):
        if isinstance(value, str):
            found += joined(entity, value, whole)
        else:
            found += expression(interp, entity, value, frame)
    return found


def strings(values: Iterable[Value]) -> Iterator[str | Value]:
    """Constant strings, also those in lists; anything else as it is."""
    for value in values:
        for option in value.options():
            if isinstance(option, Const):
                if isinstance(option.value, str):
                    yield option.value
            elif isinstance(option, Sequence):
                yield from strings(option.items)
            else:
                yield option


def expression(interp: Interpreter, entity: Entity, value: Value, frame: Frame) -> list[Target]:
    """The tables of ``F``, ``Q``, ``Count``, ``Case``, ``Subquery`` ... and of nested querysets."""
    found: list[Target] = []
    for option in value.options():
        unordered = getattr(option, "unordered", None)
        consume = getattr(unordered() if unordered is not None else option, "consume", None)
        if consume is not None:
            consume(interp, frame)
            found += _certain(option)  # it is run again by whoever runs the query around it
        elif isinstance(option, Sequence):
            for item in option.items:
                found += expression(interp, entity, item, frame)
        elif isinstance(option, Object) and option.args is not None:
            found += _call(interp, entity, option, frame)
    return found


def _certain(query: Value) -> list[Target]:
    """What a query reads in any case."""
    if getattr(query, "sure", "") != "certain":
        return []
    return [read.target for read in getattr(query, "reads", ()) if read.sure == "certain"]


def _call(interp: Interpreter, entity: Entity, call: Object, frame: Frame) -> list[Target]:
    name = call.cls.name.rpartition(".")[2] if isinstance(call.cls, External) else ""
    args = call.args or Args()
    found: list[Target] = []
    if name in ("OuterRef", "Value", "Prefetch"):
        return found
    if name == "RawSQL":
        from strangler.analyzers.frameworks.sql import note_sql

        note_sql(interp, frame, args.get(0, "sql"))
        return found
    if interp.lineage(call) & {"django.db.models.Model"}:
        return found  # a row as a value
    for index, argument in enumerate(args.positional):
        if isinstance(argument, Const):
            if isinstance(argument.value, str) and (name != "FilteredRelation" or index == 0):
                found += joined(entity, argument.value)
        else:
            found += expression(interp, entity, argument, frame)
    for keyword, argument in args.keywords.items():
        if name in ("Q", "When") and keyword not in ("then", "condition"):
            found += joined(entity, keyword)
        found += expression(interp, entity, argument, frame)
    return found
