"""Rewrite model.schema.json from the model's types and docstrings: ``python -m strangler.schema``."""

from pathlib import Path

from strangler.schema.generate import generate

if __name__ == "__main__":
    target = Path(__file__).with_name("model.schema.json")
    target.write_text(generate(), encoding="utf-8")
