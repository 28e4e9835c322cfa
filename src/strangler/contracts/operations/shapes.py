"""The algebra of shapes: what two become together, what crosses a wire, and how it looks there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from strangler.contracts.operations.values import Kind, Shape

NONE, UNKNOWN, JSON = Shape(kind="none", nullable=True), Shape(kind="unknown"), Shape(kind="json")
BOOL, INT, FLOAT, STR = Shape(kind="bool"), Shape(kind="int"), Shape(kind="float"), Shape(kind="str")
PLAIN: frozenset[Kind] = frozenset({"bool", "int", "float", "str", "json"})
BLOCKED: frozenset[Kind] = frozenset(
    {
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
    }
)
RECORDS: frozenset[Kind] = frozenset({"dataclass", "namedtuple", "typeddict", "pydantic"})
_NAMED = RECORDS | {"enum", "row", "class", "object"}
_SIMPLE: dict[Kind, dict[str, Any]] = {
    "none": {"type": "null"},
    "bool": {"type": "boolean"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "str": {"type": "string"},
    "json": {},
    "bytes": {"type": "string", "contentEncoding": "base64"},
    "decimal": {"type": "string", "pattern": r"^-?\d+(\.\d+)?(E[+-]?\d+)?$"},
    "uuid": {"type": "string", "format": "uuid"},
    "datetime": {
        "type": "string",
        "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d(:\d\d)?)?$",
    },
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "pattern": r"^\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d)?$"},
    "timedelta": {"type": "integer", "description": "microseconds"},
}


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
        if a.kind in ("list", "set", "frozenset", "dict", "tuple", "query"):
            if not a.items or not b.items:  # an empty display says nothing of its elements
                return a if a.items else b
            return make(a.kind, *(join(pair) for pair in zip(a.items, b.items, strict=True)))
        if a.kind == "str":  # different literals
            return STR
        return Shape(kind=a.kind, name=a.name) if a.kind in BLOCKED else a
    for one, other in ((a, b), (b, a)):
        if one.kind in BLOCKED and one.kind != "unknown":
            return one if other.kind not in BLOCKED or one.kind == "row" else Shape(kind="object")
    if {a.kind, b.kind} == {"int", "float"}:
        return FLOAT
    if is_plain(a) and is_plain(b):
        return JSON
    return UNKNOWN


def is_plain(shape: Shape) -> bool:
    """Whether the value is JSON as it stands, so that its type survives without being told."""
    if shape.kind in PLAIN or shape.kind == "none":
        return True
    return shape.kind in ("list", "dict") and all(is_plain(item) for item in shape.items)


def obstacles(shape: Shape, path: str = "") -> Iterator[tuple[str, Shape]]:
    """Every part that cannot cross a wire, with its path inside the value (empty for the value itself)."""
    if shape.kind in BLOCKED:
        yield path, shape
    for item in shape.items if shape.kind not in BLOCKED else ():
        yield from obstacles(item, f"{path}[]")
    for field in shape.fields:
        yield from obstacles(field.shape, f"{path}.{field.name}")


def schema(shape: Shape) -> dict[str, Any]:
    """JSON Schema 2020-12 of the value on the wire; ``{}`` for anything where it cannot cross."""
    found = _schema(shape)
    if not shape.nullable or shape.kind in ("none", "json") or not found:
        return found
    if isinstance(found.get("type"), str) and "enum" not in found:
        return found | {"type": [found["type"], "null"]}
    return {"anyOf": [found, {"type": "null"}]}


def _schema(shape: Shape) -> dict[str, Any]:
    if shape.kind in _SIMPLE:
        return _SIMPLE[shape.kind] | ({"enum": list(shape.values)} if shape.values else {})
    if shape.kind in ("list", "set", "frozenset"):
        found: dict[str, Any] = {"type": "array"}
        if shape.items:
            found["items"] = schema(shape.items[0])
        return found | ({"uniqueItems": True} if shape.kind != "list" else {})
    if shape.kind == "dict":
        inner = {"additionalProperties": schema(shape.items[0])} if shape.items else {}
        return {"type": "object", **inner}
    if shape.kind == "tuple":
        count = len(shape.items)
        found = {"type": "array", "minItems": count, "maxItems": count}
        return found | ({"prefixItems": [schema(item) for item in shape.items]} if count else {})
    if shape.kind == "enum":
        return {"enum": list(shape.values)}
    if shape.kind in RECORDS:
        return {
            "type": "object",
            "properties": {field.name: schema(field.shape) for field in shape.fields},
            "required": [field.name for field in shape.fields if field.required or shape.kind != "typeddict"],
            "additionalProperties": False,
        }
    return {}


def describe(shape: Shape) -> str:
    """The shape in the words of Python, for messages."""
    inner = ", ".join(describe(item) for item in shape.items)
    name = shape.name.rpartition(":")[2]
    if shape.kind in _NAMED and name:
        text = f"{shape.kind} {name}" if shape.kind in BLOCKED else name
    else:
        text = f"{shape.kind}[{inner}]" if inner else str(shape.kind)
    return f"{text} or None" if shape.nullable and shape.kind != "none" else text
