"""What all object-relational mappers share: rows, what is known of them, relations, transactions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from strangler.analyzers.python.values import (
    UNKNOWN,
    Args,
    Class,
    External,
    Function,
    Object,
    Value,
    Wrapper,
)
from strangler.analyzers.schema import Entity, Relation, Schema
from strangler.model.base import Certainty
from strangler.model.system import Column, ForeignKey, Operation

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter


class Row(Object):
    """An instance that a query gave; ``loaded``: names of the relations that came along."""

    __slots__ = ("loaded",)

    def __init__(self, cls: Class, loaded: Iterable[str] = ()) -> None:
        super().__init__(cls, None, None)
        self.loaded = set(loaded)


class TransactionBlock(Value):
    """``atomic()``, ``in_transaction()``: a block that is one transaction, or a decorator.

    ``given`` is what ``with ... as`` gives; None: the block itself.
    """

    __slots__ = ("given",)
    opens_transaction = True

    def __init__(self, given: Value | None = None) -> None:
        self.given = given

    def enter(self, interp: Interpreter, frame: Frame) -> Value:
        return self if self.given is None else self.given

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        function = args.get(0)
        inner = function.function if isinstance(function, Wrapper) else function
        if function is None or not isinstance(inner, Function):
            return self
        inner.transactional = True
        return function


def note_access(
    interp: Interpreter, frame: Frame, what: object, operation: Operation, certainty: Certainty = "certain"
) -> None:
    """Note that a mapped class or an entity is read or written, unless the application is being put together.

    What is neither is passed over.
    """
    entity = interp.state(Schema).of(what) if isinstance(what, Class) else what
    if isinstance(entity, Entity):
        interp.log.access(frame, entity, operation, "orm", certainty)


def entity_of(interp: Interpreter, obj: Value) -> Entity | None:
    """The entity of an instance; None where it is none, or while the schema is not known."""
    cls = obj.cls if isinstance(obj, Object) else None
    return interp.state(Schema).of(cls) if isinstance(cls, Class) and not interp.booting else None


def certainty_of(obj: Value) -> Certainty:
    """How sure it is that an object is an instance of its class: made or loaded here, or only told so."""
    known = isinstance(obj, Row) or (isinstance(obj, Object) and obj.args is not None)
    return "certain" if known else "inferred"


def fields_of_class(cls: Class, is_field: Callable[[Object], bool]) -> dict[str, Object]:
    """Attribute -> the call of a field's class, those of parents and mixins included."""
    return {
        name: value
        for owner in reversed(cls.mro())
        for name, value in owner.namespace.items()
        if isinstance(value, Object) and is_field(value)
    }


def mark_models(base: str) -> Callable[[Interpreter, Class, Frame], None]:
    """A hook for ``Knowledge.class_hooks``: ``extra[base]`` is set on classes that descend from ``base``."""

    def made(interp: Interpreter, cls: Class, frame: Frame) -> None:
        if base in cls.ancestors(interp):
            cls.extra[base] = True

    return made


def add_foreign_key(
    entity: Entity,
    name: str,
    target: Entity,
    *,
    on_delete: str | None = None,
    reverse: str | None = None,
    single: bool = False,
) -> None:
    """A column that refers to another table, with the relations at both ends.

    Args:
        entity: the owner of the column ``name``.
        name: the attribute.
        target: what it refers to.
        on_delete: what deleting a row of ``target`` does, in upper case.
        reverse: the attribute of ``target`` that leads back; None for none. One that is there stays.
        single: whether at most one row leads back.
    """
    column = entity.columns[name].name
    entity.foreign_keys.append(ForeignKey(column=column, table=target.table, on_delete=on_delete))
    entity.relations[name] = Relation(name=name, kind="forward", target=target, single=True, column=column)
    if reverse is not None:
        back = Relation(name=reverse, kind="reverse", target=entity, single=single, column=column)
        target.relations.setdefault(reverse, back)


def add_many_to_many(entity: Entity, name: str, target: Entity, through: Entity, reverse: str) -> None:
    """An attribute that leads to many rows of another table by a third one, and the one that leads back."""
    for owner, far, attribute in ((entity, target, name), (target, entity, reverse)):
        relation = Relation(
            name=attribute, kind="many", target=far, through=through.table, through_entity=through
        )
        if owner is entity and attribute == name:
            owner.relations[attribute] = relation
        else:
            owner.relations.setdefault(attribute, relation)


def association_table(
    interp: Interpreter,
    name: str,
    owner: Entity,
    keys: Iterable[tuple[str, str, Entity]],
    *,
    line: int,
    on_delete: str | None = None,
) -> Entity:
    """The table without a class between two others, which the library makes; or the one of that name.

    Args:
        interp: the run, whose schema gets the table.
        name: of the table.
        owner: the entity whose attribute it serves.
        keys: attribute, column and far end of each foreign key.
        line: where the attribute is defined.
        on_delete: what deleting a row at a far end does, in upper case.
    """
    known = interp.state(Schema).by_table.get(name)
    if known is not None:
        return known
    made = Entity(None, name, owner.framework, owner.path, line)
    for attribute, column, far in keys:
        made.columns[attribute] = Column(name=column, type="ForeignKeyField")
        made.foreign_keys.append(ForeignKey(column=column, table=far.table, on_delete=on_delete))
    interp.state(Schema).add(made)
    return made


def of_unknown_base(cls: Class) -> bool:
    """Whether a class descends from what is not known, which may map it: a library's class, as a rule."""
    return any(is_foreign(base) for parent in cls.mro() for base in parent.bases)


def tell_unlisted(interp: Interpreter, cls: Class) -> None:
    """Say that a class looks like a mapped one and has no table."""
    message = f"{cls.name} declares columns or a table, but no table is known for it"
    interp.log.failed(cls.module, cls.line, "unlisted-model", message)


def is_foreign(base: Value) -> bool:
    """Whether a base class is none of the monolith's or of Python's own library."""
    if isinstance(base, External):
        return base.name.partition(".")[0] not in _NO_MAPPERS
    return base is UNKNOWN or isinstance(base, Object)


_NO_MAPPERS = frozenset({*sys.stdlib_module_names, "typing_extensions"})
