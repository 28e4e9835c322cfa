"""What the next flush will write: new, changed and deleted instances and what hangs on them."""

from __future__ import annotations

from typing import Literal, cast

from strangler.analyzers.frameworks.sqlalchemy.access import ancestors, note, read_along, read_relation
from strangler.analyzers.frameworks.sqlalchemy.relations import Relationship
from strangler.analyzers.frameworks.sqlalchemy.rows import Loaded
from strangler.analyzers.frameworks.sqlalchemy.tags import STATE, is_guess
from strangler.analyzers.plugin import (
    UNKNOWN,
    Class,
    Const,
    Effect,
    Entity,
    Frame,
    Interpreter,
    Object,
    Region,
    Schema,
    Sequence,
    Value,
    weakest,
)
from strangler.model.base import Certainty

State = Literal["transient", "pending", "persistent", "expired", "unknown"]
_COMMITTED = "<committed>"
"""A name that no code can have: what a running function has committed follows its ways as its names do."""


class _Committed(Value):
    """What a running function has committed so far."""

    __slots__ = ("effects",)

    def __init__(self) -> None:
        self.effects: set[Effect] = set()


def has_committed(frame: Frame) -> bool:
    """Whether the running function has committed before."""
    return _COMMITTED in frame.locals


def unit_ends(interp: Interpreter, frame: Frame) -> None:
    """``commit()``: what the function touched since its last one belongs together."""
    if frame.callee is not None and "general" not in frame.callee.running:
        return  # a helper called for one model after the other: these are no one transaction
    known = frame.locals.get(_COMMITTED)
    if not isinstance(known, _Committed):
        known = frame.locals[_COMMITTED] = _Committed()
    since = interp.log.effects - known.effects
    if any(effect.operation == "write" for effect in since):
        interp.log.within(Region(*frame.location, frame.line), since)
    known.effects |= since


def class_of(obj: Value) -> Class | None:
    """The first-party class of an instance."""
    cls = obj.cls if isinstance(obj, Object) else None
    cls = getattr(cls, "origin", cls)
    return cls if isinstance(cls, Class) else None


def entity_of(interp: Interpreter, obj: Value) -> Entity | None:
    """The entity that an instance is a row of."""
    cls = class_of(obj)
    return interp.state(Schema).of(cls) if cls is not None and not interp.booting else None


def state_of_instance(obj: Object) -> State:
    """transient (made here), pending (added), persistent (in the database), expired (and committed since),
    or unknown (a parameter)."""
    if isinstance(obj, Loaded):
        return "persistent"
    state = STATE.of(obj)
    if state is not None:
        return cast(State, state.value)
    return "unknown" if obj.args is None else "transient"


def mark(obj: Object, state: State) -> None:
    """Set the state of an instance."""
    if obj.args is not None:
        STATE.put(obj, Const(state))


def certainty_of(obj: Object) -> Certainty:
    """How sure it is that the instance is a row of the database."""
    if is_guess(obj):
        return "possible"
    return "inferred" if state_of_instance(obj) == "unknown" else "certain"


def changed(
    interp: Interpreter, frame: Frame, obj: Object, relation: Relationship, values: list[Value]
) -> None:
    """The members of a relation were changed: what the flush will write."""
    state = state_of_instance(obj)
    if state == "transient" or relation.view_only:
        return
    sure = certainty_of(obj)
    entity = entity_of(interp, obj)
    if relation.kind == "many":
        if relation.through is not None:
            note(interp, frame, relation.through, "write", "relation", sure)
    elif relation.kind == "forward":
        if entity is not None:
            note(interp, frame, entity, "write", "relation", sure)
    elif relation.target is not None:
        note(interp, frame, relation.target, "write", "relation", sure)
    for value in values:
        if isinstance(value, Object) and state_of_instance(value) == "transient":
            insert(interp, frame, value, sure)


def insert(
    interp: Interpreter, frame: Frame, obj: Object, certainty: Certainty, seen: set[int] | None = None
) -> None:
    """A new instance goes into its tables, and with it the new instances that hang on it."""
    seen = seen if seen is not None else set()
    if id(obj) in seen:
        return
    seen.add(id(obj))
    entity = entity_of(interp, obj)
    if entity is None:
        cls = class_of(obj)
        if cls is not None and interp.booting:
            note(interp, frame, cls, "write", "orm", certainty)
        return
    interp.changes.before(obj)
    mark(obj, "pending")
    for part in (entity, *ancestors(entity)):
        note(interp, frame, part, "write", "orm", certainty)
    given: dict[str, Value] = {**(obj.args.keywords if obj.args is not None else {}), **obj.attrs}
    for name, value in given.items():
        relation = entity.relation(name)
        if not isinstance(relation, Relationship):
            continue
        members = value.items if isinstance(value, Sequence) else list(value.options())
        members = [m for m in members if m is not UNKNOWN and not (isinstance(m, Const))]
        if members and relation.through is not None:
            note(interp, frame, relation.through, "write", "relation", certainty)
        for item in members:
            if isinstance(item, Object) and state_of_instance(item) == "transient":
                insert(interp, frame, item, certainty, seen)
            elif isinstance(item, Loaded) and relation.kind == "reverse" and relation.target is not None:
                note(interp, frame, relation.target, "write", "relation", certainty)


def delete(
    interp: Interpreter, frame: Frame, entity: Entity, certainty: Certainty, seen: set[Entity] | None = None
) -> None:
    """A row is deleted: with it, or changed by it, what hangs on it."""
    seen = seen if seen is not None else set()
    if entity in seen:
        return
    via = "cascade" if seen else "orm"
    seen.add(entity)
    for part in (entity, *ancestors(entity)):
        note(interp, frame, part, "write", via, certainty)
    for part in (entity, *ancestors(entity)):
        for relation in part.relations.values():
            if isinstance(relation, Relationship) and not relation.view_only:
                _delete_along(interp, frame, relation, certainty, seen)


def _delete_along(
    interp: Interpreter, frame: Frame, relation: Relationship, certainty: Certainty, seen: set[Entity]
) -> None:
    target = relation.target
    cascades = "delete" in relation.cascade or "all" in relation.cascade
    if relation.kind == "many":
        if relation.through is not None and not relation.passive_deletes:
            read_relation(interp, frame, relation, weakest("inferred", certainty), "cascade")
            if target is not None and target.cls is not None:
                read_along(interp, frame, target.cls, weakest("inferred", certainty))
            note(interp, frame, relation.through, "write", "cascade", weakest("inferred", certainty))
        if cascades and target is not None:
            delete(interp, frame, target, weakest("inferred", certainty), seen)
        return
    if target is None or (relation.kind == "forward" and not cascades):
        return
    if relation.passive_deletes:
        note(interp, frame, target, "write", "cascade", weakest("inferred", certainty))
        return
    certainty = weakest("inferred", certainty)  # it may have been loaded, and there may be no row
    read_relation(interp, frame, relation, certainty, "cascade")
    if target.cls is not None:
        read_along(interp, frame, target.cls, certainty)
    if cascades:
        delete(interp, frame, target, certainty, seen)
    else:
        note(interp, frame, target, "write", "cascade", certainty)
