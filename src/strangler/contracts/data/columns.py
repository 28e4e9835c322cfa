"""Columns as values on a wire: what the framework's own word for a type means outside the framework."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from strangler.contracts.operations import shapes
from strangler.contracts.operations.knowledge import COLUMNS
from strangler.contracts.operations.values import Shape
from strangler.model import Column, Table

STORED_AS_TEXT = frozenset(
    {
        *("FileField", "ImageField", "FilePathField", "URLField", "EmailField", "SlugField", "CITextField"),
        *("CICharField", "EmailType", "URLType", "ChoiceType", "AutoString", "Enum", "ENUM", "Char", "CHAR"),
        *("NVARCHAR", "IPAddressField", "GenericIPAddressField", "INET"),
    }
)
"""Types that are a text in the database, whatever the framework makes of it."""
WHOLE = frozenset({"SmallAutoField", "SmallInteger", "SMALLINT", "SmallIntField", "IntField", "BigIntField"})
_LONGEST_WAY = 4
Tables = Mapping[str, Table]


def shape_of(column: Column, table: Table, tables: Tables, depth: int = 0) -> Shape:
    """What the column holds; ``unknown`` where the type's name tells nothing."""
    found = COLUMNS.get(column.type)
    if found is None and column.type in STORED_AS_TEXT:
        found = shapes.STR
    if found is None and column.type in WHOLE:
        found = shapes.INT
    if found is None and depth < _LONGEST_WAY:
        found = _referenced(column, table, tables, depth)
    if found is None:
        return shapes.UNKNOWN
    return shapes.nullable(found) if column.nullable else shapes.required(found)


def _referenced(column: Column, table: Table, tables: Tables, depth: int) -> Shape | None:
    """The key of the table that a foreign key without a type of its own refers to."""
    for key in table.foreign_keys:
        if key.column == column.name:
            there = tables.get(key.table)
            keys = keys_of(there) if there is not None else []
            if there is not None and len(keys) == 1:
                return shape_of(keys[0], there, tables, depth + 1)
    return None


def keys_of(table: Table) -> list[Column]:
    """The columns of the primary key."""
    return [column for column in table.columns if column.primary_key]


def json_schema(column: Column, table: Table, tables: Tables) -> dict[str, Any]:
    """JSON Schema of the column's value in a message or an answer; ``{}`` where its type is not known."""
    shape = shape_of(column, table, tables)
    found: dict[str, Any] = dict(shapes.schema(shapes.required(shape)))
    if not found:
        return {}
    if column.choices and found["type"] in ("string", "integer"):
        found["enum"] = _choices(column, found["type"])
    elif column.length and found["type"] == "string" and "pattern" not in found and "format" not in found:
        found["maxLength"] = column.length
    if column.type == "EmailField":
        found["format"] = "email"
    if shape.nullable:
        found["type"] = [found["type"], "null"]
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
    if column.meaning:
        found["description"] = column.meaning
    return found


def _choices(column: Column, kind: str) -> list[str | int]:
    if kind == "integer":
        return [int(value) for value in column.choices if value.lstrip("-").isdigit()] or list(column.choices)
    return list(column.choices)


def key_schema(table: Table, tables: Tables) -> dict[str, Any]:
    """JSON Schema of the identifier of a row; ``{}`` where the key is not one column of known type."""
    keys = keys_of(table)
    if len(keys) != 1:
        return {}
    return json_schema(msgspec.structs.replace(keys[0], nullable=False, meaning=""), table, tables)
