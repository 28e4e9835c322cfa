"""A data contract in the Open Data Contract Standard, version 3.1."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from strangler.contracts.data.columns import Tables, keys_of, shape_of
from strangler.contracts.data.values import Consumer, DataContract
from strangler.model import Column, Kind, Table
from strangler.text import located

VERSION = "v3.1.0"
LOGICAL: dict[Kind, str] = {
    "int": "integer",
    "float": "number",
    "decimal": "number",
    "str": "string",
    "uuid": "string",
    "bytes": "string",
    "enum": "string",
    "bool": "boolean",
    "datetime": "timestamp",
    "date": "date",
    "time": "time",
}
"""Without JSON and durations, which the standard has no word for."""
FORMATS = {"EmailField": "email", "URLField": "uri", "UUIDField": "uuid", "UUID": "uuid", "Uuid": "uuid"}
SERVED = {
    "api_call": "API",
    "replica": "replicated read model",
    "event": "event",
    "move_function": "moved function",
    "duplicate": "copy",
    "shared_library": "library",
}
_NAMED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
SHOWN = 20


def odcs(contract: DataContract, tables: Tables) -> dict[str, Any]:
    """The contract as a document of the standard; values of the code stand in it as data."""
    table = contract.table
    users: dict[str, list[str]] = {}
    for one in contract.consumers:
        users.setdefault(served(one), []).append(one.use.user)
    usage = "; ".join(f"{way} for {', '.join(names)}" for way, names in sorted(users.items()))
    description: dict[str, Any] = {"purpose": contract.meaning} if contract.meaning else {}
    limits = list(_limits(contract, tables))
    return {
        "version": "1.0.0",
        "apiVersion": VERSION,
        "kind": "DataContract",
        "id": "-".join(_part(name) for name in (contract.monolith, contract.owner, table.name)),
        "name": table.name,
        "status": "draft",
        "domain": contract.owner,
        "description": {
            **description,
            "usage": usage,
            **({"limitations": "; ".join(limits)} if limits else {}),
        },
        "schema": [_object(contract, tables)],
        "customProperties": [
            {
                "property": "consumers",
                "value": [_consumer(consumer) for consumer in contract.consumers],
                "description": "who uses the table over the boundary, where, and how it is served after the "
                "cut; columnsMentioned stand in these functions by name, code that they call may use more",
            }
        ],
    }


def served(consumer: Consumer) -> str:
    """How the use is served after the cut, in the words of the standard's readers."""
    if consumer.use.operation == "write":
        return "an operation of the owner"
    return SERVED.get(consumer.use.remedy, consumer.use.remedy)


def _limits(contract: DataContract, tables: Tables) -> Iterator[str]:
    table = contract.table
    if not table.columns:
        yield "its columns are not known from the source"
    unknown = [c.name for c in table.columns if shape_of(c, table, tables).kind == "unknown"]
    if unknown:
        yield f"type not known from the source: {', '.join(unknown)}"
    if table.columns and not keys_of(table):
        yield "no primary key is known: rows cannot be asked for one by one"


def _consumer(consumer: Consumer) -> dict[str, Any]:
    use = consumer.use
    places = [located(place) for place in use.places]
    found: dict[str, Any] = {
        "context": use.user,
        "operation": use.operation,
        "servedAs": served(consumer),
        "reason": use.reason,
        "places": places[:SHOWN],
    }
    if places[SHOWN:]:
        found["furtherPlaces"] = len(places) - SHOWN
    if consumer.columns:
        found["columnsMentioned"] = list(consumer.columns)
    return found


def _object(contract: DataContract, tables: Tables) -> dict[str, Any]:
    table = contract.table
    found: dict[str, Any] = {
        "name": table.name,
        "physicalName": table.name,
        "physicalType": "table",
        "logicalType": "object",
    }
    if contract.meaning:
        found["description"] = contract.meaning
    if table.path:
        url = f"{table.path}#L{table.line}"
        found["authoritativeDefinitions"] = [{"type": "implementation", "url": url}]
    found["properties"] = [_column(column, table, tables) for column in table.columns]
    return found


def _column(column: Column, table: Table, tables: Tables) -> dict[str, Any]:
    kind = shape_of(column, table, tables).kind
    logical = LOGICAL.get(kind)
    found: dict[str, Any] = {"name": column.name}
    if logical:
        found["logicalType"] = logical
    if options := _options(column, kind):
        found["logicalTypeOptions"] = options
    if column.meaning:
        found["description"] = column.meaning
    found["required"] = not column.nullable
    if column.unique or (column.primary_key and len(keys_of(table)) == 1):
        found["unique"] = True
    if column.primary_key:
        found["primaryKey"] = True
        found["primaryKeyPosition"] = keys_of(table).index(column) + 1
    targets = [key for key in table.foreign_keys if key.column == column.name]
    links = [link for key in targets for link in _relationship(key.table, table)]
    if links:
        found["relationships"] = links
    custom: list[dict[str, Any]] = (
        [{"property": "frameworkType", "value": column.type}] if column.type else []
    )
    custom += [{"property": "refersTo", "value": _target(key.table, tables)} for key in targets]
    if column.digits:
        custom.append({"property": "digits", "value": column.digits})
    if column.places is not None:
        custom.append({"property": "decimalPlaces", "value": column.places})
    if custom:
        found["customProperties"] = custom
    if column.choices:
        rule = {"metric": "invalidValues", "arguments": {"validValues": list(column.choices)}, "mustBe": 0}
        found["quality"] = [rule]
    return found


def _options(column: Column, kind: Kind) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if LOGICAL.get(kind) == "string":
        if column.length:
            options["maxLength"] = column.length
        form = FORMATS.get(column.type) or {"uuid": "uuid", "bytes": "byte"}.get(kind)
        if form:
            options["format"] = form
    elif kind == "decimal" and column.places:
        options["multipleOf"] = float(f"1e-{column.places}") if column.places < 16 else 1e-16
    return options


def _relationship(name: str, table: Table) -> Iterator[dict[str, str]]:
    """In the standard's short notation, which takes plain names, and tables of the same contract only."""
    keys = keys_of(table)
    if name == table.name and len(keys) == 1 and _NAMED.match(name) and _NAMED.match(keys[0].name):
        yield {"type": "foreignKey", "to": f"{name}.{keys[0].name}"}


def _target(name: str, tables: Tables) -> str:
    keys = keys_of(tables[name]) if name in tables else []
    return f"{name}.{keys[0].name}" if len(keys) == 1 else name


def _part(name: str) -> str:
    kept = "".join(char if char.isascii() and (char.isalnum() or char == "_") else "-" for char in name)
    return "-".join(part for part in kept.split("-") if part)[:60] or "x"
