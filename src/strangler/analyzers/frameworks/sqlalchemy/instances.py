"""Instances of mapped classes: attributes load and change rows, relations lead to other tables."""

from __future__ import annotations

from collections.abc import Callable

from strangler.analyzers.frameworks.sqlalchemy.access import ancestors, note, read, read_along, read_relation
from strangler.analyzers.frameworks.sqlalchemy.definitions import (
    ColumnDefinition,
    ColumnProperty,
    DeclaredAttr,
    Hybrid,
    Proxy,
    RelationshipDefinition,
    Synonym,
)
from strangler.analyzers.frameworks.sqlalchemy.expressions import sources_of
from strangler.analyzers.frameworks.sqlalchemy.flushing import hang
from strangler.analyzers.frameworks.sqlalchemy.members import Collection, DynamicCollection, ProxyList
from strangler.analyzers.frameworks.sqlalchemy.relations import Relationship
from strangler.analyzers.frameworks.sqlalchemy.rows import Loaded
from strangler.analyzers.frameworks.sqlalchemy.state import state_of
from strangler.analyzers.frameworks.sqlalchemy.statements import Statement
from strangler.analyzers.frameworks.sqlalchemy.unitofwork import (
    certainty_of,
    changed,
    class_of,
    entity_of,
    has_committed,
    mark,
    state_of_instance,
)
from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Bound,
    Class,
    Frame,
    Interpreter,
    Object,
    Sequence,
    Value,
    text_of,
    weakest,
)
from strangler.model.base import Certainty

# -- reading attributes ------------------------------------------------------------------------------


def described(interp: Interpreter, obj: Object, name: str, value: Value, frame: Frame) -> Value | None:
    """A class attribute that the ORM defines, seen through an instance."""
    cls = class_of(obj)
    if cls is None:
        return None
    if isinstance(value, DeclaredAttr):
        value = value.of(interp, cls, frame)
    if isinstance(value, (ColumnDefinition, Synonym)):
        _refreshed(interp, obj, frame)
        return obj.attrs.get(name, UNKNOWN)
    if isinstance(value, RelationshipDefinition):
        return relation_value(interp, obj, name, frame)
    if isinstance(value, Hybrid):
        if value.is_method:
            return Bound(value.function, obj)
        return value.function.call(interp, Args([obj]), frame)
    if isinstance(value, ColumnProperty):
        _property(interp, obj, value, frame)
        return UNKNOWN
    if isinstance(value, Proxy):
        return _through_proxy(interp, obj, value, frame)
    return None


def member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    """An attribute that no first-party class defines: a backref, or a column declared elsewhere."""
    entity = entity_of(interp, obj)
    if entity is None:
        return None
    if entity.relation(name) is not None:
        return relation_value(interp, obj, name, frame)
    if any(name in e.columns for e in (entity, *ancestors(entity))):
        _refreshed(interp, obj, frame)
        return UNKNOWN
    return None


def _refreshed(interp: Interpreter, obj: Object, frame: Frame) -> None:
    """After a commit, the first look at a column selects the row again, with what is loaded eagerly."""
    cls = class_of(obj)
    if cls is None or interp.booting:
        return
    if isinstance(obj, Loaded):
        if obj.expired():
            obj.renew()
            read(interp, frame, [cls], [cls], _refreshing(interp), "refresh")
    elif state_of_instance(obj) == "expired":
        mark(obj, "persistent")
        read(interp, frame, [cls], [cls], _refreshing(interp), "refresh")
    elif has_committed(frame) and state_of_instance(obj) == "unknown":
        # The function has committed before; once for each function is enough to say.
        place = (frame.module.name, frame.function, cls)
        seen = state_of(interp).refreshed
        if place not in seen:
            seen.add(place)
            read(interp, frame, [cls], [cls], "possible", "refresh")


def _refreshing(interp: Interpreter) -> Certainty:
    """How sure it is that a commit expires rows: where some session keeps them, it may be this one."""
    return "possible" if state_of(interp).keeps_rows else "inferred"


def _property(interp: Interpreter, obj: Object, value: ColumnProperty, frame: Frame) -> None:
    late = value.args.get(None, "deferred")
    if late is not None and late.truth() is True and state_of_instance(obj) != "transient":
        cls = class_of(obj)
        sources = [s for s in sources_of(value.args.all()) if s is not cls]
        read(interp, frame, [cls, *sources], (), certainty_of(obj), "property")


def _through_proxy(interp: Interpreter, obj: Object, proxy: Proxy, frame: Frame) -> Value:
    first, second = text_of(proxy.args.get(0, "target_collection")), text_of(proxy.args.get(1, "attr"))
    if first is None:
        return UNKNOWN
    inner = obj.get(interp, first, frame)
    items, _ = inner.elements(interp, frame)
    if not items:
        return inner.get(interp, second, frame) if second else UNKNOWN
    found = [item.get(interp, second, frame) for item in items if second]
    return ProxyList(inner, found, proxy)


