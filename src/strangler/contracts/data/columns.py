"""Columns as values on a wire: what the framework's own word for a type means outside the framework."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from strangler.contracts.operations.shapes import schema
from strangler.model import Column, Shape, Table, shapes
from strangler.model.columns import COLUMNS, LIBRARY_KEYS

STORED_AS_TEXT = frozenset(
    {
        *("FileField", "ImageField", "FilePathField", "URLField", "EmailField", "SlugField", "CITextField"),
        *("CICharField", "EmailType", "URLType", "ChoiceType", "AutoString", "Enum", "ENUM", "Char", "CHAR"),
        *("NVARCHAR", "IPAddressField", "GenericIPAddressField", "INET"),
        *("I18nCharField", "I18nTextField", "PhoneNumberField", "CountryField"),
    }
)
"""Types that are a text in the database, whatever the framework makes of it."""
WHOLE = frozenset({"SmallAutoField", "SmallInteger", "SMALLINT", "SmallIntField", "IntField", "BigIntField"})
_LONGEST_WAY = 4
Tables = Mapping[str, Table]


def shape_of(column: Column, table: Table, tables: Tables, depth: int = 0) -> Shape:
    """What the column holds; ``unknown`` where the type's name tells nothing."""
    found = next((shape for name in (column.type, column.based_on) if (shape := _known(name))), None)
    if found is None and depth < _LONGEST_WAY:
        found = _referenced(column, table, tables, depth)
    if found is None:
        return shapes.UNKNOWN
    return shapes.nullable(found) if column.nullable else shapes.required(found)


def _known(name: str) -> Shape | None:
    if name in COLUMNS:
        return COLUMNS[name]
    return shapes.STR if name in STORED_AS_TEXT else shapes.INT if name in WHOLE else None


def _referenced(column: Column, table: Table, tables: Tables, depth: int) -> Shape | None:
    """The key of the table that a foreign key without a type of its own refers to."""
    for key in table.foreign_keys:
        if key.column == column.name:
            there = tables.get(key.table)
            keys = keys_of(there) if there is not None else []
            if there is not None and len(keys) == 1:
                return shape_of(keys[0], there, tables, depth + 1)
            if there is None:
                return LIBRARY_KEYS.get(key.table)
    return None


def keys_of(table: Table) -> list[Column]:
    """The columns of the primary key."""
    return [column for column in table.columns if column.primary_key]


def json_schema(column: Column, table: Table, tables: Tables) -> dict[str, Any]:
    """JSON Schema of the column's value in a message or an answer; ``{}`` where its type is not known."""
    shape = shape_of(column, table, tables)
    found: dict[str, Any] = dict(schema(shapes.required(shape)))
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
