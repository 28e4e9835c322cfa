"""Instances of mapped classes: attributes load and change rows, relations lead to other tables."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from strangler.analyzers.python.values import (
    NONE,
    UNKNOWN,
    Args,
    Bound,
    Class,
    Const,
    Object,
    Sequence,
    Value,
)
from strangler.analyzers.schema import Entity
from strangler.analyzers.sqlalchemy.access import ancestors, note, read, read_along, read_relation
from strangler.analyzers.sqlalchemy.definitions import (
    ColumnDefinition,
    ColumnProperty,
    DeclaredAttr,
    Hybrid,
    Proxy,
    RelationshipDefinition,
    Synonym,
    text_of,
)
from strangler.analyzers.sqlalchemy.expressions import sources_of
from strangler.analyzers.sqlalchemy.relations import Relationship
from strangler.analyzers.sqlalchemy.statements import Loaded, Statement
from strangler.model.system import Certainty

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Frame, Interpreter

_STATE = "<state>"


def class_of(obj: Value) -> Class | None:
    """The first-party class of an instance."""
    cls = obj.cls if isinstance(obj, Object) else None
    cls = getattr(cls, "origin", cls)
    return cls if isinstance(cls, Class) else None


def entity_of(ip: Interpreter, obj: Value) -> Entity | None:
    """The entity that an instance is a row of."""
    cls = class_of(obj)
    return ip.schema.of(cls) if cls is not None and not ip.booting else None


def state_of_instance(obj: Object) -> str:
    """transient (made here), pending (added), persistent (in the database), or unknown (a parameter)."""
    if isinstance(obj, Loaded):
        return "persistent"
    state = obj.attrs.get(_STATE)
    if isinstance(state, Const):
        return str(state.value)
    return "unknown" if obj.args is None else "transient"


def mark(obj: Object, state: str) -> None:
    """Set the state of an instance."""
    if obj.args is not None:
        obj.attrs[_STATE] = Const(state)


def certainty_of(obj: Object) -> Certainty:
    """How sure it is that the instance is a row of the database."""
    return "inferred" if state_of_instance(obj) == "unknown" else "certain"


# -- reading attributes ------------------------------------------------------------------------------


def described(ip: Interpreter, obj: Object, name: str, value: Value, frame: Frame) -> Value | None:
    """A class attribute that the ORM defines, seen through an instance."""
    cls = class_of(obj)
    if cls is None:
        return None
    if isinstance(value, DeclaredAttr):
        value = value.of(ip, cls, frame)
    if isinstance(value, (ColumnDefinition, Synonym)):
        _refreshed(ip, obj, frame)
        return obj.attrs.get(name, UNKNOWN)
    if isinstance(value, RelationshipDefinition):
        return relation_value(ip, obj, name, frame)
    if isinstance(value, Hybrid):
        if value.is_method:
            return Bound(value.function, obj)
        return value.function.call(ip, Args([obj]), frame)
    if isinstance(value, ColumnProperty):
        _property(ip, obj, value, frame)
        return UNKNOWN
    if isinstance(value, Proxy):
        return _through_proxy(ip, obj, value, frame)
    return None


def member(ip: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    """An attribute that no first-party class defines: a backref, or a column declared elsewhere."""
    entity = entity_of(ip, obj)
    if entity is None:
        return None
    if entity.relation(name) is not None:
        return relation_value(ip, obj, name, frame)
    if any(name in e.columns for e in (entity, *ancestors(entity))):
        _refreshed(ip, obj, frame)
        return UNKNOWN
    return None


def _refreshed(ip: Interpreter, obj: Object, frame: Frame) -> None:
    """After a commit, the first look at a column selects the row again."""
    if isinstance(obj, Loaded) and obj.expired():
        obj.renew()
        entity = entity_of(ip, obj)
        if entity is not None:
            note(ip, frame, entity, "read", "refresh", "inferred")


def _property(ip: Interpreter, obj: Object, value: ColumnProperty, frame: Frame) -> None:
    late = value.args.get(None, "deferred")
    if late is not None and late.truth() is True and state_of_instance(obj) != "transient":
        cls = class_of(obj)
        sources = [s for s in sources_of(value.args.all()) if s is not cls]
        read(ip, frame, [cls, *sources], (), certainty_of(obj), "property")


def _through_proxy(ip: Interpreter, obj: Object, proxy: Proxy, frame: Frame) -> Value:
    first, second = text_of(proxy.args.get(0, "target_collection")), text_of(proxy.args.get(1, "attr"))
    if first is None:
        return UNKNOWN
    inner = obj.get(ip, first, frame)
    items, _ = inner.elements(ip, frame)
    if not items:
        return inner.get(ip, second, frame) if second else UNKNOWN
    found = [item.get(ip, second, frame) for item in items if second]
    return ProxyList(inner, found, proxy)


class ProxyList(Sequence):
    """A collection seen through an association proxy."""

    __slots__ = ("inner", "proxy")

    def __init__(self, inner: Value, items: list[Value], proxy: Proxy) -> None:
        super().__init__(items, "list", True)
        self.inner = inner
        self.proxy = proxy

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        if name in ("append", "add", "extend", "remove", "clear", "pop", "insert"):
            return _ProxyMethod(self, name)
        return super().get(ip, name, frame)


class _ProxyMethod(Value):
    __slots__ = ("name", "of")

    def __init__(self, of: ProxyList, name: str) -> None:
        self.of = of
        self.name = name

    def call(self, ip: Interpreter, args: Args, frame: Frame) -> Value:
        given = args.get(0) or UNKNOWN
        creator = self.of.proxy.args.get(None, "creator")
        inner = self.of.inner
        made: Value = UNKNOWN
        if creator is not None:
            made = creator.call(ip, Args([given]), frame)
        elif isinstance(inner, Collection) and inner.relation.target is not None:
            target = inner.relation.target.cls
            made = Object(target, Args(), frame) if target is not None else UNKNOWN
        return inner.get(ip, self.name, frame).call(ip, Args([made]), frame)


def relation_value(ip: Interpreter, obj: Object, name: str, frame: Frame) -> Value:
    """The far end of a relation; loading it is a read."""
    entity = entity_of(ip, obj)
    relation = entity.relation(name) if entity is not None else None
    if not isinstance(relation, Relationship):
        return UNKNOWN
    target = relation.target.cls if relation.target is not None else None
    session = obj.session if isinstance(obj, Loaded) else None
    if relation.lazy in ("dynamic", "write_only"):
        return _query_collection(ip, obj, relation, target, frame)
    state = state_of_instance(obj)
    if state == "transient" or state == "pending":
        return _of_transient(obj, name, relation, frame)
    preloaded = relation.eager or (isinstance(obj, Loaded) and name in obj.preloaded)
    if not preloaded:
        sure = certainty_of(obj)
        read_relation(ip, frame, relation, sure)
        if target is not None:
            read_along(ip, frame, target, sure)
    value: Value = Loaded(target, session) if target is not None else UNKNOWN
    if not relation.single:
        value = Collection(obj, relation, [value] if target is not None else [])
    obj.attrs[name] = value
    return value


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
    ip: Interpreter, obj: Object, relation: Relationship, target: Class | None, frame: Frame
) -> Value:
    made = Statement("query", None)
    made.session = (
        obj.session
        if isinstance(obj, Loaded) and obj.session
        else Object(ip.external("sqlalchemy.Session"), None, None)
    )
    if target is not None:
        made.selecting([target])
    if relation.through is not None:
        made.sources = (*made.sources, relation.through)
    made.certainty = certainty_of(obj)
    return DynamicCollection(obj, relation, made)


class DynamicCollection(Value):
    """``lazy="dynamic"`` and write-only relations: a query, and a collection to add to."""

    __slots__ = ("obj", "query", "relation")

    def __init__(self, obj: Object, relation: Relationship, query: Statement) -> None:
        self.obj = obj
        self.relation = relation
        self.query = query

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        if name in ("append", "add", "extend", "add_all", "remove", "clear", "discard"):
            return CollectionMethod(Collection(self.obj, self.relation, []), name)
        if name in ("select", "insert", "update", "delete") and self.relation.lazy == "write_only":
            return _WriteOnlyMethod(self, name)
        return self.query.get(ip, name, frame)

    def elements(self, ip: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        return self.query.elements(ip, frame)

    def item(self, ip: Interpreter, key: Value, frame: Frame) -> Value:
        return self.query.item(ip, key, frame)

    def key(self) -> Hashable:
        return ("dynamic", self.query.key())


class _WriteOnlyMethod(Value):
    __slots__ = ("name", "of")

    def __init__(self, of: DynamicCollection, name: str) -> None:
        self.of = of
        self.name = name

    def call(self, ip: Interpreter, args: Args, frame: Frame) -> Value:
        query = self.of.query
        if self.name == "select":
            made = Statement("select", frame)
            made.sources, made.entities = query.sources, query.entities
            return made
        return Statement.dml(self.name, Args(list(query.entities)), frame)


class Collection(Sequence):
    """The loaded list of a relation to many."""

    __slots__ = ("obj", "relation")

    def __init__(self, obj: Object, relation: Relationship, items: list[Value]) -> None:
        super().__init__(items, "list", True)
        self.obj = obj
        self.relation = relation

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        if name in CHANGES:
            return CollectionMethod(self, name)
        return super().get(ip, name, frame)


CHANGES = {
    "append",
    "add",
    "extend",
    "update",
    "insert",
    "remove",
    "discard",
    "pop",
    "clear",
    "set",
    "add_all",
}


class CollectionMethod(Value):
    """A method that changes a relation: written at the next flush."""

    __slots__ = ("name", "of")

    def __init__(self, of: Collection, name: str) -> None:
        self.of = of
        self.name = name

    def call(self, ip: Interpreter, args: Args, frame: Frame) -> Value:
        given: list[Value] = []
        for argument in args.positional[-1:]:
            given += argument.items if isinstance(argument, Sequence) else list(argument.options())
        if self.name in ("append", "add", "extend", "insert", "update", "add_all"):
            self.of.items += [g for g in given if g is not UNKNOWN]
        changed(ip, frame, self.of.obj, self.of.relation, given)
        return NONE if self.name != "pop" else (self.of.items[0] if self.of.items else UNKNOWN)


def changed(ip: Interpreter, frame: Frame, obj: Object, relation: Relationship, values: list[Value]) -> None:
    """The members of a relation were changed: what the flush will write."""
    state = state_of_instance(obj)
    if state == "transient" or relation.view_only:
        return
    sure = certainty_of(obj)
    entity = entity_of(ip, obj)
    if relation.kind == "many":
        if relation.through is not None:
            note(ip, frame, relation.through, "write", "relation", sure)
    elif relation.kind == "forward":
        if entity is not None:
            note(ip, frame, entity, "write", "relation", sure)
    elif relation.target is not None:
        note(ip, frame, relation.target, "write", "relation", sure)
    for value in values:
        if isinstance(value, Object) and state_of_instance(value) == "transient":
            insert(ip, frame, value, sure)


# -- writing -----------------------------------------------------------------------------------------


def stored(ip: Interpreter, obj: Object, name: str, value: Value, frame: Frame) -> None:
    """``instance.name = value``; ``*`` stands for a column that is chosen at run time."""
    entity = entity_of(ip, obj)
    if entity is None or (frame.callee is not None and frame.callee.name in ("__init__", "__new__")):
        return
    cls = class_of(obj)
    found = cls.find(name) if cls is not None else None
    if found is not None and isinstance(found[0], Hybrid):
        if found[0].setter is not None:
            found[0].setter.call(ip, Args([obj, value]), frame)
        return
    if found is not None and isinstance(found[0], Synonym):
        name = text_of(found[0].args.get(0, "name")) or name
    relation = entity.relation(name)
    if isinstance(relation, Relationship):
        _assign_relation(ip, frame, obj, relation, value)
        return
    state = state_of_instance(obj)
    if state in ("transient", "pending"):
        return
    if isinstance(obj, Loaded):
        obj.renew()
    for part in (entity, *ancestors(entity)):
        if name in part.columns or name == "*":
            note(ip, frame, part, "write", "attribute", certainty_of(obj))
            break


def _assign_relation(
    ip: Interpreter, frame: Frame, obj: Object, relation: Relationship, value: Value
) -> None:
    state = state_of_instance(obj)
    if state == "transient":
        return
    values = value.items if isinstance(value, Sequence) else list(value.options())
    if not relation.single and state != "pending" and relation.name not in obj.attrs:
        read_relation(ip, frame, relation, certainty_of(obj))
    changed(ip, frame, obj, relation, values)
    obj.attrs.pop(relation.name, None)


def insert(
    ip: Interpreter, frame: Frame, obj: Object, certainty: Certainty, seen: set[int] | None = None
) -> None:
    """A new instance goes into its tables, and with it the new instances that hang on it."""
    seen = seen if seen is not None else set()
    if id(obj) in seen:
        return
    seen.add(id(obj))
    entity = entity_of(ip, obj)
    if entity is None:
        cls = class_of(obj)
        if cls is not None and ip.booting:
            note(ip, frame, cls, "write", "orm", certainty)
        return
    mark(obj, "pending")
    for part in (entity, *ancestors(entity)):
        note(ip, frame, part, "write", "orm", certainty)
    given: dict[str, Value] = {**(obj.args.keywords if obj.args is not None else {}), **obj.attrs}
    for name, value in given.items():
        relation = entity.relation(name)
        if not isinstance(relation, Relationship):
            continue
        members = value.items if isinstance(value, Sequence) else list(value.options())
        members = [m for m in members if m is not UNKNOWN and not (isinstance(m, Const))]
        if members and relation.through is not None:
            note(ip, frame, relation.through, "write", "relation", certainty)
        for item in members:
            if isinstance(item, Object) and state_of_instance(item) == "transient":
                insert(ip, frame, item, certainty, seen)
            elif isinstance(item, Loaded) and relation.kind == "reverse" and relation.target is not None:
                note(ip, frame, relation.target, "write", "relation", certainty)


def delete(
    ip: Interpreter, frame: Frame, entity: Entity, certainty: Certainty, seen: set[Entity] | None = None
) -> None:
    """A row is deleted: with it, or changed by it, what hangs on it."""
    seen = seen if seen is not None else set()
    if entity in seen:
        return
    via = "cascade" if seen else "orm"
    seen.add(entity)
    for part in (entity, *ancestors(entity)):
        note(ip, frame, part, "write", via, certainty)
    for part in (entity, *ancestors(entity)):
        for relation in part.relations.values():
            if isinstance(relation, Relationship) and not relation.view_only:
                _delete_along(ip, frame, relation, certainty, seen)


def _delete_along(
    ip: Interpreter, frame: Frame, relation: Relationship, certainty: Certainty, seen: set[Entity]
) -> None:
    target = relation.target
    cascades = "delete" in relation.cascade or "all" in relation.cascade
    if relation.kind == "many":
        if relation.through is not None and not relation.passive_deletes:
            read_relation(ip, frame, relation, certainty, "cascade")
            note(ip, frame, relation.through, "write", "cascade", certainty)
        if cascades and target is not None:
            delete(ip, frame, target, certainty, seen)
        return
    if target is None or (relation.kind == "forward" and not cascades):
        return
    if relation.passive_deletes:
        note(ip, frame, target, "write", "cascade", "inferred")
        return
    read_relation(ip, frame, relation, certainty, "cascade")
    if target.cls is not None:
        read_along(ip, frame, target.cls, certainty)
    if cascades:
        delete(ip, frame, target, certainty, seen)
    else:
        note(ip, frame, target, "write", "cascade", certainty)


def instantiated(ip: Interpreter, cls: Class, args: Args, frame: Frame) -> Value | None:
    """``Model(...)`` without a constructor of its own: the keywords are its attributes."""
    if cls.find("__init__") is not None:
        return None
    obj = Object(cls, args, frame)
    obj.attrs.update({k: v for k, v in args.keywords.items() if v is not UNKNOWN})
    return obj
