"""What sessions write: instances that are added, deleted and merged, flushes and commits."""

from __future__ import annotations

from strangler.analyzers.frameworks.sqlalchemy.access import ancestors, note, read
from strangler.analyzers.frameworks.sqlalchemy.expressions import entity_classes
from strangler.analyzers.frameworks.sqlalchemy.rows import Loaded, epoch_of
from strangler.analyzers.frameworks.sqlalchemy.tags import EPOCH, PENDING, is_guess
from strangler.analyzers.frameworks.sqlalchemy.unitofwork import (
    State,
    certainty_of,
    class_of,
    delete,
    entity_of,
    insert,
    mark,
    state_of_instance,
    unit_ends,
)
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Const,
    Frame,
    Interpreter,
    MethodHandler,
    Object,
    Schema,
    Sequence,
    Value,
    join,
)
from strangler.model.base import Certainty

MOST_PENDING = 200
"""New instances that are remembered of a session."""

SUBJECTS = ("instance", "instances", "objects", "statement", "entity", "mapper")
"""Keywords of what a session's method is about, the first argument of each."""


def subject(args: Args) -> Value | None:
    """What a session's method is about: the first argument, also by its name."""
    if args.positional:
        return args.positional[0]
    return next((args.keywords[name] for name in SUBJECTS if name in args.keywords), None)


def _items(value: Value | None) -> list[Value]:
    found: list[Value] = []
    for option in value.options() if value is not None else ():
        found += option.items if isinstance(option, Sequence) else [option]
    return found


def _members(value: Value | None) -> list[Value]:
    return [v for item in _items(value) for v in item.options()]


def _add(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    value = subject(args) or UNKNOWN
    given = [value] if not any(isinstance(o, Sequence) for o in value.options()) else _items(value)

    def one(option: Value) -> None:
        if isinstance(option, Object):
            _added(interp, option, receiver, frame)
        elif option is UNKNOWN:
            interp.log.unresolved_access(frame, "an object of unknown class is added to the session")

    for item in given:
        interp.log.of_each(list(item.options()), one)
    return NONE


def _added(interp: Interpreter, value: Object, receiver: Value, frame: Frame) -> None:
    state = state_of_instance(value)
    if state == "transient":
        insert(interp, frame, value, _sure(receiver))
        _remember(receiver, value)
    elif state == "unknown":
        entity = entity_of(interp, value)
        if entity is not None:
            for part in (entity, *ancestors(entity)):
                note(interp, frame, part, "write", "orm", "inferred")
    elif isinstance(value, Loaded) and value.updated:
        value.updated = False
        entity = entity_of(interp, value)
        if entity is not None:
            note(interp, frame, entity, "write", "orm", _sure(receiver))


def _sure(receiver: Value) -> Certainty:
    return "inferred" if is_guess(receiver) else "certain"


def _remember(receiver: Value, value: Object) -> None:
    if isinstance(receiver, Object):
        known = PENDING.of(receiver) or PENDING.put(receiver, Sequence([], "list"))
        if len(known.items) < MOST_PENDING:
            known.items.append(value)


def _delete(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    for value in _members(subject(args)) or [UNKNOWN]:
        entity = entity_of(interp, value)
        if entity is not None and isinstance(value, Object):
            delete(interp, frame, entity, certainty_of(value))
        elif value is UNKNOWN:
            interp.log.unresolved_access(frame, "an object of unknown class is deleted")
    return NONE


def _merge(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    made: list[Value] = []
    for value in _members(subject(args)) or [UNKNOWN]:
        cls = class_of(value)
        entity = entity_of(interp, value)
        if entity is None or cls is None:
            if value is UNKNOWN:
                interp.log.unresolved_access(frame, "an object of unknown class is merged")
            continue
        read(interp, frame, [cls], [cls], _sure(receiver))
        for part in (entity, *ancestors(entity)):
            note(interp, frame, part, "write", "orm", _sure(receiver))
        made.append(Loaded(cls, receiver if isinstance(receiver, Object) else None))
    return join(made)


def _refresh(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    for value in _members(subject(args)):
        cls = class_of(value)
        if cls is not None and isinstance(value, Object):
            read(interp, frame, [cls], [cls], certainty_of(value))
            mark(value, "persistent")
            if isinstance(value, Loaded):
                value.renew()
    return NONE


def _flush(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    _mark_all(PENDING.of(receiver), "persistent")
    return NONE


def _mark_all(added: Sequence | None, state: State) -> None:
    for value in added.items if added is not None else ():
        if isinstance(value, Object):
            mark(value, state)


def _commit(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    _mark_all(PENDING.clear(receiver), "expired")
    if isinstance(receiver, Object):
        EPOCH.put(receiver, Const(epoch_of(receiver) + 1))
    if frame.callee is not None and frame.yields:
        frame.callee.leaves_open = True
    elif not frame.region and not interp.booting:
        unit_ends(interp, frame)
    return NONE


def _bulk_mappings(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    classes = entity_classes(args.get(0, "mapper"))
    for cls in classes:
        entity = interp.state(Schema).of(cls)
        for part in (entity, *ancestors(entity)) if entity is not None else ():
            note(interp, frame, part, "write", "bulk", "certain")
    if not classes:
        interp.log.unresolved_access(frame, "rows of an unknown class are written in bulk")
    return NONE


def _bulk_save(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    for value in _members(subject(args)) or [UNKNOWN]:
        entity = entity_of(interp, value)
        if entity is not None:
            for part in (entity, *ancestors(entity)):
                note(interp, frame, part, "write", "bulk", "certain")
        elif value is UNKNOWN:
            interp.log.unresolved_access(frame, "objects of an unknown class are written in bulk")
    return NONE


WRITING: dict[str, MethodHandler] = {
    "add": _add,
    "add_all": _add,
    "delete": _delete,
    "delete_all": _delete,
    "merge": _merge,
    "refresh": _refresh,
    "flush": _flush,
    "commit": _commit,
    "bulk_insert_mappings": _bulk_mappings,
    "bulk_update_mappings": _bulk_mappings,
    "bulk_save_objects": _bulk_save,
}
"""Method of a session -> what it does."""
