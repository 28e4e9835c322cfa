"""What a deletion reads and writes beside the table itself."""

from __future__ import annotations

from strangler.analyzers.frameworks.django.notes import Notes
from strangler.analyzers.frameworks.django.orm import ordering
from strangler.analyzers.plugin import (
    Class,
    Const,
    Entity,
    External,
    Frame,
    Interpreter,
    Relation,
    Schema,
    Value,
    table_of,
)
from strangler.model.base import Certainty


def dependents(entity: Entity) -> list[Relation]:
    """Relations through which a deletion reaches other rows."""
    return [r for r in entity.relations.values() if r.kind in ("reverse", "generic", "many")]


def _many(relation: Relation) -> bool:
    """An association table without a model of its own: its rows go with the row."""
    return relation.kind == "many" and (relation.through_entity is None or relation.on_delete == "CASCADE")


def deleted(
    interp: Interpreter, entity: Entity, frame: Frame, loaded: bool = False, certainty: Certainty = "certain"
) -> None:
    """Note the deletion of rows of an entity: its table, and by cascade the ones that depend on it.

    Django selects the rows first where anything depends on them; children without dependents are
    deleted by one statement. ``loaded``: the row itself is at hand and not selected again.
    """
    interp.log.access(frame, entity, "write", "orm", certainty)
    if not loaded and (any(_reaches(r) for r in dependents(entity)) or entity.parents):
        interp.log.access(frame, entity, "read", "orm", certainty)
    for parent in entity.parents:
        interp.log.access(frame, parent, "write", "cascade", "inferred")
    _cascade(interp, entity, frame, {entity.table})
    for parent in entity.parents:
        _cascade(interp, parent, frame, {entity.table, parent.table})


def _reaches(relation: Relation) -> bool:
    return _many(relation) or (relation.kind != "many" and relation.on_delete not in (None, "DO_NOTHING"))


_INDEXERS = (
    "HAYSTACK_SIGNAL_PROCESSOR",
    "OPENSEARCH_DSL_SIGNAL_PROCESSOR",
    "ELASTICSEARCH_DSL_SIGNAL_PROCESSOR",
)


def listened(interp: Interpreter, target: Entity | str) -> bool:
    """Whether a receiver wants to know of deletions and changes of an entity, or of the table of a name."""
    notes = interp.state(Notes)
    senders = notes.deletions
    if senders is None:
        senders = notes.deletions = set()
        settings = notes.settings
        for name in _INDEXERS:
            stated = settings.text(interp, name) if settings is not None else None
            if (stated or "").lower().endswith("realtimesignalprocessor"):
                senders.add(None)  # a search index that follows every model
        for _, signal, _, sender in notes.connections:
            if isinstance(signal, External) and signal.name.endswith(("_delete", "m2m_changed")):
                options = sender.options() if sender is not None else (None,)
                senders |= {_reference(interp, option) for option in options}
    return None in senders or table_of(target) in senders


def _reference(interp: Interpreter, sender: Value | None) -> str | None:
    if isinstance(sender, Class):
        entity = interp.state(Schema).of(sender)
        return entity.table if entity is not None else ""
    if isinstance(sender, Const) and isinstance(sender.value, str):
        label, _, name = sender.value.lower().partition(".")
        return f"{label}_{name}"
    return None


def _cascade(interp: Interpreter, entity: Entity, frame: Frame, seen: set[str]) -> None:
    for relation in dependents(entity):
        if relation.kind == "many":
            if _many(relation) and relation.through is not None:
                through = interp.state(Schema).by_table.get(relation.through, relation.through)
                interp.log.access(frame, through, "write", "cascade", "inferred")
                if listened(interp, through):
                    interp.log.access(frame, through, "read", "cascade", "possible")
            continue
        child = relation.target
        if child is None or relation.on_delete in (None, "DO_NOTHING"):
            continue
        if relation.on_delete in ("PROTECT", "RESTRICT"):
            interp.log.access(frame, child, "read", "cascade", "inferred")
            continue
        if relation.on_delete.startswith("SET"):
            interp.log.access(frame, child, "write", "cascade", "inferred")
            continue
        interp.log.access(frame, child, "write", "cascade", "inferred")
        # Without dependents of its own one statement deletes them, unless a signal's receiver wants to know.
        if listened(interp, child):
            interp.log.access(frame, child, "read", "cascade", "inferred")
        if any(_reaches(r) for r in dependents(child)):
            for target in (child, *ordering.joined(interp, child, frame)):
                interp.log.access(frame, target, "read", "cascade", "inferred")
        if child.table not in seen:
            _cascade(interp, child, frame, seen | {child.table})
