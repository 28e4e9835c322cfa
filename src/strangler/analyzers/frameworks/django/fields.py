"""Model fields: which attributes of a class are some, what they were given, and their columns."""

from __future__ import annotations

from strangler.analyzers.frameworks.django.library import (
    FOREIGN_KEYS,
    LibraryField,
)
from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Class,
    Const,
    External,
    Function,
    Generic,
    Interpreter,
    Object,
    Value,
    column_details,
)
from strangler.model import Column


class FieldSpec:
    """A relation field of a model: what it points at and how."""

    __slots__ = ("args", "field", "kind", "name", "owner")

    def __init__(self, name: str, kind: str, args: Args, owner: Class, field: Value | LibraryField) -> None:
        self.name = name
        self.kind = kind
        self.args = args
        self.owner = owner
        self.field = field

    def text(self, index: int | None, name: str) -> str | None:
        """A string argument."""
        return self.args.text(index, name)


def field_kind(interp: Interpreter, value: Value) -> str | None:
    """fk, one, m2m, generic, ... for a relation, "column" for any other model field, None for no field."""
    if not isinstance(value, Object):
        return None
    lineage = interp.lineage(value)
    for name in lineage:
        if name in FOREIGN_KEYS:
            return FOREIGN_KEYS[name]
    for name in lineage:
        last = name.rpartition(".")[2]
        if name.startswith(("django.forms", "rest_framework", "graphene", "wtforms")):
            continue
        relation = next((kind for end, kind in _RELATIONS.items() if last.endswith(end)), None)
        if relation is not None or last.endswith("Field"):
            return relation or "column"
    return None


_RELATIONS = {"ForeignKey": "fk", "OneToOneField": "one", "ManyToManyField": "m2m", "TaggableManager": "tags"}
"""How libraries call fields of their own that are relations -> what they are."""


def column_of(name: str, value: Object, args: Args, is_key: bool) -> Column:
    """The column of a field that is no relation."""
    cls = value.cls.origin if isinstance(value.cls, Generic) else value.cls
    kind = cls.name.rpartition(".")[2] if isinstance(cls, (External, Class)) else ""
    null = args.get(None, "null")
    column = args.text(None, "db_column") or name
    return Column(
        name=column,
        type=kind,
        based_on=library_type(cls) if isinstance(cls, Class) else "",
        nullable=isinstance(null, Const) and null.value is True,
        primary_key=is_key,
        **column_details(args),
    )


def library_type(cls: Class) -> str:
    """The field of Django's that a class of the monolith builds on, the nearest first."""
    for parent in cls.mro():
        for base in parent.bases:
            for option in base.options():
                if isinstance(option, External) and option.name.startswith("django.db.models."):
                    return option.name.rpartition(".")[2]
    return ""


def line_of(field: Value | LibraryField, cls: Class) -> int:
    """Where the field is declared; the class's line for one that a library declares."""
    return field.line if isinstance(field, Object) and field.line else cls.line


def name_of(value: Value | None) -> str | None:
    """CASCADE, SET_NULL ... from ``models.CASCADE`` or ``SET(...)``."""
    if isinstance(value, External):
        return value.name.rpartition(".")[2]
    if isinstance(value, Object) and isinstance(value.cls, External):
        return value.cls.name.rpartition(".")[2]
    if isinstance(value, Function):
        return value.name
    return None if value is None or value is UNKNOWN else "CASCADE"
