"""The published contract of ``model.json`` as JSON Schema (draft 2020-12)."""

from importlib.resources import files


def text() -> str:
    """The schema that ships with this version, as JSON."""
    return (files(__name__) / "model.schema.json").read_text(encoding="utf-8")
