"""What crosses a wire of a shape, and how it looks there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from strangler.contracts.operations.rows import crosses
from strangler.model.shapes import BLOCKED, RECORDS, TAGGED, Kind, Record, Shape

_URLS = {":pydantic.AnyHttpUrl", ":pydantic.AnyUrl", ":pydantic.HttpUrl"}
_NAMED = RECORDS | {"enum", "row", "class", "object"}
_SIMPLE: dict[Kind, dict[str, Any]] = {
    "none": {"type": "null"},
    "bool": {"type": "boolean"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "str": {"type": "string"},
    "json": {},
    "tagged": {},
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


def obstacles(shape: Shape, path: str = "") -> Iterator[tuple[str, Shape]]:
    """Every part that cannot cross a wire, with its path inside the value (empty for the value itself)."""
    if (
        crosses(shape)
        or (shape.kind == "request" and shape.fields)
        or (shape.kind == "query" and shape.items and crosses(shape.items[0]))
    ):
        return
    if shape.kind in BLOCKED:
        yield path, shape
    for item in shape.items if shape.kind not in BLOCKED else ():
        yield from obstacles(item, f"{path}[]")
    for field in shape.fields:
        yield from obstacles(field.shape, f"{path}.{field.name}")


def assumed(shape: Shape, path: str = "", held: Shape = TAGGED) -> tuple[Shape, tuple[str, ...]]:
    """The shape, with values that carry their type where nothing tells it; and these places."""
    if shape.kind == "unknown":
        return held, (path,)
    items = [assumed(item, f"{path}[]", held) for item in shape.items]
    fields = [(field, *assumed(field.shape, f"{path}.{field.name}", held)) for field in shape.fields]
    places = (*(place for _, some in items for place in some), *(p for _, _, some in fields for p in some))
    if not places:
        return shape, ()
    parts = tuple(replace(field, shape=found) for field, found, _ in fields)
    return replace(shape, items=tuple(found for found, _ in items), fields=parts), places


def as_it_is(shape: Shape, records: Mapping[str, Record]) -> Shape:
    """The shape, in which records of whose parts too little is known cross as what they are by then."""
    plain = shape.kind in RECORDS - {"typeddict"}
    if shape.name and (plain or shape.kind == "object") and shape.name in records:
        parts = [part for _, part in obstacles(shape)]
        known = records.keys() | _URLS
        if parts and all(part.kind == "unknown" or part.name in known for part in parts):
            return Shape(kind="tagged", name=shape.name, nullable=shape.nullable)
        return shape
    if not shape.items or shape.kind in BLOCKED:
        return shape
    return replace(shape, items=tuple(as_it_is(item, records) for item in shape.items))


def schema(shape: Shape) -> dict[str, Any]:
    """JSON Schema 2020-12 of the value on the wire; ``{}`` for anything where it cannot cross."""
    found = _schema(shape)
    if not shape.nullable or shape.kind in ("none", "json", "tagged") or not found:
        return found
    if isinstance(found.get("type"), str) and "enum" not in found:
        return found | {"type": [found["type"], "null"]}
    return {"anyOf": [found, {"type": "null"}]}


def _schema(shape: Shape) -> dict[str, Any]:
    if shape.kind in _SIMPLE:
        return _SIMPLE[shape.kind] | ({"enum": list(shape.values)} if shape.values else {})
    if shape.kind == "query" and not (shape.items and crosses(shape.items[0])):
        return {}
    if shape.kind in ("list", "set", "frozenset", "query"):
        found: dict[str, Any] = {"type": "array"}
        if shape.items:
            found["items"] = schema(shape.items[0])
        return found | ({"uniqueItems": True} if "set" in shape.kind else {})
    if shape.kind == "dict":
        inner = {"additionalProperties": schema(shape.items[0])} if shape.items else {}
        return {"type": "object", **inner}
    if shape.kind == "tuple":
        count = len(shape.items)
        found = {"type": "array", "minItems": count, "maxItems": count}
        return found | ({"prefixItems": [schema(item) for item in shape.items]} if count else {})
    if shape.kind == "request" and shape.fields:
        return {"type": "object", "required": [field.name for field in shape.fields]}
    if shape.kind == "enum":
        return {"enum": list(shape.values)}
    if crosses(shape):
        return _saved(shape) if shape.values else {"anyOf": [_saved(shape), _NEW]}
    if shape.kind in RECORDS:
        return {
            "type": "object",
            "properties": {field.name: schema(field.shape) for field in shape.fields},
            "required": [field.name for field in shape.fields if field.required or shape.kind != "typeddict"],
            "additionalProperties": False,
        }
    return {}


_NEW = {
    "type": "object",
    "properties": {"key": {"type": "null"}, "new": {"type": "object"}},
    "required": ["key", "new"],
    "additionalProperties": False,
}
"""The schema of a row that is not saved yet: all that it holds, with its types."""


def _saved(shape: Shape) -> dict[str, Any]:
    """The schema of a row that is read again by its key."""
    key, *read = shape.fields
    known = {field.name: schema(field.shape) for field in read}
    inner = {"read": {"type": "object", "properties": known, "additionalProperties": False}} if read else {}
    return {
        "type": "object",
        "properties": {"key": schema(key.shape), **inner},
        "required": ["key", *inner],
        "additionalProperties": False,
    }


def of_object(shape: Shape) -> dict[str, Any]:
    """The schema of a row that may be changed, which may be new and have no key yet."""
    found = _saved(shape)
    known = found["properties"] | {"new": {"const": True}}
    key = {"anyOf": [known["key"], {"type": "null"}]}
    found |= {"properties": known | {"key": key}, "required": ["key", "read"]}
    return {"anyOf": [found, {"type": "null"}]} if shape.nullable else found


def describe(shape: Shape) -> str:
    """The shape in the words of Python, for messages."""
    inner = ", ".join(describe(item) for item in shape.items)
    name = shape.name.rpartition(":")[2]
    if shape.kind in _NAMED and name:
        text = f"{shape.kind} {name}" if shape.kind in BLOCKED else name
    else:
        text = f"{shape.kind}[{inner}]" if inner else str(shape.kind)
    return f"{text} or None" if shape.nullable and shape.kind != "none" else text
