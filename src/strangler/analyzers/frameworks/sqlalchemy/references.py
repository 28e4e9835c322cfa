"""What ``Model.name`` is: columns, relations and what is made of them, as they stand in expressions."""

from __future__ import annotations

from collections.abc import Hashable

from strangler.analyzers.frameworks.sqlalchemy.definitions import (
    ColumnDefinition,
    ColumnProperty,
    DeclaredAttr,
    Hybrid,
    Proxy,
    RelationshipDefinition,
    Synonym,
)
from strangler.analyzers.frameworks.sqlalchemy.expressions import (
    ColumnReference,
    Expression,
    ExpressionMethod,
    sources_of,
)
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Bound,
    Class,
    Const,
    Frame,
    Interpreter,
    Relation,
    Schema,
    Value,
    text_of,
)


class RelationReference(Expression):
    """``Model.relation``: of itself it compares foreign keys; joins and questions bring in the far table."""

    __slots__ = ("cls", "extra", "name", "narrowed")

    def __init__(
        self, cls: Class, name: str, narrowed: Value | None = None, extra: tuple[object, ...] = ()
    ) -> None:
        super().__init__((cls, *extra))
        self.cls = cls
        self.name = name
        self.narrowed = narrowed
        self.extra = extra

    def target(self, interp: Interpreter) -> tuple[object, ...]:
        """The sources that a join along the relation adds."""
        relation = relation_of(interp, self.cls, self.name)
        if relation is None:
            return ()
        found: list[object] = []
        if relation.through is not None:
            found.append(relation.through)
        if self.narrowed is not None:
            found += sources_of([self.narrowed])
        elif relation.target is not None and relation.target.cls is not None:
            found.append(relation.target.cls)
        elif relation.target_table is not None:
            found.append(relation.target_table)
        return tuple(found)

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name in ("any", "has", "of_type", "and_", "contains", "is_", "isnot", "is_not"):
            return RelationQuestion(self, name)
        if name in ("key", "name"):
            return Const(self.name)
        if name in ("property", "prop", "mapper", "class_", "entity"):
            return self
        relation = relation_of(interp, self.cls, self.name)
        if relation is not None and relation.target is not None and relation.target.cls is not None:
            found = class_attribute(interp, relation.target.cls, name, frame)
            if found is not None:
                return found
        return ExpressionMethod(self, name)

    def key(self) -> Hashable:
        return ("rel", id(self.cls), self.name)


class RelationQuestion(Value):
    """``Model.relation.any(...)`` and its like."""

    __slots__ = ("name", "of")

    def __init__(self, of: RelationReference, name: str) -> None:
        self.of = of
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        given = sources_of(args.all())
        if self.name == "of_type":
            return RelationReference(self.of.cls, self.of.name, args.get(0), self.of.extra)
        if self.name == "and_":
            return RelationReference(self.of.cls, self.of.name, self.of.narrowed, given)
        if self.name in ("any", "has"):
            return Expression(tuple(dict.fromkeys([self.of.cls, *self.of.target(interp), *given])))
        relation = relation_of(interp, self.of.cls, self.of.name)
        through = (relation.through,) if relation is not None and relation.through is not None else ()
        return Expression((self.of.cls, *through))


def relation_of(interp: Interpreter, cls: Class, name: str) -> Relation | None:
    """The relation that an attribute of a class stands for."""
    entity = interp.state(Schema).of(cls)
    return entity.relation(name) if entity is not None else None


def class_attribute(interp: Interpreter, cls: Class, name: str, frame: Frame) -> Value | None:
    """``Model.name`` where the name is declared by the ORM; None where it is not."""
    found = cls.find(name)
    if found is not None:
        return describe(interp, cls, name, found[0], frame)
    entity = interp.state(Schema).of(cls)
    if entity is not None:
        if entity.relation(name) is not None:
            return RelationReference(cls, name)
        if any(name in e.columns for e in (entity, *entity.parents)):
            return ColumnReference(cls, name)
    if any(name in other.annotations for other in cls.mro()):
        return ColumnReference(cls, name)
    return None


def describe(interp: Interpreter, cls: Class, name: str, value: Value, frame: Frame) -> Value | None:
    """A class attribute as it is seen through the class."""
    if isinstance(value, DeclaredAttr):
        value = value.of(interp, cls, frame)
        if name.startswith("__"):
            return value
    if isinstance(value, (ColumnDefinition, Synonym)):
        return ColumnReference(cls, name)
    if isinstance(value, RelationshipDefinition):
        return RelationReference(cls, name)
    if isinstance(value, ColumnProperty):
        return Expression((cls, *sources_of(value.args.all())))
    if isinstance(value, Hybrid):
        function = value.expression or value.function
        if value.is_method:
            return Bound(function, cls)
        result = function.call(interp, Args([cls]), frame)
        return (
            result if sources_of([result]) else Expression(tuple(dict.fromkeys((cls, *sources_of([result])))))
        )
    if isinstance(value, Proxy):
        first = text_of(value.args.get(0, "target_collection"))
        return _proxied(interp, cls, first, text_of(value.args.get(1, "attr")))
    if value is NONE and any(name in other.annotations for other in cls.mro()):
        return ColumnReference(cls, name)  # a SQLModel field with a default
    if isinstance(value, Const) and "sqlmodel.SQLModel" in cls.ancestors(interp) and not name.startswith("_"):
        return ColumnReference(cls, name)
    return None


def _proxied(interp: Interpreter, cls: Class, first: str | None, second: str | None) -> Value:
    if first is None:
        return UNKNOWN
    reference = RelationReference(cls, first)
    sources: list[object] = [cls, *reference.target(interp)]
    relation = relation_of(interp, cls, first)
    if relation is not None and relation.target is not None and relation.target.cls is not None and second:
        further = relation_of(interp, relation.target.cls, second)
        if further is not None:
            sources += RelationReference(relation.target.cls, second).target(interp)
    return Expression(tuple(dict.fromkeys(sources)))
