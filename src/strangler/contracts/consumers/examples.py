"""From JSON Schema to an example value and to Pact's matching rules for it."""

from __future__ import annotations

import re
from typing import Any

from strangler.contracts.operations.shapes import schema as schema_of
from strangler.model.shapes import make

Schema = dict[str, Any]
Rules = dict[str, Any]
BY_FORMAT = {
    "uuid": ("3f2504e0-4f89-41d3-9a0c-0305e82c3301", "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    "date": ("2026-01-31", r"\d{4}-\d\d-\d\d"),
    "email": ("someone@example.org", ".+@.+"),
}
"""Format -> an example and a regular expression."""
BY_PATTERN: dict[str, str] = {
    schema["pattern"]: example
    for kind, example in (
        ("decimal", "12.50"),
        ("datetime", "2026-01-31T12:00:00+00:00"),
        ("time", "12:00:00"),
    )
    if (schema := schema_of(make(kind)))  # type: ignore[arg-type]
}
"""Patterns of the operations' own schemas -> a text that matches."""
WORD = "text"
_CONTAINERS = ("object", "array")
"""Pact holds these to every rule of a path, an alternative null included: the example's kind is required."""
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_NO_KEY = re.compile(r"['\\\x00-\x1f\x7f]")


def example(schema: Schema) -> Any:
    """A value that the schema takes, always the same one; None where the schema says nothing."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return next((value for value in schema["enum"] if value is not None), None)
    if "anyOf" in schema:
        return example(_main(schema))
    kind = _kind(schema)
    if kind == "string":
        return _text(schema)
    if kind == "array":
        items = schema.get("prefixItems") or ([schema["items"]] if schema.get("items") else [])
        return [example(item) for item in items]
    if kind == "object":
        inner = schema.get("additionalProperties")
        if "properties" not in schema and isinstance(inner, dict) and inner:
            return {"key": example(inner)}
        return {
            name: example(part) for name, part in schema.get("properties", {}).items() if is_known(part, name)
        }
    return {"integer": 1, "number": 1.5, "boolean": True}.get(kind)


def is_known(schema: Schema, name: str = "") -> bool:
    """Whether a value can be required: its type is known, and a rule can name it."""
    return bool(schema) and not _NO_KEY.search(name)


def _main(schema: Schema) -> Schema:
    options: list[Schema] = [option for option in schema["anyOf"] if option.get("type") != "null"]
    return options[0] if options else {"type": "null"}


def _kind(schema: Schema) -> str:
    kinds = schema.get("type", "")
    if isinstance(kinds, list):
        return next((kind for kind in kinds if kind != "null"), "null")
    return str(kinds)


def _nullable(schema: Schema) -> bool:
    if "anyOf" in schema:
        return any(option.get("type") == "null" for option in schema["anyOf"])
    return isinstance(schema.get("type"), list) and "null" in schema["type"]


def _text(schema: Schema) -> str:
    if schema.get("format") in BY_FORMAT:
        return BY_FORMAT[schema["format"]][0]
    if schema.get("contentEncoding") == "base64":
        return "AA=="
    if schema.get("pattern") in BY_PATTERN:
        return BY_PATTERN[schema["pattern"]]
    return WORD[: schema.get("maxLength", len(WORD))]


def rules(schema: Schema, path: str = "$") -> Rules:
    """Matching rules by path, so that a value is compared by its type and not by the example's content."""
    if "const" in schema:
        return {}
    if "anyOf" in schema:
        main = rules(_main(schema), path)
        single = _kind(_main(schema)) not in _CONTAINERS
        return _or_null(main, path) if _nullable(schema) and single else main
    kind = _kind(schema)
    found: Rules = {}
    matcher = _matcher(schema, kind)
    if matcher is not None:
        found[path] = {"combine": "AND", "matchers": [matcher]}
    if kind == "array" and schema.get("items"):
        found |= rules(schema["items"], f"{path}[*]")
    for index, item in enumerate(schema.get("prefixItems", ())):
        found |= rules(item, f"{path}[{index}]")
    if kind == "object":
        inner = schema.get("additionalProperties")
        if "properties" not in schema and isinstance(inner, dict) and inner:
            found[path] = {"combine": "AND", "matchers": [{"match": "values"}]}
            found |= rules(inner, f"{path}.*")
        for name, part in schema.get("properties", {}).items():
            if is_known(part, name):
                found |= rules(part, path + _step(name))
    return _or_null(found, path) if _nullable(schema) and kind not in _CONTAINERS else found


def _or_null(found: Rules, path: str) -> Rules:
    own = found.get(path, {"matchers": [{"match": "type"}]})
    return {**found, path: {"combine": "OR", "matchers": [*own["matchers"], {"match": "null"}]}}


def _step(name: str) -> str:
    return f".{name}" if _PLAIN_KEY.match(name) else f"['{name}']"


def _matcher(schema: Schema, kind: str) -> dict[str, Any] | None:
    values = [value for value in schema.get("enum", ()) if value is not None]
    if values:
        if all(isinstance(value, int) for value in values):
            return {"match": "integer"}
        return {"match": "regex", "regex": f"^(?:{'|'.join(re.escape(str(value)) for value in values)})$"}
    if kind == "string":
        if schema.get("format") in BY_FORMAT:
            return {"match": "regex", "regex": f"^{BY_FORMAT[schema['format']][1]}$"}
        if schema.get("pattern") in BY_PATTERN:
            return {"match": "regex", "regex": schema["pattern"]}
        return {"match": "type"}
    if kind == "array":
        return {"match": "type", "min": 0} if not schema.get("prefixItems") else {"match": "type"}
    plain = {"integer": "integer", "number": "number", "boolean": "boolean", "null": "null"}
    return {"match": plain[kind]} if kind in plain else None
