"""The schema from the model: types by msgspec, meanings from the attributes' docstrings."""

from __future__ import annotations

import ast
import inspect
import itertools
import json
import textwrap
from typing import Any

import msgspec

from strangler.model import Model
from strangler.model.base import Value
from strangler.model.document import SCHEMA_VERSION

DESCRIPTION = (
    "What `strangler analyze` writes as model.json: the public, versioned, machine-readable result that "
    "reports, plans, CI jobs and other tools read. Fields may be added in a minor version; none is removed "
    "or changes its meaning without a new schema_version. Every list is sorted. Paths are relative to the "
    "analysed root, with forward slashes. Lines count from 1."
)

# The writer always writes these although their types have defaults, so readers may rely on them.
ALWAYS = {
    "Generator": {"name"},
    "Table": {"foreign_keys"},
    "Changes": {"commits", "since", "until", "pairs"},
    "BoundedContext": {"metrics"},
    "Crossing": {"evidence"},
}
# Readers of other tools' documents must not insist on these.
OPTIONAL = {
    "Table": {"framework"},
    "Endpoint": {"regex", "order", "name"},
    "BoundedContext": {"kind"},
}


def generate() -> str:
    """The whole schema as JSON text, the same bytes for the same model."""
    (root,), components = msgspec.json.schema_components([Model])
    docs = {cls.__name__: attribute_docs(cls) for cls in _all_values(Value)}
    for name, schema in components.items():
        _finish(name, schema, docs.get(name, {}))
    components["Model"]["properties"]["schema_version"] = {"const": SCHEMA_VERSION}
    # Roles are advice to readers and may grow.
    role = components["Module"]["properties"]["role"]
    components["Module"]["properties"]["role"] = {
        "type": "string",
        "description": "one of " + ", ".join(role["enum"]),
    }
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "strangler model",
        "description": DESCRIPTION,
        **root,
        "$defs": dict(sorted(components.items())),
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def attribute_docs(cls: type) -> dict[str, str]:
    """Attribute -> the string literal under it in the class body (PEP 257's attribute docstring)."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    docs = {}
    for field, text in itertools.pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
            and isinstance(text.value.value, str)
        ):
            docs[field.target.id] = " ".join(text.value.value.split())
    return docs


def _finish(name: str, schema: dict[str, Any], docs: dict[str, str]) -> None:
    if "description" in schema:  # releases of msgspec differ in whether they take the indentation off
        schema["description"] = inspect.cleandoc(schema["description"])
    properties = schema.get("properties", {})
    required = (set(schema.get("required", ())) | ALWAYS.get(name, set())) - OPTIONAL.get(name, set())
    schema["required"] = [key for key in properties if key in required]
    for key, value in properties.items():
        value.pop("default", None)
        if key in docs:
            value["description"] = docs[key]


def _all_values(base: type[object]) -> list[type]:
    found: list[type] = []
    for cls in base.__subclasses__():
        found += [cls, *_all_values(cls)]
    return found
