"""Data access through Django's ORM: queries, rows, relations, transactions, raw SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.frameworks.django.library import MODEL, MODELS
from strangler.analyzers.frameworks.django.orm import (
    classviews,
    forms,
    guesses,
    methods,
    paging,
    queries,
    rows,
    shortcuts,
)
from strangler.analyzers.frameworks.django.orm.queries import MANAGER, QUERYSET
from strangler.analyzers.plugin import (
    NONE,
    Args,
    Class,
    External,
    Frame,
    Interpreter,
    Knowledge,
    Object,
    Value,
)

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.django.settings import Settings

_COMBINED = ("django.db.models.Q", "django.db.models.F", "django.db.models.expressions.CombinedExpression")


def teach(knowledge: Knowledge, settings: Settings) -> None:
    """Models, managers and querysets."""
    for name in ("QuerySet", "query.QuerySet"):
        knowledge.aliases[f"django.db.models.{name}"] = QUERYSET
    knowledge.hierarchy["django.db.models.manager.BaseManager"] = ()
    knowledge.hierarchy[MANAGER] = ("django.db.models.manager.BaseManager",)
    for manager in (
        "django.contrib.auth.models.UserManager",
        "django.contrib.auth.models.BaseUserManager",
        "django.contrib.auth.base_user.BaseUserManager",
        "mptt.managers.TreeManager",
        "polymorphic.managers.PolymorphicManager",
        "treebeard.mp_tree.MP_NodeManager",
        "wagtail.models.PageManager",
        "django_scopes.ScopedManager",
        "django.contrib.gis.db.models.Manager",
        "django.db.models.Manager.from_queryset()",
    ):
        knowledge.hierarchy[manager] = (MANAGER,)
    for queryset in (
        "treebeard.mp_tree.MP_NodeQuerySet",
        "polymorphic.query.PolymorphicQuerySet",
        "mptt.querysets.TreeQuerySet",
        "wagtail.models.PageQuerySet",
    ):
        knowledge.hierarchy[queryset] = (QUERYSET,)
    knowledge.carriers |= {MODEL, MANAGER, QUERYSET}
    knowledge.instance_members[MANAGER] = methods.member
    knowledge.instance_members[QUERYSET] = methods.member
    knowledge.methods[f"{MODEL}.add_to_class"] = _add_to_class
    for kind in ("ForeignKey", "OneToOneField", "ManyToManyField"):
        knowledge.methods[f"django.db.models.{kind}.contribute_to_class"] = _contribute
    knowledge.instance_members[MODEL] = rows.member
    knowledge.instance_descriptors[MODEL] = rows.descriptor
    knowledge.descriptors[MODEL] = queries.class_manager
    knowledge.class_members[MODEL] = rows.class_member
    knowledge.class_members[MANAGER] = _manager_class_member
    knowledge.class_members[QUERYSET] = _manager_class_member
    knowledge.calls["django.db.models.Manager.from_queryset"] = lambda interp, external, args, frame: (
        queries.from_queryset(interp, External(MANAGER), args, frame)
    )
    for name in _COMBINED:
        for operator in "|&+-*/%":
            knowledge.methods[f"{name}.operator {operator}"] = _combine
            knowledge.methods[f"{name}.operator r{operator}"] = _combine
    for name in ("objects", "_default_manager"):
        knowledge.attribute_endings[name] = rows.unknown_library_member
    shortcuts.teach(knowledge, settings)
    forms.teach(knowledge)
    paging.teach(knowledge)
    classviews.teach(knowledge)
    guesses.teach(knowledge)  # last: a guess is for what nothing above tells
    for name, model in MODELS.items():
        if model.table is not None:
            knowledge.attributes[name] = rows.library_class_member


class _Factory(Value):
    """``as_manager`` or ``from_queryset`` of a first-party class."""

    __slots__ = ("cls", "name")

    def __init__(self, cls: Class, name: str) -> None:
        self.cls = cls
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        if self.name == "as_manager":
            return queries.as_manager(interp, self.cls, args, frame)
        return queries.from_queryset(interp, self.cls, args, frame)


def _manager_class_member(interp: Interpreter, cls: Class, name: str, frame: Frame) -> Value | None:
    return _Factory(cls, name) if name in ("as_manager", "from_queryset") else None


def _combine(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    """``Q(...) | Q(...)``, ``F("a") + 1``: both sides keep their look-ups."""
    return Object(External(_COMBINED[2]), Args([receiver, *args.positional]), frame)


def _add_to_class(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    """``Model.add_to_class("name", field)``: as if it stood in the body of the class."""
    name, value = args.text(0, "name"), args.get(1, "value")
    if isinstance(receiver, Class) and name is not None and value is not None and interp.registers():
        receiver.store(interp, name, value, frame)
    return NONE


def _contribute(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    """``field.contribute_to_class(Model, "name")``: the same, the other way round."""
    model, name = args.get(0, "cls"), args.get(1, "name")
    if model is not None and name is not None:
        return _add_to_class(interp, model, Args([name, receiver]), frame)
    return NONE
