"""JSON Schema of what was seen and of what the code takes, and shared schemas as components."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from strangler.contracts.http.suite.contract import kind_of
from strangler.model import Input

Schema = dict[str, Any]


def schema(value: Any) -> Schema:
    """JSON Schema of one value."""
    if isinstance(value, dict) and set(value) != {"$number"}:
        properties = {name: schema(item) for name, item in sorted(value.items())}
        return {"type": "object", "properties": properties, "required": sorted(value)}
    if isinstance(value, list):
        items: Schema = {}
        for item in value:
            items = merged(items, schema(item)) if items else schema(item)
        return {"type": "array", "items": items}
    kind = kind_of(value)["type"]
    if kind in ("datetime", "date", "uuid"):
        return {"type": "string", "format": {"datetime": "date-time"}.get(kind, kind)}
    return {"type": kind}


def merged(a: Schema, b: Schema) -> Schema:
    """A schema that takes what either takes; required is what both have."""
    if a == b:
        return a
    if not a or not b:
        return a or b
    if a.get("type") == b.get("type") == "object":
        left, right = a["properties"], b["properties"]
        names = sorted({*left, *right})
        return {
            "type": "object",
            "properties": {name: merged(left.get(name, {}), right.get(name, {})) for name in names},
            "required": sorted(set(a["required"]) & set(b["required"])),
        }
    if a.get("type") == b.get("type") == "array":
        return {"type": "array", "items": merged(a["items"], b["items"])}
    if "type" in a and a["type"] == b.get("type"):
        return {"type": a["type"]}
    options = [*a.get("anyOf", [a]), *[b for b in b.get("anyOf", [b]) if b not in a.get("anyOf", [a])]]
    return {"anyOf": _joined(options)}


def _joined(options: Sequence[Schema]) -> list[Schema]:
    """Alternatives of which those of one type are merged."""
    found: dict[str, Schema] = {}
    for option in options:
        kind = str(option.get("type", json.dumps(option, sort_keys=True)))
        found[kind] = merged(found[kind], option) if kind in found else option
    return list(found.values())


def loose(found: Schema) -> Schema:
    """For errors, which repeat what was sent: what came in several types may be anything."""
    if "anyOf" in found:
        return {}
    if found.get("type") == "array":
        return {**found, "items": loose(found["items"])}
    if found.get("type") == "object":
        if found["properties"] and not found["required"]:
            return {"type": "object"}
        return {**found, "properties": {name: loose(item) for name, item in found["properties"].items()}}
    return found


def of_input(one: Input) -> Schema:
    """What the code takes for a field or parameter."""
    found: Schema = {"type": one.type} if one.type else {}
    if one.format == "decimal":
        found = {"type": ["string", "number"], "format": "decimal"}
    elif one.format:
        found["format"] = one.format
    if one.type == "object":
        found = of_inputs(one.inputs)
    elif one.type == "array":
        found["items"] = of_input(one.inputs[0]) if one.inputs else {}
    found |= _limits(one)
    if one.choices:
        found["enum"] = [int(c) if one.type == "integer" else c for c in one.choices]
    if one.nullable and found.get("type"):
        kinds = found["type"] if isinstance(found["type"], list) else [found["type"]]
        found["type"] = [*kinds, "null"]
        if "enum" in found:
            found["enum"].append(None)
    return found


def _limits(one: Input) -> Schema:
    found: Schema = {}
    ends = ("minItems", "maxItems") if one.type == "array" else ("minLength", "maxLength")
    for name, value in zip(ends, (one.min_length, one.max_length), strict=True):
        if value is not None and one.type in ("string", "array", ""):
            found[name] = value
    if one.type in ("integer", "number"):
        if one.minimum is not None:
            found["exclusiveMinimum" if one.exclusive else "minimum"] = _plain(one.minimum)
        if one.maximum is not None:
            found["maximum"] = _plain(one.maximum)
    if one.pattern and one.type in ("string", "") and _portable(one.pattern):
        found["pattern"] = one.pattern
    return found


def _plain(number: float) -> float | int:
    return int(number) if number == int(number) else number


def _portable(pattern: str) -> bool:
    """Whether Python's pattern means the same in ECMA 262."""
    try:
        re.compile(pattern)
    except re.error:
        return False
    return not re.search(r"\(\?[P<aiLmsux#(]|\\[AZ]", pattern)


def of_inputs(inputs: Sequence[Input]) -> Schema:
    """The object that these fields make."""
    return {
        "type": "object",
        "properties": {one.name: of_input(one) for one in inputs},
        "required": sorted(one.name for one in inputs if one.required),
    }


class Components:
    """Objects that come more than once, under names of their own."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._uses: Counter[str] = Counter()
        self._proposed: dict[str, str] = {}
        self.schemas: dict[str, Schema] = {}

    def propose(self, found: Schema, name: str) -> Schema:
        """The schema, its objects with proposals for names."""
        if found.get("type") == "object" and found.get("properties"):
            inner = {
                key: self.propose(item, f"{name}{_pascal(key)}") for key, item in found["properties"].items()
            }
            found = {**found, "properties": inner}
            key = json.dumps(found, sort_keys=True)
            self._uses[key] += 1
            self._proposed.setdefault(key, name)
        elif found.get("type") == "array":
            item = name.removesuffix("List") if name.endswith("List") else _singular(name)
            found = {**found, "items": self.propose(found["items"], item)}
        elif "anyOf" in found:
            found = {**found, "anyOf": [self.propose(option, name) for option in found["anyOf"]]}
        return found

    def shared(self, found: Any) -> Any:
        """The same with references for what is used more than once."""
        if isinstance(found, list):
            return [self.shared(item) for item in found]
        if not isinstance(found, dict):
            return found
        key = json.dumps(found, sort_keys=True, default=str)
        inner = {name: self.shared(item) for name, item in found.items()}
        if self._uses.get(key, 0) < 2:
            return inner
        if key not in self._names:
            name, number = self._proposed[key], 2
            while name in self.schemas:
                name, number = f"{self._proposed[key]}{number}", number + 1
            self._names[key] = name
            self.schemas[name] = inner
        return {"$ref": f"#/components/schemas/{self._names[key]}"}


def _pascal(text: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", text))


def _singular(word: str) -> str:
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("s", "")):
        if word.endswith(ending) and not (ending == "s" and word.endswith("ss")):
            return word[: -len(ending)] + instead
    return word


def type_name(path: str) -> str:
    """A name for what a path shows: ``/api/v1/order-lines/{id}/`` -> OrderLine."""
    words = [part for part in path.split("/") if part and "{" not in part]
    kept = [word for word in words if not re.fullmatch(r"api|v\d+(\.\d+)*", word)]
    return _singular(_pascal((kept or words or ["root"])[-1])) or "Root"
