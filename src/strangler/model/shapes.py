"""Shapes: what a value is, as far as the code tells, and what two of them become together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, get_args

import msgspec

from strangler.model.base import Value

Kind = Literal[
    "none",
    "bool",
    "int",
    "float",
    "str",
    "json",
    "tagged",
    "list",
    "dict",
    "tuple",
    "set",
    "frozenset",
    "bytes",
    "decimal",
    "uuid",
    "datetime",
    "date",
    "time",
    "timedelta",
    "enum",
    "dataclass",
    "namedtuple",
    "typeddict",
    "pydantic",
    "row",
    "query",
    "session",
    "request",
    "response",
    "file",
    "iterator",
    "callable",
    "class",
    "object",
    "unknown",
]
"""``json``: plain JSON of a form that is not known, checked when it is sent; ``tagged``: any value that can
cross, written with its type, checked likewise (with a name: an instance of that class).

From ``row`` on nothing crosses a wire: ORM object, query, database session or connection, request, response,
file handle, generator or iterator, function, class, another object, and what nothing in the source tells."""


class Shape(Value, frozen=True, kw_only=True, omit_defaults=True):
    """The form of a value: what it is in Python and how it is written on the wire."""

    kind: Kind
    nullable: bool = False
    items: tuple[Shape, ...] = ()
    """Of a list, set or ``tuple[X, ...]`` the element; of a dict the value; of a tuple each element."""
    name: str = ""
    """``module:Class`` of an enum, a record (dataclass, NamedTuple, TypedDict, pydantic model) or a row."""
    fields: tuple[Field, ...] = ()
    """Of a dict display with constant keys, and of a record; in ``model.json`` those of a named record stand
    once, in ``records``."""
    values: tuple[str | int, ...] = ()
    """Of an enum its values; of a ``Literal`` its members; of ``tagged``: ``row`` if it may be one;
    of a row: ``changes`` if it may be another after the call."""


class Field(Value, frozen=True, kw_only=True, omit_defaults=True):
    """A field of a record."""

    name: str
    shape: Shape
    required: bool = True


class Record(Value, frozen=True, kw_only=True, omit_defaults=True):
    """A class of plain data that parameters or results of the monolith are made of."""

    name: str
    """``module:Class``."""
    kind: Kind
    fields: tuple[Field, ...] = ()


NONE, UNKNOWN, JSON = Shape(kind="none", nullable=True), Shape(kind="unknown"), Shape(kind="json")
TAGGED, TAGGED_ROW = Shape(kind="tagged"), Shape(kind="tagged", values=("row",))
OTHER_KEYS = Shape(kind="object", name=":dict with other keys than str")
"""A dict that is no JSON object."""
BOOL, INT, FLOAT, STR = Shape(kind="bool"), Shape(kind="int"), Shape(kind="float"), Shape(kind="str")
PLAIN: frozenset[Kind] = frozenset({"bool", "int", "float", "str", "json"})
_KINDS: tuple[Kind, ...] = get_args(Kind)
BLOCKED: frozenset[Kind] = frozenset(_KINDS[_KINDS.index("row") :])
"""What cannot cross a wire."""
RECORDS: frozenset[Kind] = frozenset({"dataclass", "namedtuple", "typeddict", "pydantic"})
_SAME_PARTS: frozenset[Kind] = frozenset({"list", "set", "frozenset", "dict", "tuple", "query"})
DEEPEST = 6
"""Levels of a shape that are kept, records within records counted."""
MOST_PARTS = 200
"""Parts of one shape, those of its records included."""


def make(kind: Kind, *items: Shape, name: str = "") -> Shape:
    """A shape with its elements."""
    return Shape(kind=kind, items=items, name=name)


def nullable(shape: Shape) -> Shape:
    """The same, or None."""
    return (
        shape if shape.nullable or shape.kind == "unknown" else msgspec.structs.replace(shape, nullable=True)
    )


def required(shape: Shape) -> Shape:
    """The same without None."""
    return msgspec.structs.replace(shape, nullable=False) if shape.kind != "none" else shape


def join(shapes: Iterable[Shape]) -> Shape:
    """What a place holds that holds each of these; ``unknown`` for none at all."""
    result: Shape | None = None
    for shape in shapes:
        result = shape if result is None else _join(result, shape)
    return result or UNKNOWN


def _join(a: Shape, b: Shape) -> Shape:
    if a == b:
        return a
    if a.kind == "none" or b.kind == "none":
        return nullable(b if a.kind == "none" else a)
    if "unknown" in (a.kind, b.kind):
        return UNKNOWN
    both = a.nullable or b.nullable
    found = _join_values(required(a), required(b))
    return nullable(found) if both else found


def _join_values(a: Shape, b: Shape) -> Shape:
    if a == b:
        return a
    if a.kind == b.kind and a.name == b.name:
        if a.kind == "tuple" and len(a.items) != len(b.items):
            return UNKNOWN
        if a.kind in _SAME_PARTS:
            if not a.items or not b.items:  # an empty display says nothing of its elements
                return a if a.items else b
            return make(a.kind, *(join(pair) for pair in zip(a.items, b.items, strict=True)))
        if a.kind == "typeddict" and not a.name:
            return Shape(kind="typeddict", fields=tuple(_merged(a.fields, b.fields)))
        if a.kind == "str":  # different literals
            return STR
        return Shape(kind=a.kind, name=a.name) if a.kind in BLOCKED else a
    for one, other in ((a, b), (b, a)):
        if one.kind in BLOCKED and one.kind != "unknown":
            return one if other.kind not in BLOCKED or one.kind == "row" else Shape(kind="object")
    if {a.kind, b.kind} == {"int", "float"}:
        return FLOAT
    return JSON if is_plain(a) and is_plain(b) else UNKNOWN


def _merged(some: tuple[Field, ...], others: tuple[Field, ...]) -> Iterator[Field]:
    """The fields that one of two dict displays has; those of both are always there."""
    second = {field.name: field for field in others}
    for field in some:
        other = second.pop(field.name, None)
        both = other is not None and field.required and other.required
        found = field.shape if other is None else join((field.shape, other.shape))
        yield Field(name=field.name, shape=found, required=both)
    yield from (msgspec.structs.replace(field, required=False) for field in second.values())


def is_plain(shape: Shape) -> bool:
    """Whether the value is JSON as it stands, so that its type survives without being told."""
    if shape.kind in PLAIN or shape.kind == "none":
        return True
    parts = (*shape.items, *(field.shape for field in shape.fields))
    return shape.kind in ("list", "dict", "typeddict") and all(map(is_plain, parts))


def has_unknown(shape: Shape) -> bool:
    """Whether nothing tells the type of the value, or of a part of it."""
    parts = (*shape.items, *(field.shape for field in shape.fields))
    return shape.kind == "unknown" or any(map(has_unknown, parts))


def bounded(shape: Shape, depth: int = 0) -> Shape:
    """The shape as it is kept: what lies deeper than ``DEEPEST`` is an object of unknown form."""
    if depth >= DEEPEST and (shape.items or shape.fields):
        return Shape(kind="object" if shape.kind in RECORDS else "unknown", nullable=shape.nullable)
    if not shape.items and not shape.fields:
        return shape
    return msgspec.structs.replace(
        shape,
        items=tuple(bounded(item, depth + 1) for item in shape.items),
        fields=tuple(
            msgspec.structs.replace(field, shape=bounded(field.shape, depth + 1))
            for field in shape.fields[:MOST_PARTS]
        ),
    )


def expanded(shape: Shape, records: dict[str, Record]) -> Shape:
    """The shape with the fields of its records in it; a record within itself is an object.

    Args:
        records: by name, of ``Model.records``.
    """
    left = [MOST_PARTS]

    def expand(part: Shape, above: tuple[str, ...]) -> Shape:
        left[0] -= 1
        fields = part.fields
        if part.kind in RECORDS and part.name:
            known = records.get(part.name)
            if known is None or part.name in above or len(above) >= DEEPEST or left[0] < 0:
                return Shape(kind="object", name=part.name, nullable=part.nullable)
            fields, above = known.fields, (*above, part.name)
        if not part.items and not fields:
            return part
        return msgspec.structs.replace(
            part,
            items=tuple(expand(item, above) for item in part.items),
            fields=tuple(
                msgspec.structs.replace(field, shape=expand(field.shape, above)) for field in fields
            ),
        )

    return expand(shape, ())
