"""Small rules of Python: what iterating gives, what operators give."""

from __future__ import annotations

from strangler.model.columns import DATE, DATETIME, DECIMAL, TIMEDELTA
from strangler.model.shapes import FLOAT, INT, JSON, STR, UNKNOWN, Shape, join, make

_DATES = frozenset({"datetime", "date", "timedelta"})


def element(shape: Shape) -> Shape:
    """What iterating over a value gives."""
    if shape.kind in ("list", "set", "frozenset", "query"):
        return shape.items[0] if shape.items else UNKNOWN
    if shape.kind == "tuple":
        return join(shape.items)
    if shape.kind == "json":
        return shape
    return STR if shape.kind in ("str", "dict", "typeddict") else UNKNOWN


def part(shape: Shape, index: int) -> Shape:
    """What unpacking gives the name at a position."""
    if shape.kind == "tuple":
        return shape.items[index] if index < len(shape.items) else UNKNOWN
    return element(shape)


def arithmetic(operator: str, left: Shape, right: Shape) -> Shape:
    """The result of a binary operator."""
    if left.kind == "str":
        return STR if operator in ("+", "%", "*") else UNKNOWN
    kinds = {left.kind, right.kind}
    if "decimal" in kinds and kinds <= {"decimal", "int", "bool"}:
        return DECIMAL
    if kinds <= {"int", "float", "bool"}:
        return FLOAT if operator == "/" or "float" in kinds else INT
    if kinds <= _DATES and operator in "+-":
        if left.kind == right.kind or kinds == {"datetime", "date"}:
            return TIMEDELTA if kinds != {"datetime", "date"} else UNKNOWN
        return DATETIME if "datetime" in kinds else DATE
    if left.kind == right.kind and left.kind in ("list", "set", "bytes", "dict"):
        return join((left, right))
    return JSON if left.kind == right.kind == "json" else UNKNOWN


def merged(shape: Shape) -> Shape:
    """``**mapping`` in a display."""
    if shape.kind == "typeddict":
        return make("dict", join(field.shape for field in shape.fields))
    return shape if shape.kind == "dict" else UNKNOWN
