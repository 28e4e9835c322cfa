"""Relations to many as collections: loaded, dynamic, write-only, or seen through a proxy."""

from __future__ import annotations

from collections.abc import Hashable

from strangler.analyzers.frameworks.sqlalchemy.definitions import (
    Proxy,
)
from strangler.analyzers.frameworks.sqlalchemy.flushing import hang
from strangler.analyzers.frameworks.sqlalchemy.relations import Relationship
from strangler.analyzers.frameworks.sqlalchemy.statements import Statement
from strangler.analyzers.frameworks.sqlalchemy.unitofwork import changed, entity_of
from strangler.analyzers.plugin import NONE, UNKNOWN, Args, Frame, Interpreter, Object, Sequence, Value


class ProxyList(Sequence):
    """A collection seen through an association proxy."""

    __slots__ = ("inner", "proxy")

    def __init__(self, inner: Value, items: list[Value], proxy: Proxy) -> None:
        super().__init__(items, "list", True)
        self.inner = inner
        self.proxy = proxy

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name in ("append", "add", "extend", "remove", "clear", "pop", "insert"):
            return _ProxyMethod(self, name)
        return super().get(interp, name, frame)


class _ProxyMethod(Value):
    __slots__ = ("name", "of")

    def __init__(self, of: ProxyList, name: str) -> None:
        self.of = of
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        given = args.get(0) or UNKNOWN
        creator = self.of.proxy.args.get(None, "creator")
        inner = self.of.inner
        made: Value = UNKNOWN
        if creator is not None:
            made = creator.call(interp, Args([given]), frame)
        elif isinstance(inner, Collection) and inner.relation.target is not None:
            target = inner.relation.target.cls
            made = Object(target, Args(), frame) if target is not None else UNKNOWN
        return inner.get(interp, self.name, frame).call(interp, Args([made]), frame)


class DynamicCollection(Value):
    """``lazy="dynamic"`` and write-only relations: a query, and a collection to add to."""

    __slots__ = ("obj", "query", "relation")

    def __init__(self, obj: Object, relation: Relationship, query: Statement) -> None:
        self.obj = obj
        self.relation = relation
        self.query = query

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name in ("append", "add", "extend", "add_all", "remove", "clear", "discard"):
            return CollectionMethod(Collection(self.obj, self.relation, []), name)
        if name in ("select", "insert", "update", "delete") and self.relation.lazy == "write_only":
            return _WriteOnlyMethod(self, name)
        return self.query.get(interp, name, frame)

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        return self.query.elements(interp, frame)

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        return self.query.item(interp, key, frame)

    def key(self) -> Hashable:
        return ("dynamic", self.query.key())


class _WriteOnlyMethod(Value):
    __slots__ = ("name", "of")

    def __init__(self, of: DynamicCollection, name: str) -> None:
        self.of = of
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
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

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name in CHANGES:
            return CollectionMethod(self, name)
        return super().get(interp, name, frame)


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

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        given: list[Value] = []
        for argument in args.positional[-1:]:
            given += argument.items if isinstance(argument, Sequence) else list(argument.options())
        if self.name in ("append", "add", "extend", "insert", "update", "add_all"):
            self.of.items += [g for g in given if g is not UNKNOWN]
        entity = entity_of(interp, self.of.obj)
        if entity is not None and frame.callee is not None and frame.callee.name == "__init__":
            hang(interp, frame, self.of.obj, entity, self.of.relation, UNKNOWN)
        changed(interp, frame, self.of.obj, self.of.relation, given)
        return NONE if self.name != "pop" else (self.of.items[0] if self.of.items else UNKNOWN)
