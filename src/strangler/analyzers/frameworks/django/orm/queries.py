"""Managers and querysets: what is read when they are evaluated, and what they write."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from strangler.analyzers.frameworks.django.entities import entity_of
from strangler.analyzers.frameworks.django.fields import field_kind
from strangler.analyzers.frameworks.django.orm import ordering
from strangler.analyzers.frameworks.django.orm.evidence import Data, Row, row_of, unsure
from strangler.analyzers.frameworks.django.orm.lookups import Target
from strangler.analyzers.frameworks.django.through import FieldOptions, ManyAttribute, of_field
from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Class,
    Const,
    Entity,
    External,
    Frame,
    Function,
    Interpreter,
    Location,
    Object,
    Relation,
    Tag,
    Value,
    weakest,
)
from strangler.model.base import Certainty

MANAGER = "django.db.models.Manager"
QUERYSET = "django.db.models.QuerySet"


class Read(NamedTuple):
    """A table that a query reads, and the place that says so."""

    target: Target
    place: Location
    sure: Certainty = "certain"


class Step(NamedTuple):
    """A method of a manager (of the query before, where there is none) that was called."""

    manager: Manager | None
    call: Callable[[Interpreter, Value, Frame], Value]
    """Calls it again, with the same arguments."""


class QuerySet(Data):
    """A query that has not been run; ``loaded``: relations that come with the rows; ``fetched``: perhaps the
    rows came along with the one that they belong to, and nothing is asked.

    ``steps``: how it was built while modules were run and no table was known yet; see ``realised``;
    ``ordering``: tables that are joined to sort the rows as the model says.
    """

    __slots__ = ("fetched", "flavor", "loaded", "model", "ordering", "reads", "relation", "steps")

    def __init__(
        self,
        model: Value,
        cls: Value | None = None,
        reads: tuple[Read, ...] = (),
        flavor: str = "rows",
        relation: Relation | None = None,
    ) -> None:
        super().__init__(cls if cls is not None else External(QUERYSET), None, None)
        self.model = model
        self.reads = reads
        self.flavor = flavor
        self.relation = relation
        self.loaded: frozenset[str] = frozenset()
        self.fetched = False
        self.steps: tuple[Step, ...] = ()
        self.ordering: tuple[Read, ...] = ()

    def like(self, reads: tuple[Read, ...], flavor: str | None = None) -> QuerySet:
        """The same query with other tables."""
        query = QuerySet(self.model, self.cls, reads[:40], flavor or self.flavor, self.relation)
        query.sure, query.loaded, query.steps = self.sure, self.loaded, self.steps
        query.database, query.ordering = self.database, self.ordering
        return query

    def unordered(self) -> QuerySet:
        """The same query, where the order that the model states does not matter."""
        if not self.ordering:
            return self
        query = self.like(self.reads)
        query.fetched, query.ordering = self.fetched, ()
        return query

    def realised(self, interp: Interpreter, frame: Frame) -> QuerySet:
        """The query with the tables of the steps that it was built in while modules were run."""
        if not self.steps or interp.booting:
            return self
        built: Value = self.like(self.reads)
        built.steps = ()  # type: ignore[attr-defined]
        for manager, call in self.steps:
            source = built if manager is None else manager
            result = call(interp, source, frame)
            built = result if isinstance(result, QuerySet) else built
        return built  # type: ignore[return-value]

    def also(
        self,
        frame: Frame,
        targets: Iterable[Target],
        flavor: str | None = None,
        sure: Certainty = "certain",
    ) -> QuerySet:
        """The query with more tables, read because of the code at ``frame.line``."""
        if self.flavor == "none":
            return self  # nothing is ever asked
        more = tuple(Read(target, frame.location, sure) for target in targets)
        known = set(self.reads)
        reads = self.reads + tuple(dict.fromkeys(read for read in more if read not in known))
        return self.like(reads, flavor)

    def consume(self, interp: Interpreter, frame: Frame) -> None:
        """The query is run: its tables are read where it was built, and here if that is another function."""
        if interp.booting:
            return
        if self.steps:
            self.realised(interp, frame).consume(interp, frame)
            return
        here = (frame.module.name, frame.function)
        own = weakest(self.sure, "inferred") if self.fetched else self.sure
        for read in (*self.reads, *self.ordering):
            sure = weakest(own, read.sure)
            with interp.log.on_database(self.database):
                interp.log.access(frame, read.target, "read", "orm", sure, read.place)
                if (read.place.module, read.place.function) != here:
                    interp.log.access(frame, read.target, "read", "orm", weakest(sure, "inferred"))

    def escaped(self, interp: Interpreter, frame: Frame) -> None:
        """It leaves the function: whoever gets it will run it."""
        if interp.booting:
            return
        sure = weakest(self.sure, "inferred")
        with interp.log.on_database(self.database):
            for read in (*self.reads, *self.ordering):
                interp.log.access(frame, read.target, "read", "orm", sure, read.place)

    def row(self, frame: Frame | None = None) -> Value:
        """One element of the result; with a frame, loaded there."""
        if self.flavor not in ("rows", "none"):
            return UNKNOWN
        row = unsure(row_of(self.model, frame), self.sure)
        if isinstance(row, Row):
            row.loaded, row.database = self.loaded, self.database
            if self.relation is not None and self.relation.column is not None:
                row.loaded |= {self.relation.column.removesuffix("_id")}  # the way back is known
        return row

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        self.consume(interp, frame)
        return [self.row(frame)], False

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        if isinstance(key, Const):
            self.consume(interp, frame)
            return self.row(frame)
        return self

    def awaited(self, interp: Interpreter, frame: Frame) -> Value:
        self.consume(interp, frame)
        return self

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        if isinstance(other, QuerySet) and operator in "|&":
            return self.like((*self.reads, *other.reads))
        return self if operator in "|&" else UNKNOWN

    def truth(self) -> bool | None:
        return None

    def tested(self, interp: Interpreter, frame: Frame) -> bool | None:
        self.consume(interp, frame)
        return None

    def key(self) -> object:
        return (
            "qs",
            self.model.key(),
            self.cls.key(),
            self.flavor,
            self.reads[:8],
            self.database,
            not self.ordering,
        )


class Manager(Data):
    """A manager of a model, or of the rows at the far end of a relation."""

    __slots__ = ("fetched", "model", "queryset_class", "relation")

    def __init__(
        self,
        model: Value,
        cls: Value | None,
        queryset_class: Value | None = None,
        relation: Relation | None = None,
    ) -> None:
        super().__init__(cls if cls is not None else External(MANAGER), None, None)
        self.model = model
        self.queryset_class = queryset_class
        self.relation = relation
        self.fetched = False
        """Whether the far rows may have been loaded with the row."""

    def query(self, interp: Interpreter, frame: Frame) -> QuerySet:
        """``get_queryset()``: the manager's own where it defines one."""
        base = self.plain(interp, frame)
        if isinstance(self.cls, Class):
            found = self.cls.find("get_queryset")
            if found is not None and isinstance(found[0], Function):
                result = interp.invoke(found[0], Args([self]), frame)
                for option in result.options():
                    if isinstance(option, QuerySet):
                        own = tuple(r for r in option.reads if r.target is not entity_of(interp, self.model))
                        merged = tuple(dict.fromkeys((*base.reads, *own)))
                        query = QuerySet(self.model, option.cls, merged, option.flavor, self.relation)
                        query.sure, query.loaded = self.sure, option.loaded
                        query.database = self.database or option.database
                        query.ordering = option.ordering
                        return query
        return base

    def plain(self, interp: Interpreter, frame: Frame) -> QuerySet:
        """All rows, by Django's own ``get_queryset``."""
        entity = entity_of(interp, self.model)
        targets: list[Target] = [entity, *_parents(entity)] if entity is not None else []
        if self.relation is not None and self.relation.through is not None:
            targets.append(self.relation.through)
        query = QuerySet(self.model, self.queryset_class, relation=self.relation)
        query.sure, query.database = self.sure, self.database
        sorting = ordering.joined(interp, entity, frame)
        query.ordering = tuple(Read(target, frame.location, "inferred") for target in sorting)
        return query.also(frame, targets)

    def on(self, database: str) -> Manager:
        """The same manager on a database (``db_manager``)."""
        manager = Manager(self.model, self.cls, self.queryset_class, self.relation)
        manager.sure, manager.fetched, manager.database = self.sure, self.fetched, database
        return manager

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        return [], False

    def key(self) -> object:
        relation = id(self.relation) if self.relation is not None else 0
        return ("manager", self.model.key(), self.cls.key(), relation, self.database)