def relation_value(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value:
    """The far end of a relation; loading it is a read."""
    entity = entity_of(interp, obj)
    relation = entity.relation(name) if entity is not None else None
    if not isinstance(relation, Relationship):
        return UNKNOWN
    target = relation.target.cls if relation.target is not None else None
    session = obj.session if isinstance(obj, Loaded) else None
    if relation.lazy in ("dynamic", "write_only"):
        return _query_collection(interp, obj, relation, target, frame)
    state = state_of_instance(obj)
    if state == "transient" or state == "pending":
        return _of_transient(obj, name, relation, frame)
    preloaded = relation.eager or (isinstance(obj, Loaded) and name in obj.preloaded)
    if not preloaded:
        sure = certainty_of(obj)
        read_relation(interp, frame, relation, sure)
        if target is not None:  # there may be no row at the far end, or it may have been loaded before
            read_along(interp, frame, target, weakest("inferred", sure))
    value: Value = Loaded(target, session) if target is not None else UNKNOWN
    if not relation.single:
        value = Collection(obj, relation, [value] if target is not None else [])
    interp.changes.before(obj)  # on the other ways of the code nothing has loaded it
    obj.attrs[name] = value
    if isinstance(obj, Loaded) and not preloaded:
        obj.followed[name] = _looked_at(interp, relation, frame)
    return value


def _looked_at(interp: Interpreter, relation: Relationship, frame: Frame) -> Callable[[Frame], None]:
    """Notes the far rows of a relation, once for each function that looks at them: it does not know that
    another one has loaded them before."""
    known = {(frame.module.name, frame.function)}

    def look(frame: Frame) -> None:
        here = (frame.module.name, frame.function)
        if here not in known:
            known.add(here)
            read_relation(interp, frame, relation, "inferred")

    return look


def _of_transient(obj: Object, name: str, relation: Relationship, frame: Frame) -> Value:
    given = obj.attrs.get(name) or (obj.arg(None, name) if obj.args is not None else None)
    if given is not None and given is not UNKNOWN and not isinstance(given, Sequence):
        return given
    if relation.single:
        target = relation.target.cls if relation.target is not None else None
        return Loaded(target) if target is not None else UNKNOWN
    items = list(given.items) if isinstance(given, Sequence) else []
    value = Collection(obj, relation, items)
    obj.attrs[name] = value
    return value


def _query_collection(
    interp: Interpreter, obj: Object, relation: Relationship, target: Class | None, frame: Frame
) -> Value:
    made = Statement("query", None)
    made.session = (
        obj.session
        if isinstance(obj, Loaded) and obj.session
        else Object(interp.external("sqlalchemy.Session"), None, None)
    )
    if target is not None:
        made.selecting([target])
    if relation.through is not None:
        made.sources = (*made.sources, relation.through)
    made.certainty = certainty_of(obj)
    return DynamicCollection(obj, relation, made)


# -- writing -----------------------------------------------------------------------------------------


def stored(interp: Interpreter, obj: Object, name: str, value: Value, frame: Frame) -> None:
    """``instance.name = value``; ``*`` stands for a column that is chosen at run time."""
    entity = entity_of(interp, obj)
    if entity is None:
        return
    if frame.callee is not None and frame.callee.name in ("__init__", "__new__"):
        given = entity.relation(name)
        if isinstance(given, Relationship):
            hang(interp, frame, obj, entity, given, value)
        return
    cls = class_of(obj)
    found = cls.find(name) if cls is not None else None
    if found is not None and isinstance(found[0], Hybrid):
        if found[0].setter is not None:
            found[0].setter.call(interp, Args([obj, value]), frame)
        return
    if found is not None and isinstance(found[0], Synonym):
        name = text_of(found[0].args.get(0, "name")) or name
    relation = entity.relation(name)
    if isinstance(relation, Relationship):
        _assign_relation(interp, frame, obj, relation, value)
        return
    state = state_of_instance(obj)
    if state in ("transient", "pending"):
        return
    if isinstance(obj, Loaded):
        obj.renew()
    for part in (entity, *ancestors(entity)):
        if name in part.columns or name == "*":
            note(interp, frame, part, "write", "attribute", certainty_of(obj))
            break


def _assign_relation(
    interp: Interpreter, frame: Frame, obj: Object, relation: Relationship, value: Value
) -> None:
    state = state_of_instance(obj)
    if state == "transient":
        return
    values = value.items if isinstance(value, Sequence) else list(value.options())
    if not relation.single and state != "pending" and relation.name not in obj.attrs:
        read_relation(interp, frame, relation, certainty_of(obj))
    changed(interp, frame, obj, relation, values)
    obj.attrs.pop(relation.name, None)


def instantiated(interp: Interpreter, cls: Class, args: Args, frame: Frame) -> Value | None:
    """``Model(...)`` without a constructor of its own: the keywords are its attributes."""
    if cls.find("__init__") is not None:
        return None
    obj = Object(cls, args, frame)
    obj.attrs.update({k: v for k, v in args.keywords.items() if v is not UNKNOWN})
    return obj