def _parents(entity: Entity) -> list[Entity]:
    found: list[Entity] = []
    for parent in entity.parents:
        found += [parent, *_parents(parent)]
    return found


MADE_FROM = Tag("django.queryset", Value)
"""Of a manager class: the queryset class that it was made from."""


def queryset_attribute(manager: Manager, name: str) -> tuple[Value, Class] | None:
    """What the queryset class of a manager defines under a name, and where."""
    cls = manager.queryset_class
    if cls is None and manager.cls is not None:
        cls = queryset_class(manager.cls)
    return cls.find(name) if isinstance(cls, Class) else None


def queryset_class(cls: Value) -> Value | None:
    """The queryset class that a manager class was made from."""
    if isinstance(cls, Class):
        for parent in cls.mro():
            known = MADE_FROM.of(parent)
            if known is not None:
                return known
    return None


def from_queryset(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    """``Manager.from_queryset(QuerySet)``: a manager class with the queryset's methods."""
    source = args.get(0, "queryset_class")
    cls = Class(frame.module, "ManagerFromQuerySet", "ManagerFromQuerySet", frame.line, frame.line)
    cls.bases = [receiver]
    if source is not None:
        MADE_FROM.put(cls, source)
    return cls


def as_manager(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    """``QuerySet.as_manager()``."""
    cls = from_queryset(interp, External(MANAGER), Args([receiver]), frame)
    return Object(cls, Args(), frame)


def class_manager(interp: Interpreter, cls: Class, name: str, value: Value, frame: Frame) -> Value | None:
    """A class attribute of a model seen through the class: managers and fields of many come to life here."""
    if isinstance(value, Object) and MANAGER in interp.lineage(value):
        return Manager(cls, value.cls, queryset_class(value.cls))
    if field_kind(interp, value) in ("m2m", "tags"):
        return ManyAttribute(of_field(interp, cls, name), FieldOptions(cls, name))
    return None


def default_manager(interp: Interpreter, cls: Class, base: bool = False) -> Manager:
    """The model's default manager: the first one that it declares."""
    if not base:
        for parent in cls.mro():
            for value in parent.namespace.values():
                if isinstance(value, Object) and MANAGER in interp.lineage(value):
                    return Manager(cls, value.cls, queryset_class(value.cls))
    return Manager(cls, None)


def queries(value: Value | None, interp: Interpreter, frame: Frame) -> list[QuerySet]:
    """The querysets that a model class, manager or queryset stands for (``get_object_or_404(x)``)."""
    found: list[QuerySet] = []
    for option in value.options() if value is not None else ():
        if isinstance(option, QuerySet):
            found.append(option)
        elif isinstance(option, Manager):
            found.append(option.query(interp, frame))
        elif isinstance(option, Class) and entity_of(interp, option) is not None:
            found.append(default_manager(interp, option).query(interp, frame))
        elif isinstance(option, External) and entity_of(interp, option) is not None:
            found.append(Manager(option, None).query(interp, frame))
    return found
